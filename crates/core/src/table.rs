//! Tables that users declare: their columns, the cells of their rows, and the changes a commit makes to them.

use std::cmp::Ordering;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Validity;

/// Names a declared table for ever: given out from 1 without gaps, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TableId(pub u32);

/// What a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// True or false.
    Boolean,
    /// A whole number of 64 bits; SQL `SMALLINT`, `INTEGER` and `BIGINT` alike.
    Integer,
    /// A binary floating point number of 64 bits. Never for money.
    Double,
    /// An exact decimal number.
    Decimal {
        /// Digits in all, 1 to 38.
        precision: u8,
        /// Digits after the point, 0 to `precision`.
        scale: i8,
    },
    /// Text.
    Text,
    /// Text that is a JSON value.
    Json,
    /// A civil date.
    Date,
    /// A civil date and time without a zone, to the microsecond.
    Timestamp,
    /// A moment, to the microsecond.
    Instant,
    /// Bytes.
    Binary,
    /// Numbers of 32 bits, as many as `dimension`.
    Vector {
        /// How many, at least 1.
        dimension: u32,
    },
}

/// How the words of a text column are searched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FullText {
    /// The language of the words ("en", "zh"); "und" where it is not known.
    pub language: String,
}

/// One column of a declared table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnDefinition {
    /// Its name, unique in the table; lower case unless it was quoted.
    pub name: String,
    /// What it holds.
    pub column_type: ColumnType,
    /// Whether a cell may be absent.
    pub nullable: bool,
    /// A SQL expression that stands in where an insert gives no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Present where `search` looks into the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_text: Option<FullText>,
}

/// A declared table. Itself a row of the built-in table `tables`, so that its shape has a history too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableDefinition {
    /// Its number.
    pub id: TableId,
    /// Its name; lower case unless it was quoted.
    pub name: String,
    /// Its columns in order; at least one. Columns are only ever added, at the end; rows written before have no cell there, which
    /// reads as absent.
    pub columns: Vec<ColumnDefinition>,
    /// Positions in `columns` of the primary key, in key order; empty where the table has none and every row stands for itself.
    pub primary_key: Vec<usize>,
    /// Labels a principal must hold, all of them, to read it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Indexes by name, those of UNIQUE constraints among them; no two have one name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<IndexDefinition>,
    /// What every row must fulfil besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckDefinition>,
}

/// Columns of a table under a name of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexDefinition {
    /// Its name; lower case unless it was quoted.
    pub name: String,
    /// Positions of its columns, in order; at least one.
    pub columns: Vec<usize>,
    /// Whether on no day two rows may hold the same values in all of its columns. A row with an absent value in one of them is like no other.
    /// The store refuses a commit after which two would.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_unique: bool,
    /// Whether it was declared with its table, as UNIQUE, and so goes only with it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_constraint: bool,
}

/// A condition on the cells of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckDefinition {
    /// Its name; lower case unless it was quoted.
    pub name: String,
    /// A SQL expression over the table's columns, which may not be false. SQL evaluates it where it writes; the store keeps it as text.
    pub condition: String,
}

/// Left out of a definition where it is not set, so that definitions from before there was such a field keep their hash.
fn is_false(value: &bool) -> bool {
    !value
}

impl TableDefinition {
    /// The position of the column called `name`.
    pub fn column_position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Whether some columns are unique.
    pub fn has_unique_columns(&self) -> bool {
        self.indexes.iter().any(|index| index.is_unique)
    }

    /// The lists of columns of which no two rows may hold the same values, each once.
    pub fn unique_columns(&self) -> Vec<&[usize]> {
        let mut lists: Vec<&[usize]> = Vec::new();
        for index in self.indexes.iter().filter(|index| index.is_unique) {
            if !lists.contains(&index.columns.as_slice()) {
                lists.push(&index.columns);
            }
        }
        lists
    }
}

/// One value of a row, or its absence.
///
/// Two cells are equal where they have the same kind and the same bits: a NaN equals itself here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Cell {
    /// No value.
    Null,
    /// [`ColumnType::Boolean`]
    Boolean(bool),
    /// [`ColumnType::Integer`]
    Integer(i64),
    /// [`ColumnType::Double`]
    Double(f64),
    /// [`ColumnType::Decimal`]: the number times ten to the power of the column's scale.
    Decimal(i128),
    /// [`ColumnType::Text`] and [`ColumnType::Json`]
    Text(String),
    /// [`ColumnType::Date`]: days since 1970-01-01.
    Date(i32),
    /// [`ColumnType::Timestamp`]: microseconds since 1970-01-01T00:00 on the same clock.
    Timestamp(i64),
    /// [`ColumnType::Instant`]: microseconds since 1970-01-01T00:00Z.
    Instant(i64),
    /// [`ColumnType::Binary`]
    Binary(Vec<u8>),
    /// [`ColumnType::Vector`]
    Vector(Vec<f32>),
}

