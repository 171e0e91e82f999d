//! What must be known about all blocks before the first is written: words, labels, headings that are not marked as such.

use std::ops::Range;

use grounds_core::{SourceKind, UnitKind};

use super::super::super::ledger::Ledger;
use super::super::super::numbering::{self, Candidate, Heading, Label, Shape, longest_chain};
use super::super::blocks::Block;
use super::super::inline::{Words, words};

/// Longer headings are paragraphs that someone marked as headings.
const HEADING_BYTES_MAX: usize = 200;
/// Levels of headings that are only emphasised lie below those of real ones: bold, bold italics, italics.
const EMPHASIS_LEVELS: [usize; 4] = [0, 9, 7, 8];
/// So do those of a law's divisions and articles that are told by their labels alone: parts, chapters, sections, articles.
const LABEL_LEVELS: [(UnitKind, usize); 4] =
    [(UnitKind::Part, 10), (UnitKind::Chapter, 11), (UnitKind::Section, 12), (UnitKind::Article, 13)];

/// A block with its words.
pub(super) struct Prepared {
    pub(super) words: Words,
    /// The words with white space collapsed.
    pub(super) plain: String,
    /// How many bytes of white space the words begin with.
    pub(super) leading: usize,
    pub(super) heading_level: Option<usize>,
    /// Whether it has the words of an article after its label.
    pub(super) begins_article: bool,
    /// Whether its number is one of those that number the document's paragraphs.
    pub(super) begins_paragraph: bool,
    pub(super) bullet: Option<Range<usize>>,
    pub(super) is_code: bool,
    pub(super) indent: usize,
    has_label: bool,
    is_law: bool,
}

impl Prepared {
    /// The number or letter it begins with.
    pub(super) fn label(&self) -> Option<Label<'_>> {
        if self.has_label { numbering::label(&self.plain) } else { None }
    }

    /// The provision that its words head. A guideline's heading may name the article it explains; that does not make it one.
    pub(super) fn provision(&self) -> Option<Heading<'_>> {
        numbering::heading(&self.plain).filter(|heading| self.is_law || heading.kind != UnitKind::Article)
    }
}

/// Reads the words of all blocks and finds the numbered paragraphs and the headings.
pub(super) fn prepare(source: &str, blocks: &[Block], kind: SourceKind, ledger: &mut Ledger) -> Vec<Prepared> {
    let mut prepared: Vec<Prepared> = blocks.iter().map(|block| prepare_block(source, block, kind, ledger)).collect();
    prepared.retain(|block| !block.plain.is_empty());
    mark_provisions(&mut prepared);
    let in_law = in_law(&prepared);
    mark_paragraphs(&mut prepared, &in_law);
    mark_headings(&mut prepared, &in_law);
    prepared
}

fn prepare_block(source: &str, block: &Block, kind: SourceKind, ledger: &mut Ledger) -> Prepared {
    let words = words(source, block, ledger);
    let plain = words.plain();
    let joined_start: String = words.pieces.iter().map(|piece| piece.text.as_str()).take(4).collect();
    let leading = joined_start.len() - joined_start.trim_start().len();
    let is_heading = plain.len() <= HEADING_BYTES_MAX;
    let level = block.heading_level.filter(|_| is_heading);
    let has_label = !block.is_code && level.is_none() && numbering::label(&plain).is_some();
    Prepared {
        words,
        plain,
        leading,
        heading_level: level,
        begins_article: false,
        begins_paragraph: false,
        bullet: block.bullet.clone(),
        is_code: block.is_code,
        indent: block.indent,
        has_label,
        is_law: kind == SourceKind::Regulation,
    }
}

