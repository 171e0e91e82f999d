//! COPY FROM: the rows of a file into a table, in one commit where they fit, and checked before the first where they do not.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

use datafusion::sql::sqlparser::ast::{CopySource, Ident};
use grounds_core::{Cell, Instant, Snapshot, TableDefinition};
use grounds_store::encode_key_cells;

use crate::file::read::{RowReader, row_error};
use crate::session::StatementResult;
use crate::statement::check::Checks;
use crate::statement::conflict::Conflict;
use crate::statement::copy::Copy;
use crate::statement::insert::{add, whole_row};
use crate::statement::target::{self, Given};
use crate::statement::writer::{Taken, Writer};
use crate::syntax::Parsed;
use crate::transaction::Transaction;
use crate::{Session, SqlError};

/// The most rows that one commit takes: what a transaction changes is held in memory.
const ROWS_PER_COMMIT_MAX: u64 = 500_000;

/// How many rows are held against CHECK conditions together.
const CHECK_ROWS: usize = 8192;

/// After how many rows it is looked whether the statement was cancelled.
const CANCEL_CHECK_ROWS: u64 = 1000;

/// Runs a COPY FROM.
pub(crate) fn run(session: &mut Session, parsed: &Parsed, at: Instant) -> Result<StatementResult, SqlError> {
    let copy = Copy::of(&parsed.statement)?;
    let CopySource::Table { table_name, columns } = copy.source else {
        return Err(SqlError::Unsupported { what: "COPY from a file into a query".to_owned(), instead: "" });
    };
    let definition = target::find(session, table_name)?;
    let listed = match columns.is_empty() {
        true => Vec::new(),
        false => target::given_columns(&definition, columns.iter().map(|column: &Ident| column))?,
    };
    let defaults = {
        let reader = session.reader()?;
        let standpoint = session.standpoint(&reader, session.transaction.as_ref());
        let database = &session.database;
        let context = crate::context::Context::new(&database.state, standpoint, &database.functions, &[], &[])?;
        target::default_cells(&context, &definition)?
    };
    let load = Load { copy, definition, listed, defaults };
    let is_explicit = session.transaction.as_ref().is_some_and(|transaction| transaction.is_explicit);
    let mut rows = load.open()?;
    let limit = if is_explicit { u64::MAX } else { ROWS_PER_COMMIT_MAX };
    let count = load.add_rows(session, &mut rows, limit)?;
    if count < limit {
        load.summarise(session, count)?;
        return Ok(StatementResult::changed("COPY", count));
    }
    // More rows than one commit takes: nothing is committed before all are known to be right.
    session.transaction = None;
    load.check(session)?;
    load.run_in_parts(session, at)
}

struct Load<'a> {
    copy: Copy<'a>,
    definition: Arc<TableDefinition>,
    listed: Vec<Given>,
    defaults: Vec<Cell>,
}

impl Load<'_> {
    fn open(&self) -> Result<RowReader, SqlError> {
        RowReader::open(&self.copy, &self.definition, &self.listed)
    }

    fn path(&self) -> &Path {
        &self.copy.path
    }

    fn summarise(&self, session: &mut Session, count: u64) -> Result<(), SqlError> {
        session.open_transaction()?.summarise(format!("copy {count} into {}", self.definition.name));
        Ok(())
    }

    /// Adds at most `limit` rows to the open transaction; returns how many there were.
    fn add_rows(&self, session: &mut Session, rows: &mut RowReader, limit: u64) -> Result<u64, SqlError> {
        let given = rows.given().to_vec();
        let mut writer = Writer::new(session, &self.definition);
        let mut count = 0;
        while count < limit {
            let Some((line, cells)) = rows.next()? else { break };
            add(&mut writer, &given, &self.defaults, cells, &Conflict::Fail)
                .map_err(|source| row_error(self.path(), line, source))?;
            count += 1;
            if count % CANCEL_CHECK_ROWS == 0 {
                writer.session.check_cancelled()?;
            }
        }
        Ok(count)
    }

    /// Checks every row against the table and against each other, and writes nothing.
    fn check(&self, session: &mut Session) -> Result<(), SqlError> {
        let mut rows = self.open()?;
        let given = rows.given().to_vec();
        let mut seen: HashSet<u128> = HashSet::new();
        let checks = Checks::new(session, &self.definition)?;
        let mut checked: Vec<Vec<Cell>> = Vec::new();
        session.transaction = Some(Transaction::new(session.reader()?, false));
        let mut writer = Writer::new(session, &self.definition);
        while let Some((line, cells)) = rows.next()? {
            let wrong = |source| row_error(rows.path(), line, source);
            let (cells, validity) = whole_row(&given, &self.defaults, cells).map_err(wrong)?;
            writer.check(&cells).map_err(wrong)?;
            // Rows of one key on other days are for the commit to tell apart; they are rare in files.
            let from = validity.from;
            if writer.has_key() && !seen.insert(fingerprint(&(writer.key(&cells), from))) {
                return Err(wrong(writer.duplicate(&cells)));
            }
            for columns in self.definition.unique_columns() {
                let values: Vec<Cell> = columns.iter().map(|column| cells[*column].clone()).collect();
                let is_new = values.contains(&Cell::Null)
                    || seen.insert(fingerprint(&(columns, encode_key_cells(&values), from)));
                if !is_new {
                    let columns = columns.to_vec();
                    return Err(wrong(
                        writer.not_free(&cells, &Taken { key: Vec::new(), validity, cells: values, columns }),
                    ));
                }
            }
            if let Some(taken) = writer.taken(&cells, validity).map_err(wrong)?.first() {
                return Err(wrong(writer.not_free(&cells, taken)));
            }
            checked.push(cells);
            if checked.len() >= CHECK_ROWS {
                checks.check(checked.iter().map(Vec::as_slice))?;
                checked.clear();
            }
        }
        checks.check(checked.iter().map(Vec::as_slice))?;
        session.transaction = None;
        Ok(())
    }

    /// Commits the rows in parts.
    fn run_in_parts(&self, session: &mut Session, at: Instant) -> Result<StatementResult, SqlError> {
        let mut rows = self.open()?;
        let mut total = 0;
        let mut snapshot: Option<Snapshot> = None;
        loop {
            session.transaction = Some(Transaction::new(session.reader()?, false));
            let count = self.add_rows(session, &mut rows, ROWS_PER_COMMIT_MAX)?;
            self.summarise(session, count)?;
            total += count;
            if let Some(transaction) = session.transaction.take() {
                snapshot = transaction.commit(&session.database.store, at)?.or(snapshot);
            }
            if count < ROWS_PER_COMMIT_MAX {
                break;
            }
        }
        let notice = Some(format!("committed in parts of {ROWS_PER_COMMIT_MAX} rows, after all were checked"));
        Ok(StatementResult { snapshot, notice, ..StatementResult::changed("COPY", total) })
    }
}

/// A number that tells keys apart: of 128 bits, so that no two of a file share one by chance.
fn fingerprint(key: &impl Hash) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        key.hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}
