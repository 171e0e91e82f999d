//! Lists of values that exclude each other: the optimiser takes `a IN (1) AND a IN (2)` for false, and forgets that it is unknown where `a` is absent.

use std::collections::HashMap;

use datafusion::common::Result;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, Operator};

/// Whether a node has conditions that the optimiser's simplification may get wrong: several comparisons of one expression with values, where it
/// matters whether the whole is false or unknown.
///
/// It does not in the condition of a filter without negations: rows of which it is unknown are left out like those of which it is false.
pub(super) fn loses_absence(plan: &LogicalPlan) -> Result<bool> {
    let is_condition = matches!(plan, LogicalPlan::Filter(_));
    let mut found = false;
    plan.apply_expressions(|expr| {
        let mut seen = Seen::default();
        expr.apply(|part| {
            seen.note(part);
            Ok(TreeNodeRecursion::Continue)
        })?;
        found = found || seen.lists > 0 && seen.is_repeated() && (!is_condition || seen.negations > 0);
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

#[derive(Default)]
struct Seen<'e> {
    /// How often each expression is compared with values.
    compared: HashMap<&'e Expr, usize>,
    /// Lists, and alternatives that become one.
    lists: usize,
    negations: usize,
}

impl<'e> Seen<'e> {
    fn note(&mut self, part: &'e Expr) {
        match part {
            Expr::InList(InList { expr, negated, .. }) => {
                self.lists += 1;
                self.negations += usize::from(*negated);
                *self.compared.entry(expr).or_default() += 1;
            }
            Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::Eq | Operator::NotEq), right }) => {
                self.negations += usize::from(*op == Operator::NotEq);
                let compared = match (&**left, &**right) {
                    (Expr::Literal(..), other) | (other, Expr::Literal(..)) => other,
                    _ => return,
                };
                *self.compared.entry(compared).or_default() += 1;
            }
            Expr::BinaryExpr(BinaryExpr { op: Operator::Or, .. }) => self.lists += 1,
            Expr::Not(_) | Expr::IsNull(_) | Expr::IsNotNull(_) | Expr::IsTrue(_) | Expr::IsFalse(_) => {
                self.negations += 1
            }
            Expr::IsNotTrue(_) | Expr::IsNotFalse(_) | Expr::IsUnknown(_) | Expr::IsNotUnknown(_) | Expr::Case(_) => {
                self.negations += 1;
            }
            _ => {}
        }
    }

    fn is_repeated(&self) -> bool {
        self.compared.values().any(|count| *count > 1)
    }
}
