//! The text of each declaration and rule, for readers who want to see it by itself.

use crate::diagnostic::{RuleFile, line_of};
use crate::parse::parse_with_layout;
use crate::surface::Item;

/// A declaration or rule as it stands in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemSource {
    /// A rule's, exception's, limit's or amendment's id; the predicate of a fact; the name of anything else; "a over b" for a preference.
    pub name: String,
    /// The file it stands in.
    pub file: String,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// Its text, with the comment right above it.
    pub text: String,
}

/// The items of rule files, in the order of the files. What cannot be read is left out.
pub fn item_sources(files: &[RuleFile<'_>]) -> Vec<ItemSource> {
    files.iter().flat_map(sources).collect()
}

fn sources(file: &RuleFile<'_>) -> Vec<ItemSource> {
    let mut problems = Vec::new();
    let read = parse_with_layout(0, file.source, &mut problems);
    let first_of = |item: &Item| {
        let position = read.tokens.partition_point(|token| token.place.start < item.name().place.start);
        position.saturating_sub(1)
    };
    let firsts: Vec<usize> = read.items.iter().map(first_of).collect();
    let ends = firsts.iter().skip(1).copied().chain([read.tokens.len() - 1]);
    let mut found = Vec::new();
    for ((item, first), end) in read.items.iter().zip(&firsts).zip(ends) {
        let start = read.tokens[*first].place.start;
        let end = read.tokens[end.max(first + 1) - 1].place.end;
        let name = match item {
            Item::Prefer { over, under, .. } => format!("{} over {}", over.text, under.text),
            _ => item.name().text.clone(),
        };
        let text = file.source[with_comment(file.source, start)..end].trim_end().to_owned();
        found.push(ItemSource { name, file: file.name.to_owned(), line: line_of(file.source, start).0, text });
    }
    found
}

/// Where the comment begins that stands right above `start`, or `start` where there is none.
fn with_comment(source: &str, start: usize) -> usize {
    let mut first = line_of(source, start).1;
    if !source[first..start].trim().is_empty() {
        return start;
    }
    while first > 0 {
        let above = source[..first - 1].rfind('\n').map_or(0, |at| at + 1);
        if !source[above..first].trim_start().starts_with("--") {
            break;
        }
        first = above;
    }
    first
}
