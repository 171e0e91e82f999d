//! The vectors of questions, each made once while it is asked.

use std::sync::{Arc, Mutex, PoisonError};

use grounds_core::{Embed, EmbedRole};
use grounds_models::Progress;

use crate::error::GroundsError;

/// So many questions are embedded before their number is told.
const BLOCK_QUESTION_COUNT: usize = 64;

/// An embedding model with the last question that it embedded: answering asks several times, with other filters.
#[derive(Debug)]
pub(crate) struct QuestionEmbedder {
    model: Arc<dyn Embed>,
    last: Mutex<Option<(String, Vec<f32>)>>,
}

impl QuestionEmbedder {
    pub(crate) fn new(model: Arc<dyn Embed>) -> Self {
        Self { model, last: Mutex::default() }
    }

    /// The vector of a question.
    pub(crate) fn vector(&self, question: &str) -> Result<Vec<f32>, GroundsError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, vector)) = last.as_ref().filter(|(text, _)| text == question) {
            return Ok(vector.clone());
        }
        let vector = self.model.embed(&[question], EmbedRole::Question)?.pop().unwrap_or_default();
        *last = Some((question.to_owned(), vector.clone()));
        Ok(vector)
    }

    /// The vectors of many questions, in order.
    pub(crate) fn vectors(
        &self,
        questions: &[&str],
        progress: &mut dyn Progress,
    ) -> Result<Vec<Vec<f32>>, GroundsError> {
        let mut vectors = Vec::with_capacity(questions.len());
        for block in questions.chunks(BLOCK_QUESTION_COUNT) {
            progress.step(vectors.len(), questions.len(), "embedding questions");
            if progress.is_stopped() {
                return Err(grounds_models::ModelsError::Stopped.into());
            }
            vectors.extend(self.model.embed(block, EmbedRole::Question)?);
        }
        Ok(vectors)
    }
}
