//! The index of a generation while it is being built, beside the one in use.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use grounds_core::{Disk, PassageRow};
use tantivy::{Index, IndexWriter, TantivyDocument};

use crate::StoreError;
use crate::disk::{copy_file, create_directory, remove_directory_if_there, remove_file_if_there};
use crate::error::{IoContext, TextContext};
use crate::parallel::thread_count;
use crate::text::analyse::Language;
use crate::text::bm25f::PASSAGE_FIELD_COUNT;
use crate::text::directory::DiskDirectory;
use crate::text::document::{PassageText, field_texts};
use crate::text::generation::{Generation, IndexFields, Manifest};
use crate::text::saved::CATALOGUE_FILE;
use crate::text::splitter::{TOKENIZER, TermSplitter, begin_terms, push_run, push_term};
use crate::text::words::{Piece, for_each_piece};

/// Where a generation is built; left over only by a crash.
const BUILDING: &str = "building";
/// Bytes that each thread of the index keeps in memory before it writes a segment.
const WRITER_BYTES: usize = 96 << 20;
/// From so many passages on a second thread is worth its segment.
const SHARED_PASSAGE_COUNT: usize = 20_000;
/// More threads would take too much memory.
const THREAD_COUNT_MAX: usize = 4;

/// Where generations are kept.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) disk: &'a Arc<dyn Disk>,
    /// The directory of generations.
    pub(crate) directory: &'a Path,
}

/// An index that passages are being added to. Nothing of it is durable, and nobody else sees it; dropping it leaves its directory for the next
/// one to remove.
pub(crate) struct IndexBuild {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    /// The log hash of the generation that it began with.
    previous: Option<String>,
    index: Index,
    writer: IndexWriter,
    fields: IndexFields,
    languages: Vec<String>,
    numbers: HashMap<Language, u64>,
    /// What was added here, and is not in the generation before.
    added: HashSet<PassageText>,
    terms: PassageTerms,
}

/// A finished index.
pub(crate) struct BuiltIndex {
    pub(crate) directory: PathBuf,
    pub(crate) document_count: u64,
    pub(crate) languages: Vec<String>,
}

impl IndexBuild {
    /// Begins with what `previous` holds; about `passage_count` passages will be added.
    pub(crate) fn begin(
        place: Place<'_>,
        previous: Option<&Generation>,
        passage_count: usize,
    ) -> Result<Self, StoreError> {
        let Place { disk, directory: text_directory } = place;
        create_directory(disk.as_ref(), text_directory)?;
        let directory = text_directory.join(BUILDING);
        remove_directory_if_there(disk.as_ref(), &directory)?;
        disk.create_directory(&directory).on("create", &directory)?;
        if let Some(previous) = previous {
            let from = text_directory.join(&previous.manifest.directory);
            copy_files(disk.as_ref(), &from, &directory, &previous.manifest)?;
        }
        let fields = IndexFields::new();
        let files = DiskDirectory::open(Arc::clone(disk), &directory).while_("opening the text index")?;
        let index = Index::open_or_create(files, fields.schema.clone()).while_("creating the text index")?;
        index.tokenizers().register(TOKENIZER, TermSplitter::default());
        let thread_count = match passage_count < SHARED_PASSAGE_COUNT {
            true => 1,
            false => thread_count().min(THREAD_COUNT_MAX),
        };
        let writer = index.writer_with_num_threads(thread_count, thread_count * WRITER_BYTES);
        let writer = writer.while_("creating the text index")?;
        let languages = previous.map(|previous| previous.manifest.languages.clone()).unwrap_or_default();
        let mut numbers = HashMap::new();
        for (number, name) in languages.iter().enumerate() {
            numbers.extend(Language::from_name(name).map(|language| (language, number as u64)));
        }
        Ok(Self {
            disk: Arc::clone(disk),
            directory,
            previous: previous.map(|previous| previous.manifest.log_hash.clone()),
            index,
            writer,
            fields,
            languages,
            numbers,
            added: HashSet::with_capacity(passage_count),
            terms: PassageTerms::default(),
        })
    }

    /// Whether this is what building from `previous` must begin with, if `is_wanted` says what is to be added.
    pub(crate) fn leads_to(&self, previous: Option<&Generation>, is_wanted: impl Fn(&PassageText) -> bool) -> bool {
        let previous = previous.map(|previous| &previous.manifest.log_hash);
        self.previous.as_ref() == previous && self.added.iter().all(is_wanted)
    }

