//! `history('table', key...)`: every piece that a row ever had, on both axes.

use std::ops::ControlFlow;
use std::sync::Arc;

use grounds_core::{Cell, ColumnType};
use grounds_store::encode_key_cells;

use crate::SqlError;
use crate::built_in::Texts;
use crate::catalog::{Source, TimeColumn};
use crate::context::Context;
use crate::function::arguments::Arguments;
use crate::function::lazy::{LazyTable, batch, schema};
use crate::scan::{Keys, visit_pieces};
use crate::time::{SystemTime, TimeSelection, ValidTime};

const USAGE: &str =
    "history('table', 7), with one value for each column of the primary key; of built-in tables the key as text";

/// The table that `history` stands for: the columns of the table, then the four columns of time, in the order in which pieces became known.
pub(crate) fn table(context: &Context<'_>, arguments: &Arguments) -> Result<LazyTable, SqlError> {
    arguments.expect(usize::MAX, &["table"], USAGE)?;
    let table = arguments.text(0, "table")?;
    let time = TimeSelection { valid: ValidTime::All, system: SystemTime::All(context.standpoint.snapshot()) };
    let readable = context.standpoint.readable(&table, time, &TimeColumn::ALL, false)?;
    let key = match &readable.source {
        Source::Declared(definition) if definition.primary_key.is_empty() => {
            return Err(arguments.wrong(format!("table {table} has no primary key, so none of its rows has a history")));
        }
        Source::Declared(definition) => {
            let wanted = definition.primary_key.len();
            if arguments.position_count() != wanted + 1 {
                return Err(arguments.wrong(format!("the key of {table} has {wanted} columns: write {USAGE}")));
            }
            let mut cells = Vec::with_capacity(wanted);
            for (at, position) in definition.primary_key.iter().enumerate() {
                let column = &definition.columns[*position];
                let cell = arguments.cell(at + 1, &column.name, column.column_type)?;
                cells.push(cell.ok_or_else(|| arguments.wrong(format!("the key's {} is missing", column.name)))?);
            }
            encode_key_cells(&cells)
        }
        _ => match arguments.cell(1, "key", ColumnType::Text)? {
            Some(Cell::Text(key)) => key.into_bytes(),
            _ => return Err(arguments.wrong(format!("the key is missing: write {USAGE}"))),
        },
    };
    let columns = readable.shape.columns.clone();
    let types: Vec<ColumnType> = columns.iter().map(|column| column.column_type).collect();
    let named: Vec<(&str, ColumnType)> =
        columns.iter().map(|column| (column.name.as_str(), column.column_type)).collect();
    let schema = schema(&named);
    let own = Arc::clone(&schema);
    let label = format!("history of one row of {table}, known {}", context.standpoint.snapshot());
    let compute = Arc::new(move || {
        let keys = match readable.source {
            Source::Declared(_) => Keys::One(key.clone()),
            _ => Keys::All,
        };
        let mut pieces = Vec::new();
        let mut texts = Texts::default();
        visit_pieces(&readable, &keys, &mut |piece| {
            if piece.key == key {
                let cells: Result<Vec<Cell>, _> =
                    columns.iter().map(|column| piece.cell(column.source, &readable.reader, &mut texts)).collect();
                pieces.push(((piece.known_from, piece.validity), cells?));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        pieces.sort_by_key(|(place, _)| *place);
        let rows: Vec<Vec<Cell>> = pieces.into_iter().map(|(_, cells)| cells).collect();
        batch(&own, &types, &rows)
    });
    Ok(LazyTable { label, schema, compute })
}
