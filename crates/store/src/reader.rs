//! The view at one snapshot: rows by key, by version, by date, and the history of a key.

use std::sync::{Arc, OnceLock};

use grounds_core::{
    AnswerRow, Document, DocumentId, LabelRow, Link, MatterRow, ModelRow, PassageRow, PrincipalRow, RuleFileRow,
    Snapshot, Table, Unit, UnitId, Validity, Version, VersionId,
};
use jiff::civil::Date;
use redb::{ReadOnlyTable, ReadTransaction, TableDefinition};

use crate::StoreError;
use crate::denial::DeniedKind;
use crate::encoding::{RowHead, place};
use crate::error::{EngineContext, contain};
use crate::extent::Extent;
use crate::permission::Permit;
use crate::schema::{CELLS, CONTENTS, LINKS_BY_TARGET, ROWS, UNITS_BY_ID, VERSIONS_BY_DOCUMENT};
use crate::store::Inner;
use crate::table::{Keys, TableRow, content, row, visit_heads};
use crate::text::{ScoreParts, TextQuery, TextResult, WordPlaces};

/// A row with its place on both time axes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<T> {
    /// The row.
    pub row: T,
    /// The stretch of valid time in which it holds. A row whose validity was split is stored in several such pieces.
    pub validity: Validity,
    /// The commit that wrote this piece.
    pub known_from: Snapshot,
    /// The commit that closed it; always `None` in what a reader sees, for later commits do not exist to it.
    pub known_to: Option<Snapshot>,
}

/// One piece of a key's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowVersion {
    /// The stretch of valid time.
    pub validity: Validity,
    /// The commit that wrote it.
    pub known_from: Snapshot,
    /// The commit that closed it, as far as the reader's snapshot knows.
    pub known_to: Option<Snapshot>,
    /// The row as JSON.
    pub json: String,
}