/// Where a law's divisions and articles are told by their labels alone, as Chinese and Japanese laws print them: "第三章 总则", "第五条　国家…".
fn mark_provisions(blocks: &mut [Prepared]) {
    let mut next_level = None;
    for block in blocks.iter_mut().rev() {
        let is_plain = block.is_law && block.heading_level.is_none() && !block.is_code && block.bullet.is_none();
        let found = if is_plain { numbering::han_heading(&block.plain) } else { None };
        let level = found.as_ref().and_then(|found| LABEL_LEVELS.iter().find(|(kind, _)| *kind == found.kind));
        let (Some((kind, level)), Some(found)) = (level, &found) else {
            if block.heading_level.is_some() {
                next_level = Some(level_by_kind(block));
            }
            continue;
        };
        let is_article = *kind == UnitKind::Article;
        let is_sentence = block.plain.len() > HEADING_BYTES_MAX || block.plain.ends_with('。');
        // In a table of contents a division is followed by the next one, not by what it holds.
        let is_listed = next_level.is_some_and(|next| next <= *level);
        if is_article || !(is_sentence || is_listed) {
            next_level = Some(*level);
            block.heading_level = Some(*level);
            block.begins_article = is_article && found.rest_start < block.plain.len();
            block.has_label = false;
        }
    }
}

/// How deep a marked heading stands among those that are told by their labels; 0 for one that is none of a law's.
fn level_by_kind(block: &Prepared) -> usize {
    let kind = block.provision().map(|heading| heading.kind);
    LABEL_LEVELS.iter().find(|(known, _)| Some(*known) == kind).map_or(0, |(_, level)| *level)
}

/// For each block, whether it stands in an article, annex or recital, where numbers are counted anew.
fn in_law(blocks: &[Prepared]) -> Vec<bool> {
    let mut law_level: Option<usize> = None;
    let inside = |block: &Prepared| {
        if let Some(level) = block.heading_level {
            let kind = block.provision().map(|heading| heading.kind);
            let is_law = matches!(kind, Some(UnitKind::Article | UnitKind::Annex | UnitKind::Recital));
            if is_law {
                law_level = Some(level);
            } else if law_level.is_some_and(|law| level <= law) {
                law_level = None;
            }
        }
        law_level.is_some()
    };
    blocks.iter().map(inside).collect()
}

fn mark_paragraphs(blocks: &mut [Prepared], in_law: &[bool]) {
    let mut positions = Vec::new();
    let mut candidates = Vec::new();
    for (position, block) in blocks.iter().enumerate() {
        if in_law[position] || block.words.emphasis > 0 || block.bullet.is_some() {
            continue;
        }
        let label = block.label().filter(|label| matches!(label.shape, Shape::Dot | Shape::Bare | Shape::Decimal));
        let Some(label) = label else { continue };
        let (major, minor) = label.number.split_once('.').unwrap_or((label.number, "0"));
        let (Ok(major), Ok(minor)) = (major.parse(), minor.parse()) else { continue };
        let rest = &block.plain[label.rest_start..];
        let is_sentence = rest.starts_with(|c: char| !c.is_lowercase() && !c.is_ascii_digit());
        positions.push(position);
        candidates.push(Candidate { shape: label.shape, major, minor, weight: 1 + u32::from(is_sentence) });
    }
    for chosen in longest_chain(&candidates) {
        blocks[positions[chosen]].begins_paragraph = true;
    }
}

/// A short block that is emphasised as a whole is a heading where a numbered paragraph or another heading follows.
fn mark_headings(blocks: &mut [Prepared], in_law: &[bool]) {
    if !blocks.iter().any(|block| block.begins_paragraph) {
        return;
    }
    let mut followed = false;
    for position in (0..blocks.len()).rev() {
        let block = &mut blocks[position];
        let may_be = followed
            && !in_law[position]
            && block.heading_level.is_none()
            && block.words.emphasis > 0
            && block.bullet.is_none()
            && block.plain.len() <= HEADING_BYTES_MAX
            && !block.plain.ends_with([',', ';']);
        if may_be {
            block.heading_level = Some(EMPHASIS_LEVELS[usize::from(block.words.emphasis.min(3))]);
            block.has_label = false;
        }
        followed = block.heading_level.is_some() || block.begins_paragraph;
    }
}
