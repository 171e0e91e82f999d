//! What a training says about its model.

use crate::metrics::{Estimate, Figures, Outcome};

/// Figures on questions that the model was not trained on.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct HeldOut {
    /// On all of them.
    pub all: Figures,
    /// On those none of whose gold passages was gold of a question that the model was trained on.
    pub unseen: Figures,
}

/// How a model compares with ranking without labels, on the same held-out questions.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrainingReport {
    /// Ranking without labels.
    pub zero_labels: HeldOut,
    /// The model.
    pub with_memory: HeldOut,
    /// The model, its memory of past questions switched off.
    pub without_memory: HeldOut,
    /// How much higher the model's average precision is than without labels, question by question.
    pub gain: Estimate,
    /// The same on unseen questions.
    pub gain_unseen: Estimate,
    /// The same on unseen questions with memory switched off.
    pub gain_unseen_without_memory: Estimate,
}

/// Outcomes of questions, and which of these are unseen.
pub(crate) struct Judged<'q> {
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) is_unseen: &'q [bool],
}

impl Judged<'_> {
    fn unseen(&self) -> Vec<Outcome> {
        self.outcomes.iter().zip(self.is_unseen).filter(|(_, is_unseen)| **is_unseen).map(|(one, _)| *one).collect()
    }

    fn held_out(&self) -> HeldOut {
        HeldOut { all: Figures::of(&self.outcomes), unseen: Figures::of(&self.unseen()) }
    }
}

/// The gain in average precision, by question.
fn gain(before: &[Outcome], after: &[Outcome]) -> Estimate {
    let gains = before.iter().zip(after).map(|(before, after)| after.average_precision - before.average_precision);
    Estimate::of(&gains.collect::<Vec<f64>>())
}

impl TrainingReport {
    pub(crate) fn new(zero_labels: &Judged<'_>, with_memory: &Judged<'_>, without_memory: &Judged<'_>) -> Self {
        Self {
            zero_labels: zero_labels.held_out(),
            with_memory: with_memory.held_out(),
            without_memory: without_memory.held_out(),
            gain: gain(&zero_labels.outcomes, &with_memory.outcomes),
            gain_unseen: gain(&zero_labels.unseen(), &with_memory.unseen()),
            gain_unseen_without_memory: gain(&zero_labels.unseen(), &without_memory.unseen()),
        }
    }

    /// Whether the model is worth using: surely better than no labels on all held-out questions, and not worse on unseen ones
    /// with memory on or off.
    pub fn is_better(&self) -> bool {
        let unseen = self.gain_unseen.mean.max(self.gain_unseen_without_memory.mean);
        self.gain.low > 0.0 && (self.zero_labels.unseen.question_count == 0 || unseen >= 0.0)
    }

    /// Whether memory leaves unseen questions at least as good as without labels, and helps on all.
    pub fn is_memory_safe(&self) -> bool {
        let helps = self.with_memory.all.map.mean >= self.without_memory.all.map.mean;
        helps && (self.zero_labels.unseen.question_count == 0 || self.gain_unseen.mean >= 0.0)
    }
}
