//! What was asked before, and which passages answered it.

use std::collections::HashMap;

use crate::collection::{Collection, Lists, PassageIndex, TermId};
use crate::cosine::UnitVectors;
use crate::embeddings::Embeddings;
use crate::lexical::{Scored, Sums, best_of};
use crate::places::{ShortPlace, cosines};
use crate::question::AskedTerms;

const K1: f32 = 1.2;
const B: f32 = 0.5;
/// Less similar questions say nothing.
const SIMILARITY_MIN: f32 = 0.15;
/// Nor do questions less near.
const NEARNESS_MIN: f32 = 0.2;
/// How fast a question says less the farther it is.
const SHARPNESS: f32 = 8.0;
/// So many passages that close questions were answered with are compared with candidates.
const REMEMBERED_COUNT: usize = 10;

/// A past question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past {
    pub(crate) terms: Vec<TermId>,
    pub(crate) gold: Vec<PassageIndex>,
    /// Empty for none.
    pub(crate) vector: Vec<f32>,
}

/// Past questions with their gold passages, ready to be compared with a new one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) questions: Lists<TermId>,
    pub(crate) gold: Lists<PassageIndex>,
    /// For each term, the passages asked about with it and what that is worth.
    by_passage: Lists<(PassageIndex, f32)>,
    /// For each term, the questions that have it.
    by_question: Lists<u32>,
    /// For each passage, the questions it answered.
    pub(crate) answered: Lists<u32>,
    idf: Vec<f32>,
    norms: Vec<f32>,
    /// The places of the questions; empty where nothing was learned about nearness.
    places: Vec<ShortPlace>,
    /// The vectors of the questions, where they have any.
    pub(crate) vectors: UnitVectors,
    /// How many questions each passage answered.
    pub(crate) counts: Vec<u32>,
    /// How many questions each document answered, as a share of all.
    pub(crate) document_shares: HashMap<u32, f32>,
}

/// What memory says about one question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recollection {
    /// BM25 over the past questions of each passage, put together.
    pub(crate) frequent: Sums,
    /// The sum of cubed cosines with each passage's past questions.
    pub(crate) close: Sums,
    /// The highest cosine with one of each passage's past questions.
    pub(crate) closest: Sums,
    /// The unscaled likeness of each past question.
    similarities: Sums,
    /// For each past question its cosine, where it says something.
    pub(crate) cosines: Vec<f32>,
    /// The sum of what nearness to each passage's past questions says.
    pub(crate) near: Sums,
    /// The nearness of the nearest of each passage's past questions.
    pub(crate) nearest: Sums,
    /// For each document, the sum of cubed cosines and the highest cosine with a question it answered.
    pub(crate) documents: HashMap<u32, (f32, f32)>,
    /// The passages that the closest questions were answered with, and how close these are.
    pub(crate) remembered: Vec<(PassageIndex, f32)>,
    /// As the last two, by vectors.
    pub(crate) near_by_vectors: Sums,
    pub(crate) nearest_by_vectors: Sums,
    /// For each past question, how near it is.
    nearnesses: Vec<f32>,
    /// The highest cosine with any past question.
    pub(crate) best: f32,
}

impl Memory {
    /// Remembers questions.
    pub(crate) fn new(
        collection: &Collection,
        embeddings: &Embeddings,
        remembered: impl Iterator<Item = Past>,
    ) -> Self {
        let term_count = collection.term_count();
        let mut memory = Self { counts: vec![0; collection.passage_count()], ..Self::default() };
        if let Some(embedded) = &collection.vectors {
            memory.vectors = UnitVectors::new(embedded.vectors.width());
        }
        for Past { terms, gold, vector } in remembered {
            memory.vectors.push(&vector);
            for passage in &gold {
                memory.counts[*passage as usize] += 1;
                *memory.document_shares.entry(collection.place(*passage).document).or_default() += 1.0;
            }
            if !embeddings.rows.is_empty() {
                memory.places.push(embeddings.place_of(&terms));
            }
            memory.questions.push(terms);
            memory.gold.push(gold);
        }
        let count = memory.questions.count();
        let answers = (0..count).flat_map(|at| memory.gold.of(at).iter().map(move |gold| (*gold as usize, at as u32)));
        memory.answered = Lists::grouped(collection.passage_count(), answers);
        memory.document_shares.values_mut().for_each(|share| *share /= count.max(1) as f32);
        let entries =
            (0..count).flat_map(|at| memory.questions.of(at).iter().map(move |term| (*term as usize, at as u32)));
        memory.by_question = Lists::grouped(term_count, entries);
        let frequencies = (0..term_count).map(|term| memory.by_question.of(term).len() as f32);
        memory.idf = frequencies.map(|df| (1.0 + (count as f32 - df + 0.5) / (df + 0.5)).ln()).collect();
        let square = |term: &TermId| memory.idf[*term as usize].powi(2);
        memory.norms = (0..count).map(|at| memory.questions.of(at).iter().map(square).sum::<f32>().sqrt()).collect();
        memory.by_passage = memory.passages_by_term(term_count);
        memory
    }

