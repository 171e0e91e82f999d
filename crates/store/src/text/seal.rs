//! Builds a text generation beside the one in use and swaps it in by replacing the file `current`.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use grounds_core::Snapshot;
use tantivy::directory::MmapDirectory;
use tantivy::tokenizer::{PreTokenizedString, Token as IndexToken};
use tantivy::{Index, IndexWriter, TantivyDocument};

use crate::error::{IoContext, TextContext};
use crate::store::{remove_if_there, sync_directory};
use crate::text::analyse::Language;
use crate::text::catalogue::Catalogue;
use crate::text::document::{AnalysedPassage, PassageText};
use crate::text::generation::{
    CURRENT_FILE, GENERATION_FORMAT, Generation, IndexFields, Manifest, ManifestFile, hash_file, index_term,
};
use crate::text::tail::{Wanted, analyse_each};
use crate::{Reader, StoreError};

/// Where a generation is built; left over only by a crash.
const BUILDING: &str = "building";
/// Bytes that the index keeps in memory before it writes a segment.
const WRITER_BYTES: usize = 96 << 20;

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

/// Builds the generation that holds what `previous` holds and `wanted`, and makes it the current one.
pub(crate) fn build(
    reader: &Reader,
    text_directory: &Path,
    previous: Option<&Generation>,
    wanted: &[Wanted],
    point: SealPoint,
) -> Result<Manifest, StoreError> {
    fs::create_dir_all(text_directory).on("create", text_directory)?;
    let building = text_directory.join(BUILDING);
    remove_directory_if_there(&building)?;
    fs::create_dir(&building).on("create", &building)?;
    if let Some(previous) = previous {
        copy_files(&text_directory.join(&previous.manifest.directory), &building, &previous.manifest)?;
    }
    let mut languages = previous.map(|previous| previous.manifest.languages.clone()).unwrap_or_default();
    let document_count = write_index(reader, &building, wanted, &mut languages)?;
    let files = sync_files(&building)?;
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
    if home.exists() {
        // The same snapshot again: the directory in use is damaged. Without `current` a crash here means no generation.
        remove_if_there(&text_directory.join(CURRENT_FILE))?;
        remove_directory_if_there(&home)?;
    }
    fs::rename(&building, &home).on("rename", &building)?;
    sync_directory(text_directory)?;
    write_current(text_directory, &manifest)?;
    remove_others(text_directory, &directory);
    Ok(manifest)
}

/// Adds `wanted` to the index in `directory`, which is made where there is none. Returns how many documents it has then.
fn write_index(
    reader: &Reader,
    directory: &Path,
    wanted: &[Wanted],
    languages: &mut Vec<String>,
) -> Result<u64, StoreError> {
    let fields = IndexFields::new();
    let files = MmapDirectory::open(directory).map_err(tantivy::TantivyError::from).while_("opening the text index")?;
    let index = Index::open_or_create(files, fields.schema.clone()).while_("creating the text index")?;
    let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES).while_("creating the text index")?;
    let mut numbers: HashMap<Language, u64> = HashMap::new();
    for (number, name) in languages.iter().enumerate() {
        numbers.extend(Language::from_name(name).map(|language| (language, number as u64)));
    }
    analyse_each(reader, wanted, |passage, analysed| {
        let language = passage.text.language;
        let number = *numbers.entry(language).or_insert_with(|| {
            languages.push(language.name().to_owned());
            languages.len() as u64 - 1
        });
        let document = index_document(&fields, &passage.text, &analysed, number);
        writer.add_document(document).while_("building the text index")?;
        Ok(())
    })?;
    writer.commit().while_("building the text index")?;
    writer.wait_merging_threads().while_("building the text index")?;
    let metas = index.searchable_segment_metas().while_("building the text index")?;
    Ok(metas.iter().map(|meta| u64::from(meta.num_docs())).sum())
}

fn index_document(
    fields: &IndexFields,
    text: &PassageText,
    analysed: &AnalysedPassage,
    language: u64,
) -> TantivyDocument {
    let mut document = TantivyDocument::new();
    document.add_u64(fields.passage, text.passage);
    document.add_u64(fields.version, text.version);
    document.add_u64(fields.language, language);
    for (field, length) in fields.lengths.iter().zip(analysed.lengths) {
        document.add_u64(*field, u64::from(length));
    }
    for (number, field) in fields.terms.iter().enumerate() {
        let mut tokens = Vec::with_capacity(analysed.lengths[number] as usize);
        for (term, frequencies) in &analysed.frequencies {
            for _ in 0..frequencies[number] {
                let position = tokens.len();
                tokens.push(IndexToken { position, text: index_term(text.language, term), ..IndexToken::default() });
            }
        }
        document.add_pre_tokenized_text(*field, PreTokenizedString { text: String::new(), tokens });
    }
    document
}

/// Takes over the files of the generation before: as links, for they are never changed, or as copies where the file system
/// has no links.
fn copy_files(from: &Path, to: &Path, manifest: &Manifest) -> Result<(), StoreError> {
    for file in &manifest.files {
        let (source, target) = (from.join(&file.name), to.join(&file.name));
        // The lists of segments are replaced by renaming, but a copy is cheap and leaves no doubt.
        let is_list = file.name.ends_with(".json");
        if is_list || fs::hard_link(&source, &target).is_err() {
            fs::copy(&source, &target).on("copy", &source)?;
        }
    }
    Ok(())
}

/// Makes every file of `directory` durable, and lists them in order of name.
fn sync_files(directory: &Path) -> Result<Vec<ManifestFile>, StoreError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).on("list", directory)? {
        let path = entry.on("list", directory)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name.ends_with(".lock") {
            remove_if_there(&path)?;
            continue;
        }
        let file = File::open(&path).on("sync", &path)?;
        file.sync_all().on("sync", &path)?;
        let byte_count = file.metadata().on("read", &path)?.len();
        files.push(ManifestFile { name: name.to_owned(), byte_count, hash: hash_file(&path)? });
    }
    sync_directory(directory)?;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

fn write_current(text_directory: &Path, manifest: &Manifest) -> Result<(), StoreError> {
    let unfinished = text_directory.join("current.new");
    let bytes = serde_json::to_vec_pretty(manifest).expect("a manifest holds only strings and numbers");
    let mut file = File::create(&unfinished).on("create", &unfinished)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).on("write", &unfinished)?;
    let current = text_directory.join(CURRENT_FILE);
    fs::rename(&unfinished, &current).on("rename", &unfinished)?;
    sync_directory(text_directory)
}

/// Removes the generations before. One that is still mapped by a search cannot be removed on some systems; the next seal will.
fn remove_others(text_directory: &Path, keep: &str) {
    let Ok(entries) = fs::read_dir(text_directory) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_none_or(|name| name != keep) {
            let _ = fs::remove_dir_all(path);
        }
    }
}

pub(crate) fn remove_directory_if_there(path: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        result => result.on("remove", path),
    }
}
