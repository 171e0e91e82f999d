//! The rows of a result, and how programs and people read them.

use std::io::{self, Write};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

use crate::SqlError;
use crate::file::format::{TextColumn, csv_header, csv_row, json_row, parquet_writer};

/// Rows in Arrow's form.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Their columns.
    pub schema: SchemaRef,
    /// In order.
    pub batches: Vec<RecordBatch>,
}

/// How rows are written for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFormat {
    /// Comma-separated values with a line of names; absent values are empty, empty texts are quoted.
    Csv,
    /// One JSON array of objects.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

impl Rows {
    /// How many rows there are.
    pub fn row_count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The names of the columns.
    pub fn names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// For each column whether it holds numbers.
    pub fn are_numbers(&self) -> Vec<bool> {
        self.schema.fields().iter().map(|field| field.data_type().is_numeric()).collect()
    }

    /// Every value as text, row by row; `None` where it is absent.
    ///
    /// # Errors
    /// [`SqlError::Engine`]: a mistake in Grounds.
    pub fn texts(&self) -> Result<Vec<Vec<Option<String>>>, SqlError> {
        let mut texts = Vec::with_capacity(self.row_count());
        for batch in &self.batches {
            let columns = TextColumn::of(batch)?;
            texts.extend((0..batch.num_rows()).map(|row| columns.iter().map(|column| column.text(row)).collect()));
        }
        Ok(texts)
    }

    /// Writes all rows.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn write(&self, format: RowFormat, out: &mut (dyn Write + Send)) -> io::Result<()> {
        if format == RowFormat::Parquet {
            let mut writer = parquet_writer(out, SchemaRef::clone(&self.schema))?;
            for batch in &self.batches {
                writer.write(batch)?;
            }
            writer.close()?;
            return Ok(());
        }
        let names = self.names();
        if format == RowFormat::Csv {
            out.write_all(csv_header(&names, ',', "").as_bytes())?;
        }
        if format == RowFormat::Json {
            out.write_all(b"[")?;
        }
        let mut is_first = true;
        for batch in &self.batches {
            let columns = TextColumn::of(batch).map_err(io::Error::other)?;
            let mut text = String::new();
            for row in 0..batch.num_rows() {
                match format {
                    RowFormat::Csv => csv_row(&mut text, &columns, row, ',', ""),
                    RowFormat::Json => {
                        text.push_str(if is_first { "\n  " } else { ",\n  " });
                        json_row(&mut text, &names, &columns, row);
                        text.truncate(text.trim_end().len());
                    }
                    RowFormat::Jsonl | RowFormat::Parquet => json_row(&mut text, &names, &columns, row),
                }
                is_first = false;
            }
            out.write_all(text.as_bytes())?;
        }
        if format == RowFormat::Json {
            out.write_all(if is_first { b"]\n" } else { b"\n]\n" })?;
        }
        out.flush()
    }
}
