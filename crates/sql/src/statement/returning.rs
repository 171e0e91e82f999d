//! RETURNING: what a statement wrote or removed, as rows.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::ast::{Ident, ObjectName, SelectItem, SetExpr, Statement};
use grounds_core::{Cell, TableDefinition};

use crate::arrays::ColumnBuilder;
use crate::catalog::{Shape, Source};
use crate::context::Context;
use crate::session::StatementResult;
use crate::statement::{query, select};
use crate::syntax::{Parsed, alias_of};
use crate::{Session, SqlError};

/// The name under which the rows are read.
const WRITTEN: &str = "\u{1}written";

/// The result of a statement that changed `count` rows, with what RETURNING asks of them.
///
/// # Errors
/// What the engine finds wrong with `items`.
pub(crate) async fn result(
    session: &Session,
    parsed: &Parsed,
    (tag, count): (&'static str, u64),
    (definition, name): (&Arc<TableDefinition>, Ident),
    (items, cells): (Option<&Vec<SelectItem>>, Option<Vec<Vec<Cell>>>),
) -> Result<StatementResult, SqlError> {
    let changed = StatementResult::changed(tag, count);
    let (Some(items), Some(cells)) = (items, cells) else { return Ok(changed) };
    let batch = batch(definition, &cells)?;
    let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
    let from = select::from_item(ObjectName::from(vec![Ident::with_quote('"', WRITTEN)]), Some(alias_of(name)))?;
    let mut written = select::select_all(vec![from])?;
    if let SetExpr::Select(select) = &mut *written.body {
        select.projection.clone_from(items);
    }
    let plan = {
        let reader = session.reader()?;
        let standpoint = session.standpoint(&reader, session.transaction.as_ref());
        let database = &session.database;
        let mut context =
            Context::new(&database.state, standpoint, &database.functions, &parsed.timed, &parsed.time_columns)?;
        context.given.insert(WRITTEN.to_owned(), provider_as_source(Arc::new(table)));
        context.plan(Statement::Query(Box::new(written)))?
    };
    let rows = query::collect(query::start(session, plan).await?).await?;
    Ok(StatementResult { rows: Some(rows), ..changed })
}

fn batch(definition: &Arc<TableDefinition>, rows: &[Vec<Cell>]) -> Result<RecordBatch, SqlError> {
    let shape = Shape::new(&Source::Declared(Arc::clone(definition)), &[], false);
    let columns = definition.columns.iter().enumerate().map(|(at, column)| {
        let mut builder = ColumnBuilder::new(column.column_type, rows.len());
        rows.iter().for_each(|row| builder.push(row.get(at).unwrap_or(&Cell::Null)));
        builder.finish()
    });
    let columns: Vec<ArrayRef> = columns.collect();
    Ok(RecordBatch::try_new(shape.schema, columns).map_err(DataFusionError::from)?)
}
