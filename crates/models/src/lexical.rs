//! Ranking without labels: BM25F over the fields of a passage, and BM25 over neighbouring terms.

use crate::collection::{Collection, Impact, PassageIndex, TermId};
use crate::question::AskedTerms;

/// The constants of ranking without labels.
///
/// The weighted frequency of a term in a passage is the sum over fields of `weight * tf / (1 - b + b * length / average)`, and
/// its score is `idf * frequency * (k1 + 1) / (k1 + frequency)` with `idf = ln(1 + (N - df + 0.5) / (df + 0.5))`, `df` being
/// the bodies with the term. Pairs of neighbouring terms of bodies are scored alike, as one field of their own, and count
/// `pair_weight`. Source: Robertson and Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond*, 2009, sections 3.4
/// and 3.6.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct LexicalSettings {
    /// How fast repetition stops to count.
    pub k1: f32,
    /// How much the length of the body counts, 0 to 1.
    pub body_b: f32,
    /// How much the lengths of the other fields count, 0 to 1.
    pub other_b: f32,
    /// Weight of the passage's own terms.
    pub body_weight: f32,
    /// Weight of the headings and of the beginnings of the passages above.
    pub headings_weight: f32,
    /// Weight of the document's title.
    pub title_weight: f32,
    /// Weight of the citation.
    pub pinpoint_weight: f32,
    /// Weight of the passage before, and of the one after.
    pub neighbour_weight: f32,
    /// Weight of the last heading before the passage.
    pub last_heading_weight: f32,
    /// Weight of pairs of neighbouring terms.
    pub pair_weight: f32,
    /// How many terms of a neighbour count.
    pub neighbour_terms_max: usize,
    /// How many passages above a passage lend it their beginnings.
    pub ancestor_count_max: usize,
    /// How many terms such a beginning has.
    pub ancestor_terms_max: usize,
    /// A passage with at most so many terms is a heading of what follows it.
    pub heading_terms_max: usize,
}

impl LexicalSettings {
    /// The values in use, chosen by cross-validation; docs/models.md has the measurements.
    pub const STANDARD: LexicalSettings = LexicalSettings {
        k1: 1.2,
        body_b: 0.75,
        other_b: 0.6,
        body_weight: 1.0,
        headings_weight: 0.2,
        title_weight: 0.5,
        pinpoint_weight: 0.1,
        neighbour_weight: 0.1,
        last_heading_weight: 0.1,
        pair_weight: 0.25,
        neighbour_terms_max: 200,
        ancestor_count_max: 6,
        ancestor_terms_max: 15,
        heading_terms_max: 8,
    };
}

impl Default for LexicalSettings {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// A passage with its score, higher is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// The passage.
    pub passage: PassageIndex,
    /// Its score, for this question only.
    pub score: f32,
}

/// Sums of scores for every passage, kept between questions so that nothing is allocated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    scores: Vec<f32>,
    touched: Vec<PassageIndex>,
}

impl Sums {
    /// Begins a question over `passage_count` passages.
    pub(crate) fn clear(&mut self, passage_count: usize) {
        if self.scores.len() == passage_count {
            for passage in &self.touched {
                self.scores[*passage as usize] = 0.0;
            }
        } else {
            self.scores = vec![0.0; passage_count];
        }
        self.touched.clear();
    }

    /// Adds `weight` times each impact; all are above 0.
    pub(crate) fn add(&mut self, impacts: &[Impact], weight: f32) {
        for impact in impacts {
            self.add_one(impact.passage, impact.score * weight);
        }
    }

    /// Adds a score above 0.
    pub(crate) fn add_one(&mut self, passage: PassageIndex, score: f32) {
        let sum = &mut self.scores[passage as usize];
        if *sum == 0.0 {
            self.touched.push(passage);
        }
        *sum += score;
    }

    /// The sum of a passage.
    pub(crate) fn of(&self, passage: PassageIndex) -> f32 {
        self.scores[passage as usize]
    }

    /// The passages that have a sum, in no order that means anything but the same each time.
    pub(crate) fn touched(&self) -> &[PassageIndex] {
        &self.touched
    }

    /// The `k` best passages, best first; equal ones in order.
    pub(crate) fn best(&self, k: usize) -> Vec<Scored> {
        best_of(self.touched.iter().map(|passage| Scored { passage: *passage, score: self.of(*passage) }), k)
    }
}

/// The `k` best, best first; of equal ones the earlier passage.
pub(crate) fn best_of(scored: impl Iterator<Item = Scored>, k: usize) -> Vec<Scored> {
    let order = |a: &Scored, b: &Scored| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage));
    let mut kept: Vec<Scored> = Vec::with_capacity(4 * k + 1);
    let mut least = f32::NEG_INFINITY;
    for item in scored {
        if item.score < least || k == 0 {
            continue;
        }
        kept.push(item);
        if kept.len() > 4 * k {
            kept.select_nth_unstable_by(k - 1, order);
            kept.truncate(k);
            least = kept[k - 1].score;
        }
    }
    kept.sort_unstable_by(order);
    kept.truncate(k);
    kept
}

/// Adds up BM25F of a question's terms.
pub(crate) fn add_terms(collection: &Collection, terms: &[TermId], sums: &mut Sums) {
    for term in terms {
        sums.add(collection.impacts.of(*term as usize), 1.0);
    }
}

/// Adds up BM25 of a question's pairs, unweighted.
pub(crate) fn add_pairs(collection: &Collection, asked: &AskedTerms, sums: &mut Sums) {
    for pair in &asked.pairs {
        sums.add(collection.pair_impacts(*pair), 1.0);
    }
}

impl Collection {
    /// Returns the `k` passages that share most with `question`, best first, without any label.
    ///
    /// Terms count once however often the question repeats them; terms that no passage has count nothing. Passages that share
    /// no term are not returned. Cost: the passages of each term, once.
    pub fn search<S: AsRef<str>>(&self, question: &[S], k: usize) -> Vec<Scored> {
        let asked = AskedTerms::new(self, question);
        let mut sums = Sums::default();
        sums.clear(self.passage_count());
        add_terms(self, &asked.unique, &mut sums);
        for pair in &asked.pairs {
            sums.add(self.pair_impacts(*pair), self.settings.pair_weight);
        }
        sums.best(k)
    }
}
