//! SET, RESET and SHOW: where the session stands on the two axes.

use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, StringViewArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::ast::{Expr, Ident, ObjectName, Reset, ResetStatement, Set};

use crate::context::Context;
use crate::session::StatementResult;
use crate::standpoint::open_reader;
use crate::syntax::table_name;
use crate::{Rows, Session, SqlError, period};

const VALID_TIME: &str = "valid_time";
const SYSTEM_TIME: &str = "system_time";

/// Runs a SET.
pub(crate) fn set(session: &mut Session, set: &Set) -> Result<StatementResult, SqlError> {
    let Set::SingleAssignment { variable, values, .. } = set else {
        return Err(SqlError::Unsupported {
            what: set.to_string(),
            instead: "write SET valid_time = DATE '2021-03-01'",
        });
    };
    let name = setting_name(variable);
    let [value] = values.as_slice() else { return Err(wrong(&name, "a list")) };
    refuse_in_transaction(session)?;
    let reader = session.reader()?;
    let standpoint = session.standpoint(&reader, None);
    let database = &session.database;
    let context = Context::new(&database.state, standpoint, &database.functions, &[], &[])?;
    let value = match value {
        Expr::Identifier(word) if word.value.eq_ignore_ascii_case("default") => None,
        other => Some(context.constant(other)?),
    };
    match (name.as_str(), value) {
        (VALID_TIME, None) => session.valid_date = session.initial_date,
        (VALID_TIME, Some(value)) => session.valid_date = period::date(&value)?,
        (SYSTEM_TIME, None) => session.snapshot = None,
        (SYSTEM_TIME, Some(value)) => {
            let snapshot = period::snapshot(&context, &value)?;
            // A snapshot that does not exist is refused now rather than at the next query.
            open_reader(&session.database.store, Some(snapshot), session.principal.as_deref())?;
            session.snapshot = Some(snapshot);
        }
        (name, value) => {
            return Err(wrong(name, &value.map_or_else(|| "DEFAULT".to_owned(), |value| value.to_string())));
        }
    }
    Ok(StatementResult::done("SET"))
}

/// Runs a RESET.
pub(crate) fn reset(session: &mut Session, reset: &ResetStatement) -> Result<StatementResult, SqlError> {
    refuse_in_transaction(session)?;
    match &reset.reset {
        Reset::ALL => {
            session.valid_date = session.initial_date;
            session.snapshot = None;
        }
        Reset::ConfigurationParameter(name) => match setting_name(name).as_str() {
            VALID_TIME => session.valid_date = session.initial_date,
            SYSTEM_TIME => session.snapshot = None,
            name => return Err(wrong(name, "its default")),
        },
    }
    Ok(StatementResult::done("RESET"))
}

/// Runs a SHOW of one setting, or of all.
pub(crate) fn show(session: &Session, variable: &[Ident]) -> Result<StatementResult, SqlError> {
    let name = variable.iter().map(|part| part.value.to_ascii_lowercase()).collect::<Vec<_>>().join(" ");
    let system = session.snapshot.map_or_else(|| "latest".to_owned(), |snapshot| snapshot.to_string());
    let settings = [
        (VALID_TIME, session.valid_date.to_string()),
        (SYSTEM_TIME, system),
        ("principal", session.principal.clone().unwrap_or_else(|| "owner".to_owned())),
        ("transaction", if session.is_in_transaction() { "open" } else { "none" }.to_owned()),
    ];
    let shown: Vec<&(&str, String)> = settings.iter().filter(|(own, _)| name == "all" || name == *own).collect();
    if shown.is_empty() {
        return Err(wrong(&name, "anything"));
    }
    let rows = text_rows(
        &["setting", "value"],
        &shown.iter().map(|(name, value)| vec![(*name).to_owned(), value.clone()]).collect::<Vec<_>>(),
    )?;
    Ok(StatementResult::rows("SHOW", rows))
}

/// Rows of texts.
pub(crate) fn text_rows(names: &[&str], rows: &[Vec<String>]) -> Result<Rows, SqlError> {
    let fields: Vec<Field> = names.iter().map(|name| Field::new(*name, DataType::Utf8View, false)).collect();
    let schema = Arc::new(Schema::new(fields));
    let column = |at: usize| Arc::new(StringViewArray::from_iter_values(rows.iter().map(|row| row[at].as_str()))) as _;
    let columns = (0..names.len()).map(column).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns).map_err(DataFusionError::from)?;
    Ok(Rows { schema, batches: vec![batch] })
}

fn refuse_in_transaction(session: &Session) -> Result<(), SqlError> {
    match session.transaction {
        Some(_) => {
            Err(SqlError::Transaction { message: "a transaction stays where it began: COMMIT or ROLLBACK it first" })
        }
        None => Ok(()),
    }
}

fn setting_name(name: &ObjectName) -> String {
    table_name(name).unwrap_or_else(|_| name.to_string())
}

fn wrong(name: &str, value: &str) -> SqlError {
    SqlError::Setting { name: name.to_owned(), value: value.to_owned() }
}
