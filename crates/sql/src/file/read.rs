//! The rows of a file as cells of a table's columns, one after the other.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use grounds_core::{Cell, ColumnType, TableDefinition};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::file::FileContext;
use crate::file::csv::{CsvReader, Field};
use crate::file::json_line;
use crate::statement::copy::{Copy, CsvOptions, FileFormat};
use crate::statement::target::{Given, given_column};
use crate::{SqlError, arrays, cell_text};

/// How many bytes of a file are read at once.
const BUFFER_BYTES: usize = 1 << 20;

/// A file of rows being read.
pub(crate) struct RowReader {
    path: PathBuf,
    /// The columns that every row gives cells for.
    given: Vec<Given>,
    types: Vec<ColumnType>,
    names: Vec<String>,
    source: Source,
    options: CsvOptions,
}

enum Source {
    Csv(CsvReader<BufReader<File>>),
    Jsonl { lines: BufReader<File>, line: u64, text: String },
    Parquet { batches: ParquetRecordBatchReader, batch: Vec<ArrayRef>, row: usize, row_count: usize, before: u64 },
}

/// Where a row stands in its file, and its cells.
pub(crate) type FileRow = (u64, Vec<Cell>);

impl RowReader {
    /// Opens a file, whose columns are those of `listed` where a statement lists any, else those that it names itself, else all.
    ///
    /// # Errors
    /// [`SqlError::File`], [`SqlError::FileFormat`], [`SqlError::UnknownColumn`]
    pub(crate) fn open(copy: &Copy<'_>, definition: &TableDefinition, listed: &[Given]) -> Result<Self, SqlError> {
        let path = copy.path.clone();
        let file = File::open(&path).on(&path)?;
        let mut reader = Self {
            given: listed.to_vec(),
            types: Vec::new(),
            names: Vec::new(),
            source: Source::Jsonl { lines: BufReader::new(file.try_clone().on(&path)?), line: 0, text: String::new() },
            options: copy.csv.clone(),
            path,
        };
        match copy.format {
            FileFormat::Csv => reader.open_csv(file, definition)?,
            FileFormat::Jsonl => {
                let lines = BufReader::with_capacity(BUFFER_BYTES, file);
                reader.source = Source::Jsonl { lines, line: 0, text: String::new() };
            }
            FileFormat::Parquet => reader.open_parquet(file, definition)?,
        }
        if reader.given.is_empty() {
            reader.given = (0..definition.columns.len()).map(Given::Cell).collect();
        }
        reader.types = reader.given.iter().map(|given| given.column_type(definition)).collect();
        reader.names = reader.given.iter().map(|given| name_of(*given, definition)).collect();
        Ok(reader)
    }

