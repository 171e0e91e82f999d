//! A corpus as the rows of one commit.

use std::collections::BTreeMap;

use grounds_core::{
    Batch, Change, Document, DocumentId, PassageRow, Row, SourceKind, Span, Unit, UnitId, UnitKind, Validity, Version,
    VersionId,
};

use super::structure::{Grouped, documents, headings, parents};
use super::{AS_OF, Entry};

/// Everything that a corpus holds, as one commit.
pub(crate) fn batch(entries: &[Entry]) -> Batch {
    let mut batch = Batch { message: "import a corpus".to_owned(), ..Batch::default() };
    let language = language(entries.iter().map(|entry| entry.text.as_str()));
    for (number, document) in documents(entries).iter().enumerate() {
        add_document(&mut batch, (number, document), entries, language);
    }
    batch
}

/// The entry that a unit stands for.
pub(crate) fn entry_of(unit: &UnitId) -> Option<u32> {
    unit.0.strip_prefix("art_")?.parse().ok()
}

fn add_document(batch: &mut Batch, (number, grouped): (usize, &Grouped<'_>), entries: &[Entry], language: &str) {
    // Names in the order of the corpus, so that equal scores come in that order.
    let id = DocumentId(format!("d{number:07}"));
    let version = VersionId::new(&id, 1);
    let (text, spans) = joined(grouped, entries);
    let named = Document {
        id: id.clone(),
        kind: SourceKind::Regulation,
        title: grouped.title.to_owned(),
        short_titles: Vec::new(),
        language: language.to_owned(),
        metadata: BTreeMap::new(),
        labels: Vec::new(),
    };
    let units = Units { document: id.clone(), version: version.clone(), grouped, text: &text, spans };
    let parts = units.rows(entries);
    let (text_hash, file_name) = (hash(&text), format!("{id}.txt"));
    let original_hash = text_hash.clone();
    let version = Version { id: version, document: id, ordinal: 1, text, text_hash, original_hash, file_name };
    let rows = [Row::Document(named), Row::Version(version)].into_iter().chain(parts);
    let validity = Validity::from(AS_OF);
    batch.changes.extend(rows.map(|row| Change::Put { row, validity }));
}

/// The words of a document's entries one after the other, and where each stands.
fn joined(grouped: &Grouped<'_>, entries: &[Entry]) -> (String, Vec<Span>) {
    let (mut text, mut spans) = (String::new(), Vec::with_capacity(grouped.entries.len()));
    for (position, place) in &grouped.entries {
        let entry = &entries[*position];
        // One without a text is found by its title, where that is its own.
        let words = if entry.text.is_empty() && place.is_empty() { &entry.title } else { &entry.text };
        let start = text.len();
        text.push_str(words);
        spans.push(Span::new(start, text.len()));
        text.push_str("\n\n");
    }
    (text, spans)
}

/// The units and passages of one document.
struct Units<'e> {
    document: DocumentId,
    version: VersionId,
    grouped: &'e Grouped<'e>,
    text: &'e str,
    /// Of the words of each entry.
    spans: Vec<Span>,
}

impl Units<'_> {
    fn rows(&self, entries: &[Entry]) -> Vec<Row> {
        let parents = parents(self.grouped);
        // Of an entry with all those below it, which come right after it.
        let mut ends: Vec<u32> = self.spans.iter().map(|span| span.end).collect();
        for number in (0..parents.len()).rev() {
            if let Some(parent) = parents[number] {
                ends[parent] = ends[parent].max(ends[number]);
            }
        }
        let whole = Span::new(0, self.text.len());
        let mut rows = vec![Row::Unit(self.unit((UnitId::root(), UnitKind::Root), None, 0, whole))];
        for (number, above) in headings(self.grouped, &parents, entries).into_iter().enumerate() {
            let (span, ordinal) = (self.spans[number], u32::try_from(number).unwrap_or(u32::MAX - 1));
            if span.start < span.end {
                rows.push(Row::Passage(PassageRow {
                    document: self.document.clone(),
                    version: self.version.clone(),
                    unit: self.id(number),
                    ordinal,
                    span,
                    headings: above,
                    pinpoint: self.grouped.entries[number].1.to_owned(),
                }));
            }
            let parent = parents[number].map_or_else(UnitId::root, |parent| self.id(parent));
            let with_parts = Span { start: span.start, end: ends[number] };
            let unit = self.unit((self.id(number), UnitKind::Article), Some(parent), ordinal + 1, with_parts);
            let (position, place) = self.grouped.entries[number];
            rows.push(Row::Unit(Unit { number: position.to_string(), pinpoint: place.to_owned(), ..unit }));
        }
        rows
    }

    fn id(&self, number: usize) -> UnitId {
        UnitId::root().child(UnitKind::Article, &self.grouped.entries[number].0.to_string())
    }

    fn unit(&self, (id, kind): (UnitId, UnitKind), parent: Option<UnitId>, ordinal: u32, span: Span) -> Unit {
        Unit {
            document: self.document.clone(),
            version: self.version.clone(),
            id,
            parent,
            ordinal,
            kind,
            number: String::new(),
            heading: String::new(),
            pinpoint: String::new(),
            span,
            body: span,
            hash: hash(span.of(self.text).unwrap_or_default()),
        }
    }
}

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// The language whose words are to be cut: told by the script, and English where that is Latin.
pub(crate) fn language<'t>(texts: impl Iterator<Item = &'t str>) -> &'static str {
    let sample = texts.take(1_000).flat_map(str::chars);
    let (mut kana, mut han, mut letters) = (0_usize, 0_usize, 0_usize);
    for character in sample.filter(|character| character.is_alphabetic()) {
        letters += 1;
        kana += usize::from(matches!(character, '\u{3040}'..='\u{30ff}'));
        han += usize::from(matches!(character, '\u{3400}'..='\u{9fff}'));
    }
    match () {
        () if kana * 10 > letters => "ja",
        () if han * 2 > letters => "zh",
        () => "en",
    }
}
