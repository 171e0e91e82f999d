//! What the blocks of an article or annex are: numbered paragraphs, points, or words.

use super::label::{Label, Shape, Style, values};
use super::levels::{Levels, Place};

/// What joins the last of a list to the others, in the languages that are read.
const JOINERS: [&str; 8] = ["and", "or", "und", "oder", "et", "ou", "dan", "atau"];
/// What an item, or the words before a list, ends with.
const ITEM_ENDS: [char; 14] = ['.', ':', ';', ',', '?', '!', '—', '…', '。', '：', '；', '，', '？', '！'];
/// What may stand after that.
const CLOSING: [char; 6] = ['*', '_', '"', '”', '’', ')'];

/// Whether a label may begin an item in the line after `before`. "…in point" followed by "(a) of Article 6" on the next line is one sentence.
pub(crate) fn ends_item(before: &str) -> bool {
    let before = before.trim_end_matches(CLOSING);
    before.ends_with(ITEM_ENDS) || before.split_whitespace().next_back().is_some_and(is_joiner)
}

/// Whether a word is "and" or "or".
pub(crate) fn is_joiner(word: &str) -> bool {
    JOINERS.contains(&word)
}

/// What a labelled block begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A numbered paragraph.
    Paragraph,
    /// A point, or a point of one.
    Point(Place),
}

/// The open parts of an article.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    /// The open points of the open paragraph.
    pub(crate) levels: Levels,
    /// The value of the open numbered paragraph.
    paragraph: Option<u32>,
    /// How the paragraphs of the article are numbered.
    shape: Option<Shape>,
    /// Unnumbered paragraphs in the open paragraph or article.
    unnumbered_count: u32,
}

impl Parts {
    /// What a block that is indented by `indent` begins with its label; `None` where it is words. `next` is the label of the block after it, and
    /// `has_words` tells whether words of the article, or of its open paragraph, come before.
    pub(crate) fn begun_by(
        &mut self,
        label: &Label<'_>,
        indent: usize,
        next: Option<&Label<'_>>,
        has_words: bool,
    ) -> Option<Part> {
        if self.begins_paragraph(label, indent, has_words) {
            return Some(Part::Paragraph);
        }
        let place = self.levels.place(label, indent, next);
        // "e. g." begins no list.
        let may_be_first = self.levels.depth() == 0 && !is_lone_letter(label);
        let place = place.or_else(|| may_be_first.then(|| self.levels.place_anyway(label)).flatten());
        place.filter(|_| label.shape != Shape::Bare).map(Part::Point)
    }

    /// "(1)" begins a numbered paragraph where the article begins with it, and is a point where words come before; "1." is a point of a point
    /// where the article has points and no numbered paragraph.
    fn begins_paragraph(&mut self, label: &Label<'_>, indent: usize, has_words: bool) -> bool {
        let value = values(label.number).into_iter().find(|(style, _)| *style == Style::Arabic);
        let Some((_, value)) = value else { return false };
        let shape = match self.shape {
            Some(shape) => shape,
            None if label.shape == Shape::Dot && !self.is_listed(value) => Shape::Dot,
            None if label.shape == Shape::Brackets && !has_words => Shape::Brackets,
            None => return false,
        };
        let follows = self
            .paragraph
            .is_none_or(|last| value > last || (value == last && label.number.ends_with(|c: char| c.is_alphabetic())));
        let is_point = self.levels.indent().is_some_and(|open| indent > open);
        let begins = label.shape == shape && follows && !is_point;
        if begins {
            self.shape = Some(shape);
        }
        begins
    }

    /// Whether "1." or another such label goes on with a list within a point, or begins one.
    fn is_listed(&self, value: u32) -> bool {
        self.levels.depth() > 0 && (value == 1 || self.levels.counts(Shape::Dot, Style::Arabic))
    }

    /// Opens a numbered paragraph.
    pub(crate) fn open_paragraph(&mut self, label: &Label<'_>) {
        self.leave_paragraph();
        let value = values(label.number).into_iter().find(|(style, _)| *style == Style::Arabic);
        self.paragraph = Some(value.map_or(0, |(_, value)| value));
        self.unnumbered_count = 1;
    }

    /// The number of a further unnumbered paragraph.
    pub(crate) fn next_unnumbered(&mut self) -> u32 {
        self.unnumbered_count = self.unnumbered_count.max(1) + 1;
        self.unnumbered_count
    }

    /// Leaves paragraph and points; the paragraphs of the article are still numbered alike.
    pub(crate) fn leave_paragraph(&mut self) {
        *self = Self { shape: self.shape, ..Self::default() };
    }
}

/// "a.", which is also how abbreviations begin.
fn is_lone_letter(label: &Label<'_>) -> bool {
    label.shape == Shape::Dot && label.number.starts_with(|c: char| c.is_ascii_alphabetic())
}