    /// The columns that every row gives cells for.
    pub(crate) fn given(&self) -> &[Given] {
        &self.given
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// [`SqlError::FileFormat`], [`SqlError::FileRow`] with the line.
    pub(crate) fn next(&mut self) -> Result<Option<FileRow>, SqlError> {
        match &mut self.source {
            Source::Csv(_) => self.next_csv(),
            Source::Jsonl { .. } => self.next_json(),
            Source::Parquet { .. } => self.next_parquet(),
        }
    }

    fn open_csv(&mut self, file: File, definition: &TableDefinition) -> Result<(), SqlError> {
        let input = BufReader::with_capacity(BUFFER_BYTES, file);
        let mut csv = CsvReader::new(input, self.options.delimiter);
        if self.options.has_header {
            let header = csv.next().map_err(|error| format_error(&self.path, csv.line(), &error))?;
            if let (Some((line, names)), true) = (header, self.given.is_empty()) {
                for name in names {
                    let column = given_column(definition, name.text.trim());
                    self.given.push(column.map_err(|source| row_error(&self.path, line, source))?);
                }
            }
        }
        self.source = Source::Csv(csv);
        Ok(())
    }

    fn next_csv(&mut self) -> Result<Option<FileRow>, SqlError> {
        let Source::Csv(csv) = &mut self.source else { return Ok(None) };
        let record = csv.next().map_err(|error| format_error(&self.path, csv.line(), &error))?;
        let Some((line, fields)) = record else { return Ok(None) };
        if fields.len() != self.given.len() {
            let counts = SqlError::ValueCount { expected: self.given.len(), found: fields.len() };
            return Err(row_error(&self.path, line, counts));
        }
        let is_absent = |field: &Field| !field.is_quoted && field.text == self.options.null;
        let mut cells = Vec::with_capacity(fields.len());
        for ((field, column_type), name) in fields.iter().zip(&self.types).zip(&self.names) {
            cells.push(match is_absent(field) {
                true => Cell::Null,
                false => cell_text::parse(&field.text, name, *column_type)
                    .map_err(|source| row_error(&self.path, line, source))?,
            });
        }
        Ok(Some((line, cells)))
    }

    fn next_json(&mut self) -> Result<Option<FileRow>, SqlError> {
        let Source::Jsonl { lines, line, text } = &mut self.source else { return Ok(None) };
        loop {
            text.clear();
            *line += 1;
            if lines.read_line(text).map_err(|error| format_error(&self.path, *line, &error))? == 0 {
                return Ok(None);
            }
            if !text.trim().is_empty() {
                break;
            }
        }
        let wrong = |message: String| SqlError::FileFormat { path: self.path.clone(), line: *line, message };
        let mut cells = vec![Cell::Null; self.given.len()];
        for (name, value) in json_line::members(text).map_err(wrong)? {
            let Some(at) = self.names.iter().position(|known| *known == name) else {
                return Err(wrong(format!("the table has no column `{name}`")));
            };
            let is_json = self.types[at] == ColumnType::Json;
            if let Some(text) = json_line::cell_text(value, is_json) {
                let cell = cell_text::parse(&text, &name, self.types[at]);
                cells[at] = cell.map_err(|source| row_error(&self.path, *line, source))?;
            }
        }
        Ok(Some((*line, cells)))
    }

    fn open_parquet(&mut self, file: File, definition: &TableDefinition) -> Result<(), SqlError> {
        let wrong = |message: String| SqlError::FileFormat { path: self.path.clone(), line: 0, message };
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| wrong(error.to_string()))?;
        if self.given.is_empty() {
            for field in builder.schema().fields() {
                self.given.push(given_column(definition, field.name())?);
            }
        } else if builder.schema().fields().len() != self.given.len() {
            return Err(SqlError::ValueCount { expected: self.given.len(), found: builder.schema().fields().len() });
        }
        let batches = builder.build().map_err(|error| wrong(error.to_string()))?;
        self.source = Source::Parquet { batches, batch: Vec::new(), row: 0, row_count: 0, before: 0 };
        Ok(())
    }

    fn next_parquet(&mut self) -> Result<Option<FileRow>, SqlError> {
        let Source::Parquet { batches, batch, row, row_count, before } = &mut self.source else { return Ok(None) };
        while row >= row_count {
            let Some(next) = batches.next() else { return Ok(None) };
            let wrong = |message: String| SqlError::FileFormat { path: self.path.clone(), line: *before, message };
            let next: RecordBatch = next.map_err(|error| wrong(error.to_string()))?;
            *before += *row_count as u64;
            let columns = next.columns().iter().zip(&self.types).zip(&self.names);
            *batch = columns
                .map(|((array, column_type), name)| arrays::convert(array, name, *column_type))
                .collect::<Result<_, _>>()
                .map_err(|source| row_error(&self.path, *before + 1, source))?;
            (*row, *row_count) = (0, next.num_rows());
        }
        let at = *row;
        *row += 1;
        let cells = batch.iter().zip(&self.types).map(|(array, column_type)| arrays::cell(array, *column_type, at));
        Ok(Some((*before + *row as u64, cells.collect())))
    }

    /// The file's name.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

fn name_of(given: Given, definition: &TableDefinition) -> String {
    match given {
        Given::Cell(position) => definition.columns[position].name.clone(),
        Given::Time(column) => column.name().to_owned(),
    }
}

fn format_error(path: &Path, line: u64, error: &io::Error) -> SqlError {
    SqlError::FileFormat { path: path.to_owned(), line, message: error.to_string() }
}

/// Says on which line of which file a row is wrong.
pub(crate) fn row_error(path: &Path, line: u64, source: SqlError) -> SqlError {
    SqlError::FileRow { path: path.to_owned(), line, cause: Box::new(source) }
}
