//! Provisions that the question itself names.

use grounds_core::{FoundBy, Pinpoint, Question, Unit};
use jiff::civil::Date;

use crate::error::GroundsError;
use crate::retrieve::{Candidate, provision_of};
use crate::view::{Located, Text, View};

/// A citation found in a question and where it leads.
#[derive(Clone, Debug)]
pub struct CitedInQuestion {
    /// As normalised: "GDPR art. 33(1)".
    pub pinpoint: Pinpoint,
    /// Where it leads on the question's date.
    pub located: Located,
}

/// The citations in `text` that name a document of the workspace, or that can only mean one: a question about "Article 33" is about the
/// workspace's only regulation.
///
/// # Errors
/// Those of the store.
pub fn cited_in(view: &View, text: &str, as_of: Date) -> Result<Vec<CitedInQuestion>, GroundsError> {
    let mut found: Vec<CitedInQuestion> = Vec::new();
    for pinpoint in pinpoints(text) {
        let document = match named_document(view, &pinpoint, text) {
            Some(name) => name,
            None => match view.only_regulation().map(|document| document.label().to_owned()) {
                Some(name) => name,
                None => continue,
            },
        };
        let pinpoint = Pinpoint { document: Some(document), steps: pinpoint.steps };
        if found.iter().any(|other| other.pinpoint == pinpoint) {
            continue;
        }
        let located = view.locate(&pinpoint, as_of)?;
        found.push(CitedInQuestion { pinpoint, located });
    }
    Ok(found)
}

/// Every stretch of `text` that reads as a citation, longest first at each place; the words before it are kept as its document.
fn pinpoints(text: &str) -> Vec<Pinpoint> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        // The longest prefix that parses wins: "SMC art. 33(1) apply" parses up to "(1)".
        let ends = rest
            .char_indices()
            .map(|(index, c)| index + c.len_utf8())
            .filter(|end| rest[*end..].chars().next().is_none_or(|next| !next.is_alphanumeric()));
        let longest = ends.rev().find_map(|end| Pinpoint::parse(&rest[..end]).ok().map(|pinpoint| (end, pinpoint)));
        let Some((end, pinpoint)) = longest else { break };
        found.push(pinpoint);
        rest = &rest[end..];
    }
    found
}

/// The workspace's document that the words before (or, in "Article 33 of the GDPR", after) a citation name.
fn named_document(view: &View, pinpoint: &Pinpoint, text: &str) -> Option<String> {
    let before = pinpoint.document.as_deref().unwrap_or_default();
    let label_of = |name: &str| view.document_called(name).map(|document| document.label().to_owned());
    let words: Vec<&str> = before.split_whitespace().collect();
    let named_before = (0..words.len()).find_map(|start| label_of(&words[start..].join(" ")));
    named_before.or_else(|| {
        let lower = text.to_lowercase();
        let mentions = |name: &str| !name.is_empty() && contains_word(&lower, &name.to_lowercase());
        let document = view.documents().iter().find(|document| {
            mentions(&document.id.0)
                || document.short_titles.iter().any(|title| mentions(title))
                || mentions(&document.title)
        })?;
        Some(document.label().to_owned())
    })
}

/// Whether `word` stands in `text` with no letter or digit at either side.
fn contains_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + word.len()..].chars().next();
        before.is_none_or(|c| !c.is_alphanumeric()) && after.is_none_or(|c| !c.is_alphanumeric())
    })
}

/// Adds the passages of cited units, above everything found otherwise.
pub(crate) fn add(view: &View, question: &Question, candidates: &mut Vec<Candidate>) -> Result<(), GroundsError> {
    let best = candidates.iter().map(|candidate| candidate.score).fold(1.0, f64::max);
    let cited = cited_in(view, &question.text, question.at.as_of)?;
    let count = cited.len();
    for (position, cited) in cited.into_iter().enumerate() {
        let Located::Found { text, unit } = &cited.located else { continue };
        if !is_wanted(view, question, text) {
            continue;
        }
        // Earlier citations first, each above the best text match.
        #[expect(clippy::cast_precision_loss, reason = "a question has few citations")]
        let score = best * (1.0 + (count - position) as f64);
        let found_by = FoundBy::Pinpoint { cited: cited.pinpoint.to_string() };
        add_passages(view, text, unit, score, &found_by, candidates)?;
    }
    Ok(())
}

/// Whether the question's filters let the document through.
fn is_wanted(view: &View, question: &Question, text: &Text) -> bool {
    let document = &text.version.document;
    let kind_fits = question.kinds.is_empty()
        || view.document(document).is_some_and(|document| question.kinds.contains(&document.kind));
    kind_fits && (question.documents.is_empty() || question.documents.contains(document))
}

/// Gives every passage of `unit` (or the one that contains it) at least `score`.
pub(crate) fn add_passages(
    view: &View,
    text: &Text,
    unit: &Unit,
    score: f64,
    found_by: &FoundBy,
    candidates: &mut Vec<Candidate>,
) -> Result<(), GroundsError> {
    let passages = view.passages(&text.version.id)?;
    let overlaps = |span: grounds_core::Span| span.start < unit.span.end && unit.span.start < span.end;
    for passage in passages.iter().filter(|passage| overlaps(passage.span)) {
        let known = candidates.iter_mut().find(|candidate| {
            candidate.passage.version == passage.version && candidate.passage.ordinal == passage.ordinal
        });
        if let Some(candidate) = known {
            candidate.score = candidate.score.max(score);
            candidate.found_by.push(found_by.clone());
            continue;
        }
        candidates.push(Candidate {
            provision: provision_of(view, &passage.version, &passage.unit)?,
            passage: passage.clone(),
            score,
            found_by: vec![found_by.clone()],
            matched: Vec::new(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_found_in_running_text() {
        let found: Vec<String> =
            pinpoints("Does GDPR art. 33(1) apply, and Article 34 too?").iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 2);
        assert!(found[0].ends_with("GDPR art. 33(1)"), "{found:?}");
        assert!(found[1].ends_with("art. 34"), "{found:?}");
        assert!(pinpoints("how soon must we notify?").is_empty());
    }
}
