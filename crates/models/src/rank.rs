//! Ranks the passages of a collection by a trained model.

use std::sync::{Arc, Mutex, PoisonError};

use crate::candidates::{Components, Scratch};
use crate::collection::{Collection, PassageIndex};
use crate::features::{FeatureTable, signal_names};
use crate::heads::{Heads, Memory, first_scores, order, plain_order, set_table, table};
use crate::model::Model;
use crate::question::AskedTerms;
use crate::set_stage::{Known, SetScratch};

/// A passage that a model ranked.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Ranked {
    /// The passage.
    pub passage: PassageIndex,
    /// Its score, higher is better, for this question only.
    pub score: f32,
    /// What spoke for it, the ways in which it stood highest first.
    pub contributions: Vec<Contribution>,
}

/// One way to see a passage beside a question.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Contribution {
    /// Which way, for people.
    pub signal: &'static str,
    /// What it says; comparable with the same signal of other passages of the answer.
    pub value: f32,
    /// How many candidates stand higher in it, and one; equal ones share a rank.
    pub rank: usize,
}

/// A model that is ready to rank the passages of one collection.
///
/// Bound once, it may be asked from any number of threads. Terms and passages that the model knows and the collection does not
/// have are left out, so that nothing is ranked, counted or remembered that is not in the collection.
#[derive(Debug)]
pub struct Ranker {
    collection: Arc<Collection>,
    heads: Heads,
    components: Components,
    /// Room that questions used and left.
    room: Mutex<Vec<(Scratch, SetScratch)>>,
}

impl Ranker {
    /// Binds a model to a collection; the model is not needed afterwards. Cost: some milliseconds, with embeddings a pass over
    /// all bodies; each thread that asks at once keeps about 40 bytes a passage.
    pub fn new(collection: Arc<Collection>, model: &Model) -> Self {
        let (components, heads) = (model.components(&collection), model.heads.clone());
        Self { collection, heads, components, room: Mutex::new(Vec::new()) }
    }

    /// Returns the `k` passages that answer `question` best, best first; at most those that some way of finding finds.
    ///
    /// `question` is analysed as the passages were.
    pub fn rank<S: AsRef<str>>(&self, question: &[S], k: usize, memory: Memory) -> Vec<Ranked> {
        let collection: &Collection = &self.collection;
        let asked = AskedTerms::new(collection, question);
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let table = table(collection, &self.components, &asked, memory, &mut room.0);
        let heads = &self.heads;
        let mut order = match memory {
            Memory::Off => plain_order(&table, &heads.plain),
            Memory::On => {
                let cosines = &room.0.recollection.cosines;
                let known = Known { memory: &self.components.memory, cosines, places: &self.components.places };
                let first = first_scores(&table, &heads.plain, &heads.remembering);
                let set = set_table(collection, &known, &asked, &table, &first, &mut room.1);
                order(&table, &set, &first, &heads.set)
            }
        };
        order.truncate(k);
        self.room.lock().unwrap_or_else(PoisonError::into_inner).push(room);
        let ranked = |(at, score): (usize, f32)| Ranked {
            passage: table.passages[at],
            score,
            contributions: contributions(&table, at),
        };
        order.into_iter().map(ranked).collect()
    }
}

/// The signals that say something for a candidate.
fn contributions(table: &FeatureTable, at: usize) -> Vec<Contribution> {
    let row = table.row(at);
    let signals = signal_names().iter().enumerate().filter(|(signal, _)| row[3 * signal] > 0.0);
    let mut contributions: Vec<Contribution> = signals
        .map(|(signal, name)| Contribution {
            signal: name,
            value: row[3 * signal],
            rank: row[3 * signal + 2].exp().round() as usize,
        })
        .collect();
    contributions.sort_by_key(|one| one.rank);
    contributions
}
