//! What is known about the best candidates beside each other, so that several passages that answer together are found together.

use crate::collection::{Collection, PassageIndex, TermId};
use crate::company::{COMPANY_COUNT, company};
use crate::features::{FEATURE_COUNT, FeatureTable};
use crate::memory::Memory;
use crate::places::{PassagePlaces, cosines};
use crate::question::AskedTerms;
use crate::term_weights::softmax;
use crate::vectors::{VECTOR_FEATURE_COUNT, between};

/// How many of the best candidates the set stage looks at.
pub(crate) const SET_LENGTH: usize = 40;
const NAMES: [&str; 36] = [
    "score",
    "score below best",
    "rank",
    "probability",
    "like first",
    "like second",
    "like third",
    "document of first",
    "parent of first",
    "document of second",
    "document of third",
    "distance to first",
    "likeness to all",
    "document's probability",
    "parent's probability",
    "neighbours' probability",
    "highest likeness",
    "highest likeness to better",
    "adds to first",
    "adds to first three",
    "first below second",
    "first below tenth",
    "uncertainty",
    "left open by first three",
    "length beside first",
    "near first",
    "near second",
    "near third",
    "nearness to all",
    "highest nearness to better",
    "score in the other head",
    "below best in the other head",
    "rank in the other head",
    "times the favourite was asked",
    "times the other head's favourite was asked",
    "share of the best that were asked",
];
/// The last of them are about the other head.
const OTHER_HEAD_COUNT: usize = 6;
/// Numbers in a row of the set stage where passages have no vectors: those of the candidate, then those beside the others. Those of vectors follow.
pub(crate) const SET_FEATURE_COUNT: usize = FEATURE_COUNT + NAMES.len() + COMPANY_COUNT;
/// Numbers of how near a candidate is to others.
const BESIDE_COUNT: usize = 5;
/// How surely higher scores of the first stage are gold.
const SHARPNESS: f32 = 1.5;
/// How far neighbours reach to each side.
const NEIGHBOURS: u32 = 3;

/// Numbers in a row of the set stage.
pub(crate) fn set_row_length(hears_vectors: bool) -> usize {
    SET_FEATURE_COUNT + if hears_vectors { VECTOR_FEATURE_COUNT + BESIDE_COUNT } else { 0 }
}

/// The best candidates with their rows, best first.
#[derive(Clone, Debug, Default)]
pub(crate) struct SetTable {
    /// Their places in the table of features.
    pub(crate) candidates: Vec<usize>,
    /// Numbers in a row.
    width: usize,
    rows: Vec<f32>,
    /// For each two of them, how many past questions both answered.
    together: Vec<f32>,
}

impl SetTable {
    /// The rows, each for itself.
    pub(crate) fn rows(&self) -> Vec<&[f32]> {
        self.rows.chunks_exact(self.width.max(1)).collect()
    }

    /// How many past questions were answered by both of two places in the table of features; 0 where one is not among the best.
    pub(crate) fn together(&self, a: usize, b: usize) -> f32 {
        let row = |place: usize| self.candidates.iter().position(|candidate| *candidate == place);
        row(a).zip(row(b)).map_or(0.0, |(a, b)| self.together[a * self.candidates.len() + b])
    }
}

/// What was learned that the set stage looks at.
pub(crate) struct Known<'k> {
    pub(crate) memory: &'k Memory,
    /// For each past question, its cosine with the question.
    pub(crate) cosines: &'k [f32],
    pub(crate) places: &'k PassagePlaces,
}

/// Room for one question, kept between questions.
#[derive(Clone, Debug, Default)]
pub(crate) struct SetScratch {
    weights: Vec<f32>,
}

