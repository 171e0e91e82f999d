//! What is visible at a point, found row by row, and a fresh store of just that.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use anyhow::Context as _;
use grounds::Workspace;
use grounds_core::{Batch, Change, Document, PassageRow, Row, Snapshot, Table, Validity, Version};
use grounds_store::{KnownTime, Store};
use jiff::civil::Date;
use tempfile::TempDir;

use super::random::Random;

/// The rows that a search at one point may see.
pub(crate) struct Visible {
    documents: Vec<Document>,
    versions: Vec<Version>,
    passages: Vec<PassageRow>,
    /// Of everything there is, so that questions also ask for what is hidden.
    all_text: Vec<String>,
}

/// A fresh store, removed with it.
pub(crate) struct Fresh {
    workspace: Workspace,
    _folder: TempDir,
}

impl Fresh {
    pub(crate) fn store(&self) -> &Store {
        self.workspace.store()
    }
}

impl Visible {
    /// Reads as the owner, and decides by itself what `principal` may see.
    pub(crate) fn read(
        store: &Store,
        as_of: Date,
        known_at: Snapshot,
        principal: Option<&str>,
    ) -> anyhow::Result<Self> {
        let held: Option<Vec<String>> = principal
            .map(|name| {
                let rows = rows(store, Table::Principals, known_at, None)?;
                let mut held = rows.into_iter().filter_map(|row| match row {
                    Row::Principal(row) if row.name == name => Some(row.labels),
                    _ => None,
                });
                held.next().context("the principal is known at the snapshot")
            })
            .transpose()?;
        let may_see = |labels: &[String]| {
            held.as_ref().is_none_or(|held| !labels.is_empty() && labels.iter().all(|label| held.contains(label)))
        };
        let mut visible =
            Self { documents: Vec::new(), versions: Vec::new(), passages: Vec::new(), all_text: Vec::new() };
        for row in rows(store, Table::Documents, known_at, Some(as_of))? {
            if let Row::Document(document) = row
                && may_see(&document.labels)
            {
                visible.documents.push(document);
            }
        }
        let documents: BTreeSet<&str> = visible.documents.iter().map(|document| document.id.0.as_str()).collect();
        let mut texts = BTreeMap::new();
        for row in rows(store, Table::Versions, known_at, Some(as_of))? {
            let Row::Version(version) = row else { continue };
            visible.all_text.push(version.text.clone());
            if documents.contains(version.document.0.as_str()) {
                texts.insert(version.id.0.clone(), version);
            }
        }
        for row in rows(store, Table::Passages, known_at, Some(as_of))? {
            if let Row::Passage(passage) = row
                && texts.contains_key(&passage.version.0)
            {
                visible.passages.push(passage);
            }
        }
        visible.versions = texts.into_values().collect();
        Ok(visible)
    }

    /// A store that never held anything else.
    pub(crate) fn store(&self) -> anyhow::Result<Fresh> {
        let folder = tempfile::tempdir()?;
        let workspace = Workspace::create(&folder.path().join("fresh"))?;
        let documents = self.documents.iter().cloned().map(Row::Document);
        let versions = self.versions.iter().cloned().map(Row::Version);
        let passages = self.passages.iter().cloned().map(Row::Passage);
        let put = |row| Change::Put { row, validity: Validity::always() };
        let changes = documents.chain(versions).chain(passages).map(put).collect();
        let batch = Batch { message: "only what is visible".to_owned(), changes, ..Batch::default() };
        workspace.store().commit(&batch, super::noon()?)?;
        Ok(Fresh { workspace, _folder: folder })
    }

    /// A few words that stand near each other somewhere, hidden or not.
    pub(crate) fn words(&self, random: &mut Random) -> String {
        let Some(text) = self.all_text.get(random.below(self.all_text.len().max(1))) else {
            return "nothing is there".to_owned();
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        let start = random.below(words.len().max(1));
        let chosen = words.iter().skip(start).step_by(1 + random.below(7)).take(1 + random.below(6));
        chosen.copied().collect::<Vec<_>>().join(" ")
    }
}

/// The rows of a table known at a snapshot and, where given, valid on a date.
fn rows(store: &Store, table: Table, known_at: Snapshot, as_of: Option<Date>) -> anyhow::Result<Vec<Row>> {
    let mut found = Vec::new();
    store.read(known_at)?.visit_built_in(table, KnownTime::AtSnapshot, &mut |piece| {
        if as_of.is_none_or(|date| piece.validity.contains(date)) {
            found.push(piece.row);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// Every day on which something begins or ends, and the days before.
pub(crate) fn dates(store: &Store) -> anyhow::Result<Vec<Date>> {
    let mut dates = BTreeSet::new();
    let reader = store.read(store.latest()?)?;
    for table in [Table::Documents, Table::Versions] {
        reader.visit_built_in(table, KnownTime::All, &mut |piece| {
            for date in [Some(piece.validity.from), piece.validity.to].into_iter().flatten() {
                dates.insert(date);
                dates.extend(date.yesterday().ok());
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(dates.into_iter().collect())
}

/// The keys of all passages at the latest snapshot.
pub(crate) fn passage_keys(store: &Store) -> anyhow::Result<Vec<String>> {
    Ok(rows(store, Table::Passages, store.latest()?, None)?.into_iter().map(|row| row.key()).collect())
}
