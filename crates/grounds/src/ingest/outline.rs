//! The canonical text under construction, with its units.

mod name;

use std::ops::Range;

use grounds_core::UnitKind;

use super::ledger::Ledger;
use super::parsed::ParsedUnit;

/// What separates the next text from the text before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gap {
    None,
    Space,
    Line,
    Block,
}

/// A unit while it is being written.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) kind: UnitKind,
    pub(crate) number: String,
    pub(crate) heading: String,
    pub(crate) parent: Option<usize>,
    /// `None` until its first text.
    start: Option<usize>,
    body: Option<usize>,
    body_awaited: bool,
    pub(crate) end: usize,
}

/// Writes text and units together.
///
/// Separators are written only when text follows, so no unit begins or ends with white space, and children lie inside
/// their parents by construction.
#[derive(Clone, Debug)]
pub(crate) struct Outline {
    pub(crate) text: String,
    pub(crate) drafts: Vec<Draft>,
    open: Vec<usize>,
    gap: Gap,
    gap_is_fixed: bool,
    /// For pieces of text: where they begin here, and where they come from in the source. Ascending.
    pub(crate) origins: Vec<(usize, usize)>,
    /// Whether nothing was written since the last gap was asked for.
    is_at_block_start: bool,
    awaited_space: Option<usize>,
}

impl Outline {
    /// An outline with its root open.
    pub(crate) fn new() -> Self {
        let mut outline = Self {
            text: String::new(),
            drafts: Vec::new(),
            open: Vec::new(),
            gap: Gap::None,
            gap_is_fixed: false,
            origins: Vec::new(),
            is_at_block_start: true,
            awaited_space: None,
        };
        outline.open(UnitKind::Root, "");
        outline
    }

    /// Begins a unit inside the one that is open.
    pub(crate) fn open(&mut self, kind: UnitKind, number: &str) {
        let parent = self.open.last().copied();
        self.open.push(self.drafts.len());
        self.drafts.push(Draft {
            kind,
            number: number.to_owned(),
            heading: String::new(),
            parent,
            start: None,
            body: None,
            body_awaited: false,
            end: 0,
        });
    }

    /// Ends the innermost open unit; one without any text is forgotten.
    pub(crate) fn close(&mut self) {
        self.gap_is_fixed = false;
        let Some(index) = self.open.pop() else { return };
        if self.drafts[index].start.is_none() && index + 1 == self.drafts.len() && index > 0 {
            self.drafts.pop();
            return;
        }
        self.drafts[index].end = self.text.len();
    }

