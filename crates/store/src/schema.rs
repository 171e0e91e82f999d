//! The tables of the truth file; `docs/format.md` describes their bytes.

use grounds_core::Table;
use redb::TableDefinition;

use crate::StoreError;

/// The name of the truth file in a workspace directory.
pub(crate) const TRUTH_FILE: &str = "truth.redb";

/// The name of the journal in a workspace directory.
pub(crate) const JOURNAL_FILE: &str = "journal";

/// The name of the file that says who has the workspace open.
pub(crate) const LOCK_FILE: &str = "lock";

/// The directory of text generations in a workspace directory.
pub(crate) const TEXT_DIRECTORY: &str = "text";

/// What [`HEADER`] holds under [`HEADER_MAGIC`].
pub(crate) const MAGIC: &[u8] = b"grounds";

/// The format this version writes, and the newest it reads.
pub const FORMAT: u32 = 2;

/// Facts about the file as a whole.
pub(crate) const HEADER: TableDefinition<&str, &[u8]> = TableDefinition::new("header");
/// Key in [`HEADER`]: [`MAGIC`].
pub(crate) const HEADER_MAGIC: &str = "magic";
/// Key in [`HEADER`]: the format, as a little-endian `u32`.
pub(crate) const HEADER_FORMAT: &str = "format";
/// Key in [`HEADER`]: the hash of the last log entry; absent in an empty workspace.
pub(crate) const HEADER_HEAD: &str = "head";

/// Snapshot -> log entry as JSON.
pub(crate) const LOG: TableDefinition<u64, &[u8]> = TableDefinition::new("log");

/// (table, row key, row number) -> where on the two time axes a content holds; see `encoding::RowHead`.
pub(crate) const ROWS: TableDefinition<(u8, &str, u64), &[u8]> = TableDefinition::new("rows");

/// Content number -> the row as JSON. Written once; pieces of a split validity share it.
pub(crate) const CONTENTS: TableDefinition<u64, &[u8]> = TableDefinition::new("contents");

/// BLAKE3 hash -> the bytes as they came.
pub(crate) const ORIGINALS: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("originals");

/// (document, version key): every version a document ever had.
pub(crate) const VERSIONS_BY_DOCUMENT: TableDefinition<(&str, &str), ()> = TableDefinition::new("versions_by_document");

/// (version, unit, unit key): every place a unit ever had.
pub(crate) const UNITS_BY_ID: TableDefinition<(&str, &str, &str), ()> = TableDefinition::new("units_by_id");

/// (target document, target unit, link key): every link there ever was.
pub(crate) const LINKS_BY_TARGET: TableDefinition<(&str, &str, &str), ()> = TableDefinition::new("links_by_target");

/// Table id, row key and row number, see `cells::key` -> a row piece of a declared table, see `cells::row`.
pub(crate) const CELLS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("cells");

/// Declared table, columns, values and row key, see `cells::unique`: every row key that ever held these values.
pub(crate) const UNIQUE_VALUES: TableDefinition<&[u8], ()> = TableDefinition::new("unique_values");

/// (declared table, snapshot, part) -> the rows that the commit opened and closed; see `cells::delta`.
pub(crate) const CHANGES: TableDefinition<(u32, u64, u32), &[u8]> = TableDefinition::new("changes");

/// Row number -> what is left of a row that was erased; see `operations::tombstone`.
pub(crate) const ERASED_ROWS: TableDefinition<u64, &[u8]> = TableDefinition::new("erased_rows");

/// (BLAKE3 hash of an original that was erased, the snapshot that erased it).
pub(crate) const ERASED_ORIGINALS: TableDefinition<(&[u8; 32], u64), ()> = TableDefinition::new("erased_originals");

/// What is done with each table of the truth file.
pub(crate) trait TableVisitor {
    /// Does it.
    fn visit<K: redb::Key + 'static, V: redb::Value + 'static>(
        &mut self,
        definition: TableDefinition<'static, K, V>,
    ) -> Result<(), StoreError>;
}

/// Hands every table of the truth file to `visitor`. A new table is added here, and is then copied by a backup.
pub(crate) fn visit_tables(visitor: &mut impl TableVisitor) -> Result<(), StoreError> {
    visitor.visit(HEADER)?;
    visitor.visit(LOG)?;
    visitor.visit(ROWS)?;
    visitor.visit(CONTENTS)?;
    visitor.visit(ORIGINALS)?;
    visitor.visit(VERSIONS_BY_DOCUMENT)?;
    visitor.visit(UNITS_BY_ID)?;
    visitor.visit(LINKS_BY_TARGET)?;
    visitor.visit(CELLS)?;
    visitor.visit(CHANGES)?;
    visitor.visit(UNIQUE_VALUES)?;
    visitor.visit(ERASED_ROWS)?;
    visitor.visit(ERASED_ORIGINALS)?;
    Ok(())
}

/// A table's number in keys of [`ROWS`]. Part of the format: never changed, never used again.
pub(crate) fn table_number(table: Table) -> u8 {
    match table {
        Table::Documents => 0,
        Table::Versions => 1,
        Table::Units => 2,
        Table::Passages => 3,
        Table::Links => 4,
        Table::Rules => 5,
        Table::Matters => 6,
        Table::Answers => 7,
        Table::Tables => 8,
        Table::Principals => 9,
        Table::Labels => 10,
        Table::Models => 11,
    }
}

/// The table with this number, if there is one.
pub(crate) fn table_of(number: u8) -> Option<Table> {
    Table::ALL.into_iter().find(|table| table_number(*table) == number)
}
