//! INSERT: rows from values or a query, and what happens where their key is taken.

use std::collections::HashMap;

use datafusion::arrow::array::ArrayRef;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::sql::sqlparser::ast::{Expr, Ident, Insert, Query, SetExpr, TableObject};
use futures::StreamExt;
use grounds_core::{Cell, RowKey, TableDefinition, Validity, date_of};
use jiff::civil::Date;

use crate::catalog::TimeColumn;
use crate::context::Context;
use crate::session::StatementResult;
use crate::statement::conflict::{Conflict, Update, conflict};
use crate::statement::target::{self, Given};
use crate::statement::writer::{Taken, Writer};
use crate::statement::{literal, query, returning};
use crate::syntax::{Parsed, parse_expression};
use crate::{Session, SqlError, arrays, period};

/// Runs an INSERT.
pub(crate) async fn run(session: &mut Session, parsed: &Parsed, insert: &Insert) -> Result<StatementResult, SqlError> {
    refuse_unsupported(insert)?;
    let TableObject::TableName(name) = &insert.table else {
        return Err(SqlError::Unsupported { what: "INSERT into a function".to_owned(), instead: "" });
    };
    let definition = target::find(session, name)?;
    let names: Vec<&Ident> =
        insert.columns.iter().filter_map(|name| name.0.last().and_then(|part| part.as_ident())).collect();
    let given = target::given_columns(&definition, names.into_iter())?;
    let conflict = conflict(session, parsed, insert, &definition)?;
    let (rows, defaults) = rows(session, parsed, insert.source.as_deref(), &definition, &given).await?;
    let mut writer = Writer::new(session, &definition).keeping(insert.returning.is_some());
    let mut count = 0;
    match rows {
        InsertSource::Cells(rows) => {
            for row in rows {
                count += add(&mut writer, &given, &defaults, row, &conflict)?;
            }
        }
        InsertSource::Stream(mut stream) => {
            // Everything is read before anything is written: a table may be inserted into itself.
            let mut batches = Vec::new();
            while let Some(batch) = stream.next().await {
                batches.push(batch?);
            }
            for batch in batches {
                let columns = converted(batch.columns(), &definition, &given)?;
                for row in 0..batch.num_rows() {
                    let cells = given.iter().zip(&columns);
                    let cells = cells.map(|(given, array)| arrays::cell(array, given.column_type(&definition), row));
                    count += add(&mut writer, &given, &defaults, cells.collect(), &conflict)?;
                }
            }
        }
    }
    let written = writer.written.take();
    summarise(writer.session, count, &definition)?;
    let own = name.0.last().and_then(|part| part.as_ident()).cloned().unwrap_or_else(|| Ident::new(&definition.name));
    let named = (&definition, own);
    returning::result(session, parsed, ("INSERT", count), named, (insert.returning.as_ref(), written)).await
}

fn summarise(session: &mut Session, count: u64, definition: &TableDefinition) -> Result<(), SqlError> {
    session.open_transaction()?.summarise(format!("insert {count} into {}", definition.name));
    Ok(())
}

fn refuse_unsupported(insert: &Insert) -> Result<(), SqlError> {
    let what = if insert.overwrite || insert.partitioned.is_some() || !insert.assignments.is_empty() {
        "this form of INSERT"
    } else if insert.table_alias.is_some() || insert.insert_alias.is_some() {
        "an alias in INSERT"
    } else {
        return Ok(());
    };
    Err(SqlError::Unsupported { what: what.to_owned(), instead: "" })
}

/// Where an INSERT's rows come from.
enum InsertSource {
    Cells(Vec<Vec<Cell>>),
    Stream(SendableRecordBatchStream),
}

/// The rows of an INSERT, each with a cell for every given column, and the cells of the columns that are not given.
async fn rows(
    session: &Session,
    parsed: &Parsed,
    source: Option<&Query>,
    definition: &TableDefinition,
    given: &[Given],
) -> Result<(InsertSource, Vec<Cell>), SqlError> {
    let defaults = {
        let reader = session.reader()?;
        let standpoint = session.standpoint(&reader, session.transaction.as_ref());
        let database = &session.database;
        let context = Context::new(&database.state, standpoint, &database.functions, &[], &[])?;
        target::default_cells(&context, definition)?
    };
    let Some(source) = source else {
        // INSERT ... DEFAULT VALUES
        let row = given.iter().map(|given| default_of(*given, &defaults)).collect();
        return Ok((InsertSource::Cells(vec![row]), defaults));
    };
    let mut source = source.clone();
    if let SetExpr::Values(values) = &mut *source.body
        && source.with.is_none()
    {
        let mut cells = Vec::with_capacity(values.rows.len());
        for row in &values.rows {
            if row.content.len() != given.len() {
                return Err(SqlError::ValueCount { expected: given.len(), found: row.content.len() });
            }
            let columns = row.content.iter().zip(given);
            let row: Option<Vec<Cell>> = columns
                .map(|(expression, given)| match literal::is_default(expression) {
                    true => Some(default_of(*given, &defaults)),
                    false => literal::cell(expression, given.column_type(definition)),
                })
                .collect();
            let Some(row) = row else { break };
            cells.push(row);
        }
        if cells.len() == values.rows.len() {
            return Ok((InsertSource::Cells(cells), defaults));
        }
        for row in &mut values.rows {
            for (expression, given) in row.content.iter_mut().zip(given) {
                if literal::is_default(expression) {
                    *expression = default_expression(*given, definition)?;
                }
            }
        }
    }
    let stream = query::stream(session, parsed, query::statement(&source), HashMap::new()).await?;
    let found = stream.schema().fields().len();
    if found != given.len() {
        return Err(SqlError::ValueCount { expected: given.len(), found });
    }
    Ok((InsertSource::Stream(stream), defaults))
}

