//! What can stand where the cursor is: pinpoints after a source, attributes after a point, names elsewhere.

use std::collections::BTreeSet;

use grounds::LawCopy;
use jiff::civil::Date;

use crate::serve::names::{self, Piece};
use crate::serve::position::range_of;
use crate::serve::project::{Project, ProjectFile};
use crate::serve::protocol::{CompletionItem, TextEdit};

/// Editors ask again while the user types, so that more would only slow them down.
const ITEM_COUNT_MAX: usize = 1_000;

/// Words of the language that begin an item or stand in one.
const KEYWORDS: [&str; 62] = [
    "rule",
    "exception",
    "limit",
    "amend",
    "fact",
    "judgement",
    "entity",
    "claim",
    "violation",
    "sanction",
    "table",
    "calendar",
    "source",
    "prefer",
    "test",
    "cites",
    "in force",
    "when",
    "then",
    "only when",
    "for each",
    "and",
    "or",
    "not",
    "no",
    "has",
    "some",
    "where",
    "is none",
    "sum of",
    "count of",
    "greatest of",
    "least of",
    "greater of",
    "lesser of",
    "rounded down",
    "rounded up",
    "rounded half up",
    "rounded half even",
    "days between",
    "years between",
    "year of",
    "month of",
    "day of",
    "start of year",
    "close of year",
    "date of",
    "brackets of",
    "case.as_of",
    "hours",
    "days",
    "weeks",
    "months",
    "working days",
    "within",
    "open",
    "closed",
    "presumed",
    "expect",
    "undetermined missing",
    "does not hold",
    "reading",
];

/// The protocol's numbers for kinds of things.
#[derive(Clone, Copy)]
enum Kind {
    Function = 3,
    Field = 5,
    Variable = 6,
    Class = 7,
    Module = 9,
    Value = 12,
    Keyword = 14,
    Reference = 18,
}

/// A proposal: its text, kind, what it is, and more to read about it.
struct Proposal {
    text: String,
    kind: Kind,
    detail: String,
    documentation: String,
}

impl Proposal {
    fn new(text: impl Into<String>, kind: Kind, detail: impl Into<String>) -> Self {
        Self { text: text.into(), kind, detail: detail.into(), documentation: String::new() }
    }
}

/// The proposals at an offset, in a sensible order.
pub(crate) fn at(
    project: &Project,
    file: &ProjectFile,
    law: Option<&LawCopy>,
    as_of: Date,
    offset: usize,
) -> Vec<CompletionItem> {
    if names::is_in_prose(&file.text, offset) {
        return Vec::new();
    }
    let (start, proposals) = proposals(project, file, law, as_of, offset);
    let range = range_of(&file.text, start, offset);
    let items = proposals.into_iter().take(ITEM_COUNT_MAX).enumerate().map(|(place, proposal)| CompletionItem {
        label: proposal.text.clone(),
        kind: proposal.kind as u8,
        detail: proposal.detail,
        documentation: proposal.documentation,
        sort_text: format!("{place:05}"),
        text_edit: TextEdit { range, new_text: proposal.text },
    });
    items.collect()
}

/// Where the text to be replaced begins, and what could replace it.
fn proposals(
    project: &Project,
    file: &ProjectFile,
    law: Option<&LawCopy>,
    as_of: Date,
    offset: usize,
) -> (usize, Vec<Proposal>) {
    let item_start = file.item_at(offset).map_or(0, |item| item.start);
    let before = names::pieces(&file.text[item_start..offset]);
    let word = names::stretch_at(&file.text[..offset], offset, &[]);
    if let Some(found) = cited(project, &before, item_start, law, as_of, word.start) {
        return found;
    }
    if file.text[..word.start].ends_with('.') {
        let owner = names::owner_type(project, file, word.start - 1);
        return (word.start, attributes(project, owner.as_deref()));
    }
    // The word before the one that is being written.
    let is_written = before.last().is_some_and(|last| item_start + last.start == word.start && !word.text.is_empty());
    let previous = before.iter().rev().nth(usize::from(is_written)).map(|piece| piece.text);
    match previous {
        Some("by") => (word.start, of_kind(project, Kind::Value, |word| word == "calendar")),
        Some("to" | "prefer" | "over" | "put") => {
            let id = names::stretch_at(&file.text[..offset], offset, &['-', '.']);
            (
                id.start,
                project.items().filter(|(_, item)| names::is_rule(item)).map(declared(Kind::Reference)).collect(),
            )
        }
        Some(":") => {
            let mut types = of_kind(project, Kind::Class, |word| word == "entity");
            let known = ["bool", "number", "money", "date", "instant", "duration", "text", "provision"];
            types.extend(known.map(|name| Proposal::new(name, Kind::Keyword, "type")));
            (word.start, types)
        }
        _ => (word.start, general(project, file, offset)),
    }
}