    /// Ends units until `depth` are open.
    pub(crate) fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth.max(1) {
            self.close();
        }
    }

    /// How many units are open, the root included.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The kind of the innermost open unit.
    pub(crate) fn kind(&self) -> UnitKind {
        self.top().map_or(UnitKind::Root, |draft| draft.kind)
    }

    /// The kinds of the open units, outermost first.
    pub(crate) fn open_kinds(&self) -> impl DoubleEndedIterator<Item = UnitKind> {
        self.open.iter().map(|index| self.drafts[*index].kind)
    }

    /// Whether the innermost open unit has words besides its label and heading.
    pub(crate) fn has_body(&self) -> bool {
        self.top().is_some_and(|draft| draft.body.is_some() || (draft.start.is_some() && !draft.body_awaited))
    }

    fn top(&self) -> Option<&Draft> {
        self.open.last().map(|index| &self.drafts[*index])
    }

    /// Sets the heading of the innermost open unit.
    pub(crate) fn set_heading(&mut self, heading: &str) {
        if let Some(index) = self.open.last() {
            self.drafts[*index].heading = heading.to_owned();
        }
    }

    /// Asks for a separator before the next text; the widest one asked for wins.
    pub(crate) fn gap(&mut self, gap: Gap) {
        self.is_at_block_start = true;
        self.awaited_space = None;
        if !self.gap_is_fixed {
            self.gap = self.gap.max(gap);
        }
    }

    /// Asks for one space before the next text, whatever else is asked for: a label and its words share a line.
    pub(crate) fn space_after_label(&mut self) {
        self.gap(Gap::None);
        self.gap = Gap::Space;
        self.gap_is_fixed = true;
    }

    /// Writes text that is label or heading of the innermost open unit, by calling `write`; the body begins after it.
    pub(crate) fn label(&mut self, write: impl FnOnce(&mut Self)) {
        let Some(index) = self.open.last().copied() else { return };
        let was_awaited = std::mem::replace(&mut self.drafts[index].body_awaited, false);
        let had_start = self.drafts[index].start.is_some();
        write(self);
        let draft = &mut self.drafts[index];
        if draft.start.is_some() {
            draft.body_awaited = draft.body.is_none() && (was_awaited || !had_start);
        }
    }

    /// Writes `text` as it is; it comes from `origin` in the source.
    pub(crate) fn push(&mut self, text: &str, origin: usize) {
        if text.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str(match self.gap {
                Gap::None => "",
                Gap::Space => " ",
                Gap::Line => "\n",
                Gap::Block => "\n\n",
            });
        }
        self.gap = Gap::None;
        self.gap_is_fixed = false;
        self.is_at_block_start = false;
        let position = self.text.len();
        for index in self.open.iter().rev() {
            let draft = &mut self.drafts[*index];
            if draft.start.is_some() && !draft.body_awaited {
                // Whatever is further out began with this one at the latest.
                break;
            }
            draft.start.get_or_insert(position);
            if std::mem::replace(&mut draft.body_awaited, false) {
                draft.body = Some(position);
            }
        }
        self.origins.push((position, origin));
        self.text.push_str(text);
    }

    /// Writes characters that the source does not have.
    pub(crate) fn push_inserted(&mut self, text: &str) {
        let origin = self.origins.last().map_or(0, |(_, origin)| *origin);
        self.push(text, origin);
    }

    /// Writes a character that markup stands for.
    pub(crate) fn push_generated(&mut self, character: char, source: &str, ledger: &mut Ledger) {
        self.write_awaited_space(source, usize::MAX, ledger);
        self.push_inserted(character.encode_utf8(&mut [0; 4]));
    }

    /// Writes `source[range]` with each run of white space made one space and none at the beginning of a block, and
    /// enters each of its characters in the ledger. A single no-break space is kept.
    pub(crate) fn push_flowing(&mut self, source: &str, range: Range<usize>, ledger: &mut Ledger) {
        let mut word_start = None;
        let mut after_space = self.awaited_space.is_some();
        for (offset, character) in source[range.clone()].char_indices() {
            let position = range.start + offset;
            if character.is_whitespace() {
                if let Some(start) = word_start.take() {
                    self.push_word(source, start..position, ledger);
                }
                ledger.structural(position..position + character.len_utf8());
                if !after_space && !self.is_at_block_start {
                    self.awaited_space = Some(position);
                }
                after_space = true;
            } else {
                after_space = false;
                word_start.get_or_insert(position);
            }
        }
        if let Some(start) = word_start {
            self.push_word(source, start..range.end, ledger);
        }
    }

    fn push_word(&mut self, source: &str, range: Range<usize>, ledger: &mut Ledger) {
        self.write_awaited_space(source, range.start, ledger);
        ledger.used(range.clone());
        self.push(&source[range.clone()], range.start);
    }

    /// Writes the white space seen since the last word, which ends at `end`, as one space.
    fn write_awaited_space(&mut self, source: &str, end: usize, ledger: &mut Ledger) {
        let Some(start) = self.awaited_space.take() else { return };
        let space = source[start..].chars().next().filter(|character| character.is_whitespace());
        let Some(space) = space else {
            // An entity for a space was resolved there; its characters are accounted for.
            self.push(" ", start);
            return;
        };
        ledger.used(start..start + space.len_utf8());
        let is_single = start + space.len_utf8() == end;
        let kept = if is_single && !space.is_ascii() { &source[start..end] } else { " " };
        self.push(kept, start);
    }

    /// Writes characters that stand for `range` of the source without being equal to it, such as a resolved entity.
    pub(crate) fn push_resolved(&mut self, text: &str, source: &str, range: Range<usize>, ledger: &mut Ledger) {
        if text.trim().is_empty() {
            ledger.structural(range.clone());
            if !self.is_at_block_start && !text.is_empty() {
                self.awaited_space.get_or_insert(range.start);
            }
            return;
        }
        self.write_awaited_space(source, range.start, ledger);
        ledger.used(range.clone());
        self.push(text, range.start);
    }

    /// Ends everything and names the units.
    pub(crate) fn finish(mut self) -> (String, Vec<ParsedUnit>, Vec<(usize, usize)>) {
        while !self.open.is_empty() {
            self.close();
        }
        let length = self.text.len();
        if let Some(root) = self.drafts.first_mut() {
            root.start = Some(0);
            root.end = length;
        }
        let units = name::name_units(&self.drafts, &self.text);
        (self.text, units, self.origins)
    }

    /// Adds a unit over a known range of a text that was pushed whole.
    pub(crate) fn add(
        &mut self,
        kind: UnitKind,
        number: &str,
        parent: usize,
        span: Range<usize>,
        body: usize,
    ) -> usize {
        self.drafts.push(Draft {
            kind,
            number: number.to_owned(),
            heading: String::new(),
            parent: Some(parent),
            start: Some(span.start),
            body: Some(body),
            body_awaited: false,
            end: span.end,
        });
        self.drafts.len() - 1
    }
}

/// BLAKE3 of `text` with every run of white space made one space.
pub(crate) fn hash(text: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 {
            hasher.update(b" ");
        }
        hasher.update(word.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
