//! SAVEPOINT, ROLLBACK TO and RELEASE: points of a transaction to which it can go back.

use crate::session::StatementResult;
use crate::{Session, SqlError};

/// Remembers what the transaction has changed so far, under `name`. Cost: a copy of that.
pub(crate) fn set(session: &mut Session, name: &str) -> Result<StatementResult, SqlError> {
    let transaction = session.transaction.as_ref().ok_or(NONE_OPEN)?;
    session.savepoints.push((name.to_owned(), transaction.clone()));
    Ok(StatementResult::done("SAVEPOINT"))
}

/// Takes back everything since the latest savepoint called `name`, which stays.
pub(crate) fn roll_back(session: &mut Session, name: &str) -> Result<StatementResult, SqlError> {
    let at = find(session, name)?;
    session.savepoints.truncate(at + 1);
    session.transaction = session.savepoints.last().map(|(_, transaction)| transaction.clone());
    Ok(StatementResult::done("ROLLBACK"))
}

/// Forgets the latest savepoint called `name` and those after it; what was changed since stays.
pub(crate) fn release(session: &mut Session, name: &str) -> Result<StatementResult, SqlError> {
    let at = find(session, name)?;
    session.savepoints.truncate(at);
    Ok(StatementResult::done("RELEASE"))
}

const NONE_OPEN: SqlError = SqlError::Transaction { message: "no transaction is open" };

fn find(session: &Session, name: &str) -> Result<usize, SqlError> {
    session.transaction.as_ref().ok_or(NONE_OPEN)?;
    let found = session.savepoints.iter().rposition(|(known, _)| known == name);
    found.ok_or_else(|| SqlError::UnknownSavepoint { name: name.to_owned() })
}
