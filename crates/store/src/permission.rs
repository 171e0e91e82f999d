//! Who reads, and what is visible to them: one function decides, and every read asks it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use grounds_core::{Document, PrincipalRow, Snapshot, Table, TableDefinition, Validity, VersionId};

use crate::denial::{DeniedKind, Record};
use crate::encoding::RowHead;
use crate::extent::Extent;
use crate::store::lock;
use crate::table::{Keys, row, visit_heads};
use crate::{Reader, StoreError};

/// Someone who reads, with the labels held at the reader's snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    name: String,
    labels: Arc<[String]>,
}

impl Principal {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The labels held, in order, each once.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    pub(crate) fn of(row: PrincipalRow) -> Self {
        let mut labels = row.labels;
        labels.sort_unstable();
        labels.dedup();
        Self { name: row.name, labels: labels.into() }
    }

    /// What the principal may see depends on this alone.
    pub(crate) fn label_set(&self) -> Arc<[String]> {
        Arc::clone(&self.labels)
    }
}

/// Whether what carries `labels` is visible to whoever holds `held`; `None` is the owner of the workspace, who sees all.
///
/// Deny by default: without a label nothing is visible to a principal, and every one of the labels must be held.
pub(crate) fn is_visible(labels: &[String], held: Option<&[String]>) -> bool {
    held.is_none_or(|held| !labels.is_empty() && labels.iter().all(|label| held.binary_search(label).is_ok()))
}

/// The pieces of each key that was looked up.
type Cache<K, P> = Mutex<HashMap<K, Arc<[P]>>>;

/// A reader's principal, with what was looked up to decide what it may see.
pub(crate) struct Permit {
    pub(crate) principal: Principal,
    /// For each document and declared table its pieces known up to the reader's snapshot.
    labelled: Cache<(Table, String), LabelledPiece>,
    /// For each version key the pieces of the version, each with its document.
    versions: Cache<String, (Extent, String)>,
    /// What was asked for in vain, so that asking again is recorded once.
    asked: Mutex<HashSet<(DeniedKind, String)>>,
}

struct LabelledPiece {
    extent: Extent,
    is_visible: bool,
}

/// Whether both are extents of one piece. Pieces that a commit wrote for one key share no day, and the end of system time is set later.
fn is_same_piece(a: &Extent, b: &Extent) -> bool {
    (a.from, a.known_from) == (b.from, b.known_from)
}

impl Permit {
    pub(crate) fn new(principal: Principal) -> Self {
        let (labelled, versions, asked) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { principal, labelled, versions, asked }
    }

    /// Whether the piece of `key` that holds in `piece` is visible somewhere in `window`.
    ///
    /// A document and a declared table are judged by their own labels; a version by those its document has while both hold; units and passages also by
    /// their version; a link by the documents at both its ends. Rules, matters, answers and principals are the owner's.
    pub(crate) fn sees(
        &self,
        reader: &Reader,
        table: Table,
        key: &str,
        piece: &Extent,
        window: &Extent,
    ) -> Result<bool, StoreError> {
        let Some(extent) = piece.intersection(window) else { return Ok(false) };
        match table {
            Table::Documents | Table::Tables => {
                let pieces = self.labelled(reader, table, key)?;
                Ok(pieces.iter().any(|labelled| labelled.is_visible && is_same_piece(&labelled.extent, piece)))
            }
            Table::Versions => {
                let pieces = self.version(reader, key)?;
                match pieces.iter().find(|(version, _)| is_same_piece(version, piece)) {
                    Some((_, document)) => self.sees_document(reader, document, &extent),
                    None => Ok(false),
                }
            }
            Table::Units | Table::Passages => self.sees_version(reader, version_of(key), &extent),
            Table::Links => Ok(self.sees_version(reader, version_of(key), &extent)?
                && self.sees_document(reader, target_of(key), &extent)?),
            Table::Rules | Table::Matters | Table::Answers | Table::Principals | Table::Labels | Table::Models => {
                Ok(false)
            }
        }
    }

    /// Whether `document` is visible somewhere in `extent`.
    pub(crate) fn sees_document(&self, reader: &Reader, document: &str, extent: &Extent) -> Result<bool, StoreError> {
        let pieces = self.labelled(reader, Table::Documents, document)?;
        Ok(pieces.iter().any(|piece| piece.is_visible && piece.extent.intersection(extent).is_some()))
    }

