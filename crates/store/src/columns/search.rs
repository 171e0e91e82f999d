//! Search in the text columns of a declared table, by the words that are kept beside its files.

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Int64Type};
use grounds_core::{TableDefinition, days_of};
use jiff::civil::Date;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;

use crate::built_in::TableRef;
use crate::cells::RowPiece;
use crate::columns::ranking::{RowQuery, RowRanking};
use crate::columns::schema::{SYSTEM_FROM, SYSTEM_TO, VALID_FROM, VALID_TO};
use crate::columns::times::Share;
use crate::columns::words::{Words, WordsBuilder};
use crate::columns::{ColumnFile, ScannedFile};
use crate::error::ParquetContext;
use crate::vectors::RowBits;
use crate::{Reader, StoreError};

/// Where a row that was found is.
#[derive(Clone, Debug)]
pub enum RowPlace {
    /// In a file, at this position.
    File(Arc<ColumnFile>, u32),
    /// Newer than the files.
    Tail(RowPiece),
}

/// Where a row is before it is known whether anybody wants it: a file, or the tail, and the position there.
type Place = (usize, u32);

impl Reader {
    /// The rows of `table`, valid on `as_of` and known at the reader's snapshot, that best match `query`: the best `count`, and those whose
    /// score is the same as the last one's, in no particular order. The scores are those over just the visible rows. `None` where there is no column generation that has the table with its words, as
    /// for [`Reader::column_scan`]: then every row must be read.
    ///
    /// Cost: the lengths of all rows of the table and the rows of the query's terms; of files that hold rows of other times, four columns as well; the words of rows newer than
    /// the generation are divided once for each snapshot. The first search of an open store compares each file of words with its hash.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Io`], [`StoreError::Engine`]: truth cannot be read.
    pub fn search_rows(
        &self,
        table: &TableDefinition,
        query: &RowQuery,
        count: usize,
        as_of: Date,
    ) -> Result<Option<Vec<(f64, RowPlace)>>, StoreError> {
        let Some(scan) = self.column_scan(TableRef::Declared(table))? else { return Ok(None) };
        let mut ranking = RowRanking::new(query);
        for (at, file) in scan.files.iter().enumerate() {
            match rank_file(query, file, self, as_of, at, &mut ranking) {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(_) => {
                    if let Some(generation) = self.inner().column_generation() {
                        self.inner().columns.discard(&generation);
                    }
                    return Ok(None);
                }
            }
        }
        let tail_at = scan.files.len();
        let words = query.columns().iter().map(|(column, language)| scan.tail_words(*column, language));
        let words: Vec<Arc<Words>> = words.collect::<Option<_>>().unwrap_or_default();
        let opened = &scan.tail.delta.opened;
        let is_visible: Vec<bool> =
            opened.iter().map(|piece| piece.known_to.is_none() && piece.validity.contains(as_of)).collect();
        rank(query, &words, &is_visible, tail_at, &mut ranking)
            .ok_or_else(|| StoreError::corrupt("words make no sense", "rows newer than the column data"))?;
        let place = |(at, position): Place| match scan.files.get(at) {
            Some(scanned) => RowPlace::File(Arc::clone(&scanned.file), position),
            None => RowPlace::Tail(opened[position as usize].clone()),
        };
        Ok(Some(ranking.best(count).into_iter().map(|(score, found)| (score, place(found))).collect()))
    }
}

/// Takes in the visible rows of a file. `false` where it has no words beside it.
fn rank_file(
    query: &RowQuery,
    scanned: &ScannedFile,
    reader: &Reader,
    as_of: Date,
    at: usize,
    ranking: &mut RowRanking<'_, Place>,
) -> Result<bool, StoreError> {
    let valid = scanned.file.times().valid_on(as_of);
    if valid == Share::Nothing {
        return Ok(true);
    }
    let mut words = Vec::with_capacity(query.columns().len());
    for (column, _) in query.columns() {
        let Some(of_column) = scanned.file.words(*column)? else { return Ok(false) };
        words.push(of_column);
    }
    let row_count = usize::try_from(scanned.file.row_count()).unwrap_or(usize::MAX);
    let mut is_visible = match (valid, scanned.known) {
        (Share::Everything, Share::Everything) => vec![true; row_count],
        _ => rows_by_times(&scanned.file, reader, as_of)?,
    };
    scanned.masked.iter().for_each(|position| is_visible[*position as usize] = false);
    let damaged = || StoreError::corrupt("words make no sense", scanned.file.path().display().to_string());
    rank(query, &words, &is_visible, at, ranking).ok_or_else(damaged)?;
    Ok(true)
}

/// Which rows of a file are valid on `as_of` and known at the reader's snapshot. Remembered for some dates and snapshots.
pub(crate) fn visible_rows(scanned: &ScannedFile, reader: &Reader, as_of: Date) -> Result<Arc<RowBits>, StoreError> {
    scanned.file.visible((as_of, reader.known_at()), || {
        let mut is_visible = rows_by_times(&scanned.file, reader, as_of)?;
        scanned.masked.iter().for_each(|position| is_visible[*position as usize] = false);
        Ok(RowBits::of(is_visible.len(), |row| is_visible[row]))
    })
}

