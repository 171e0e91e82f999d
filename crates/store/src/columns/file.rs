//! One Parquet file of a generation: mapped and compared with its hash when it is first read, and kept open from then on.

use std::any::Any;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use bytes::Bytes;
use grounds_core::{Disk, Snapshot};
use jiff::civil::Date;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::statistics::Statistics;

use crate::StoreError;
use crate::columns::companion::{Companion, CompanionKind};
use crate::columns::manifest::ManifestFile;
use crate::columns::map::map_file;
use crate::columns::times::TimeBounds;
use crate::columns::words::Words;
use crate::disk::remove_directory_if_there;
use crate::error::ParquetContext;
use crate::store::lock;
use crate::vectors::{RowBits, VectorFile};

/// A file of column data, immutable; [`ColumnFile::bytes`] are those of a Parquet file.
#[derive(Debug)]
pub struct ColumnFile {
    pub(crate) entry: ManifestFile,
    home: Arc<Home>,
    contents: Arc<Contents>,
    closed: Mutex<Option<Arc<Vec<ClosedRow>>>>,
}

/// A row that was closed after its file was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClosedRow {
    pub(crate) position: u32,
    pub(crate) number: u64,
    pub(crate) known_to: Snapshot,
}

/// The directory of a generation. It is removed when another generation has taken its place and nobody reads it any more.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) path: PathBuf,
    pub(crate) is_superseded: AtomicBool,
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.is_superseded.load(Ordering::Acquire) {
            // What stays is removed by the next seal.
            let _ = remove_directory_if_there(self.disk.as_ref(), &self.path);
        }
    }
}

/// A date and a snapshot.
type Point = (Date, Snapshot);

/// What is known of a file's bytes so far. Generations that link the same file share it.
#[derive(Debug, Default)]
struct Contents {
    /// What a reader computed from the file.
    memo: Mutex<Option<Arc<dyn Any + Send + Sync>>>,
    bytes: Mutex<Option<Bytes>>,
    metadata: Mutex<Option<Arc<ParquetMetaData>>>,
    /// The words of text columns, by the position of the column.
    words: Mutex<HashMap<usize, Arc<Words>>>,
    /// The vectors of columns, by the position of the column.
    vectors: Mutex<HashMap<usize, Arc<VectorFile>>>,
    /// The rows visible on a date at a snapshot, for those asked for of late, the latest last.
    visible: Mutex<Vec<(Point, Arc<RowBits>)>>,
    /// Positions of row numbers that were looked for.
    positions: Mutex<HashMap<u64, Option<u32>>>,
}

const CLOSED_ROW_BYTES: usize = 20;
/// So many dates and snapshots are remembered.
const VISIBLE_COUNT_MAX: usize = 4;

impl ColumnFile {
    pub(crate) fn new(entry: ManifestFile, home: Arc<Home>, same: Option<&ColumnFile>) -> Self {
        let contents = same.map(|same| Arc::clone(&same.contents)).unwrap_or_default();
        Self { entry, home, contents, closed: Mutex::new(None) }
    }

    /// Where it is in the workspace.
    pub fn path(&self) -> PathBuf {
        self.home.path.join(&self.entry.name)
    }

    /// How many bytes it has.
    pub fn byte_count(&self) -> u64 {
        self.entry.byte_count
    }

    /// How many rows it has.
    pub fn row_count(&self) -> u64 {
        self.entry.row_count
    }

    /// What its time columns hold.
    pub fn times(&self) -> &TimeBounds {
        &self.entry.times
    }

    /// The whole file, mapped where the disk allows it. The first call of an open store compares it with its hash.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] and [`StoreError::Io`]: the generation is damaged, and truth has the rows.
    pub fn bytes(&self) -> Result<Bytes, StoreError> {
        let mut kept = lock(&self.contents.bytes);
        if let Some(bytes) = kept.as_ref() {
            return Ok(bytes.clone());
        }
        let bytes = verified(self.home.disk.as_ref(), &self.path(), &self.entry.hash)?;
        Ok(kept.insert(bytes).clone())
    }

