//! Ranks the passages of a collection by a trained model.

use std::sync::{Arc, Mutex, PoisonError};

use crate::candidates::{Components, Division, Scratch};
use crate::collection::{Collection, PassageIndex};
use crate::error::ModelsError;
use crate::features::{FeatureTable, signal_names};
use crate::heads::{Heads, Memory, first_scores, order, plain_order, set_table, table};
use crate::lexical::Scored;
use crate::model::Model;
use crate::question::AskedTerms;
use crate::set_stage::{Known, SetScratch};
use crate::vectors::{column, signal_count, vector_signal_names};

/// Questions over so many passages are worth a second thread.
const DIVIDED_PASSAGE_COUNT_MIN: usize = 32_768;
/// Over so many two threads describe and score the candidates, about 200: more than half of the work there.
const DIVIDED_CANDIDATES_COUNT_MIN: usize = 4_096;

/// A passage that a model ranked.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Ranked {
    /// The passage.
    pub passage: PassageIndex,
    /// The score of its rank: it falls from rank to rank, and compares with those of this question only.
    pub score: f32,
    /// What spoke for it, the ways in which it stood highest first; not what past questions say of passages that answer together, by which places are
    /// filled too.
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

/// What a model makes of a question.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Ranking {
    /// The passages that answer it best, best first, by the model.
    pub best: Vec<Scored>,
    /// Those that share most words with it, best first, by what ranks without labels; at most 1,000.
    pub by_words: Vec<Scored>,
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
    /// Waiting for a thread costs something: what is divided is worth it.
    division: Division,
    /// Room that questions used and left.
    room: Mutex<Vec<(Scratch, SetScratch)>>,
}

impl Ranker {
    /// Binds a model to a collection; the model is not needed afterwards. Cost: some milliseconds, with embeddings a pass over
    /// all bodies and 384 bytes a passage; each thread that asks at once keeps about 45 bytes a passage.
    ///
    /// # Errors
    /// [`ModelsError::OtherVectors`]: the model hears an embedding model, and the passages do not come with its vectors (the caller's collection).
    pub fn new(collection: Arc<Collection>, model: &Model) -> Result<Self, ModelsError> {
        let ours = collection.vectors.as_ref().map(|embedded| embedded.model.as_str());
        if let Some(theirs) = model.embedding_model().filter(|theirs| ours != Some(theirs)) {
            let ours = ours.unwrap_or("none").to_owned();
            return Err(ModelsError::OtherVectors { theirs: theirs.to_owned(), ours });
        }
        let (components, heads) = (model.components(&collection), model.heads.clone());
        let processor_count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let division = match collection.passage_count() {
            _ if processor_count == 1 => Division::Nothing,
            DIVIDED_PASSAGE_COUNT_MIN.. => Division::Everything,
            DIVIDED_CANDIDATES_COUNT_MIN.. => Division::Candidates,
            _ => Division::Nothing,
        };
        Ok(Self { collection, heads, components, division, room: Mutex::new(Vec::new()) })
    }

    /// Returns the `k` passages that answer `question` best, best first, with what spoke for each; at most those that some way of
    /// finding finds.
    ///
    /// `question` is analysed as the passages were; `vector` is its vector by the embedding model that the model hears, empty where it hears none.
    pub fn rank<S: AsRef<str>>(&self, question: &[S], vector: &[f32], k: usize, memory: Memory) -> Vec<Ranked> {
        self.with_order(question, vector, memory, |table, order, _| {
            let ranked = |(at, score): &(usize, f32)| Ranked {
                passage: table.passages[*at],
                score: *score,
                contributions: contributions(table, *at),
            };
            order.iter().take(k).map(ranked).collect()
        })
    }

    /// The passages of [`Ranker::rank`], at most `k`, without what spoke for them, and those that share most words with the question,
    /// which the ranking looks at anyway, at most `by_words_max`. Scores of either are comparable only within it.
    pub fn ranking<S: AsRef<str>>(
        &self,
        question: &[S],
        vector: &[f32],
        k: usize,
        by_words_max: usize,
        memory: Memory,
    ) -> Ranking {
        self.with_order(question, vector, memory, |table, order, by_words| Ranking {
            best: order
                .iter()
                .take(k)
                .map(|(at, score)| Scored { passage: table.passages[*at], score: *score })
                .collect(),
            by_words: by_words.iter().take(by_words_max).copied().collect(),
        })
    }

    /// Hands the candidates of a question, their order and what words find to `take`.
    fn with_order<S: AsRef<str>, T>(
        &self,
        question: &[S],
        vector: &[f32],
        memory: Memory,
        take: impl FnOnce(&FeatureTable, &[(usize, f32)], &[Scored]) -> T,
    ) -> T {
        let collection: &Collection = &self.collection;
        let asked = AskedTerms::new(collection, question).with_vector(vector);
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        room.0.division = self.division;
        let table = table(collection, &self.components, &asked, memory, &mut room.0);
        let heads = &self.heads;
        let order = match memory {
            Memory::Off => plain_order(&table, &heads.plain),
            Memory::On => {
                let cosines = &room.0.recollection.cosines;
                let known = Known { memory: &self.components.memory, cosines, places: &self.components.places };
                let first = first_scores(&table, &heads.plain, &heads.remembering, self.division != Division::Nothing);
                let set = set_table(collection, &known, &asked, &table, &first, &mut room.1);
                order(&table, &set, &first, &heads.set)
            }
        };
        let taken = take(&table, &order, &room.0.by_words);
        self.room.lock().unwrap_or_else(PoisonError::into_inner).push(room);
        taken
    }
}

/// The signals that say something for a candidate.
fn contributions(table: &FeatureTable, at: usize) -> Vec<Contribution> {
    let row = table.row(at);
    let names = signal_names().iter().chain(vector_signal_names());
    let signals = names.zip(0..signal_count(table.hears_vectors())).map(|(name, signal)| (name, column(signal)));
    let mut contributions: Vec<Contribution> = signals
        .filter(|(_, column)| row[*column] > 0.0)
        .map(|(name, column)| Contribution {
            signal: name,
            value: row[column],
            rank: row[column + 2].exp().round() as usize,
        })
        .collect();
    contributions.sort_by_key(|one| one.rank);
    contributions
}
