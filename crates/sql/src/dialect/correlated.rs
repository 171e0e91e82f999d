//! Subqueries that DataFusion cannot plan, turned into joins before it analyses the plan.

// In the order of the flow: which subqueries, what they refer to, how they become part of a plan, how a plan takes the outer
// rows in.
mod choose;
mod order;
mod outer;
mod attach;
mod push;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, Filter, Join, JoinType, LogicalPlan, LogicalPlanBuilder};
use datafusion::optimizer::AnalyzerRule;

/// Turns into joins what DataFusion leaves: subqueries in a select list, with any correlation, at any depth.
///
/// A correlated subquery is evaluated once for each distinct combination of the outer values it mentions: these combinations
/// are joined into the subquery below (`push`), and its result is joined to the outer rows on them (`attach`). What DataFusion
/// plans well by itself stays as it is (`choose`).
#[derive(Debug)]
pub(super) struct FlattenSubqueries;

impl AnalyzerRule for FlattenSubqueries {
    fn name(&self) -> &str {
        "flatten_subqueries"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        if !contains_subquery(&plan)? {
            return Ok(plan);
        }
        flatten(plan, &mut FreshNames::default())
    }
}

/// Gives out names that no column of a user has.
#[derive(Default)]
struct FreshNames {
    given: usize,
}

impl FreshNames {
    fn next(&mut self) -> String {
        self.given += 1;
        format!("__flat_{}", self.given)
    }
}

fn is_subquery(expr: &Expr) -> bool {
    matches!(expr, Expr::ScalarSubquery(_) | Expr::Exists(_) | Expr::InSubquery(_) | Expr::SetComparison(_))
}

fn has_subquery(expr: &Expr) -> bool {
    expr.exists(|part| Ok(is_subquery(part))).unwrap_or(true)
}

fn node_has_subquery(node: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    node.apply_expressions(|expr| {
        found = found || has_subquery(expr);
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

fn contains_subquery(plan: &LogicalPlan) -> Result<bool> {
    plan.exists(node_has_subquery)
}

/// Flattens a whole plan, from its root to its leaves, and what is within the subqueries that stay.
fn flatten(plan: LogicalPlan, names: &mut FreshNames) -> Result<LogicalPlan> {
    plan.transform_down(|node| {
        let node = flatten_node(node, names)?;
        node.map_subqueries(|subquery| {
            let LogicalPlan::Subquery(mut subquery) = subquery else { return Ok(Transformed::no(subquery)) };
            subquery.subquery = flatten(subquery.subquery.as_ref().clone(), names)?.into();
            Ok(Transformed::yes(LogicalPlan::Subquery(subquery)))
        })
        .map(|mapped| Transformed::yes(mapped.data))
    })
    .data()
}

/// Joins the subqueries of one node's own expressions to its input. The node gives the same columns as before.
fn flatten_node(node: LogicalPlan, names: &mut FreshNames) -> Result<LogicalPlan> {
    if !node_has_subquery(&node)? {
        return Ok(node);
    }
    let node = match node {
        LogicalPlan::Join(join) => filter_above(join)?,
        LogicalPlan::Sort(sort) => order::keep_ordering_columns(sort)?,
        other => other,
    };
    let stay = choose::staying(&node)?;
    let [input] = node.inputs()[..] else { return Ok(node) };
    let mut input = input.clone();
    let keeps_names = matches!(node, LogicalPlan::Projection(_) | LogicalPlan::Aggregate(_));
    let (mut expressions, mut changed) = (Vec::new(), false);
    for expr in node.expressions() {
        let name = expr.schema_name().to_string();
        let flat = expr.transform_up(|part| {
            if !choose::must_flatten(&part, &stay) {
                return Ok(Transformed::no(part));
            }
            let (joined, value) = attach::attach(input.clone(), part, names)?;
            input = joined;
            Ok(Transformed::yes(value))
        })?;
        changed = changed || flat.transformed;
        expressions.push(if flat.transformed && keeps_names { flat.data.alias_if_changed(name)? } else { flat.data });
    }
    if changed { rebuild(node, expressions, input) } else { Ok(node) }
}

/// The node over its widened input, cut back to its own columns where it would let the new ones through.
fn rebuild(node: LogicalPlan, expressions: Vec<Expr>, input: LogicalPlan) -> Result<LogicalPlan> {
    let passes_columns_on = !matches!(node, LogicalPlan::Projection(_) | LogicalPlan::Aggregate(_));
    let columns = node.schema().columns();
    let rebuilt = node.with_new_exprs(expressions, vec![input])?;
    if !passes_columns_on {
        return Ok(rebuilt);
    }
    LogicalPlanBuilder::from(rebuilt).project(columns.into_iter().map(Expr::Column))?.build()
}

/// An inner join whose condition has a subquery is a filter over all pairs; what an outer join means would change.
fn filter_above(mut join: Join) -> Result<LogicalPlan> {
    if join.join_type != JoinType::Inner
        || !join.on.iter().all(|(left, right)| !has_subquery(left) && !has_subquery(right))
    {
        return Ok(LogicalPlan::Join(join));
    }
    match join.filter.take() {
        Some(condition) => Ok(LogicalPlan::Filter(Filter::try_new(condition, LogicalPlan::Join(join).into())?)),
        None => Ok(LogicalPlan::Join(join)),
    }
}
