//! Why hits rank where they do: what their scores are made of, and which parts of the question each covers.

use grounds_core::{Evidence, Hit, VersionId};
use grounds_store::{ScoreParts, TextQuery};

use crate::answer::sentences;
use crate::error::GroundsError;
use crate::retrieve::abbreviations;
use crate::view::View;

/// Why one hit ranks where it does.
#[derive(Clone, Debug, PartialEq)]
pub struct HitExplanation {
    /// What its score by words is made of. It enters the hit's own score scaled, where a sentence of the question found it, where it explains
    /// instead of binding, or where its provision has better hits.
    pub parts: ScoreParts,
    /// The words of the question that it has in its text, headings, citation or title, as the question has them.
    pub covered: Vec<String>,
    /// Those it does not have.
    pub missing: Vec<String>,
    /// Of a question of several sentences those that share a word or pair with it, as they stand in the question.
    pub sentences: Vec<String>,
}

/// Explains each hit of `evidence`, in its order.
///
/// Cost: one more search for the question and for each of its sentences.
///
/// # Errors
/// Those of the store.
pub fn explain(view: &View, evidence: &Evidence) -> Result<Vec<HitExplanation>, GroundsError> {
    let as_of = evidence.question.at.as_of;
    let question = abbreviations::replaced(&evidence.question.text, &evidence.written_out);
    let mut places = Vec::with_capacity(evidence.hits.len());
    for hit in &evidence.hits {
        places.push(place(view, hit)?);
    }
    let parts = |text: &str| view.reader().explain(&TextQuery::of_words(text), as_of, &places);
    let words: Vec<String> = view
        .reader()
        .search(&TextQuery::of_words(&question), as_of)?
        .terms
        .into_iter()
        .map(|term| term.surface)
        .collect();
    let mut explanations: Vec<HitExplanation> = parts(&question)?
        .into_iter()
        .map(|parts| {
            let parts = parts.unwrap_or_default();
            let has = |word: &&String| {
                let own = parts.terms.iter().filter(|term| term.is_word && term.score() > term.neighbours);
                own.into_iter().any(|term| term.surface == **word)
            };
            let (covered, missing) =
                (words.iter().filter(has).cloned(), words.iter().filter(|word| !has(word)).cloned());
            let (covered, missing) = (covered.collect(), missing.collect());
            HitExplanation { parts, covered, missing, sentences: Vec::new() }
        })
        .collect();
    let spans = sentences(&question);
    if spans.len() > 1 {
        for sentence in spans.iter().filter_map(|span| span.of(&question)) {
            for (explanation, parts) in explanations.iter_mut().zip(parts(sentence)?) {
                if parts
                    .is_some_and(|parts| parts.terms.iter().any(|term| term.is_word && term.score() > term.neighbours))
                {
                    explanation.sentences.push(sentence.to_owned());
                }
            }
        }
    }
    Ok(explanations)
}

/// The version and ordinal of a hit's passage.
fn place(view: &View, hit: &Hit) -> Result<(VersionId, u32), GroundsError> {
    let passages = view.reader().passages(&hit.version)?;
    let own = passages.iter().find(|stored| stored.row.span.start == hit.start && stored.row.span.end == hit.end);
    Ok((hit.version.clone(), own.map_or(u32::MAX, |stored| stored.row.ordinal)))
}
