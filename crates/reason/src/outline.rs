//! What stands where in a rule file: its items, each with its name and its whole text.

use serde::Serialize;

use crate::diagnostic::line_of;
use crate::parse::parse_with_layout;
use crate::surface::Item;

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
    let read = parse_with_layout(0, source, &mut Vec::new());
    let tokens = &read.tokens;
    // The word that an item begins with is the one before its name.
    let first_of = |item: &Item| {
        let position = tokens.partition_point(|token| token.place.start < item.name().place.start);
        position.saturating_sub(1)
    };
    let firsts: Vec<usize> = read.items.iter().map(first_of).collect();
    let mut found = Vec::new();
    for (index, item) in read.items.iter().enumerate() {
        let Some(word) = tokens.get(firsts[index]) else { continue };
        let name = item.name();
        // The token before the next item's first one; without a next item, the one before the end token.
        let next = firsts.get(index + 1).copied().unwrap_or(tokens.len().saturating_sub(1));
        let last = tokens.get(next.saturating_sub(1)).map_or(name.place.end, |token| token.place.end);
        found.push(OutlineItem {
            word: word.text.to_owned(),
            name: item.shown_name(),
            line: line_of(source, word.place.start).0,
            start: word.place.start,
            end: last.max(name.place.end),
            name_start: name.place.start,
            name_end: name.place.end,
        });
    }
    found
}
