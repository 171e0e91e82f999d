//! Functions that stand in a FROM clause, and those that ask a classifier.

mod arguments;
mod lazy;
mod search;
mod search_table;
mod distance;
mod row_filter;
mod neighbours;
mod neighbours_index;
mod links;
mod history;
mod derive;
pub(crate) mod predict;

use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::catalog::TableFunctionArgs;
use datafusion::common::plan_datafusion_err;
use datafusion::datasource::provider_as_source;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableSource};
use datafusion::sql::sqlparser::ast::{
    Expr as SqlExpr, FunctionArg, FunctionArgExpr, FunctionArgOperator, Statement, TableFactor, Value, VisitMut,
    VisitorMut,
};

use crate::context::Context;
use crate::error::external;
use arguments::{Arguments, NAME_MARK};
pub use derive::{ClaimSource, DerivedClaim};
pub use predict::{ClassifierSource, TextClasses, TextClassifier};

/// The names of our table functions, for completion.
pub(crate) const NAMES: [&str; 5] = ["search", "neighbours", "links", "history", "derive"];

/// What functions compute with besides the store; without it they say that it is missing.
#[derive(Clone, Default)]
pub struct Functions {
    /// What `derive` computes with.
    pub claims: Option<Arc<dyn ClaimSource>>,
    /// What `predict`, `predict_probability` and `predict_set` compute with.
    pub classifiers: Option<Arc<dyn ClassifierSource>>,
}

/// Puts the names of arguments before them, as texts, where the planner takes only values.
pub(crate) fn name_arguments(statement: &mut Statement) {
    let _ = statement.visit(&mut NameArguments);
}

struct NameArguments;

impl VisitorMut for NameArguments {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        let TableFactor::Table { args: Some(arguments), .. } = factor else { return ControlFlow::Continue(()) };
        let mut plain = Vec::with_capacity(arguments.args.len());
        for argument in arguments.args.drain(..) {
            match argument {
                FunctionArg::Named { name, arg, operator: FunctionArgOperator::RightArrow } => {
                    let mark = Value::SingleQuotedString(format!("{NAME_MARK}{}", crate::syntax::identifier(&name)));
                    plain.push(FunctionArg::Unnamed(FunctionArgExpr::Expr(SqlExpr::Value(mark.into()))));
                    plain.push(FunctionArg::Unnamed(arg));
                }
                other => plain.push(other),
            }
        }
        arguments.args = plain;
        ControlFlow::Continue(())
    }
}

/// The table that a function call stands for.
pub(crate) fn table(context: &Context<'_>, name: &str, arguments: Vec<Expr>) -> Result<Arc<dyn TableSource>> {
    let values = arguments
        .into_iter()
        .map(|argument| context.simplified(argument).map_err(external))
        .collect::<Result<Vec<Expr>>>()?;
    let build = match name {
        "search" => search::table,
        "neighbours" => {
            let provider = Arguments::of(name, values).and_then(|arguments| neighbours::provider(context, &arguments));
            return Ok(provider_as_source(provider.map_err(external)?));
        }
        "links" => links::table,
        "history" => history::table,
        "derive" => derive::table,
        _ => {
            let function = context.state.table_functions().get(name);
            let function = function.ok_or_else(|| plan_datafusion_err!("there is no table function `{name}`"))?;
            let provider = function.create_table_provider_with_args(TableFunctionArgs::new(&values, context.state))?;
            return Ok(provider_as_source(provider));
        }
    };
    let table = Arguments::of(name, values).and_then(|arguments| build(context, &arguments)).map_err(external)?;
    Ok(provider_as_source(Arc::new(table)))
}
