//! What the planner asks while it plans a statement: tables at their times, functions, and types.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::catalog::cte_worktable::CteWorkTable;
use datafusion::common::TableReference;
use datafusion::config::ConfigOptions;
use datafusion::datasource::{ViewTable, provider_as_source};
use datafusion::error::Result;
use datafusion::execution::SessionState;
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner, TypePlanner};
use datafusion::logical_expr::{AggregateUDF, Expr, HigherOrderUDF, LogicalPlan, ScalarUDF, TableSource, WindowUDF};
use datafusion::sql::planner::{ParserOptions, SqlToRel};
use datafusion::sql::sqlparser::ast::{ObjectName, Statement};

use crate::catalog::TimeColumn;
use crate::error::external;
use crate::function::{self, Functions};
use crate::period::resolve;
use crate::provider::Provider;
use crate::standpoint::Standpoint;
use crate::syntax::{Parsed, TimedName, expand_wildcards, table_name};
use crate::time::TimeSelection;
use crate::types::SqlTypes;
use crate::view;
use crate::{SqlError, dialect};

/// How deep views may be made of views.
const VIEW_DEPTH_MAX: usize = 32;

/// A table that a statement reads under a name of its own.
#[derive(Clone, Debug)]
pub(crate) struct Relation {
    pub(crate) table: String,
    pub(crate) time: TimeSelection,
    /// Whether the row's key and all time columns are there, for statements that change rows.
    pub(crate) for_change: bool,
    /// Whether rows that the transaction changed are read as changed.
    pub(crate) sees_changes: bool,
}

/// Plans one statement.
pub(crate) struct Context<'a> {
    pub(crate) state: &'a SessionState,
    pub(crate) standpoint: Standpoint<'a>,
    pub(crate) functions: &'a Functions,
    pub(crate) relations: HashMap<String, Relation>,
    /// Tables that the statement reads and that are not stored.
    pub(crate) given: HashMap<String, Arc<dyn TableSource>>,
    pub(crate) time_columns: Vec<TimeColumn>,
    view_depth: usize,
}

impl<'a> Context<'a> {
    /// A context for `parsed`, whose periods it resolves.
    ///
    /// # Errors
    /// [`SqlError::Period`], [`SqlError::UnknownTable`]
    pub(crate) fn new(
        state: &'a SessionState,
        standpoint: Standpoint<'a>,
        functions: &'a Functions,
        timed: &[TimedName],
        time_columns: &[TimeColumn],
    ) -> std::result::Result<Self, SqlError> {
        let time_columns = time_columns.to_vec();
        let (relations, given) = (HashMap::new(), HashMap::new());
        let mut context = Self { state, standpoint, functions, relations, given, time_columns, view_depth: 0 };
        for timed in timed {
            let table = table_name(&timed.name)?;
            let time = resolve(&context, timed)?;
            let relation = Relation { table, time, for_change: false, sees_changes: timed.system.is_none() };
            context.relations.insert(timed.label.clone(), relation);
        }
        Ok(context)
    }

    /// The plan of a statement.
    ///
    /// # Errors
    /// What the planner finds wrong, and [`SqlError::Unsupported`].
    pub(crate) fn plan(&self, statement: Statement) -> std::result::Result<LogicalPlan, SqlError> {
        let mut statement = statement;
        expand_wildcards(&mut statement, &self.time_columns, &|name| self.has_time_columns(name))?;
        dialect::keep_select_names(&mut statement);
        function::name_arguments(&mut statement);
        let planner = SqlToRel::new_with_options(self, self.parser_options());
        Ok(planner.sql_statement_to_plan(statement)?)
    }

    /// What the planner makes of identifiers and literals.
    pub(crate) fn parser_options(&self) -> ParserOptions {
        let options = &self.state.config_options().sql_parser;
        ParserOptions::new()
            .with_parse_float_as_decimal(options.parse_float_as_decimal)
            .with_collect_spans(true)
            .with_default_null_ordering(options.default_null_ordering.as_str().into())
    }

