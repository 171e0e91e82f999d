//! Expressions without columns, computed while a statement is planned.

use std::sync::Arc;

use datafusion::common::DFSchema;
use datafusion::logical_expr::Expr as Plan;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::scalar::ScalarValue;
use datafusion::sql::planner::{PlannerContext, SqlToRel};
use datafusion::sql::sqlparser::ast::Expr;

use crate::SqlError;
use crate::context::Context;

impl Context<'_> {
    /// The value of an expression that names no column.
    ///
    /// # Errors
    /// [`SqlError::Unsupported`] where it is not constant; what the engine finds wrong with it.
    pub(crate) fn constant(&self, expression: &Expr) -> Result<ScalarValue, SqlError> {
        let planner = SqlToRel::new_with_options(self, self.parser_options());
        let planned = planner.sql_to_expr(expression.clone(), &DFSchema::empty(), &mut PlannerContext::new())?;
        match self.simplified(planned)? {
            Plan::Literal(value, _) => Ok(value),
            _ => Err(SqlError::Unsupported {
                what: format!("`{expression}`, where a constant is needed,"),
                instead: "write a literal value",
            }),
        }
    }

    /// `expression` with all that is constant computed.
    pub(crate) fn simplified(&self, expression: Plan) -> Result<Plan, SqlError> {
        let context = SimplifyContext::builder().with_config_options(Arc::clone(self.state.config_options())).build();
        let simplifier = ExprSimplifier::new(context);
        let coerced = simplifier.coerce(expression, &DFSchema::empty())?;
        Ok(simplifier.simplify(coerced)?)
    }
}
