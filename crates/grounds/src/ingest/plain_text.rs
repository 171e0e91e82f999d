//! Plain text: kept as it is, with the provisions of laws that print labels in front of them, or the paragraphs that are plausibly numbered, as units.

mod lines;
mod provisions;
mod parts;

use std::collections::BTreeMap;

use grounds_core::{SourceKind, UnitKind};

use super::decode::Decoded;
use super::ledger::Ledger;
use super::numbering::{Candidate, Shape, label, longest_chain};
use super::outline::Outline;
use super::parsed::{Reading, id_from_file, stem};
use super::report::Format;
use super::{Overrides, SourceFile};

/// Reads a text. Nothing is changed but line ends, so that positions in the file stay positions in the text.
pub(crate) fn parse(file: &SourceFile<'_>, decoded: &Decoded, overrides: &Overrides) -> Reading {
    let source = decoded.text.as_str();
    let mut ledger = Ledger::new(source);
    let mut outline = Outline::new();
    push_lines(source, &mut outline, &mut ledger);
    // Other sources quote articles, and have none.
    let may_be_law = overrides.kind.is_none_or(|kind| kind == SourceKind::Regulation);
    let is_law = may_be_law && provisions::add_provisions(&mut outline, overrides.kind.is_some());
    if !is_law {
        let paragraphs = numbered_paragraphs(&outline.text);
        add_units(&mut outline, &paragraphs);
    }
    let title = stem(file.name).replace('_', " ");
    let mut notes = vec![format!("the title is taken from the file's name: say --title for another than `{title}`")];
    if is_law && overrides.kind.is_none() {
        notes.push("it has articles, so it counts as regulation: say --kind for another".to_owned());
    }
    Reading {
        outline,
        ledger,
        id: id_from_file(file),
        kind: if is_law { SourceKind::Regulation } else { SourceKind::Reference },
        short_titles: Vec::new(),
        language: "und".to_owned(),
        metadata: BTreeMap::new(),
        valid_from: None,
        valid_to: None,
        targets: Vec::new(),
        notes,
        title,
        format: Format::PlainText,
    }
}

/// Copies the text with `\r\n` and `\r` as `\n`.
fn push_lines(source: &str, outline: &mut Outline, ledger: &mut Ledger) {
    let mut start = 0;
    for (position, _) in source.match_indices('\r') {
        if source[position + 1..].starts_with('\n') {
            push(source, start..position, outline, ledger);
            ledger.structural(position..position + 1);
        } else {
            push(source, start..position, outline, ledger);
            ledger.used(position..position + 1);
            outline.push("\n", position);
        }
        start = position + 1;
    }
    push(source, start..source.len(), outline, ledger);
}

fn push(source: &str, range: std::ops::Range<usize>, outline: &mut Outline, ledger: &mut Ledger) {
    ledger.used(range.clone());
    let mut position = range.start;
    for line in source[range].split_inclusive('\n') {
        outline.push(line, position);
        position += line.len();
    }
}

/// A paragraph that a plausible number begins.
struct NumberedParagraph {
    start: usize,
    body: usize,
    number: String,
}

fn numbered_paragraphs(text: &str) -> Vec<NumberedParagraph> {
    let mut found: Vec<(NumberedParagraph, Candidate)> = Vec::new();
    let mut position = 0;
    let mut before = "";
    for line in text.split_inclusive('\n') {
        if let Some(candidate) = candidate(line, position, before) {
            found.push(candidate);
        }
        position += line.len();
        before = line;
    }
    let candidates: Vec<Candidate> = found.iter().map(|(_, candidate)| *candidate).collect();
    let chosen = longest_chain(&candidates);
    let mut chosen = chosen.into_iter().peekable();
    let is_chosen = |index: &usize| chosen.next_if_eq(index).is_some();
    let mut is_chosen = is_chosen;
    found.into_iter().enumerate().filter(|(index, _)| is_chosen(index)).map(|(_, (paragraph, _))| paragraph).collect()
}

fn candidate(line: &str, position: usize, before: &str) -> Option<(NumberedParagraph, Candidate)> {
    // A page break can leave the full stop of the sentence before in front of the number.
    let content = line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | '|'));
    let found =
        label(content.trim_end()).filter(|label| matches!(label.shape, Shape::Dot | Shape::Bare | Shape::Decimal))?;
    let rest = &content[found.rest_start..];
    let first = rest.chars().next()?;
    let is_sentence = first.is_uppercase() || !(first.is_alphanumeric() || first.is_whitespace());
    if found.shape != Shape::Dot && !is_sentence {
        return None;
    }
    if is_contents_line(rest) {
        return None;
    }
    let before = before.trim_end();
    let ends_sentence = before.is_empty() || before.ends_with(['.', ':', ';', '?', '!', ')', '’', '”', '"']);
    let start = position + line.len() - content.len();
    let (major, minor) = match found.number.split_once('.') {
        Some((major, minor)) => (major.parse().ok()?, minor.parse().ok()?),
        None => (found.number.parse().ok()?, 0),
    };
    let weight = 1 + u32::from(is_sentence) + 2 * u32::from(ends_sentence);
    let paragraph = NumberedParagraph { start, body: start + found.rest_start, number: found.number.to_owned() };
    Some((paragraph, Candidate { shape: found.shape, major, minor, weight }))
}

/// "Legal framework .............. 12"
fn is_contents_line(rest: &str) -> bool {
    rest.contains("....") || rest.contains(". . . .")
}

/// Everything before the first numbered paragraph is the preamble; each paragraph goes on until the next.
fn add_units(outline: &mut Outline, paragraphs: &[NumberedParagraph]) {
    let Some(first) = paragraphs.first() else { return };
    let text_length = outline.text.len();
    let trimmed = |start: usize, end: usize, text: &str| {
        let piece = &text[start..end];
        let leading = piece.len() - piece.trim_start().len();
        (start + leading, start + piece.trim_end().len().max(leading))
    };
    let (start, end) = trimmed(0, first.start, &outline.text);
    if start < end {
        outline.add(UnitKind::Preamble, "", 0, start..end, start);
    }
    for (index, paragraph) in paragraphs.iter().enumerate() {
        let limit = paragraphs.get(index + 1).map_or(text_length, |next| next.start);
        let (start, end) = trimmed(paragraph.start, limit, &outline.text);
        outline.add(UnitKind::Paragraph, &paragraph.number, 0, start..end, paragraph.body.min(end));
    }
}
