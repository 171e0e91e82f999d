//! One statement: what kind it is, and who runs it.

mod query;
mod literal;
pub(crate) mod target;
mod writer;
mod constraint;
mod check;
mod returning;
mod conflict;
mod insert;
mod select;
mod update;
mod delete;
mod merge;
mod create;
mod alter;
mod index;
mod savepoint;
mod setting;
pub(crate) mod show;
pub(crate) mod copy;
mod copy_from;
mod copy_to;

use datafusion::sql::sqlparser::ast::{ObjectType, Statement};
use grounds_core::Instant;

use crate::session::StatementResult;
use crate::syntax::{self, Parsed, identifier};
use crate::transaction::Transaction;
use crate::{Session, SqlError};

/// Runs a statement in the session.
///
/// # Errors
/// Any [`SqlError`].
pub(crate) async fn run(session: &mut Session, parsed: &Parsed, at: Instant) -> Result<StatementResult, SqlError> {
    session.tidy_up();
    match &parsed.statement {
        Statement::Query(_) => query::run(session, parsed, "SELECT").await,
        Statement::Explain { .. } => query::run(session, parsed, "EXPLAIN").await,
        Statement::ExplainTable { table_name, .. } => show::columns(session, table_name),
        Statement::ShowTables { .. } => show::tables(session),
        Statement::ShowVariable { variable } => setting::show(session, variable),
        Statement::Set(set) => setting::set(session, set),
        Statement::Reset(reset) => setting::reset(session, reset),
        Statement::StartTransaction { .. } => begin(session),
        Statement::Commit { .. } => commit(session, at),
        Statement::Rollback { savepoint: None, .. } => rollback(session),
        Statement::Savepoint { name } => savepoint::set(session, &identifier(name)),
        Statement::ReleaseSavepoint { name } => savepoint::release(session, &identifier(name)),
        Statement::Rollback { savepoint: Some(name), .. } => savepoint::roll_back(session, &identifier(name)),
        Statement::Pragma { name, value, .. } if syntax::is_reindex(name) => {
            index::reindex(session, syntax::reindexed(value.as_ref()).as_deref())
        }
        Statement::Copy { to: true, .. } => copy_to::run(session, parsed).await,
        _ => change(session, parsed, at).await,
    }
}

/// Whether a statement that lost to another commit may simply be run again: it is no end of a transaction, and reads no file that may have
/// changed.
pub(crate) fn may_run_again(parsed: &Parsed) -> bool {
    !matches!(parsed.statement, Statement::Copy { .. } | Statement::Commit { .. })
}

/// Runs a statement that changes something: in the open transaction, or in one of its own.
async fn change(session: &mut Session, parsed: &Parsed, at: Instant) -> Result<StatementResult, SqlError> {
    if let Some(principal) = &session.principal {
        return Err(SqlError::NotPermitted { principal: principal.clone(), action: "change anything" });
    }
    match &mut session.transaction {
        Some(transaction) => transaction.mark(),
        None => {
            if let Some(snapshot) = session.snapshot {
                return Err(SqlError::PastSnapshot { snapshot: snapshot.0 });
            }
            session.transaction = Some(Transaction::new(session.reader()?, false));
        }
    }
    let result = dispatch(session, parsed, at).await.and_then(|result| session.check_written().map(|()| result));
    match result {
        Err(error) => {
            session.tidy_up();
            Err(error)
        }
        Ok(mut result) => {
            match session.transaction.take_if(|transaction| !transaction.is_explicit) {
                Some(own) => result.snapshot = own.commit(&session.database.store, at)?.or(result.snapshot),
                None => session.transaction.iter_mut().for_each(|transaction| transaction.keep()),
            }
            Ok(result)
        }
    }
}

async fn dispatch(session: &mut Session, parsed: &Parsed, at: Instant) -> Result<StatementResult, SqlError> {
    match &parsed.statement {
        Statement::Insert(insert) => insert::run(session, parsed, insert).await,
        Statement::Update(update) => update::run(session, parsed, update).await,
        Statement::Delete(delete) => delete::run(session, parsed, delete).await,
        Statement::Truncate(truncate) => delete::truncate(session, truncate),
        Statement::Merge(merge) => merge::run(session, parsed, merge).await,
        Statement::Copy { to: false, .. } => copy_from::run(session, parsed, at),
        Statement::CreateTable(create) => create::table(session, parsed, create).await,
        Statement::CreateView(view) => create::view(session, parsed, view),
        Statement::AlterTable(alter) => alter::table(session, alter),
        Statement::CreateIndex(create) => index::create(session, create),
        Statement::Drop { object_type: ObjectType::Index, if_exists, names, .. } => {
            index::drop(session, names, *if_exists)
        }
        Statement::Drop { object_type: ObjectType::Table, if_exists, names, .. } => {
            alter::drop_tables(session, names, *if_exists)
        }
        Statement::Drop { object_type: ObjectType::View, if_exists, names, .. } => {
            alter::drop_views(session, names, *if_exists)
        }
        other => {
            let words: Vec<String> = other.to_string().split_whitespace().take(2).map(str::to_uppercase).collect();
            Err(SqlError::Unsupported { what: words.join(" "), instead: "docs/sql.md lists the statements" })
        }
    }
}

fn begin(session: &mut Session) -> Result<StatementResult, SqlError> {
    if session.transaction.is_some() {
        return Err(SqlError::Transaction { message: "a transaction is already open: COMMIT or ROLLBACK it first" });
    }
    session.transaction = Some(Transaction::new(session.reader()?, true));
    session.savepoints.clear();
    Ok(StatementResult::done("BEGIN"))
}

fn commit(session: &mut Session, at: Instant) -> Result<StatementResult, SqlError> {
    let transaction = session.transaction.take().ok_or(SqlError::Transaction { message: "no transaction is open" })?;
    session.savepoints.clear();
    let snapshot = transaction.commit(&session.database.store, at)?;
    Ok(StatementResult { snapshot, ..StatementResult::done("COMMIT") })
}

fn rollback(session: &mut Session) -> Result<StatementResult, SqlError> {
    session.transaction.take().ok_or(SqlError::Transaction { message: "no transaction is open" })?;
    session.savepoints.clear();
    Ok(StatementResult::done("ROLLBACK"))
}

impl Session {
    /// Undoes what a statement that failed, or was cancelled, left in the transaction.
    pub(crate) fn tidy_up(&mut self) {
        match &mut self.transaction {
            Some(transaction) if transaction.is_explicit => transaction.undo(),
            _ => self.transaction = None,
        }
    }

    /// The transaction of the statement that is being run.
    pub(crate) fn open_transaction(&mut self) -> Result<&mut Transaction, SqlError> {
        self.transaction.as_mut().ok_or(SqlError::Transaction { message: "no transaction is open" })
    }
}
