//! The rankers, one that remembers past questions and one that does not, and how they are heard together.

use crate::candidates::{Candidates, Components, Scratch, candidates};
use crate::collection::Collection;
use crate::completion::complete;
use crate::features::{FeatureTable, describe, memory_of_passage, times_asked};
use crate::parallel::both;
use crate::question::AskedTerms;
use crate::set_stage::{Known, SetScratch, SetTable, describe_set};
use crate::stages::{Blend, standardise};

/// How much the ranker without memory has to say beside the other where the passage that it likes best is new to memory: then the
/// answer probably is new, and what memory likes would only stand before it. Nothing where that passage was asked about before.
const PLAIN_SHARE_NEW: f32 = 0.6;
/// How far behind the last of the best the others stand.
const BEHIND: f32 = 0.5;
/// Whether past questions may tell which passages answer a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Memory {
    /// They may.
    On,
    /// The ranking is as if no question had been asked before.
    Off,
}

/// The rankers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heads {
    /// Of candidates by themselves, without memory.
    pub(crate) plain: Blend,
    /// The same with memory.
    pub(crate) remembering: Blend,
    /// Of the best beside each other, with memory.
    pub(crate) set: Blend,
}

/// Finds and describes a question's candidates.
pub(crate) fn table(
    collection: &Collection,
    components: &Components,
    asked: &AskedTerms,
    memory: Memory,
    scratch: &mut Scratch,
) -> FeatureTable {
    let uses_memory = memory == Memory::On;
    let found: Candidates = candidates(collection, components, asked, uses_memory, scratch);
    describe(collection, components, asked, found, uses_memory, scratch)
}

/// What the rankers of candidates by themselves say about all candidates of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct FirstScores {
    pub(crate) remembering: Vec<f32>,
    pub(crate) plain: Vec<f32>,
}

/// Scores the candidates of a table by both rankers, each with mean 0 and deviation 1; on two threads where `is_divided`.
pub(crate) fn first_scores(table: &FeatureTable, plain: &Blend, remembering: &Blend, is_divided: bool) -> FirstScores {
    let rows = table.rows(true);
    let scores = |ranker: &Blend| {
        let mut scores = ranker.scores(&rows);
        standardise(&mut scores);
        scores
    };
    let (plain, remembering) = both(is_divided, || scores(plain), || scores(remembering));
    FirstScores { remembering, plain }
}

/// Describes the best candidates beside each other.
pub(crate) fn set_table(
    collection: &Collection,
    known: &Known<'_>,
    asked: &AskedTerms,
    table: &FeatureTable,
    first: &FirstScores,
    scratch: &mut SetScratch,
) -> SetTable {
    describe_set(collection, known, asked, table, &first.remembering, &first.plain, scratch)
}

/// The order of a question's candidates with memory, best first: places in the table with scores.
pub(crate) fn order(table: &FeatureTable, set: &SetTable, first: &FirstScores, set_stage: &Blend) -> Vec<(usize, f32)> {
    let mut best = set_stage.scores(&set.rows());
    standardise(&mut best);
    let lowest = best.iter().copied().fold(0.0, f32::min);
    let mut scores = vec![lowest - BEHIND; first.plain.len()];
    for (candidate, score) in set.candidates.iter().zip(best) {
        scores[*candidate] = score;
    }
    let favourite = sorted(&first.plain).first().map_or(0, |one| one.0);
    let is_known = !table.passages.is_empty() && times_asked(table.row(favourite)) > 0.0;
    let share = if is_known { 0.0 } else { PLAIN_SHARE_NEW };
    scores.iter_mut().zip(&first.plain).for_each(|(score, plain)| *score += share * plain);
    let mut order = sorted(&scores);
    complete(
        &mut order,
        |place| memory_of_passage(table.row(place)),
        |place| times_asked(table.row(place)) > 0.0,
        |place, first| set.together(place, first),
    );
    order
}

/// The order of the candidates that are found without memory, by the ranker without memory.
pub(crate) fn plain_order(table: &FeatureTable, plain: &Blend) -> Vec<(usize, f32)> {
    sorted(&plain.scores(&table.rows(false)))
}

/// Places with scores, highest first; of equal ones the first.
fn sorted(scores: &[f32]) -> Vec<(usize, f32)> {
    let mut order: Vec<(usize, f32)> = scores.iter().copied().enumerate().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    order
}
