//! Statements that read: plan, compute, collect.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use datafusion::sql::sqlparser::ast::{Query, Statement};
use futures::StreamExt;

use crate::context::{Context, Relation};
use crate::session::StatementResult;
use crate::syntax::Parsed;
use crate::{Rows, Session, SqlError, dialect};

/// Runs a query, or explains one.
pub(crate) async fn run(
    session: &mut Session,
    parsed: &Parsed,
    tag: &'static str,
) -> Result<StatementResult, SqlError> {
    if let Statement::Explain { statement, .. } = &parsed.statement
        && !matches!(**statement, Statement::Query(_))
    {
        return Err(SqlError::Unsupported {
            what: "EXPLAIN of a statement that changes something".to_owned(),
            instead: "explain a SELECT with the same WHERE",
        });
    }
    let stream = stream(session, parsed, parsed.statement.clone(), HashMap::new()).await?;
    Ok(StatementResult::rows(tag, collect(stream).await?))
}

/// Plans a query and begins to compute it. `relations` are read besides those that the statement names.
pub(crate) async fn stream(
    session: &Session,
    parsed: &Parsed,
    statement: Statement,
    relations: HashMap<String, Relation>,
) -> Result<SendableRecordBatchStream, SqlError> {
    let plan = plan(session, parsed, statement, relations)?;
    start(session, plan).await
}

/// Plans a query.
pub(crate) fn plan(
    session: &Session,
    parsed: &Parsed,
    statement: Statement,
    relations: HashMap<String, Relation>,
) -> Result<LogicalPlan, SqlError> {
    let reader = session.reader()?;
    let standpoint = session.standpoint(&reader, session.transaction.as_ref());
    let database = &session.database;
    let mut context =
        Context::new(&database.state, standpoint, &database.functions, &parsed.timed, &parsed.time_columns)?;
    context.relations.extend(relations);
    context.plan(statement)
}

/// Optimises a plan and begins to compute it.
pub(crate) async fn start(session: &Session, plan: LogicalPlan) -> Result<SendableRecordBatchStream, SqlError> {
    let state = &session.database.state;
    let physical = state.create_physical_plan(&plan).await?;
    Ok(execute_stream(physical, state.task_ctx())?)
}

/// All rows of a stream.
pub(crate) async fn collect(mut stream: SendableRecordBatchStream) -> Result<Rows, SqlError> {
    let schema = dialect::restore_select_names(&stream.schema());
    let mut batches = Vec::new();
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        if batch.num_rows() > 0 {
            batches.push(
                RecordBatch::try_new(Arc::clone(&schema), batch.columns().to_vec()).map_err(DataFusionError::from)?,
            );
        }
    }
    Ok(Rows { schema, batches })
}

/// A query as a statement.
pub(crate) fn statement(query: &Query) -> Statement {
    Statement::Query(Box::new(query.clone()))
}
