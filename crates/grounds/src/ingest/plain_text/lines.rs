//! The lines of a text, and which of them go on with the one before.

use super::super::numbering::{self, Shape, ends_item};
use crate::unspaced::is_unspaced;

/// What a line ends with that is whole: others go on with the next.
const SENTENCE_ENDS: [char; 12] = ['。', '；', '：', '！', '？', '”', '）', '.', ';', ':', '?', '!'];
/// Shorter lines are headings and items: they tell nothing about where lines break.
const LONG_BYTES_MIN: usize = 40;
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
        let long = || lines.iter().filter(|line: &&Line<'_>| line.text.len() >= LONG_BYTES_MIN);
        let is_broken = 2 * long().filter(|line| line.is_whole() || line.text.ends_with(',')).count() < long().count();
        let mut widths: Vec<usize> = lines.iter().map(|line| line.indent + line.text.chars().count()).collect();
        widths.sort_unstable();
        let width = widths.get(widths.len() * WIDTH_PERCENTILE / 100).copied().unwrap_or_default();
        Self { lines, is_broken, width }
    }

    /// Whether the line at `at`, which is not the first, may go on with the heading in the line before: that one is full, or the sentence says so.
    pub(super) fn goes_on_with_heading(&self, at: usize) -> bool {
        let (before, line) = (self.lines[at - 1], self.lines[at]);
        let length = before.indent + before.text.chars().count();
        let is_full = self.is_broken && length * 4 >= self.width * 3;
        (is_full || line.text.starts_with(char::is_lowercase)) && !self.begins_block(at)
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
        (line.is_after_gap && !goes_on) || (!self.is_broken && before.is_whole())
    }
}
