//! Which passages a search may see at one point of the two time axes, and their statistics.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use grounds_core::{DocumentId, Snapshot, SourceKind, VersionId};
use jiff::civil::Date;

use crate::permission::is_visible;
use crate::text::analyse::Language;
use crate::text::bits::Bits;
use crate::text::bm25f::{Bm25fParameters, FIELD_COUNT, FIELDS, Field, PASSAGE_FIELD_COUNT, PerField};
use crate::text::catalogue::{Catalogue, index};
use crate::text::document::{AnalysedPassage, AnalysedTitle, PassageText};
use crate::text::generation::{DocumentPlace, Generation};
use crate::text::scratch::ScratchPool;
use crate::text::tail::{Tail, Wanted, passage_key};

/// Says in [`Visible::sealed`] that a document of the generation is not visible.
pub(crate) const HIDDEN: u32 = u32::MAX;

/// A document with visible passages.
pub(crate) struct VisibleDocument {
    pub(crate) id: DocumentId,
    pub(crate) kind: SourceKind,
    pub(crate) language: Language,
    pub(crate) title: Arc<AnalysedTitle>,
    /// Positions in [`Visible::passages`].
    pub(crate) passages: Vec<u32>,
}

/// A passage that may be found.
pub(crate) struct VisiblePassage {
    /// A position in [`Visible::documents`].
    pub(crate) document: u32,
    /// A position in the list of versions with visible passages.
    pub(crate) version: u32,
    ordinal: u32,
    text: PassageText,
}

/// What may be found at one point.
pub(crate) struct Visible {
    pub(crate) documents: Vec<VisibleDocument>,
    /// In order of version and position: the order that breaks ties.
    pub(crate) passages: Vec<VisiblePassage>,
    /// For each segment and document of the generation, its position in `passages`, or [`HIDDEN`].
    pub(crate) sealed: Vec<Vec<u32>>,
    /// Positions in `passages` of what the generation does not have, with its words.
    pub(crate) tail: Vec<(u32, Arc<AnalysedPassage>)>,
    /// The languages of the documents, each once, in order of name.
    pub(crate) languages: Vec<Language>,
    /// For each passage what one occurrence of a term weighs in a field.
    pub(crate) weights: PerField<Vec<f64>>,
    /// The first passages of versions.
    pub(crate) starts: Bits,
    /// For each term and pair of the titles, by name, the documents that have it and how often.
    pub(crate) titles: HashMap<String, Vec<(u32, u32)>>,
    pub(crate) scratch: ScratchPool,
    /// Whether a search is worth two threads.
    pub(crate) is_divided: bool,
    versions: Vec<String>,
    /// For each passage where it is in the generation, until [`Visible::locate`] has used it.
    places: Vec<Option<DocumentPlace>>,
}

impl Visible {
    /// Lists what is visible at (`as_of`, `known_at`) of what `catalogue` knows. Lengths and words come with
    /// [`Visible::locate`]. To a principal who holds `held`, a hidden document is as one that does not exist.
    pub(crate) fn list(catalogue: &Catalogue, as_of: Date, known_at: Snapshot, held: Option<&[String]>) -> Self {
        let documents = list_documents(catalogue, as_of, known_at, held);
        let versions = list_versions(catalogue, &documents, as_of, known_at);
        let mut order: Vec<usize> = (0..versions.len()).filter(|at| versions[*at].is_some()).collect();
        // As keys are ordered, where the version's name is followed by a slash.
        let name = |at: usize| catalogue.versions[at].0.bytes().chain(std::iter::once(b'/'));
        order.sort_by(|a, b| name(*a).cmp(name(*b)));
        let mut ranks = vec![0; versions.len()];
        for (rank, at) in order.iter().enumerate() {
            ranks[*at] = index(rank);
        }
        let mut passages = Vec::new();
        for piece in &catalogue.passages {
            let Some((document, content)) = versions[piece.version as usize] else { continue };
            if !piece.extent.holds(as_of, known_at) {
                continue;
            }
            let language =
                documents[document as usize].as_ref().expect("only versions with a document are listed").language;
            let text = PassageText { version: content, passage: piece.content, language };
            let (version, ordinal) = (ranks[piece.version as usize], piece.ordinal);
            passages.push(VisiblePassage { document, version, ordinal, text });
        }
        passages.sort_by_key(|passage| (passage.version, passage.ordinal));
        let mut starts = Bits::none(passages.len());
        for at in (0..passages.len()).filter(|at| *at == 0 || passages[at - 1].version != passages[*at].version) {
            starts.insert(at);
        }
        let mut visible = Self {
            documents: Vec::new(),
            passages,
            sealed: Vec::new(),
            tail: Vec::new(),
            languages: Vec::new(),
            weights: std::array::from_fn(|_| Vec::new()),
            starts,
            titles: HashMap::new(),
            scratch: ScratchPool::default(),
            is_divided: false,
            places: Vec::new(),
            versions: order.into_iter().map(|at| catalogue.versions[at].0.clone()).collect(),
        };
        visible.keep_documents_with_passages(documents);
        visible.list_titles();
        visible
    }

    fn keep_documents_with_passages(&mut self, documents: Vec<Option<VisibleDocument>>) {
        let mut documents = documents;
        let mut places: Vec<Option<u32>> = vec![None; documents.len()];
        for (at, passage) in self.passages.iter_mut().enumerate() {
            let kept = &mut self.documents;
            let place = *places[passage.document as usize].get_or_insert_with(|| {
                let document = documents[passage.document as usize].take();
                kept.push(document.expect("each document is taken once, for its first passage"));
                index(kept.len() - 1)
            });
            passage.document = place;
            kept[place as usize].passages.push(index(at));
        }
        let languages: HashSet<Language> = self.documents.iter().map(|document| document.language).collect();
        self.languages = languages.into_iter().collect();
        self.languages.sort_unstable_by_key(|language| language.name());
    }

