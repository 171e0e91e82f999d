//! Builds a text generation beside the one in use and swaps it in by replacing the file `current`.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use grounds_core::{Disk, OpenMode, PassageRow, Snapshot};
use tantivy::{Index, IndexWriter, TantivyDocument};

use crate::disk::{
    copy_file, create_directory, hash_file, remove_directory_if_there, remove_file_if_there, replace_file,
    sync_directory,
};
use crate::error::{IoContext, TextContext};
use crate::text::analyse::Language;
use crate::text::bm25f::PASSAGE_FIELD_COUNT;
use crate::text::catalogue::Catalogue;
use crate::text::directory::DiskDirectory;
use crate::text::document::{PassageText, for_each_term};
use crate::text::generation::{CURRENT_FILE, GENERATION_FORMAT, Generation, IndexFields, Manifest, ManifestFile};
use crate::text::saved::CATALOGUE_FILE;
use crate::text::splitter::{TOKENIZER, TermSplitter, push_term};
use crate::text::tail::{Wanted, read_each};
use crate::{Reader, StoreError};

/// Where a generation is built; left over only by a crash.
const BUILDING: &str = "building";
/// Bytes that each thread of the index keeps in memory before it writes a segment.
const WRITER_BYTES: usize = 96 << 20;
/// From so many passages on a second thread is worth its segment.
const SHARED_PASSAGE_COUNT: usize = 20_000;

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

/// Where generations are kept.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) disk: &'a Arc<dyn Disk>,
    /// The directory of generations.
    pub(crate) directory: &'a Path,
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
    place: Place<'_>,
    previous: Option<&Generation>,
    wanted: &[Wanted],
    catalogue: &[u8],
    point: SealPoint,
) -> Result<Manifest, StoreError> {
    let Place { disk, directory: text_directory } = place;
    create_directory(disk.as_ref(), text_directory)?;
    let building = text_directory.join(BUILDING);
    remove_directory_if_there(disk.as_ref(), &building)?;
    disk.create_directory(&building).on("create", &building)?;
    if let Some(previous) = previous {
        let from = text_directory.join(&previous.manifest.directory);
        copy_files(disk.as_ref(), &from, &building, &previous.manifest)?;
    }
    let mut languages = previous.map(|previous| previous.manifest.languages.clone()).unwrap_or_default();
    let document_count = write_index(reader, disk, &building, wanted, &mut languages)?;
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

/// Adds `wanted` to the index in `directory`, which is made where there is none. Returns how many documents it has then.
fn write_index(
    reader: &Reader,
    disk: &Arc<dyn Disk>,
    directory: &Path,
    wanted: &[Wanted],
    languages: &mut Vec<String>,
) -> Result<u64, StoreError> {
    let fields = IndexFields::new();
    let files = DiskDirectory::open(Arc::clone(disk), directory).while_("opening the text index")?;
    let index = Index::open_or_create(files, fields.schema.clone()).while_("creating the text index")?;
    index.tokenizers().register(TOKENIZER, TermSplitter::default());
    let thread_count = if wanted.len() < SHARED_PASSAGE_COUNT { 1 } else { 2 };
    let writer = index.writer_with_num_threads(thread_count, thread_count * WRITER_BYTES);
    let mut writer: IndexWriter = writer.while_("creating the text index")?;
    let mut numbers: HashMap<Language, u64> = HashMap::new();
    for (number, name) in languages.iter().enumerate() {
        numbers.extend(Language::from_name(name).map(|language| (language, number as u64)));
    }
    let mut terms = PassageTerms::default();
    read_each(reader, wanted, |passage, row, text| {
        let language = passage.text.language;
        let number = *numbers.entry(language).or_insert_with(|| {
            languages.push(language.name().to_owned());
            languages.len() as u64 - 1
        });
        terms.read(row, text, language);
        writer.add_document(terms.document(&fields, &passage.text, number)).while_("building the text index")?;
        Ok(())
    })?;
    writer.commit().while_("building the text index")?;
    writer.wait_merging_threads().while_("building the text index")?;
    let metas = index.searchable_segment_metas().while_("building the text index")?;
    // A merge that failed is no failure of the index, but leaves files behind that nobody vouches for.
    let live: HashSet<String> = metas.iter().map(|meta| meta.id().uuid_string()).collect();
    for entry in disk.list(directory).on("list", directory)? {
        let segment = entry.name.split_once('.').map(|(segment, _)| segment).filter(|name| is_segment_name(name));
        if segment.is_some_and(|segment| !live.contains(segment)) {
            remove_file_if_there(disk.as_ref(), &directory.join(&entry.name))?;
        }
    }
    Ok(metas.iter().map(|meta| u64::from(meta.num_docs())).sum())
}

/// Whether tantivy names segments so: a UUID without its hyphens.
fn is_segment_name(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The terms of a passage as the index takes them: one text for each field, split again by [`TermSplitter`].
#[derive(Default)]
struct PassageTerms {
    fields: [String; PASSAGE_FIELD_COUNT],
    lengths: [u32; PASSAGE_FIELD_COUNT],
}

impl PassageTerms {
    fn read(&mut self, passage: &PassageRow, version_text: &str, language: Language) {
        self.lengths = [0; PASSAGE_FIELD_COUNT];
        self.fields.iter_mut().for_each(String::clear);
        for_each_term(passage, version_text, language, |field, term| {
            push_term(&mut self.fields[field], language, &term);
            self.lengths[field] += 1;
        });
    }

    fn document(&self, fields: &IndexFields, text: &PassageText, language: u64) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_u64(fields.passage, text.passage);
        document.add_u64(fields.version, text.version);
        document.add_u64(fields.language, language);
        for (field, length) in fields.lengths.iter().zip(self.lengths) {
            document.add_u64(*field, u64::from(length));
        }
        for (field, terms) in fields.terms.iter().zip(&self.fields) {
            document.add_text(*field, terms);
        }
        document
    }
}

/// Takes over the files of the generation before: as links, for they are never changed, or as copies where the file system
/// has no links.
fn copy_files(disk: &dyn Disk, from: &Path, to: &Path, manifest: &Manifest) -> Result<(), StoreError> {
    for file in manifest.files.iter().filter(|file| file.name != CATALOGUE_FILE) {
        let (source, target) = (from.join(&file.name), to.join(&file.name));
        // The lists of segments are replaced by renaming, but a copy is cheap and leaves no doubt.
        let is_list = file.name.ends_with(".json");
        if is_list || disk.link(&source, &target).is_err() {
            copy_file(disk, &source, &target)?;
        }
    }
    Ok(())
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
