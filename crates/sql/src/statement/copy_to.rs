//! COPY TO: rows into a file, as they are computed.

use std::collections::HashMap;
use std::io::Write;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::sql::sqlparser::ast::{CopySource, Expr, Ident, Query, Statement};
use futures::StreamExt;
use grounds_core::{Cell, ColumnType};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::file::FileContext;
use crate::file::csv::write_field;
use crate::file::write::NewFile;
use crate::session::StatementResult;
use crate::statement::copy::{Copy, CsvOptions, FileFormat};
use crate::statement::query;
use crate::statement::select::{from_item, select};
use crate::syntax::Parsed;
use crate::types::column_type_of;
use crate::{Session, SqlError, arrays, cell_text, dialect};

/// Runs a COPY TO.
pub(crate) async fn run(session: &mut Session, parsed: &Parsed) -> Result<StatementResult, SqlError> {
    let copy = Copy::of(&parsed.statement)?;
    let query = source_query(copy.source)?;
    let statement = Statement::Query(Box::new(query));
    let plan = query::plan(session, parsed, statement, HashMap::new())?;
    if let Some(column) = dialect::repeated_select_name(plan.schema()) {
        return Err(SqlError::Unsupported {
            what: format!("copying two columns called {column}"),
            instead: "give them names with AS",
        });
    }
    let mut stream = query::start(session, plan).await?;
    let schema = stream.schema();
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let mut file = NewFile::create(&copy.path)?;
    let mut count = 0;
    if copy.format == FileFormat::Parquet {
        let wrong = |error: parquet::errors::ParquetError| SqlError::FileFormat {
            path: copy.path.clone(),
            line: 0,
            message: error.to_string(),
        };
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let mut writer = ArrowWriter::try_new(&mut file, schema, Some(properties)).map_err(wrong)?;
        while let Some(batch) = stream.next().await {
            let batch = batch?;
            count += batch.num_rows() as u64;
            writer.write(&batch).map_err(wrong)?;
        }
        writer.close().map_err(wrong)?;
        file.finish()?;
        return Ok(StatementResult::changed("COPY", count));
    }
    if copy.format == FileFormat::Csv && copy.csv.has_header {
        file.write_all(header(&names, &copy.csv).as_bytes()).on(&copy.path)?;
    }
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        count += batch.num_rows() as u64;
        let columns = columns(&batch)?;
        let mut out = String::new();
        for row in 0..batch.num_rows() {
            match copy.format {
                FileFormat::Csv => csv_row(&mut out, &columns, row, &copy.csv),
                _ => json_row(&mut out, &names, &columns, row),
            }
        }
        file.write_all(out.as_bytes()).on(&copy.path)?;
    }
    file.finish()?;
    Ok(StatementResult::changed("COPY", count))
}

fn source_query(source: &CopySource) -> Result<Query, SqlError> {
    match source {
        CopySource::Query(query) => Ok((**query).clone()),
        CopySource::Table { table_name, columns } => {
            let from = vec![from_item(table_name.clone(), None)?];
            if columns.is_empty() {
                return crate::statement::select::select_all(from);
            }
            let items = columns.iter().map(|column: &Ident| Expr::Identifier(column.clone())).collect();
            let mut query = select(items, from, None)?;
            crate::statement::select::keep_names(&mut query, columns);
            Ok(query)
        }
    }
}

/// A column, in the type of a table's column where there is such a type.
struct Column {
    array: ArrayRef,
    column_type: Option<ColumnType>,
}

impl Column {
    /// The value as text; `None` where it is absent.
    fn text(&self, row: usize) -> Option<String> {
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

fn columns(batch: &RecordBatch) -> Result<Vec<Column>, SqlError> {
    let column = |array: &ArrayRef| {
        let column_type = column_type_of(array.data_type());
        let array = match column_type {
            Some(column_type) => arrays::convert(array, "", column_type)?,
            None => ArrayRef::clone(array),
        };
        Ok(Column { array, column_type })
    };
    batch.columns().iter().map(column).collect()
}

fn header(names: &[String], options: &CsvOptions) -> String {
    let mut out = String::new();
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            out.push(options.delimiter);
        }
        write_field(&mut out, name, options.delimiter, &options.null);
    }
    out.push('\n');
    out
}

fn csv_row(out: &mut String, columns: &[Column], row: usize, options: &CsvOptions) {
    for (at, column) in columns.iter().enumerate() {
        if at > 0 {
            out.push(options.delimiter);
        }
        match column.text(row) {
            None => out.push_str(&options.null),
            Some(text) => write_field(out, &text, options.delimiter, &options.null),
        }
    }
    out.push('\n');
}

fn json_row(out: &mut String, names: &[String], columns: &[Column], row: usize) {
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