impl Cell {
    /// Whether a column of this type may hold it.
    pub fn fits(&self, column_type: ColumnType) -> bool {
        match (self, column_type) {
            (Cell::Null, _)
            | (Cell::Boolean(_), ColumnType::Boolean)
            | (Cell::Integer(_), ColumnType::Integer)
            | (Cell::Double(_), ColumnType::Double)
            | (Cell::Text(_), ColumnType::Text | ColumnType::Json)
            | (Cell::Date(_), ColumnType::Date)
            | (Cell::Timestamp(_), ColumnType::Timestamp)
            | (Cell::Instant(_), ColumnType::Instant)
            | (Cell::Binary(_), ColumnType::Binary) => true,
            (Cell::Decimal(unscaled), ColumnType::Decimal { precision, .. }) => {
                10u128.checked_pow(u32::from(precision)).is_none_or(|end| unscaled.unsigned_abs() < end)
            }
            (Cell::Vector(numbers), ColumnType::Vector { dimension }) => numbers.len() == dimension as usize,
            _ => false,
        }
    }

    /// A number for the kind, in the order in which kinds sort.
    fn rank(&self) -> u8 {
        match self {
            Cell::Null => 0,
            Cell::Boolean(_) => 1,
            Cell::Integer(_) => 2,
            Cell::Double(_) => 3,
            Cell::Decimal(_) => 4,
            Cell::Text(_) => 5,
            Cell::Date(_) => 6,
            Cell::Timestamp(_) => 7,
            Cell::Instant(_) => 8,
            Cell::Binary(_) => 9,
            Cell::Vector(_) => 10,
        }
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Cell {}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cell {
    /// Absent cells first, then by value; numbers with a point by IEEE 754 totalOrder. The order of keys in a table.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Cell::Boolean(a), Cell::Boolean(b)) => a.cmp(b),
            (Cell::Integer(a), Cell::Integer(b))
            | (Cell::Timestamp(a), Cell::Timestamp(b))
            | (Cell::Instant(a), Cell::Instant(b)) => a.cmp(b),
            (Cell::Double(a), Cell::Double(b)) => a.total_cmp(b),
            (Cell::Decimal(a), Cell::Decimal(b)) => a.cmp(b),
            (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
            (Cell::Date(a), Cell::Date(b)) => a.cmp(b),
            (Cell::Binary(a), Cell::Binary(b)) => a.cmp(b),
            (Cell::Vector(a), Cell::Vector(b)) => {
                let by_number = a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
                by_number.unwrap_or_else(|| a.len().cmp(&b.len()))
            }
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

/// Which row a change is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RowKey {
    /// The row with this key: the cells of the primary key in its order, encoded so that bytes sort as the cells do; or the eight
    /// bytes (big-endian) of the number that the store gave a row of a table without a primary key.
    Known(Vec<u8>),
    /// A new row of a table without a primary key: the store gives it a number.
    New,
}

/// One change to one row of a declared table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowChange {
    /// Which row.
    pub key: RowKey,
    /// What it holds from now on (system time) during `validity` (valid time), one cell for each column; with `None` it holds nothing then.
    /// What it held outside `validity` goes on.
    pub cells: Option<Vec<Cell>>,
    /// The days in question.
    pub validity: Validity,
}

/// Changes to one declared table, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableChanges {
    /// The table.
    pub table: TableId,
    /// In order.
    pub rows: Vec<RowChange>,
}

/// Days since 1970-01-01, as [`Cell::Date`] has them.
pub fn days_of(date: Date) -> i32 {
    let epoch = Date::constant(1970, 1, 1);
    (date - epoch).get_days()
}

/// The date this many days after 1970-01-01; `None` outside years -9999 to 9999.
pub fn date_of(days: i32) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(i64::from(days)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_come_back_as_the_same_date() {
        for date in [Date::MIN, Date::constant(1969, 12, 31), Date::constant(2024, 2, 29), Date::MAX] {
            assert_eq!(date_of(days_of(date)), Some(date));
        }
        assert_eq!(days_of(Date::constant(1970, 1, 2)), 1);
        assert_eq!(date_of(i32::MAX), None);
    }

    #[test]
    fn a_decimal_fits_by_its_digits() {
        let money = ColumnType::Decimal { precision: 5, scale: 2 };
        assert!(Cell::Decimal(-99_999).fits(money));
        assert!(!Cell::Decimal(100_000).fits(money));
        assert!(Cell::Decimal(i128::MAX / 10).fits(ColumnType::Decimal { precision: 38, scale: 0 }));
    }
}