    fn has_time_columns(&self, name: &ObjectName) -> bool {
        let Some(label) = name.0.last().and_then(|part| part.as_ident()) else { return false };
        if self.relations.contains_key(&label.value) {
            return true;
        }
        let Ok(name) = table_name(name) else { return false };
        self.standpoint.source(&name, self.standpoint.reader).is_ok_and(|source| source.is_some())
    }

    fn table(&self, name: &str) -> std::result::Result<Arc<dyn TableSource>, SqlError> {
        if let Some(given) = self.given.get(name) {
            return Ok(Arc::clone(given));
        }
        let readable = if let Some(relation) = self.relations.get(name) {
            let time_columns = if relation.for_change { TimeColumn::ALL.as_slice() } else { &self.time_columns };
            let mut readable =
                self.standpoint.readable(&relation.table, relation.time, time_columns, relation.for_change)?;
            if !relation.sees_changes {
                readable.changes = None;
            }
            readable
        } else {
            match self.standpoint.readable(name, self.standpoint.here(), &self.time_columns, false) {
                Ok(readable) => readable,
                Err(error @ SqlError::UnknownTable { .. }) => {
                    let text = view::find(&self.standpoint, name)?.ok_or(error)?;
                    return self.view(name, &text);
                }
                Err(error) => return Err(error),
            }
        };
        Ok(provider_as_source(Arc::new(Provider::new(readable))))
    }

    fn view(&self, name: &str, text: &str) -> std::result::Result<Arc<dyn TableSource>, SqlError> {
        if self.view_depth >= VIEW_DEPTH_MAX {
            let message = "it is made of itself".to_owned();
            return Err(SqlError::Definition { table: name.to_owned(), message });
        }
        let Parsed { statement, timed, time_columns, .. } = view::parse(text)?;
        let mut context = Context::new(self.state, self.standpoint, self.functions, &timed, &time_columns)?;
        context.view_depth = self.view_depth + 1;
        let plan = context.plan(statement)?;
        Ok(provider_as_source(Arc::new(ViewTable::new(plan, Some(text.to_owned())))))
    }
}

impl ContextProvider for Context<'_> {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        let unknown = || external(SqlError::UnknownTable { name: name.to_string() });
        match &name {
            TableReference::Bare { table } => self.table(table).map_err(external),
            TableReference::Partial { schema, table } if &**schema == "public" => self.table(table).map_err(external),
            _ => Err(unknown()),
        }
    }

    fn get_table_function_source(&self, name: &str, arguments: Vec<Expr>) -> Result<Arc<dyn TableSource>> {
        function::table(self, name, arguments)
    }

    fn create_cte_work_table(&self, name: &str, schema: SchemaRef) -> Result<Arc<dyn TableSource>> {
        Ok(provider_as_source(Arc::new(CteWorkTable::new(name, schema))))
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        self.state.expr_planners()
    }

    fn get_type_planner(&self) -> Option<Arc<dyn TypePlanner>> {
        Some(Arc::new(SqlTypes))
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        if let Some(predict) = function::predict::function(self, name) {
            return Some(predict);
        }
        self.state.scalar_functions().get(name).cloned()
    }

    fn get_higher_order_meta(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        self.state.higher_order_functions().get(name).cloned()
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.state.aggregate_functions().get(name).cloned()
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.state.window_functions().get(name).cloned()
    }

    fn get_variable_type(&self, _: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        self.state.config_options()
    }

    fn udf_names(&self) -> Vec<String> {
        let own = function::predict::names().map(str::to_owned);
        self.state.scalar_functions().keys().cloned().chain(own).collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        self.state.higher_order_functions().keys().cloned().collect()
    }

    fn udaf_names(&self) -> Vec<String> {
        self.state.aggregate_functions().keys().cloned().collect()
    }

    fn udwf_names(&self) -> Vec<String> {
        self.state.window_functions().keys().cloned().collect()
    }
}