/// After `cites`: sources, then the provisions of the source; `None` elsewhere.
fn cited(
    project: &Project,
    before: &[Piece<'_>],
    item_start: usize,
    law: Option<&LawCopy>,
    as_of: Date,
    word_start: usize,
) -> Option<(usize, Vec<Proposal>)> {
    let cites = before.iter().rposition(|piece| piece.text == "cites")?;
    let after = &before[cites + 1..];
    if after.iter().any(|piece| piece.text.starts_with('"')) {
        return None;
    }
    let source = after.first().filter(|first| item_start + first.start < word_start);
    let Some(source) = source else {
        return Some((word_start, of_kind(project, Kind::Module, |word| word == "source")));
    };
    let document = project.document_of(source.text)?;
    // The provision begins with the piece after the source, or here.
    let start = after.get(1).map_or(word_start, |first| item_start + first.start);
    let units = law.map_or_else(Vec::new, |law| law.citable_units(&document, as_of));
    let proposals = units.into_iter().map(|unit| Proposal {
        text: unit.pinpoint.replacen(". ", " ", 1),
        kind: Kind::Reference,
        detail: unit.heading,
        documentation: unit.text.chars().take(600).collect(),
    });
    Some((start, proposals.collect()))
}

fn declared<'p>(kind: Kind) -> impl Fn((&'p ProjectFile, &'p grounds::rules::OutlineItem)) -> Proposal {
    move |(file, item)| {
        let mut proposal = Proposal::new(item.name.clone(), kind, item.word.clone());
        file.words(item).clone_into(&mut proposal.documentation);
        proposal
    }
}

fn of_kind(project: &Project, kind: Kind, is_meant: fn(&str) -> bool) -> Vec<Proposal> {
    project.items().filter(|(_, item)| is_meant(&item.word)).map(declared(kind)).collect()
}

/// The attributes of an entity type; of all types where it is not known.
fn attributes(project: &Project, owner: Option<&str>) -> Vec<Proposal> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (file, item) in project.items().filter(|(_, item)| names::is_fact(item)) {
        let Some((of, attribute)) = item.name.split_once('.') else { continue };
        if owner.is_none_or(|owner| owner == of) && seen.insert(attribute) {
            let mut proposal = Proposal::new(attribute, Kind::Field, format!("{} of {of}", item.word));
            file.words(item).clone_into(&mut proposal.documentation);
            found.push(proposal);
        }
    }
    found
}

/// Names that can stand in a condition, the variables of the item, and words of the language.
fn general(project: &Project, file: &ProjectFile, offset: usize) -> Vec<Proposal> {
    let mut found = Vec::new();
    let item_start = file.item_at(offset).map_or(0, |item| item.start);
    let mut variables = BTreeSet::new();
    let pieces = names::pieces(&file.text[item_start..offset]);
    for window in pieces.windows(2) {
        let is_bound = matches!(window[0].text, "(" | "," | "each" | "some") || window[1].text == ":";
        let name = if window[1].text == ":" { window[0] } else { window[1] };
        let is_small = name.text.chars().next().is_some_and(char::is_lowercase);
        if is_bound && is_small && !KEYWORDS.contains(&name.text) {
            variables.insert(name.text);
        }
    }
    found.extend(variables.into_iter().map(|name| Proposal::new(name, Kind::Variable, "variable")));
    found.extend(project.items().filter(|(_, item)| names::is_claim(item)).map(declared(Kind::Function)));
    let is_relation = |item: &grounds::rules::OutlineItem| names::is_fact(item) && !item.name.contains('.');
    found.extend(project.items().filter(|(_, item)| is_relation(item)).map(declared(Kind::Function)));
    found.extend(of_kind(project, Kind::Class, |word| word == "entity"));
    found.extend(of_kind(project, Kind::Value, |word| word == "table"));
    found.extend(of_kind(project, Kind::Module, |word| word == "source"));
    found.extend(KEYWORDS.map(|word| Proposal::new(word, Kind::Keyword, "")));
    found
}
