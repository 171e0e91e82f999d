//! Rows on their way into files: those still known into one sequence of files, those closed into another.

use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use grounds_core::{Disk, TableDefinition};

use crate::StoreError;
use crate::cells::RowPiece;
use crate::columns::batch::BatchBuilder;
use crate::columns::manifest::ManifestFile;
use crate::columns::schema::file_schema;
use crate::columns::write::FileWriter;

/// A file has about this many rows at most, so that writing it anew stays cheap.
pub(crate) const FILE_ROW_COUNT_MAX: usize = 1 << 20;
/// A file has about this many bytes at most.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// Rows gathered before they are encoded.
const BATCH_ROW_COUNT: usize = 1 << 14;
/// Bytes gathered before they are encoded.
const BATCH_BYTES: usize = 32 << 20;

/// The two sequences of files of one table in one generation.
pub(crate) struct Lanes<'a> {
    target: Target<'a>,
    open: Lane,
    closed: Lane,
}

struct Target<'a> {
    disk: &'a dyn Disk,
    directory: &'a Path,
    prefix: String,
    schema: SchemaRef,
    file_count: usize,
    files: Vec<ManifestFile>,
}

struct Lane {
    builder: BatchBuilder,
    writer: Option<FileWriter>,
}

impl<'a> Lanes<'a> {
    /// Files whose names begin with `prefix`.
    pub(crate) fn new(disk: &'a dyn Disk, directory: &'a Path, prefix: String, table: &TableDefinition) -> Self {
        let lane = || Lane { builder: BatchBuilder::new(table), writer: None };
        let target = Target { disk, directory, prefix, schema: file_schema(table), file_count: 0, files: Vec::new() };
        Self { target, open: lane(), closed: lane() }
    }

    /// Adds a piece. Pieces come in order of key.
    pub(crate) fn push(&mut self, piece: &RowPiece) -> Result<(), StoreError> {
        let lane = if piece.known_to.is_none() { &mut self.open } else { &mut self.closed };
        lane.builder.push(piece);
        if lane.builder.row_count() >= BATCH_ROW_COUNT || lane.builder.byte_count() >= BATCH_BYTES {
            lane.flush(&mut self.target)?;
        }
        Ok(())
    }

    /// Adds rows that are still known and rows that are closed, each in order of key, in files of their own.
    pub(crate) fn write(&mut self, open: RecordBatch, closed: RecordBatch) -> Result<(), StoreError> {
        for (lane, batch) in [(&mut self.open, open), (&mut self.closed, closed)] {
            lane.end(&mut self.target)?;
            for start in (0..batch.num_rows()).step_by(BATCH_ROW_COUNT) {
                let row_count = BATCH_ROW_COUNT.min(batch.num_rows() - start);
                lane.write(&mut self.target, &batch.slice(start, row_count))?;
            }
            lane.end(&mut self.target)?;
        }
        Ok(())
    }

    /// Makes every file durable.
    pub(crate) fn finish(mut self) -> Result<Vec<ManifestFile>, StoreError> {
        self.open.end(&mut self.target)?;
        self.closed.end(&mut self.target)?;
        Ok(self.target.files)
    }
}

impl Lane {
    fn flush(&mut self, target: &mut Target<'_>) -> Result<(), StoreError> {
        if self.builder.row_count() == 0 {
            return Ok(());
        }
        let batch = self.builder.finish()?;
        self.write(target, &batch)
    }

    fn write(&mut self, target: &mut Target<'_>, batch: &RecordBatch) -> Result<(), StoreError> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(target.next_file()?),
        };
        writer.write(batch)?;
        if writer.row_count() >= FILE_ROW_COUNT_MAX as u64 || writer.byte_count() >= FILE_BYTES_MAX {
            self.end_file(target)?;
        }
        Ok(())
    }

    fn end(&mut self, target: &mut Target<'_>) -> Result<(), StoreError> {
        self.flush(target)?;
        self.end_file(target)
    }

    fn end_file(&mut self, target: &mut Target<'_>) -> Result<(), StoreError> {
        if let Some(writer) = self.writer.take() {
            target.files.push(writer.finish()?);
        }
        Ok(())
    }
}

impl Target<'_> {
    fn next_file(&mut self) -> Result<FileWriter, StoreError> {
        let name = format!("{}-{}.parquet", self.prefix, self.file_count);
        self.file_count += 1;
        FileWriter::create(self.disk, self.directory, name, &self.schema)
    }
}
