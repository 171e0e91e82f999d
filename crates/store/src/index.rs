//! The secondary indexes: from a document to its versions, from a unit's name to its place, from a target to its links.

use grounds_core::Row;

use crate::StoreError;
use crate::error::EngineContext;
use crate::schema::{LINKS_BY_TARGET, UNITS_BY_ID, VERSIONS_BY_DOCUMENT};
use crate::truth::TruthTables;

/// Adds what leads to `row`. Entries are only added: readers check what they find against the rows.
pub(crate) fn add_to_indexes(tables: &mut TruthTables<'_>, row: &Row, key: &str) -> Result<(), StoreError> {
    match row {
        Row::Version(row) => tables.versions.insert((row.document.0.as_str(), key), ()),
        Row::Unit(row) => tables.units.insert((row.version.0.as_str(), row.id.0.as_str(), key), ()),
        Row::Link(row) => tables.links.insert((row.to_document.0.as_str(), row.to_unit.0.as_str(), key), ()),
        _ => Ok(()),
    }
}

/// The secondary indexes as a reader has them.
pub(crate) struct ReadIndexes {
    versions: redb::ReadOnlyTable<(&'static str, &'static str), ()>,
    units: redb::ReadOnlyTable<(&'static str, &'static str, &'static str), ()>,
    links: redb::ReadOnlyTable<(&'static str, &'static str, &'static str), ()>,
}

impl ReadIndexes {
    pub(crate) fn open(transaction: &redb::ReadTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            versions: transaction.open_table(VERSIONS_BY_DOCUMENT).while_("opening an index")?,
            units: transaction.open_table(UNITS_BY_ID).while_("opening an index")?,
            links: transaction.open_table(LINKS_BY_TARGET).while_("opening an index")?,
        })
    }

    /// Whether [`add_to_indexes`] was called for this row.
    pub(crate) fn has(&self, row: &Row, key: &str) -> Result<bool, StoreError> {
        let entry = match row {
            Row::Version(row) => self.versions.get((row.document.0.as_str(), key)),
            Row::Unit(row) => self.units.get((row.version.0.as_str(), row.id.0.as_str(), key)),
            Row::Link(row) => self.links.get((row.to_document.0.as_str(), row.to_unit.0.as_str(), key)),
            _ => return Ok(true),
        };
        Ok(entry.while_("reading an index")?.is_some())
    }
}