    fn list_titles(&mut self) {
        for (at, document) in self.documents.iter().enumerate() {
            for (name, frequency) in &document.title.frequencies {
                match self.titles.get_mut(name) {
                    Some(having) => having.push((index(at), *frequency)),
                    None => drop(self.titles.insert(name.clone(), vec![(index(at), *frequency)])),
                }
            }
        }
    }

    /// Looks each passage up in the generation; what it does not have.
    pub(crate) fn missing(&mut self, generation: Option<&Generation>) -> Vec<Wanted> {
        let mut hint = 0;
        let place = |passage: &VisiblePassage| generation?.place_after(&passage.text, &mut hint);
        self.places = self.passages.iter().map(place).collect();
        let wanted = |passage: &VisiblePassage| Wanted {
            text: passage.text,
            version_key: self.versions[passage.version as usize].clone(),
            ordinal: passage.ordinal,
        };
        let missing = self.passages.iter().zip(&self.places).filter(|(_, place)| place.is_none());
        missing.map(|(passage, _)| wanted(passage)).collect()
    }

    /// Finds each passage in the generation, as [`Visible::missing`] did, or in the tail, which has what was missing.
    pub(crate) fn locate(&mut self, generation: Option<&Generation>, tail: &Tail) {
        if let Some(generation) = generation {
            self.sealed = generation.segments.iter().map(|segment| vec![HIDDEN; segment.lengths.len()]).collect();
        }
        let mut all_lengths = Vec::with_capacity(self.passages.len());
        let places = std::mem::take(&mut self.places);
        for ((at, passage), place) in self.passages.iter().enumerate().zip(places) {
            let of_passage = match generation.zip(place) {
                Some((generation, place)) => {
                    self.sealed[place.segment as usize][place.document as usize] = index(at);
                    generation.segments[place.segment as usize].lengths[place.document as usize]
                }
                None => {
                    let analysed = tail.get(&passage.text).expect("the caller adds what is missing to the tail");
                    self.tail.push((index(at), Arc::clone(analysed)));
                    analysed.lengths
                }
            };
            let mut lengths = [0; FIELD_COUNT];
            lengths[..PASSAGE_FIELD_COUNT].copy_from_slice(&of_passage);
            lengths[Field::Title as usize] = self.documents[passage.document as usize].title.length;
            all_lengths.push(lengths);
        }
        self.weigh(&all_lengths);
    }

    fn weigh(&mut self, lengths: &[PerField<u32>]) {
        for field in FIELDS {
            let at = field as usize;
            // Sums of whole numbers are exact, so the average does not depend on where a passage was found.
            let sum: u64 = lengths.iter().map(|lengths| u64::from(lengths[at])).sum();
            let average = sum as f64 / lengths.len().max(1) as f64;
            let weight = |(passage, lengths): (&VisiblePassage, &PerField<u32>)| {
                let passage_count = self.documents[passage.document as usize].passages.len();
                Bm25fParameters::STANDARD.weight(field, lengths[at], average, passage_count)
            };
            self.weights[at] = self.passages.iter().zip(lengths).map(weight).collect();
        }
    }

    /// The position of a passage, where it is visible.
    pub(crate) fn position(&self, version: &VersionId, ordinal: u32) -> Option<usize> {
        self.passage(self.version(version)?, ordinal)
    }

    /// The position of a version in the list of those with visible passages.
    pub(crate) fn version(&self, version: &VersionId) -> Option<u32> {
        self.versions.iter().position(|name| *name == version.0).map(index)
    }

    /// The position of a passage of the version at this position.
    pub(crate) fn passage(&self, version: u32, ordinal: u32) -> Option<usize> {
        self.passages.binary_search_by_key(&(version, ordinal), |passage| (passage.version, passage.ordinal)).ok()
    }

    /// The key of the passage at a position.
    pub(crate) fn key(&self, position: u32) -> String {
        let passage = &self.passages[position as usize];
        passage_key(&self.versions[passage.version as usize], passage.ordinal)
    }
}

fn list_documents(
    catalogue: &Catalogue,
    as_of: Date,
    known_at: Snapshot,
    held: Option<&[String]>,
) -> Vec<Option<VisibleDocument>> {
    let visible = |(id, pieces): &(String, Vec<crate::text::catalogue::DocumentPiece>)| {
        let piece = pieces.iter().find(|piece| piece.extent.holds(as_of, known_at))?;
        if !is_visible(&piece.labels, held) {
            return None;
        }
        Some(VisibleDocument {
            id: DocumentId(id.clone()),
            kind: piece.kind,
            language: piece.language,
            title: Arc::clone(&piece.title),
            passages: Vec::new(),
        })
    };
    catalogue.documents.iter().map(visible).collect()
}

/// For each version the position of its document and the content of its text, where all are visible.
fn list_versions(
    catalogue: &Catalogue,
    documents: &[Option<VisibleDocument>],
    as_of: Date,
    known_at: Snapshot,
) -> Vec<Option<(u32, u64)>> {
    let visible = |(_, pieces): &(String, Vec<crate::text::catalogue::VersionPiece>)| {
        let piece = pieces.iter().find(|piece| piece.extent.holds(as_of, known_at))?;
        documents[piece.document as usize].as_ref()?;
        Some((piece.document, piece.content))
    };
    catalogue.versions.iter().map(visible).collect()
}
