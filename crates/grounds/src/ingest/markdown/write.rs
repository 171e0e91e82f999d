//! From Markdown blocks to text and units.

mod prepare;

use grounds_core::{SourceKind, UnitKind};

use super::super::ledger::Ledger;
use super::super::numbering::{self, Part, Parts, Shape};
use super::super::outline::{Gap, Outline};
use super::blocks::Block;
use super::inline::Piece;
use prepare::{Prepared, prepare};

/// What the text says about itself.
pub(crate) struct Written {
    pub(crate) title: Option<String>,
}

/// Writes all blocks.
pub(crate) fn write(
    source: &str,
    blocks: &[Block],
    kind: SourceKind,
    outline: &mut Outline,
    ledger: &mut Ledger,
) -> Written {
    let prepared = prepare(source, blocks, kind, ledger);
    let first_structure =
        prepared.iter().skip(1).position(|block| block.heading_level.is_some() || block.begins_paragraph);
    let mut writer = Writer {
        source,
        outline,
        ledger,
        headings: Vec::new(),
        parts: Parts::default(),
        point_base: 1,
        paragraph_depth: None,
        title: None,
    };
    for (index, block) in prepared.iter().enumerate() {
        let next = prepared.get(index + 1);
        let is_before_structure = first_structure.is_some_and(|first| index <= first);
        writer.block(block, next, index == 0, is_before_structure);
    }
    Written { title: writer.title }
}

struct OpenHeading {
    level: usize,
    kind: UnitKind,
    /// How many units are open inside it, itself included.
    depth: usize,
}

struct Writer<'w> {
    source: &'w str,
    outline: &'w mut Outline,
    ledger: &'w mut Ledger,
    headings: Vec<OpenHeading>,
    /// The open parts of the open article.
    parts: Parts,
    /// How many units are open around the outermost point.
    point_base: usize,
    /// How many units are open inside the open numbered paragraph.
    paragraph_depth: Option<usize>,
    title: Option<String>,
}

