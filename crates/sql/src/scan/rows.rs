//! The scan over the store's own rows: piece by piece, into batches.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::array::RecordBatchOptions;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::memory::MemoryStream;
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties};
use grounds_core::{Cell, Row, Snapshot, Validity, days_of};
use grounds_store::{KnownTime, Reader, StoreError};

use crate::arrays::ColumnBuilder;
use crate::built_in::{self, Texts};
use crate::catalog::{Column, ColumnSource, Source, TimeColumn};
use crate::error::external;
use crate::scan::keys::Keys;
use crate::scan::test::Test;
use crate::scan::{ChangedRows, Readable};
use crate::time::SystemTime;

/// How many rows a batch has at most.
const BATCH_ROW_COUNT: usize = 8192;
/// How many batches wait for the reader of a scan.
const BATCHES_AHEAD: usize = 2;

/// One piece of a row while it is visited.
pub(crate) struct Piece<'a> {
    pub(crate) key: &'a [u8],
    /// Its number; of a row that is not committed, one beyond all others.
    pub(crate) number: u64,
    pub(crate) validity: Validity,
    /// `None` for a row that is not committed.
    pub(crate) known_from: Option<Snapshot>,
    pub(crate) known_to: Option<Snapshot>,
    pub(crate) content: Content<'a>,
}

