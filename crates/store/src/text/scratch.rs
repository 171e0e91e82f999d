//! Memory that one search after another uses, so that none waits for the system to hand it out.

use std::sync::Mutex;

use crate::store::lock;
use crate::text::bm25f::PerField;
use crate::text::postings::Buffers;

/// So many searches at the same time find some.
const SCRATCH_COUNT_MAX: usize = 4;

/// What one search uses.
#[derive(Default)]
pub(crate) struct Scratch {
    /// A number for each visible passage, all 0; empty where no search has used it.
    pub(crate) values: PerField<Vec<f64>>,
    /// Lists of numbers, each with one for each visible passage.
    scores: Vec<Vec<f64>>,
    /// For two threads.
    pub(crate) buffers: [Buffers; 2],
}

/// More are given back to the system: a text of many sentences is rare.
const SCORES_COUNT_MAX: usize = 8;

impl Scratch {
    /// A 0 for each of `count` passages.
    pub(crate) fn take_scores(&mut self, count: usize) -> Vec<f64> {
        let mut scores = self.scores.pop().unwrap_or_default();
        scores.clear();
        scores.resize(count, 0.0);
        scores
    }

    /// Takes memory that [`Scratch::take_scores`] gave.
    pub(crate) fn give_scores(&mut self, scores: Vec<f64>) {
        if self.scores.len() < SCORES_COUNT_MAX {
            self.scores.push(scores);
        }
    }
}

/// What is in no search's use.
#[derive(Default)]
pub(crate) struct ScratchPool {
    free: Mutex<Vec<Scratch>>,
}

impl ScratchPool {
    /// Some memory, which may be none.
    pub(crate) fn take(&self) -> Scratch {
        lock(&self.free).pop().unwrap_or_default()
    }

    /// Keeps memory for the next search.
    pub(crate) fn give(&self, scratch: Scratch) {
        let mut free = lock(&self.free);
        if free.len() < SCRATCH_COUNT_MAX {
            free.push(scratch);
        }
    }
}
