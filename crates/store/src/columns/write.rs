//! Writing one Parquet file through the disk, hashed on the way.

use std::io::{self, Write};
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};
use grounds_core::{Disk, DiskFile, OpenMode};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::StoreError;
use crate::columns::manifest::ManifestFile;
use crate::columns::schema::ROW_NUMBER;
use crate::columns::times::TimeBounds;
use crate::error::{IoContext, ParquetContext};

/// Rows of a row group: what a scan can skip at a time, and what one of its threads takes at a time.
pub(crate) const ROW_GROUP_ROW_COUNT: usize = 1 << 17;
/// Bytes of a row group at most: rows with long texts come in smaller ones.
const ROW_GROUP_BYTES: usize = 256 << 20;
/// Rows of a page at most.
const PAGE_ROW_COUNT: usize = 1 << 14;
/// Bytes of a text that statistics keep.
const STATISTICS_BYTES: usize = 64;
/// Bytes gathered before they are written.
const WRITE_BUFFER_BYTES: usize = 1 << 20;

/// A Parquet file being written.
pub(crate) struct FileWriter {
    writer: ArrowWriter<io::BufWriter<HashedFile>>,
    name: String,
    row_count: u64,
    times: TimeBounds,
}

impl FileWriter {
    /// Makes the file `name` in `directory`.
    ///
    /// # Errors
    /// [`StoreError::Io`]
    pub(crate) fn create(
        disk: &dyn Disk,
        directory: &Path,
        name: String,
        schema: &SchemaRef,
    ) -> Result<Self, StoreError> {
        let path = directory.join(&name);
        let file = disk.open(&path, OpenMode::CreateNew).on("create", &path)?;
        let target = HashedFile { file, byte_count: 0, hasher: blake3::Hasher::new() };
        let target = io::BufWriter::with_capacity(WRITE_BUFFER_BYTES, target);
        let writer = ArrowWriter::try_new(target, std::sync::Arc::clone(schema), Some(properties(schema)));
        Ok(Self { writer: writer.while_("writing columns")?, name, row_count: 0, times: TimeBounds::default() })
    }

    /// How many rows it has.
    pub(crate) fn row_count(&self) -> u64 {
        self.row_count
    }

    /// About how many bytes it has.
    pub(crate) fn byte_count(&self) -> u64 {
        self.writer.bytes_written() as u64 + self.writer.in_progress_size() as u64
    }

    /// Adds rows.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        self.times.add(batch);
        self.row_count += batch.num_rows() as u64;
        self.writer.write(batch).while_("writing columns")
    }

    /// Makes the file durable, though not its name.
    pub(crate) fn finish(self) -> Result<ManifestFile, StoreError> {
        let Self { writer, name, row_count, times } = self;
        let buffered = writer.into_inner().while_("writing columns")?;
        let path = Path::new(&name);
        let target = buffered.into_inner().map_err(io::IntoInnerError::into_error).on("write", path)?;
        target.file.sync().on("sync", path)?;
        let hash = target.hasher.finalize().to_hex().to_string();
        Ok(ManifestFile {
            name,
            byte_count: target.byte_count,
            hash,
            row_count,
            times,
            closed: None,
            companions: Vec::new(),
        })
    }
}

/// How columns are encoded.
fn properties(schema: &SchemaRef) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_created_by("grounds".to_owned())
        // What is scanned is in memory anyway; unpacking it would cost more than it saves.
        .set_compression(Compression::UNCOMPRESSED)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROW_COUNT))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_data_page_row_count_limit(PAGE_ROW_COUNT)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_column_index_truncate_length(Some(STATISTICS_BYTES))
        .set_statistics_truncate_length(Some(STATISTICS_BYTES));
    for field in schema.fields() {
        let path = ColumnPath::from(field.name().clone());
        match field.data_type() {
            // Statistics leave NaN out, which SQL orders above every number: pruning by them would lose rows.
            DataType::Float64 => {
                builder = builder
                    .set_column_statistics_enabled(path.clone(), EnabledStatistics::None)
                    .set_column_dictionary_enabled(path, false);
            }
            // Copied as they are, which is faster than looking them up.
            DataType::Int64 if field.name() == ROW_NUMBER || !is_time(field.name()) => {
                builder = builder.set_column_dictionary_enabled(path, false);
            }
            DataType::Timestamp(..) | DataType::Binary => {
                builder = builder.set_column_dictionary_enabled(path, false);
            }
            DataType::FixedSizeList(item, _) => {
                let leaf = ColumnPath::new(vec![field.name().clone(), "list".to_owned(), item.name().clone()]);
                builder = builder
                    .set_column_statistics_enabled(leaf.clone(), EnabledStatistics::None)
                    .set_column_dictionary_enabled(leaf, false);
            }
            _ => {}
        }
    }
    builder.build()
}

fn is_time(name: &str) -> bool {
    crate::columns::schema::TIME_COLUMNS.contains(&name)
}

/// A file of the disk that is written from its start and hashed.
struct HashedFile {
    file: Box<dyn DiskFile>,
    byte_count: u64,
    hasher: blake3::Hasher,
}

impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_at(self.byte_count, bytes)?;
        self.hasher.update(bytes);
        self.byte_count += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
