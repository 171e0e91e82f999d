//! Full text in rows of declared tables: the same score as for passages, counted over exactly the rows that are visible.

use std::ops::ControlFlow;
use std::sync::Arc;

use grounds_core::{Cell, ColumnType, TableDefinition};
use grounds_store::{ColumnFile, RowPlace, RowQuery, RowRanking, encode_key};

use crate::SqlError;
use crate::catalog::Source;
use crate::context::Context;
use crate::function::arguments::Arguments;
use crate::function::lazy::{LazyTable, batch, schema};
use crate::scan::{Content, Keys, Readable, rows_at, visit_pieces};
use crate::time::ValidTime;

/// The table that `search(..., table => ...)` stands for: rank, score, and the columns of the table.
pub(crate) fn table(
    context: &Context<'_>,
    arguments: &Arguments,
    table: &str,
    column: Option<&str>,
    words: String,
    count: usize,
) -> Result<LazyTable, SqlError> {
    let readable = context.standpoint.readable(table, context.standpoint.here(), &[], false)?;
    let Source::Declared(definition) = &readable.source else {
        return Err(arguments.wrong(format!("{table} is built in: leave `table` out to search the passages")));
    };
    let searched = searched(arguments, definition, column)?;
    let mut columns = vec![("rank", ColumnType::Integer), ("score", ColumnType::Double)];
    columns.extend(definition.columns.iter().map(|column| (column.name.as_str(), column.column_type)));
    let schema = schema(&columns);
    let types: Vec<ColumnType> = columns.iter().map(|(_, column_type)| *column_type).collect();
    let own = Arc::clone(&schema);
    let label = format!(
        "search '{words}' in {table}, k={count}, valid {}, known {}",
        readable.time.valid, readable.time.system
    );
    let query = RowQuery::new(&words, searched);
    let compute = Arc::new(move || {
        let Source::Declared(definition) = &readable.source else { return batch(&own, &types, &[]) };
        let hits = rank(&readable, definition, &query, count)?;
        let rows: Vec<Vec<Cell>> = (1..)
            .zip(hits)
            .map(|(rank, (score, cells))| [vec![Cell::Integer(rank), Cell::Double(score)], cells].concat())
            .collect();
        batch(&own, &types, &rows)
    });
    Ok(LazyTable { label, schema, compute })
}

/// The columns that are searched, each with its language.
fn searched(
    arguments: &Arguments,
    definition: &TableDefinition,
    column: Option<&str>,
) -> Result<Vec<(usize, String)>, SqlError> {
    let mut searched = Vec::new();
    for (position, own) in definition.columns.iter().enumerate() {
        if column.is_none_or(|name| name == own.name)
            && let Some(full_text) = &own.full_text
        {
            searched.push((position, full_text.language.clone()));
        }
    }
    if searched.is_empty() {
        let what = column.map_or_else(|| "column".to_owned(), |name| format!("column {name}"));
        return Err(arguments.wrong(format!(
            "table {} has no {what} that is searched: declare it TEXT FULLTEXT LANGUAGE 'en'",
            definition.name
        )));
    }
    Ok(searched)
}

/// The rows that share words with the query, the best `count` first; equal ones in order of key, then of when they were written.
fn rank(
    readable: &Readable,
    definition: &TableDefinition,
    query: &RowQuery,
    count: usize,
) -> Result<Vec<(f64, Vec<Cell>)>, SqlError> {
    let indexed = match (readable.time.valid, &readable.changes) {
        (ValidTime::AsOf(date), None) => readable.reader.search_rows(definition, query, count, date)?,
        _ => None,
    };
    let mut hits = match indexed {
        Some(found) => read_hits(definition, found)?,
        None => rank_all(readable, query, count)?,
    };
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.order.cmp(&b.order)));
    hits.truncate(count);
    Ok(hits.into_iter().map(|hit| (hit.score, hit.cells)).collect())
}

/// A row that was found.
pub(super) struct Hit {
    pub(super) score: f64,
    /// Its key where the table has one, and its number, which tells when it was written.
    pub(super) order: (Vec<u8>, u64),
    pub(super) cells: Vec<Cell>,
}

impl Hit {
    pub(super) fn new(definition: &TableDefinition, score: f64, number: u64, cells: Vec<Cell>) -> Self {
        Self { score, order: (encode_key(definition, &cells), number), cells }
    }
}

/// Reads every visible row.
fn rank_all(readable: &Readable, query: &RowQuery, count: usize) -> Result<Vec<Hit>, SqlError> {
    let Source::Declared(definition) = &readable.source else { return Ok(Vec::new()) };
    let mut ranking = RowRanking::new(query);
    visit_pieces(readable, &Keys::All, &mut |piece| {
        let Content::Cells(cells) = piece.content else { return Ok(ControlFlow::Continue(())) };
        let text = |column: usize| match cells.get(column) {
            Some(Cell::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        ranking.add(text, || (piece.number, cells.to_vec()));
        Ok(ControlFlow::Continue(()))
    })?;
    let best = ranking.best(count).into_iter();
    Ok(best.map(|(score, (number, cells))| Hit::new(definition, score, number, cells)).collect())
}

/// A file, and the positions of rows that were found in it, with their scores.
type InFile = (Arc<ColumnFile>, Vec<(u32, f64)>);

/// Reads the rows that the index names.
pub(super) fn read_hits(definition: &TableDefinition, found: Vec<(f64, RowPlace)>) -> Result<Vec<Hit>, SqlError> {
    let mut hits = Vec::with_capacity(found.len());
    let mut in_files: Vec<InFile> = Vec::new();
    for (score, place) in found {
        match place {
            RowPlace::Tail(piece) => {
                hits.push(Hit::new(definition, score, piece.number, piece.cells));
            }
            RowPlace::File(file, position) => match in_files.iter_mut().find(|(own, _)| Arc::ptr_eq(own, &file)) {
                Some((_, positions)) => positions.push((position, score)),
                None => in_files.push((file, vec![(position, score)])),
            },
        }
    }
    for (file, mut positions) in in_files {
        positions.sort_unstable_by_key(|(position, _)| *position);
        let wanted: Vec<u32> = positions.iter().map(|(position, _)| *position).collect();
        for ((_, score), (number, cells)) in positions.into_iter().zip(rows_at(definition, &file, &wanted)?) {
            hits.push(Hit::new(definition, score, number, cells));
        }
    }
    Ok(hits)
}
