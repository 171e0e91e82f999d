//! `neighbours('table', 'column', vector, k => n)`: the rows whose vectors are nearest, by an exact scan or through an index.

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::{Column, TableReference};
use datafusion::datasource::{ViewTable, provider_as_source};
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, ScalarUDF, cast, ident};
use grounds_core::{Cell, ColumnType, TableDefinition};
use grounds_store::Metric;

use crate::SqlError;
use crate::catalog::Source;
use crate::context::Context;
use crate::function::arguments::Arguments;
use crate::function::distance::Distance;
use crate::function::neighbours_index;
use crate::function::row_filter::RowFilter;
use crate::provider::Provider;
use crate::scan::Readable;
use crate::types::arrow_type;

const USAGE: &str = "neighbours('table', 'column', [0.1, 0.2, ...], k => 10, metric => 'cosine'), or metric => 'l2', 'dot'; with filter => 'a condition on its columns'; with approximate => true, or recall => 0.95, through an index";

/// What `approximate => true` asks for.
const RECALL: f64 = 0.95;

/// What is asked for.
pub(super) struct Wanted {
    /// The position of the column in the table.
    pub(super) column: usize,
    pub(super) vector: Vec<f32>,
    pub(super) count: usize,
    pub(super) metric: Metric,
    /// Which rows may be found.
    pub(super) filter: Option<RowFilter>,
}

/// The table that `neighbours` stands for: rank, distance, and the columns of the table, of the rows that are nearest.
pub(crate) fn provider(context: &Context<'_>, arguments: &Arguments) -> Result<Arc<dyn TableProvider>, SqlError> {
    arguments.expect(3, &["table", "column", "vector", "k", "metric", "filter", "approximate", "recall"], USAGE)?;
    let (table, column) = (arguments.text(0, "table")?, arguments.text(1, "column")?);
    let count = arguments.count("k", 10)?;
    let metric = match arguments.optional_text("metric")?.as_deref() {
        None | Some("cosine") => Metric::Cosine,
        Some("l2") => Metric::Euclidean,
        Some("dot") => Metric::Dot,
        Some(other) => return Err(arguments.wrong(format!("`{other}` is not a metric: cosine, l2 or dot"))),
    };
    let readable = context.standpoint.readable(&table, context.standpoint.here(), &[], false)?;
    let Source::Declared(definition) = readable.source.clone() else {
        return Err(arguments.wrong(format!("{table} is built in and has no vectors")));
    };
    let unknown = || SqlError::UnknownColumn { table: table.clone(), column: column.clone() };
    let position = definition.column_position(&column).ok_or_else(unknown)?;
    let column_type = definition.columns[position].column_type;
    if !matches!(column_type, ColumnType::Vector { .. }) {
        return Err(arguments.wrong(format!("column {column} holds no vectors")));
    }
    let Some(Cell::Vector(vector)) = arguments.cell(2, "vector", column_type)? else {
        return Err(arguments.wrong(format!("the argument `vector` is missing: write {USAGE}")));
    };
    let filter = arguments.optional_text("filter")?;
    let filter = filter.map(|text| RowFilter::new(context, arguments, &definition, &text)).transpose()?;
    let wanted = Wanted { column: position, vector, count, metric, filter };
    match recall(arguments)? {
        None => Ok(Arc::new(ViewTable::new(plan(readable, &definition, wanted)?, None))),
        Some(recall) => Ok(Arc::new(neighbours_index::table(readable, &definition, wanted, recall)?)),
    }
}

/// The share of the nearest that an index must find; `None` where nothing but all of them will do.
fn recall(arguments: &Arguments) -> Result<Option<f64>, SqlError> {
    let by_name = |name: &str, column_type| arguments.cell(usize::MAX, name, column_type);
    let share = match by_name("recall", ColumnType::Double)? {
        Some(Cell::Double(share)) if share > 0.0 && share <= 1.0 => Some(share),
        Some(_) => return Err(arguments.wrong("the argument `recall` must be a number above 0 and up to 1".to_owned())),
        None => None,
    };
    match (by_name("approximate", ColumnType::Boolean)?, share) {
        (Some(Cell::Boolean(false)), None) => Ok(None),
        (Some(Cell::Boolean(false)), Some(_)) => {
            Err(arguments.wrong("what is not approximate has a recall of 1: leave `recall` out".to_owned()))
        }
        (Some(_), share) => Ok(Some(share.unwrap_or(RECALL))),
        (None, share) => Ok(share),
    }
}

/// The query that `neighbours` stands for where all rows are read.
///
/// It reads the table as any query does: the column of vectors from the column generation where there is one, on every processor.
fn plan(readable: Readable, definition: &TableDefinition, wanted: Wanted) -> Result<LogicalPlan, SqlError> {
    let own = TableReference::bare(definition.name.clone());
    let column_of = |name: &str| Expr::Column(Column::new(Some(own.clone()), name));
    let columns: Vec<Expr> = definition.columns.iter().map(|column| column_of(&column.name)).collect();
    let keys = definition.primary_key.iter().map(|position| columns[*position].clone());
    // Equal ones in order of key.
    let order: Vec<_> = std::iter::once(ident(DISTANCE)).chain(keys).map(|by| by.sort(true, false)).collect();
    let vectors = &columns[wanted.column];
    let distance = ScalarUDF::from(Distance::new(wanted.metric, wanted.vector)).call(vec![vectors.clone()]);
    let number = row_number().order_by(order.clone()).build()?;
    let rank = cast(ident(number.schema_name().to_string()), arrow_type(ColumnType::Integer));
    let source = provider_as_source(Arc::new(Provider::new(readable)));
    let is_there = vectors.clone().is_not_null();
    let nearest = LogicalPlanBuilder::scan(own, source, None)?
        .filter(wanted.filter.into_iter().fold(is_there, |wanted, filter| wanted.and(filter.expression)))?
        .project(std::iter::once(distance.alias(DISTANCE)).chain(columns.clone()))?
        .sort(order)?
        .limit(0, Some(wanted.count))?
        .window([number])?;
    let ranked = [rank.alias("rank"), ident(DISTANCE).alias("distance")];
    Ok(nearest.project(ranked.into_iter().chain(columns))?.build()?)
}

/// No column of a table is called so.
const DISTANCE: &str = "__distance";
