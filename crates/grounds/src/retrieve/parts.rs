//! Text search, part by part: a narrative is several questions, and one blurred average of them finds none.

use std::collections::BTreeMap;

use grounds_core::{FoundBy, PassageRow, Question};
use grounds_store::{TermStatistics, TextHit, TextQuery, TextResult};

use crate::answer::sentences;
use crate::error::GroundsError;
use crate::retrieve::learned::RankedAlone;
use crate::retrieve::{Candidate, LearnedRanking, RetrieveParameters, explains, provision_of};
use crate::view::View;

/// A text of at least this many sentences is searched sentence by sentence too.
const SENTENCE_COUNT_MIN: usize = 3;

/// At most this many sentences are searched by themselves; the first ones tell what a narrative is about.
const SENTENCE_COUNT_MAX: usize = 24;

/// A passage that the question, or a part of it, leads to.
pub(crate) struct Found {
    pub(crate) passage: PassageRow,
    /// Above 0.
    pub(crate) score: f64,
    /// Words of the question it contains.
    pub(crate) matched: Vec<String>,
    /// At least one way.
    pub(crate) found_by: Vec<FoundBy>,
}

/// What a question leads to.
pub(crate) struct Searched {
    pub(crate) candidates: Vec<Candidate>,
    /// Of the whole question's words.
    pub(crate) terms: Vec<TermStatistics>,
    /// The question's words that passages have which words found, and which are too far down for a model that ranks.
    pub(crate) passed_over: Vec<Vec<String>>,
}

/// The passages that match the question or one of its `parts`, with the statistics of the whole question's words.
///
/// A passage found by a sentence counts as much of the question's best score as it has of the best score of any sentence: the greatest of these
/// counts. So each part of a narrative brings its own provisions, and one that says little brings little. What the whole question finds is ranked by the
/// trained model where there is one, else by words, and by vectors where the view has some.
pub(crate) fn search(
    view: &View,
    question: &Question,
    parts: &[&str],
    parameters: RetrieveParameters,
    learned: Option<&LearnedRanking>,
) -> Result<Searched, GroundsError> {
    let mut candidates: BTreeMap<(String, u32), Candidate> = BTreeMap::new();
    if let Some(learned) = learned.filter(|learned| learned.knows_all(question)) {
        let RankedAlone { found, passed_over, terms } = learned.ranked_alone(question, parameters)?;
        take(view, found, 1.0, parameters, &mut candidates)?;
        return Ok(Searched { candidates: candidates.into_values().collect(), terms, passed_over });
    }
    let queries: Vec<TextQuery> = std::iter::once(question.text.as_str())
        .chain(parts.iter().copied())
        .map(|text| TextQuery {
            text: text.to_owned(),
            language: None,
            kinds: question.kinds.clone(),
            documents: question.documents.clone(),
            passage_count_max: parameters.candidate_count.max(question.hit_count_max.saturating_mul(4)),
        })
        .collect();
    let mut results = view.reader().search_each(&queries, question.at.as_of)?.into_iter();
    let TextResult { hits, terms, .. } = results.next().expect("each query has a result");
    let (whole, passed_over) = match learned {
        Some(learned) => learned.ranked(view, question, found(hits), parameters)?,
        None => match view.nearness(question.at.as_of)? {
            Some(nearness) => (nearness.blended(view, question, found(hits), parameters)?, Vec::new()),
            None => (found(hits), Vec::new()),
        },
    };
    let best = whole.first().map_or(0.0, |hit| hit.score);
    take(view, whole, 1.0, parameters, &mut candidates)?;
    let of_parts: Vec<TextResult> = results.collect();
    let most = of_parts.iter().filter_map(|part| part.hits.first()).map(|hit| hit.score).fold(0.0, f64::max);
    let scale = if most > 0.0 { best / most } else { 0.0 };
    for TextResult { hits, .. } in of_parts {
        take(view, found(hits), scale, parameters, &mut candidates)?;
    }
    Ok(Searched { candidates: candidates.into_values().collect(), terms, passed_over })
}

/// The sentences of a narrative that are searched by themselves; none of a shorter question.
pub(crate) fn of_narrative(text: &str) -> Vec<&str> {
    let sentences = sentences(text);
    if sentences.len() < SENTENCE_COUNT_MIN {
        return Vec::new();
    }
    sentences.into_iter().take(SENTENCE_COUNT_MAX).filter_map(|sentence| sentence.of(text)).collect()
}

fn found(hits: Vec<TextHit>) -> Vec<Found> {
    let found = hits.into_iter().enumerate().map(|(position, hit)| Found {
        passage: hit.passage.row,
        score: hit.score,
        matched: hit.matched,
        found_by: vec![FoundBy::Text { score: hit.score, rank: position + 1 }],
    });
    found.collect()
}

/// Adds hits as candidates, or raises those already there.
fn take(
    view: &View,
    hits: Vec<Found>,
    scale: f64,
    parameters: RetrieveParameters,
    candidates: &mut BTreeMap<(String, u32), Candidate>,
) -> Result<(), GroundsError> {
    for hit in hits {
        let Found { passage, found_by, .. } = hit;
        let provision = provision_of(view, &passage.version, &passage.unit)?;
        let factor = if explains(&provision.1) { parameters.explaining_factor } else { 1.0 };
        let score = hit.score * scale * factor;
        let key = (passage.version.0.clone(), passage.ordinal);
        match candidates.get_mut(&key) {
            Some(candidate) if candidate.score >= score => {}
            Some(candidate) => {
                candidate.score = score;
                candidate.found_by = found_by;
                candidate.matched.extend(hit.matched);
            }
            None => {
                let candidate = Candidate { passage, provision, score, found_by, matched: hit.matched };
                candidates.insert(key, candidate);
            }
        }
    }
    Ok(())
}
