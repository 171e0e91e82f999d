//! What search sees: provisions, or slices of a readable size.

use grounds_core::{Span, UnitKind};

use super::parsed::{Parsed, ParsedUnit};

/// Longer texts are divided, at points or at the ends of sentences.
const PASSAGE_BYTES_MAX: usize = 1_800;
/// Neighbouring blocks of running text are joined up to this size.
const PASSAGE_BYTES_AIM: usize = 600;
/// Shorter footnotes are not worth finding on their own.
const NOTE_BYTES_MIN: usize = 200;
/// An article with so many points that begins like a list of definitions is one.
const DEFINITIONS_MIN: usize = 4;

/// How the introduction of a list of definitions reads, in lower case.
const DEFINITION_PHRASES: &[&str] = &[
    "for the purposes of this",
    "for the purpose of this",
    "the following definitions",
    "im sinne dieser",
    "im sinne dieses",
    "begriffsbestimmungen",
    "aux fins du présent",
    "aux fins de la présente",
    "on entend par",
];

/// A passage that does not know yet which version it is in.
#[derive(Clone, Debug)]
pub(crate) struct PassageDraft {
    /// The position of its unit.
    pub(crate) unit: usize,
    pub(crate) span: Span,
    pub(crate) headings: String,
}

/// Divides a text into passages, in order.
pub(crate) fn passages(parsed: &Parsed) -> Vec<PassageDraft> {
    let children = children(&parsed.units);
    let mut divider = Divider { text: &parsed.text, units: &parsed.units, children: &children, passages: Vec::new() };
    divider.container(0, "");
    divider.passages
}

/// The positions of each unit's children.
pub(crate) fn children(units: &[ParsedUnit]) -> Vec<Vec<usize>> {
    let mut children = vec![Vec::new(); units.len()];
    let mut open: Vec<usize> = Vec::new();
    for (index, unit) in units.iter().enumerate() {
        while open.last().is_some_and(|last| Some(&units[*last].id) != unit.parent.as_ref()) {
            open.pop();
        }
        if let Some(parent) = open.last() {
            children[*parent].push(index);
        }
        open.push(index);
    }
    children
}

struct Divider<'p> {
    text: &'p str,
    units: &'p [ParsedUnit],
    children: &'p [Vec<usize>],
    passages: Vec<PassageDraft>,
}