/// Heads of rows by table, key and number.
type HeadTable = ReadOnlyTable<(u8, &'static str, u64), &'static [u8]>;

/// An immutable view of everything as known at one snapshot. Never waits for a writer, and sees none.
pub struct Reader {
    inner: Arc<Inner>,
    known_at: Snapshot,
    latest: Snapshot,
    // Each is opened when it is first needed: most readers need one.
    rows: OnceLock<HeadTable>,
    contents: OnceLock<ReadOnlyTable<u64, &'static [u8]>>,
    cells: OnceLock<ReadOnlyTable<&'static [u8], &'static [u8]>>,
    transaction: ReadTransaction,
    /// Whose eyes it has; `None` are the owner's.
    permit: Option<Permit>,
}

/// A row head with its key.
struct Found {
    key: String,
    head: RowHead,
}

impl Reader {
    /// A view at `known_at`, which the caller has checked to exist in `transaction`.
    pub(crate) fn new(inner: Arc<Inner>, transaction: ReadTransaction, known_at: Snapshot, latest: Snapshot) -> Self {
        let (rows, contents, cells) = Default::default();
        Self { inner, known_at, latest, rows, contents, cells, transaction, permit: None }
    }

    /// The snapshot it sees.
    pub fn known_at(&self) -> Snapshot {
        self.known_at
    }

    /// The documents valid on `as_of`; with `None`, every piece of every document's validity. In order of name.
    ///
    /// # Errors
    /// Like every method here that reads: [`StoreError::Corrupt`] where stored bytes are not what was written,
    /// [`StoreError::Io`] or [`StoreError::Engine`] where the disk fails.
    pub fn documents(&self, as_of: Option<Date>) -> Result<Vec<Stored<Document>>, StoreError> {
        self.load(self.found(Table::Documents, Keys::All, as_of)?)
    }

    /// The document called `id`, whatever the date: the piece that is valid latest.
    pub fn document(&self, id: &DocumentId) -> Result<Option<Stored<Document>>, StoreError> {
        self.latest(&id.0, DeniedKind::Document)
    }

    /// Every version of `document`, ordered by the day from which it is valid; a version valid in several pieces occurs with
    /// each.
    pub fn versions(&self, document: &DocumentId) -> Result<Vec<Stored<Version>>, StoreError> {
        self.note_missing_documents(std::iter::once(document.0.as_str()))?;
        let mut found = Vec::new();
        for key in self.version_keys(document)? {
            let pieces = self.found(Table::Versions, Keys::One(&key), None)?;
            found.extend(pieces.into_iter().filter(|piece| piece.head.owner == document.0));
        }
        found.sort_by_key(|piece| piece.head.validity);
        self.load(found)
    }

    /// The version called `id`, whatever the date: the piece that is valid latest.
    pub fn version(&self, id: &VersionId) -> Result<Option<Stored<Version>>, StoreError> {
        self.latest(&id.0, DeniedKind::Version)
    }

    /// The version of `document` in force on `as_of`; of several, the one valid from the latest day, then the one imported
    /// last.
    pub fn version_in_force(&self, document: &DocumentId, as_of: Date) -> Result<Option<Stored<Version>>, StoreError> {
        self.note_missing_documents(std::iter::once(document.0.as_str()))?;
        let mut found = Vec::new();
        for key in self.version_keys(document)? {
            let pieces = self.found(Table::Versions, Keys::One(&key), Some(as_of))?;
            found.extend(pieces.into_iter().filter(|piece| piece.head.owner == document.0));
        }
        let latest = found.iter().map(|piece| piece.head.validity.from).max();
        found.retain(|piece| Some(piece.head.validity.from) == latest);
        let versions: Vec<Stored<Version>> = self.load(found)?;
        Ok(versions.into_iter().max_by_key(|version| version.row.ordinal))
    }

    /// The units of `version` in document order; of one valid in several pieces, the latest.
    pub fn units(&self, version: &VersionId) -> Result<Vec<Stored<Unit>>, StoreError> {
        self.parts(version)
    }

    /// The unit of `version` called `unit`, whatever the date: the piece that is valid latest.
    pub fn unit(&self, version: &VersionId, unit: &UnitId) -> Result<Option<Stored<Unit>>, StoreError> {
        self.note_missing_version(version)?;
        let keys = self.index_keys(UNITS_BY_ID, &version.0, &unit.0)?;
        let mut found = Vec::new();
        for key in &keys {
            found.extend(self.found(Table::Units, Keys::One(key), None)?);
        }
        let units: Vec<Stored<Unit>> = self.load(found)?;
        Ok(units.into_iter().filter(|stored| stored.row.id == *unit).max_by_key(|stored| stored.validity.from))
    }

    /// The links out of `version` in the order in which they stand in its text; of one valid in several pieces, the latest.
    pub fn links_from(&self, version: &VersionId) -> Result<Vec<Stored<Link>>, StoreError> {
        self.parts(version)
    }

    /// The links valid on `as_of` to `unit` of `document`, in order of the citing version, then of place.
    pub fn links_to(&self, document: &DocumentId, unit: &UnitId, as_of: Date) -> Result<Vec<Stored<Link>>, StoreError> {
        self.note_missing_documents(std::iter::once(document.0.as_str()))?;
        let mut found = Vec::new();
        for key in self.index_keys(LINKS_BY_TARGET, &document.0, &unit.0)? {
            found.extend(self.found(Table::Links, Keys::One(&key), Some(as_of))?);
        }
        self.load(found)
    }

    /// The passages of `version` in document order; of one valid in several pieces, the latest.
    pub fn passages(&self, version: &VersionId) -> Result<Vec<Stored<PassageRow>>, StoreError> {
        self.parts(version)
    }

    /// The rule files valid on `as_of`; with `None`, every piece of every file's validity. In order of name.
    pub fn rule_files(&self, as_of: Option<Date>) -> Result<Vec<Stored<RuleFileRow>>, StoreError> {
        self.load(self.found(Table::Rules, Keys::All, as_of)?)
    }

    /// The matters, in order of name; of one valid in several pieces, the latest.
    pub fn matters(&self) -> Result<Vec<Stored<MatterRow>>, StoreError> {
        self.load(latest_of_each_key(self.found(Table::Matters, Keys::All, None)?))
    }

    /// The answers and assessments given, in order of name; of one valid in several pieces, the latest.
    pub fn answers(&self) -> Result<Vec<Stored<AnswerRow>>, StoreError> {
        self.load(latest_of_each_key(self.found(Table::Answers, Keys::All, None)?))
    }

    /// The principals, in order of name; of one valid in several pieces, the latest.
    pub fn principals(&self) -> Result<Vec<Stored<PrincipalRow>>, StoreError> {
        self.load(latest_of_each_key(self.found(Table::Principals, Keys::All, None)?))
    }

    /// The labels that models learn from, in order of name; of one valid in several pieces, the latest.
    pub fn labels(&self) -> Result<Vec<Stored<LabelRow>>, StoreError> {
        self.load(latest_of_each_key(self.found(Table::Labels, Keys::All, None)?))
    }

    /// The models, in order of name; of one valid in several pieces, the latest. Their bytes are [`Store::original`](crate::Store::original)s.
    pub fn models(&self) -> Result<Vec<Stored<ModelRow>>, StoreError> {
        self.load(latest_of_each_key(self.found(Table::Models, Keys::All, None)?))
    }

    /// The bytes of a model that this reader sees; `None` where they were erased.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`]: they are not what was kept; [`StoreError::Io`], [`StoreError::Engine`].
    pub fn model_bytes(&self, model: &ModelRow) -> Result<Option<Vec<u8>>, StoreError> {
        crate::store::original(self.transaction(), &model.hash)
    }

    /// The answer called `name`.
    pub fn answer(&self, name: &str) -> Result<Option<Stored<AnswerRow>>, StoreError> {
        self.latest(name, DeniedKind::Row)
    }

    /// Every piece a key of `table` ever had, in the order in which they became known, then of validity.
    pub fn history(&self, table: Table, key: &str) -> Result<Vec<RowVersion>, StoreError> {
        let mut pieces = Vec::new();
        visit_heads(self.rows()?, table, Keys::One(key), |key, _, head| {
            if head.known_from <= self.known_at {
                pieces.push(Found { key: key.to_owned(), head });
            }
            Ok(())
        })?;
        self.keep_seen(table, &Extent::up_to(self.known_at), &mut pieces)?;
        if pieces.is_empty() {
            self.note_missing(DeniedKind::Row, table, key)?;
        }
        pieces.sort_by_key(|piece| (piece.head.known_from, piece.head.validity));
        let version = |Found { head, .. }: Found| {
            let json = content(self.contents()?, table, key, &head)?;
            let json =
                String::from_utf8(json).map_err(|_| StoreError::corrupt("a content is not text", place(table, key)))?;
            let known_to = head.known_to.filter(|to| *to <= self.known_at);
            Ok(RowVersion { validity: head.validity, known_from: head.known_from, known_to, json })
        };
        pieces.into_iter().map(version).collect()
    }

    /// Ranks the passages that share words with the query, best first, among those visible on `as_of`.
    ///
    /// A passage is visible when it, its version and its document are valid on `as_of` and known at the reader's snapshot.
    /// The result equals, bit for bit, what a fresh store holding only the visible rows would return: statistics are counted
    /// over visible passages alone. See [`Bm25fParameters`](crate::Bm25fParameters) for the score. Ties are broken by
    /// version and position. No hit is not an error.
    ///
    /// Cost: the first search at a position on the two axes lists the visible passages; then one walk over each query
    /// term's postings. When more passages than the configuration allows are not in the text generation, it is built first.
    pub fn search(&self, query: &TextQuery, as_of: Date) -> Result<TextResult, StoreError> {
        let mut results = self.search_each(std::slice::from_ref(query), as_of)?;
        Ok(results.pop().expect("one query has one result"))
    }

    /// As [`Reader::search`], for each of these queries, in their order.
    ///
    /// Cost: what queries share, such as the words of a text and of its sentences, is looked up once.
    pub fn search_each(&self, queries: &[TextQuery], as_of: Date) -> Result<Vec<TextResult>, StoreError> {
        let documents = queries.iter().flat_map(|query| &query.documents);
        self.note_missing_documents(documents.map(|document| document.0.as_str()))?;
        self.inner.rank(self, queries, as_of)?.into_results(self, as_of)
    }

    /// What the scores of passages, named by version and ordinal, are made of when `query` is searched on `as_of`, in the order given; `None` for
    /// one that is not visible. Filters do not matter: they do not change scores.
    ///
    /// Cost: that of a search.
    pub fn explain(
        &self,
        query: &TextQuery,
        as_of: Date,
        passages: &[(VersionId, u32)],
    ) -> Result<Vec<Option<ScoreParts>>, StoreError> {
        self.inner.explain(self, query, as_of, passages)
    }

    /// Which of the passages visible on `as_of` have each word of `query`, in the query's order. Filters do not matter.
    ///
    /// Only what is visible is counted and listed, as in [`Reader::search`]. Cost: one walk over each word's postings, and a number for each passage that
    /// has it.
    ///
    /// # Errors
    /// Those of reading the text generation.
    pub fn word_places(&self, query: &TextQuery, as_of: Date) -> Result<Vec<WordPlaces>, StoreError> {
        self.inner.word_places(self, query, as_of)
    }

    /// The numbers of passages, named by version and ordinal, among those visible on `as_of`, from 0 in order of version and ordinal; `None` for one
    /// that is not visible. A number means something for this reader and date only.
    ///
    /// Cost: as the first search at the date, where nobody searched yet; then a look-up for each passage.
    ///
    /// # Errors
    /// Those of reading the text generation.
    pub fn passage_places(&self, as_of: Date, passages: &[(VersionId, u32)]) -> Result<Vec<Option<u32>>, StoreError> {
        self.inner.passage_places(self, as_of, passages)
    }

    /// The passage with this key that is visible on `as_of`.
    pub(crate) fn passage_on(&self, key: &str, as_of: Date) -> Result<Stored<PassageRow>, StoreError> {
        let mut rows = self.load(self.found(Table::Passages, Keys::One(key), Some(as_of))?)?;
        rows.pop().ok_or_else(|| StoreError::corrupt("a passage is missing", place(Table::Passages, key)))
    }

    /// A content of a key by its number, whenever it was known.
    pub(crate) fn row_with_content<T: TableRow>(&self, key: &str, content: u64) -> Result<T, StoreError> {
        let mut found = None;
        visit_heads(self.rows()?, T::TABLE, Keys::One(key), |_, _, head| {
            found = Some(head).filter(|head| head.content == content).or(found.take());
            Ok(())
        })?;
        let head = found.ok_or_else(|| StoreError::corrupt("a content is missing", place(T::TABLE, key)))?;
        row(self.contents()?, key, &head)
    }

    /// The latest snapshot of its transaction, at or after its own.
    pub(crate) fn latest_known(&self) -> Snapshot {
        self.latest
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    pub(crate) fn permit(&self) -> Option<&Permit> {
        self.permit.as_ref()
    }

    pub(crate) fn with_permit(mut self, permit: Permit) -> Self {
        self.permit = Some(permit);
        self
    }

    pub(crate) fn transaction(&self) -> &ReadTransaction {
        &self.transaction
    }

    pub(crate) fn rows(&self) -> Result<&HeadTable, StoreError> {
        self.opened(&self.rows, ROWS, "opening the rows")
    }

    pub(crate) fn contents(&self) -> Result<&ReadOnlyTable<u64, &'static [u8]>, StoreError> {
        self.opened(&self.contents, CONTENTS, "opening the contents")
    }

    pub(crate) fn cells(&self) -> Result<&ReadOnlyTable<&'static [u8], &'static [u8]>, StoreError> {
        self.opened(&self.cells, CELLS, "opening the cells")
    }

    /// The table in `place`, opened if it was not yet.
    fn opened<'s, K: redb::Key + 'static, V: redb::Value + 'static>(
        &'s self,
        place: &'s OnceLock<ReadOnlyTable<K, V>>,
        definition: TableDefinition<'static, K, V>,
        action: &'static str,
    ) -> Result<&'s ReadOnlyTable<K, V>, StoreError> {
        if let Some(table) = place.get() {
            return Ok(table);
        }
        let table = contain("the truth file", || self.transaction.open_table(definition).while_(action))?;
        Ok(place.get_or_init(|| table))
    }

    fn found(&self, table: Table, keys: Keys<'_>, as_of: Option<Date>) -> Result<Vec<Found>, StoreError> {
        let mut found = Vec::new();
        visit_heads(self.rows()?, table, keys, |key, _, head| {
            if head.is_known_at(self.known_at) && as_of.is_none_or(|date| head.validity.contains(date)) {
                found.push(Found { key: key.to_owned(), head });
            }
            Ok(())
        })?;
        self.keep_seen(table, &Extent::window(as_of, self.known_at), &mut found)?;
        found.sort_by(|a, b| (&a.key, a.head.validity).cmp(&(&b.key, b.head.validity)));
        Ok(found)
    }

    /// Keeps what the reader's principal sees somewhere in `window`.
    fn keep_seen(&self, table: Table, window: &Extent, found: &mut Vec<Found>) -> Result<(), StoreError> {
        let Some(permit) = &self.permit else { return Ok(()) };
        let mut failure = None;
        found.retain(|Found { key, head }| {
            permit.sees(self, table, key, &Extent::of(head), window).unwrap_or_else(|error| {
                failure.get_or_insert(error);
                false
            })
        });
        failure.map_or(Ok(()), Err)
    }

    fn load<T: TableRow>(&self, found: Vec<Found>) -> Result<Vec<Stored<T>>, StoreError> {
        let load = |piece: Found| {
            let row = row(self.contents()?, &piece.key, &piece.head)?;
            let (validity, known_from) = (piece.head.validity, piece.head.known_from);
            Ok(Stored { row, validity, known_from, known_to: None })
        };
        found.into_iter().map(load).collect()
    }

    fn latest<T: TableRow>(&self, key: &str, kind: DeniedKind) -> Result<Option<Stored<T>>, StoreError> {
        let found = latest_of_each_key(self.found(T::TABLE, Keys::One(key), None)?);
        if found.is_empty() {
            self.note_missing(kind, T::TABLE, key)?;
        }
        Ok(self.load(found)?.pop())
    }

    fn parts<T: TableRow>(&self, version: &VersionId) -> Result<Vec<Stored<T>>, StoreError> {
        self.note_missing_version(version)?;
        self.load(latest_of_each_key(self.found(T::TABLE, Keys::OfVersion(&version.0), None)?))
    }

    fn version_keys(&self, document: &DocumentId) -> Result<Vec<String>, StoreError> {
        let index = self.transaction.open_table(VERSIONS_BY_DOCUMENT).while_("opening an index")?;
        let end = format!("{document}\0");
        contain("the index of versions", || {
            let range = index.range((document.0.as_str(), "")..(end.as_str(), "")).while_("reading an index")?;
            range.map(|item| Ok(item.while_("reading an index")?.0.value().1.to_owned())).collect()
        })
    }

    fn index_keys(
        &self,
        index: redb::TableDefinition<(&'static str, &'static str, &'static str), ()>,
        first: &str,
        second: &str,
    ) -> Result<Vec<String>, StoreError> {
        let index = self.transaction.open_table(index).while_("opening an index")?;
        let end = format!("{second}\0");
        contain("an index", || {
            let range = index.range((first, second, "")..(first, end.as_str(), "")).while_("reading an index")?;
            range.map(|item| Ok(item.while_("reading an index")?.0.value().2.to_owned())).collect()
        })
    }
}

/// Of pieces in order of key and validity, the last of each key.
fn latest_of_each_key(found: Vec<Found>) -> Vec<Found> {
    let mut latest: Vec<Found> = Vec::with_capacity(found.len());
    for piece in found {
        if latest.last().is_some_and(|last| last.key == piece.key) {
            latest.pop();
        }
        latest.push(piece);
    }
    latest
}
