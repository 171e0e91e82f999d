//! A text generation: an immutable tantivy index of passages, with a manifest that says up to where and what it is made of.

use std::path::Path;
use std::sync::{Arc, Mutex};

use grounds_core::Disk;
use serde::{Deserialize, Serialize};
use tantivy::directory::{CompositeFile, FileSlice};
use tantivy::index::SegmentComponent;
use tantivy::schema::{Field as IndexField, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions};
use tantivy::{DocSet, Index, InvertedIndexReader, SegmentReader};

use crate::StoreError;
use crate::disk::{hash_file, read_file};
use crate::error::{IoContext, TextContext};
use crate::store::lock;
use crate::text::analyse::Language;
use crate::text::bm25f::{Field, PASSAGE_FIELD_COUNT};
use crate::text::catalogue::Catalogue;
use crate::text::check::AnalysedDigest;
use crate::text::directory::DiskDirectory;
use crate::text::document::PassageText;
use crate::text::pair_cache::PairCache;
use crate::text::saved::{self, CATALOGUE_FILE};
use crate::text::splitter::TOKENIZER;

/// The file in the text directory that names the generation in use.
pub(crate) const CURRENT_FILE: &str = "current";

/// Changes whenever the same passage would be indexed differently: fields, analysis, or this file. Another number in a
/// manifest means that the generation is built anew.
pub(crate) const GENERATION_FORMAT: u32 = 3;

/// What the file `current` says, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// [`GENERATION_FORMAT`] of the writer.
    pub(crate) format: u32,
    /// The name of the generation's directory, beside this file.
    pub(crate) directory: String,
    /// It holds every passage up to this snapshot.
    pub(crate) snapshot: u64,
    /// The hash of the log entry of that snapshot: the generation belongs to that truth and no other.
    pub(crate) log_hash: String,
    /// How many contents of passages truth had then.
    pub(crate) passage_content_count: u64,
    /// How many passages are indexed.
    pub(crate) document_count: u64,
    /// Names of languages; a document's `language` is a position here.
    pub(crate) languages: Vec<String>,
    /// Every file of the directory that must be there.
    pub(crate) files: Vec<ManifestFile>,
}

/// One file of a generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ManifestFile {
    pub(crate) name: String,
    pub(crate) byte_count: u64,
    /// BLAKE3, 64 hexadecimal digits.
    pub(crate) hash: String,
}

/// The manifest in the text directory; `None` where there is none or it cannot be understood, for then there is no generation.
pub(crate) fn read_manifest(disk: &dyn Disk, text_directory: &Path) -> Option<Manifest> {
    let bytes = read_file(disk, &text_directory.join(CURRENT_FILE)).ok()?;
    let manifest: Manifest = serde_json::from_slice(&bytes).ok()?;
    (manifest.format == GENERATION_FORMAT && !manifest.directory.contains(['/', '\\', '.'])).then_some(manifest)
}

/// Whether another version of Grounds wrote the manifest: the generation then counts as absent, and nothing is wrong with it.
pub(crate) fn is_of_another_format(disk: &dyn Disk, text_directory: &Path) -> bool {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let bytes = read_file(disk, &text_directory.join(CURRENT_FILE)).unwrap_or_default();
    serde_json::from_slice::<Format>(&bytes).is_ok_and(|manifest| manifest.format != GENERATION_FORMAT)
}

/// The fields of the index.
pub(crate) struct IndexFields {
    pub(crate) schema: Schema,
    /// Terms of the passage's fields, in the order of `bm25f::Field`.
    pub(crate) terms: [IndexField; PASSAGE_FIELD_COUNT],
    /// Exact lengths of the same, as columns: tantivy's own field norms are rounded.
    pub(crate) lengths: [IndexField; PASSAGE_FIELD_COUNT],
    pub(crate) passage: IndexField,
    pub(crate) version: IndexField,
    pub(crate) language: IndexField,
}

const TERM_FIELDS: [&str; PASSAGE_FIELD_COUNT] = ["text", "headings", "pinpoint"];
const LENGTH_FIELDS: [&str; PASSAGE_FIELD_COUNT] = ["text_length", "headings_length", "pinpoint_length"];

/// What the index keeps of a field: of a citation, whose steps are found one by one, no places.
fn record_of(field: usize) -> IndexRecordOption {
    match field == Field::Pinpoint as usize {
        true => IndexRecordOption::WithFreqs,
        false => IndexRecordOption::WithFreqsAndPositions,
    }
}

