//! Which subqueries may stay, because DataFusion plans them well and right by itself; all others become joins here.

use datafusion::common::Result;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{
    Aggregate, BinaryExpr, Expr, ExprSchemable, Filter, JoinType, LogicalPlan, Operator, Subquery,
};

use super::{contains_subquery, has_subquery, is_subquery, outer};

/// The subqueries among the node's expressions that stay.
pub(super) fn staying(node: &LogicalPlan) -> Result<Vec<Expr>> {
    let mut stay = Vec::new();
    node.apply_expressions(|expr| {
        if let LogicalPlan::Filter(_) = node {
            add_in_condition(node, expr, true, &mut stay)?;
        } else {
            add_values(node, expr, &mut stay)?;
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(stay)
}

/// Walks down a condition as long as an unknown answer is as good as a false one.
fn add_in_condition(node: &LogicalPlan, condition: &Expr, conjunct: bool, stay: &mut Vec<Expr>) -> Result<()> {
    match condition {
        Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::And | Operator::Or), right }) => {
            let conjunct = conjunct && *op == Operator::And;
            add_in_condition(node, left, conjunct, stay)?;
            add_in_condition(node, right, conjunct, stay)
        }
        Expr::InSubquery(within) => {
            if !has_subquery(&within.expr) && is_well_known_membership(node, within, conjunct)? {
                stay.push(condition.clone());
            }
            Ok(())
        }
        other => add_values(node, other, stay),
    }
}

/// Adds the scalar subqueries and existence tests in an expression, whose answers do not depend on where they stand.
fn add_values(node: &LogicalPlan, expr: &Expr, stay: &mut Vec<Expr>) -> Result<()> {
    expr.apply(|part| match part {
        // What it compares is used in joins, more than once.
        Expr::InSubquery(_) => Ok(TreeNodeRecursion::Jump),
        Expr::ScalarSubquery(subquery) => {
            if !is_correlated(node, subquery)? || is_equal_to_a_group(node, subquery)? {
                stay.push(part.clone());
            }
            Ok(TreeNodeRecursion::Continue)
        }
        Expr::Exists(Exists { subquery, .. }) => {
            if matches!(node, LogicalPlan::Filter(_)) && is_filtered_only(node, subquery)? {
                stay.push(part.clone());
            }
            Ok(TreeNodeRecursion::Continue)
        }
        _ => Ok(TreeNodeRecursion::Continue),
    })?;
    Ok(())
}

/// Whether this part of a node's expression is a subquery that must become a join.
pub(super) fn must_flatten(part: &Expr, stay: &[Expr]) -> bool {
    is_subquery(part) && !matches!(part, Expr::SetComparison(_)) && !stay.contains(part)
}

fn is_correlated(node: &LogicalPlan, subquery: &Subquery) -> Result<bool> {
    Ok(!outer::mentioned(&subquery.subquery, &node.inputs())?.is_empty())
}

/// A membership in rows that do not depend on the outer row: a semi join where unknown is false; negated, an anti join that
/// looks for absent values, which DataFusion has only for a whole condition; both where nothing can be absent.
fn is_well_known_membership(node: &LogicalPlan, within: &InSubquery, conjunct: bool) -> Result<bool> {
    if is_correlated(node, &within.subquery)? || !within.subquery.outer_ref_columns.is_empty() {
        return Ok(false);
    }
    let members = within.subquery.subquery.schema();
    let is_known = || -> Result<bool> {
        let value_known = node.inputs().iter().all(|input| matches!(within.expr.nullable(input.schema()), Ok(false)));
        Ok(value_known && !members.field(0).is_nullable())
    };
    Ok(!within.negated || conjunct || is_known()?)
}

/// An aggregate over rows whose columns equal outer ones: DataFusion groups by these columns and joins, without a second look
/// at the outer rows.
fn is_equal_to_a_group(node: &LogicalPlan, subquery: &Subquery) -> Result<bool> {
    if !matches!(node, LogicalPlan::Projection(_) | LogicalPlan::Filter(_)) || contains_subquery(&subquery.subquery)? {
        return Ok(false);
    }
    let mut plan = subquery.subquery.as_ref();
    while let LogicalPlan::Projection(_) | LogicalPlan::SubqueryAlias(_) = plan {
        if plan.contains_outer_reference() {
            return Ok(false);
        }
        plan = plan.inputs()[0];
    }
    let LogicalPlan::Aggregate(Aggregate { input, group_expr, .. }) = plan else { return Ok(false) };
    if !group_expr.is_empty() || plan.contains_outer_reference() {
        return Ok(false);
    }
    is_outer_only_in_filters(input, &is_equality_with_outer)
}

/// Rows that a semi or mark join can find: nothing but filters mentions the outer row.
fn is_filtered_only(node: &LogicalPlan, subquery: &Subquery) -> Result<bool> {
    if contains_subquery(&subquery.subquery)? && is_correlated(node, subquery)? {
        return Ok(false);
    }
    is_outer_only_in_filters(&subquery.subquery, &|_| true)
}

fn is_outer_only_in_filters(plan: &LogicalPlan, allowed: &dyn Fn(&Expr) -> bool) -> Result<bool> {
    let mut only = true;
    plan.apply(|node| {
        let passes = match node {
            LogicalPlan::Filter(Filter { predicate, .. }) => {
                split_conjunction(predicate).into_iter().all(|part| !part.contains_outer() || allowed(part))
            }
            LogicalPlan::Join(join) => join.join_type == JoinType::Inner && !node.contains_outer_reference(),
            LogicalPlan::Projection(_) | LogicalPlan::SubqueryAlias(_) => !node.contains_outer_reference(),
            // Above filters that mention the outer row anything else would have to be split by it.
            other => !other.exists(|below| Ok(below.contains_outer_reference()))?,
        };
        only = only && passes;
        Ok(if only { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    })?;
    Ok(only)
}

fn is_equality_with_outer(expr: &Expr) -> bool {
    let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) = expr else { return false };
    match (left.as_ref(), right.as_ref()) {
        (Expr::OuterReferenceColumn(..), other) | (other, Expr::OuterReferenceColumn(..)) => {
            !other.contains_outer() && !other.column_refs().is_empty()
        }
        _ => false,
    }
}
