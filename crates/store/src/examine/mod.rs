//! Examines a whole workspace, for `grounds doctor`: recomputes every hash, follows every reference, and repairs what is
//! derived.

mod erased;
mod cells;
mod unique;
mod rows;
mod text;
pub(crate) mod changes;
#[cfg(feature = "columns")]
mod columns;

use grounds_core::Snapshot;

use crate::error::contain;
use crate::operations::truth_file::{EntryCount, entry_count};
use crate::operations::{Counter, OnProgress, Progress};
use crate::schema::{CELLS, ORIGINALS, ROWS, TableVisitor};
use crate::{Reader, Store, StoreError};

/// What an examination found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    /// The latest snapshot when it began.
    pub snapshot: Snapshot,
    /// The hash of the last log entry, which stands for everything in the truth; `None` where the log is empty or damaged.
    pub head: Option<String>,
    /// How many row pieces were read.
    pub row_count: usize,
    /// How many originals were hashed.
    pub original_count: usize,
    /// How many passages of the text generation were compared with truth.
    pub sealed_passage_count: usize,
    /// What is wrong; empty where all is well.
    pub findings: Vec<Finding>,
}

/// One thing that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong, as a sentence without its full stop.
    pub what: String,
    /// Where: a table and a key, a log entry, or a file.
    pub place: String,
    /// Whether it concerns derived data only, which [`Store::repair`] rebuilds; truth can only be restored from a copy.
    pub is_derived: bool,
}

impl Examination {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    fn truth(&mut self, what: impl Into<String>, place: impl Into<String>) {
        self.findings.push(Finding { what: what.into(), place: place.into(), is_derived: false });
    }

    fn derived(&mut self, what: impl Into<String>, place: impl Into<String>) {
        self.findings.push(Finding { what: what.into(), place: place.into(), is_derived: true });
    }

    /// Turns damage met on the way into a finding; lets other errors through.
    fn note(&mut self, result: Result<(), StoreError>) -> Result<(), StoreError> {
        match result {
            Err(StoreError::Corrupt { what, place }) => {
                self.truth(what, place);
                Ok(())
            }
            other => other,
        }
    }
}

impl Finding {
    /// What the reader can do about it, in the infinitive.
    pub fn remedy(&self) -> &'static str {
        if self.is_derived { "rebuild it with `grounds doctor --repair`" } else { "restore it from a backup" }
    }
}

const WRONG_CHANGES: &str = "the lists of what commits changed are not what the rows say";

/// How many row pieces and originals there are to check.
fn row_count(reader: &Reader) -> Result<u64, StoreError> {
    let mut entries = EntryCount { transaction: reader.transaction(), count: 0 };
    entries.visit(ROWS)?;
    entries.visit(CELLS)?;
    entries.visit(ORIGINALS)?;
    Ok(entries.count)
}

impl Store {
    /// Reads everything and compares it with everything that vouches for it.
    ///
    /// Every table of the truth: that it opens as what it was made. The log: the chain of hashes, and for each commit the digest of the rows it closed and opened. Rows: head checksums,
    /// content hashes, keys, version texts against their hashes, spans inside their texts and on character boundaries, no
    /// two pieces of a key valid on one day at one snapshot; rows of declared tables likewise, against their definitions. Originals: bytes
    /// against their names, and none missing. The audit of denials: its chain of hashes.
    /// Derived: the secondary indexes, the index of unique values, the lists of what commits changed, every passage of the text generation against its words in truth, and
    /// every file of the column generation against its hash. Changes nothing.
    ///
    /// Cost: reads the whole workspace once and analyses every sealed passage.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Engine`]; damage is no error here but a [`Finding`].
    pub fn examine(&self) -> Result<Examination, StoreError> {
        self.examine_with(&mut |_| {})
    }

    /// As [`Store::examine`], and says how far it is.
    ///
    /// # Errors
    /// As [`Store::examine`].
    pub fn examine_with(&self, on_progress: OnProgress<'_>) -> Result<Examination, StoreError> {
        let step = |step| Progress { step, done: 0, total: 0 };
        on_progress(step("checking the log"));
        let reader = self.inner().read_latest()?;
        let mut examination = Examination { snapshot: reader.known_at(), ..Examination::default() };
        // What is derived can be built anew only in a table that opens.
        examination.note(contain("the list of tables", || entry_count(reader.transaction()).map(|_| ())))?;
        let entries = match self.inner().log_entries() {
            Ok(entries) => Some(entries),
            Err(StoreError::Corrupt { what, place }) => {
                examination.truth(what, place);
                None
            }
            Err(error) => return Err(error),
        };
        examination.head = entries.as_ref().and_then(|entries| entries.last()).map(|entry| entry.hash.clone());
        let total = row_count(&reader)?;
        let mut counter = Counter::new("checking rows", total, on_progress);
        let cells = cells::examine(&reader, &mut counter, &mut examination)?;
        rows::examine(&reader, entries.as_deref(), cells, &mut counter, &mut examination)?;
        // Where rows are missing the lists tell which: they are right then, and the rows are not.
        if examination.findings.iter().all(|finding| finding.is_derived) && !changes::are_right(&reader)? {
            examination.derived(WRONG_CHANGES, "table changes");
        }
        unique::examine(&reader, &mut examination)?;
        on_progress(step("checking the text index"));
        text::examine(self.inner(), &reader, &mut examination)?;
        #[cfg(feature = "columns")]
        columns::examine(self, &mut examination)?;
        examination.note(self.denials().map(|_| ()))?;
        Ok(examination)
    }

    /// Rebuilds derived data that is missing or wrong, and says what it did, one sentence each; empty where nothing was.
    ///
    /// Truth is never touched.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where truth itself is damaged; [`StoreError::Io`], [`StoreError::Engine`],
    /// [`StoreError::Text`].
    pub fn repair(&self) -> Result<Vec<String>, StoreError> {
        let mut done = Vec::new();
        let reader = self.inner().read_latest()?;
        let missing = rows::missing_index_entries(&reader)?;
        if !missing.is_empty() {
            self.inner().write_derived(|tables| rows::add_index_entries(tables, &missing))?;
            done.push(format!("added {} missing entries to the secondary indexes", missing.len()));
        }
        let found = self.examine()?.findings;
        if found.iter().any(|finding| finding.what == WRONG_CHANGES) {
            self.inner().write_derived(|tables| changes::rebuild(&reader, tables))?;
            done.push("built the lists of changes anew".to_owned());
        }
        if found.iter().any(|finding| finding.what == unique::MISSING) {
            self.inner().write_derived(|tables| unique::rebuild(&reader, tables))?;
            done.push("completed the index of unique values".to_owned());
        }
        drop(reader);
        #[cfg(feature = "columns")]
        if let Some(sentence) = columns::repair(self)? {
            done.push(sentence);
        }
        if let Some(sentence) = text::repair(self.inner())? {
            done.push(sentence);
        }
        Ok(done)
    }
}
