//! What stands where in a rule file: its items, each with its name and its whole text.

use serde::Serialize;

use crate::diagnostic::line_of;
use crate::lex::lex;
use crate::parse::parse_file;
use crate::surface::{Item, Name};

/// An item of a rule file. All positions are byte offsets into the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutlineItem {
    /// The word it begins with: "rule", "exception", "fact", "table", …
    pub word: String,
    /// What pins and messages call it: a rule's id, a fact's predicate, "a over b" for a preference.
    pub name: String,
    /// The line it begins on, from 1.
    pub line: usize,
    /// Where it begins.
    pub start: usize,
    /// Where its last word ends; comments after it are not part of it.
    pub end: usize,
    /// Where its name begins.
    pub name_start: usize,
    /// Where its name ends.
    pub name_end: usize,
}

/// The items of a rule file that can be read, in order. Nothing is looked up, so that it works for files with mistakes.
///
/// Cost: linear in the length of the file.
pub fn outline(source: &str) -> Vec<OutlineItem> {
    // Mistakes are the compiler's to report.
    let mut unreported = Vec::new();
    let items = parse_file(0, source, &mut unreported);
    let tokens = lex(0, source, &mut unreported);
    let names: Vec<(&Name, String)> = items.iter().map(named).collect();
    // The word that an item begins with is the one before its name.
    let first = |name: &Name| {
        let position = tokens.partition_point(|token| token.place.start < name.place.start);
        position.saturating_sub(1)
    };
    let firsts: Vec<usize> = names.iter().map(|(name, _)| first(name)).collect();
    let mut found = Vec::new();
    for (index, (name, shown)) in names.into_iter().enumerate() {
        let Some(word) = tokens.get(firsts[index]) else { continue };
        // The token before the next item's first one; without a next item, the one before the end token.
        let next = firsts.get(index + 1).copied().unwrap_or(tokens.len().saturating_sub(1));
        let last = tokens.get(next.saturating_sub(1)).map_or(name.place.end, |token| token.place.end);
        found.push(OutlineItem {
            word: word.text.to_owned(),
            name: shown,
            line: line_of(source, word.place.start).0,
            start: word.place.start,
            end: last.max(name.place.end),
            name_start: name.place.start,
            name_end: name.place.end,
        });
    }
    found
}

/// The name that an item declares, where it stands, and how pins write it.
fn named(item: &Item) -> (&Name, String) {
    let name = match item {
        Item::Source { name, .. } | Item::Entity { name } => name,
        Item::Fact(fact) => &fact.predicate,
        Item::Calendar(calendar) => &calendar.name,
        Item::Claim(claim) => &claim.name,
        Item::Rule(rule) => &rule.id,
        Item::Amend(amend) => &amend.id,
        Item::Table(table) => &table.name,
        Item::Prefer { over, under, .. } => return (over, format!("{} over {}", over.text, under.text)),
        Item::Test(test) => &test.name,
    };
    (name, name.text.clone())
}
