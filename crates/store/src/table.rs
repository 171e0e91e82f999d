//! Reading rows out of the truth tables: ranges of heads, contents, and texts, each verified as it is read.

use grounds_core::{
    AnswerRow, Document, LabelRow, Link, MatterRow, ModelRow, PassageRow, PrincipalRow, Row, RuleFileRow, Table,
    TableDefinition, Unit, Version,
};
use redb::ReadableTable;
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::encoding::{RowHead, hash, place};
use crate::error::{EngineContext, contain};
use crate::schema::table_number;

/// A row of one built-in table, as data.
pub(crate) trait TableRow: DeserializeOwned {
    /// The table it is stored in.
    const TABLE: Table;
    /// The row with the name of its table.
    fn into_row(self) -> Row;
}

macro_rules! table_rows {
    ($($row:ty => $table:ident, $variant:ident;)*) => {$(
        impl TableRow for $row {
            const TABLE: Table = Table::$table;
            fn into_row(self) -> Row {
                Row::$variant(self)
            }
        }
    )*};
}

table_rows! {
    Document => Documents, Document;
    Version => Versions, Version;
    Unit => Units, Unit;
    PassageRow => Passages, Passage;
    Link => Links, Link;
    RuleFileRow => Rules, RuleFile;
    MatterRow => Matters, Matter;
    AnswerRow => Answers, Answer;
    TableDefinition => Tables, Table;
    PrincipalRow => Principals, Principal;
    LabelRow => Labels, Label;
    ModelRow => Models, Model;
}

/// The content `bytes` of a row of `table` as the row it is.
pub(crate) fn decode_row(table: Table, bytes: &[u8]) -> serde_json::Result<Row> {
    fn read<T: TableRow>(bytes: &[u8]) -> serde_json::Result<Row> {
        serde_json::from_slice::<T>(bytes).map(T::into_row)
    }
    match table {
        Table::Documents => read::<Document>(bytes),
        Table::Versions => read::<Version>(bytes),
        Table::Units => read::<Unit>(bytes),
        Table::Passages => read::<PassageRow>(bytes),
        Table::Links => read::<Link>(bytes),
        Table::Rules => read::<RuleFileRow>(bytes),
        Table::Matters => read::<MatterRow>(bytes),
        Table::Answers => read::<AnswerRow>(bytes),
        Table::Tables => read::<TableDefinition>(bytes),
        Table::Principals => read::<PrincipalRow>(bytes),
        Table::Labels => read::<LabelRow>(bytes),
        Table::Models => read::<ModelRow>(bytes),
    }
}

/// Which keys of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Keys<'a> {
    /// Every key.
    All,
    /// One key.
    One(&'a str),
    /// The keys of the parts of a version: those that begin with its name and a slash.
    OfVersion(&'a str),
}

/// Hands every row head of `table` under `keys` to `visit`, in order of key, then of row number.
///
/// # Errors
/// [`StoreError::Corrupt`] for a head that is not what was written; what `visit` returns.
pub(crate) fn visit_heads(
    rows: &impl ReadableTable<(u8, &'static str, u64), &'static [u8]>,
    table: Table,
    keys: Keys<'_>,
    mut visit: impl FnMut(&str, u64, RowHead) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let number = table_number(table);
    let (first, end) = match keys {
        Keys::All => ((number, String::new()), (number + 1, String::new())),
        Keys::One(key) => ((number, key.to_owned()), (number, format!("{key}\0"))),
        // `0` is the character after the slash.
        Keys::OfVersion(version) => ((number, format!("{version}/")), (number, format!("{version}0"))),
    };
    let range = (first.0, first.1.as_str(), 0)..(end.0, end.1.as_str(), 0);
    contain("the rows table", || {
        for item in rows.range(range).while_("reading rows")? {
            let (stored_key, bytes) = item.while_("reading rows")?;
            let (_, key, row) = stored_key.value();
            visit(key, row, RowHead::decode(table, key, row, bytes.value())?)?;
        }
        Ok(())
    })
}

/// The head of one row, which exists.
///
/// # Errors
/// [`StoreError::Corrupt`] where it is missing or not what was written.
pub(crate) fn head(
    rows: &impl ReadableTable<(u8, &'static str, u64), &'static [u8]>,
    table: Table,
    key: &str,
    number: u64,
) -> Result<RowHead, StoreError> {
    contain("the rows table", || {
        let stored = rows.get((table_number(table), key, number)).while_("reading a row")?;
        let bytes =
            stored.ok_or_else(|| StoreError::corrupt("a row that was written is missing", place(table, key)))?;
        RowHead::decode(table, key, number, bytes.value())
    })
}

/// The content of a row, verified against the hash in its head.
pub(crate) fn content(
    contents: &impl ReadableTable<u64, &'static [u8]>,
    table: Table,
    key: &str,
    head: &RowHead,
) -> Result<Vec<u8>, StoreError> {
    contain("the contents table", || {
        let stored = contents.get(head.content).while_("reading a content")?;
        let bytes = stored.ok_or_else(|| StoreError::corrupt("the content of a row is missing", place(table, key)))?;
        if hash(bytes.value()) != head.content_hash {
            return Err(StoreError::corrupt("a row's content does not match its hash", place(table, key)));
        }
        Ok(bytes.value().to_vec())
    })
}

/// The content of a row, as the row it is.
pub(crate) fn row<T: TableRow>(
    contents: &impl ReadableTable<u64, &'static [u8]>,
    key: &str,
    head: &RowHead,
) -> Result<T, StoreError> {
    let bytes = content(contents, T::TABLE, key, head)?;
    serde_json::from_slice(&bytes).map_err(|_| StoreError::corrupt("a content is not a row", place(T::TABLE, key)))
}