impl IndexFields {
    pub(crate) fn new() -> Self {
        let mut builder = Schema::builder();
        let options = |record| {
            let indexing = TextFieldIndexing::default().set_tokenizer(TOKENIZER).set_fieldnorms(false);
            TextOptions::default().set_indexing_options(indexing.set_index_option(record))
        };
        let terms = std::array::from_fn(|field| builder.add_text_field(TERM_FIELDS[field], options(record_of(field))));
        let column = NumericOptions::default().set_fast();
        let lengths = LENGTH_FIELDS.map(|name| builder.add_u64_field(name, column.clone()));
        let passage = builder.add_u64_field("passage", column.clone());
        let version = builder.add_u64_field("version", column.clone());
        let language = builder.add_u64_field("language", column);
        Self { schema: builder.build(), terms, lengths, passage, version, language }
    }
}

/// An open generation.
pub(crate) struct Generation {
    pub(crate) manifest: Manifest,
    pub(crate) segments: Vec<Segment>,
    /// In order of passage, version and language.
    places: Vec<(PlaceKey, DocumentPlace)>,
    languages: Vec<Language>,
    /// The catalogue at the manifest's snapshot, until somebody takes it.
    catalogue: Mutex<Option<Catalogue>>,
    pub(crate) fields: IndexFields,
    /// Where pairs stand that were asked for.
    pub(crate) pairs: PairCache,
}

/// One segment of the index.
pub(crate) struct Segment {
    pub(crate) lengths: Vec<[u32; PASSAGE_FIELD_COUNT]>,
    pub(crate) inverted: [Arc<InvertedIndexReader>; PASSAGE_FIELD_COUNT],
    /// The places of each field's terms, where it keeps them; a term's are a range of these bytes.
    pub(crate) places: [Option<FileSlice>; PASSAGE_FIELD_COUNT],
}

/// A [`PassageText`] that sorts: passage, version, position among the manifest's languages.
type PlaceKey = (u64, u64, usize);

/// The bytes of a segment in which places of terms are.
fn places_of_terms(
    index: &Index,
    segment: &SegmentReader,
    fields: &IndexFields,
) -> Result<[Option<FileSlice>; PASSAGE_FIELD_COUNT], StoreError> {
    let segments = index.searchable_segments().while_("opening the text index")?;
    let own = segments.into_iter().find(|own| own.id() == segment.segment_id());
    let own = own.ok_or_else(|| StoreError::corrupt("a segment is missing", "the text index"))?;
    let file = own.open_read(SegmentComponent::Positions).map_err(tantivy::TantivyError::from);
    let file = CompositeFile::open(&file.while_("opening the text index")?).map_err(tantivy::TantivyError::from);
    let file = file.while_("opening the text index")?;
    Ok(std::array::from_fn(|field| file.open_read(fields.terms[field]).filter(|_| record_of(field).has_positions())))
}

/// Where a passage is in a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DocumentPlace {
    pub(crate) segment: u32,
    pub(crate) document: u32,
}

