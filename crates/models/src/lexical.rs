//! Ranking without labels: BM25F over the fields of a passage, and BM25 over neighbouring terms.

use crate::collection::{Collection, Impact, PassageIndex, TermId};
use crate::question::AskedTerms;

/// The constants of ranking without labels.
///
/// The weighted frequency of a term in a passage is the sum over fields of `weight * tf / (1 - b + b * length / average)`, and
/// its score is `idf * frequency * (k1 + 1) / (k1 + frequency)` with `idf = ln(1 + (N - df + 0.5) / (df + 0.5))`, `df` being
/// the bodies with the term. Pairs of neighbouring terms of bodies are scored alike, as one field of their own, and count
/// `pair_weight`. To the score of a passage alone comes what its context scores: the best of its document, and the best around
/// it. Source: Robertson and Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond*, 2009, sections 3.4
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
    /// Weight of terms that say little of what is asked about, see [`CollectionBuilder::asked_with`](crate::CollectionBuilder::asked_with).
    pub asking_weight: f32,
    /// Weight of the mean of the best scores in the passage's document.
    pub document_weight: f32,
    /// How many of them count.
    pub document_best_count: usize,
    /// Weight of the best score among the passages around it.
    pub surroundings_weight: f32,
    /// How far these reach to each side, in its document.
    pub surroundings_reach: u32,
    /// The best so many passages are looked at in their context; others are not returned.
    pub context_count: usize,
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
    /// The values in use, chosen by cross-validation (docs/models.md), but for `asking_weight`, which is that of search without labels (docs/retrieval.md).
    pub const STANDARD: LexicalSettings = LexicalSettings {
        k1: 0.6,
        body_b: 0.6,
        other_b: 0.6,
        body_weight: 1.0,
        headings_weight: 0.2,
        title_weight: 0.5,
        pinpoint_weight: 0.1,
        neighbour_weight: 0.1,
        last_heading_weight: 0.1,
        pair_weight: 0.4,
        asking_weight: 0.2,
        document_weight: 0.3,
        document_best_count: 5,
        surroundings_weight: 0.15,
        surroundings_reach: 5,
        context_count: 1000,
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
    /// The passages that have a sum come first, `touched_count` of them.
    touched: Vec<PassageIndex>,
    touched_count: usize,
}

impl Sums {
    /// Begins a question over `passage_count` passages.
    pub(crate) fn clear(&mut self, passage_count: usize) {
        if self.scores.len() == passage_count && self.touched_count > passage_count / 8 {
            self.scores.fill(0.0);
        } else if self.scores.len() == passage_count {
            for passage in &self.touched[..self.touched_count] {
                self.scores[*passage as usize] = 0.0;
            }
        } else {
            self.scores = vec![0.0; passage_count];
            // One more, for what is written there and not counted.
            self.touched = vec![0; passage_count + 1];
        }
        self.touched_count = 0;
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
        // Without a branch: which passages have a sum already cannot be foreseen. What is rounded to 0 leaves none.
        self.touched[self.touched_count] = passage;
        self.touched_count += usize::from((*sum == 0.0) & (score > 0.0));
        *sum += score;
    }

    /// The sum of a passage.
    pub(crate) fn of(&self, passage: PassageIndex) -> f32 {
        self.scores[passage as usize]
    }

    /// The passages that have a sum, in no order that means anything but the same each time.
    pub(crate) fn touched(&self) -> &[PassageIndex] {
        &self.touched[..self.touched_count]
    }

