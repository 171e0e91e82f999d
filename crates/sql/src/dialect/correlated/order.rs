//! ORDER BY a subquery: what it mentions must still be there after the select list.

use datafusion::common::{Column, Result};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Projection, Sort};

use super::outer;

/// Widens the select list below a sort by the columns that only the sort's subqueries mention, and cuts it back above.
pub(super) fn keep_ordering_columns(sort: Sort) -> Result<LogicalPlan> {
    let LogicalPlan::Projection(projection) = sort.input.as_ref() else { return Ok(LogicalPlan::Sort(sort)) };
    let mut lost: Vec<Column> = Vec::new();
    for key in &sort.expr {
        outer::visit_subqueries(&key.expr, &mut |column| {
            let is_lost = !projection.schema.has_column(column) && projection.input.schema().has_column(column);
            if is_lost && !lost.contains(column) {
                lost.push(column.clone());
            }
        })?;
    }
    if lost.is_empty() {
        return Ok(LogicalPlan::Sort(sort));
    }
    let columns = projection.schema.columns().into_iter().map(Expr::Column).collect::<Vec<_>>();
    let widened = projection.expr.iter().cloned().chain(lost.into_iter().map(Expr::Column)).collect();
    let widened = LogicalPlan::Projection(Projection::try_new(widened, projection.input.clone())?);
    LogicalPlanBuilder::from(widened).sort_with_limit(sort.expr.clone(), sort.fetch)?.project(columns)?.build()
}