    /// Whether the passage was added.
    pub(crate) fn has(&self, text: &PassageText) -> bool {
        self.added.contains(text)
    }

    /// Adds a passage; it is indexed while the caller goes on.
    pub(crate) fn add(&mut self, text: PassageText, row: &PassageRow, version_text: &str) -> Result<(), StoreError> {
        let languages = &mut self.languages;
        let number = *self.numbers.entry(text.language).or_insert_with(|| {
            languages.push(text.language.name().to_owned());
            languages.len() as u64 - 1
        });
        self.terms.read(row, version_text, text.language);
        let document = self.terms.document(&self.fields, &text, number);
        self.writer.add_document(document).while_("building the text index")?;
        self.added.insert(text);
        Ok(())
    }

    /// Has what was added written into the index's files, so that [`IndexBuild::finish`] has less to wait for.
    pub(crate) fn write_out(&mut self) -> Result<(), StoreError> {
        self.writer.commit().while_("building the text index").map(|_| ())
    }

    /// Waits until everything is indexed, and leaves in the directory what belongs to the index and nothing else.
    pub(crate) fn finish(mut self) -> Result<BuiltIndex, StoreError> {
        self.writer.commit().while_("building the text index")?;
        self.writer.wait_merging_threads().while_("building the text index")?;
        let metas = self.index.searchable_segment_metas().while_("building the text index")?;
        // A merge that failed is no failure of the index, but leaves files behind that nobody vouches for.
        let live: HashSet<String> = metas.iter().map(|meta| meta.id().uuid_string()).collect();
        for entry in self.disk.list(&self.directory).on("list", &self.directory)? {
            let segment = entry.name.split_once('.').map(|(segment, _)| segment).filter(|name| is_segment_name(name));
            if segment.is_some_and(|segment| !live.contains(segment)) {
                remove_file_if_there(self.disk.as_ref(), &self.directory.join(&entry.name))?;
            }
        }
        let document_count = metas.iter().map(|meta| u64::from(meta.num_docs())).sum();
        Ok(BuiltIndex { directory: self.directory, document_count, languages: self.languages })
    }
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
        let texts = field_texts(passage, version_text);
        for ((terms, length), text) in self.fields.iter_mut().zip(&mut self.lengths).zip(texts) {
            begin_terms(terms, language);
            *length = 0;
            for_each_piece(text, |piece| match piece {
                Piece::Run(run) => *length += push_run(terms, &run.normal(run.text)),
                Piece::Word(word) => {
                    if let Some(term) = language.term(&word) {
                        push_term(terms, &term);
                        *length += 1;
                    }
                }
            });
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tantivy::tokenizer::{TokenStream, Tokenizer};

    use super::*;
    use crate::text::places::for_each_term;
    use crate::text::splitter::index_term;

    proptest! {
        #[test]
        fn what_the_index_splits_is_what_is_analysed_in_memory(
            text in "([一-龥]{1,4}|[a-zA-ZßÉİΣ]{1,3}|the|[0-9]{1,2}|[かカー한ก゙]|[.,'_:·\"]|[，。；（）]|[ \n]|[\u{301}\u{200d}\u{ad}\u{200b}]){0,12}",
            code in prop::sample::select(vec!["en", "de", "zh", "und"]),
        ) {
            let language = Language::of(code);
            let document = grounds_core::DocumentId("a".to_owned());
            let row = PassageRow {
                version: grounds_core::VersionId::new(&document, 1),
                document,
                unit: grounds_core::UnitId::root(),
                ordinal: 0,
                span: grounds_core::Span::new(0, text.len()),
                headings: String::new(),
                pinpoint: String::new(),
            };
            let mut terms = PassageTerms::default();
            terms.read(&row, &text, language);
            let mut splitter = TermSplitter::default();
            let mut stream = splitter.token_stream(&terms.fields[0]);
            let mut split = Vec::new();
            while stream.advance() {
                split.push((stream.token().text.clone(), stream.token().position));
            }
            let mut analysed = Vec::new();
            for_each_term(&text, language, |placed| {
                analysed.push((index_term(language, &placed.term), placed.place as usize));
            });
            prop_assert_eq!(terms.lengths[0] as usize, split.len());
            prop_assert_eq!(split, analysed);
        }
    }
}