impl Generation {
    /// Opens the generation that `manifest` names, after comparing every file with its hash. Of pairs it keeps `pair_bytes_max` bytes.
    ///
    /// # Errors
    /// Where anything is missing or different; the caller then does without, and builds another.
    pub(crate) fn open(
        disk: &Arc<dyn Disk>,
        text_directory: &Path,
        manifest: Manifest,
        pair_bytes_max: usize,
    ) -> Result<Self, StoreError> {
        let directory = text_directory.join(&manifest.directory);
        for file in &manifest.files {
            let path = directory.join(&file.name);
            if hash_file(disk.as_ref(), &path)?.to_hex().as_str() != file.hash {
                return Err(StoreError::corrupt(
                    "a file of the text index is not what was written",
                    path.display().to_string(),
                ));
            }
        }
        let languages: Option<Vec<Language>> =
            manifest.languages.iter().map(|name| Language::from_name(name)).collect();
        let languages = languages.ok_or_else(|| StoreError::corrupt("an unknown language", "the text index"))?;
        let files = DiskDirectory::open(Arc::clone(disk), &directory).while_("opening the text index")?;
        let index = Index::open(files).while_("opening the text index")?;
        let fields = IndexFields::new();
        if index.schema() != fields.schema {
            return Err(StoreError::corrupt("the fields are not those of this format", "the text index"));
        }
        let reader = index.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual).try_into();
        let reader: tantivy::IndexReader = reader.while_("opening the text index")?;
        let mut segments = Vec::new();
        let mut places = Vec::with_capacity(usize::try_from(manifest.document_count).unwrap_or_default());
        for segment in reader.searcher().segment_readers() {
            let column = |name: &str| {
                segment.fast_fields().column_first_or_default::<u64>(name).while_("opening the text index")
            };
            let (passage, version, language) = (column("passage")?, column("version")?, column("language")?);
            let length_columns = [column(LENGTH_FIELDS[0])?, column(LENGTH_FIELDS[1])?, column(LENGTH_FIELDS[2])?];
            let mut lengths = Vec::with_capacity(segment.max_doc() as usize);
            for document in 0..segment.max_doc() {
                let length = |column: &Arc<dyn tantivy::columnar::ColumnValues<u64>>| {
                    u32::try_from(column.get_val(document)).unwrap_or(u32::MAX)
                };
                lengths.push([length(&length_columns[0]), length(&length_columns[1]), length(&length_columns[2])]);
                let language = usize::try_from(language.get_val(document)).ok().filter(|at| *at < languages.len());
                let language = language.ok_or_else(|| StoreError::corrupt("an unknown language", "the text index"))?;
                let key = (passage.get_val(document), version.get_val(document), language);
                places.push((key, DocumentPlace { segment: crate::text::catalogue::index(segments.len()), document }));
            }
            let inverted = |field: usize| segment.inverted_index(fields.terms[field]).while_("opening the text index");
            let inverted = [inverted(0)?, inverted(1)?, inverted(2)?];
            segments.push(Segment { lengths, inverted, places: places_of_terms(&index, segment, &fields)? });
        }
        places.sort_unstable_by_key(|(key, _)| *key);
        let path = directory.join(CATALOGUE_FILE);
        let catalogue = saved::decode(&read_file(disk.as_ref(), &path).on("read", &path)?)?;
        if catalogue.snapshot.0 != manifest.snapshot {
            return Err(StoreError::corrupt("the catalogue is of another snapshot", path.display().to_string()));
        }
        let (catalogue, pairs) = (Mutex::new(Some(catalogue)), PairCache::new(pair_bytes_max));
        Ok(Self { manifest, segments, places, languages, catalogue, fields, pairs })
    }

    /// Where a passage is.
    ///
    /// Cost: a binary search.
    pub(crate) fn place(&self, text: &PassageText) -> Option<DocumentPlace> {
        self.place_after(text, &mut 0)
    }

    /// Where a passage is; `hint` follows callers who ask in the order in which passages were written, who then wait for no search.
    pub(crate) fn place_after(&self, text: &PassageText, hint: &mut usize) -> Option<DocumentPlace> {
        let language = self.languages.iter().position(|language| *language == text.language)?;
        let wanted = (text.passage, text.version, language);
        let at = match self.places.get(*hint) {
            Some((key, _)) if *key == wanted => *hint,
            _ => self.places.binary_search_by_key(&wanted, |(key, _)| *key).ok()?,
        };
        *hint = at + 1;
        Some(self.places[at].1)
    }

    /// The catalogue at the manifest's snapshot; `None` where it was taken before.
    pub(crate) fn take_catalogue(&self) -> Option<Catalogue> {
        lock(&self.catalogue).take()
    }

    /// For each segment and document a digest of its terms, to compare with truth.
    pub(crate) fn digests(&self) -> Result<Vec<Vec<u64>>, StoreError> {
        use tantivy::postings::Postings;
        let mut digests = Vec::new();
        for segment in &self.segments {
            let mut sums = vec![AnalysedDigest::default(); segment.lengths.len()];
            for (field, inverted) in segment.inverted.iter().enumerate() {
                let stream = inverted.terms().stream().map_err(tantivy::TantivyError::from);
                let mut stream = stream.while_("reading the text index")?;
                while stream.advance() {
                    let option = IndexRecordOption::WithFreqs;
                    let postings = inverted.read_postings_from_terminfo(stream.value(), option);
                    let postings = postings.map_err(tantivy::TantivyError::from);
                    let mut postings = postings.while_("reading the text index")?;
                    let mut document = postings.doc();
                    while document != tantivy::TERMINATED {
                        sums[document as usize].add(field, stream.key(), postings.term_freq());
                        document = postings.advance();
                    }
                }
            }
            digests.push(sums.into_iter().map(|sum| sum.0).collect());
        }
        Ok(digests)
    }
}
