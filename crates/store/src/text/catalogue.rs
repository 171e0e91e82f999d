//! The heads of all documents, versions and passages in memory: enough to say what is visible where, without their texts.

use std::collections::HashMap;
use std::sync::Arc;

use grounds_core::{Document, Snapshot, SourceKind, Table};
use jiff::civil::Date;

use crate::commit::Effects;
use crate::encoding::{RowHead, place};
use crate::table::{Keys, row, visit_heads};
use crate::text::analyse::Language;
use crate::text::document::AnalysedTitle;
use crate::{Reader, StoreError};

/// A rectangle on the two time axes, packed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    from: Date,
    to: Option<Date>,
    known_from: u64,
    known_to: u64,
}

impl Extent {
    fn of(head: &RowHead) -> Self {
        Self {
            from: head.validity.from,
            to: head.validity.to,
            known_from: head.known_from.0,
            known_to: head.known_to.map_or(u64::MAX, |snapshot| snapshot.0),
        }
    }

    /// Whether the rectangle holds this point.
    pub(crate) fn holds(&self, as_of: Date, known_at: Snapshot) -> bool {
        self.known_from <= known_at.0
            && known_at.0 < self.known_to
            && self.from <= as_of
            && self.to.is_none_or(|to| as_of < to)
    }

    /// Whether it begins at or before `snapshot`.
    pub(crate) fn is_known_by(&self, snapshot: Snapshot) -> bool {
        self.known_from <= snapshot.0
    }

    /// The rectangle both have, where they share a point.
    pub(crate) fn intersection(&self, other: &Extent) -> Option<Extent> {
        let to = match (self.to, other.to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let both = Extent {
            from: self.from.max(other.from),
            to,
            known_from: self.known_from.max(other.known_from),
            known_to: self.known_to.min(other.known_to),
        };
        (both.known_from < both.known_to && both.to.is_none_or(|to| both.from < to)).then_some(both)
    }
}

/// One piece of a document.
pub(crate) struct DocumentPiece {
    pub(crate) extent: Extent,
    pub(crate) kind: SourceKind,
    pub(crate) language: Language,
    pub(crate) title: Arc<AnalysedTitle>,
    row: u64,
}

/// One piece of a version.
pub(crate) struct VersionPiece {
    pub(crate) extent: Extent,
    pub(crate) content: u64,
    /// An index into [`Catalogue::documents`].
    pub(crate) document: u32,
    row: u64,
}

/// One piece of a passage.
pub(crate) struct PassagePiece {
    pub(crate) extent: Extent,
    pub(crate) content: u64,
    /// An index into [`Catalogue::versions`].
    pub(crate) version: u32,
    pub(crate) ordinal: u32,
}

/// All pieces there ever were, up to a snapshot.
pub(crate) struct Catalogue {
    /// Everything up to here is in it; points after it cannot be answered.
    pub(crate) snapshot: Snapshot,
    pub(crate) documents: Vec<(String, Vec<DocumentPiece>)>,
    pub(crate) versions: Vec<(String, Vec<VersionPiece>)>,
    pub(crate) passages: Vec<PassagePiece>,
    document_places: HashMap<String, u32>,
    version_places: HashMap<String, u32>,
    /// Where in `passages` the row with a number is.
    passage_places: HashMap<u64, u32>,
}

impl Catalogue {
    /// Reads every head the reader's transaction has, also those later than the reader's snapshot.
    pub(crate) fn read(reader: &Reader) -> Result<Self, StoreError> {
        let mut catalogue = Self {
            snapshot: reader.latest_known(),
            documents: Vec::new(),
            versions: Vec::new(),
            passages: Vec::new(),
            document_places: HashMap::new(),
            version_places: HashMap::new(),
            passage_places: HashMap::new(),
        };
        for table in [Table::Documents, Table::Versions, Table::Passages] {
            visit_heads(reader.rows(), table, Keys::All, |key, number, head| {
                catalogue.open(reader, table, key, number, &head)
            })?;
        }
        Ok(catalogue)
    }

    /// Follows one commit; `false` where one before it is missing.
    pub(crate) fn follow(&mut self, reader: &Reader, effects: &Effects) -> Result<bool, StoreError> {
        if effects.snapshot <= self.snapshot {
            return Ok(true);
        }
        if effects.snapshot.0 != self.snapshot.0 + 1 {
            return Ok(false);
        }
        for closed in &effects.closed {
            self.close(closed.table, &closed.key, closed.number, effects.snapshot);
        }
        for opened in &effects.opened {
            self.open(reader, opened.table, &opened.key, opened.number, &opened.head)?;
        }
        self.snapshot = effects.snapshot;
        Ok(true)
    }

    fn open(
        &mut self,
        reader: &Reader,
        table: Table,
        key: &str,
        number: u64,
        head: &RowHead,
    ) -> Result<(), StoreError> {
        let extent = Extent::of(head);
        match table {
            Table::Documents => {
                let document: Document = row(reader.contents(), key, head)?;
                let language = Language::of(&document.language);
                let title = Arc::new(AnalysedTitle::new(&document, language));
                let piece = DocumentPiece { extent, kind: document.kind, language, title, row: number };
                let at = self.document(key);
                self.documents[at as usize].1.push(piece);
            }
            Table::Versions => {
                let document = self.document(&head.owner);
                let piece = VersionPiece { extent, content: head.content, document, row: number };
                let at = self.version(key);
                self.versions[at as usize].1.push(piece);
            }
            Table::Passages => {
                let parts = key.rsplit_once('/').and_then(|(version, ordinal)| Some((version, ordinal.parse().ok()?)));
                let Some((version, ordinal)) = parts else {
                    return Err(StoreError::corrupt("a passage's key has no version and position", place(table, key)));
                };
                let version = self.version(version);
                self.passage_places.insert(number, index(self.passages.len()));
                self.passages.push(PassagePiece { extent, content: head.content, version, ordinal });
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, table: Table, key: &str, number: u64, snapshot: Snapshot) {
        let extent = match table {
            Table::Documents => {
                let at = self.document(key);
                let mut pieces = self.documents[at as usize].1.iter_mut();
                pieces.find(|piece| piece.row == number).map(|piece| &mut piece.extent)
            }
            Table::Versions => {
                let at = self.version(key);
                let mut pieces = self.versions[at as usize].1.iter_mut();
                pieces.find(|piece| piece.row == number).map(|piece| &mut piece.extent)
            }
            Table::Passages => {
                let place = self.passage_places.get(&number);
                place.map(|place| &mut self.passages[*place as usize].extent)
            }
            _ => None,
        };
        if let Some(extent) = extent {
            extent.known_to = snapshot.0;
        }
    }

    fn document(&mut self, key: &str) -> u32 {
        place_of(&mut self.documents, &mut self.document_places, key)
    }

    fn version(&mut self, key: &str) -> u32 {
        place_of(&mut self.versions, &mut self.version_places, key)
    }
}

fn place_of<T>(entries: &mut Vec<(String, Vec<T>)>, places: &mut HashMap<String, u32>, key: &str) -> u32 {
    if let Some(place) = places.get(key) {
        return *place;
    }
    let place = index(entries.len());
    entries.push((key.to_owned(), Vec::new()));
    places.insert(key.to_owned(), place);
    place
}

/// A position in a list of this catalogue.
pub(crate) fn index(position: usize) -> u32 {
    u32::try_from(position).expect("a workspace holds fewer than four billion pieces")
}
