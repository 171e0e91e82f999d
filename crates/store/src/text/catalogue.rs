//! The heads of all documents, versions and passages in memory: enough to say what is visible where, without their texts.

use std::collections::HashMap;
use std::sync::Arc;

use grounds_core::{Document, Snapshot, SourceKind, Table};

use crate::commit::Effects;
use crate::encoding::{RowHead, place};
use crate::extent::Extent;
use crate::table::{Keys, row, visit_heads};
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
