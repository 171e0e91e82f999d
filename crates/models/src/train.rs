//! Learns from labelled questions, each judged by what was learned from others.

use crate::collection::Collection;
use crate::error::ModelsError;
use crate::model::Model;
use crate::question::{Question, check_gold};
use crate::report::TrainingReport;
use crate::training::Training;

/// Fewer labelled questions teach nothing that could be tested.
pub const QUESTION_COUNT_MIN: usize = 40;

/// How to train.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrainingSettings {
    /// Everything random comes from this number.
    pub seed: u64,
    /// Whether terms get places in a space, which helps a little and doubles the time of a small training.
    pub embeddings: bool,
    /// On how many threads; the model is the same for any number.
    pub threads: usize,
}

impl TrainingSettings {
    /// One seed for everybody, on two threads.
    pub const STANDARD: TrainingSettings = TrainingSettings { seed: 1, embeddings: true, threads: 2 };
}

/// Who is told how far a training is, and may stop it.
pub trait Progress {
    /// `done` of `total` steps are done, and `what` comes next. Steps of one training take about the same time.
    fn step(&mut self, done: usize, total: usize, what: &'static str);

    /// Whether the training shall stop; asked at every step.
    fn is_stopped(&self) -> bool {
        false
    }

    /// What is learned so far, from which [`train`] can go on; handed over at every step that took long.
    fn keep(&mut self, state: &[u8]) {
        let _ = state;
    }
}

/// Nobody is told, and nothing stops.
impl Progress for () {
    fn step(&mut self, _: usize, _: usize, _: &'static str) {}
}

/// A trained model, and how good it is on questions it was not trained on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Trained {
    /// Learned from all questions.
    pub model: Model,
    /// What models learned from four fifths of the questions say about the rest.
    pub report: TrainingReport,
}

/// Learns to rank the passages of `collection` from labelled questions.
///
/// Term weights, translation, places and memory are learned out of fold: the rankers see each question as if it were new, and so
/// do the figures of the report (stacking: Wolpert, *Stacked Generalization*, 1992). The ranker without memory sees each question
/// as if none of its gold passages had ever been asked about, so that it trusts only what carries over to new passages.
/// Questions without gold are left out.
/// `state` is what an earlier training with the same arguments handed to [`Progress::keep`]; the result is the same, to the
/// bit, with and without it, and for any number of threads. Cost: see docs/models.md; memory: about 120 kB a
/// question, and 15 kB for each different term where terms get places.
///
/// # Errors
/// `TooFewQuestions`, `UnknownGold` (the caller's questions), `Stopped`, `ForeignState` (the caller's state), `DamagedModel`
/// (the state's bytes).
pub fn train(
    collection: &Collection,
    questions: &[Question],
    settings: &TrainingSettings,
    state: Option<&[u8]>,
    progress: &mut dyn Progress,
) -> Result<Trained, ModelsError> {
    check_gold(collection, questions)?;
    let questions: Vec<&Question> = questions.iter().filter(|question| !question.gold.is_empty()).collect();
    if questions.len() < QUESTION_COUNT_MIN {
        let question_count_min = QUESTION_COUNT_MIN;
        return Err(ModelsError::TooFewQuestions { question_count: questions.len(), question_count_min });
    }
    let mut training = Training::new(collection, questions, *settings);
    if let Some(state) = state {
        training.resume(state)?;
    }
    training.fit_embeddings(progress)?;
    training.describe(progress)?;
    training.fit_first_stages(progress)?;
    training.describe_sets();
    training.fit_set_stages(progress)?;
    training.finish(progress)
}
