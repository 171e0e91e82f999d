//! Dated full editions of regulations as successive versions: each section is a document, each of its paragraphs a passage.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use grounds_core::{
    Batch, Change, Document, DocumentId, OriginalRow, PassageRow, Row, SourceKind, Span, UnitId, Validity, Version,
    VersionId,
};
use grounds_store::Store;
use jiff::civil::Date;

/// The versions of a document that were imported: from when, until when, ordinal.
type Known = BTreeMap<String, Vec<(Date, Option<Date>, u32)>>;

/// Imports every edition in its own commit, in the order in which they were published.
pub(crate) fn import(folder: &Path, store: &Store) -> anyhow::Result<()> {
    let mut files = Vec::new();
    for part in std::fs::read_dir(folder).with_context(|| format!("{} is missing", folder.display()))? {
        for file in std::fs::read_dir(part?.path())? {
            files.push(file?.path());
        }
    }
    files.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
    let mut known = Known::new();
    for path in files {
        let bytes = std::fs::read(&path)?;
        let text = String::from_utf8(bytes.clone())?;
        let (_, rest) = text.split_once("<effectiveDate>").context("an edition says from when it is in force")?;
        let from: Date = rest.split('<').next().unwrap_or_default().parse()?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let original = OriginalRow { hash: hash(&bytes), bytes };
        let mut changes = Vec::new();
        for section in sections(&text) {
            add(&section, (from, &original.hash, &name), &mut known, &mut changes);
        }
        let batch = Batch { message: format!("import {name}"), changes, originals: vec![original], ..Batch::default() };
        store.commit(&batch, super::noon()?)?;
    }
    Ok(())
}

fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// One section, appendix section or section of the interpretations.
struct Section {
    id: String,
    title: String,
    paragraphs: Vec<String>,
}

/// Cuts an edition at the elements that are sections. The files are regular enough to do without a parser.
fn sections(xml: &str) -> Vec<Section> {
    let mut found = Vec::new();
    for (element, prefix) in [("<section ", "sec"), ("<appendixSection ", "app"), ("<interpSection ", "int")] {
        for piece in xml.split(element).skip(1) {
            let end = format!("</{}>", element.trim_matches(['<', ' ']));
            let piece = piece.split(end.as_str()).next().unwrap_or_default();
            let label = attribute(piece, "label");
            let title = piece.split_once("<subject>").or_else(|| piece.split_once("<title"));
            let title = title.map(|(_, rest)| plain(rest.split("</").next().unwrap_or_default())).unwrap_or_default();
            let paragraphs: Vec<String> = piece
                .split("<content")
                .skip(1)
                .map(|content| plain(content.split("</content>").next().unwrap_or_default()))
                .filter(|text| !text.is_empty())
                .collect();
            if !label.is_empty() && !paragraphs.is_empty() {
                found.push(Section { id: format!("{prefix}-{}", label.to_lowercase()), title, paragraphs });
            }
        }
    }
    found
}

fn attribute(piece: &str, name: &str) -> String {
    let start = format!("{name}=\"");
    let value = piece.split_once(start.as_str()).and_then(|(_, rest)| rest.split('"').next());
    value.unwrap_or_default().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect()
}

/// The words of a piece of XML that begins inside a tag, or before any.
fn plain(xml: &str) -> String {
    let mut text = String::new();
    let inside = xml.split_once('>').filter(|(tag, _)| !tag.contains('<')).map_or(xml, |(_, rest)| rest);
    for piece in inside.split('<') {
        let words = if text.is_empty() && !inside.starts_with('<') {
            piece
        } else {
            piece.split_once('>').map_or(piece, |(_, words)| words)
        };
        text.push_str(words);
        text.push(' ');
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Adds a section as a version from a date: the version before ends there, and one that begins later keeps its time.
fn add(section: &Section, (from, original, file): (Date, &str, &str), known: &mut Known, changes: &mut Vec<Change>) {
    let versions = known.entry(section.id.clone()).or_default();
    let document = DocumentId(section.id.clone());
    let ordinal = versions.len() as u32 + 1;
    let id = VersionId::new(&document, ordinal);
    let to = versions.iter().map(|(other, _, _)| *other).filter(|other| *other > from).min();
    for (_, end, before) in
        versions.iter_mut().filter(|(begin, end, _)| *begin <= from && end.is_none_or(|end| end > from))
    {
        changes.push(Change::CloseVersion { version: VersionId::new(&document, *before), from });
        *end = Some(from);
    }
    versions.push((from, to, ordinal));
    let row = Document {
        id: document.clone(),
        kind: SourceKind::Regulation,
        title: section.title.clone(),
        short_titles: Vec::new(),
        language: "en".to_owned(),
        metadata: BTreeMap::new(),
        labels: Vec::new(),
    };
    changes.push(super::always(Row::Document(row)));
    let text = section.paragraphs.join("\n");
    let validity = Validity { from, to };
    let version = Version {
        id: id.clone(),
        document: document.clone(),
        ordinal,
        text_hash: hash(text.as_bytes()),
        text,
        original_hash: original.to_owned(),
        file_name: file.to_owned(),
    };
    changes.push(Change::Put { row: Row::Version(version), validity });
    let mut start = 0;
    for (ordinal, paragraph) in (0..).zip(&section.paragraphs) {
        let row = PassageRow {
            document: document.clone(),
            version: id.clone(),
            unit: UnitId(format!("par_{ordinal}")),
            ordinal,
            span: Span::new(start, start + paragraph.len()),
            headings: section.title.clone(),
            pinpoint: format!("{document} par. {ordinal}"),
        };
        changes.push(Change::Put { row: Row::Passage(row), validity });
        start += paragraph.len() + 1;
    }
}
