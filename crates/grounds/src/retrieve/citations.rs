//! Provisions that the question itself names.

use std::collections::{HashMap, HashSet};

use grounds_core::{Document, FoundBy, Pinpoint, Question, Unit};
use jiff::civil::Date;

use crate::error::GroundsError;
use crate::retrieve::{Candidate, provision_of};
use crate::unspaced::{is_unspaced, may_begin_name};
use crate::view::{Located, Text, View, folded_name};

/// Names of documents that are written without spaces are looked for as far back as this.
const UNSPACED_NAME_CHARACTER_COUNT_MAX: usize = 60;

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
    let mut known: HashSet<Pinpoint> = HashSet::new();
    let mut otherwise: Option<Option<&str>> = None;
    let pinpoints = Pinpoint::all_in(text);
    let names = if pinpoints.is_empty() { HashMap::new() } else { labels_by_name(view) };
    let word_count_max = names.keys().map(|name| name.split_whitespace().count()).max().unwrap_or(0);
    for Pinpoint { document, steps } in pinpoints {
        let named = document.and_then(|before| named_last(&names, &before, word_count_max));
        let meant = named.or_else(|| *otherwise.get_or_insert_with(|| meant_otherwise(view, text)));
        let Some(document) = meant else { continue };
        let pinpoint = Pinpoint { document: Some(document.to_owned()), steps };
        if known.insert(pinpoint.clone()) {
            let located = view.locate(&pinpoint, as_of)?;
            found.push(CitedInQuestion { pinpoint, located });
        }
    }
    Ok(found)
}

/// The labels of documents by their names in lower case: an id before another document's title, as [`View::document_called`] finds them.
fn labels_by_name(view: &View) -> HashMap<String, &str> {
    let ids = view.documents().iter().map(|document| (document.id.0.as_str(), document.label()));
    let others = view.documents().iter().flat_map(|document| names_of(document).map(|name| (name, document.label())));
    let mut labels = HashMap::new();
    for (name, label) in ids.chain(others) {
        labels.entry(name.to_lowercase()).or_insert(label);
    }
    labels
}

/// The label of the document that the last of the words before a citation name, the longest name first; names have at most `word_count_max` words.
fn named_last<'v>(names: &HashMap<String, &'v str>, before: &str, word_count_max: usize) -> Option<&'v str> {
    // One word more than a name has: it may begin with "the".
    let mut words: Vec<&str> = before.split_whitespace().rev().take(word_count_max + 1).collect();
    words.reverse();
    let spaced = (0..words.len()).find_map(|start| names.get(&folded_name(&words[start..].join(" "))).copied());
    spaced.or_else(|| unspaced_last(names, words.last()?))
}

/// The label of the document that the end of `words` names, the longest name first, where no space says where a name begins.
fn unspaced_last<'v>(names: &HashMap<String, &'v str>, words: &str) -> Option<&'v str> {
    let words = words.trim_end_matches(['的', 'の']).to_lowercase();
    for (open, close) in [('《', '》'), ('「', '」'), ('『', '』')] {
        if let Some(inside) = words.strip_suffix(close) {
            return inside.rfind(open).and_then(|at| names.get(&inside[at + open.len_utf8()..])).copied();
        }
    }
    words.chars().next_back().filter(|last| is_unspaced(*last))?;
    let starts = words.char_indices().map(|(start, _)| start).rev().take(UNSPACED_NAME_CHARACTER_COUNT_MAX);
    // A name has more than one character.
    let starts = starts.skip(1).filter(|start| may_begin_name(&words, *start));
    starts.filter_map(|start| names.get(&words[start..]).copied()).last()
}

/// What a citation means whose words before name no document: one that `text` names anywhere, as in "Article 33 of the GDPR", else the only regulation.
fn meant_otherwise<'v>(view: &'v View, text: &str) -> Option<&'v str> {
    let lower = text.to_lowercase();
    let mentions = |name: &str| !name.is_empty() && contains_word(&lower, &name.to_lowercase());
    let mentioned = view.documents().iter().find(|document| names_of(document).any(mentions));
    mentioned.or_else(|| view.only_regulation()).map(Document::label)
}

/// What people call a document by.
fn names_of(document: &Document) -> impl Iterator<Item = &str> {
    [document.id.0.as_str()]
        .into_iter()
        .chain(document.short_titles.iter().map(String::as_str))
        .chain([document.title.as_str()])
}

/// Whether `word` stands in `text` with no letter or digit at either side, or is written without spaces there.
fn contains_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + word.len()..].chars().next();
        let begins = before.is_none_or(|c| !c.is_alphanumeric())
            || (word.starts_with(is_unspaced) && may_begin_name(text, start));
        begins && (after.is_none_or(|c| !c.is_alphanumeric()) || word.ends_with(is_unspaced))
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
