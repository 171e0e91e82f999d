//! The passages of a view as models rank them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use grounds_core::{PassageRow, UnitId};
use grounds_models::{Collection, LexicalSettings, PassageIndex, PassageTerms, Progress};
use grounds_store::{analyse_with_characters, asking_terms};
use jiff::civil::Date;

use crate::error::GroundsError;
use crate::retrieve::analysed::{TextInForce, analysed, texts_in_force};
use crate::retrieve::nearness::embedded_texts_of;
use crate::vectors::QuestionEmbedder;
use crate::view::{Text, VectorsInUse, View};

/// The passages in force on a day that a view sees, with the way back from their places in the collection.
#[derive(Debug)]
pub struct PassageCollection {
    /// Their terms, structure and statistics, which are those of exactly these passages.
    pub collection: Arc<Collection>,
    /// By place in the collection.
    pub passages: Vec<PassageRow>,
    /// The language of most documents: questions are taken to be in it.
    pub language: String,
    /// Whether all documents are in it.
    pub is_one_language: bool,
    /// What embeds questions as the passages' vectors were made; `None` where these have none.
    embedder: Option<Arc<QuestionEmbedder>>,
}

impl PassageCollection {
    /// The terms of a question, as those of passages.
    pub fn question_terms(&self, text: &str) -> Vec<String> {
        analyse_with_characters(text, &self.language)
    }

    /// The vector of a question; empty where passages have none.
    ///
    /// # Errors
    /// Those of the embedding model.
    pub fn question_vector(&self, text: &str) -> Result<Vec<f32>, GroundsError> {
        self.embedder.as_ref().map_or(Ok(Vec::new()), |embedder| embedder.vector(text))
    }

    /// The vectors of many questions, in order; empty where passages have none.
    pub(crate) fn question_vectors(
        &self,
        texts: &[&str],
        progress: &mut dyn Progress,
    ) -> Result<Vec<Vec<f32>>, GroundsError> {
        match &self.embedder {
            Some(embedder) => embedder.vectors(texts, progress),
            None => Ok(vec![Vec::new(); texts.len()]),
        }
    }
}

/// Collects what `view` sees on `as_of`, by document and in reading order, analysed as search analyses it, with the vectors that the view uses.
///
/// A passage's key is a hash of its document, its unit, and its number among the unit's passages: the same in every version. Cost: reads every
/// text in force; keep it for the view's snapshot and date.
///
/// # Errors
/// Those of the store; more passages than models take.
pub fn collection(view: &View, as_of: Date) -> Result<PassageCollection, GroundsError> {
    collection_hearing(view, as_of, view.vectors_in_use())
}

/// As [`collection`], with the vectors that are given, or none.
pub(crate) fn collection_hearing(
    view: &View,
    as_of: Date,
    vectors: Option<&VectorsInUse>,
) -> Result<PassageCollection, GroundsError> {
    collection_with_keys(view, as_of, vectors, |passage, slice| {
        key(&[passage.document.0.as_bytes(), passage.unit.0.as_bytes(), &slice.to_le_bytes()])
    })
}

/// As [`collection_hearing`], with other keys: of a passage and its number among those of its unit.
pub(crate) fn collection_with_keys(
    view: &View,
    as_of: Date,
    vectors: Option<&VectorsInUse>,
    key_of: impl Fn(&PassageRow, u32) -> u64,
) -> Result<PassageCollection, GroundsError> {
    let mut builder = Collection::builder(LexicalSettings::STANDARD);
    let language = language(view);
    builder.asked_with(&asking_terms(&language));
    if let Some(VectorsInUse { vectors, .. }) = vectors {
        builder.embedded_by(vectors.model(), vectors.dimension());
    }
    let texts = texts_in_force(view, as_of)?;
    let mut passages = Vec::with_capacity(texts.iter().map(|text| text.passages.len()).sum());
    let mut analysed = analysed(&texts);
    for (number, TextInForce { document, text, passages: rows }) in (0_u32..).zip(&texts) {
        let title = format!("{} {}", document.title, document.short_titles.join(" "));
        let (title, mut title_numbers) = (analyse_with_characters(&title, &document.language), None);
        // The place of each unit's first passage, and how many it has.
        let mut placed: HashMap<UnitId, (PassageIndex, u32)> = HashMap::new();
        let embedded = vectors.map(|_| embedded_texts_of(view, document, text)).transpose()?.unwrap_or_default();
        for (at, passage) in rows.iter().enumerate() {
            let Some(terms) = analysed.next() else { break };
            let body = analysed.numbered(&terms.body, &mut builder);
            let headings = analysed.numbered(&terms.headings, &mut builder);
            let title = title_numbers.get_or_insert_with(|| builder.terms(&title));
            let pinpoint = analysed.numbered(&terms.pinpoint, &mut builder);
            let vector = vectors.zip(embedded.get(at)).and_then(|(in_use, (_, text))| in_use.vectors.of(text));
            let slice = placed.get(&passage.unit).map_or(0, |(_, count)| *count);
            let place = builder.push(&PassageTerms {
                key: key_of(passage, slice),
                document: number,
                parent: parent(text, &passage.unit, &placed),
                body: &body,
                headings: &headings,
                title,
                pinpoint: &pinpoint,
                vector: vector.unwrap_or_default(),
            })?;
            placed.entry(passage.unit.clone()).or_insert((place, 0)).1 += 1;
            passages.push(passage.clone());
        }
    }
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let is_one_language = view.documents().iter().all(|document| document.language == language);
    let embedder = vectors.map(|in_use| Arc::clone(&in_use.embedder));
    let collection = Arc::new(builder.finish(threads));
    Ok(PassageCollection { collection, passages, language, is_one_language, embedder })
}

/// The first passage of the nearest unit above that has one.
fn parent(text: &Text, unit: &UnitId, placed: &HashMap<UnitId, (PassageIndex, u32)>) -> Option<PassageIndex> {
    let unit = text.tree.get(unit)?;
    let mut above = text.tree.ancestry(unit).skip(1);
    above.find_map(|unit| placed.get(&unit.id)).map(|(place, _)| *place)
}

/// The language of most of a view's documents; of as many the first by code.
pub(crate) fn language(view: &View) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for document in view.documents() {
        *counts.entry(&document.language).or_default() += 1;
    }
    let most = counts.iter().max_by_key(|(code, count)| (**count, std::cmp::Reverse(**code)));
    most.map_or_else(|| "und".to_owned(), |(code, _)| (*code).to_owned())
}

/// The first eight bytes of a hash of these parts.
pub(crate) fn key(parts: &[&[u8]]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(first)
}
