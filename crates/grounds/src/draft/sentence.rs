//! What a sentence asks, when, and unless what.

use std::ops::Range;

use super::figures::{Figure, figures};
use super::grammar::Grammar;
use super::phrase::{find, longest_at, word_starts};

/// What a sentence does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    Obliges,
    Forbids,
    Allows,
    /// Says that something else does not apply.
    Excludes,
    /// Says what is so.
    States,
}

/// A clause, and where its words begin after those that announce it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) range: Range<usize>,
    pub(super) inner: usize,
}

/// A sentence with its parts, as ranges of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sentence<'t> {
    pub(super) text: &'t str,
    pub(super) mood: Mood,
    /// Clauses that say when it applies.
    pub(super) conditions: Vec<Clause>,
    /// Clauses that say when it does not.
    pub(super) exceptions: Vec<Clause>,
    /// "shall not apply"
    pub(super) exclusion: Option<Range<usize>>,
    pub(super) figures: Vec<Figure>,
    /// Of several figures the higher counts (`true`), or the lower.
    pub(super) choice: Option<bool>,
}

impl<'t> Sentence<'t> {
    /// Whether something stands in a condition or exception.
    pub(super) fn is_in_clause(&self, at: usize) -> bool {
        self.conditions.iter().chain(&self.exceptions).any(|clause| clause.range.contains(&at))
    }

    /// Reads one sentence, or the words of one point.
    pub(super) fn read(text: &'t str, grammar: &Grammar) -> Self {
        let exclusion = find(text, 0, grammar.exclusions).map(|(start, end)| start..end);
        let mut conditions: Vec<Clause> = Vec::new();
        let mut exceptions: Vec<Clause> = Vec::new();
        let mut taken = 0;
        for at in word_starts(text, 0) {
            if at < taken {
                continue;
            }
            if let Some(after) = longest_at(text, at, grammar.exceptions) {
                let range = clause(text, at, after, true, grammar);
                taken = range.end.max(after);
                exceptions.extend((range.end > after).then_some(Clause { range, inner: after }));
            } else if let Some(after) = condition_at(text, at, grammar) {
                let range = clause(text, at, after, false, grammar);
                taken = range.end.max(after);
                // "where:" leads to a list, whose points are the conditions.
                conditions.extend((range.end > after).then_some(Clause { range, inner: after }));
            }
        }
        let choice = find(text, 0, grammar.higher).map(|_| true);
        let choice = choice.or_else(|| find(text, 0, grammar.lower).map(|_| false));
        let mood = mood(text, grammar, exclusion.is_some());
        let figures = figures(text, grammar);
        Self { text, mood, conditions, exceptions, exclusion, figures, choice }
    }
}

fn mood(text: &str, grammar: &Grammar, excludes: bool) -> Mood {
    let first = |phrases: &[&str]| verb(text, 0, phrases).map_or(usize::MAX, |(start, _)| start);
    let (forbids, duty, may) = (find(text, 0, grammar.prohibitions), first(grammar.duties), first(grammar.permissions));
    if excludes {
        Mood::Excludes
    } else if forbids.is_some_and(|(start, _)| start <= duty.min(may)) {
        Mood::Forbids
    } else if duty == usize::MAX && may == usize::MAX {
        Mood::States
    } else if duty < may {
        Mood::Obliges
    } else {
        Mood::Allows
    }
}

/// As [`find`], but only in small letters: "may" is no month.
fn verb(text: &str, from: usize, phrases: &[&str]) -> Option<(usize, usize)> {
    let (start, end) = find(text, from, phrases)?;
    if text[start..].starts_with(char::is_uppercase) { verb(text, end, phrases) } else { Some((start, end)) }
}

/// The end of the words at `at` that begin a condition.
fn condition_at(text: &str, at: usize, grammar: &Grammar) -> Option<usize> {
    let before = text[..at].trim_end();
    let last = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
    let is_set_off = before.is_empty() || before.ends_with([',', ';', ':', '(', '–', '—']);
    let after_verb = [grammar.duties, grammar.permissions, grammar.exclusions];
    let after_verb = after_verb.iter().any(|verbs| verb(before, 0, verbs).is_some());
    let is_condition = is_set_off || after_verb && !grammar.related.contains(&last.as_str());
    let anywhere = longest_at(text, at, grammar.conditions);
    anywhere.or_else(|| longest_at(text, at, grammar.set_off_conditions).filter(|_| is_condition))
}

/// The clause that begins at `start`, with words up to `after` that announce it.
///
/// At the beginning of a sentence it ends at the last comma before the verb of the main clause, elsewhere at the next comma that is followed by such
/// a verb or by another clause, or where the sentence ends.
fn clause(text: &str, start: usize, after: usize, is_exception: bool, grammar: &Grammar) -> Range<usize> {
    let stop = text[after..].find([';', ':']).map_or(text.len(), |at| after + at);
    let commas: Vec<usize> = text[after..stop].match_indices(',').map(|(at, _)| after + at).collect();
    let verbs: Vec<&str> =
        grammar.duties.iter().chain(grammar.permissions).chain(grammar.prohibitions).copied().collect();
    let is_first = text[..start].trim().is_empty();
    let main_verb = verb(text, after, &verbs).map(|(at, _)| at).filter(|at| *at < stop);
    let end = if is_first {
        let before_verb = main_verb.and_then(|verb| commas.iter().rev().find(|comma| **comma < verb));
        before_verb.or(commas.first()).copied()
    } else if is_exception {
        None
    } else {
        commas.first().copied()
    };
    let end = end.unwrap_or(stop);
    start..start + text[start..end].trim_end_matches(|c: char| c.is_whitespace() || ".,;:".contains(c)).len()
}

#[cfg(test)]
mod tests {
    use super::super::grammar::for_language;
    use super::*;

    /// Mood, conditions and exceptions.
    fn read(language: &str, text: &str) -> (Mood, Vec<String>, Vec<String>) {
        let sentence = Sentence::read(text, for_language(language));
        let words = |clauses: &[Clause]| clauses.iter().map(|clause| text[clause.range.clone()].to_owned()).collect();
        (sentence.mood, words(&sentence.conditions), words(&sentence.exceptions))
    }

    #[test]
    fn clauses_are_cut_out_of_sentences() {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            read(
                "en",
                "Where a firm discovers a shortfall which exceeds VRC 50 000, whichever is lower, it shall notify within 1 day, unless it is small."
            ),
            (
                Mood::Obliges,
                texts(&["Where a firm discovers a shortfall which exceeds VRC 50 000, whichever is lower"]),
                texts(&["unless it is small"])
            )
        );
        assert_eq!(read("en", "Paragraph 3 is not available where:"), (Mood::Excludes, texts(&[]), texts(&[])));
        assert_eq!(
            read("en", "Paragraph 1 shall not apply where it has been made good."),
            (Mood::Excludes, texts(&["where it has been made good"]), texts(&[]))
        );
        assert_eq!(
            read("en", "The controller shall, where feasible, not later than 25 May, notify."),
            (Mood::Obliges, texts(&["where feasible"]), texts(&[]))
        );
        assert_eq!(read("en", "The place where May was born is small."), (Mood::States, texts(&[]), texts(&[])));
        assert_eq!(read("en", "No person shall offer it."), (Mood::Forbids, texts(&[]), texts(&[])));
        assert_eq!(
            read("de", "Die Meldung muss binnen 72 Stunden erfolgen, es sei denn, dass kein Risiko besteht."),
            (Mood::Obliges, texts(&[]), texts(&["es sei denn, dass kein Risiko besteht"]))
        );
    }
}
