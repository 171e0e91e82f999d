//! Ranking by a trained model, in place of the score by words.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use grounds_core::{FoundBy, PassageRow, Question};
use grounds_models::{Memory, Model, PassageIndex, Ranker, Ranking};
use grounds_store::{QuestionWord, TermStatistics, question_words};

use crate::error::GroundsError;
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
    ///
    /// # Errors
    /// [`GroundsError::Models`]: the model hears an embedding model, and the passages were not collected with its vectors in use.
    pub fn new(passages: Arc<PassageCollection>, model: &Model, memory: Memory) -> Result<Self, GroundsError> {
        let ranker = Ranker::new(Arc::clone(&passages.collection), model)?;
        Ok(Self { passages, ranker, memory })
    }

    /// Whether a question needs no search by words beside the model's: the model knows every passage that may be found, and reads its words as
    /// search does.
    pub(crate) fn knows_all(&self, question: &Question) -> bool {
        self.passages.is_one_language && question.kinds.is_empty() && question.documents.is_empty()
    }

    /// The passages that the model ranks first, then the best by words that it does not have among them, enough for the question's hits; the words
    /// that the others by words have; and the statistics of the question's words. All passages are looked at as the model knows them.
    pub(crate) fn ranked_alone(
        &self,
        question: &Question,
        parameters: RetrieveParameters,
    ) -> Result<RankedAlone, GroundsError> {
        let collection = &self.passages.collection;
        let words = question_words(&question.text, &self.passages.language);
        let names: Vec<&str> = words.iter().map(|word| word.term.as_str()).collect();
        let count = question.hit_count_max.saturating_mul(LEARNED_FACTOR);
        let terms = self.passages.question_terms(&question.text);
        let by_words_max = parameters.candidate_count.max(count);
        let vector = self.passages.question_vector(&question.text)?;
        let Ranking { best, by_words, .. } = self.ranker.ranking(&terms, &vector, count, by_words_max, self.memory);
        let ranked: HashSet<PassageIndex> = best.iter().map(|one| one.passage).collect();
        let highest = by_words.first().map_or(1.0, |one| f64::from(one.score));
        let others = (1..).zip(&by_words).filter(|(_, one)| !ranked.contains(&one.passage));
        let learned = (1..).zip(&best).map(|(rank, one)| (one.passage, FoundBy::Learned { rank }));
        let by_words = others.map(|(rank, one)| (one.passage, FoundBy::Text { score: f64::from(one.score), rank }));
        let (places, found_by): (Vec<PassageIndex>, Vec<FoundBy>) = learned.chain(by_words).unzip();
        let had = collection.places_had(&names, &places);
        let matched = had.iter().map(|had| had.iter().map(|place| words[*place].surface.clone()).collect());
        let mut matched: Vec<Vec<String>> = matched.collect();
        let counted = question.hit_count_max.saturating_mul(WORDS_FACTOR).saturating_add(best.len());
        let passed_over = matched.split_off(matched.len().min(counted));
        let found = matched.into_iter().zip(places).zip(found_by).enumerate();
        let found = found.map(|(position, ((matched, place), found_by))| Found {
            passage: self.passages.passages[place as usize].clone(),
            score: score_at(highest, position),
            matched,
            found_by: vec![found_by],
        });
        let statistics = |QuestionWord { surface, term, .. }: QuestionWord| {
            let (document_frequency, idf) = collection.rarity(&term);
            TermStatistics { surface, document_frequency: document_frequency as u64, idf }
        };
        Ok(RankedAlone { found: found.collect(), passed_over, terms: words.into_iter().map(statistics).collect() })
    }

    /// The passages that the model ranks first, then the best of those that `by_words` has besides, enough for the question's hits; and the words
    /// that the rest of those have. Scores fall from that of the best by words with the rank, for a model's own mean nothing beside those of
    /// citations and links.
    pub(crate) fn ranked(
        &self,
        view: &View,
        question: &Question,
        by_words: Vec<Found>,
        parameters: RetrieveParameters,
    ) -> Result<(Vec<Found>, Vec<Vec<String>>), GroundsError> {
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
        let vector = self.passages.question_vector(&question.text)?;
        let ranked = self.ranker.ranking(&terms, &vector, count, 0, self.memory).best;
        let passages = ranked.iter().map(|ranked| &self.passages.passages[ranked.passage as usize]);
        let mut all: Vec<Found> = Vec::new();
        for passage in passages.filter(|passage| is_wanted(view, question, passage)) {
            let known = rest.remove(&(passage.version.0.clone(), passage.ordinal));
            all.push(Found {
                passage: passage.clone(),
                score: 0.0,
                matched: known.map(|(_, found)| found.matched).unwrap_or_default(),
                found_by: vec![FoundBy::Learned { rank: all.len() + 1 }],
            });
        }
        let mut rest: Vec<(usize, Found)> = rest.into_values().collect();
        rest.sort_by_key(|(rank, _)| *rank);
        let mut rest = rest.into_iter().map(|(_, found)| found);
        all.extend(rest.by_ref().take(question.hit_count_max.saturating_mul(WORDS_FACTOR)));
        for (position, found) in all.iter_mut().enumerate() {
            found.score = score_at(best, position);
        }
        Ok((all, rest.map(|found| found.matched).collect()))
    }
}

/// What a model finds where it needs no search by words.
pub(crate) struct RankedAlone {
    pub(crate) found: Vec<Found>,
    /// What passages too far down have of the question's words.
    pub(crate) passed_over: Vec<Vec<String>>,
    /// Of the question's words.
    pub(crate) terms: Vec<TermStatistics>,
}

/// The score of a place in the order, from 0.
fn score_at(best: f64, position: usize) -> f64 {
    best / (1.0 + position as f64 / HALF_RANK)
}

/// Whether the question's filters let the passage through.
pub(crate) fn is_wanted(view: &View, question: &Question, passage: &PassageRow) -> bool {
    let kind_fits = question.kinds.is_empty()
        || view.document(&passage.document).is_some_and(|document| question.kinds.contains(&document.kind));
    kind_fits && (question.documents.is_empty() || question.documents.contains(&passage.document))
}
