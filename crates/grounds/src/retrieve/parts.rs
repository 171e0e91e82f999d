//! Text search, part by part: a narrative is several questions, and one blurred average of them finds none.

use std::collections::BTreeMap;

use grounds_core::{FoundBy, Question, UnitKind};
use grounds_store::{TermStatistics, TextHit, TextQuery};

use crate::answer::sentences;
use crate::error::GroundsError;
use crate::retrieve::{Candidate, RetrieveParameters, provision_of};
use crate::view::View;

/// A text of at least this many sentences is searched sentence by sentence too.
const SENTENCE_COUNT_MIN: usize = 3;

/// At most this many sentences are searched by themselves; the first ones tell what a narrative is about.
const SENTENCE_COUNT_MAX: usize = 24;

/// The passages that match the question or one of its sentences, with the statistics of the whole question's words.
///
/// A passage found by a sentence counts as much of the question's best score as it has of that sentence's best score: the greatest of these
/// counts. So each part of a narrative brings its own provisions.
pub(crate) fn search(
    view: &View,
    question: &Question,
    parameters: RetrieveParameters,
) -> Result<(Vec<Candidate>, Vec<TermStatistics>), GroundsError> {
    let whole = search_text(view, question, &question.text, parameters)?;
    let best = whole.0.first().map_or(0.0, |hit| hit.score);
    let mut candidates: BTreeMap<(String, u32), Candidate> = BTreeMap::new();
    take(view, whole.0, 1.0, parameters, &mut candidates)?;
    let parts = sentences(&question.text);
    if parts.len() >= SENTENCE_COUNT_MIN {
        for part in parts.into_iter().take(SENTENCE_COUNT_MAX) {
            let text = part.of(&question.text).unwrap_or_default();
            let (hits, _) = search_text(view, question, text, parameters)?;
            let scale = hits.first().map_or(0.0, |hit| best / hit.score);
            take(view, hits, scale, parameters, &mut candidates)?;
        }
    }
    Ok((candidates.into_values().collect(), whole.1))
}

fn search_text(
    view: &View,
    question: &Question,
    text: &str,
    parameters: RetrieveParameters,
) -> Result<(Vec<TextHit>, Vec<TermStatistics>), GroundsError> {
    let query = TextQuery {
        text: text.to_owned(),
        language: None,
        kinds: question.kinds.clone(),
        documents: question.documents.clone(),
        passage_count_max: parameters.candidate_count.max(question.hit_count_max * 4),
    };
    let result = view.reader().search(&query, question.at.as_of)?;
    Ok((result.hits, result.terms))
}

/// Adds hits as candidates, or raises those already there.
fn take(
    view: &View,
    hits: Vec<TextHit>,
    scale: f64,
    parameters: RetrieveParameters,
    candidates: &mut BTreeMap<(String, u32), Candidate>,
) -> Result<(), GroundsError> {
    for (position, hit) in hits.into_iter().enumerate() {
        let passage = hit.passage.row;
        let provision = provision_of(view, &passage.version, &passage.unit)?;
        let explains = [UnitKind::Recital, UnitKind::Preamble, UnitKind::Note, UnitKind::Final]
            .iter()
            .any(|kind| provision.1.0.split('_').next() == Some(kind.prefix()));
        let factor = if explains { parameters.explaining_factor } else { 1.0 };
        let score = hit.score * scale * factor;
        let found_by = FoundBy::Text { score: hit.score, rank: position + 1 };
        let key = (passage.version.0.clone(), passage.ordinal);
        match candidates.get_mut(&key) {
            Some(candidate) if candidate.score >= score => {}
            Some(candidate) => {
                candidate.score = score;
                candidate.found_by = vec![found_by];
                candidate.matched.extend(hit.matched);
            }
            None => {
                let candidate = Candidate { passage, provision, score, found_by: vec![found_by], matched: hit.matched };
                candidates.insert(key, candidate);
            }
        }
    }
    Ok(())
}
