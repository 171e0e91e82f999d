//! The scan over column files: Parquet where rows are sealed, batches in memory where they are newer.

use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::stats::Precision;
use datafusion::common::{DFSchema, ScalarValue, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::parquet::ParquetAccessPlan;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::execution::context::ExecutionProps;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::utils::conjunction;
use datafusion::parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use datafusion::physical_expr::expressions::{Column as ColumnExpr, Literal, case, is_null};
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{ExecutionPlan, Partitioning};
use grounds_core::{Cell, TableDefinition, days_of};
use grounds_store::{
    ColumnFile, ColumnScan, RowPiece, SYSTEM_FROM, SYSTEM_TO, ScannedFile, Share, TableRef, VALID_FROM, VALID_TO,
};
use jiff::civil::Date;

use crate::arrays::ColumnBuilder;
use crate::catalog::{Column, ColumnSource, Source, TimeColumn};
use crate::error::external;
use crate::scan::Readable;
use crate::scan::column_file::{Carried, ColumnFiles, statistics};
use crate::scan::column_time::{is_selected, valid_share};
use crate::time::SystemTime;
use crate::types::arrow_type;

/// The plan that reads `readable` from column files; `None` where it has to be read from the store's rows: there is no generation that has
/// the table, rows were changed by the open transaction, or the history of what was known is asked for.
///
/// The plan gives the columns of `projection`, in that order, of the rows that pass `filters`. A row may be left out beyond `limit`.
///
/// # Errors
/// The store cannot be read.
pub(crate) fn plan(
    readable: &Readable,
    projection: Option<&Vec<usize>>,
    filters: &[Expr],
    limit: Option<usize>,
    partition_count: usize,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if readable.changes.is_some() || !matches!(readable.time.system, SystemTime::AsOf(_)) {
        return Ok(None);
    }
    let table = match &readable.source {
        Source::Declared(definition) => TableRef::Declared(definition),
        Source::BuiltIn(table) => TableRef::BuiltIn(*table),
        Source::Commits(_) => return Ok(None),
    };
    let output: Vec<usize> = match projection {
        Some(positions) => positions.clone(),
        None => (0..readable.shape.columns.len()).collect(),
    };
    let needed = needed_columns(readable, &output, filters);
    let Some(layout) = Layout::new(&table.definition(), &readable.shape.columns, &needed) else { return Ok(None) };
    let Some(scan) = readable.reader.column_scan(table).map_err(external)? else { return Ok(None) };

    let mut parts = Vec::new();
    let valid = readable.time.valid;
    let shares = scan.files.iter().map(|file| (file, valid_share(file, valid)));
    let (sure, unsure): (Vec<_>, Vec<_>) = shares
        .filter(|(_, share)| *share != Share::Nothing)
        .partition(|(file, share)| *share == Share::Everything && file.known == Share::Everything);
    let limit = limit.filter(|_| filters.is_empty());
    for (files, is_sure) in [(sure, true), (unsure, false)] {
        if !files.is_empty() {
            let files: Vec<&ScannedFile> = files.into_iter().map(|(file, _)| file).collect();
            let predicate = (!is_sure).then(|| is_selected(valid, readable.time.system.snapshot()));
            parts.push(layout.read(&files, predicate, limit, partition_count)?);
        }
    }
    if parts.is_empty() || scan.tail().next().is_some() {
        parts.push(layout.tail(readable, &scan)?);
    }
    let all = UnionExec::try_new(parts)?;
    finish(all, readable, &output, filters).map(Some)
}

/// The columns to read: those of the output, and those that filters look at.
fn needed_columns(readable: &Readable, output: &[usize], filters: &[Expr]) -> Vec<usize> {
    let names: Vec<String> = filters.iter().flat_map(Expr::column_refs).map(|column| column.name.clone()).collect();
    let mut needed = output.to_vec();
    for (position, column) in readable.shape.columns.iter().enumerate() {
        if names.contains(&column.name) && !needed.contains(&position) {
            needed.push(position);
        }
    }
    needed.sort_unstable();
    needed.dedup();
    needed
}

/// Filters the rows and puts the columns in order.
fn finish(
    plan: Arc<dyn ExecutionPlan>,
    readable: &Readable,
    output: &[usize],
    filters: &[Expr],
) -> Result<Arc<dyn ExecutionPlan>> {
    let plan = match conjunction(filters.iter().cloned()) {
        None => plan,
        Some(filter) => {
            let filter = physical(&filter, &plan.schema())?;
            Arc::new(FilterExec::try_new(filter, plan)?)
        }
    };
    let schema = plan.schema();
    let names = output.iter().map(|position| readable.shape.columns[*position].name.as_str());
    if names.clone().eq(schema.fields().iter().map(|field| field.name().as_str())) {
        return Ok(plan);
    }
    let columns = names.map(|name| Ok((column(&schema, name)?, name.to_owned())));
    Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Result<Vec<_>>>()?, plan)?))
}

