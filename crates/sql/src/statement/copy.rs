//! COPY: the file that a statement names, and how it is written.

use std::path::{Path, PathBuf};

use datafusion::sql::sqlparser::ast::{CopyOption, CopySource, CopyTarget, Statement};

use crate::SqlError;

/// How a file holds rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileFormat {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

/// A COPY statement.
pub(crate) struct Copy<'a> {
    pub(crate) source: &'a CopySource,
    pub(crate) path: PathBuf,
    pub(crate) format: FileFormat,
    pub(crate) csv: CsvOptions,
}

/// How a CSV file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CsvOptions {
    /// Whether the first line names the columns.
    pub(crate) has_header: bool,
    pub(crate) delimiter: char,
    /// What stands for an absent value, unquoted.
    pub(crate) null: String,
}

impl<'a> Copy<'a> {
    /// Reads the statement.
    ///
    /// # Errors
    /// [`SqlError::Unsupported`]
    pub(crate) fn of(statement: &'a Statement) -> Result<Self, SqlError> {
        let unsupported = |what: &str, instead| SqlError::Unsupported { what: what.to_owned(), instead };
        let Statement::Copy { source, target, options, legacy_options, .. } = statement else {
            return Err(unsupported("this statement", ""));
        };
        let CopyTarget::File { filename } = target else {
            return Err(unsupported("COPY with a program or a terminal", "name a file: COPY t FROM 'file.csv'"));
        };
        if let Some(option) = legacy_options.first() {
            return Err(unsupported(&format!("the option {option} of COPY"), "write options in parentheses"));
        }
        let path = PathBuf::from(filename);
        let mut format = format_of(&path);
        let is_tabs = path.extension().is_some_and(|extension| extension == "tsv");
        let delimiter = if is_tabs { '\t' } else { ',' };
        let mut csv = CsvOptions { has_header: true, delimiter, null: String::new() };
        for option in options {
            match option {
                CopyOption::Format(name) => format = Some(format_called(&name.value)?),
                CopyOption::Header(has_header) => csv.has_header = *has_header,
                CopyOption::Delimiter(delimiter) => csv.delimiter = *delimiter,
                CopyOption::Null(null) => csv.null.clone_from(null),
                other => return Err(unsupported(&format!("the option {other} of COPY"), "")),
            }
        }
        let format = format.ok_or_else(|| {
            unsupported(
                "a file whose name does not say its format",
                "write COPY ... (FORMAT csv), or jsonl, or parquet",
            )
        })?;
        Ok(Self { source, path, format, csv })
    }
}

fn format_of(path: &Path) -> Option<FileFormat> {
    format_called(path.extension()?.to_str()?).ok()
}

/// The format called `name`, in any case.
///
/// # Errors
/// [`SqlError::Unsupported`]
pub(crate) fn format_called(name: &str) -> Result<FileFormat, SqlError> {
    match name.to_ascii_lowercase().as_str() {
        "csv" | "tsv" => Ok(FileFormat::Csv),
        "jsonl" | "ndjson" | "json" => Ok(FileFormat::Jsonl),
        "parquet" => Ok(FileFormat::Parquet),
        _ => Err(SqlError::Unsupported { what: format!("the file format {name}"), instead: "csv, jsonl or parquet" }),
    }
}
