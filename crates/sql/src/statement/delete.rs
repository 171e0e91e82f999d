//! DELETE and TRUNCATE: rows that hold nothing from now on.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::sql::sqlparser::ast::{Delete, FromTable, Truncate};
use grounds_core::Validity;

use crate::scan::visit_pieces;
use crate::session::StatementResult;
use crate::statement::select::{Changed, ChangedRow};
use crate::statement::target;
use crate::statement::writer::Writer;
use crate::syntax::Parsed;
use crate::time::{TimeSelection, ValidTime};
use crate::{Session, SqlError};

/// Runs a DELETE.
pub(crate) async fn run(session: &mut Session, parsed: &Parsed, delete: &Delete) -> Result<StatementResult, SqlError> {
    let unsupported = |what: &str| SqlError::Unsupported { what: what.to_owned(), instead: "" };
    if delete.returning.is_some() {
        return Err(unsupported("DELETE ... RETURNING"));
    }
    if !delete.order_by.is_empty() || delete.limit.is_some() {
        return Err(unsupported("ORDER BY or LIMIT in DELETE"));
    }
    let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) = &delete.from;
    let [table] = tables.as_slice() else { return Err(unsupported("DELETE from several tables")) };
    if !delete.tables.is_empty() || !table.joins.is_empty() {
        return Err(SqlError::Unsupported {
            what: "a join in DELETE".to_owned(),
            instead: "write DELETE FROM t USING other WHERE ...",
        });
    }
    let changed = Changed::find(session, parsed, &table.relation)?;
    let mut from = vec![changed.factor()?];
    from.extend(delete.using.iter().flatten().cloned());
    let rows = changed.select(session, parsed, from, delete.selection.clone(), Vec::new()).await?;
    let mut writer = Writer { session, definition: Arc::clone(&changed.definition) };
    let count = remove(&mut writer, rows)?;
    session.open_transaction()?.summarise(format!("delete {count} of {}", changed.definition.name));
    Ok(StatementResult::changed("DELETE", count))
}

/// Removes rows; returns how many. A row that was found several times counts once.
pub(crate) fn remove(writer: &mut Writer<'_>, rows: Vec<ChangedRow>) -> Result<u64, SqlError> {
    let mut seen = HashSet::new();
    let mut count = 0;
    for row in rows {
        if seen.insert((row.key.clone(), row.validity)) {
            writer.remove(row.key, row.validity)?;
            count += 1;
        }
    }
    Ok(count)
}

/// Runs a TRUNCATE: every row, whenever it is valid, holds nothing from now on.
pub(crate) fn truncate(session: &mut Session, truncate: &Truncate) -> Result<StatementResult, SqlError> {
    let mut count = 0;
    for name in &truncate.table_names {
        let definition = target::find(session, &name.name)?;
        let keys = {
            let reader = session.reader()?;
            let standpoint = session.standpoint(&reader, session.transaction.as_ref());
            let time = TimeSelection { valid: ValidTime::All, system: standpoint.here().system };
            let readable = standpoint.readable(&definition.name, time, &[], true)?;
            let mut keys: Vec<Vec<u8>> = Vec::new();
            visit_pieces(&readable, &crate::scan::Keys::All, &mut |piece| {
                if keys.last().is_none_or(|last| last != piece.key) {
                    keys.push(piece.key.to_vec());
                }
                Ok(ControlFlow::Continue(()))
            })?;
            keys
        };
        let mut writer = Writer { session, definition: Arc::clone(&definition) };
        for key in keys {
            writer.remove(key, Validity::always())?;
            count += 1;
        }
        session.open_transaction()?.summarise(format!("truncate {}", definition.name));
    }
    Ok(StatementResult::changed("TRUNCATE", count))
}
