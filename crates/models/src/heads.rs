//! The rankers, one that remembers past questions and one that does not.

use crate::candidates::{Candidates, Components, Scratch, candidates};
use crate::collection::Collection;
use crate::features::{FeatureTable, describe};
use crate::question::AskedTerms;
use crate::set_stage::{SetScratch, SetTable, describe_set};
use crate::stages::{FirstStage, standardise};
use crate::trees::Trees;

/// Whether past questions may tell which passages answer a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Memory {
    /// They may.
    On,
    /// The ranking is as if no question had been asked before.
    Off,
}

/// The rankers of both stages.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heads {
    pub(crate) plain: FirstStage,
    pub(crate) remembering: FirstStage,
    pub(crate) plain_set: Trees,
    pub(crate) remembering_set: Trees,
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

/// What the first stage says about candidates: the score by which they are ranked, and the score of the plain ranker.
pub(crate) struct FirstScores {
    pub(crate) scores: Vec<f32>,
    pub(crate) plain: Vec<f32>,
}

/// Scores the candidates of a table; without memory, only those found without it.
pub(crate) fn first_scores(
    table: &FeatureTable,
    plain: &FirstStage,
    remembering: &FirstStage,
    memory: Memory,
) -> FirstScores {
    let rows = table.rows(memory == Memory::On);
    let mut plain = plain.scores(&rows);
    standardise(&mut plain);
    if memory == Memory::Off {
        return FirstScores { scores: plain.clone(), plain };
    }
    let mut scores = remembering.scores(&rows);
    standardise(&mut scores);
    FirstScores { scores, plain }
}

/// Describes the best candidates beside each other.
pub(crate) fn set_table(
    collection: &Collection,
    asked: &AskedTerms,
    table: &FeatureTable,
    first: &FirstScores,
    scratch: &mut SetScratch,
) -> SetTable {
    describe_set(collection, asked, table, &first.scores, &first.plain, scratch)
}

/// The order of a question's candidates, best first: places in the table with scores.
pub(crate) fn order(set: &SetTable, first: &FirstScores, set_stage: &Trees) -> Vec<(usize, f32)> {
    let scores = set_stage.scores(&set.rows());
    let mut order: Vec<(usize, f32)> = set.candidates.iter().copied().zip(scores).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let lowest = order.last().map_or(0.0, |last| last.1);
    // Candidates that the set stage does not see follow in their order.
    let mut rest: Vec<(usize, f32)> = first.scores.iter().copied().enumerate().collect();
    rest.retain(|(at, _)| !set.candidates.contains(at));
    rest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let best = rest.first().map_or(0.0, |first| first.1);
    order.extend(rest.into_iter().map(|(at, score)| (at, lowest + score - best)));
    order
}
