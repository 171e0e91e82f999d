//! Rules of the optimiser that forget a condition of a join, kept from the joins where they do.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{NullEquality, Result};
use datafusion::logical_expr::{Expr, Join, JoinType, LogicalPlan};
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::{Optimizer, OptimizerConfig, OptimizerRule};

use crate::dialect::exact_lists;

type Rule = Arc<dyn OptimizerRule + Send + Sync>;

/// The optimiser's rules, those that err replaced by themselves behind a check.
pub(super) fn rules() -> Vec<Rule> {
    let checked = |rule: Rule| -> Rule {
        match rule.name() {
            "extract_equijoin_predicate" => Arc::new(Checked { rule, errs: mixes_equalities }),
            "simplify_expressions" => Arc::new(Checked { rule, errs: exact_lists::loses_absence }),
            "eliminate_cross_join" => Arc::new(Checked { rule, errs: loses_conditions }),
            _ => rule,
        }
    };
    Optimizer::new().rules.into_iter().map(checked).collect()
}

/// A rule that leaves alone the plans on which it errs.
#[derive(Debug)]
struct Checked {
    rule: Rule,
    errs: fn(&LogicalPlan) -> Result<bool>,
}

impl OptimizerRule for Checked {
    fn name(&self) -> &str {
        self.rule.name()
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.rule.apply_order()
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        if (self.errs)(&plan)? { Ok(Transformed::no(plan)) } else { self.rule.rewrite(plan, config) }
    }
}

/// In a join on columns of which absent ones are equal (`IS NOT DISTINCT FROM`) the rule takes a plain equality for one of these.
fn mixes_equalities(plan: &LogicalPlan) -> Result<bool> {
    let LogicalPlan::Join(join) = plan else { return Ok(false) };
    Ok(join.null_equality == NullEquality::NullEqualsNull && join.filter.is_some())
}

/// Inner joins are taken apart and put together again in another order. An equality with columns of several tables on one side
/// finds no place then, and where one join takes absent values for equal, all of them do.
fn loses_conditions(plan: &LogicalPlan) -> Result<bool> {
    plan.exists(|node| match node {
        LogicalPlan::Join(join) if join.join_type == JoinType::Inner => {
            let spans =
                join.on.iter().any(|(left, right)| spans_tables(left, &join.left) || spans_tables(right, &join.right));
            Ok(spans || join.null_equality == NullEquality::NullEqualsNull)
        }
        _ => Ok(false),
    })
}

fn spans_tables(expr: &Expr, side: &LogicalPlan) -> bool {
    let LogicalPlan::Join(Join { join_type: JoinType::Inner, left, right, .. }) = side else { return false };
    let columns = expr.column_refs();
    let all_in = |side: &LogicalPlan| columns.iter().all(|column| side.schema().has_column(column));
    if all_in(left) {
        spans_tables(expr, left)
    } else if all_in(right) {
        spans_tables(expr, right)
    } else {
        true
    }
}
