//! What an INSERT does with a row whose key is taken.

use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::common::{DFSchema, DFSchemaRef};
use datafusion::error::DataFusionError;
use datafusion::physical_plan::PhysicalExpr;
use datafusion::sql::planner::{PlannerContext, SqlToRel};
use datafusion::sql::sqlparser::ast::{
    Assignment, AssignmentTarget, ConflictTarget, DoUpdate, Expr, Ident, Insert, OnConflictAction, OnInsert,
    SqliteOnConflict, visit_expressions_mut,
};
use grounds_core::{Cell, ColumnType, TableDefinition};

use crate::arrays::{self, ColumnBuilder};
use crate::catalog::{Shape, Source};
use crate::context::Context;
use crate::statement::target::{self, Given};
use crate::syntax::{Parsed, identifier, table_name};
use crate::{Session, SqlError};

/// What to do with a row whose key is taken.
pub(crate) enum Conflict {
    Fail,
    /// Leaves the row out where another has the same values in these columns; `None` for any that are unique.
    Skip(Option<Vec<usize>>),
    Replace,
    Update(Box<Update>),
}

/// `DO UPDATE SET ...`: expressions over the row that is there and the one that would be.
pub(crate) struct Update {
    /// The columns that must have the same values; `None` for any that are unique.
    target: Option<Vec<usize>>,
    assignments: Vec<(usize, Arc<dyn PhysicalExpr>)>,
    condition: Option<Arc<dyn PhysicalExpr>>,
    schema: DFSchemaRef,
}

/// What an INSERT says of rows whose key is taken.
///
/// # Errors
/// [`SqlError::Unsupported`], and what is wrong with its expressions.
pub(crate) fn conflict(
    session: &Session,
    parsed: &Parsed,
    insert: &Insert,
    definition: &TableDefinition,
) -> Result<Conflict, SqlError> {
    if insert.replace_into {
        return Ok(Conflict::Replace);
    }
    match insert.or {
        Some(SqliteOnConflict::Replace) => return Ok(Conflict::Replace),
        Some(SqliteOnConflict::Ignore) => return Ok(Conflict::Skip(None)),
        _ => {}
    }
    if insert.ignore {
        return Ok(Conflict::Skip(None));
    }
    match &insert.on {
        None => Ok(Conflict::Fail),
        Some(OnInsert::DuplicateKeyUpdate(assignments)) => {
            let update = DoUpdate { assignments: assignments.clone(), selection: None };
            Update::new(session, parsed, &update, definition, None).map(|update| Conflict::Update(Box::new(update)))
        }
        Some(OnInsert::OnConflict(on)) => {
            let target = conflict_target(on.conflict_target.as_ref(), definition)?;
            match &on.action {
                OnConflictAction::DoNothing => Ok(Conflict::Skip(target)),
                OnConflictAction::DoUpdate(update) => Update::new(session, parsed, update, definition, target)
                    .map(|update| Conflict::Update(Box::new(update))),
            }
        }
        Some(_) => Err(SqlError::Unsupported { what: "this form of ON in INSERT".to_owned(), instead: "" }),
    }
}

/// The columns that a conflict is about: those of the primary key, or some that are unique.
fn conflict_target(
    target: Option<&ConflictTarget>,
    definition: &TableDefinition,
) -> Result<Option<Vec<usize>>, SqlError> {
    let Some(target) = target else { return Ok(None) };
    let unknown = || SqlError::Unsupported {
        what: "ON CONFLICT on what is not unique".to_owned(),
        instead: "leave the columns out, or name those of the primary key or of a UNIQUE constraint",
    };
    match target {
        ConflictTarget::OnConstraint(name) => {
            let name = table_name(name)?;
            if let Some(index) = definition.indexes.iter().find(|index| index.is_unique && index.name == name) {
                return Ok(Some(index.columns.clone()));
            }
            let is_key = name == format!("{}_pkey", definition.name) && !definition.primary_key.is_empty();
            if is_key { Ok(Some(definition.primary_key.clone())) } else { Err(unknown()) }
        }
        ConflictTarget::Columns(columns) => {
            let positions = columns.iter().map(|column| definition.column_position(&identifier(column)));
            let mut named: Vec<usize> = positions.collect::<Option<_>>().ok_or_else(unknown)?;
            named.sort_unstable();
            let key = (!definition.primary_key.is_empty()).then_some(definition.primary_key.as_slice());
            let is_named = |list: &&[usize]| {
                let mut list = list.to_vec();
                list.sort_unstable();
                list == named
            };
            let found = key.into_iter().chain(definition.unique_columns()).find(is_named);
            found.map(|list| Some(list.to_vec())).ok_or_else(unknown)
        }
    }
}