    /// The `k` best passages, best first; equal ones in order.
    pub(crate) fn best(&self, k: usize) -> Vec<Scored> {
        best_of(self.touched().iter().map(|passage| Scored { passage: *passage, score: self.of(*passage) }), k)
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

/// As [`add_terms`], and adds the same weighted by `weights` to `weighted`: the impacts of many common terms are long lists, read once.
fn add_terms_twice(collection: &Collection, terms: &[TermId], weights: &[f32], sums: &mut Sums, weighted: &mut Sums) {
    weighted.clear(collection.passage_count());
    for term in terms {
        let weight = weights[*term as usize];
        for impact in collection.impacts.of(*term as usize) {
            sums.add_one(impact.passage, impact.score);
            weighted.scores[impact.passage as usize] += impact.score * weight;
        }
    }
    // A passage has a sum in both or in none.
    weighted.touched[..sums.touched_count].copy_from_slice(sums.touched());
    weighted.touched_count = sums.touched_count;
}

/// What a question's terms and pairs say about every passage, the terms alone and both together.
#[derive(Clone, Debug, Default)]
pub(crate) struct LexicalSums {
    /// BM25F of the terms.
    pub(crate) terms: Sums,
    /// BM25 of the pairs, unweighted.
    pub(crate) pairs: Sums,
    /// For each document of the best passages, by its first passage, the sum of its best scores and how many they are.
    documents: Vec<(PassageIndex, f32, usize)>,
}

impl LexicalSums {
    /// Scores all passages for a question, and returns the best in their context, best first.
    pub(crate) fn ask(&mut self, collection: &Collection, asked: &AskedTerms) -> Vec<Scored> {
        self.sum_up(collection, asked);
        self.best(collection)
    }

    /// Sums up what each passage scores by itself.
    pub(crate) fn sum_up(&mut self, collection: &Collection, asked: &AskedTerms) {
        self.terms.clear(collection.passage_count());
        add_terms(collection, &asked.unique, &mut self.terms);
        self.sum_up_pairs(collection, asked);
    }

    fn sum_up_pairs(&mut self, collection: &Collection, asked: &AskedTerms) {
        self.pairs.clear(collection.passage_count());
        for pair in &asked.pairs {
            self.pairs.add(collection.pair_impacts(*pair), 1.0);
        }
    }

    /// As [`LexicalSums::ask`]; sums up in `weighted` the same terms, each times its weight, and the pairs.
    pub(crate) fn ask_weighted(
        &mut self,
        collection: &Collection,
        asked: &AskedTerms,
        weights: &[f32],
        weighted: &mut Sums,
    ) -> Vec<Scored> {
        self.terms.clear(collection.passage_count());
        add_terms_twice(collection, &asked.unique, weights, &mut self.terms, weighted);
        self.sum_up_pairs(collection, asked);
        for passage in self.pairs.touched() {
            weighted.scores[*passage as usize] += collection.settings.pair_weight * self.pairs.of(*passage);
        }
        self.best(collection)
    }

    /// The best in their context, where terms and pairs are summed up.
    fn best(&mut self, collection: &Collection) -> Vec<Scored> {
        let settings = &collection.settings;
        let alone = self
            .terms
            .touched()
            .iter()
            .map(|passage| Scored { passage: *passage, score: self.alone(collection, *passage) });
        let mut best = best_of(alone, settings.context_count);
        self.sum_documents(collection, &best);
        for one in &mut best {
            one.score = self.in_context(collection, one.passage);
        }
        best_of(best.into_iter(), settings.context_count)
    }

    /// A passage's score without its context.
    pub(crate) fn alone(&self, collection: &Collection, passage: PassageIndex) -> f32 {
        self.terms.of(passage) + collection.settings.pair_weight * self.pairs.of(passage)
    }

    fn sum_documents(&mut self, collection: &Collection, best: &[Scored]) {
        self.documents.clear();
        let mut order: Vec<(PassageIndex, Scored)> = Vec::with_capacity(best.len());
        order.extend(best.iter().map(|one| (collection.first_of_document(one.passage), *one)));
        order.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.score.total_cmp(&a.1.score)));
        for same in order.chunk_by(|a, b| a.0 == b.0) {
            let counted = &same[..same.len().min(collection.settings.document_best_count)];
            self.documents.push((same[0].0, counted.iter().map(|one| one.1.score).sum(), counted.len()));
        }
    }

    /// A passage's score with what its document and its surroundings say.
    pub(crate) fn in_context(&self, collection: &Collection, passage: PassageIndex) -> f32 {
        let settings = &collection.settings;
        let first = collection.first_of_document(passage);
        let found = self.documents.binary_search_by_key(&first, |one| one.0);
        let document = found.map_or(0.0, |at| self.documents[at].1) / settings.document_best_count.max(1) as f32;
        let around = collection.surroundings(passage, settings.surroundings_reach);
        let around = around.map(|near| self.alone(collection, near)).fold(0.0, f32::max);
        self.alone(collection, passage) + settings.document_weight * document + settings.surroundings_weight * around
    }
}

impl Collection {
    /// Returns the `k` passages that share most with `question`, best first, without any label.
    ///
    /// Terms count once however often the question repeats them; terms that no passage has count nothing. Passages that share
    /// no term are not returned, nor more than [`LexicalSettings::context_count`]. Cost: the passages of each term, once.
    pub fn search<S: AsRef<str>>(&self, question: &[S], k: usize) -> Vec<Scored> {
        let mut best = LexicalSums::default().ask(self, &AskedTerms::new(self, question));
        best.truncate(k);
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::PassageTerms;
    use crate::random::Random;

    #[test]
    fn terms_summed_up_twice_in_one_go_are_summed_up_as_one_after_the_other() {
        let mut random = Random::new(6);
        let names: Vec<String> = (0..30).map(|at| format!("w{at}")).collect();
        let mut builder = Collection::builder(LexicalSettings::STANDARD);
        for document in 0..40 {
            let body: Vec<&str> = (0..9).map(|_| names[random.below(30)].as_str()).collect();
            let body = builder.terms(&body);
            assert!(
                builder.push(&PassageTerms { document: document / 4, body: &body, ..PassageTerms::default() }).is_ok()
            );
        }
        let collection = builder.finish(1);
        let weights: Vec<f32> = (0..collection.term_count()).map(|_| random.normal().abs()).collect();
        let (mut together, mut alone, mut weighted) = (LexicalSums::default(), LexicalSums::default(), Sums::default());
        // Questions of one term touch few passages, those of twelve nearly all.
        for term_count in [1, 12, 1, 2, 12] {
            let question: Vec<&str> = (0..term_count).map(|_| names[random.below(30)].as_str()).collect();
            let asked = AskedTerms::new(&collection, &question);
            let found = together.ask_weighted(&collection, &asked, &weights, &mut weighted);
            assert_eq!(found, alone.ask(&collection, &asked));
            let mut expected = [0.0f32; 40];
            for term in &asked.unique {
                for impact in collection.impacts.of(*term as usize) {
                    expected[impact.passage as usize] += impact.score * weights[*term as usize];
                }
            }
            for passage in together.pairs.touched() {
                expected[*passage as usize] += collection.settings.pair_weight * together.pairs.of(*passage);
            }
            assert_eq!((0..40).map(|passage| weighted.of(passage)).collect::<Vec<_>>(), expected);
            let mut touched = weighted.touched().to_vec();
            touched.sort_unstable();
            assert_eq!(touched, (0..40).filter(|passage| expected[*passage as usize] > 0.0).collect::<Vec<_>>());
        }
    }
}
