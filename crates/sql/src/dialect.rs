//! What SQL has and the query engine lacks: rewrites of statements before planning, of plans before they are optimised, and guards against rules that err.

mod select_names;
mod correlated;
mod single_value;
mod exact_lists;
mod exact_joins;

use std::sync::Arc;

use datafusion::execution::SessionStateBuilder;
use datafusion::optimizer::Analyzer;

pub(crate) use select_names::{keep_select_names, repeated_select_name, restore_select_names};

/// Lets the engine plan every subquery, and keep every condition of a join.
pub(crate) fn extend(builder: SessionStateBuilder) -> SessionStateBuilder {
    let mut rules = Analyzer::new().rules;
    rules.insert(0, Arc::new(correlated::FlattenSubqueries));
    builder.with_analyzer_rules(rules).with_optimizer_rules(exact_joins::rules())
}