impl Writer<'_> {
    fn block(&mut self, block: &Prepared, next: Option<&Prepared>, is_first: bool, is_before_structure: bool) {
        if let Some(level) = block.heading_level {
            if block.begins_article {
                return self.article(block, level);
            }
            return self.heading(block, level, is_first);
        }
        match self.headings.last().map(|heading| heading.kind) {
            Some(UnitKind::Article | UnitKind::Annex) => self.law_block(block, next),
            Some(UnitKind::Recital) => self.text(block, Gap::Line),
            None if is_before_structure && !block.begins_paragraph => {
                if self.outline.kind() == UnitKind::Root {
                    self.outline.open(UnitKind::Preamble, "");
                }
                self.text(block, Gap::Block);
            }
            _ => self.free_block(block, next),
        }
    }

    fn heading(&mut self, block: &Prepared, level: usize, is_first: bool) {
        let found = block.provision();
        let kind = found.as_ref().map_or(UnitKind::Section, |heading| heading.kind);
        if is_first && level == 1 && found.is_none() {
            self.title = Some(block.plain.clone());
            self.outline.gap(Gap::Block);
            self.label_pieces(&block.words.pieces);
            self.outline.gap(Gap::Block);
            return;
        }
        let nests = |above: &OpenHeading| {
            above.level < level || (above.level == level && rank(above.kind) < rank(kind) && found.is_some())
        };
        while self.headings.last().is_some_and(|above| !nests(above)) {
            self.headings.pop();
        }
        let depth = self.headings.last().map_or(1, |above| above.depth);
        self.outline.close_to(depth);
        let section_number = || {
            let label = numbering::label(&block.plain)
                .filter(|label| label.number.is_ascii() && matches!(label.shape, Shape::Dot | Shape::Decimal));
            label.map_or("", |label| label.number)
        };
        self.outline.open(kind, found.as_ref().map_or_else(section_number, |heading| &heading.number));
        self.outline.gap(Gap::Block);
        match found {
            Some(heading) => {
                self.outline.set_heading(block.plain[heading.rest_start..].trim());
                let (label, rest) = split_at(&block.words.pieces, block.leading + heading.label_length);
                let (_, rest) = split_at(&rest, heading.rest_start - heading.label_length);
                self.label_pieces(&label);
                self.outline.gap(Gap::Line);
                self.label_pieces(&rest);
            }
            None => {
                self.outline.set_heading(&block.plain);
                self.label_pieces(&block.words.pieces);
            }
        }
        self.outline.gap(Gap::Block);
        self.headings.push(OpenHeading { level, kind, depth: self.outline.depth() });
        self.leave_article();
    }

    /// A block that begins with the label of the article whose words it has: "第五条　国家…".
    fn article(&mut self, block: &Prepared, level: usize) {
        let Some(found) = block.provision() else { return };
        while self.headings.last().is_some_and(|above| above.level >= level) {
            self.headings.pop();
        }
        self.outline.close_to(self.container_depth());
        self.outline.open(UnitKind::Article, &found.number);
        self.outline.gap(Gap::Block);
        self.labelled(block, found.label_length);
        self.headings.push(OpenHeading { level, kind: UnitKind::Article, depth: self.outline.depth() });
        self.leave_article();
    }

    fn leave_article(&mut self) {
        self.parts = Parts::default();
        self.paragraph_depth = None;
    }

    /// How many units are open around the paragraphs of the current heading.
    fn container_depth(&self) -> usize {
        self.headings.last().map_or(1, |heading| heading.depth)
    }

    /// A block of an article or annex.
    fn law_block(&mut self, block: &Prepared, next: Option<&Prepared>) {
        let next = next.and_then(Prepared::label);
        let has_words = self.outline.has_body();
        let begun_by = |label| self.parts.begun_by(&label, block.indent, next.as_ref(), has_words);
        match block.label().and_then(begun_by) {
            Some(Part::Paragraph) => return self.paragraph(block),
            Some(Part::Point(place)) => return self.point(block, place),
            None => {}
        }
        if block.bullet.is_some() || block.is_code {
            return self.text(block, Gap::Line);
        }
        // Words after a list belong to the point around it where they stand further right than its label.
        let depth = self.parts.levels.depth_around(block.indent);
        if depth > 0 {
            self.parts.levels.close_to(depth);
            self.outline.close_to(self.point_base + depth);
            return self.text(block, Gap::Line);
        }
        self.parts.levels.clear();
        self.outline.close_to(self.paragraph_depth.unwrap_or(self.container_depth()));
        let is_annex = self.paragraph_depth.is_none() && self.outline.kind() == UnitKind::Annex;
        if self.outline.has_body() && !is_annex {
            self.outline.open(UnitKind::Subparagraph, &self.parts.next_unnumbered().to_string());
        }
        self.text(block, Gap::Block);
    }

    fn paragraph(&mut self, block: &Prepared) {
        let Some(label) = block.label() else { return };
        self.outline.close_to(self.container_depth());
        self.outline.open(UnitKind::Paragraph, label.number);
        self.outline.gap(Gap::Block);
        self.labelled(block, label.length);
        self.parts.open_paragraph(&label);
        self.paragraph_depth = Some(self.outline.depth());
    }

    fn point(&mut self, block: &Prepared, place: numbering::Place) {
        let Some(label) = block.label() else { return };
        if self.parts.levels.depth() == 0 {
            self.point_base = self.outline.depth();
        }
        self.outline.close_to(self.point_base + place.depth);
        self.parts.levels.open(place, block.indent);
        let kind = if place.depth == 0 { UnitKind::Point } else { UnitKind::Subpoint };
        self.outline.open(kind, &numbering::digits(label.number));
        self.outline.gap(Gap::Line);
        self.labelled(block, label.length);
    }

    /// A block outside articles: of a decision, a guideline, a recital.
    fn free_block(&mut self, block: &Prepared, next: Option<&Prepared>) {
        if block.begins_paragraph {
            return self.paragraph(block);
        }
        if let Some(label) = block.label().filter(|label| !matches!(label.shape, Shape::Bare | Shape::Decimal)) {
            let next = next.and_then(Prepared::label);
            if let Some(place) = self.parts.levels.place(&label, block.indent, next.as_ref()) {
                return self.point(block, place);
            }
        }
        if self.parts.levels.indent().is_some_and(|indent| block.indent > indent) {
            return self.text(block, Gap::Line);
        }
        if self.parts.levels.depth() > 0 {
            self.parts.levels.clear();
            self.outline.close_to(self.point_base);
        }
        self.text(block, if block.bullet.is_some() { Gap::Line } else { Gap::Block });
    }

    /// Writes a block into the open unit.
    fn text(&mut self, block: &Prepared, gap: Gap) {
        self.outline.gap(gap);
        if let Some(bullet) = &block.bullet {
            self.outline.push_resolved("-", self.source, bullet.clone(), self.ledger);
            self.outline.space_after_label();
        }
        if block.is_code {
            for piece in &block.words.pieces {
                self.ledger.used(piece.range.clone());
                self.outline.push(&piece.text, piece.range.start);
                self.outline.gap(Gap::Line);
            }
            return;
        }
        self.pieces(&block.words.pieces);
    }

    /// Writes a block whose first `length` bytes are the label of the open unit.
    fn labelled(&mut self, block: &Prepared, length: usize) {
        let (label, rest) = split_at(&block.words.pieces, block.leading + length);
        self.label_pieces(&label);
        self.outline.space_after_label();
        self.pieces(&rest);
    }

    fn label_pieces(&mut self, pieces: &[Piece]) {
        let Writer { source, outline, ledger, .. } = self;
        outline.label(|outline| write_pieces(outline, source, ledger, pieces));
    }

    fn pieces(&mut self, pieces: &[Piece]) {
        write_pieces(self.outline, self.source, self.ledger, pieces);
    }
}

fn write_pieces(outline: &mut Outline, source: &str, ledger: &mut Ledger, pieces: &[Piece]) {
    for piece in pieces {
        if piece.is_resolved {
            outline.push_resolved(&piece.text, source, piece.range.clone(), ledger);
        } else {
            outline.push_flowing(source, piece.range.clone(), ledger);
        }
    }
}

/// Parts that hold others come before those they hold.
fn rank(kind: UnitKind) -> u8 {
    match kind {
        UnitKind::Part | UnitKind::Annex => 1,
        UnitKind::Chapter => 2,
        UnitKind::Section => 3,
        _ => 4,
    }
}

/// The pieces before and after `position`, counted in bytes of their text. An entity is never divided.
fn split_at(pieces: &[Piece], position: usize) -> (Vec<Piece>, Vec<Piece>) {
    let mut before = Vec::new();
    let mut after = Vec::new();
    let mut passed = 0;
    for piece in pieces {
        let end = passed + piece.text.len();
        let inside = position.saturating_sub(passed);
        if end <= position || (piece.is_resolved && inside > 0) {
            before.push(piece.clone());
        } else if inside == 0 || !piece.text.is_char_boundary(inside) {
            after.push(piece.clone());
        } else {
            let (head, tail) = piece.text.split_at(inside);
            let middle = piece.range.start + inside;
            before.push(Piece { text: head.to_owned(), range: piece.range.start..middle, is_resolved: false });
            after.push(Piece { text: tail.to_owned(), range: middle..piece.range.end, is_resolved: false });
        }
        passed = end;
    }
    (before, after)
}
