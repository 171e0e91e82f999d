//! What a subquery mentions of the rows around it, found and replaced.

use std::collections::HashMap;

use datafusion::arrow::datatypes::FieldRef;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, Result, not_impl_err};
use datafusion::logical_expr::{Expr, LogicalPlan, Subquery};

/// For each outer column, the column that stands for it in a plan that has taken the outer rows in.
pub(super) type Keys = HashMap<Column, Column>;

/// The columns of the rows around it that the subquery mentions, itself or in subqueries of its own; each once, in order.
pub(super) fn mentioned(subquery: &LogicalPlan, around: &[&LogicalPlan]) -> Result<Vec<(Column, FieldRef)>> {
    let mut found: Vec<(Column, FieldRef)> = Vec::new();
    visit(subquery, &[], &mut |field, column| {
        if around.iter().any(|rows| rows.schema().has_column(column)) && !found.iter().any(|(known, _)| known == column)
        {
            found.push((column.clone(), field.clone()));
        }
    })?;
    Ok(found)
}

/// Whether the plan, or a subquery in it, mentions one of the outer columns.
pub(super) fn mentions(plan: &LogicalPlan, outer: &[(Column, FieldRef)]) -> Result<bool> {
    let mut found = false;
    visit(plan, &[], &mut |_, column| found = found || outer.iter().any(|(known, _)| known == column))?;
    Ok(found)
}

/// Visits the columns that the subqueries in an expression mention and do not have themselves.
pub(super) fn visit_subqueries(expr: &Expr, on_column: &mut dyn FnMut(&Column)) -> Result<()> {
    expr.apply(|part| {
        if let Some(nested) = subquery_of(part) {
            visit(&nested.subquery, &[], &mut |_, column| on_column(column))?;
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(())
}

type OnOuterColumn<'v> = &'v mut dyn FnMut(&FieldRef, &Column);

/// Visits the outer columns that are not those of a node in `between`: the names of a nearer query hide those of a farther one.
fn visit(plan: &LogicalPlan, between: &[&LogicalPlan], on_column: OnOuterColumn<'_>) -> Result<()> {
    visit_node(plan, between, on_column)?;
    plan.inputs().into_iter().try_for_each(|input| visit(input, between, on_column))
}

fn visit_node(node: &LogicalPlan, between: &[&LogicalPlan], on_column: OnOuterColumn<'_>) -> Result<()> {
    node.apply_expressions(|expr| {
        expr.apply(|part| {
            if let Expr::OuterReferenceColumn(field, column) = part {
                if !between.iter().any(|nearer| gives(nearer, column)) {
                    on_column(field, column);
                }
            } else if let Some(nested) = subquery_of(part) {
                let between: Vec<&LogicalPlan> = between.iter().copied().chain([node]).collect();
                visit(&nested.subquery, &between, on_column)?;
            }
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    Ok(())
}

/// Whether an input of the node has this column.
fn gives(node: &LogicalPlan, column: &Column) -> bool {
    node.inputs().iter().any(|input| input.schema().has_column(column))
}

fn subquery_of(expr: &Expr) -> Option<&Subquery> {
    match expr {
        Expr::ScalarSubquery(subquery) => Some(subquery),
        Expr::Exists(exists) => Some(&exists.subquery),
        Expr::InSubquery(within) => Some(&within.subquery),
        Expr::SetComparison(comparison) => Some(&comparison.subquery),
        _ => None,
    }
}

fn subquery_of_mut(expr: &mut Expr) -> Option<&mut Subquery> {
    match expr {
        Expr::ScalarSubquery(subquery) => Some(subquery),
        Expr::Exists(exists) => Some(&mut exists.subquery),
        Expr::InSubquery(within) => Some(&mut within.subquery),
        Expr::SetComparison(comparison) => Some(&mut comparison.subquery),
        _ => None,
    }
}

/// The expression of a node with outer columns replaced by the columns that now stand for them in the node's input. What
/// subqueries in it mention stays an outer column, now of this node.
pub(super) fn localize(expr: Expr, node: &LogicalPlan, keys: &Keys) -> Result<Expr> {
    expr.transform_down(|part| match part {
        Expr::OuterReferenceColumn(_, ref column) if keys.contains_key(column) => {
            Ok(Transformed::yes(Expr::Column(keys[column].clone())))
        }
        other => rename_in_subquery(other, &[node], keys),
    })
    .data()
}

fn rename_in_subquery(mut expr: Expr, between: &[&LogicalPlan], keys: &Keys) -> Result<Transformed<Expr>> {
    let Some(subquery) = subquery_of_mut(&mut expr) else { return Ok(Transformed::no(expr)) };
    let plan = subquery.subquery.as_ref().clone().transform_up(|node| rename_in_node(node, between, keys)).data()?;
    subquery.outer_ref_columns = plan.all_out_ref_exprs();
    subquery.subquery = plan.into();
    Ok(Transformed::yes(expr))
}

fn rename_in_node(node: LogicalPlan, between: &[&LogicalPlan], keys: &Keys) -> Result<Transformed<LogicalPlan>> {
    let holder = node.clone();
    let within: Vec<&LogicalPlan> = between.iter().copied().chain([&holder]).collect();
    let gives_names = matches!(node, LogicalPlan::Projection(_) | LogicalPlan::Aggregate(_));
    node.map_expressions(|expr| {
        let name = expr.schema_name().to_string();
        let renamed = expr.transform_down(|part| match part {
            Expr::OuterReferenceColumn(field, column) => match keys.get(&column) {
                Some(key) if !between.iter().any(|nearer| gives(nearer, &column)) => {
                    Ok(Transformed::yes(Expr::OuterReferenceColumn(field, key.clone())))
                }
                _ => Ok(Transformed::no(Expr::OuterReferenceColumn(field, column))),
            },
            other => rename_in_subquery(other, &within, keys),
        })?;
        if renamed.transformed && gives_names {
            renamed.map_data(|expr| expr.alias_if_changed(name))
        } else {
            Ok(renamed)
        }
    })?
    .map_data(LogicalPlan::recompute_schema)
}

/// The error for a plan that cannot take outer rows in.
pub(super) fn unsupported<T>(node: &LogicalPlan) -> Result<T> {
    not_impl_err!("a subquery that mentions a column of the query around it below `{}`", node.display())
}
