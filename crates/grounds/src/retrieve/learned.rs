//! Ranking by a trained model, in place of the score by words.

use std::collections::HashMap;
use std::sync::Arc;

use grounds_core::{FoundBy, PassageRow, Question};
use grounds_models::{Memory, Model, Ranker};

use crate::retrieve::parts::Found;
use crate::retrieve::{PassageCollection, RetrieveParameters};
use crate::view::View;

/// The rank at which half of the best score is left. Scores that fell more slowly would let what is cited, which adds half of the best score
/// too, stand before what the model ranks first.
const HALF_RANK: f64 = 10.0;

/// The model ranks so many passages for each hit asked for: some explain instead of binding, and passages of one provision stand back.
const LEARNED_FACTOR: usize = 4;
/// So many passages for each hit are taken behind them that only words found.
const WORDS_FACTOR: usize = 2;

/// A trained model that is ready to rank the passages of one view on one day.
#[derive(Debug)]
pub struct LearnedRanking {
    passages: Arc<PassageCollection>,
    ranker: Ranker,
    memory: Memory,
}

impl LearnedRanking {
    /// Binds `model` to passages, which must be those of the view and the day that are asked. Without memory, past questions do not count.
    ///
    /// Cost: some milliseconds.
    pub fn new(passages: Arc<PassageCollection>, model: &Model, memory: Memory) -> Self {
        let ranker = Ranker::new(Arc::clone(&passages.collection), model);
        Self { passages, ranker, memory }
    }

    /// The passages that the model ranks first, then the best of those that `by_words` has besides, enough for the question's hits; and the rest of
    /// those. Scores fall from that of the best by words with the rank, for a model's own mean nothing beside those of citations and links.
    pub(crate) fn ranked(
        &self,
        view: &View,
        question: &Question,
        by_words: Vec<Found>,
        parameters: RetrieveParameters,
    ) -> (Vec<Found>, Vec<Found>) {
        let best = by_words.first().map_or(1.0, |found| found.score);
        let mut rest: HashMap<(String, u32), (usize, Found)> = HashMap::new();
        for (rank, found) in by_words.into_iter().enumerate() {
            rest.insert((found.passage.version.0.clone(), found.passage.ordinal), (rank, found));
        }
        // A filter may leave few of what the model ranks first.
        let is_filtered = !question.kinds.is_empty() || !question.documents.is_empty();
        let enough = question.hit_count_max.saturating_mul(LEARNED_FACTOR);
        let count = if is_filtered { enough.max(parameters.candidate_count) } else { enough };
        let terms = self.passages.question_terms(&question.text);
        let ranked = self.ranker.rank(&terms, count, self.memory);
        let passages = ranked.iter().map(|ranked| &self.passages.passages[ranked.passage as usize]);
        let mut all: Vec<Found> = Vec::new();
        for passage in passages.filter(|passage| is_wanted(view, question, passage)) {
            let known = rest.remove(&(passage.version.0.clone(), passage.ordinal));
            all.push(Found {
                passage: passage.clone(),
                score: 0.0,
                matched: known.map(|(_, found)| found.matched).unwrap_or_default(),
                found_by: FoundBy::Learned { rank: all.len() + 1 },
            });
        }
        let mut rest: Vec<(usize, Found)> = rest.into_values().collect();
        rest.sort_by_key(|(rank, _)| *rank);
        let mut rest = rest.into_iter().map(|(_, found)| found);
        all.extend(rest.by_ref().take(question.hit_count_max.saturating_mul(WORDS_FACTOR)));
        for (position, found) in all.iter_mut().enumerate() {
            found.score = best / (1.0 + position as f64 / HALF_RANK);
        }
        (all, rest.collect())
    }
}

/// Whether the question's filters let the passage through.
fn is_wanted(view: &View, question: &Question, passage: &PassageRow) -> bool {
    let kind_fits = question.kinds.is_empty()
        || view.document(&passage.document).is_some_and(|document| question.kinds.contains(&document.kind));
    kind_fits && (question.documents.is_empty() || question.documents.contains(&passage.document))
}
