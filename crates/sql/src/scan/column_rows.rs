//! A few rows of a column file, by their positions.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::error::DataFusionError;
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use datafusion::parquet::errors::ParquetError;
use grounds_core::{Cell, TableDefinition};
use grounds_store::{ColumnFile, ROW_NUMBER};

use crate::SqlError;
use crate::arrays::{cell, convert};

/// The number and the cells of each row at `positions`, which are in order.
///
/// # Errors
/// The file is damaged.
pub(crate) fn rows_at(
    definition: &TableDefinition,
    file: &Arc<ColumnFile>,
    positions: &[u32],
) -> Result<Vec<(u64, Vec<Cell>)>, SqlError> {
    let damaged = |error: ParquetError| SqlError::from(DataFusionError::from(error));
    let metadata = file.metadata()?;
    let row_count = usize::try_from(file.row_count()).unwrap_or(usize::MAX);
    let ranges = positions.iter().map(|position| *position as usize..*position as usize + 1);
    let selection = RowSelection::from_consecutive_ranges(ranges, row_count);
    let schema = metadata.file_metadata().schema_descr();
    let names = definition.columns.iter().map(|column| column.name.as_str());
    let is_wanted = |name: &str| name == ROW_NUMBER || names.clone().any(|own| own == name);
    let fields = schema.root_schema().get_fields().iter().enumerate();
    let roots: Vec<usize> = fields.filter(|(_, field)| is_wanted(field.name())).map(|(at, _)| at).collect();
    let mask = ProjectionMask::roots(schema, roots);
    let arrow = ArrowReaderMetadata::try_new(metadata, ArrowReaderOptions::new()).map_err(damaged)?;
    let batches = ParquetRecordBatchReaderBuilder::new_with_metadata(file.bytes()?, arrow)
        .with_projection(mask)
        .with_row_selection(selection)
        .build()
        .map_err(damaged)?;
    let mut rows = Vec::with_capacity(positions.len());
    for batch in batches {
        let batch = batch.map_err(|error| damaged(error.into()))?;
        // A file written before a column was added lacks it.
        let column = |column: &grounds_core::ColumnDefinition| -> Result<Option<ArrayRef>, SqlError> {
            let array = batch.column_by_name(&column.name);
            array.map(|array| convert(array, &column.name, column.column_type)).transpose()
        };
        let columns = definition.columns.iter().map(column).collect::<Result<Vec<_>, _>>()?;
        let numbers = batch.column_by_name(ROW_NUMBER).and_then(|numbers| numbers.as_primitive_opt::<Int64Type>());
        for row in 0..batch.num_rows() {
            let of_column = |(array, column): (&Option<ArrayRef>, &grounds_core::ColumnDefinition)| {
                array.as_ref().map_or(Cell::Null, |array| cell(array, column.column_type, row))
            };
            let cells = columns.iter().zip(&definition.columns).map(of_column).collect();
            let number = numbers.map_or(0, |numbers| u64::try_from(numbers.value(row)).unwrap_or_default());
            rows.push((number, cells));
        }
    }
    Ok(rows)
}
