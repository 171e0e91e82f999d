//! Many cases, one after another, in the same memory.

use std::sync::Arc;

use grounds_core::Case;

use crate::demand::Memory;
use crate::evaluate::{Evaluation, evaluate_world};
use crate::evaluate_error::EvaluateError;
use crate::plan::Plan;
use crate::world::World;

/// Evaluates cases by one program, which is made ready once, and keeps what it allocates from case to case.
///
/// One thread each; [`Evaluator::batch`] makes as many as there are threads.
///
/// [`Evaluator::batch`]: crate::Evaluator::batch
pub struct Batch<'a> {
    plan: Arc<Plan<'a>>,
    evaluation: Evaluation,
    memory: Memory,
}

impl<'a> Batch<'a> {
    pub(crate) fn new(plan: Arc<Plan<'a>>) -> Self {
        Self { plan, evaluation: Evaluation::default(), memory: Memory::default() }
    }

    /// Evaluates a case as [`evaluate`] does; the result stands until the next case.
    ///
    /// [`evaluate`]: crate::evaluate
    ///
    /// # Errors
    /// [`EvaluateError`]: the case does not fit the program, or an exact result cannot be kept. The next case is evaluated all the same.
    pub fn evaluate(&mut self, case: &Case) -> Result<&Evaluation, EvaluateError> {
        let world = World::of(Arc::clone(&self.plan), case)?;
        let (evaluation, memory) = (std::mem::take(&mut self.evaluation), std::mem::take(&mut self.memory));
        (self.evaluation, self.memory) = evaluate_world(&world, evaluation, memory)?;
        Ok(&self.evaluation)
    }

    /// Evaluates one case and no more.
    pub(crate) fn finish(mut self, case: &Case) -> Result<Evaluation, EvaluateError> {
        self.evaluate(case)?;
        Ok(self.evaluation)
    }
}
