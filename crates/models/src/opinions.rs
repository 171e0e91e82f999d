//! What rankers think of the candidates of questions that they did not learn from: the next rankers learn from it beside gold.
//!
//! What nobody labelled may answer as well, and what was labelled may not: a ranker that must also agree with another one is misled less (Furlanello et
//! al., *Born-Again Neural Networks*, 2018).

use crate::heads::standardised_scores;
use crate::parallel::map_blocks;
use crate::stages::standardise;
use crate::term_weights::softmax;
use crate::training::{Fitted, Job, QUESTION_BLOCK, Stage, Training};

/// By this times its scores, a softmax finds a ranker about as sure of gold as it is right (of 1, 1.4, 1.7 and 2, on three sets).
const SHARPNESS: f32 = 1.4;
/// How far below the lowest of the best candidates the others stand.
const OTHERS_BELOW: f32 = 0.5;

impl Training<'_> {
    /// For each question, what the first rankers of single candidates think of all its candidates.
    pub(crate) fn first_opinions(&self) -> Vec<Vec<f32>> {
        self.opinions_of(&|at| match self.fitted(Job { stage: Stage::Opinion, part: self.judging(at) }) {
            Some(Fitted::First(ranker)) => standardised_scores(ranker, &self.tables[at].rows(true)),
            _ => Vec::new(),
        })
    }

    /// For each question, what the first rankers of candidates beside each other think of the best.
    pub(crate) fn set_opinions(&self) -> Vec<Vec<f32>> {
        self.opinions_of(&|at| {
            let Some(Fitted::Set(ranker)) = self.fitted(Job { stage: Stage::SetOpinion, part: self.judging(at) })
            else {
                return Vec::new();
            };
            let mut scores = standardised_scores(ranker, &self.sets[at].rows());
            let best_count = scores.len();
            let lowest = scores.iter().copied().fold(0.0, f32::min);
            // As sure as they are beside all candidates.
            scores.resize(self.tables[at].passages.len().max(best_count), lowest - OTHERS_BELOW);
            standardise(&mut scores);
            scores.truncate(best_count);
            scores
        })
    }

    fn opinions_of(&self, of_question: &(dyn Fn(usize) -> Vec<f32> + Sync)) -> Vec<Vec<f32>> {
        let threads = self.settings.threads;
        let blocks = map_blocks(
            self.questions.len(),
            QUESTION_BLOCK,
            threads,
            || (),
            |(), block| block.map(of_question).collect::<Vec<_>>(),
        );
        blocks.into_iter().flatten().collect()
    }
}

/// The shares of a softmax over scores; none of none.
pub(crate) fn shares(scores: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut shares: Vec<f32> = scores.map(|score| SHARPNESS * score).collect();
    softmax(&mut shares);
    shares
}
