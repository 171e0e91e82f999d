//! What a statement wrote against what its tables demand: CHECK conditions, computed for all of its rows at once, and unique columns.

use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{DFSchema, DFSchemaRef};
use datafusion::error::DataFusionError;
use datafusion::physical_plan::PhysicalExpr;
use datafusion::sql::planner::{PlannerContext, SqlToRel};
use datafusion::sql::sqlparser::ast::{Expr, visit_expressions};
use grounds_core::{Cell, CheckDefinition, TableDefinition};

use crate::arrays::ColumnBuilder;
use crate::catalog::{Shape, Source};
use crate::context::Context;
use crate::syntax::parse_expression;
use crate::{Session, SqlError, cell_text};

/// How many rows are looked at together.
const ROWS_AT_ONCE: usize = 8192;

/// The conditions of a table, ready to be computed.
pub(crate) struct Checks {
    definition: Arc<TableDefinition>,
    conditions: Vec<(CheckDefinition, Arc<dyn PhysicalExpr>)>,
    schema: DFSchemaRef,
}

impl Checks {
    /// The conditions of `definition`.
    ///
    /// # Errors
    /// [`SqlError::Definition`] where one is not a condition on the columns of one row.
    pub(crate) fn new(session: &Session, definition: &Arc<TableDefinition>) -> Result<Self, SqlError> {
        let reader = session.reader()?;
        let standpoint = session.standpoint(&reader, session.transaction.as_ref());
        let database = &session.database;
        let context = Context::new(&database.state, standpoint, &database.functions, &[], &[])?;
        let shape = Shape::new(&Source::Declared(Arc::clone(definition)), &[], false);
        let schema: DFSchemaRef =
            Arc::new(DFSchema::try_from_qualified_schema(definition.name.as_str(), &shape.schema)?);
        let mut conditions = Vec::with_capacity(definition.checks.len());
        for check in &definition.checks {
            let expression = parse_expression(&check.condition)?;
            if has_subquery(&expression) {
                return Err(SqlError::Unsupported {
                    what: "a subquery in CHECK".to_owned(),
                    instead: "a condition is about the columns of one row",
                });
            }
            let planner = SqlToRel::new_with_options(&context, context.parser_options());
            let planned = planner.sql_to_expr(expression, &schema, &mut PlannerContext::new())?;
            let condition = database.state.create_physical_expr(planned, &schema)?;
            if !matches!(condition.data_type(schema.as_arrow())?, DataType::Boolean | DataType::Null) {
                let message = format!("CHECK ({}) is neither true nor false", check.condition);
                return Err(SqlError::Definition { table: definition.name.clone(), message });
            }
            conditions.push((check.clone(), condition));
        }
        Ok(Self { definition: Arc::clone(definition), conditions, schema })
    }

    /// Refuses the first of `rows` of which a condition is false; one that is neither true nor false is fulfilled, as in SQL.
    ///
    /// # Errors
    /// [`SqlError::CheckFailed`], and what cannot be computed.
    pub(crate) fn check<'r>(&self, rows: impl Iterator<Item = &'r [Cell]>) -> Result<(), SqlError> {
        if self.conditions.is_empty() {
            return Ok(());
        }
        let rows: Vec<&[Cell]> = rows.collect();
        rows.chunks(ROWS_AT_ONCE).try_for_each(|rows| self.check_chunk(rows))
    }

    fn check_chunk(&self, rows: &[&[Cell]]) -> Result<(), SqlError> {
        let columns = self.definition.columns.iter().enumerate().map(|(at, column)| {
            let mut builder = ColumnBuilder::new(column.column_type, rows.len());
            rows.iter().for_each(|row| builder.push(row.get(at).unwrap_or(&Cell::Null)));
            builder.finish()
        });
        let columns: Vec<ArrayRef> = columns.collect();
        let schema = Arc::new(nullable(self.schema.as_arrow()));
        let batch = RecordBatch::try_new(schema, columns).map_err(DataFusionError::from)?;
        for (check, condition) in &self.conditions {
            let holds = condition.evaluate(&batch)?.into_array(rows.len())?;
            if *holds.data_type() != DataType::Boolean {
                continue;
            }
            let holds = holds.as_boolean();
            if let Some(at) = (0..rows.len()).find(|at| !holds.is_null(*at) && !holds.value(*at)) {
                return Err(SqlError::CheckFailed {
                    table: self.definition.name.clone(),
                    name: check.name.clone(),
                    condition: check.condition.clone(),
                    row: self.row_text(rows[at]),
                });
            }
        }
        Ok(())
    }

    fn row_text(&self, cells: &[Cell]) -> String {
        let columns = self.definition.columns.iter().zip(cells);
        let texts = columns.map(|(column, cell)| match cell {
            Cell::Null => "NULL".to_owned(),
            Cell::Text(text) => format!("'{text}'"),
            other => cell_text::format(other, column.column_type),
        });
        format!("({})", texts.collect::<Vec<_>>().join(", "))
    }
}

/// The schema with every column allowed to be absent: NOT NULL has an error of its own.
fn nullable(schema: &datafusion::arrow::datatypes::Schema) -> datafusion::arrow::datatypes::Schema {
    let fields = schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
    datafusion::arrow::datatypes::Schema::new(fields.collect::<Vec<_>>())
}

fn has_subquery(expression: &Expr) -> bool {
    let is_one = |part: &Expr| matches!(part, Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. });
    let found =
        visit_expressions(
            expression,
            |part| {
                if is_one(part) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
    found.is_break()
}

impl Session {
    /// Holds what the running statement wrote against CHECK conditions and unique columns.
    ///
    /// # Errors
    /// [`SqlError::CheckFailed`], [`grounds_store::StoreError::NotUnique`]
    pub(crate) fn check_written(&mut self) -> Result<(), SqlError> {
        let Some(transaction) = &self.transaction else { return Ok(()) };
        for definition in transaction.constrained() {
            let keys = transaction.overlay.keys_since_mark(definition.id);
            if definition.checks.is_empty() || keys.is_empty() {
                continue;
            }
            let checks = Checks::new(self, &definition)?;
            let mut pieces = Vec::new();
            for key in keys {
                pieces.extend(transaction.overlay.pieces(&definition, &key)?);
            }
            checks.check(pieces.iter().map(|(_, cells)| cells.as_slice()))?;
        }
        let Some(transaction) = &mut self.transaction else { return Ok(()) };
        // What is committed at once is compared by the store.
        if transaction.is_explicit {
            for definition in transaction.constrained() {
                transaction.overlay.check_unique(&definition)?;
            }
        }
        Ok(())
    }
}
