//! Column files as the Parquet reader asks for them: bytes that are mapped already, and footers that are parsed already.

use std::ops::Range;
use std::sync::Arc;

use datafusion::common::Statistics;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::metadata::DFParquetMetadata;
use datafusion::datasource::physical_plan::parquet::{ParquetFileMetrics, ParquetFileReaderFactory};
use datafusion::error::Result;
use datafusion::parquet::arrow::arrow_reader::ArrowReaderOptions;
use datafusion::parquet::arrow::async_reader::AsyncFileReader;
use datafusion::parquet::errors::{ParquetError, Result as ParquetResult};
use datafusion::parquet::file::metadata::ParquetMetaData;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use grounds_store::ColumnFile;

use datafusion::arrow::datatypes::SchemaRef;

use crate::error::external;

/// Opens the files that partitions carry with them.
#[derive(Debug)]
pub(crate) struct ColumnFiles;

/// A column file as an extension of a [`PartitionedFile`].
pub(crate) struct Carried(pub(crate) Arc<ColumnFile>);

impl ParquetFileReaderFactory for ColumnFiles {
    fn create_reader(
        &self,
        partition_index: usize,
        partitioned_file: PartitionedFile,
        _: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let name = partitioned_file.object_meta.location.as_ref();
        let metrics = ParquetFileMetrics::new(partition_index, name, metrics);
        let file = partitioned_file.extension::<Carried>().map(|carried| Arc::clone(&carried.0));
        let file = file.ok_or_else(|| {
            datafusion::error::DataFusionError::Internal(format!("{name} is read as what it is not: a column file"))
        })?;
        Ok(Box::new(FileReader { file, metrics }))
    }
}

struct FileReader {
    file: Arc<ColumnFile>,
    metrics: ParquetFileMetrics,
}

impl AsyncFileReader for FileReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, ParquetResult<bytes::Bytes>> {
        let read = || {
            let bytes = self.file.bytes().map_err(|error| ParquetError::External(Box::new(error)))?;
            let bounds = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
            let (start, end) = bounds.filter(|(start, end)| start <= end && *end <= bytes.len()).ok_or_else(|| {
                ParquetError::EOF(format!("bytes {} to {} of {}", range.start, range.end, bytes.len()))
            })?;
            self.metrics.bytes_scanned.add(end - start);
            Ok(bytes.slice(start..end))
        };
        ready(read()).boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, ParquetResult<Arc<ParquetMetaData>>> {
        ready(self.file.metadata().map_err(|error| ParquetError::External(Box::new(error)))).boxed()
    }
}

/// What was computed of a file for one schema.
struct KnownStatistics {
    schema: SchemaRef,
    statistics: Statistics,
}

/// The statistics of all rows of a file, seen with `schema`. Computed once for each open store.
///
/// # Errors
/// The file is damaged.
pub(crate) fn statistics(file: &ColumnFile, schema: &SchemaRef) -> Result<Statistics> {
    let known = file.remembered::<KnownStatistics>();
    if let Some(known) = known.filter(|known| known.schema == *schema) {
        return Ok(known.statistics.clone());
    }
    let metadata = file.metadata().map_err(external)?;
    let statistics = DFParquetMetadata::statistics_from_parquet_metadata(&metadata, schema)?;
    file.remember(Arc::new(KnownStatistics { schema: Arc::clone(schema), statistics: statistics.clone() }));
    Ok(statistics)
}
