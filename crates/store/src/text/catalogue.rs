//! The heads of all documents, versions and passages in memory: enough to say what is visible where, without their texts.

use std::collections::HashMap;
use std::sync::Arc;

use grounds_core::{Document, Snapshot, SourceKind, Table};

use crate::cells::{BuiltInChange, visit_built_in_changes};
use crate::commit::Effects;
use crate::encoding::{RowHead, place};
use crate::extent::Extent;
use crate::table::{Keys, head, row, visit_heads};
use crate::text::analyse::Language;
use crate::text::document::AnalysedTitle;
use crate::{Reader, StoreError};

/// One piece of a document.
pub(crate) struct DocumentPiece {
    pub(crate) extent: Extent,
    pub(crate) kind: SourceKind,
    pub(crate) language: Language,
    /// What must be held to see it.
    pub(crate) labels: Arc<[String]>,
    pub(crate) title: Arc<AnalysedTitle>,
    pub(crate) row: u64,
}

/// One piece of a version.
pub(crate) struct VersionPiece {
    pub(crate) extent: Extent,
    pub(crate) content: u64,
    /// An index into [`Catalogue::documents`].
    pub(crate) document: u32,
    pub(crate) row: u64,
}

/// One piece of a passage.
pub(crate) struct PassagePiece {
    pub(crate) extent: Extent,
    pub(crate) content: u64,
    /// An index into [`Catalogue::versions`].
    pub(crate) version: u32,
    pub(crate) ordinal: u32,
    pub(crate) row: u64,
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
    /// Where in `passages` the row with a number is; made when a commit first closes one.
    passage_places: Option<HashMap<u64, u32>>,
}

impl Catalogue {
    /// A catalogue of these pieces.
    pub(crate) fn from_parts(
        snapshot: Snapshot,
        documents: Vec<(String, Vec<DocumentPiece>)>,
        versions: Vec<(String, Vec<VersionPiece>)>,
        passages: Vec<PassagePiece>,
    ) -> Self {
        let document_places = places_of(&documents);
        let version_places = places_of(&versions);
        Self { snapshot, documents, versions, passages, document_places, version_places, passage_places: None }
    }

    /// The catalogue of an empty workspace.
    pub(crate) fn empty() -> Self {
        Self::from_parts(Snapshot(0), Vec::new(), Vec::new(), Vec::new())
    }

    /// Reads every head the reader's transaction has, also those later than the reader's snapshot.
    pub(crate) fn read(reader: &Reader) -> Result<Self, StoreError> {
        let mut catalogue = Self::from_parts(reader.latest_known(), Vec::new(), Vec::new(), Vec::new());
        for table in [Table::Documents, Table::Versions, Table::Passages] {
            visit_heads(reader.rows()?, table, Keys::All, |key, number, head| {
                catalogue.open(reader, table, key, number, &head)
            })?;
        }
        Ok(catalogue)
    }

    /// Follows the commits after its snapshot up to the latest of the reader's transaction.
    ///
    /// Cost: one probe for each row they opened.
    pub(crate) fn catch_up(&mut self, reader: &Reader) -> Result<(), StoreError> {
        let since = self.snapshot;
        visit_built_in_changes(reader, since, |snapshot, change| {
            let BuiltInChange { table, key, number, is_closed } = change;
            if !matches!(table, Table::Documents | Table::Versions | Table::Passages) {
                return Ok(());
            }
            if is_closed {
                self.close(table, &key, number, snapshot);
                return Ok(());
            }
            let head = head(reader.rows()?, table, &key, number)?;
            self.open(reader, table, &key, number, &head)
        })?;
        self.snapshot = reader.latest_known().max(since);
        Ok(())
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
                let document: Document = row(reader.contents()?, key, head)?;
                let language = Language::of(&document.language);
                let title = Arc::new(AnalysedTitle::new(&document, language));
                let labels = document.labels.into();
                let piece = DocumentPiece { extent, kind: document.kind, language, labels, title, row: number };
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
                if let Some(places) = &mut self.passage_places {
                    places.insert(number, index(self.passages.len()));
                }
                self.passages.push(PassagePiece { extent, content: head.content, version, ordinal, row: number });
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
                let passages = self.passages.iter().enumerate();
                let places = self
                    .passage_places
                    .get_or_insert_with(|| passages.map(|(place, piece)| (piece.row, index(place))).collect());
                places.get(&number).map(|place| &mut self.passages[*place as usize].extent)
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

fn places_of<T>(entries: &[(String, Vec<T>)]) -> HashMap<String, u32> {
    entries.iter().enumerate().map(|(place, (key, _))| (key.clone(), index(place))).collect()
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
