//! Analysed passages in document order: terms as numbers, where they stand, and what each is worth in each passage.

mod lists;
mod build;

use std::collections::HashMap;

pub use build::{CollectionBuilder, PassageTerms};
pub(crate) use lists::Lists;

use crate::cosine::UnitVectors;
use crate::lexical::LexicalSettings;

/// A passage by its place in the collection, from 0, in the order in which passages were added.
pub type PassageIndex = u32;
/// A term by its number in its collection, from 0, in the order in which terms came up.
pub type TermId = u32;

/// What a passage's occurrence of a term adds to the score of a question with that term.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Impact {
    pub(crate) passage: PassageIndex,
    pub(crate) score: f32,
}

/// Where a passage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) document: u32,
    pub(crate) parent: Option<PassageIndex>,
    /// The last heading before it in its document.
    pub(crate) heading: Option<PassageIndex>,
    /// How many passages stand above it.
    pub(crate) depth: u32,
    /// Its place in its document, from 0.
    pub(crate) position: u32,
}

/// Passages with everything that ranking reads: terms, fields, structure and exact statistics over just these passages.
///
/// Built once by [`CollectionBuilder::finish`], then only read; ranking may read it from any number of threads. It holds the
/// terms of all bodies in order, and for each term the passages whose fields have it. Nothing in it is learned.
#[derive(Debug)]
pub struct Collection {
    pub(crate) settings: LexicalSettings,
    pub(crate) names: Vec<Box<str>>,
    pub(crate) numbers: HashMap<Box<str>, TermId>,
    pub(crate) keys: Vec<u64>,
    pub(crate) places: Vec<Place>,
    /// For each document, its first passage; and the number of passages as the last item.
    pub(crate) documents: HashMap<u32, (PassageIndex, PassageIndex)>,
    pub(crate) bodies: Lists<TermId>,
    /// The beginnings of the passages above, and the headings the caller gave.
    pub(crate) headings: Lists<TermId>,
    pub(crate) titles: Lists<TermId>,
    pub(crate) pinpoints: Lists<TermId>,
    /// The weight of a term: rare terms say more.
    pub(crate) idf: Vec<f32>,
    /// How often the term occurs in all bodies.
    pub(crate) occurrences: Vec<u32>,
    /// For each term, its passages with the whole of BM25F.
    pub(crate) impacts: Lists<Impact>,
    /// For each term, the passages whose bodies have it, and its share of the body.
    pub(crate) shares: Lists<Impact>,
    /// Neighbouring terms of bodies, sorted; their impacts stand in the same order.
    pub(crate) pairs: Vec<(TermId, TermId)>,
    pub(crate) pair_impacts: Lists<Impact>,
    pub(crate) body_length_average: f32,
    /// What an embedding model says; `None` where none was heard.
    pub(crate) vectors: Option<PassageVectors>,
}

/// The vectors of all passages, by the model that made them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PassageVectors {
    /// What tells the model from every other.
    pub(crate) model: String,
    pub(crate) vectors: UnitVectors,
}

impl Collection {
    /// Begins a collection.
    pub fn builder(settings: LexicalSettings) -> CollectionBuilder {
        CollectionBuilder::new(settings)
    }

    /// How many passages it holds.
    pub fn passage_count(&self) -> usize {
        self.places.len()
    }

    /// How many different terms it knows.
    pub fn term_count(&self) -> usize {
        self.names.len()
    }

    /// How many passages have a term in their text, and its weight there: `ln(1 + (N - df + 0.5) / (df + 0.5))`.
    pub fn rarity(&self, term: &str) -> (usize, f64) {
        let document_frequency = self.term(term).map_or(0, |term| self.shares.of(term as usize).len());
        let (all, having) = (self.passage_count() as f64, document_frequency as f64);
        (document_frequency, (1.0 + (all - having + 0.5) / (having + 0.5)).ln())
    }

    /// For each passage the places of those of `terms` that it has in its text, its headings, the beginnings of the passages above, its title
    /// or its citation, in order. Cost: one look at each term of these.
    pub fn places_had<S: AsRef<str>>(&self, terms: &[S], passages: &[PassageIndex]) -> Vec<Vec<usize>> {
        // One more than the place of a term.
        let mut places = vec![0u32; self.term_count()];
        for (place, term) in (1..).zip(terms) {
            if let Some(term) = self.term(term.as_ref()) {
                places[term as usize] = place;
            }
        }
        let mut has = vec![false; terms.len()];
        let one = |passage: &PassageIndex| {
            has.fill(false);
            let at = *passage as usize;
            for field in [&self.bodies, &self.headings, &self.titles, &self.pinpoints] {
                for place in field.of(at).iter().map(|term| places[*term as usize]).filter(|place| *place > 0) {
                    has[place as usize - 1] = true;
                }
            }
            (0..terms.len()).filter(|place| has[*place]).collect()
        };
        passages.iter().map(one).collect()
    }

    pub(crate) fn term(&self, name: &str) -> Option<TermId> {
        self.numbers.get(name).copied()
    }

    pub(crate) fn place(&self, passage: PassageIndex) -> &Place {
        &self.places[passage as usize]
    }

    pub(crate) fn body(&self, passage: PassageIndex) -> &[TermId] {
        self.bodies.of(passage as usize)
    }

    /// The passage before it in its document.
    pub(crate) fn previous(&self, passage: PassageIndex) -> Option<PassageIndex> {
        let before = passage.checked_sub(1)?;
        (self.place(before).document == self.place(passage).document).then_some(before)
    }

    /// The passage after it in its document.
    pub(crate) fn next(&self, passage: PassageIndex) -> Option<PassageIndex> {
        let after = self.places.get(passage as usize + 1)?;
        (after.document == self.place(passage).document).then_some(passage + 1)
    }

    /// The first passage of its document.
    pub(crate) fn first_of_document(&self, passage: PassageIndex) -> PassageIndex {
        passage - self.place(passage).position
    }

    /// The passages up to `reach` before and after it in its document.
    pub(crate) fn surroundings(&self, passage: PassageIndex, reach: u32) -> impl Iterator<Item = PassageIndex> {
        let (first, end) = self.documents[&self.place(passage).document];
        let near = first.max(passage.saturating_sub(reach))..end.min(passage.saturating_add(reach).saturating_add(1));
        near.filter(move |near| *near != passage)
    }

    /// The passages with both terms next to each other, with what that is worth.
    pub(crate) fn pair_impacts(&self, pair: (TermId, TermId)) -> &[Impact] {
        self.pairs.binary_search(&pair).map_or(&[], |at| self.pair_impacts.of(at))
    }
}
