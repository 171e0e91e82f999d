//! From a table at a time to an execution plan over its rows.

mod test;
mod keys;
mod rows;
mod column_file;
mod column_time;
mod columns;
mod column_rows;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use grounds_core::{Cell, Validity};
use grounds_store::Reader;

use crate::catalog::{Shape, Source};
use crate::time::TimeSelection;
pub(crate) use column_rows::rows_at;
pub(crate) use keys::Keys;
use rows::RowScan;
pub(crate) use rows::{Content, visit_pieces};
use test::Test;

/// What a statement's own transaction has made of the rows it changed: for each key, what it holds when.
pub(crate) type ChangedRows = BTreeMap<Vec<u8>, Vec<(Validity, Vec<Cell>)>>;

/// A table at a time, as one statement reads it.
#[derive(Clone)]
pub(crate) struct Readable {
    /// How it is called, for `EXPLAIN` and messages.
    pub(crate) name: String,
    pub(crate) source: Source,
    pub(crate) shape: Shape,
    pub(crate) time: TimeSelection,
    /// At the snapshot of `time`.
    pub(crate) reader: Arc<Reader>,
    /// Rows changed in the open transaction, which stand in for those stored.
    pub(crate) changes: Option<Arc<ChangedRows>>,
}

impl fmt::Debug for Readable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readable").field("name", &self.name).field("time", &self.time).finish_non_exhaustive()
    }
}

/// Which filters a scan applies itself: those that compare a column with a value, exactly.
pub(crate) fn supported(readable: &Readable, filters: &[&Expr]) -> Vec<TableProviderFilterPushDown> {
    let support = |filter: &&Expr| match Test::of(filter, &readable.shape) {
        Some(_) => TableProviderFilterPushDown::Exact,
        None => TableProviderFilterPushDown::Unsupported,
    };
    filters.iter().map(support).collect()
}

/// The plan that reads `readable`: `projection` gives positions in its columns, `filters` are among those that are [`supported`], and at most
/// `limit` rows are needed.
///
/// Rows come from the column generation and what is newer, where there is one; one row by its key comes from truth.
///
/// # Errors
/// The store cannot be read.
pub(crate) fn scan(
    readable: &Readable,
    projection: Option<&Vec<usize>>,
    filters: &[Expr],
    limit: Option<usize>,
    partition_count: usize,
) -> Result<Arc<dyn ExecutionPlan>> {
    let tests: Vec<Test> = filters.iter().filter_map(|filter| Test::of(filter, &readable.shape)).collect();
    let rows = RowScan::new(readable, projection, tests, limit)?;
    if !rows.reads_one_key()
        && let Some(plan) = columns::plan(readable, projection, filters, limit, partition_count)?
    {
        return Ok(plan);
    }
    Ok(Arc::new(rows))
}
