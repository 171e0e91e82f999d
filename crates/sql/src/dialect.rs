//! Statements of other dialects in words that the query engine knows.

use datafusion::sql::sqlparser::ast::Statement;

use crate::SqlError;

/// Rewrites a statement, as parsed, before it is planned.
///
/// # Errors
/// [`SqlError::Unsupported`]
pub(crate) fn rewrite(statement: Statement) -> Result<Statement, SqlError> {
    Ok(statement)
}