    /// The footer with the index of pages, read once.
    ///
    /// # Errors
    /// As [`ColumnFile::bytes`].
    pub fn metadata(&self) -> Result<Arc<ParquetMetaData>, StoreError> {
        let bytes = self.bytes()?;
        let mut kept = lock(&self.contents.metadata);
        if let Some(metadata) = kept.as_ref() {
            return Ok(Arc::clone(metadata));
        }
        let reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional);
        let metadata = Arc::new(reader.parse_and_finish(&bytes).while_("reading columns")?);
        Ok(Arc::clone(kept.insert(metadata)))
    }

    /// What was last given to [`ColumnFile::remember`], if it was a `T`.
    pub fn remembered<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        lock(&self.contents.memo).as_ref().and_then(|memo| Arc::clone(memo).downcast().ok())
    }

    /// Keeps one thing that was computed from the file for as long as it is open.
    pub fn remember(&self, memo: Arc<dyn Any + Send + Sync>) {
        *lock(&self.contents.memo) = Some(memo);
    }

    /// The rows that were closed after the file was written, in order of position.
    pub(crate) fn closed(&self) -> Result<Arc<Vec<ClosedRow>>, StoreError> {
        let mut kept = lock(&self.closed);
        if let Some(closed) = kept.as_ref() {
            return Ok(Arc::clone(closed));
        }
        let mut closed = Vec::new();
        if let Some(file) = &self.entry.closed {
            let path = self.home.path.join(&file.name);
            let bytes = verified(self.home.disk.as_ref(), &path, &file.hash)?;
            closed = decode_closed(&bytes);
        }
        Ok(Arc::clone(kept.insert(Arc::new(closed))))
    }

    /// The words of the text column at this position; `None` where they are not beside the file, as they are divided today.
    pub(crate) fn words(&self, column: usize) -> Result<Option<Arc<Words>>, StoreError> {
        let mut kept = lock(&self.contents.words);
        if let Some(words) = kept.get(&column) {
            return Ok(Some(Arc::clone(words)));
        }
        let kind = CompanionKind::words(column);
        let Some(entry) = self.entry.companions.iter().find(|companion| companion.kind == kind) else {
            return Ok(None);
        };
        let path = self.home.path.join(&entry.name);
        let words = Words::open(verified(self.home.disk.as_ref(), &path, &entry.hash)?);
        let damaged = || StoreError::corrupt("a file of words makes no sense", path.display().to_string());
        let words = Arc::new(words.ok_or_else(damaged)?);
        kept.insert(column, Arc::clone(&words));
        Ok(Some(words))
    }

    /// The vectors of the column at this position; `None` where they are not beside the file, as they are written today.
    pub(crate) fn vectors(&self, column: usize) -> Result<Option<Arc<VectorFile>>, StoreError> {
        let mut kept = lock(&self.contents.vectors);
        if let Some(vectors) = kept.get(&column) {
            return Ok(Some(Arc::clone(vectors)));
        }
        let kind = CompanionKind::vectors(column);
        let Some(entry) = self.entry.companions.iter().find(|companion| companion.kind == kind) else {
            return Ok(None);
        };
        let path = self.home.path.join(&entry.name);
        let vectors = VectorFile::open(verified(self.home.disk.as_ref(), &path, &entry.hash)?);
        let damaged = || StoreError::corrupt("a file of vectors makes no sense", path.display().to_string());
        let vectors = Arc::new(vectors.ok_or_else(damaged)?);
        kept.insert(column, Arc::clone(&vectors));
        Ok(Some(vectors))
    }

    /// The rows that are visible on a date at a snapshot, found by `find` when they were not asked for of late.
    pub(crate) fn visible(
        &self,
        point: Point,
        find: impl FnOnce() -> Result<RowBits, StoreError>,
    ) -> Result<Arc<RowBits>, StoreError> {
        let mut kept = lock(&self.contents.visible);
        if let Some((_, visible)) = kept.iter().find(|(own, _)| *own == point) {
            return Ok(Arc::clone(visible));
        }
        let visible = Arc::new(find()?);
        if kept.len() == VISIBLE_COUNT_MAX {
            kept.remove(0);
        }
        kept.push((point, Arc::clone(&visible)));
        Ok(visible)
    }

    /// Whether everything beside the file is what was written.
    pub(crate) fn are_companions_whole(&self) -> bool {
        let disk = self.home.disk.as_ref();
        let is_whole = |entry: &Companion| verified(disk, &self.home.path.join(&entry.name), &entry.hash).is_ok();
        self.entry.companions.iter().all(is_whole)
    }

    /// Where the rows with these numbers are, of those that the file has.
    ///
    /// Cost: of row groups whose numbers may include one that was not looked for before, one column is read.
    pub(crate) fn positions(&self, numbers: &[u64]) -> Result<Vec<(u64, u32)>, StoreError> {
        let mut known = lock(&self.contents.positions);
        let mut unknown: Vec<u64> = numbers.iter().copied().filter(|number| !known.contains_key(number)).collect();
        if !unknown.is_empty() {
            unknown.sort_unstable();
            unknown.dedup();
            known.extend(unknown.iter().map(|number| (*number, None)));
            self.visit_numbers(&unknown, |number, position| {
                known.insert(number, Some(position));
            })?;
        }
        Ok(numbers.iter().filter_map(|number| Some((*number, (*known.get(number)?)?))).collect())
    }

    fn visit_numbers(&self, wanted: &[u64], mut visit: impl FnMut(u64, u32)) -> Result<(), StoreError> {
        let metadata = self.metadata()?;
        let bytes = self.bytes()?;
        let column = metadata.file_metadata().schema_descr().num_columns() - 1;
        let mask = ProjectionMask::leaves(metadata.file_metadata().schema_descr(), [column]);
        let options = ArrowReaderOptions::new();
        let arrow = ArrowReaderMetadata::try_new(Arc::clone(&metadata), options).while_("reading columns")?;
        let mut start = 0_u32;
        for (group, of_group) in metadata.row_groups().iter().enumerate() {
            let row_count = u32::try_from(of_group.num_rows()).unwrap_or_default();
            let may_have = match of_group.column(column).statistics() {
                Some(Statistics::Int64(statistics)) => {
                    let (least, greatest) = (statistics.min_opt().copied(), statistics.max_opt().copied());
                    let (least, greatest) = (least.unwrap_or(i64::MIN), greatest.unwrap_or(i64::MAX));
                    let from = wanted.partition_point(|number| i64::try_from(*number).is_ok_and(|at| at < least));
                    wanted.get(from).is_some_and(|number| i64::try_from(*number).is_ok_and(|at| at <= greatest))
                }
                _ => true,
            };
            if may_have {
                let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes.clone(), arrow.clone())
                    .with_projection(mask.clone())
                    .with_row_groups(vec![group])
                    .with_batch_size(row_count as usize)
                    .build()
                    .while_("reading columns")?;
                let mut position = start;
                for batch in reader {
                    let batch = batch.map_err(parquet::errors::ParquetError::from).while_("reading columns")?;
                    for number in batch.column(0).as_primitive::<Int64Type>().values() {
                        let number = u64::try_from(*number).unwrap_or_default();
                        if wanted.binary_search(&number).is_ok() {
                            visit(number, position);
                        }
                        position += 1;
                    }
                }
            }
            start += row_count;
        }
        Ok(())
    }
}

