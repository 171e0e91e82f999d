//! How good what is learned is on questions that did not teach it, and the model that is kept.

use crate::collection::PassageIndex;
use crate::error::ModelsError;
use crate::heads::{Heads, Memory, order, plain_order};
use crate::lexical::LexicalSums;
use crate::metrics::Outcome;
use crate::model::Model;
use crate::report::{Judged, TrainingReport};
use crate::train::{Progress, Trained};
use crate::training::Training;

impl Training<'_> {
    /// Judges what was learned, and makes the model.
    pub(crate) fn finish(mut self, progress: &mut dyn Progress) -> Result<Trained, ModelsError> {
        let judged = |outcomes: Vec<Outcome>| Judged { outcomes, is_unseen: &self.is_unseen };
        let report = TrainingReport::new(
            &judged(self.zero_labels()),
            &judged(self.outcomes(Memory::On)),
            &judged(self.outcomes(Memory::Off)),
        );
        // Every job was done before.
        let heads = self.heads().ok_or(ModelsError::ForeignState)?;
        let model = Model::new(self.collection, &self.components(self.all()), heads);
        self.tell(1, "done", progress)?;
        Ok(Trained { model, report })
    }

    /// The rankers that all questions taught.
    fn heads(&self) -> Option<Heads> {
        Some(Heads {
            plain: self.first_stage(Memory::Off, self.all())?.clone(),
            remembering: self.first_stage(Memory::On, self.all())?.clone(),
            set: self.set_stage(self.all())?.clone(),
        })
    }

    /// How well each question is answered by what other folds teach.
    fn outcomes(&self, memory: Memory) -> Vec<Outcome> {
        let outcome = |at: usize| {
            let part = self.judging(at);
            let table = &self.tables[at];
            let order = match memory {
                Memory::On => order(table, &self.sets[at], &self.firsts[at], self.set_stage(part)?),
                Memory::Off => plain_order(table, self.first_stage(Memory::Off, part)?),
            };
            let ranking: Vec<PassageIndex> = order.into_iter().map(|(at, _)| table.passages[at]).collect();
            Some(Outcome::of(&ranking, &self.questions[at].gold))
        };
        (0..self.questions.len()).filter_map(outcome).collect()
    }

    fn zero_labels(&self) -> Vec<Outcome> {
        let mut sums = LexicalSums::default();
        let outcome = |at: usize| {
            let best = sums.ask(self.collection, &self.asked[at]);
            Outcome::of(&best.iter().map(|one| one.passage).collect::<Vec<_>>(), &self.questions[at].gold)
        };
        (0..self.questions.len()).map(outcome).collect()
    }
}
