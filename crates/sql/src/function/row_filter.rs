//! A condition on the columns of one row, given to a table function as text.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, new_null_array};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::Expr;
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use datafusion::parquet::errors::ParquetError;
use datafusion::physical_plan::PhysicalExpr;
use datafusion::sql::planner::{PlannerContext, SqlToRel};
use grounds_core::{Cell, TableDefinition};
use grounds_store::{ColumnFile, RowBits};

use crate::SqlError;
use crate::arrays::{ColumnBuilder, convert};
use crate::context::Context;
use crate::function::arguments::Arguments;
use crate::syntax::parse_expression;
use crate::types::arrow_type;

/// Rows that are looked at together.
const BATCH_ROW_COUNT: usize = 1 << 14;

/// The condition, ready to be computed.
pub(super) struct RowFilter {
    definition: Arc<TableDefinition>,
    /// As a plan over the table has it.
    pub(super) expression: Expr,
    /// The positions in the table of the columns it is about.
    columns: Vec<usize>,
    /// Of these columns.
    schema: SchemaRef,
    condition: Arc<dyn PhysicalExpr>,
}

impl RowFilter {
    /// The condition that `text` states on the columns of `definition`.
    ///
    /// # Errors
    /// [`SqlError::Syntax`]; [`SqlError::Function`] where it is not a condition on the columns of one row.
    pub(super) fn new(
        context: &Context<'_>,
        arguments: &Arguments,
        definition: &Arc<TableDefinition>,
        text: &str,
    ) -> Result<Self, SqlError> {
        let field = |at: &usize| {
            let column = &definition.columns[*at];
            Field::new(&column.name, arrow_type(column.column_type), true)
        };
        let schema_of = |columns: &[usize]| Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        let named = |schema: &SchemaRef| DFSchema::try_from_qualified_schema(definition.name.as_str(), schema);
        let all: Vec<usize> = (0..definition.columns.len()).collect();
        let planner = SqlToRel::new_with_options(context, context.parser_options());
        let whole = named(&schema_of(&all))?;
        let expression = planner.sql_to_expr(parse_expression(text)?, &whole, &mut PlannerContext::new())?;
        let names: HashSet<&str> = expression.column_refs().into_iter().map(|column| column.name.as_str()).collect();
        let columns: Vec<usize> =
            all.into_iter().filter(|at| names.contains(definition.columns[*at].name.as_str())).collect();
        let schema = schema_of(&columns);
        let condition = context.state.create_physical_expr(expression.clone(), &named(&schema)?)?;
        if !matches!(condition.data_type(&schema)?, DataType::Boolean) {
            return Err(arguments.wrong(format!("the filter `{text}` is neither true nor false")));
        }
        Ok(Self { definition: Arc::clone(definition), expression, columns, schema, condition })
    }

    /// The rows of a file of which it is true.
    ///
    /// # Errors
    /// The file is damaged; what cannot be computed.
    pub(super) fn rows_of(&self, file: &ColumnFile) -> Result<RowBits, SqlError> {
        let damaged = |error: ParquetError| SqlError::from(DataFusionError::from(error));
        let metadata = file.metadata()?;
        let descriptor = metadata.file_metadata().schema_descr_ptr();
        let fields = descriptor.root_schema().get_fields().iter().enumerate();
        let is_wanted = |name: &str| self.columns.iter().any(|at| self.definition.columns[*at].name == name);
        let roots: Vec<usize> = fields.filter(|(_, field)| is_wanted(field.name())).map(|(at, _)| at).collect();
        let arrow = ArrowReaderMetadata::try_new(metadata, ArrowReaderOptions::new()).map_err(damaged)?;
        let batches = ParquetRecordBatchReaderBuilder::new_with_metadata(file.bytes()?, arrow)
            .with_projection(ProjectionMask::roots(&descriptor, roots))
            .with_batch_size(BATCH_ROW_COUNT)
            .build()
            .map_err(damaged)?;
        let mut holds = Vec::with_capacity(usize::try_from(file.row_count()).unwrap_or_default());
        for batch in batches {
            let batch = batch.map_err(|error| damaged(error.into()))?;
            let column = |at: &usize| -> Result<ArrayRef, SqlError> {
                let column = &self.definition.columns[*at];
                match batch.column_by_name(&column.name) {
                    Some(array) => convert(array, &column.name, column.column_type),
                    // A file written before a column was added lacks it.
                    None => Ok(new_null_array(&arrow_type(column.column_type), batch.num_rows())),
                }
            };
            let columns = self.columns.iter().map(column).collect::<Result<Vec<_>, _>>()?;
            holds.extend(self.holds(columns, batch.num_rows())?);
        }
        Ok(RowBits::of(holds.len(), |row| holds[row]))
    }

    /// Whether it is true of a row.
    ///
    /// # Errors
    /// What cannot be computed.
    pub(super) fn is_true_of(&self, cells: &[Cell]) -> Result<bool, SqlError> {
        let column = |at: &usize| {
            let mut builder = ColumnBuilder::new(self.definition.columns[*at].column_type, 1);
            builder.push(cells.get(*at).unwrap_or(&Cell::Null));
            builder.finish()
        };
        Ok(self.holds(self.columns.iter().map(column).collect(), 1)?.first().is_some_and(|holds| *holds))
    }

    /// One that is neither true nor false does not hold, as in WHERE.
    fn holds(&self, columns: Vec<ArrayRef>, row_count: usize) -> Result<Vec<bool>, SqlError> {
        let options = RecordBatchOptions::new().with_row_count(Some(row_count));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options);
        let values = self.condition.evaluate(&batch.map_err(DataFusionError::from)?)?.into_array(row_count)?;
        let values = values.as_boolean();
        Ok((0..row_count).map(|row| values.is_valid(row) && values.value(row)).collect())
    }
}
