//! Extractive answers: from evidence to a draft of verbatim quotations in reading order.
//!
//! The answer comes first, then what it is subject to (exceptions), what its words mean (definitions), what it refers to, and how it has been
//! read. No sentence is made up: every claim's text is the words of a stored version.

mod scope;
mod sentences;
mod definitions;
mod compose;
mod excerpts;

use grounds_core::{AsOf, DocumentId, Draft, Evidence, Question, SourceKind};
use jiff::civil::Date;

use crate::error::GroundsError;
use crate::retrieve::{cited_in, retrieve};
use crate::view::View;

pub(crate) use excerpts::{excerpts_for, excerpts_of, quote};
pub(crate) use sentences::sentences;

/// What to answer, from what.
#[derive(Clone, Debug)]
pub struct AskRequest {
    /// The question in words.
    pub text: String,
    /// The date whose law applies.
    pub as_of: Date,
    /// Only documents of these kinds; empty means all.
    pub kinds: Vec<SourceKind>,
    /// Only these documents; empty means all.
    pub documents: Vec<DocumentId>,
    /// At most this many hits of evidence.
    pub hit_count_max: usize,
}

/// Answers a question from the texts in force on its date, as a draft for the verifier.
///
/// The draft is a refusal where nothing is stored, the question names nothing or is about something else, or what it asks about is not in force on that
/// date; it then says what would settle it.
///
/// # Errors
/// Those of the store.
pub fn ask(view: &View, request: &AskRequest) -> Result<Draft, GroundsError> {
    let at = AsOf { as_of: request.as_of, known_at: view.known_at() };
    let question = Question {
        text: request.text.clone(),
        at,
        kinds: request.kinds.clone(),
        documents: request.documents.clone(),
        hit_count_max: request.hit_count_max,
    };
    let evidence = retrieve(view, &question)?;
    let cited = cited_in(view, &question.text, at.as_of)?;
    let mut draft = Draft {
        written_out: evidence.written_out.clone(),
        question: request.text.clone(),
        at,
        claims: Vec::new(),
        evidence: Vec::new(),
        questions: Vec::new(),
        refusal: None,
        excerpts: Vec::new(),
        proof: None,
    };
    if let Some((refusal, questions)) = scope::refuse(view, &evidence, &cited)? {
        draft.refusal = Some(refusal);
        draft.questions = questions;
        draft.evidence = evidence.hits;
        return Ok(draft);
    }
    draft.claims = compose::claims(view, &evidence, &cited)?;
    draft.excerpts = excerpts_for(view, &draft.claims)?;
    draft.evidence = evidence.hits;
    Ok(draft)
}

/// The words of the question that carry meaning, as stems.
pub(crate) fn stems(text: &str, language: &str) -> std::collections::BTreeSet<String> {
    grounds_store::analyse(text, language).into_iter().map(|token| token.term).collect()
}

/// The hits that answer, rather than merely touch, the question: those close enough to the best.
pub(crate) fn is_close(evidence: &Evidence, score: f64) -> bool {
    evidence.hits.first().is_some_and(|best| score >= best.score * CLOSE_FACTOR)
}

/// Below this share of the best score a hit is evidence but no answer. Scores lie close together, for what a document and surroundings add is shared.
const CLOSE_FACTOR: f64 = 0.9;
