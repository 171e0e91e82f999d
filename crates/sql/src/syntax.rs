//! From text to statements: tokens are split into statements, extended where the parser lacks our syntax, parsed, and rewritten.

mod tokens;
mod period;
mod extend;
mod hidden;

use datafusion::sql::sqlparser::ast::{Expr, ObjectName, Statement, Value, ValueWithSpan};
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::Token;

use crate::SqlError;
use crate::catalog::TimeColumn;
pub(crate) use extend::{FULL_TEXT_MARK, REINDEX_MARK};
pub(crate) use hidden::expand_wildcards;
pub(crate) use period::{PeriodClause, TimedName, alias_of};
pub(crate) use tokens::{DIALECT, StatementTokens, after_as, split};

/// One statement, parsed.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) statement: Statement,
    /// The tables that are read at a time of their own, each under the name that stands for it in `statement`.
    pub(crate) timed: Vec<TimedName>,
    /// The days that `FOR PORTION OF VALID_TIME` names.
    pub(crate) portion: Option<(Expr, Expr)>,
    /// The time columns that the statement names anywhere.
    pub(crate) time_columns: Vec<TimeColumn>,
    /// The statement as written.
    pub(crate) text: String,
}

/// Parses one statement.
///
/// # Errors
/// [`SqlError::Syntax`] with the place in the whole text.
pub(crate) fn parse(tokens: StatementTokens) -> Result<Parsed, SqlError> {
    let StatementTokens { tokens, text } = tokens;
    let time_columns = hidden::mentioned(&tokens);
    let extended = extend::extend(tokens)?;
    let mut parser = Parser::new(&DIALECT).with_tokens_with_locations(extended.tokens);
    let mut statement = parser.parse_statement().map_err(syntax_error)?;
    let rest = parser.peek_token();
    if rest.token != Token::EOF {
        return Err(SqlError::Syntax {
            message: format!("expected the end of the statement, found: {rest}"),
            line: rest.span.start.line,
            column: rest.span.start.column,
        });
    }
    period::keep_names(&mut statement, &extended.timed);
    Ok(Parsed { statement, timed: extended.timed, portion: extended.portion, time_columns, text })
}

/// Parses an expression such as a stored default.
///
/// # Errors
/// [`SqlError::Syntax`]
pub(crate) fn parse_expression(text: &str) -> Result<Expr, SqlError> {
    let mut parser = Parser::new(&DIALECT).try_with_sql(text).map_err(syntax_error)?;
    parser.parse_expr().map_err(syntax_error)
}

/// Whether a setting stands for REINDEX.
pub(crate) fn is_reindex(name: &ObjectName) -> bool {
    name.0.last().and_then(|part| part.as_ident()).is_some_and(|part| part.value == REINDEX_MARK)
}

/// What is to be indexed anew; `None` for everything.
pub(crate) fn reindexed(value: Option<&ValueWithSpan>) -> Option<String> {
    match &value?.value {
        Value::SingleQuotedString(name) => Some(name.clone()),
        _ => None,
    }
}

/// The name of a table as it is stored: lower case unless quoted. A schema before it must be `public`.
///
/// # Errors
/// [`SqlError::UnknownTable`]
pub(crate) fn table_name(name: &ObjectName) -> Result<String, SqlError> {
    let parts: Option<Vec<String>> = name.0.iter().map(|part| part.as_ident().map(identifier)).collect();
    match parts.as_deref() {
        Some([table]) => Ok(table.clone()),
        Some([schema, table]) if schema == "public" => Ok(table.clone()),
        _ => Err(SqlError::UnknownTable { name: name.to_string() }),
    }
}

/// An identifier as it is stored: lower case unless quoted.
pub(crate) fn identifier(identifier: &datafusion::sql::sqlparser::ast::Ident) -> String {
    match identifier.quote_style {
        Some(_) => identifier.value.clone(),
        None => identifier.value.to_ascii_lowercase(),
    }
}

/// The parser's error with its place apart.
pub(crate) fn syntax_error(error: ParserError) -> SqlError {
    let message = match error {
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => message,
        ParserError::RecursionLimitExceeded => "the statement is nested too deeply".to_owned(),
    };
    let Some((before, place)) = message.split_once(" at Line: ") else {
        return SqlError::Syntax { message, line: 0, column: 0 };
    };
    let mut numbers = place.split(", Column: ").map(|number| number.trim().parse().unwrap_or(0));
    let (line, column) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    SqlError::Syntax { message: before.to_owned(), line, column }
}
