//! The text of each declaration and rule, for readers who want to see it by itself.

use crate::diagnostic::{RuleFile, line_of};
use crate::outline::{OutlineItem, outline};

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
    let source = |item: OutlineItem| ItemSource {
        text: file.source[with_comment(file.source, item.start)..item.end].to_owned(),
        name: item.name,
        file: file.name.to_owned(),
        line: item.line,
    };
    outline(file.source).into_iter().map(source).collect()
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
