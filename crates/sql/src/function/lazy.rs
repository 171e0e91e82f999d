//! A table that is computed when it is read, not when it is planned.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties};
use grounds_core::{Cell, ColumnType};

use crate::SqlError;
use crate::arrays::ColumnBuilder;
use crate::error::external;
use crate::types::arrow_type;

/// Computes the whole table.
pub(crate) type Compute = Arc<dyn Fn() -> std::result::Result<RecordBatch, SqlError> + Send + Sync>;

/// The table.
#[derive(Clone)]
pub(crate) struct LazyTable {
    /// What it is, for `EXPLAIN`.
    pub(crate) label: String,
    pub(crate) schema: SchemaRef,
    pub(crate) compute: Compute,
}

impl fmt::Debug for LazyTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

#[async_trait]
impl TableProvider for LazyTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(positions) => Arc::new(self.schema.project(positions)?),
            None => Arc::clone(&self.schema),
        };
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        ));
        Ok(Arc::new(LazyScan { table: self.clone(), projection: projection.cloned(), limit, schema, properties }))
    }
}

/// The scan of a [`LazyTable`].
#[derive(Debug)]
struct LazyScan {
    table: LazyTable,
    projection: Option<Vec<usize>>,
    limit: Option<usize>,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl DisplayAs for LazyScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FunctionScan: {}", self.table.label)?;
        match self.limit {
            Some(limit) => write!(f, ", limit={limit}"),
            None => Ok(()),
        }
    }
}

impl ExecutionPlan for LazyScan {
    fn name(&self) -> &str {
        "FunctionScan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, _: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let mut stream = RecordBatchReceiverStream::builder(Arc::clone(&self.schema), 1);
        let sender = stream.tx();
        let (compute, projection, limit) = (Arc::clone(&self.table.compute), self.projection.clone(), self.limit);
        stream.spawn_blocking(move || {
            let mut batch = compute().map_err(external)?;
            if let Some(positions) = projection {
                batch = batch.project(&positions)?;
            }
            if let Some(limit) = limit {
                batch = batch.slice(0, limit.min(batch.num_rows()));
            }
            // Whoever waited may have gone.
            let _ = sender.blocking_send(Ok(batch));
            Ok(())
        });
        Ok(stream.build())
    }
}

/// The columns of a function's table.
pub(crate) fn schema(columns: &[(&str, ColumnType)]) -> SchemaRef {
    let fields: Vec<Field> =
        columns.iter().map(|(name, column_type)| Field::new(*name, arrow_type(*column_type), true)).collect();
    Arc::new(Schema::new(fields))
}

/// Rows of cells as a batch.
///
/// # Errors
/// [`SqlError::Engine`] where the cells are not of the columns' types.
pub(crate) fn batch(
    schema: &SchemaRef,
    types: &[ColumnType],
    rows: &[Vec<Cell>],
) -> std::result::Result<RecordBatch, SqlError> {
    let column = |(at, column_type): (usize, &ColumnType)| {
        let mut builder = ColumnBuilder::new(*column_type, rows.len());
        rows.iter().for_each(|row| builder.push(row.get(at).unwrap_or(&Cell::Null)));
        builder.finish()
    };
    let arrays = types.iter().enumerate().map(column).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let batch = RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options);
    Ok(batch.map_err(datafusion::error::DataFusionError::from)?)
}
