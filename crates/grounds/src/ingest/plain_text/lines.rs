//! The lines of a text, and which of them go on with the one before.

use super::super::numbering::{self, Shape, ends_item, is_joiner};
use crate::unspaced::is_unspaced;

/// What a line ends with that is whole: others go on with the next.
const SENTENCE_ENDS: [char; 12] = ['。', '；', '：', '！', '？', '”', '）', '.', ';', ':', '?', '!'];
/// Shorter lines are headings and items: they tell nothing about where lines break.
const LONG_BYTES_MIN: usize = 40;
/// Fewer long lines tell nothing either.
const LONG_COUNT_MIN: usize = 4;
/// Words after which a heading goes on, as it does after "and".
const PREPOSITIONS: [&str; 12] = ["of", "the", "by", "to", "in", "for", "der", "des", "von", "de", "du", "la"];
/// So many of a hundred lines are at most as wide as a full one.
const WIDTH_PERCENTILE: usize = 90;

/// A line with words, without white space around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    pub(super) start: usize,
    pub(super) text: &'t str,
    /// How many characters of white space it begins with.
    pub(super) indent: usize,
    /// Whether a line without words is before it.
    pub(super) is_after_gap: bool,
}

impl Line<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it ends as sentences and items do.
    pub(super) fn is_whole(&self) -> bool {
        self.text.ends_with(SENTENCE_ENDS)
    }
}

/// The lines of a text.
pub(super) struct Lines<'t> {
    pub(super) lines: Vec<Line<'t>>,
    /// Whether lines are broken to fit a page: a line that ends with a full stop may be one within a paragraph.
    is_broken: bool,
    /// Characters of a line that is full.
    width: usize,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut lines = Vec::new();
        let (mut position, mut is_after_gap) = (0, true);
        for line in text.split_inclusive('\n') {
            let words = line.trim();
            if words.is_empty() {
                is_after_gap = true;
            } else {
                let before = line.len() - line.trim_start().len();
                let indent = line[..before].chars().count();
                lines.push(Line { start: position + before, text: words, indent, is_after_gap });
                is_after_gap = false;
            }
            position += line.len();
        }
        let long: Vec<&Line<'_>> = lines.iter().filter(|line| line.text.len() >= LONG_BYTES_MIN).collect();
        let whole_count = long.iter().filter(|line| line.is_whole() || line.text.ends_with(',')).count();
        let is_broken = long.len() >= LONG_COUNT_MIN && 2 * whole_count < long.len();
        let mut widths: Vec<usize> = lines.iter().map(|line| line.indent + line.text.chars().count()).collect();
        widths.sort_unstable();
        let width = widths.get(widths.len() * WIDTH_PERCENTILE / 100).copied().unwrap_or_default();
        Self { lines, is_broken, width }
    }

    /// Whether `line` goes on in the next: it ends within a sentence, and is as long as broken lines get.
    pub(super) fn goes_on_after(&self, line: Line<'_>) -> bool {
        !line.is_whole() && self.is_broken && self.is_full(line)
    }

    fn is_full(&self, line: Line<'_>) -> bool {
        (line.indent + line.text.chars().count()) * 4 >= self.width * 3
    }

    /// Whether the line at `at`, which is not the first, may go on with the heading in the line before: that one is full, or the sentence says so.
    pub(super) fn goes_on_with_heading(&self, at: usize) -> bool {
        let (before, line) = (self.lines[at - 1], self.lines[at]);
        let is_full = self.is_broken && self.is_full(before);
        let last = before.text.rsplit(char::is_whitespace).next().unwrap_or_default();
        let is_cut = is_joiner(last) || PREPOSITIONS.contains(&last);
        (is_full || is_cut || line.text.starts_with(char::is_lowercase)) && !self.begins_block(at)
    }

    /// Whether the line at `at`, which is not the first, begins a block of its own, and does not go on with the line before.
    pub(super) fn begins_block(&self, at: usize) -> bool {
        let (before, line) = (self.lines[at - 1], self.lines[at]);
        if let Some(label) = numbering::label(line.text).filter(|label| label.shape != Shape::Bare) {
            let is_han = !label.number.is_ascii();
            return is_han || line.is_after_gap || !self.is_broken || ends_item(before.text);
        }
        // A page may end within a sentence.
        let goes_on = !before.is_whole() && line.text.starts_with(|c: char| c.is_lowercase() || is_unspaced(c));
        // Where words are not spaced, the first line of a paragraph is indented.
        let is_indented = line.indent > before.indent && line.text.starts_with(is_unspaced);
        (line.is_after_gap && !goes_on) || ((!self.is_broken || is_indented) && before.is_whole())
    }
}
