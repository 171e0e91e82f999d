//! UPDATE: new cells for the rows that a SELECT would see.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::sql::sqlparser::ast::{Assignment, Expr, TableWithJoins, Update, UpdateTableFromKind};
use grounds_core::{Cell, ColumnType, RowKey, TableDefinition};

use crate::session::StatementResult;
use crate::statement::conflict::assigned_position;
use crate::statement::returning;
use crate::statement::select::{Changed, ChangedRow, Part};
use crate::statement::writer::Writer;
use crate::syntax::Parsed;
use crate::{Session, SqlError};

/// Runs an UPDATE.
pub(crate) async fn run(session: &mut Session, parsed: &Parsed, update: &Update) -> Result<StatementResult, SqlError> {
    let unsupported = |what: &str| SqlError::Unsupported { what: what.to_owned(), instead: "" };
    if update.or.is_some() {
        return Err(unsupported("UPDATE OR ..."));
    }
    if !update.table.joins.is_empty() {
        return Err(SqlError::Unsupported {
            what: "a join in UPDATE".to_owned(),
            instead: "write UPDATE t SET ... FROM other WHERE ...",
        });
    }
    let changed = Changed::find(session, parsed, &update.table.relation)?;
    let mut from = vec![changed.factor()?];
    from.extend(match &update.from {
        None => Vec::<TableWithJoins>::new(),
        Some(UpdateTableFromKind::BeforeSet(tables) | UpdateTableFromKind::AfterSet(tables)) => tables.clone(),
    });
    let values = new_values(&changed, &update.assignments)?;
    let part = Part { order_by: &update.order_by, limit: update.limit.as_ref() };
    let rows = changed.select_part(session, parsed, from, update.selection.clone(), values, part).await?;
    let definition = Arc::clone(&changed.definition);
    let (count, written) = write(session, &definition, rows, update.returning.is_some())?;
    session.open_transaction()?.summarise(format!("update {count} of {}", definition.name));
    let named = (&definition, changed.name.clone());
    returning::result(session, parsed, ("UPDATE", count), named, (update.returning.as_ref(), written)).await
}

/// For each column of the table its new value, and what it is for.
pub(crate) fn new_values(
    changed: &Changed,
    assignments: &[Assignment],
) -> Result<Vec<(Expr, String, ColumnType)>, SqlError> {
    let columns = changed.definition.columns.iter();
    let mut values: Vec<(Expr, String, ColumnType)> =
        columns.map(|column| (changed.column(&column.name), column.name.clone(), column.column_type)).collect();
    for assignment in assignments {
        let position = assigned_position(assignment, &changed.definition)?;
        values[position].0 = assignment.value.clone();
    }
    Ok(values)
}

/// The cells of the rows that RETURNING gives back.
type ReturnedRows = Vec<Vec<Cell>>;

/// Lets each row hold its new cells; returns how many rows changed, and where `is_kept` what they hold now. Of a row that was found several
/// times, the first counts.
pub(crate) fn write(
    session: &mut Session,
    definition: &Arc<TableDefinition>,
    rows: Vec<ChangedRow>,
    is_kept: bool,
) -> Result<(u64, Option<ReturnedRows>), SqlError> {
    let mut writer = Writer::new(session, definition).keeping(is_kept);
    let mut seen = HashSet::new();
    let mut moved: Vec<(Vec<Cell>, grounds_core::Validity)> = Vec::new();
    let mut count = 0;
    for row in rows {
        if !seen.insert((row.key.clone(), row.validity)) {
            continue;
        }
        count += 1;
        let stays = match writer.key(&row.values) {
            RowKey::New => true,
            RowKey::Known(key) => definition.id == super::target::BUILT_IN || key == row.key,
        };
        if stays {
            writer.put(RowKey::Known(row.key), row.values, row.validity)?;
        } else {
            writer.remove(row.key, row.validity)?;
            moved.push((row.values, row.validity));
        }
    }
    // Rows that change places, such as SET id = id + 1, leave before they arrive.
    for (cells, validity) in moved {
        if !writer.conflicts(&cells, validity)?.is_empty() {
            return Err(writer.duplicate(&cells));
        }
        let key = writer.key(&cells);
        writer.put(key, cells, validity)?;
    }
    Ok((count, writer.written))
}
