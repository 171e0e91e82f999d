//! From Markdown blocks to text and units.

mod prepare;

use grounds_core::{SourceKind, UnitKind};

use super::super::ledger::Ledger;
use super::super::numbering::{self, Levels, Shape, Style};
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
        levels: Levels::default(),
        point_base: 1,
        paragraph: None,
        paragraph_shape: None,
        subparagraph_count: 0,
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
    levels: Levels,
    /// How many units are open around the outermost point.
    point_base: usize,
    /// The open numbered paragraph: how many units are open inside it, and its value.
    paragraph: Option<(usize, u32)>,
    /// How the paragraphs of the open article are numbered.
    paragraph_shape: Option<Shape>,
    /// Unnumbered paragraphs in the open paragraph or article.
    subparagraph_count: u32,
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
            let label =
                numbering::label(&block.plain).filter(|label| matches!(label.shape, Shape::Dot | Shape::Decimal));
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
        self.leave_paragraph();
        self.paragraph_shape = None;
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
        self.leave_paragraph();
        self.paragraph_shape = None;
    }

    fn leave_paragraph(&mut self) {
        self.levels.clear();
        self.paragraph = None;
        self.subparagraph_count = 0;
    }

    /// How many units are open around the paragraphs of the current heading.
    fn container_depth(&self) -> usize {
        self.headings.last().map_or(1, |heading| heading.depth)
    }

    /// A block of an article or annex.
    fn law_block(&mut self, block: &Prepared, next: Option<&Prepared>) {
        if self.begins_law_paragraph(block) {
            return self.paragraph(block);
        }
        if let Some(label) = block.label() {
            let next = next.and_then(Prepared::label);
            let place = self.levels.place(&label, block.indent, next.as_ref());
            // "e. g." begins no list.
            let may_be_first = self.levels.depth() == 0 && !is_lone_letter(&label);
            let place = place.or_else(|| may_be_first.then(|| self.levels.place_anyway(&label)).flatten());
            if let Some(place) = place.filter(|_| label.shape != Shape::Bare) {
                return self.point(block, place);
            }
        }
        if block.bullet.is_some() || block.is_code {
            return self.text(block, Gap::Line);
        }
        // Words after a list belong to the point around it where they stand further right than its label.
        let depth = self.levels.depth_around(block.indent);
        if depth > 0 {
            self.levels.close_to(depth);
            self.outline.close_to(self.point_base + depth);
            return self.text(block, Gap::Line);
        }
        self.levels.clear();
        self.outline.close_to(self.paragraph.map_or(self.container_depth(), |(depth, _)| depth));
        let is_annex = self.paragraph.is_none() && self.outline.kind() == UnitKind::Annex;
        if self.outline.has_body() && !is_annex {
            self.subparagraph_count = self.subparagraph_count.max(1) + 1;
            self.outline.open(UnitKind::Subparagraph, &self.subparagraph_count.to_string());
        }
        self.text(block, Gap::Block);
    }

    /// Whether a block of an article begins a numbered paragraph. "(1)" does where the article begins with it, and is a
    /// point where words come before.
    fn begins_law_paragraph(&mut self, block: &Prepared) -> bool {
        let Some(label) = block.label() else { return false };
        let value = numbering::values(label.number).into_iter().find(|(style, _)| *style == Style::Arabic);
        let Some((_, value)) = value else { return false };
        let shape = match self.paragraph_shape {
            Some(shape) => shape,
            None if label.shape == Shape::Dot => Shape::Dot,
            None if label.shape == Shape::Brackets && !self.outline.has_body() => Shape::Brackets,
            None => return false,
        };
        let follows = match self.paragraph {
            None => true,
            Some((_, last)) => value > last || (value == last && label.number.ends_with(|c: char| c.is_alphabetic())),
        };
        let is_point = self.levels.indent().is_some_and(|indent| block.indent > indent);
        let begins = label.shape == shape && follows && !is_point;
        if begins {
            self.paragraph_shape = Some(shape);
        }
        begins
    }

    fn paragraph(&mut self, block: &Prepared) {
        let Some(label) = block.label() else { return };
        let value = label
            .number
            .bytes()
            .take_while(u8::is_ascii_digit)
            .fold(0_u32, |value, digit| value.saturating_mul(10).saturating_add(u32::from(digit - b'0')));
        self.outline.close_to(self.container_depth());
        self.leave_paragraph();
        self.outline.open(UnitKind::Paragraph, label.number);
        self.outline.gap(Gap::Block);
        self.labelled(block, label.length);
        self.paragraph = Some((self.outline.depth(), value));
        self.subparagraph_count = 1;
    }

    fn point(&mut self, block: &Prepared, place: numbering::Place) {
        let Some(label) = block.label() else { return };
        if self.levels.depth() == 0 {
            self.point_base = self.outline.depth();
        }
        self.outline.close_to(self.point_base + place.depth);
        self.levels.open(place, block.indent);
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
            if let Some(place) = self.levels.place(&label, block.indent, next.as_ref()) {
                return self.point(block, place);
            }
        }
        if self.levels.indent().is_some_and(|indent| block.indent > indent) {
            return self.text(block, Gap::Line);
        }
        if self.levels.depth() > 0 {
            self.levels.clear();
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

/// "a.", which is also how abbreviations begin.
fn is_lone_letter(label: &numbering::Label<'_>) -> bool {
    label.shape == Shape::Dot && label.number.starts_with(|c: char| c.is_ascii_alphabetic())
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