fn default_of(given: Given, defaults: &[Cell]) -> Cell {
    match given {
        Given::Cell(position) => defaults[position].clone(),
        Given::Time(_) => Cell::Null,
    }
}

fn default_expression(given: Given, definition: &TableDefinition) -> Result<Expr, SqlError> {
    let text = match given {
        Given::Cell(position) => definition.columns[position].default.as_deref(),
        Given::Time(_) => None,
    };
    parse_expression(text.unwrap_or("NULL"))
}

/// The columns of a batch in the types of the columns they are for.
pub(crate) fn converted(
    columns: &[ArrayRef],
    definition: &TableDefinition,
    given: &[Given],
) -> Result<Vec<ArrayRef>, SqlError> {
    let name = |given: Given| match given {
        Given::Cell(position) => definition.columns[position].name.as_str(),
        Given::Time(column) => column.name(),
    };
    let converted = columns.iter().zip(given);
    converted.map(|(array, given)| arrays::convert(array, name(*given), given.column_type(definition))).collect()
}

/// Adds one row; returns how many rows changed.
pub(crate) fn add(
    writer: &mut Writer<'_>,
    given: &[Given],
    defaults: &[Cell],
    row: Vec<Cell>,
    conflict: &Conflict,
) -> Result<u64, SqlError> {
    let (cells, validity) = whole_row(given, defaults, row)?;
    add_cells(writer, cells, validity, conflict)
}

/// A row with a cell for every column, and when it is valid: always, where it does not say.
///
/// # Errors
/// [`SqlError::Period`]
pub(crate) fn whole_row(given: &[Given], defaults: &[Cell], row: Vec<Cell>) -> Result<(Vec<Cell>, Validity), SqlError> {
    let mut cells = defaults.to_vec();
    let (mut from, mut to) = (None, None);
    for (given, cell) in given.iter().zip(row) {
        match given {
            Given::Cell(position) => cells[*position] = cell,
            Given::Time(TimeColumn::ValidFrom) => from = date_cell(&cell),
            Given::Time(_) => to = date_cell(&cell),
        }
    }
    let validity = Validity { from: from.unwrap_or(Date::MIN), to };
    period::check(validity)?;
    Ok((cells, validity))
}

fn date_cell(cell: &Cell) -> Option<Date> {
    match cell {
        Cell::Date(days) => date_of(*days),
        _ => None,
    }
}

/// Adds a whole row; returns how many rows changed.
pub(crate) fn add_cells(
    writer: &mut Writer<'_>,
    cells: Vec<Cell>,
    validity: Validity,
    conflict: &Conflict,
) -> Result<u64, SqlError> {
    if matches!(conflict, Conflict::Fail) {
        // Unique columns are compared when the statement is done, all rows at once.
        if !writer.conflicts(&cells, validity)?.is_empty() {
            return Err(writer.duplicate(&cells));
        }
        let key = writer.key(&cells);
        writer.put(key, cells, validity)?;
        return Ok(1);
    }
    let taken = writer.taken(&cells, validity)?;
    let is_meant = |target: Option<&[usize]>, taken: &Taken| target.is_none_or(|target| target == taken.columns);
    let target = match conflict {
        Conflict::Skip(target) => target.as_deref(),
        Conflict::Update(update) => update.target(),
        Conflict::Fail | Conflict::Replace => None,
    };
    if let Some(other) = taken.iter().find(|taken| !is_meant(target, taken)) {
        return Err(writer.not_free(&cells, other));
    }
    match conflict {
        Conflict::Skip(_) if !taken.is_empty() => Ok(0),
        Conflict::Update(update) if !taken.is_empty() => update_taken(writer, &cells, taken, update),
        _ => {
            let key = writer.key(&cells);
            for taken in taken.into_iter().filter(|taken| key != RowKey::Known(taken.key.clone())) {
                writer.remove(taken.key, validity)?;
            }
            writer.put(key, cells, validity)?;
            Ok(1)
        }
    }
}

/// Lets the rows that stand in the way of `excluded` become what DO UPDATE makes of them.
fn update_taken(
    writer: &mut Writer<'_>,
    excluded: &[Cell],
    taken: Vec<Taken>,
    update: &Update,
) -> Result<u64, SqlError> {
    let mut count = 0;
    for Taken { key, validity, cells, .. } in taken {
        let Some(new) = update.apply(&writer.definition, &cells, excluded)? else { continue };
        if writer.has_key() && writer.key(&new) != RowKey::Known(key.clone()) {
            return Err(SqlError::Unsupported {
                what: "changing the primary key in ON CONFLICT DO UPDATE".to_owned(),
                instead: "",
            });
        }
        writer.put(RowKey::Known(key), new, validity)?;
        count += 1;
    }
    Ok(count)
}
