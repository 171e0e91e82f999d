//! Small rows and stores for tests.

use std::path::{Path, PathBuf};

use grounds_core::{
    Batch, Cell, Change, ColumnDefinition, ColumnType, Document, DocumentId, Instant, Link, LinkKind, PassageRow,
    PrincipalRow, Row, RowChange, RowKey, Snapshot, SourceKind, Span, TableDefinition, TableId, Unit, UnitId, UnitKind,
    Validity, Version, VersionId,
};
use grounds_store::{Store, StoreConfig, TextQuery, encode_key};
use jiff::civil::Date;

/// A workspace that is removed with it.
pub(crate) struct Workspace {
    pub(crate) store: Store,
    folder: tempfile::TempDir,
}

impl Workspace {
    pub(crate) fn new() -> Self {
        Self::with(StoreConfig::new())
    }

    pub(crate) fn with(config: StoreConfig) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::create(&folder.path().join(".grounds"), config).expect("a new workspace");
        Self { store, folder }
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.folder.path().join(".grounds")
    }

    /// Closes the workspace and opens it again.
    pub(crate) fn reopened(self, config: StoreConfig) -> Self {
        let Self { store, folder } = self;
        drop(store);
        let store = Store::open(&folder.path().join(".grounds"), config).expect("it was closed");
        Self { store, folder }
    }

    /// Closes the workspace and gives its folder.
    pub(crate) fn closed(self) -> tempfile::TempDir {
        self.folder
    }

    pub(crate) fn commit(&self, changes: Vec<Change>) -> Snapshot {
        self.store.commit(&batch(changes), noon()).expect("a good batch")
    }
}

pub(crate) fn truth_path(directory: &Path) -> PathBuf {
    directory.join("truth.redb")
}

pub(crate) fn noon() -> Instant {
    "2024-05-01T12:00+02:00".parse().expect("an instant")
}

pub(crate) fn batch(changes: Vec<Change>) -> Batch {
    Batch { message: "test".to_owned(), changes, ..Batch::default() }
}

/// Day `number` of the year 2020, from 0.
pub(crate) fn day(number: u16) -> Date {
    Date::constant(2020, 1, 1).checked_add(jiff::Span::new().days(i64::from(number))).expect("a day in 2020")
}

pub(crate) fn put(row: Row, validity: Validity) -> Change {
    Change::Put { row, validity }
}

pub(crate) fn put_always(row: Row) -> Change {
    put(row, Validity::always())
}

pub(crate) fn document(id: &str, language: &str, title: &str) -> Row {
    Row::Document(Document {
        id: DocumentId(id.to_owned()),
        kind: SourceKind::Regulation,
        title: title.to_owned(),
        short_titles: Vec::new(),
        language: language.to_owned(),
        metadata: std::collections::BTreeMap::new(),
        labels: Vec::new(),
    })
}

/// The same document with labels.
pub(crate) fn labelled(row: Row, labels: &[&str]) -> Row {
    let Row::Document(mut document) = row else { return row };
    document.labels = labels.iter().map(|label| (*label).to_owned()).collect();
    Row::Document(document)
}

pub(crate) fn principal(name: &str, labels: &[&str]) -> Row {
    let labels = labels.iter().map(|label| (*label).to_owned()).collect();
    Row::Principal(PrincipalRow { name: name.to_owned(), labels })
}

pub(crate) fn version(document: &str, ordinal: u32, text: &str) -> Row {
    let document = DocumentId(document.to_owned());
    Row::Version(Version {
        id: VersionId::new(&document, ordinal),
        document,
        ordinal,
        text: text.to_owned(),
        text_hash: blake3::hash(text.as_bytes()).to_hex().to_string(),
        original_hash: blake3::hash(b"original").to_hex().to_string(),
        file_name: "file.txt".to_owned(),
    })
}

pub(crate) fn unit(document: &str, version: u32, ordinal: u32, id: &str, heading: &str) -> Row {
    let document = DocumentId(document.to_owned());
    Row::Unit(Unit {
        version: VersionId::new(&document, version),
        document,
        id: UnitId(id.to_owned()),
        parent: None,
        ordinal,
        kind: UnitKind::Article,
        number: ordinal.to_string(),
        heading: heading.to_owned(),
        pinpoint: format!("art. {ordinal}"),
        span: Span::new(0, 0),
        body: Span::new(0, 0),
        hash: String::new(),
    })
}

pub(crate) fn passage(document: &str, version: u32, ordinal: u32, span: Span, headings: &str) -> Row {
    let document = DocumentId(document.to_owned());
    Row::Passage(PassageRow {
        version: VersionId::new(&document, version),
        pinpoint: format!("{document} art. {ordinal}"),
        document,
        unit: UnitId(format!("art_{ordinal}")),
        ordinal,
        span,
        headings: headings.to_owned(),
    })
}

pub(crate) fn link(document: &str, version: u32, at: usize, to_document: &str, to_unit: &str, kind: LinkKind) -> Row {
    let document = DocumentId(document.to_owned());
    Row::Link(Link {
        kind,
        from_version: VersionId::new(&document, version),
        from_document: document,
        from_unit: UnitId("art_1".to_owned()),
        span: Span::new(at, at + 1),
        to_document: DocumentId(to_document.to_owned()),
        to_unit: UnitId(to_unit.to_owned()),
    })
}

/// A document with one version, and a passage for each of `sentences`.
pub(crate) fn small_document(id: &str, language: &str, sentences: &[&str]) -> Vec<Change> {
    let text = sentences.join("\n");
    let mut rows = vec![document(id, language, &format!("Title of {id}")), version(id, 1, &text)];
    let mut start = 0;
    for (ordinal, sentence) in sentences.iter().enumerate() {
        let ordinal = u32::try_from(ordinal).expect("few sentences");
        rows.push(passage(id, 1, ordinal, Span::new(start, start + sentence.len()), "Heading"));
        start += sentence.len() + 1;
    }
    rows.into_iter().map(put_always).collect()
}

/// A declared table of people: a number as its key, and a text.
pub(crate) fn people() -> TableDefinition {
    let column = |name: &str, column_type, nullable| ColumnDefinition {
        name: name.to_owned(),
        column_type,
        nullable,
        default: None,
        full_text: None,
    };
    TableDefinition {
        id: TableId(1),
        name: "people".to_owned(),
        columns: vec![column("id", ColumnType::Integer, false), column("note", ColumnType::Text, true)],
        primary_key: vec![0],
        labels: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
    }
}

/// From now on the person with this number has this note during `validity`.
pub(crate) fn person(id: i64, note: &str, validity: Validity) -> RowChange {
    let cells = vec![Cell::Integer(id), Cell::Text(note.to_owned())];
    RowChange { key: RowKey::Known(encode_key(&people(), &cells)), cells: Some(cells), validity }
}

pub(crate) fn query(text: &str) -> TextQuery {
    TextQuery {
        text: text.to_owned(),
        language: None,
        kinds: Vec::new(),
        documents: Vec::new(),
        passage_count_max: 100,
    }
}
