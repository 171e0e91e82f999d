//! Which words of a passage make people ask about it.

use crate::collection::{Collection, PassageIndex, TermId};

/// So many passages are added to those that have a term, and to those expected, so that rare terms say little.
const SMOOTHING: f32 = 3.0;

/// For each term, the logarithm of how much more often passages asked about have it than all passages have: above 0 for terms that
/// make people ask.
///
/// The weight of evidence of a term (Good, *Probability and the Weighing of Evidence*, 1950), smoothed. `gold` are the passages
/// that answered questions, repeated ones counting once.
pub(crate) fn fit(collection: &Collection, gold: impl Iterator<Item = PassageIndex>) -> Vec<f32> {
    let mut gold: Vec<PassageIndex> = gold.collect();
    gold.sort_unstable();
    gold.dedup();
    let mut counts = vec![0.0f32; collection.term_count()];
    let mut terms: Vec<TermId> = Vec::new();
    for passage in &gold {
        terms.clear();
        terms.extend(collection.body(*passage));
        terms.sort_unstable();
        terms.dedup();
        terms.iter().for_each(|term| counts[*term as usize] += 1.0);
    }
    let passage_count = collection.passage_count().max(1) as f32;
    let weight = |(term, count): (usize, &f32)| {
        let share = collection.shares.of(term).len() as f32 / passage_count;
        ((count + SMOOTHING) / (share * gold.len() as f32 + SMOOTHING)).ln()
    };
    counts.iter().enumerate().map(weight).collect()
}

/// The mean weight of terms; 0 without any.
pub(crate) fn mean(weights: &[f32], terms: &[TermId]) -> f32 {
    terms.iter().map(|term| weights[*term as usize]).sum::<f32>() / terms.len().max(1) as f32
}
