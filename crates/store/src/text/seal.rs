//! Builds a text generation beside the one in use and swaps it in by replacing the file `current`.

use std::collections::HashSet;
use std::path::Path;

use grounds_core::{Disk, OpenMode, Snapshot};

use crate::disk::{hash_file, remove_directory_if_there, remove_file_if_there, replace_file, sync_directory};
use crate::error::IoContext;
use crate::text::build::{BuiltIndex, IndexBuild, Place};
use crate::text::catalogue::Catalogue;
use crate::text::document::PassageText;
use crate::text::generation::{CURRENT_FILE, GENERATION_FORMAT, Generation, Manifest, ManifestFile};
use crate::text::saved::CATALOGUE_FILE;
use crate::text::tail::{Wanted, read_each};
use crate::{Reader, StoreError};

/// Of [`sealable`], what is not in `generation`.
pub(crate) fn unsealed(catalogue: &Catalogue, generation: Option<&Generation>, up_to: Snapshot) -> Vec<Wanted> {
    let is_new = |wanted: &Wanted| generation.is_none_or(|generation| generation.place(&wanted.text).is_none());
    sealable(catalogue, up_to).into_iter().filter(is_new).collect()
}

/// Everything that can be searched at some date at a snapshot not after `up_to`, in order of version and position.
pub(crate) fn sealable(catalogue: &Catalogue, up_to: Snapshot) -> Vec<Wanted> {
    let mut seen = HashSet::new();
    let mut wanted = Vec::new();
    for passage in &catalogue.passages {
        let (version_key, versions) = &catalogue.versions[passage.version as usize];
        for version in versions {
            let Some(both) = version.extent.intersection(&passage.extent) else { continue };
            for document in &catalogue.documents[version.document as usize].1 {
                let text =
                    PassageText { version: version.content, passage: passage.content, language: document.language };
                let Some(all) = both.intersection(&document.extent) else { continue };
                if all.is_known_by(up_to) && seen.insert(text) {
                    wanted.push(Wanted { text, version_key: version_key.clone(), ordinal: passage.ordinal });
                }
            }
        }
    }
    // Each version's text is read once when its passages come one after the other.
    wanted
        .sort_by(|a, b| (&a.version_key, a.text.version, a.ordinal).cmp(&(&b.version_key, b.text.version, b.ordinal)));
    wanted
}

/// What the manifest says about truth.
pub(crate) struct SealPoint {
    pub(crate) snapshot: u64,
    pub(crate) log_hash: String,
    pub(crate) passage_content_count: u64,
}

/// Builds the generation that holds what `previous` holds and `wanted`, and makes it the current one. `prepared` was begun while the commit
/// was being made durable; what it lacks is read from truth, and where it has something else it is given up.
pub(crate) fn build(
    reader: &Reader,
    place: Place<'_>,
    previous: Option<&Generation>,
    wanted: &[Wanted],
    catalogue: &[u8],
    (point, prepared): (SealPoint, Option<IndexBuild>),
) -> Result<Manifest, StoreError> {
    let Place { disk, directory: text_directory } = place;
    let BuiltIndex { directory: building, document_count, languages } =
        build_index(reader, place, previous, wanted, prepared)?;
    let path = building.join(CATALOGUE_FILE);
    let file = disk.open(&path, OpenMode::CreateNew).on("create", &path)?;
    file.write_at(0, catalogue).on("write", &path)?;
    drop(file);
    let files = sync_files(disk.as_ref(), &building)?;
    let directory = point.snapshot.to_string();
    let manifest = Manifest {
        format: GENERATION_FORMAT,
        directory: directory.clone(),
        snapshot: point.snapshot,
        log_hash: point.log_hash,
        passage_content_count: point.passage_content_count,
        document_count,
        languages,
        files,
    };
    let home = text_directory.join(&directory);
    if disk.exists(&home).on("read", &home)? {
        // The same snapshot again: the directory in use is damaged. Without `current` a crash here means no generation.
        remove_file_if_there(disk.as_ref(), &text_directory.join(CURRENT_FILE))?;
        sync_directory(disk.as_ref(), text_directory)?;
        remove_directory_if_there(disk.as_ref(), &home)?;
    }
    disk.rename(&building, &home).on("rename", &building)?;
    sync_directory(disk.as_ref(), text_directory)?;
    let bytes = serde_json::to_vec_pretty(&manifest).expect("a manifest holds only strings and numbers");
    replace_file(disk.as_ref(), &text_directory.join(CURRENT_FILE), &bytes)?;
    remove_others(disk.as_ref(), text_directory, &directory);
    Ok(manifest)
}

fn build_index(
    reader: &Reader,
    place: Place<'_>,
    previous: Option<&Generation>,
    wanted: &[Wanted],
    prepared: Option<IndexBuild>,
) -> Result<BuiltIndex, StoreError> {
    let texts: HashSet<PassageText> = wanted.iter().map(|wanted| wanted.text).collect();
    // One that is of no use is gone before the next one begins in its directory.
    let prepared = prepared.filter(|prepared| prepared.leads_to(previous, |text| texts.contains(text)));
    let mut index = match prepared {
        Some(prepared) => prepared,
        None => IndexBuild::begin(place, previous, wanted.len())?,
    };
    let missing: Vec<Wanted> = wanted.iter().filter(|wanted| !index.has(&wanted.text)).cloned().collect();
    read_each(reader, &missing, |passage, row, text| index.add(passage.text, row, text))?;
    index.finish()
}

/// Makes every file of `directory` durable, and lists them in order of name.
fn sync_files(disk: &dyn Disk, directory: &Path) -> Result<Vec<ManifestFile>, StoreError> {
    let mut files = Vec::new();
    for entry in disk.list(directory).on("list", directory)? {
        let path = directory.join(&entry.name);
        let file = disk.open(&path, OpenMode::Write).on("sync", &path)?;
        file.sync().on("sync", &path)?;
        let byte_count = file.len().on("read", &path)?;
        let hash = hash_file(disk, &path)?.to_hex().to_string();
        files.push(ManifestFile { name: entry.name, byte_count, hash });
    }
    sync_directory(disk, directory)?;
    Ok(files)
}

/// Removes the generations before. One that is still mapped by a search cannot be removed on some systems; the next seal will.
fn remove_others(disk: &dyn Disk, text_directory: &Path, keep: &str) {
    let Ok(entries) = disk.list(text_directory) else { return };
    for entry in entries.iter().filter(|entry| entry.is_directory && entry.name != keep) {
        let _ = disk.remove_directory(&text_directory.join(&entry.name));
    }
}
