//! Rows as CSV, JSON and Parquet write them.

use std::io::Write;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::datatypes::SchemaRef;
use grounds_core::{Cell, ColumnType};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::file::csv::write_field;
use crate::types::column_type_of;
use crate::{SqlError, arrays, cell_text};

/// A writer of compressed Parquet.
///
/// # Errors
/// Those of Parquet.
pub(crate) fn parquet_writer<W: Write + Send>(out: W, schema: SchemaRef) -> Result<ArrowWriter<W>, ParquetError> {
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    ArrowWriter::try_new(out, schema, Some(properties))
}

/// A column, in the type of a table's column where there is such a type.
pub(crate) struct TextColumn {
    array: ArrayRef,
    column_type: Option<ColumnType>,
}

impl TextColumn {
    /// The columns of a batch.
    ///
    /// # Errors
    /// None that a batch of a query gives rise to.
    pub(crate) fn of(batch: &RecordBatch) -> Result<Vec<Self>, SqlError> {
        columns(batch)
    }

    /// The value as text; `None` where it is absent.
    pub(crate) fn text(&self, row: usize) -> Option<String> {
        match self.column_type {
            Some(column_type) => match arrays::cell(&self.array, column_type, row) {
                Cell::Null => None,
                cell => Some(cell_text::format(&cell, column_type)),
            },
            None => {
                let is_absent = self.array.logical_nulls().is_some_and(|nulls| nulls.is_null(row));
                (!is_absent).then(|| arrays::display(&self.array, row))
            }
        }
    }
}

fn columns(batch: &RecordBatch) -> Result<Vec<TextColumn>, SqlError> {
    let column = |array: &ArrayRef| {
        let column_type = column_type_of(array.data_type());
        let array = match column_type {
            Some(column_type) => arrays::convert(array, "", column_type)?,
            None => ArrayRef::clone(array),
        };
        Ok(TextColumn { array, column_type })
    };
    batch.columns().iter().map(column).collect()
}

/// The line that names the columns.
pub(crate) fn csv_header(names: &[String], delimiter: char, null: &str) -> String {
    let mut out = String::new();
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            out.push(delimiter);
        }
        write_field(&mut out, name, delimiter, null);
    }
    out.push('\n');
    out
}

/// Writes one row as a line of CSV.
pub(crate) fn csv_row(out: &mut String, columns: &[TextColumn], row: usize, delimiter: char, null: &str) {
    for (at, column) in columns.iter().enumerate() {
        if at > 0 {
            out.push(delimiter);
        }
        match column.text(row) {
            None => out.push_str(null),
            Some(text) => write_field(out, &text, delimiter, null),
        }
    }
    out.push('\n');
}

/// Writes one row as a JSON object on a line.
pub(crate) fn json_row(out: &mut String, names: &[String], columns: &[TextColumn], row: usize) {
    out.push('{');
    for (at, (name, column)) in names.iter().zip(columns).enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&quoted(name));
        out.push(':');
        match (column.text(row), column.column_type) {
            (None, _) => out.push_str("null"),
            (Some(text), Some(ColumnType::Double)) if text.parse::<f64>().is_ok_and(f64::is_finite) => {
                out.push_str(&text);
            }
            (
                Some(text),
                Some(
                    ColumnType::Boolean | ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Vector { .. },
                ),
            ) => out.push_str(&text),
            (Some(text), _) => out.push_str(&quoted(&text)),
        }
    }
    out.push_str("}\n");
}

fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}
