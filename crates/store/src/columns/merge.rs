//! Rewriting files: rows closed since are told so, small files become one, and everything is in order of key again.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, new_null_array};
use arrow::compute::{
    SortColumn, SortOptions, concat_batches, filter_record_batch, is_not_null, is_null, lexsort_to_indices,
    take_record_batch,
};
use arrow::datatypes::{Int64Type, SchemaRef};
use arrow::error::ArrowError;
use grounds_core::{ColumnType, TableDefinition};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;

use crate::StoreError;
use crate::columns::file::{ClosedRow, ColumnFile};
use crate::columns::schema::{ROW_NUMBER, SYSTEM_TO, file_schema};
use crate::error::ParquetContext;

/// Rows read at a time.
const BATCH_ROW_COUNT: usize = 1 << 16;

/// The rows of some files in order of key and number: those still known, and those closed.
///
/// Cost: the rows of all `files` are in memory at once, twice.
pub(crate) fn merge(
    table: &TableDefinition,
    files: &[(Arc<ColumnFile>, Vec<ClosedRow>)],
) -> Result<(RecordBatch, RecordBatch), StoreError> {
    let schema = file_schema(table);
    let mut batches = Vec::new();
    for (file, closed) in files {
        read(file, closed, &schema, &mut batches)?;
    }
    let merged = arrow_step(|| {
        let all = concat_batches(&schema, &batches)?;
        batches.clear();
        let ordered = in_order(table, all)?;
        let system_to = column(&ordered, SYSTEM_TO)?;
        Ok((
            filter_record_batch(&ordered, &is_null(system_to)?)?,
            filter_record_batch(&ordered, &is_not_null(system_to)?)?,
        ))
    })?;
    Ok(merged)
}

/// Reads a file as batches of `schema`, with `closed` rows marked as such.
fn read(
    file: &ColumnFile,
    closed: &[ClosedRow],
    schema: &SchemaRef,
    batches: &mut Vec<RecordBatch>,
) -> Result<(), StoreError> {
    let arrow = ArrowReaderMetadata::try_new(file.metadata()?, ArrowReaderOptions::new()).while_("reading columns")?;
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file.bytes()?, arrow)
        .with_batch_size(BATCH_ROW_COUNT)
        .build()
        .while_("reading columns")?;
    let mut start = 0;
    for batch in reader {
        let end = start + batch.as_ref().map_or(0, RecordBatch::num_rows);
        let from = closed.partition_point(|row| (row.position as usize) < start);
        let to = closed.partition_point(|row| (row.position as usize) < end);
        batches.push(arrow_step(|| conform(&batch?, &closed[from..to], start, schema))?);
        start = end;
    }
    Ok(())
}

/// A batch of an older file with the columns added since, and with `closed` rows closed.
fn conform(
    batch: &RecordBatch,
    closed: &[ClosedRow],
    start: usize,
    schema: &SchemaRef,
) -> Result<RecordBatch, ArrowError> {
    let arrays = schema.fields().iter().map(|field| match batch.column_by_name(field.name()) {
        None => Ok(new_null_array(field.data_type(), batch.num_rows())),
        Some(column) if field.name() == SYSTEM_TO && !closed.is_empty() => {
            let own = column.as_primitive_opt::<Int64Type>();
            let own = own.ok_or_else(|| ArrowError::SchemaError(format!("{SYSTEM_TO} is no number")))?;
            let mut values: Vec<Option<i64>> = own.iter().collect();
            for row in closed {
                values[row.position as usize - start] = i64::try_from(row.known_to.0).ok();
            }
            Ok(Arc::new(Int64Array::from(values)) as ArrayRef)
        }
        Some(column) => Ok(Arc::clone(column)),
    });
    RecordBatch::try_new(Arc::clone(schema), arrays.collect::<Result<Vec<_>, ArrowError>>()?)
}

/// Sorts by key, then by number. What cannot be sorted by stays as it is: the order helps, nothing depends on it.
fn in_order(table: &TableDefinition, batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
    let options = Some(SortOptions { descending: false, nulls_first: true });
    let keys = table.primary_key.iter().filter_map(|position| table.columns.get(*position));
    let mut columns = Vec::new();
    for key in keys {
        if matches!(key.column_type, ColumnType::Vector { .. }) {
            return Ok(batch);
        }
        columns.push(SortColumn { values: Arc::clone(column(&batch, &key.name)?), options });
    }
    columns.push(SortColumn { values: Arc::clone(column(&batch, ROW_NUMBER)?), options });
    let order = lexsort_to_indices(&columns, None)?;
    if order.values().windows(2).all(|pair| pair[0] < pair[1]) {
        return Ok(batch);
    }
    take_record_batch(&batch, &order)
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, ArrowError> {
    batch.column_by_name(name).ok_or_else(|| ArrowError::SchemaError(format!("the column {name} is missing")))
}

fn arrow_step<T>(step: impl FnOnce() -> Result<T, ArrowError>) -> Result<T, StoreError> {
    step().map_err(ParquetError::from).while_("merging columns")
}
