//! `neighbours('table', 'column', vector, k => n)`: the rows whose vectors are nearest, by an exact scan.

use std::sync::Arc;

use datafusion::common::{Column, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, ScalarUDF, cast, ident};
use grounds_core::{Cell, ColumnType};

use crate::SqlError;
use crate::catalog::Source;
use crate::context::Context;
use crate::function::arguments::Arguments;
use crate::function::distance::{Distance, Metric};
use crate::provider::Provider;
use crate::types::arrow_type;

const USAGE: &str =
    "neighbours('table', 'column', [0.1, 0.2, ...], k => 10, metric => 'cosine'), or metric => 'l2', 'dot'";

/// The query that `neighbours` stands for: rank, distance, and the columns of the table, of the rows that are nearest.
///
/// It reads the table as any query does: the column of vectors from the column generation where there is one, on every processor.
pub(crate) fn plan(context: &Context<'_>, arguments: &Arguments) -> Result<LogicalPlan, SqlError> {
    arguments.expect(3, &["table", "column", "vector", "k", "metric"], USAGE)?;
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
    let column_type = definition.columns[definition.column_position(&column).ok_or_else(unknown)?].column_type;
    if !matches!(column_type, ColumnType::Vector { .. }) {
        return Err(arguments.wrong(format!("column {column} holds no vectors")));
    }
    let Some(Cell::Vector(wanted)) = arguments.cell(2, "vector", column_type)? else {
        return Err(arguments.wrong(format!("the argument `vector` is missing: write {USAGE}")));
    };
    let own = TableReference::bare(table);
    let column_of = |name: &str| Expr::Column(Column::new(Some(own.clone()), name));
    let columns: Vec<Expr> = definition.columns.iter().map(|column| column_of(&column.name)).collect();
    let keys = definition.primary_key.iter().map(|position| columns[*position].clone());
    // Equal ones in order of key.
    let order: Vec<_> = std::iter::once(ident(DISTANCE)).chain(keys).map(|by| by.sort(true, false)).collect();
    let distance = ScalarUDF::from(Distance::new(metric, wanted)).call(vec![column_of(&column)]);
    let number = row_number().order_by(order.clone()).build()?;
    let rank = cast(ident(number.schema_name().to_string()), arrow_type(ColumnType::Integer));
    let source = provider_as_source(Arc::new(Provider::new(readable)));
    let nearest = LogicalPlanBuilder::scan(own.clone(), source, None)?
        .filter(column_of(&column).is_not_null())?
        .project(std::iter::once(distance.alias(DISTANCE)).chain(columns.clone()))?
        .sort(order)?
        .limit(0, Some(count))?
        .window([number])?;
    let ranked = [rank.alias("rank"), ident(DISTANCE).alias("distance")];
    Ok(nearest.project(ranked.into_iter().chain(columns))?.build()?)
}

/// No column of a table is called so.
const DISTANCE: &str = "__distance";
