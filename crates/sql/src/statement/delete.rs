//! DELETE and TRUNCATE: rows that hold nothing from now on.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Delete, FromTable, Truncate};
use grounds_core::Validity;

use crate::scan::visit_pieces;
use crate::session::StatementResult;
use crate::statement::select::{Changed, ChangedRow, Part};
use crate::statement::writer::Writer;
use crate::statement::{returning, target, update};
use crate::syntax::Parsed;
use crate::time::{TimeSelection, ValidTime};
use crate::{Session, SqlError};

/// Runs a DELETE.
pub(crate) async fn run(session: &mut Session, parsed: &Parsed, delete: &Delete) -> Result<StatementResult, SqlError> {
    let unsupported = |what: &str| SqlError::Unsupported { what: what.to_owned(), instead: "" };
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
    let values = if delete.returning.is_some() { update::new_values(&changed, &[])? } else { Vec::new() };
    let part = Part { order_by: &delete.order_by, limit: delete.limit.as_ref() };
    let mut rows = changed.select_part(session, parsed, from, delete.selection.clone(), values, part).await?;
    let mut once = HashSet::new();
    rows.retain(|row| once.insert((row.key.clone(), row.validity)));
    let removed = delete.returning.as_ref().map(|_| rows.iter().map(|row| row.values.clone()).collect());
    let count = remove(&mut Writer::new(session, &changed.definition), rows)?;
    session.open_transaction()?.summarise(format!("delete {count} of {}", changed.definition.name));
    let named = (&changed.definition, changed.name.clone());
    returning::result(session, parsed, ("DELETE", count), named, (delete.returning.as_ref(), removed)).await
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
        let mut writer = Writer::new(session, &definition);
        for key in keys {
            writer.remove(key, Validity::always())?;
            count += 1;
        }
        session.open_transaction()?.summarise(format!("truncate {}", definition.name));
    }
    Ok(StatementResult::changed("TRUNCATE", count))
}
