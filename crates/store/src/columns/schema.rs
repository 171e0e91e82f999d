//! The columns of a Parquet file: those of the table, then when each row holds and is known, then its number.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use grounds_core::{ColumnDefinition, ColumnType, TableDefinition};

/// The first day on which the row holds; absent where it always held.
pub const VALID_FROM: &str = "valid_from";
/// The first day on which it no longer holds; absent where it holds until further notice.
pub const VALID_TO: &str = "valid_to";
/// The snapshot that wrote it.
pub const SYSTEM_FROM: &str = "system_from";
/// The snapshot that closed it; absent where it was still known when the file was written.
pub const SYSTEM_TO: &str = "system_to";
/// Its number, unique in the workspace.
pub const ROW_NUMBER: &str = "row_number";

/// The columns that every file has after those of its table, in order.
pub(crate) const TIME_COLUMNS: [&str; 5] = [VALID_FROM, VALID_TO, SYSTEM_FROM, SYSTEM_TO, ROW_NUMBER];

/// The type in which a column is kept in files. Text and bytes are read as views, which saves copying them.
pub fn column_arrow_type(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Integer => DataType::Int64,
        ColumnType::Double => DataType::Float64,
        ColumnType::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
        ColumnType::Text | ColumnType::Json => DataType::Utf8,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        ColumnType::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into())),
        ColumnType::Binary => DataType::Binary,
        ColumnType::Vector { dimension } => {
            let length = i32::try_from(dimension).unwrap_or(i32::MAX);
            DataType::FixedSizeList(Arc::new(Field::new("item", DataType::Float32, true)), length)
        }
    }
}

/// The schema of a table's files.
pub(crate) fn file_schema(table: &TableDefinition) -> SchemaRef {
    let field =
        |column: &ColumnDefinition| Field::new(&column.name, column_arrow_type(column.column_type), column.nullable);
    let mut fields: Vec<Field> = table.columns.iter().map(field).collect();
    fields.extend([
        Field::new(VALID_FROM, DataType::Date32, true),
        Field::new(VALID_TO, DataType::Date32, true),
        Field::new(SYSTEM_FROM, DataType::Int64, false),
        Field::new(SYSTEM_TO, DataType::Int64, true),
        Field::new(ROW_NUMBER, DataType::Int64, false),
    ]);
    Arc::new(Schema::new(fields))
}

/// Whether a file can hold the table: its columns have names of their own. Others are read from truth.
pub(crate) fn can_be_sealed(table: &TableDefinition) -> bool {
    let mut names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).chain(TIME_COLUMNS).collect();
    names.sort_unstable();
    names.windows(2).all(|pair| pair[0] != pair[1])
}