    fn passages_by_term(&self, term_count: usize) -> Lists<(PassageIndex, f32)> {
        let mut entries: Vec<(PassageIndex, TermId)> = Vec::new();
        let mut lengths = vec![0.0f32; self.counts.len()];
        for at in 0..self.questions.count() {
            for passage in self.gold.of(at) {
                entries.extend(self.questions.of(at).iter().map(|term| (*passage, *term)));
                lengths[*passage as usize] += self.questions.of(at).len() as f32;
            }
        }
        let asked_count = self.counts.iter().filter(|count| **count > 0).count();
        let average = lengths.iter().sum::<f32>() / asked_count.max(1) as f32;
        entries.sort_unstable();
        let scored = entries.chunk_by(|a, b| a == b).map(|same| {
            let (passage, term) = same[0];
            let norm = 1.0 - B + B * lengths[passage as usize] / average;
            let frequency = same.len() as f32 / norm;
            let score = self.idf[term as usize] * frequency * (K1 + 1.0) / (K1 + frequency);
            (term as usize, (passage, score))
        });
        let scored: Vec<_> = scored.collect();
        Lists::grouped(term_count, scored.iter().copied())
    }

    /// Compares a question with those remembered.
    pub(crate) fn recall(
        &self,
        collection: &Collection,
        embeddings: &Embeddings,
        asked: &AskedTerms,
        found: &mut Recollection,
    ) {
        let passage_count = self.counts.len();
        let sums = [&mut found.frequent, &mut found.close, &mut found.closest, &mut found.near, &mut found.nearest];
        let sums = sums.into_iter().chain([&mut found.near_by_vectors, &mut found.nearest_by_vectors]);
        sums.for_each(|sums| sums.clear(passage_count));
        found.similarities.clear(self.questions.count());
        found.best = 0.0;
        found.documents.clear();
        found.remembered.clear();
        found.cosines.clear();
        found.cosines.resize(self.questions.count(), 0.0);
        if self.questions.count() == 0 {
            return;
        }
        let mut norm = 0.0;
        for term in &asked.unique {
            let idf = self.idf[*term as usize];
            norm += idf * idf;
            for (passage, score) in self.by_passage.of(*term as usize) {
                found.frequent.add_one(*passage, *score);
            }
            for question in self.by_question.of(*term as usize) {
                found.similarities.add_one(*question, idf * idf);
            }
        }
        let norm = norm.sqrt();
        for question in found.similarities.touched() {
            let cosine = found.similarities.of(*question) / (norm * self.norms[*question as usize]);
            found.best = found.best.max(cosine);
            found.cosines[*question as usize] = cosine;
            if cosine > SIMILARITY_MIN {
                for passage in self.gold.of(*question as usize) {
                    let document = found.documents.entry(collection.place(*passage).document).or_default();
                    *document = (document.0 + cosine.powi(3), document.1.max(cosine));
                    found.close.add_one(*passage, cosine.powi(3));
                    let more = cosine - found.closest.of(*passage);
                    if more > 0.0 {
                        found.closest.add_one(*passage, more);
                    }
                }
            }
        }
        let close =
            found.close.touched().iter().map(|passage| Scored { passage: *passage, score: found.close.of(*passage) });
        found.remembered.extend(best_of(close, REMEMBERED_COUNT).iter().map(|one| (one.passage, one.score)));
        if !self.places.is_empty() {
            let place = embeddings.question_place(asked);
            cosines(&place, &self.places, &mut found.nearnesses);
            self.recall_near(&found.nearnesses, &mut found.near, &mut found.nearest);
        }
        let by_vectors = self.vectors.cosines(&asked.vector);
        self.recall_near(&by_vectors, &mut found.near_by_vectors, &mut found.nearest_by_vectors);
    }

    /// Adds up what near questions say of the passages that answered them.
    fn recall_near(&self, nearnesses: &[f32], near: &mut Sums, nearest: &mut Sums) {
        for (question, nearness) in nearnesses.iter().copied().enumerate() {
            if nearness > NEARNESS_MIN {
                for passage in self.gold.of(question) {
                    near.add_one(*passage, (SHARPNESS * (nearness - 1.0)).exp());
                    let more = nearness - nearest.of(*passage);
                    if more > 0.0 {
                        nearest.add_one(*passage, more);
                    }
                }
            }
        }
    }

    /// The passages that answered past questions together with one of `passages`.
    pub(crate) fn partners(&self, passages: impl Iterator<Item = PassageIndex>) -> Vec<PassageIndex> {
        let questions = passages.flat_map(|passage| self.answered.of(passage as usize));
        questions.flat_map(|question| self.gold.of(*question as usize)).copied().collect()
    }
}