/// Describes the best candidates by the scores of the first stage.
pub(crate) fn describe_set(
    collection: &Collection,
    known: &Known<'_>,
    asked: &AskedTerms,
    table: &FeatureTable,
    scores: &[f32],
    other_scores: &[f32],
    scratch: &mut SetScratch,
) -> SetTable {
    let mut candidates: Vec<usize> = (0..scores.len()).collect();
    candidates.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    candidates.truncate(SET_LENGTH);
    if candidates.is_empty() {
        return SetTable::default();
    }
    let passages: Vec<PassageIndex> = candidates.iter().map(|at| table.passages[*at]).collect();
    let set = Set {
        likeness: likeness(collection, &passages, scratch),
        covered: covered(collection, asked, &passages),
        passages: &passages,
        collection,
        near: near(known.places, &passages),
        by_vectors: collection
            .vectors
            .as_ref()
            .filter(|_| table.hears_vectors())
            .map(|embedded| between(&embedded.vectors, &passages)),
        asked,
        scores: candidates.iter().map(|at| scores[*at]).collect(),
    };
    let mut shares: Vec<f32> = set.scores.iter().map(|score| SHARPNESS * score).collect();
    softmax(&mut shares);
    let mut others: Vec<usize> = (0..other_scores.len()).collect();
    others.sort_by(|a, b| other_scores[*b].total_cmp(&other_scores[*a]).then(a.cmp(b)));
    let mut other_ranks = vec![0.0f32; others.len()];
    others.iter().enumerate().for_each(|(rank, at)| other_ranks[*at] = (1.0 + rank as f32).ln());
    let asked_about = |at: usize| known.memory.counts[table.passages[at] as usize] as f32;
    let known_share = others.iter().take(10).filter(|at| asked_about(**at) > 0.0).count() as f32 / 10.0;
    let company = company(known.memory, known.cosines, &passages, &shares);
    let width = set_row_length(table.hears_vectors());
    let mut rows = Vec::with_capacity(candidates.len() * width);
    for (at, candidate) in candidates.iter().enumerate() {
        let (of_words, of_vectors) = table.row(*candidate).split_at(FEATURE_COUNT);
        rows.extend(of_words);
        rows.extend(set.describe(at, &shares));
        rows.extend([
            other_scores[*candidate],
            other_scores[*candidate] - other_scores[others[0]],
            other_ranks[*candidate],
            asked_about(candidates[0]).ln_1p(),
            asked_about(others[0]).ln_1p(),
            known_share,
        ]);
        rows.extend(company.numbers[at]);
        rows.extend(of_vectors);
        if let Some(by_vectors) = &set.by_vectors {
            rows.extend(set.beside(at, by_vectors, &shares));
        }
    }
    SetTable { candidates, width, rows, together: company.together }
}

/// The best candidates of a question.
struct Set<'q> {
    collection: &'q Collection,
    /// How near each two of them are; empty where nothing was learned about nearness.
    near: Vec<f32>,
    /// How near the vectors of each two of them are.
    by_vectors: Option<Vec<f32>>,
    asked: &'q AskedTerms,
    passages: &'q [PassageIndex],
    scores: Vec<f32>,
    /// The cosine of each two of them.
    likeness: Vec<f32>,
    /// For each, which terms of the question it has.
    covered: Vec<Vec<bool>>,
}

impl Set<'_> {
    fn like(&self, a: usize, b: usize) -> f32 {
        self.likeness[a * self.passages.len() + b]
    }

    fn describe(&self, at: usize, shares: &[f32]) -> [f32; NAMES.len() - OTHER_HEAD_COUNT] {
        let count = self.passages.len();
        let place = |at: usize| self.collection.place(self.passages[at]);
        let same_document = |other: usize| other < count && place(other).document == place(at).document;
        let flag = |is_so: bool| f32::from(u8::from(is_so));
        let like = |other: usize| if other < count && other != at { self.like(at, other) } else { 0.0 };
        let same_parent = |other: usize| place(at).parent.is_some() && place(other).parent == place(at).parent;
        let distance = |other: usize| self.passages[at].abs_diff(self.passages[other]);
        let (mut all, mut document, mut parent, mut beside) = (0.0, 0.0, 0.0, 0.0);
        let (mut highest, mut highest_better) = (0.0f32, 0.0f32);
        for other in (0..count).filter(|other| *other != at) {
            all += shares[other] * self.like(at, other);
            highest = highest.max(self.like(at, other));
            if other < at {
                highest_better = highest_better.max(self.like(at, other));
            }
            if same_document(other) {
                document += shares[other];
                parent += if same_parent(other) { shares[other] } else { 0.0 };
                beside += if distance(other) <= NEIGHBOURS { shares[other] } else { 0.0 };
            }
        }
        let score = |at: usize| self.scores[at.min(count - 1)];
        let entropy: f32 = shares.iter().filter(|share| **share > 0.0).map(|share| -share * share.ln()).sum();
        let [near_first, near_second, near_third, near_all, near_better] = self.beside(at, &self.near, shares);
        let length = |at: usize| 1.0 + self.collection.body(self.passages[at]).len() as f32;
        [
            score(at),
            score(at) - score(0),
            (1.0 + at as f32).ln(),
            shares[at],
            like(0),
            like(1),
            like(2),
            flag(same_document(0)),
            flag(same_parent(0)),
            flag(same_document(1)),
            flag(same_document(2)),
            if same_document(0) { (1.0 + distance(0) as f32).ln() } else { 10.0 },
            all,
            document,
            parent,
            beside,
            highest,
            highest_better,
            self.adds(at, 1),
            self.adds(at, 3),
            score(0) - score(1),
            score(0) - score(9),
            entropy,
            self.left_open(3),
            (length(at) / length(0)).ln(),
            near_first,
            near_second,
            near_third,
            near_all,
            near_better,
        ]
    }

    /// How near a candidate is to the first three, to all by their shares, and to the nearest better one, by what is `near` for each two.
    fn beside(&self, at: usize, near: &[f32], shares: &[f32]) -> [f32; BESIDE_COUNT] {
        let count = self.passages.len();
        let near = |other: usize| {
            if other == at || other >= count { 0.0 } else { near.get(at * count + other).copied().unwrap_or(0.0) }
        };
        let (mut all, mut better) = (0.0, 0.0f32);
        for other in (0..count).filter(|other| *other != at) {
            all += shares[other] * near(other);
            better = if other < at { better.max(near(other)) } else { better };
        }
        [near(0), near(1), near(2), all, better]
    }

    /// The share of the question's weight that a candidate covers and the first `count` do not.
    fn adds(&self, at: usize, count: usize) -> f32 {
        let is_new = |term: usize| self.covered[at][term] && !self.covered.iter().take(count).any(|one| one[term]);
        self.share_of(is_new)
    }

    /// The share of the question's weight that the first `count` candidates leave uncovered.
    fn left_open(&self, count: usize) -> f32 {
        self.share_of(|term| !self.covered.iter().take(count).any(|one| one[term]))
    }

    fn share_of(&self, counts: impl Fn(usize) -> bool) -> f32 {
        let (mut part, mut total) = (0.0, f32::MIN_POSITIVE);
        for (at, term) in self.asked.unique.iter().enumerate() {
            let idf = self.collection.idf[*term as usize];
            total += idf;
            part += if counts(at) { idf } else { 0.0 };
        }
        part / total
    }
}

