//! Which rows, contents and originals an erasure takes, and what else quotes them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use grounds_core::{AnswerRow, DocumentId, RuleFileRow, Table, TableId, Version};

use crate::cells::{decode_row, engine_key, row_digest as cells_digest, split_engine_key};
use crate::encoding::{Hash, RowHead, from_hex};
use crate::error::{EngineContext, contain};
use crate::log::row_digest;
use crate::operations::erase::{EraseRequest, EraseTarget, ErasureExtent};
use crate::operations::tombstone::Tombstone;
use crate::schema::ORIGINALS;
use crate::table::{Keys, row, visit_heads};
use crate::{Reader, StoreError};

/// What is erased.
#[derive(Default)]
pub(super) struct Found {
    /// By row number; the snapshot of the erasure is still to be set.
    pub(super) rows: BTreeMap<u64, Tombstone>,
    pub(super) contents: HashSet<u64>,
    pub(super) versions: HashSet<String>,
    pub(super) originals: BTreeSet<Hash>,
    pub(super) tables: HashSet<u32>,
    pub(super) answers: Vec<String>,
    pub(super) rule_files: Vec<String>,
    documents: HashSet<String>,
    /// The texts of the erased versions, to tell who quotes them.
    texts: Vec<String>,
}

impl Found {
    pub(super) fn collect(reader: &Reader, request: &EraseRequest) -> Result<Self, StoreError> {
        let mut found = Self::default();
        for target in &request.targets {
            match target {
                EraseTarget::Document(id) => found.add_document(reader, id)?,
                EraseTarget::Row { table, key } => found.add_named_row(reader, *table, key)?,
                EraseTarget::TableRow { table, key } => found.add_table_row(reader, *table, key)?,
                EraseTarget::Original(digits) => found.add_original(reader, digits)?,
            }
        }
        found.find_originals(reader)?;
        found.find_quoting(reader)?;
        if request.with_answers {
            for name in found.answers.clone() {
                found.add_rows(reader, Table::Answers, Keys::One(&name))?;
            }
        }
        if found.rows.is_empty() && found.originals.is_empty() {
            return Err(StoreError::NothingToErase { what: "what was asked for".to_owned() });
        }
        Ok(found)
    }

    pub(super) fn into_extent(self) -> ErasureExtent {
        let (row_count, original_count) = (self.rows.len(), self.originals.len());
        ErasureExtent { row_count, original_count, answers: self.answers, rule_files: self.rule_files }
    }

    fn add_document(&mut self, reader: &Reader, id: &DocumentId) -> Result<(), StoreError> {
        let before = self.rows.len();
        self.add_rows(reader, Table::Documents, Keys::One(&id.0))?;
        let mut versions = BTreeSet::new();
        visit_heads(reader.rows()?, Table::Versions, Keys::All, |key, _, head| {
            if head.owner == id.0 {
                versions.insert(key.to_owned());
            }
            Ok(())
        })?;
        for version in versions {
            self.add_rows(reader, Table::Versions, Keys::One(&version))?;
            for part in [Table::Units, Table::Passages, Table::Links] {
                self.add_rows(reader, part, Keys::OfVersion(&version))?;
            }
            self.versions.insert(version);
        }
        if self.rows.len() == before {
            return Err(StoreError::NothingToErase { what: format!("document {id}") });
        }
        self.documents.insert(id.0.clone());
        Ok(())
    }

    fn add_named_row(&mut self, reader: &Reader, table: Table, key: &str) -> Result<(), StoreError> {
        if !matches!(
            table,
            Table::Rules | Table::Matters | Table::Answers | Table::Principals | Table::Labels | Table::Models
        ) {
            return Err(StoreError::NotErasable { table: table.name() });
        }
        if self.add_rows(reader, table, Keys::One(key))? == 0 {
            return Err(StoreError::NothingToErase { what: format!("row {key} of table {}", table.name()) });
        }
        Ok(())
    }

    /// Adds every piece of `keys`; returns how many there are.
    fn add_rows(&mut self, reader: &Reader, table: Table, keys: Keys<'_>) -> Result<usize, StoreError> {
        let mut count = 0;
        visit_heads(reader.rows()?, table, keys, |key, number, head| {
            let digest = row_digest(table, key, number, &head);
            let RowHead { known_from, known_to, content, .. } = head;
            let known_to = known_to.map(|to| to.0);
            // Contents belong to one key, so no row that stays refers to it.
            self.contents.insert(content);
            let tombstone = Tombstone { erased_at: 0, known_from: known_from.0, known_to, is_declared: false, digest };
            self.rows.insert(number, tombstone);
            count += 1;
            Ok(())
        })?;
        Ok(count)
    }

