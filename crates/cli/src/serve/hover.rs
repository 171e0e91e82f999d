//! What is shown over a word: the cited words as in force, or the declaration of a name.

use grounds::LawCopy;
use grounds::rules::{CitedUnit, WrittenCitation, citations_in};
use grounds_core::Validity;
use jiff::civil::Date;

use crate::serve::names;
use crate::serve::project::{Project, ProjectFile};

/// The most words of a provision that a window beside the cursor holds.
const SHOWN_CHARACTERS_MAX: usize = 4_000;

/// The text to show, as Markdown, and the bytes it is about.
pub(crate) fn at(
    project: &Project,
    file: &ProjectFile,
    law: Option<&LawCopy>,
    as_of: Date,
    offset: usize,
) -> Option<(String, usize, usize)> {
    for citation in citations_in(&file.text) {
        let mut places = std::iter::once((citation.start, citation.end)).chain(citation.quotes.iter().copied());
        if let Some((start, end)) = places.find(|(start, end)| (*start..*end).contains(&offset)) {
            let states = project
                .document_of(&citation.source)
                .zip(law)
                .map_or_else(Vec::new, |(document, law)| law.states(&document, &citation.pinpoint));
            return Some((provision(&citation, &states, as_of), start, end));
        }
    }
    let word = names::stretch_at(&file.text, offset, &['-', '.']);
    let meant = names::meant(project, file, offset);
    let shown: Vec<String> = meant.iter().map(|(file, item)| code(file.words(item))).collect();
    (!shown.is_empty()).then(|| (shown.join("\n\n"), word.start, word.start + word.text.len()))
}

fn code(text: &str) -> String {
    format!("```grounds-rules\n{}\n```", text.trim_end())
}

/// The words of a provision: as in force on `as_of` where the rule is in force then, and in every other state that the rule is bound to.
fn provision(citation: &WrittenCitation, states: &[CitedUnit], as_of: Date) -> String {
    let in_force = citation.in_force.unwrap_or_else(Validity::always);
    let bound: Vec<&CitedUnit> = states.iter().filter(|state| state.in_force.overlaps(in_force)).collect();
    let now: Vec<&CitedUnit> = bound.iter().filter(|state| state.in_force.contains(as_of)).copied().collect();
    let is_now = citation.in_force.is_none() && !now.is_empty();
    let mut shown = if is_now { now } else { bound };
    // Versions that say the same are shown once, with the latest days.
    shown.reverse();
    shown.dedup_by(|next, kept| next.hash == kept.hash);
    if shown.is_empty() {
        return format!("`{} {}`: no stored version has this provision.", citation.source, citation.pinpoint);
    }
    let each = shown.into_iter().map(|state| {
        let days = days(state.in_force);
        format!("**{}** ({}, {days})\n\n{}", state.pinpoint, state.version, quoted(&state.text))
    });
    each.collect::<Vec<_>>().join("\n\n---\n\n")
}

fn days(validity: Validity) -> String {
    let last = validity.to.and_then(|to| to.yesterday().ok()).map(|last| last.to_string());
    let first = (validity.from != Date::MIN).then(|| validity.from.to_string());
    match (first, last) {
        (Some(first), Some(last)) => format!("in force from {first} to {last}"),
        (Some(first), None) => format!("in force from {first}"),
        (None, Some(last)) => format!("in force until {last}"),
        (None, None) => "in force".to_owned(),
    }
}

/// As a Markdown quotation: the text of a document is data, so that nothing in it is markup.
fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(SHOWN_CHARACTERS_MAX).collect();
    let mut out = String::new();
    for line in shown.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let escaped: String = line
            .chars()
            .flat_map(|character| {
                let escape = "\\`*_{}[]<>()#+-!|&~".contains(character).then_some('\\');
                escape.into_iter().chain([character])
            })
            .collect();
        out.push_str(&format!("> {escaped}\n>\n"));
    }
    if shown.len() < text.len() {
        out.push_str("> …\n");
    }
    out
}
