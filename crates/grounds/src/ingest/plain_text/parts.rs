//! The paragraphs and points of a provision of a plain text, and the recitals before the first.

use grounds_core::UnitKind;

use super::super::numbering::{self, Label, Part, Parts, Shape};
use super::super::outline::Outline;
use super::lines::Lines;
use super::provisions::Provision;

/// What items of lists without numbers begin with.
const BULLETS: [char; 7] = ['-', '–', '—', '•', '*', '·', '▪'];
/// Fewer numbered lines before the first article are no recitals.
const RECITAL_COUNT_MIN: usize = 3;

/// Lines that belong together.
struct Block<'t> {
    start: usize,
    end: usize,
    /// Its first line.
    text: &'t str,
    indent: usize,
}

impl<'t> Block<'t> {
    fn label(&self) -> Option<Label<'t>> {
        numbering::label(self.text)
    }

    /// Whether it is a label whose words stand in the next line.
    fn is_label(&self) -> bool {
        self.label().is_some_and(|label| label.rest_start == self.text.len())
    }

    /// Whether it begins neither a paragraph nor a point: an item of a list without numbers, or a footnote.
    fn is_aside(&self) -> bool {
        let first = self.text.chars().next().filter(|first| BULLETS.contains(first));
        let is_item = first.is_some_and(|first| self.text[first.len_utf8()..].starts_with(char::is_whitespace));
        let note = self.text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        is_item || note.is_some_and(|(number, _)| number.parse::<u32>().is_ok())
    }
}

/// The blocks of a provision after its label and heading.
fn blocks<'t>(lines: &Lines<'t>, provision: &Provision) -> Vec<Block<'t>> {
    let mut blocks: Vec<Block<'t>> = Vec::new();
    let first = lines.lines[provision.label_line];
    if provision.body < first.end() {
        let text = &first.text[provision.body - first.start..];
        blocks.push(Block { start: provision.body, end: first.end(), text, indent: first.indent });
    }
    for at in provision.next_line..provision.lines.end {
        let line = lines.lines[at];
        let goes_on = |block: &&mut Block<'t>| {
            !lines.begins_block(at)
                || (block.is_label()
                    && block.text.len() == block.end - block.start
                    && numbering::label(line.text).is_none())
        };
        match blocks.last_mut().filter(goes_on) {
            Some(block) => block.end = line.end(),
            None => {
                blocks.push(Block { start: line.start, end: line.end(), text: line.text, indent: line.indent });
            }
        }
    }
    blocks
}

/// Adds the parts of the article, section or annex that is `unit`.
pub(super) fn add_parts(outline: &mut Outline, lines: &Lines<'_>, provision: &Provision, unit: usize) {
    let blocks = blocks(lines, provision);
    // Numbered paragraphs below a section are those of a decision, which go on through all sections; what an act's section counts are its points.
    let is_section = provision.kind == UnitKind::Section;
    let mut parts = Parts::default();
    // The open units from the article on, how many of them are around points, and whether a numbered paragraph is among them.
    let (mut open, mut point_base, mut in_paragraph) = (vec![unit], 1, false);
    for (at, block) in blocks.iter().enumerate() {
        let label = block.label();
        let next = blocks.get(at + 1).and_then(Block::label);
        let begun = label.as_ref().and_then(|label| parts.begun_by(label, block.indent, next.as_ref(), at > 0));
        let mut add = |open: &mut Vec<usize>, kind, number: &str, length: usize| {
            let parent = open.last().copied().unwrap_or(unit);
            open.push(outline.add(kind, number, parent, block.start..block.end, block.start + length));
        };
        match (begun, &label) {
            (Some(Part::Paragraph), Some(label)) => {
                open.truncate(1);
                parts.open_paragraph(label);
                in_paragraph = true;
                let kind = if is_section { UnitKind::Point } else { UnitKind::Paragraph };
                add(&mut open, kind, label.number, label.rest_start);
            }
            (Some(Part::Point(place)), Some(label)) => {
                if parts.levels.depth() == 0 {
                    point_base = open.len();
                }
                open.truncate(point_base + place.depth);
                parts.levels.open(place, block.indent);
                let is_below_point = place.depth > 0 || (is_section && in_paragraph);
                let kind = if is_below_point { UnitKind::Subpoint } else { UnitKind::Point };
                add(&mut open, kind, &numbering::digits(label.number), label.rest_start);
            }
            _ if block.is_aside() && at > 0 => {}
            _ => {
                // Words after a list belong to the point around it where they stand further right than its label.
                let depth = parts.levels.depth_around(block.indent);
                parts.levels.close_to(depth);
                open.truncate(if depth > 0 { point_base + depth } else { 1 + usize::from(in_paragraph) });
                if depth == 0 && at > 0 && (in_paragraph || provision.kind == UnitKind::Article) {
                    add(&mut open, UnitKind::Subparagraph, &parts.next_unnumbered().to_string(), 0);
                }
            }
        }
        for part in &open[1..] {
            outline.drafts[*part].end = block.end;
        }
    }
}

/// The recitals among the first `until` lines: the first line of each, with its label; none where there are few.
pub(super) fn recitals<'t>(lines: &Lines<'t>, until: usize) -> Vec<(usize, Label<'t>)> {
    let mut found: Vec<(usize, Label<'_>)> = Vec::new();
    for at in (0..until).filter(|at| *at == 0 || lines.begins_block(*at)) {
        let next = (found.len() + 1).to_string();
        let label = numbering::label(lines.lines[at].text);
        let label = label.filter(|label| label.shape == Shape::Brackets && label.number == next);
        found.extend(label.map(|label| (at, label)));
    }
    if found.len() < RECITAL_COUNT_MIN { Vec::new() } else { found }
}

/// Adds the recitals among the lines before the first provision.
pub(super) fn add_recitals(outline: &mut Outline, lines: &Lines<'_>, until: usize, preamble: usize) {
    let recitals = recitals(lines, until);
    for (number, (first, label)) in recitals.iter().enumerate() {
        // What follows the last is no part of it.
        let last = || (first + 1..until).find(|at| lines.begins_block(*at)).unwrap_or(until);
        let end = lines.lines[recitals.get(number + 1).map_or_else(last, |next| next.0) - 1].end();
        let start = lines.lines[*first].start;
        outline.add(UnitKind::Recital, label.number, preamble, start..end, start + label.rest_start);
    }
}
