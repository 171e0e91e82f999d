//! Writing the vectors of a column beside a file of column data.

use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Float32Type;
use grounds_core::{Disk, OpenMode};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use super::build::Built;
use super::calibrate::calibrate;
use super::layout;
use super::metric::DistanceFrom;
use super::rotation::Rotation;
use crate::StoreError;
use crate::columns::map_file;
use crate::error::{IoContext, ParquetContext};

/// The vectors of a column in a file.
struct ReadColumn {
    /// One after the other; zeros where a row has none.
    vectors: Vec<f32>,
    is_present: Vec<bool>,
}

/// Writes the vectors of `column`, of `dimension_count` numbers, of the Parquet file `source` into a new file `target`, durably but for its name. Where there are
/// at least `indexed_row_count_min`, an index is built over them. Returns its size and hash.
///
/// Cost: the vectors are in memory meanwhile; a million of 128 numbers take half a minute on two processors.
///
/// # Errors
/// [`StoreError::Columns`]: the file is damaged. [`StoreError::Io`].
pub(crate) fn write_vectors(
    disk: &dyn Disk,
    source: &Path,
    (column, dimension_count): (&str, usize),
    target: &Path,
    indexed_row_count_min: usize,
) -> Result<(u64, String), StoreError> {
    let ReadColumn { vectors, is_present } = read_column(disk, source, column, dimension_count)?;
    let vector = |row: usize| &vectors[row * dimension_count..(row + 1) * dimension_count];
    let lengths: Vec<f64> = (0..is_present.len()).map(|row| DistanceFrom::length(vector(row))).collect();
    let mut present = vec![0_u64; is_present.len().div_ceil(64)];
    let (mut listed, mut apart) = (Vec::new(), Vec::new());
    for row in (0..is_present.len()).filter(|row| is_present[*row]) {
        present[row / 64] |= 1 << (row % 64);
        // Centres and codes are of numbers that can be added up.
        let is_usual = (lengths[row] as f32).is_finite() && (lengths[row] as f32).powi(2).is_finite();
        if is_usual { listed.push(row as u32) } else { apart.push(row as u32) }
    }
    let built = (listed.len() >= indexed_row_count_min).then(|| {
        let built = Built::of(&vectors, dimension_count, &listed);
        let parts = built.parts(&vectors);
        let efforts = calibrate(&parts, &Rotation::new(parts.shape.length), &listed);
        (built, efforts)
    });
    let file = disk.open(target, OpenMode::CreateNew).on("create", target)?;
    let (mut hasher, mut byte_count) = (blake3::Hasher::new(), 0);
    let index = built.as_ref().map(|(built, efforts)| (built, efforts.as_slice()));
    layout::write(&vectors, dimension_count, &lengths, &present, &apart, index, |bytes| {
        file.write_at(byte_count, bytes)?;
        hasher.update(bytes);
        byte_count += bytes.len() as u64;
        Ok(())
    })
    .and_then(|()| file.sync())
    .on("write", target)?;
    Ok((byte_count, hasher.finalize().to_hex().to_string()))
}

fn read_column(disk: &dyn Disk, source: &Path, column: &str, dimension_count: usize) -> Result<ReadColumn, StoreError> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(map_file(disk, source)?).while_("reading columns")?;
    let place = reader.schema().index_of(column).ok();
    // A file written before the column was added has no vectors.
    let mask = ProjectionMask::roots(reader.parquet_schema(), place);
    let row_count = usize::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or_default();
    let mut read = ReadColumn {
        vectors: Vec::with_capacity(row_count * dimension_count),
        is_present: Vec::with_capacity(row_count),
    };
    for batch in reader.with_projection(mask).build().while_("reading columns")? {
        let batch = batch.map_err(ParquetError::from).while_("reading columns")?;
        let lists = batch.columns().first().and_then(|column| column.as_fixed_size_list_opt());
        let lists =
            lists.filter(|lists| usize::try_from(lists.value_length()).is_ok_and(|length| length == dimension_count));
        let numbers = lists.and_then(|lists| lists.values().as_primitive_opt::<Float32Type>());
        for row in 0..batch.num_rows() {
            let vector = lists.zip(numbers).filter(|(lists, _)| lists.is_valid(row)).map(|(lists, numbers)| {
                let start = lists.value_offset(row) as usize;
                &numbers.values()[start..start + dimension_count]
            });
            read.is_present.push(vector.is_some());
            match vector {
                Some(vector) => read.vectors.extend_from_slice(vector),
                None => read.vectors.resize(read.vectors.len() + dimension_count, 0.0),
            }
        }
    }
    Ok(read)
}