/// How near each two passages are.
fn near(places: &PassagePlaces, passages: &[PassageIndex]) -> Vec<f32> {
    let places = places.of(passages.iter().copied());
    let mut near = Vec::with_capacity(places.len() * places.len());
    let mut own = Vec::new();
    for place in &places {
        cosines(place, &places, &mut own);
        near.extend(&own);
    }
    near
}

/// For each passage, which terms of the question its body has.
fn covered(collection: &Collection, asked: &AskedTerms, passages: &[PassageIndex]) -> Vec<Vec<bool>> {
    let has = |passage: PassageIndex| {
        let body = collection.body(passage);
        asked.unique.iter().map(|term| body.contains(term)).collect()
    };
    passages.iter().map(|passage| has(*passage)).collect()
}

/// The cosines of bodies as vectors of rarity, for each two passages.
fn likeness(collection: &Collection, passages: &[PassageIndex], scratch: &mut SetScratch) -> Vec<f32> {
    scratch.weights.resize(collection.term_count(), 0.0);
    let vectors: Vec<Vec<(TermId, f32)>> = passages.iter().map(|passage| vector(collection, *passage)).collect();
    let mut likeness = vec![0.0; passages.len() * passages.len()];
    for (at, own) in vectors.iter().enumerate() {
        for (term, weight) in own {
            scratch.weights[*term as usize] = *weight;
        }
        for (other, vector) in vectors.iter().enumerate().skip(at) {
            let cosine: f32 = vector.iter().map(|(term, weight)| weight * scratch.weights[*term as usize]).sum();
            likeness[at * passages.len() + other] = cosine;
            likeness[other * passages.len() + at] = cosine;
        }
        for (term, _) in own {
            scratch.weights[*term as usize] = 0.0;
        }
    }
    likeness
}

/// A body as a vector of length 1: for each different term, its rarity times the square root of its frequency.
fn vector(collection: &Collection, passage: PassageIndex) -> Vec<(TermId, f32)> {
    let mut terms = collection.body(passage).to_vec();
    terms.sort_unstable();
    let mut vector: Vec<(TermId, f32)> = terms
        .chunk_by(|a, b| a == b)
        .map(|same| (same[0], (same.len() as f32).sqrt() * collection.idf[same[0] as usize]))
        .collect();
    let norm = vector.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.iter_mut().for_each(|(_, weight)| *weight /= norm);
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_the_table_of_features_lead_to_their_company() {
        let together = vec![0.0, 2.0, 0.0, 2.0, 0.0, 1.0, 0.0, 1.0, 0.0];
        let set = SetTable { candidates: vec![7, 3, 5], width: 1, rows: vec![0.0; 3], together };
        let found = [(7, 3), (3, 7), (5, 3), (7, 7), (7, 5), (7, 4)].map(|(a, b)| set.together(a, b));
        assert_eq!(found.to_vec(), [2.0, 2.0, 1.0, 0.0, 0.0, 0.0], "4 is not among the best");
    }
}