    fn sees_version(&self, reader: &Reader, version: &str, extent: &Extent) -> Result<bool, StoreError> {
        for (piece, document) in self.version(reader, version)?.iter() {
            if let Some(both) = piece.intersection(extent)
                && self.sees_document(reader, document, &both)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn labelled(&self, reader: &Reader, table: Table, key: &str) -> Result<Arc<[LabelledPiece]>, StoreError> {
        let place = (table, key.to_owned());
        if let Some(pieces) = lock(&self.labelled).get(&place) {
            return Ok(Arc::clone(pieces));
        }
        let mut heads = Vec::new();
        visit_heads(reader.rows()?, table, Keys::One(key), |_, _, head| {
            heads.extend((head.known_from <= reader.known_at()).then_some(head));
            Ok(())
        })?;
        let piece = |head: RowHead| {
            let labels = match table {
                Table::Documents => row::<Document>(reader.contents()?, key, &head)?.labels,
                _ => row::<TableDefinition>(reader.contents()?, key, &head)?.labels,
            };
            let is_visible = is_visible(&labels, Some(self.principal.labels()));
            Ok::<_, StoreError>(LabelledPiece { extent: Extent::of(&head), is_visible })
        };
        let pieces: Arc<[LabelledPiece]> = heads.into_iter().map(piece).collect::<Result<_, _>>()?;
        lock(&self.labelled).insert(place, Arc::clone(&pieces));
        Ok(pieces)
    }

    fn version(&self, reader: &Reader, key: &str) -> Result<Arc<[(Extent, String)]>, StoreError> {
        if let Some(pieces) = lock(&self.versions).get(key) {
            return Ok(Arc::clone(pieces));
        }
        let mut pieces = Vec::new();
        visit_heads(reader.rows()?, Table::Versions, Keys::One(key), |_, _, head| {
            if head.known_from <= reader.known_at() {
                pieces.push((Extent::of(&head), head.owner));
            }
            Ok(())
        })?;
        let pieces: Arc<[(Extent, String)]> = pieces.into();
        lock(&self.versions).insert(key.to_owned(), Arc::clone(&pieces));
        Ok(pieces)
    }

    /// Records that things were asked for by name and not found: `is_hidden` tells a denial from a name that nothing has.
    ///
    /// Both are written alike, so that neither the answer nor the time it takes tells them apart.
    fn note(
        &self,
        reader: &Reader,
        kind: DeniedKind,
        names: impl IntoIterator<Item = (String, bool)>,
    ) -> Result<(), StoreError> {
        let mut asked = lock(&self.asked);
        let mut records = Vec::new();
        for (name, is_hidden) in names {
            if asked.insert((kind, name.clone())) {
                let principal = self.principal.name.clone();
                records.push(Record { principal, kind, name, snapshot: reader.known_at().0, is_denial: is_hidden });
            }
        }
        drop(asked);
        reader.inner().denials.append(&records)
    }
}

/// The version that a key of a unit, passage or link begins with.
fn version_of(key: &str) -> &str {
    key.split('/').next().unwrap_or_default()
}

/// The document that a link's key leads to; see `grounds_core::Row::key`.
fn target_of(key: &str) -> &str {
    key.split('/').nth(2).unwrap_or_default()
}

impl Reader {
    /// The same view as `name` sees it: everything it returns from now on, and every number it counts, is that of a store that holds only what
    /// is visible to `name`.
    ///
    /// Labels are those held at the reader's snapshot and until further notice; see [`PrincipalRow`]. Hidden are documents with their versions,
    /// units, passages and links (also links that lead to them), and declared tables; rules, matters, answers and principals are the owner's.
    /// Asking by name for what is hidden gives what asking for something that does not exist gives, and an entry in
    /// [`Store::denials`](crate::Store::denials).
    ///
    /// # Errors
    /// [`StoreError::UnknownPrincipal`] (the owner can add one; the attempt is recorded), [`StoreError::Corrupt`], [`StoreError::Io`].
    pub fn for_principal(self, name: &str) -> Result<Reader, StoreError> {
        let mut held = None;
        let mut rows = Vec::new();
        visit_heads(self.rows()?, Table::Principals, Keys::One(name), |_, _, head| {
            if head.is_known_at(self.known_at()) && head.validity.to.is_none() {
                rows.push(head);
            }
            Ok(())
        })?;
        for head in rows {
            held = Some(Principal::of(row::<PrincipalRow>(self.contents()?, name, &head)?));
        }
        // A reader that already is somebody's does not become somebody else's.
        let allowed = self.principal().is_none_or(|already| already.name == name);
        match held.filter(|_| allowed) {
            Some(principal) => Ok(self.with_permit(Permit::new(principal))),
            None => {
                let record = Record {
                    principal: name.to_owned(),
                    kind: DeniedKind::Workspace,
                    name: String::new(),
                    snapshot: self.known_at().0,
                    is_denial: true,
                };
                self.inner().denials.append(&[record])?;
                Err(StoreError::UnknownPrincipal { name: name.to_owned(), known_at: self.known_at() })
            }
        }
    }

    /// Who reads; `None` is the owner.
    pub fn principal(&self) -> Option<&Principal> {
        self.permit().map(|permit| &permit.principal)
    }

    /// Whether the reader sees the piece of a built-in row that holds in this stretch of both time axes; always, for the owner.
    ///
    /// For readers of derived data, which holds what everybody may see. Pieces that begin after the reader's snapshot are seen by nobody.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Io`].
    pub fn sees(
        &self,
        table: Table,
        key: &str,
        validity: Validity,
        known_from: Snapshot,
        known_to: Option<Snapshot>,
    ) -> Result<bool, StoreError> {
        if known_from > self.known_at() {
            return Ok(false);
        }
        let Some(permit) = self.permit() else { return Ok(true) };
        let known_to = known_to.map_or(u64::MAX, |to| to.0);
        let piece = Extent { from: validity.from, to: validity.to, known_from: known_from.0, known_to };
        permit.sees(self, table, key, &piece, &Extent::up_to(self.known_at()))
    }

    /// Records that a document was asked for by a name that leads to none the reader sees; `is_called` says which documents it would have led to.
    ///
    /// For callers that look names up themselves, such as titles. Does nothing for the owner.
    ///
    /// # Errors
    /// [`StoreError::Io`] where the record cannot be written: then the question must not be answered.
    pub fn note_unknown_document(&self, name: &str, is_called: impl Fn(&Document) -> bool) -> Result<(), StoreError> {
        let Some(permit) = self.permit() else { return Ok(()) };
        let mut is_hidden = false;
        for key in self.keys_known(Table::Documents, Keys::All)? {
            let pieces = permit.labelled(self, Table::Documents, &key)?;
            if pieces.iter().any(|piece| piece.is_visible && piece.extent.is_known_at(self.known_at())) {
                continue;
            }
            let mut heads = Vec::new();
            visit_heads(self.rows()?, Table::Documents, Keys::One(&key), |_, _, head| {
                heads.extend(head.is_known_at(self.known_at()).then_some(head));
                Ok(())
            })?;
            for head in heads {
                is_hidden |= is_called(&row::<Document>(self.contents()?, &key, &head)?);
            }
        }
        permit.note(self, DeniedKind::Document, [(name.to_owned(), is_hidden)])
    }

    /// Records that `key` of `table` was asked for and is not among what the reader sees. Does nothing for the owner.
    pub(crate) fn note_missing(&self, kind: DeniedKind, table: Table, key: &str) -> Result<(), StoreError> {
        let Some(permit) = self.permit() else { return Ok(()) };
        let is_hidden = !self.keys_known(table, Keys::One(key))?.is_empty();
        permit.note(self, kind, [(key.to_owned(), is_hidden)])
    }

    /// Records those of the documents asked for that the reader sees on no date. Does nothing for the owner.
    pub(crate) fn note_missing_documents<'a>(&self, names: impl Iterator<Item = &'a str>) -> Result<(), StoreError> {
        let Some(permit) = self.permit() else { return Ok(()) };
        let window = Extent::window(None, self.known_at());
        let mut missing = Vec::new();
        for name in names {
            if !permit.sees_document(self, name, &window)? {
                let is_hidden = !self.keys_known(Table::Documents, Keys::One(name))?.is_empty();
                missing.push((name.to_owned(), is_hidden));
            }
        }
        permit.note(self, DeniedKind::Document, missing)
    }

    /// Records a version asked for that the reader sees on no date. Does nothing for the owner.
    pub(crate) fn note_missing_version(&self, version: &VersionId) -> Result<(), StoreError> {
        let Some(permit) = self.permit() else { return Ok(()) };
        if permit.sees_version(self, &version.0, &Extent::window(None, self.known_at()))? {
            return Ok(());
        }
        self.note_missing(DeniedKind::Version, Table::Versions, &version.0)
    }

    /// The keys of `table` that hold something at the reader's snapshot, whoever reads.
    fn keys_known(&self, table: Table, keys: Keys<'_>) -> Result<Vec<String>, StoreError> {
        let mut known: Vec<String> = Vec::new();
        visit_heads(self.rows()?, table, keys, |key, _, head| {
            if head.is_known_at(self.known_at()) && known.last().is_none_or(|last| last != key) {
                known.push(key.to_owned());
            }
            Ok(())
        })?;
        Ok(known)
    }
}