impl Divider<'_> {
    /// A unit that holds provisions: its own words are running text.
    fn container(&mut self, index: usize, above: &str) {
        let headings = self.headings(index, above);
        let mut position = self.units[index].body.start as usize;
        for child in &self.children[index] {
            let span = self.units[*child].span;
            self.running_text(index, position, span.start as usize, &headings);
            self.unit(*child, &headings);
            position = span.end as usize;
        }
        self.running_text(index, position, self.units[index].body.end as usize, &headings);
    }

    fn unit(&mut self, index: usize, above: &str) {
        match self.units[index].kind {
            UnitKind::Root
            | UnitKind::Preamble
            | UnitKind::Part
            | UnitKind::Chapter
            | UnitKind::Section
            | UnitKind::Annex
            | UnitKind::Final => self.container(index, above),
            UnitKind::Recital => {
                let headings = self.headings(index, above);
                let unit = &self.units[index];
                self.add(index, unit.span.start as usize, self.end_without_notes(index), &headings);
                self.notes(index, &headings);
            }
            UnitKind::Article if self.has_child(index, UnitKind::Paragraph) => self.container(index, above),
            UnitKind::Note => {
                let span = self.units[index].span;
                if span.len() > NOTE_BYTES_MIN {
                    self.slices(index, span.start as usize, span.end as usize, above);
                }
            }
            _ => self.provision(index, above),
        }
    }

    /// A paragraph, point or undivided article: one passage, or its parts where it is long or a list of definitions.
    fn provision(&mut self, index: usize, above: &str) {
        let headings = self.headings(index, above);
        let unit = &self.units[index];
        let start = if unit.kind == UnitKind::Article { unit.body.start } else { unit.span.start } as usize;
        let end = self.end_without_notes(index);
        let parts: Vec<usize> =
            self.children[index].iter().copied().filter(|child| self.units[*child].kind != UnitKind::Note).collect();
        let is_long = end.saturating_sub(start) > PASSAGE_BYTES_MAX;
        if parts.is_empty() || !(is_long || self.is_definitions(index, start, &parts)) {
            self.slices(index, start, end, &headings);
        } else {
            let mut position = start;
            for part in parts {
                let span = self.units[part].span;
                self.slices(index, position, span.start as usize, &headings);
                self.provision(part, &headings);
                position = span.end as usize;
            }
            self.slices(index, position, end, &headings);
        }
        self.notes(index, &headings);
    }

    /// Whether the words before the points say that they define.
    fn is_definitions(&self, index: usize, start: usize, parts: &[usize]) -> bool {
        let points =
            parts.iter().filter(|part| matches!(self.units[**part].kind, UnitKind::Point | UnitKind::Subpoint));
        let heading_length = self.units[index].heading.len();
        if points.count() < DEFINITIONS_MIN || heading_length > PASSAGE_BYTES_MAX {
            return false;
        }
        let first = self.units[parts[0]].span.start as usize;
        let introduction = self.text.get(start..first).unwrap_or_default().to_lowercase();
        DEFINITION_PHRASES.iter().any(|phrase| introduction.contains(phrase))
    }

    /// Footnotes that are long enough to be found on their own.
    fn notes(&mut self, index: usize, headings: &str) {
        for child in &self.children[index] {
            if self.units[*child].kind == UnitKind::Note {
                self.unit(*child, headings);
            }
        }
    }

    fn has_child(&self, index: usize, kind: UnitKind) -> bool {
        self.children[index].iter().any(|child| self.units[*child].kind == kind)
    }

    /// Where a unit's words end if the footnotes at its end are left out.
    fn end_without_notes(&self, index: usize) -> usize {
        let unit = &self.units[index];
        let mut end = unit.span.end as usize;
        for child in self.children[index].iter().rev() {
            let span = self.units[*child].span;
            let after = self.text.get(span.end as usize..end).unwrap_or_default();
            if self.units[*child].kind != UnitKind::Note || !after.trim().is_empty() {
                break;
            }
            end = span.start as usize;
        }
        end.max(unit.span.start as usize)
    }

    fn headings(&self, index: usize, above: &str) -> String {
        let heading = self.units[index].heading.as_str();
        match (above.is_empty(), heading.is_empty()) {
            (_, true) => above.to_owned(),
            (true, false) => heading.to_owned(),
            (false, false) => format!("{above} > {heading}"),
        }
    }

    /// Blocks joined up to the size aimed at, long ones divided.
    fn running_text(&mut self, index: usize, start: usize, end: usize, headings: &str) {
        let mut from = start;
        let mut to = start;
        for (block_start, block_end) in blocks(self.text, start, end) {
            let ends_sentence = self.text[from..to].trim_end().ends_with(['.', '?', '!', ':', ';', '”', '’', '"']);
            let is_full = to - from >= PASSAGE_BYTES_AIM && ends_sentence;
            if to > from && (is_full || block_end - from > PASSAGE_BYTES_MAX) {
                self.slices(index, from, to, headings);
                from = block_start;
            }
            to = block_end;
        }
        self.slices(index, from, to, headings);
    }

    /// One passage, or several where it is too long for one.
    fn slices(&mut self, index: usize, start: usize, end: usize, headings: &str) {
        let mut position = start;
        while position < end {
            let rest = &self.text[position..end];
            let length = if rest.len() <= PASSAGE_BYTES_MAX { rest.len() } else { sentence_end(rest) };
            self.add(index, position, position + length, headings);
            position += length;
        }
    }

    fn add(&mut self, index: usize, start: usize, end: usize, headings: &str) {
        let piece = &self.text[start..end];
        let leading = piece.len() - piece.trim_start().len();
        let length = piece.trim_end().len();
        if leading < length {
            self.passages.push(PassageDraft {
                unit: index,
                span: Span::new(start + leading, start + length),
                headings: headings.to_owned(),
            });
        }
    }
}

/// The blocks between empty lines.
fn blocks(text: &str, start: usize, end: usize) -> Vec<(usize, usize)> {
    let mut blocks = Vec::new();
    let mut position = start;
    let mut block_start = None;
    let mut block_end = start;
    for line in text[start..end].split_inclusive('\n') {
        if line.trim().is_empty() {
            blocks.extend(block_start.take().map(|from| (from, block_end)));
        } else {
            block_start.get_or_insert(position);
            block_end = position + line.len();
        }
        position += line.len();
    }
    blocks.extend(block_start.map(|from| (from, block_end)));
    blocks
}

/// How much of a long text to take: up to the last end of a sentence that fits, else of a word, else of a character.
fn sentence_end(text: &str) -> usize {
    let mut limit = PASSAGE_BYTES_MAX;
    while !text.is_char_boundary(limit) {
        limit -= 1;
    }
    let mut sentence = None;
    let mut word = None;
    let mut previous = ' ';
    let mut awaits_capital = false;
    for (position, character) in text[..limit].char_indices() {
        if character.is_whitespace() {
            word = Some(position);
            awaits_capital |= matches!(previous, '.' | '?' | '!' | ';' | '。' | '；');
        } else {
            if awaits_capital && !character.is_lowercase() && position > limit / 3 {
                sentence = Some(position);
            }
            awaits_capital = matches!(character, '。' | '；');
        }
        if !matches!(character, '”' | '’' | '"' | ')') {
            previous = character;
        }
    }
    sentence.or(word.filter(|position| *position > limit / 3)).unwrap_or(limit)
}
