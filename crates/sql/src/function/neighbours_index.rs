//! The nearest rows of a table through the index beside its column files, as far as it finds the share that is asked for.

use std::ops::ControlFlow;
use std::sync::Arc;

use grounds_core::{Cell, ColumnType, TableDefinition};
use grounds_store::{DistanceFrom, VectorQuery, VectorSearch};

use crate::SqlError;
use crate::catalog::Source;
use crate::function::lazy::{LazyTable, batch, schema};
use crate::function::neighbours::Wanted;
use crate::function::search_table::{Hit, read_hits};
use crate::scan::{Content, Keys, Readable, visit_pieces};
use crate::time::ValidTime;

/// The table: rank, distance, and the columns of the table. Rows newer than the column files, and those of files that have no index, are compared exactly.
pub(super) fn table(
    readable: Readable,
    definition: &TableDefinition,
    wanted: Wanted,
    recall: f64,
) -> Result<LazyTable, SqlError> {
    let mut columns = vec![("rank", ColumnType::Integer), ("distance", ColumnType::Double)];
    columns.extend(definition.columns.iter().map(|column| (column.name.as_str(), column.column_type)));
    let schema = schema(&columns);
    let types: Vec<ColumnType> = columns.iter().map(|(_, column_type)| *column_type).collect();
    let own = Arc::clone(&schema);
    let query = VectorQuery::new(wanted.vector.clone(), wanted.metric, wanted.count).with_recall(recall as f32);
    let label = format!(
        "neighbours in {}.{}, k={}, recall {recall}: {}, valid {}, known {}",
        definition.name,
        definition.columns[wanted.column].name,
        wanted.count,
        access(&readable, definition, &wanted, &query)?,
        readable.time.valid,
        readable.time.system
    );
    let compute = Arc::new(move || {
        let Source::Declared(definition) = &readable.source else { return batch(&own, &types, &[]) };
        let mut hits = match search(&readable, definition, &wanted)? {
            Some(search) => read_hits(definition, search.nearest(&query))?,
            None => read_all(&readable, definition, &wanted)?,
        };
        hits.sort_by(|a, b| a.score.total_cmp(&b.score).then_with(|| a.order.cmp(&b.order)));
        hits.truncate(wanted.count);
        let row = |(rank, hit): (i64, Hit)| [vec![Cell::Integer(rank), Cell::Double(hit.score)], hit.cells].concat();
        let rows: Vec<Vec<Cell>> = (1..).zip(hits).map(row).collect();
        batch(&own, &types, &rows)
    });
    Ok(LazyTable { label, schema, compute })
}

/// The vectors beside the column files; `None` where every row must be read.
fn search(
    readable: &Readable,
    definition: &TableDefinition,
    wanted: &Wanted,
) -> Result<Option<VectorSearch>, SqlError> {
    let (ValidTime::AsOf(date), None) = (readable.time.valid, &readable.changes) else { return Ok(None) };
    let Some(mut search) = readable.reader.vector_search(definition, wanted.column, date)? else { return Ok(None) };
    if let Some(filter) = &wanted.filter {
        search.filter(|file| filter.rows_of(file), |piece| filter.is_true_of(&piece.cells))?;
    }
    Ok(Some(search))
}

/// What is read, in words.
fn access(
    readable: &Readable,
    definition: &TableDefinition,
    wanted: &Wanted,
    query: &VectorQuery,
) -> Result<String, SqlError> {
    let Some(search) = search(readable, definition, wanted)? else { return Ok("every row read".to_owned()) };
    let access = search.access(query);
    Ok(match access.recall {
        None => format!("{} rows compared exactly", access.read_row_count),
        Some(recall) => format!(
            "index of {} rows, measured recall {recall:.3}, and {} rows compared exactly",
            access.indexed_row_count, access.read_row_count
        ),
    })
}

/// Reads every visible row.
fn read_all(readable: &Readable, definition: &TableDefinition, wanted: &Wanted) -> Result<Vec<Hit>, SqlError> {
    let distance = DistanceFrom::new(wanted.metric, &wanted.vector);
    let (mut hits, mut failed): (Vec<Hit>, Option<SqlError>) = (Vec::new(), None);
    visit_pieces(readable, &Keys::All, &mut |piece| {
        let Content::Cells(cells) = piece.content else { return Ok(ControlFlow::Continue(())) };
        let may_be_found = match wanted.filter.as_ref().map_or(Ok(true), |filter| filter.is_true_of(cells)) {
            Ok(may_be_found) => may_be_found,
            Err(error) => {
                failed = Some(error);
                return Ok(ControlFlow::Break(()));
            }
        };
        if let Some(Cell::Vector(vector)) = cells.get(wanted.column)
            && may_be_found
        {
            hits.push(Hit::new(definition, distance.to(vector), piece.number, cells.to_vec()));
        }
        // Rows are kept until there are many too many.
        if hits.len() > 2 * wanted.count + 1024 {
            hits.sort_by(|a, b| a.score.total_cmp(&b.score).then_with(|| a.order.cmp(&b.order)));
            hits.truncate(wanted.count);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    failed.map_or(Ok(hits), Err)
}
