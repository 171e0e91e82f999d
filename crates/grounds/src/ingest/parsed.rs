//! A file that was read: its document, text and units, before it has a place among the versions.

use std::collections::BTreeMap;

use grounds_core::{Document, DocumentId, SourceKind, Span, Unit, UnitId, UnitKind, VersionId};
use jiff::civil::Date;

use super::decode::Decoded;
use super::language::language_of;
use super::ledger::Ledger;
use super::outline::Outline;
use super::report::{Format, ImportReport, Outcome};
use super::{ImportError, Overrides, SourceFile};

/// A unit that does not know yet which version it is in; see [`Unit`] for the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedUnit {
    /// Its name within the version.
    pub id: UnitId,
    /// The unit it is part of; `None` for the root.
    pub parent: Option<UnitId>,
    /// What it is.
    pub kind: UnitKind,
    /// Its number as printed.
    pub number: String,
    /// Its heading as printed.
    pub heading: String,
    /// Its citation without the document.
    pub pinpoint: String,
    /// All its text.
    pub span: Span,
    /// Its text without label and heading.
    pub body: Span,
    /// What two versions of it are compared by.
    pub hash: String,
}

impl ParsedUnit {
    /// The unit as part of `version`, at position `ordinal`.
    pub fn to_unit(&self, document: &DocumentId, version: &VersionId, ordinal: u32) -> Unit {
        Unit {
            document: document.clone(),
            version: version.clone(),
            id: self.id.clone(),
            parent: self.parent.clone(),
            ordinal,
            kind: self.kind,
            number: self.number.clone(),
            heading: self.heading.clone(),
            pinpoint: self.pinpoint.clone(),
            span: self.span,
            body: self.body,
            hash: self.hash.clone(),
        }
    }
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The work it is a text of.
    pub document: Document,
    /// The first day on which this text is in force; the earliest date there is, where nothing says.
    pub valid_from: Date,
    /// The first day on which it no longer is, where the file or the user says.
    pub valid_to: Option<Date>,
    /// The canonical text.
    pub text: String,
    /// Its units in document order; the first is the root.
    pub units: Vec<ParsedUnit>,
    /// The file's name.
    pub file_name: String,
    /// The file's bytes.
    pub original: Vec<u8>,
    /// Their BLAKE3.
    pub original_hash: String,
    /// BLAKE3 of `text`.
    pub text_hash: String,
    /// See [`Overrides::reads_again`].
    pub reads_again: bool,
    /// Names of the documents that a bare "Article 33" means, the first above all; empty in a law, which means itself.
    pub targets: Vec<String>,
    /// What was done with the file's characters.
    pub report: ImportReport,
    lines: Vec<(u32, u32)>,
}

impl Parsed {
    /// The line of the file, from 1, that the text at byte `offset` of the canonical text came from.
    pub fn source_line(&self, offset: u32) -> usize {
        let after = self.lines.partition_point(|(start, _)| *start <= offset);
        self.lines.get(after.saturating_sub(1)).map_or(1, |(_, line)| *line as usize)
    }
}

/// What a format's parser gives.
pub(crate) struct Reading {
    pub(crate) outline: Outline,
    pub(crate) ledger: Ledger,
    pub(crate) id: String,
    pub(crate) kind: SourceKind,
    pub(crate) title: String,
    pub(crate) short_titles: Vec<String>,
    pub(crate) language: String,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) valid_from: Option<Date>,
    pub(crate) valid_to: Option<Date>,
    pub(crate) targets: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) format: Format,
}