fn physical(expression: &Expr, schema: &SchemaRef) -> Result<Arc<dyn PhysicalExpr>> {
    let named = DFSchema::try_from(Arc::clone(schema))?;
    create_physical_expr(expression, &named, &ExecutionProps::new(), &PhysicalPlanningContext::default())
}

fn column(schema: &Schema, name: &str) -> Result<Arc<dyn PhysicalExpr>> {
    Ok(Arc::new(ColumnExpr::new_with_schema(name, schema)?))
}

/// Where the columns of a scan are in its files.
struct Layout {
    /// All columns of the files, in the types in which they are computed.
    files: SchemaRef,
    /// The columns that the scan reads, in the order of the table.
    columns: Vec<Column>,
    /// Their places in `files`.
    places: Vec<usize>,
    /// As the table's shape has them.
    schema: SchemaRef,
}

impl Layout {
    /// `None` where a needed column is in no file.
    fn new(definition: &TableDefinition, columns: &[Column], needed: &[usize]) -> Option<Self> {
        let field = |name: &str, data_type, nullable| Field::new(name, data_type, nullable);
        let mut fields: Vec<Field> = definition
            .columns
            .iter()
            .map(|column| field(&column.name, arrow_type(column.column_type), column.nullable))
            .collect();
        fields.extend([
            field(VALID_FROM, DataType::Date32, true),
            field(VALID_TO, DataType::Date32, true),
            field(SYSTEM_FROM, DataType::Int64, false),
            field(SYSTEM_TO, DataType::Int64, true),
        ]);
        let files = Schema::new(fields);
        let columns: Vec<Column> = needed.iter().map(|position| columns[*position].clone()).collect();
        let mut places = Vec::with_capacity(columns.len());
        for column in &columns {
            if column.source == ColumnSource::Key {
                return None;
            }
            places.push(files.index_of(&column.name).ok()?);
        }
        let schema: Vec<Field> =
            columns.iter().map(|column| field(&column.name, arrow_type(column.column_type), column.nullable)).collect();
        Some(Self { files: Arc::new(files), columns, places, schema: Arc::new(Schema::new(schema)) })
    }

    /// Reads files without their masked rows; with `predicate`, only rows that pass it.
    fn read(
        &self,
        files: &[&ScannedFile],
        predicate: Option<Expr>,
        limit: Option<usize>,
        partition_count: usize,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut source =
            ParquetSource::new(Arc::clone(&self.files)).with_parquet_file_reader_factory(Arc::new(ColumnFiles));
        if let Some(predicate) = &predicate {
            source = source.with_predicate(physical(predicate, &self.files)?).with_pushdown_filters(true);
        }
        let groups = file_groups(files, partition_count)?;
        let partitioning = Partitioning::UnknownPartitioning(groups.len());
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
            .with_statistics(self.statistics(files)?)
            .with_file_groups(groups)
            .with_output_partitioning(Some(partitioning))
            .with_limit(limit.filter(|_| predicate.is_none()))
            .with_projection_indices(Some(self.places.clone()))?
            .build();
        self.as_the_table_has_them(DataSourceExec::from_data_source(config))
    }

    /// Days since ever, and ends that a file does not know or a reader does not see yet, as the table shows them.
    fn as_the_table_has_them(&self, plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        let differs =
            |column: &Column| matches!(column.source, ColumnSource::Time(TimeColumn::ValidFrom | TimeColumn::SystemTo));
        if !self.columns.iter().any(differs) {
            return Ok(plan);
        }
        let schema = plan.schema();
        let mut expressions: Vec<(Arc<dyn PhysicalExpr>, String)> = Vec::with_capacity(self.columns.len());
        for wanted in &self.columns {
            let expression = match wanted.source {
                ColumnSource::Time(TimeColumn::ValidFrom) => {
                    let own = column(&schema, VALID_FROM)?;
                    let ever: Arc<dyn PhysicalExpr> =
                        Arc::new(Literal::new(ScalarValue::Date32(Some(days_of(Date::MIN)))));
                    case(None, vec![(is_null(Arc::clone(&own))?, ever)], Some(own))?
                }
                // What is known at a snapshot is still known there.
                ColumnSource::Time(TimeColumn::SystemTo) => Arc::new(Literal::new(ScalarValue::Int64(None))),
                _ => column(&schema, &wanted.name)?,
            };
            expressions.push((expression, wanted.name.clone()));
        }
        Ok(Arc::new(ProjectionExec::try_new(expressions, plan)?))
    }