    fn add_table_row(&mut self, reader: &Reader, table: TableId, key: &[u8]) -> Result<(), StoreError> {
        let (first, last) = (engine_key(table, key, 0), engine_key(table, key, u64::MAX));
        let before = self.rows.len();
        contain("the cells table", || {
            for item in reader.cells()?.range(first.as_slice()..=last.as_slice()).while_("reading rows")? {
                let (stored_key, bytes) = item.while_("reading rows")?;
                let Some((_, found, number)) = split_engine_key(stored_key.value()) else { continue };
                if found != key {
                    continue;
                }
                let (place, _) = decode_row(stored_key.value(), bytes.value())?;
                let tombstone = Tombstone {
                    erased_at: 0,
                    known_from: place.known_from.0,
                    known_to: place.known_to.map(|to| to.0),
                    is_declared: true,
                    digest: cells_digest(stored_key.value(), bytes.value()),
                };
                self.rows.insert(number, tombstone);
            }
            Ok(())
        })?;
        if self.rows.len() == before {
            return Err(StoreError::NothingToErase { what: "the row with this key".to_owned() });
        }
        self.tables.insert(table.0);
        Ok(())
    }

    fn add_original(&mut self, reader: &Reader, digits: &str) -> Result<(), StoreError> {
        let nothing = || StoreError::NothingToErase { what: format!("original {digits}") };
        let name = from_hex(digits).ok_or_else(nothing)?;
        let table = reader.transaction().open_table(ORIGINALS).while_("opening the originals")?;
        if table.get(&name).while_("reading the originals")?.is_none() {
            return Err(nothing());
        }
        self.originals.insert(name);
        Ok(())
    }

    /// Adds the originals that only erased versions refer to, and keeps the erased texts.
    fn find_originals(&mut self, reader: &Reader) -> Result<(), StoreError> {
        if self.versions.is_empty() {
            return Ok(());
        }
        let (mut own, mut shared) = (BTreeSet::new(), BTreeSet::new());
        visit_heads(reader.rows()?, Table::Versions, Keys::All, |key, _, head| {
            let version: Version = row(reader.contents()?, key, &head)?;
            if self.versions.contains(key) {
                own.extend(from_hex(&version.original_hash));
                self.texts.push(version.text);
            } else {
                shared.extend(from_hex(&version.original_hash));
            }
            Ok(())
        })?;
        let table = reader.transaction().open_table(ORIGINALS).while_("opening the originals")?;
        for name in own.difference(&shared) {
            if table.get(name).while_("reading the originals")?.is_some() {
                self.originals.insert(*name);
            }
        }
        Ok(())
    }

    /// Lists kept answers and rule files that quote what is erased.
    fn find_quoting(&mut self, reader: &Reader) -> Result<(), StoreError> {
        if self.documents.is_empty() {
            return Ok(());
        }
        let (mut answers, mut rule_files) = (BTreeSet::new(), BTreeSet::new());
        visit_heads(reader.rows()?, Table::Answers, Keys::All, |key, number, head| {
            let answer: AnswerRow = row(reader.contents()?, key, &head)?;
            if !self.rows.contains_key(&number) && self.is_quoted_in(&answer) {
                answers.insert(key.to_owned());
            }
            Ok(())
        })?;
        visit_heads(reader.rows()?, Table::Rules, Keys::All, |key, number, head| {
            let rules: RuleFileRow = row(reader.contents()?, key, &head)?;
            if !self.rows.contains_key(&number) && rules.pins.iter().any(|pin| self.documents.contains(&pin.document.0))
            {
                rule_files.insert(key.to_owned());
            }
            Ok(())
        })?;
        self.answers.extend(answers);
        self.rule_files.extend(rule_files);
        Ok(())
    }

    fn is_quoted_in(&self, answer: &AnswerRow) -> bool {
        match serde_json::from_str(&answer.json) {
            Ok(json) => self.is_quoted_in_json(&json),
            // Not made by Grounds, which writes JSON.
            Err(_) => self.is_own(&answer.json),
        }
    }

    fn is_quoted_in_json(&self, json: &serde_json::Value) -> bool {
        match json {
            serde_json::Value::String(text) => self.is_own(text),
            serde_json::Value::Array(values) => values.iter().any(|value| self.is_quoted_in_json(value)),
            serde_json::Value::Object(members) => members.values().any(|value| self.is_quoted_in_json(value)),
            _ => false,
        }
    }

    /// Whether `text` names an erased document or version, or is a quotation from one: quotations are verbatim.
    fn is_own(&self, text: &str) -> bool {
        self.documents.contains(text)
            || self.versions.contains(text)
            || text.len() >= QUOTATION_BYTES_MIN && self.texts.iter().any(|own| own.contains(text))
    }
}

/// Shorter texts are words that any text may have.
const QUOTATION_BYTES_MIN: usize = 16;