/// Applies the overrides, checks the dates and adds up the report.
pub(crate) fn finish(
    file: &SourceFile<'_>,
    decoded: Decoded,
    mut reading: Reading,
    overrides: &Overrides,
) -> Result<Parsed, ImportError> {
    let document = document_of(&mut reading, overrides);
    if overrides.valid_from.is_some() {
        // What would have been assumed is of no interest where the user said it.
        reading.notes.retain(|note| !note.starts_with("in force from "));
    }
    let valid_from =
        overrides.valid_from.or(reading.valid_from).or_else(|| stated_date(overrides)).unwrap_or_else(|| {
            reading.notes.push(
                "no date of entry into force was found, so the text counts as always in force: say --valid-from DATE"
                    .to_owned(),
            );
            Date::MIN
        });
    let valid_to = overrides.valid_to.or(reading.valid_to);
    if let Some(to) = valid_to.filter(|to| *to <= valid_from) {
        return Err(ImportError::EmptyValidity { file: file.name.to_owned(), from: valid_from, to });
    }
    let (text, units, origins) = reading.outline.finish();
    if text.trim().is_empty() {
        return Err(ImportError::Empty { file: file.name.to_owned() });
    }
    let account = reading.ledger.settle(&decoded.text);
    let mut unit_counts = BTreeMap::new();
    for unit in &units {
        *unit_counts.entry(unit.kind).or_insert(0) += 1;
    }
    let report = ImportReport {
        file: file.name.to_owned(),
        format: reading.format,
        encoding: decoded.encoding,
        character_count: account.character_count,
        used: account.used,
        structural: account.structural,
        dropped: account.dropped,
        unit_counts,
        links_resolved: 0,
        external_references: BTreeMap::new(),
        unresolved_references: Vec::new(),
        notes: reading.notes,
        outcome: Outcome::Parsed,
    };
    debug_assert!(report.is_complete(), "a character of {} is not accounted for", file.name);
    Ok(Parsed {
        document,
        valid_from,
        valid_to,
        text_hash: blake3::hash(text.as_bytes()).to_hex().to_string(),
        lines: lines_of(&origins, &decoded.text),
        text,
        units,
        file_name: file.name.to_owned(),
        original: file.bytes.to_vec(),
        original_hash: blake3::hash(file.bytes).to_hex().to_string(),
        reads_again: overrides.reads_again,
        targets: reading.targets,
        report,
    })
}

/// The date from which the metadata say that the document holds: a decision holds from the day it was made.
fn stated_date(overrides: &Overrides) -> Option<Date> {
    let stated = |name: &str| overrides.metadata.get(name)?.parse().ok();
    stated("in_force").or_else(|| stated("decided"))
}

fn document_of(reading: &mut Reading, overrides: &Overrides) -> Document {
    let mut short_titles = std::mem::take(&mut reading.short_titles);
    if let Some(short) = &overrides.short_title {
        short_titles.retain(|title| title != short);
        short_titles.insert(0, short.clone());
    }
    let mut metadata = std::mem::take(&mut reading.metadata);
    metadata.extend(overrides.metadata.clone());
    let stated = metadata.remove("labels").unwrap_or_default();
    let stated = stated.split([',', ' ']).filter(|label| !label.is_empty()).map(str::to_owned);
    let mut labels = overrides.labels.clone().unwrap_or_else(|| stated.collect());
    labels.sort_unstable();
    labels.dedup();
    Document {
        id: overrides.document.clone().unwrap_or_else(|| DocumentId(std::mem::take(&mut reading.id))),
        kind: overrides.kind.unwrap_or(reading.kind),
        title: overrides.title.clone().unwrap_or_else(|| std::mem::take(&mut reading.title)),
        short_titles,
        language: overrides.language.clone().unwrap_or_else(|| match reading.language.as_str() {
            "und" => language_of(&reading.outline.text).to_owned(),
            _ => std::mem::take(&mut reading.language),
        }),
        metadata,
        labels,
    }
}

/// For each piece of the canonical text, where it begins and the line it came from.
fn lines_of(origins: &[(usize, usize)], source: &str) -> Vec<(u32, u32)> {
    let line_starts: Vec<usize> = std::iter::once(0)
        .chain(source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1))
        .collect();
    let mut lines: Vec<(u32, u32)> = Vec::new();
    for (position, origin) in origins {
        let line = line_starts.partition_point(|start| start <= origin) as u32;
        if lines.last().is_none_or(|(_, last)| *last != line) {
            lines.push((*position as u32, line));
        }
    }
    lines
}

/// A document's name made of a file name or a number: lower case letters, digits and single hyphens, at most 80.
pub(crate) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() {
            slug.push(character);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
        if slug.len() >= 80 {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// The name of a document whose file says nothing better.
pub(crate) fn id_from_file(file: &SourceFile<'_>) -> String {
    let name = slug(stem(file.name));
    if name.is_empty() { format!("document-{}", &blake3::hash(file.bytes).to_hex()[..8]) } else { name }
}

/// A file's name without its ending.
pub(crate) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
