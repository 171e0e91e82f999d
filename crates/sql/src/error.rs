//! What can go wrong between a statement and its result, and who can do something about it.

use std::path::PathBuf;

use datafusion::error::DataFusionError;
use grounds_core::{Hint, Kind};
use grounds_store::StoreError;
use thiserror::Error;

/// Why a statement could not be run. Nothing of it took effect.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SqlError {
    /// The text is not a statement. Its author can change it.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// What was expected and what was found.
        message: String,
        /// The line, from 1; 0 where the text ends too early.
        line: u64,
        /// The column, from 1; 0 where the text ends too early.
        column: u64,
    },
    /// The statement is understood, and there is no such thing here.
    #[error("{what} is not supported")]
    Unsupported {
        /// What was asked for.
        what: String,
        /// What to write instead; empty where there is nothing.
        instead: &'static str,
    },
    /// A statement names a table that does not exist, or that the principal may not see.
    #[error("there is no table `{name}`")]
    UnknownTable {
        /// As written.
        name: String,
    },
    /// A statement names a column that its table does not have.
    #[error("table {table} has no column `{column}`")]
    UnknownColumn {
        /// The table.
        table: String,
        /// As written.
        column: String,
    },
    /// A statement names an index that does not exist.
    #[error("there is no index `{name}`")]
    UnknownIndex {
        /// As written.
        name: String,
    },
    /// A type that no column can have.
    #[error("`{name}` is not the type of a column")]
    UnknownType {
        /// As written.
        name: String,
    },
    /// A new table or view has the name of another.
    #[error("there is already {} {what} called `{name}`", if *.what == "index" { "an" } else { "a" })]
    AlreadyThere {
        /// "table", "view", "index" or "principal".
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A name is kept for Grounds itself.
    #[error("the name `{name}` is reserved")]
    Reserved {
        /// The name.
        name: String,
    },
    /// A table definition that cannot be.
    #[error("table {table}: {message}")]
    Definition {
        /// The table.
        table: String,
        /// What is wrong with it.
        message: String,
    },
    /// An insert or update would give two rows the same primary key on the same day.
    #[error("table {table} already has a row with the key {key}")]
    DuplicateKey {
        /// The table.
        table: String,
        /// The key, as SQL writes it.
        key: String,
    },
    /// A row is not as a CHECK of its table demands.
    #[error("the row {row} of table {table} is not as `{name}` demands: {condition}")]
    CheckFailed {
        /// The table.
        table: String,
        /// The constraint.
        name: String,
        /// Its condition.
        condition: String,
        /// The row's cells.
        row: String,
    },
    /// A row lacks a value that its table demands.
    #[error("column {column} of table {table} must have a value")]
    NotNull {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A value does not fit its column.
    #[error("`{value}` is not a value of type {expected} (column {column})")]
    WrongValue {
        /// The column.
        column: String,
        /// The value.
        value: String,
        /// The column's type, as SQL writes it.
        expected: String,
    },
    /// A row has more or fewer values than it should.
    #[error("{found} values were given for {expected} columns")]
    ValueCount {
        /// How many columns there are.
        expected: usize,
        /// How many values were given.
        found: usize,
    },
    /// A statement changes a table that changes otherwise.
    #[error("table {table} cannot be changed with SQL")]
    ReadOnlyTable {
        /// The table.
        table: String,
        /// How it changes.
        instead: &'static str,
    },
    /// A principal asks for what only the owner of the workspace may do.
    #[error("the principal `{principal}` may not {action}")]
    NotPermitted {
        /// Who asked.
        principal: String,
        /// What was asked.
        action: &'static str,
    },
    /// A statement would change the past.
    #[error("the session reads snapshot {snapshot}, and the past cannot be changed")]
    PastSnapshot {
        /// The snapshot.
        snapshot: u64,
    },
    /// A period, date or snapshot that cannot be.
    #[error("{message}")]
    Period {
        /// What is wrong and what to write.
        message: String,
    },
    /// A statement belongs into, or outside of, a transaction.
    #[error("{message}")]
    Transaction {
        /// What is wrong.
        message: &'static str,
    },
    /// A transaction has no savepoint of this name.
    #[error("there is no savepoint `{name}`")]
    UnknownSavepoint {
        /// As written.
        name: String,
    },
    /// A session has no such setting, or the setting no such value.
    #[error("`{name}` cannot be set to `{value}`")]
    Setting {
        /// The name.
        name: String,
        /// The value.
        value: String,
    },
    /// A table function was called otherwise than it is declared.
    #[error("{function}: {message}")]
    Function {
        /// The function.
        function: &'static str,
        /// What is wrong and what to write.
        message: String,
    },
    /// Two rows of a source change the same row.
    #[error("more than one row of the source would change the row {key} of table {table}")]
    ChangedTwice {
        /// The table.
        table: String,
        /// The key, as SQL writes it.
        key: String,
    },
    /// A file that a statement names cannot be read or written.
    #[error("{path}: {cause}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// A row of a file cannot be stored.
    #[error("{path}, line {line}: {cause}", path = .path.display())]
    FileRow {
        /// The file.
        path: PathBuf,
        /// The line, from 1; of Parquet files the row.
        line: u64,
        /// What is wrong with it.
        cause: Box<SqlError>,
    },
    /// A file is not of the format it should be of.
    #[error("{path}, line {line}: {message}", path = .path.display())]
    FileFormat {
        /// The file.
        path: PathBuf,
        /// The line, from 1; 0 where the format has none.
        line: u64,
        /// What is wrong with it.
        message: String,
    },
    /// The statement was cancelled.
    #[error("the statement was cancelled")]
    Cancelled,
    /// The store failed; see there.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The query cannot be planned or computed.
    #[error("{}{}", place(.cause), engine_message(.cause))]
    Engine {
        /// What the query engine said.
        cause: Box<DataFusionError>,
    },
    /// The query engine gave up in the middle of a statement. A mistake in it, or in Grounds.
    #[error("the query engine gave up: {message}")]
    Panicked {
        /// What it said.
        message: String,
    },
}

impl SqlError {
    /// Who can do something about it.
    pub fn kind(&self) -> Kind {
        match self {
            SqlError::Store(error) => error.kind(),
            SqlError::FileRow { cause, .. } => cause.kind(),
            SqlError::File { .. } => Kind::Unavailable,
            SqlError::Panicked { .. } => Kind::Bug,
            SqlError::Engine { cause } => match cause.find_root() {
                DataFusionError::Internal(_) => Kind::Bug,
                DataFusionError::ResourcesExhausted(_) | DataFusionError::IoError(_) => Kind::Unavailable,
                _ => Kind::User,
            },
            _ => Kind::User,
        }
    }

    /// A panic as an error.
    pub(crate) fn panicked(panic: &(dyn std::any::Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let message = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        SqlError::Panicked { message }
    }

    /// What the reader can do next, where the message does not say it all.
    pub fn hint(&self) -> Option<Hint> {
        let hint = match self {
            SqlError::Store(StoreError::NotUnique { .. }) => ON_CONFLICT,
            SqlError::Store(error) => return error.hint(),
            SqlError::FileRow { cause, .. } => return cause.hint(),
            SqlError::Unsupported { instead, .. } | SqlError::ReadOnlyTable { instead, .. } if !instead.is_empty() => {
                instead
            }
            SqlError::UnknownTable { .. } => "`SHOW TABLES` lists the tables",
            SqlError::UnknownIndex { .. } => "`DESCRIBE` shows the indexes of a table",
            SqlError::DuplicateKey { .. } => ON_CONFLICT,
            SqlError::UnknownType { .. } => {
                "types are BIGINT, DOUBLE, DECIMAL(p,s), BOOLEAN, TEXT, DATE, TIMESTAMP, TIMESTAMP WITH TIME ZONE, BYTEA, JSON, VECTOR(n)"
            }
            SqlError::Panicked { .. } => "nothing of the statement took effect; please report it",
            SqlError::NotPermitted { .. } => "run it as the owner of the workspace, without a principal",
            SqlError::PastSnapshot { .. } => "RESET system_time, then run it again",
            SqlError::Setting { .. } => "settings are valid_time (a date) and system_time (a snapshot, or an instant)",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// What to write where a row may be there already.
const ON_CONFLICT: &str = "write INSERT ... ON CONFLICT DO NOTHING, or DO UPDATE SET ...";

/// Where in the statement the engine found a mistake, where it says so.
fn place(error: &DataFusionError) -> String {
    let span = error.diagnostic().and_then(|diagnostic| diagnostic.span);
    let start = span.map(|span| span.start).filter(|start| start.line > 0);
    start.map_or_else(String::new, |start| format!("line {}, column {}: ", start.line, start.column))
}

/// What the engine said, without the names of its own parts.
fn engine_message(error: &DataFusionError) -> String {
    let message = error.find_root().strip_backtrace();
    for prefix in
        ["Error during planning: ", "Schema error: ", "Execution error: ", "Optimizer rule failed: ", "SQL error: "]
    {
        if let Some(rest) = message.strip_prefix(prefix) {
            return rest.to_owned();
        }
    }
    message
}

impl From<DataFusionError> for SqlError {
    /// What came through the engine from this crate or the store comes out as it went in.
    fn from(error: DataFusionError) -> Self {
        if !is_ours(&error) {
            return SqlError::Engine { cause: Box::new(error) };
        }
        match into_ours(error) {
            Ok(error) => error,
            Err(error) => SqlError::Engine { cause: Box::new(error) },
        }
    }
}

fn is_ours(error: &DataFusionError) -> bool {
    match error.find_root() {
        DataFusionError::External(source) => source.is::<SqlError>() || source.is::<StoreError>(),
        _ => false,
    }
}

fn into_ours(error: DataFusionError) -> Result<SqlError, DataFusionError> {
    match error {
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => into_ours(*inner),
        DataFusionError::External(source) => match source.downcast::<SqlError>() {
            Ok(error) => Ok(*error),
            Err(source) => match source.downcast::<StoreError>() {
                Ok(error) => Ok(SqlError::Store(*error)),
                Err(source) => match source.downcast::<DataFusionError>() {
                    Ok(inner) => into_ours(*inner),
                    Err(source) => Err(DataFusionError::External(source)),
                },
            },
        },
        other => Err(other),
    }
}

/// Lets an error of this crate or the store through the engine.
pub(crate) fn external(error: impl Into<SqlError>) -> DataFusionError {
    DataFusionError::External(Box::new(error.into()))
}