/// What a row holds, in the form in which it was read.
pub(crate) enum Content<'a> {
    Cells(&'a [Cell]),
    BuiltIn(&'a Row),
    Commit(&'a grounds_store::LogEntry),
}

impl Piece<'_> {
    /// The cell of a column.
    pub(crate) fn cell(&self, source: ColumnSource, reader: &Reader, texts: &mut Texts) -> Result<Cell, StoreError> {
        let snapshot = |snapshot: Option<Snapshot>| {
            snapshot.map_or(Cell::Null, |snapshot| Cell::Integer(i64::try_from(snapshot.0).unwrap_or(i64::MAX)))
        };
        Ok(match source {
            ColumnSource::Cell(position) => match self.content {
                Content::Cells(cells) => cells.get(position).cloned().unwrap_or(Cell::Null),
                Content::BuiltIn(row) => built_in::cell(row, position, reader, texts)?,
                Content::Commit(entry) => built_in::commit_cell(entry, position),
            },
            ColumnSource::Time(TimeColumn::ValidFrom) => Cell::Date(days_of(self.validity.from)),
            ColumnSource::Time(TimeColumn::ValidTo) => {
                self.validity.to.map_or(Cell::Null, |to| Cell::Date(days_of(to)))
            }
            ColumnSource::Time(TimeColumn::SystemFrom) => snapshot(self.known_from),
            ColumnSource::Time(TimeColumn::SystemTo) => snapshot(self.known_to),
            ColumnSource::Key => Cell::Binary(self.key.to_vec()),
        })
    }
}

/// Visits every piece of `readable` in `keys` that its time selects.
///
/// # Errors
/// Those of the store, and of `visit`.
pub(crate) fn visit_pieces(
    readable: &Readable,
    keys: &Keys,
    visit: &mut dyn FnMut(&Piece<'_>) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    let time = readable.time;
    let known = match time.system {
        SystemTime::AsOf(_) => KnownTime::AtSnapshot,
        SystemTime::Overlapping { .. } | SystemTime::All(_) => KnownTime::All,
    };
    let is_selected = |validity: Validity, known_from: Snapshot, known_to: Option<Snapshot>| {
        time.valid.includes(validity) && time.system.includes(known_from, known_to)
    };
    match &readable.source {
        Source::Declared(definition) => {
            let none = ChangedRows::new();
            let changes = readable.changes.as_deref().unwrap_or(&none);
            let mut goes_on = true;
            if let Some(range) = keys.range() {
                readable.reader.visit_rows(definition, range, known, &mut |row| {
                    let is_changed = !changes.is_empty() && row.known_to.is_none() && changes.contains_key(&row.key);
                    if is_changed || !is_selected(row.validity, row.known_from, row.known_to) {
                        return Ok(ControlFlow::Continue(()));
                    }
                    let flow = visit(&Piece {
                        key: &row.key,
                        number: row.number,
                        validity: row.validity,
                        known_from: Some(row.known_from),
                        known_to: row.known_to,
                        content: Content::Cells(&row.cells),
                    })?;
                    goes_on = flow.is_continue();
                    Ok(flow)
                })?;
            }
            if goes_on { visit_changed(readable, changes, visit) } else { Ok(()) }
        }
        Source::BuiltIn(table) => readable.reader.visit_built_in(*table, known, &mut |row| {
            if !is_selected(row.validity, row.known_from, row.known_to) {
                return Ok(ControlFlow::Continue(()));
            }
            visit(&Piece {
                key: row.key.as_bytes(),
                number: row.number,
                validity: row.validity,
                known_from: Some(row.known_from),
                known_to: row.known_to,
                content: Content::BuiltIn(&row.row),
            })
        }),
        Source::Commits(entries) => {
            let entries = entries.iter().filter(|entry| is_selected(Validity::always(), entry.snapshot, None));
            for entry in entries {
                let piece = Piece {
                    key: &entry.snapshot.0.to_be_bytes(),
                    number: entry.snapshot.0,
                    validity: Validity::always(),
                    known_from: Some(entry.snapshot),
                    known_to: None,
                    content: Content::Commit(entry),
                };
                if visit(&piece)?.is_break() {
                    break;
                }
            }
            Ok(())
        }
    }
}

fn visit_changed(
    readable: &Readable,
    changes: &ChangedRows,
    visit: &mut dyn FnMut(&Piece<'_>) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    for (key, pieces) in changes {
        for (validity, cells) in pieces.iter().filter(|(validity, _)| readable.time.valid.includes(*validity)) {
            let content = Content::Cells(cells);
            let (validity, number) = (*validity, u64::MAX);
            let piece = Piece { key, number, validity, known_from: None, known_to: None, content };
            if visit(&piece)?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The scan as a plan: one partition, read in order of key.
#[derive(Debug)]
pub(crate) struct RowScan {
    readable: Readable,
    columns: Vec<Column>,
    schema: SchemaRef,
    tests: Vec<Test>,
    keys: Keys,
    limit: Option<usize>,
    properties: Arc<PlanProperties>,
}

impl RowScan {
    pub(crate) fn new(
        readable: &Readable,
        projection: Option<&Vec<usize>>,
        tests: Vec<Test>,
        limit: Option<usize>,
    ) -> Result<Self> {
        let all = &readable.shape;
        let (columns, schema) = match projection {
            None => (all.columns.clone(), Arc::clone(&all.schema)),
            Some(positions) => {
                let columns = positions.iter().map(|position| all.columns[*position].clone()).collect();
                (columns, Arc::new(all.schema.project(positions)?))
            }
        };
        let keys = match &readable.source {
            Source::Declared(definition) => Keys::of(definition, &tests),
            _ => Keys::All,
        };
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        ));
        Ok(Self { readable: readable.clone(), columns, schema, tests, keys, limit, properties })
    }

    /// Whether it looks for one row by its key.
    pub(crate) fn reads_one_key(&self) -> bool {
        matches!(self.keys, Keys::One(_))
    }

    /// Reads everything, handing over batches until `take` wants no more.
    fn run(&self, mut take: impl FnMut(RecordBatch) -> bool) -> Result<()> {
        let mut batch = Batch::new(&self.columns, &self.schema);
        let mut texts = Texts::default();
        let mut left = self.limit.unwrap_or(usize::MAX);
        let mut failure = None;
        let reader = &self.readable.reader;
        if left == 0 {
            return Ok(());
        }
        visit_pieces(&self.readable, &self.keys, &mut |piece| {
            for test in &self.tests {
                if !test.passes(&piece.cell(test.source, reader, &mut texts)?) {
                    return Ok(ControlFlow::Continue(()));
                }
            }
            batch.push(piece, reader, &mut texts)?;
            left -= 1;
            if batch.row_count < BATCH_ROW_COUNT && left > 0 {
                return Ok(ControlFlow::Continue(()));
            }
            let goes_on = match batch.finish() {
                Ok(full) => take(full) && left > 0,
                Err(error) => {
                    failure = Some(error);
                    false
                }
            };
            Ok(if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })
        .map_err(external)?;
        if let Some(error) = failure {
            return Err(error);
        }
        if batch.row_count > 0 {
            take(batch.finish()?);
        }
        Ok(())
    }
}

/// The batch being filled.
struct Batch<'a> {
    columns: &'a [Column],
    builders: Vec<ColumnBuilder>,
    schema: &'a SchemaRef,
    row_count: usize,
}

impl<'a> Batch<'a> {
    fn new(columns: &'a [Column], schema: &'a SchemaRef) -> Self {
        let builders = columns.iter().map(|column| ColumnBuilder::new(column.column_type, 64)).collect();
        Self { columns, builders, schema, row_count: 0 }
    }

    fn push(&mut self, piece: &Piece<'_>, reader: &Reader, texts: &mut Texts) -> Result<(), StoreError> {
        for (column, builder) in self.columns.iter().zip(&mut self.builders) {
            match (column.source, &piece.content) {
                (ColumnSource::Cell(position), Content::Cells(cells)) => {
                    builder.push(cells.get(position).unwrap_or(&Cell::Null));
                }
                (source, _) => builder.push(&piece.cell(source, reader, texts)?),
            }
        }
        self.row_count += 1;
        Ok(())
    }

    fn finish(&mut self) -> Result<RecordBatch> {
        let arrays = self.builders.iter_mut().map(ColumnBuilder::finish).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.row_count));
        self.row_count = 0;
        Ok(RecordBatch::try_new_with_options(Arc::clone(self.schema), arrays, &options)?)
    }
}

impl DisplayAs for RowScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.readable.time;
        write!(f, "RowScan: {}, valid {}, known {}", self.readable.name, time.valid, time.system)?;
        let columns: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        write!(f, ", columns=[{}]", columns.join(", "))?;
        match &self.keys {
            Keys::All => {}
            Keys::One(_) => write!(f, ", one key")?,
            Keys::Between(..) => write!(f, ", key range")?,
        }
        if !self.tests.is_empty() {
            let tests: Vec<String> = self.tests.iter().map(ToString::to_string).collect();
            write!(f, ", where [{}]", tests.join(", "))?;
        }
        if let Some(limit) = self.limit {
            write!(f, ", limit={limit}")?;
        }
        Ok(())
    }
}

impl ExecutionPlan for RowScan {
    fn name(&self) -> &str {
        "RowScan"
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
        let schema = Arc::clone(&self.schema);
        if matches!(self.keys, Keys::One(_)) {
            // One row: faster read here than handed to another thread.
            let mut batches = Vec::new();
            self.run(|batch| {
                batches.push(batch);
                true
            })?;
            return Ok(Box::pin(MemoryStream::try_new(batches, schema, None)?));
        }
        let mut stream = RecordBatchReceiverStream::builder(schema, BATCHES_AHEAD);
        let sender = stream.tx();
        let scan = self.copy();
        stream.spawn_blocking(move || scan.run(|batch| sender.blocking_send(Ok(batch)).is_ok()));
        Ok(stream.build())
    }
}

impl RowScan {
    fn copy(&self) -> Self {
        Self {
            readable: self.readable.clone(),
            columns: self.columns.clone(),
            schema: Arc::clone(&self.schema),
            tests: self.tests.clone(),
            keys: self.keys.clone(),
            limit: self.limit,
            properties: Arc::clone(&self.properties),
        }
    }
}