    /// The rows that are in no file.
    fn tail(&self, readable: &Readable, scan: &ColumnScan) -> Result<Arc<dyn ExecutionPlan>> {
        let rows = scan.tail().filter(|piece| readable.time.valid.includes(piece.validity));
        let rows: Vec<&RowPiece> = rows.collect();
        let array = |(column, place): (&Column, &usize)| {
            let mut builder = ColumnBuilder::new(column.column_type, rows.len());
            for piece in &rows {
                match column.source {
                    ColumnSource::Time(TimeColumn::ValidFrom) => {
                        builder.push(&Cell::Date(days_of(piece.validity.from)));
                    }
                    ColumnSource::Time(TimeColumn::ValidTo) => {
                        builder.push(&piece.validity.to.map_or(Cell::Null, |to| Cell::Date(days_of(to))));
                    }
                    ColumnSource::Time(TimeColumn::SystemFrom) => {
                        builder.push(&Cell::Integer(i64::try_from(piece.known_from.0).unwrap_or(i64::MAX)));
                    }
                    ColumnSource::Time(TimeColumn::SystemTo) => builder.push(&Cell::Null),
                    // A table's own columns come first in its files.
                    _ => builder.push(piece.cells.get(*place).unwrap_or(&Cell::Null)),
                }
            }
            builder.finish()
        };
        let arrays = self.columns.iter().zip(&self.places).map(array).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)?;
        Ok(MemorySourceConfig::try_new_exec(&[vec![batch]], Arc::clone(&self.schema), None)?)
    }

    /// What is known of the rows of `files` but the masked ones.
    fn statistics(&self, files: &[&ScannedFile]) -> Result<Statistics> {
        let of_each = files.iter().map(|scanned| {
            let all = statistics(&scanned.file, &self.files)?;
            if scanned.masked.is_empty() {
                return Ok(all);
            }
            let row_count = usize::try_from(scanned.file.row_count()).unwrap_or(usize::MAX) - scanned.masked.len();
            Ok(Statistics { num_rows: Precision::Exact(row_count), ..all.to_inexact() })
        });
        Statistics::try_merge_iter(&of_each.collect::<Result<Vec<_>>>()?, &self.files)
    }
}

/// The row groups of `files`, shared out to at most `partition_count` partitions of about equal size.
fn file_groups(files: &[&ScannedFile], partition_count: usize) -> Result<Vec<FileGroup>> {
    let row_count: u64 = files.iter().map(|scanned| scanned.file.row_count()).sum();
    let share = row_count.div_ceil(partition_count.max(1) as u64).max(1);
    let mut groups: Vec<Vec<PartitionedFile>> = Vec::new();
    let mut position = 0;
    for scanned in files {
        let metadata = scanned.file.metadata().map_err(external)?;
        let mut plans: Vec<(usize, ParquetAccessPlan)> = Vec::new();
        let mut start = 0;
        for (group, of_group) in metadata.row_groups().iter().enumerate() {
            let group_row_count = usize::try_from(of_group.num_rows()).unwrap_or_default();
            let partition = usize::try_from(position / share).unwrap_or_default();
            if plans.last().is_none_or(|(last, _)| *last != partition) {
                plans.push((partition, ParquetAccessPlan::new_none(metadata.num_row_groups())));
            }
            if let Some((_, plan)) = plans.last_mut() {
                plan.scan(group);
                if let Some(selection) = selection(&scanned.masked, start, group_row_count) {
                    plan.scan_selection(group, selection);
                }
            }
            start += group_row_count;
            position += group_row_count as u64;
        }
        for (partition, plan) in plans {
            groups.resize_with(groups.len().max(partition + 1), Vec::new);
            groups[partition].push(partitioned(&scanned.file, plan));
        }
    }
    groups.retain(|group| !group.is_empty());
    Ok(groups.into_iter().map(FileGroup::new).collect())
}

fn partitioned(file: &Arc<ColumnFile>, plan: ParquetAccessPlan) -> PartitionedFile {
    // As `EXPLAIN` shows it: the generation and the file.
    let path = file.path();
    let names: Vec<_> = path.iter().rev().take(2).map(|name| name.to_string_lossy()).collect();
    let name = names.iter().rev().map(AsRef::as_ref).collect::<Vec<&str>>().join("/");
    PartitionedFile::new(name, file.byte_count()).with_extension(plan).with_extension(Carried(Arc::clone(file)))
}

/// The rows of a row group without the masked ones; `None` where none is masked.
fn selection(masked: &[u32], start: usize, row_count: usize) -> Option<RowSelection> {
    let end = start + row_count;
    let from = masked.partition_point(|position| (*position as usize) < start);
    let to = masked.partition_point(|position| (*position as usize) < end);
    if from == to {
        return None;
    }
    let mut selectors = Vec::with_capacity((to - from) * 2 + 1);
    let mut next = start;
    for position in &masked[from..to] {
        let position = *position as usize;
        if position > next {
            selectors.push(RowSelector::select(position - next));
        }
        selectors.push(RowSelector::skip(1));
        next = position + 1;
    }
    if end > next {
        selectors.push(RowSelector::select(end - next));
    }
    Some(RowSelection::from(selectors))
}