impl Update {
    fn new(
        session: &Session,
        parsed: &Parsed,
        update: &DoUpdate,
        definition: &TableDefinition,
        target: Option<Vec<usize>>,
    ) -> Result<Self, SqlError> {
        let reader = session.reader()?;
        let standpoint = session.standpoint(&reader, session.transaction.as_ref());
        let database = &session.database;
        let context =
            Context::new(&database.state, standpoint, &database.functions, &parsed.timed, &parsed.time_columns)?;
        let shape = Shape::new(&Source::Declared(Arc::new(definition.clone())), &[], false);
        let own = DFSchema::try_from_qualified_schema(definition.name.as_str(), &shape.schema)?;
        let excluded = DFSchema::try_from_qualified_schema("excluded", &shape.schema)?;
        let schema: DFSchemaRef = Arc::new(own.join(&excluded)?);
        let compile = |expression: &Expr| {
            let planner = SqlToRel::new_with_options(&context, context.parser_options());
            let mut planning = PlannerContext::new();
            let expression = qualify(expression, definition);
            let planned = planner.sql_to_expr(expression, &schema, &mut planning)?;
            Ok::<_, SqlError>(database.state.create_physical_expr(planned, &schema)?)
        };
        let mut assignments = Vec::new();
        for assignment in &update.assignments {
            let position = assigned_position(assignment, definition)?;
            assignments.push((position, compile(&assignment.value)?));
        }
        let condition = update.selection.as_ref().map(compile).transpose()?;
        Ok(Self { target, assignments, condition, schema })
    }

    /// The columns that must have the same values; `None` for any that are unique.
    pub(crate) fn target(&self) -> Option<&[usize]> {
        self.target.as_deref()
    }

    /// The row that takes the place of `held` where `excluded` cannot be inserted; `None` where the condition does not hold.
    pub(crate) fn apply(
        &self,
        definition: &TableDefinition,
        held: &[Cell],
        excluded: &[Cell],
    ) -> Result<Option<Vec<Cell>>, SqlError> {
        let columns = definition.columns.iter().enumerate();
        let array = |cell: &Cell, column_type| {
            let mut builder = ColumnBuilder::new(column_type, 1);
            builder.push(cell);
            builder.finish()
        };
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(definition.columns.len() * 2);
        for side in [held, excluded] {
            arrays.extend(
                columns.clone().map(|(at, column)| array(side.get(at).unwrap_or(&Cell::Null), column.column_type)),
            );
        }
        let batch = RecordBatch::try_new(self.schema.inner().clone(), arrays).map_err(DataFusionError::from)?;
        if let Some(condition) = &self.condition {
            let holds = condition.evaluate(&batch)?.into_array(1)?;
            if arrays::cell(&holds, ColumnType::Boolean, 0) != Cell::Boolean(true) {
                return Ok(None);
            }
        }
        let mut new = held.to_vec();
        new.resize(definition.columns.len(), Cell::Null);
        for (position, expression) in &self.assignments {
            let column = &definition.columns[*position];
            let value = expression.evaluate(&batch)?.into_array(1)?;
            let value = arrays::convert(&value, &column.name, column.column_type)?;
            new[*position] = arrays::cell(&value, column.column_type, 0);
        }
        Ok(Some(new))
    }
}

/// Lets a column without a qualifier mean the row that is there.
fn qualify(expression: &Expr, definition: &TableDefinition) -> Expr {
    let mut expression = expression.clone();
    let _ = visit_expressions_mut(&mut expression, |part| {
        if let Expr::Identifier(name) = part
            && definition.column_position(&identifier(name)).is_some()
        {
            *part = Expr::CompoundIdentifier(vec![Ident::with_quote('"', &definition.name), name.clone()]);
        }
        ControlFlow::<()>::Continue(())
    });
    expression
}

/// The position of the column that an assignment sets.
///
/// # Errors
/// [`SqlError::UnknownColumn`], [`SqlError::Unsupported`]
pub(crate) fn assigned_position(assignment: &Assignment, definition: &TableDefinition) -> Result<usize, SqlError> {
    let AssignmentTarget::ColumnName(name) = &assignment.target else {
        return Err(SqlError::Unsupported {
            what: "setting several columns at once".to_owned(),
            instead: "set them one by one",
        });
    };
    let column = name.0.last().and_then(|part| part.as_ident()).map(identifier).unwrap_or_default();
    match target::given_column(definition, &column)? {
        Given::Cell(position) => Ok(position),
        Given::Time(_) => Err(SqlError::Unsupported {
            what: format!("setting {column}"),
            instead: "write UPDATE t FOR PORTION OF VALID_TIME FROM a TO b SET ...",
        }),
    }
}