/// The bytes of a file, compared with its hash.
fn verified(disk: &dyn Disk, path: &Path, hash: &str) -> Result<Bytes, StoreError> {
    let bytes = map_file(disk, path)?;
    if blake3::hash(&bytes).to_hex().as_str() != hash {
        let place = path.display().to_string();
        return Err(StoreError::corrupt("a file of column data is not what was written", place));
    }
    Ok(bytes)
}

/// Closed rows as bytes: for each its position (u32), its number and the snapshot that closed it (u64 each), little-endian.
pub(crate) fn encode_closed(rows: &[ClosedRow]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(rows.len() * CLOSED_ROW_BYTES);
    for row in rows {
        bytes.extend(row.position.to_le_bytes());
        bytes.extend(row.number.to_le_bytes());
        bytes.extend(row.known_to.0.to_le_bytes());
    }
    bytes
}

fn decode_closed(bytes: &[u8]) -> Vec<ClosedRow> {
    let (rows, _) = bytes.as_chunks::<CLOSED_ROW_BYTES>();
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    rows.iter()
        .map(|row| ClosedRow {
            position: u32::try_from(word(&row[..4])).expect("four bytes"),
            number: word(&row[4..12]),
            known_to: Snapshot(word(&row[12..])),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_rows_come_back() {
        let row = |position, number, known_to| ClosedRow { position, number, known_to: Snapshot(known_to) };
        let rows = [row(0, 1 << 40, 3), row(u32::MAX, 7, u64::MAX - 1)];
        assert_eq!(decode_closed(&encode_closed(&rows)), rows);
    }
}