/// Which rows of a file are valid on `as_of` and known at the reader's snapshot, as far as the file says.
fn rows_by_times(file: &ColumnFile, reader: &Reader, as_of: Date) -> Result<Vec<bool>, StoreError> {
    let arrow = ArrowReaderMetadata::try_new(file.metadata()?, ArrowReaderOptions::new()).while_("reading columns")?;
    let names = [VALID_FROM, VALID_TO, SYSTEM_FROM, SYSTEM_TO];
    let mask = ProjectionMask::columns(file.metadata()?.file_metadata().schema_descr(), names);
    let batches = ParquetRecordBatchReaderBuilder::new_with_metadata(file.bytes()?, arrow)
        .with_projection(mask)
        .build()
        .while_("reading columns")?;
    let (day, snapshot) = (days_of(as_of), i64::try_from(reader.known_at().0).unwrap_or(i64::MAX));
    let mut visible = Vec::new();
    for batch in batches {
        let batch = batch.map_err(ParquetError::from).while_("reading columns")?;
        let times = Times::of(&batch);
        let times =
            times.ok_or_else(|| StoreError::corrupt("a time column is missing", file.path().display().to_string()))?;
        visible.extend((0..batch.num_rows()).map(|row| times.includes(row, day, snapshot)));
    }
    Ok(visible)
}

/// The time columns of a batch.
struct Times<'a> {
    valid_from: &'a arrow::array::Date32Array,
    valid_to: &'a arrow::array::Date32Array,
    system_from: &'a arrow::array::Int64Array,
    system_to: &'a arrow::array::Int64Array,
}

impl<'a> Times<'a> {
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        Some(Self {
            valid_from: batch.column_by_name(VALID_FROM)?.as_primitive_opt::<Date32Type>()?,
            valid_to: batch.column_by_name(VALID_TO)?.as_primitive_opt::<Date32Type>()?,
            system_from: batch.column_by_name(SYSTEM_FROM)?.as_primitive_opt::<Int64Type>()?,
            system_to: batch.column_by_name(SYSTEM_TO)?.as_primitive_opt::<Int64Type>()?,
        })
    }

    fn includes(&self, row: usize, day: i32, snapshot: i64) -> bool {
        (self.valid_from.is_null(row) || self.valid_from.value(row) <= day)
            && (self.valid_to.is_null(row) || self.valid_to.value(row) > day)
            && self.system_from.value(row) <= snapshot
            && (self.system_to.is_null(row) || self.system_to.value(row) > snapshot)
    }
}

/// Takes in the visible rows of which `words` tells, column by column. `None` where the words make no sense.
fn rank(
    query: &RowQuery,
    words: &[Arc<Words>],
    is_visible: &[bool],
    at: usize,
    ranking: &mut RowRanking<'_, Place>,
) -> Option<()> {
    let mut lengths = vec![0_u32; is_visible.len()];
    let mut found: Vec<(u32, usize, u32)> = Vec::new();
    for (place, of_column) in words.iter().enumerate() {
        if of_column.row_count() != is_visible.len() {
            return None;
        }
        lengths.iter_mut().zip(of_column.lengths()).for_each(|(sum, length)| *sum += length);
        for (term, number) in query.terms(place) {
            of_column.visit(term, |row, frequency| {
                if is_visible[row as usize] {
                    found.push((row, *number, frequency));
                }
            })?;
        }
    }
    let visible = lengths.iter().zip(is_visible).filter(|(_, is_visible)| **is_visible);
    let (row_count, length_sum) = visible.fold((0, 0), |(rows, sum), (length, _)| (rows + 1, sum + u64::from(*length)));
    ranking.count(row_count, length_sum);
    found.sort_unstable();
    for row in found.chunk_by(|a, b| a.0 == b.0) {
        let mut frequencies: Vec<(usize, u32)> = Vec::with_capacity(row.len());
        for (_, term, frequency) in row {
            match frequencies.last_mut() {
                // In two columns of one language.
                Some((last, sum)) if last == term => *sum += frequency,
                _ => frequencies.push((*term, *frequency)),
            }
        }
        let position = row[0].0;
        ranking.add_counted(lengths[position as usize], frequencies, (at, position));
    }
    Some(())
}

impl crate::columns::ColumnScan {
    /// The words of a text column of the rows newer than the files, divided once for each snapshot.
    fn tail_words(&self, column: usize, language: &str) -> Option<Arc<Words>> {
        self.tail.words(column, || {
            let mut builder = WordsBuilder::new(language);
            for piece in &self.tail.delta.opened {
                let text = piece.cells.get(column).and_then(|cell| match cell {
                    grounds_core::Cell::Text(text) => Some(text.as_str()),
                    _ => None,
                });
                builder.add(text);
            }
            Words::open(builder.finish().into())
        })
    }
}
