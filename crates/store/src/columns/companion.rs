//! What is derived from one file of column data and kept beside it: the words of its text columns, and its vectors.

use std::path::Path;

use arrow::array::AsArray;
use grounds_core::{ColumnDefinition, ColumnType, Disk, OpenMode, TableDefinition};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::columns::manifest::ManifestFile;
use crate::columns::map::map_file;
use crate::columns::words::WordsBuilder;
use crate::error::{IoContext, ParquetContext};
use crate::vectors::{VECTORS_FORMAT, write_vectors};

/// What it holds, and of which column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CompanionKind {
    /// The words of the text column at this position of the table.
    Words {
        /// The position.
        column: usize,
        /// The format of text generations by which texts were divided: another one has other words.
        format: u32,
    },
    /// The vectors of the column at this position of the table.
    Vectors {
        /// The position.
        column: usize,
        /// [`VECTORS_FORMAT`] of the writer.
        format: u32,
    },
}

/// A file beside a Parquet file, made from it alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Companion {
    pub(crate) kind: CompanionKind,
    pub(crate) name: String,
    pub(crate) byte_count: u64,
    /// BLAKE3, 64 hexadecimal digits.
    pub(crate) hash: String,
}

impl CompanionKind {
    /// The words of the column at this position, as they are divided today.
    pub(crate) fn words(column: usize) -> Self {
        CompanionKind::Words { column, format: crate::text::generation::GENERATION_FORMAT }
    }

    /// The vectors of the column at this position, as they are written today.
    pub(crate) fn vectors(column: usize) -> Self {
        CompanionKind::Vectors { column, format: VECTORS_FORMAT }
    }

    /// What a file of this table has beside it.
    pub(crate) fn wanted(table: &TableDefinition) -> Vec<Self> {
        let columns = || table.columns.iter().enumerate();
        let texts = columns().filter(|(_, column)| column.full_text.is_some()).map(|(at, _)| Self::words(at));
        let is_vector = |column: &ColumnDefinition| matches!(column.column_type, ColumnType::Vector { .. });
        texts.chain(columns().filter(|(_, column)| is_vector(column)).map(|(at, _)| Self::vectors(at))).collect()
    }

    /// What follows the name of the file beside which it is.
    fn suffix(self) -> String {
        match self {
            CompanionKind::Words { column, format } => format!("words-{column}-{format}"),
            CompanionKind::Vectors { column, format } => format!("vectors-{column}-{format}"),
        }
    }
}

/// Writes what `file`, which is in `directory`, lacks beside it, durably but for the names; drops what nobody asks for.
///
/// # Errors
/// [`StoreError::Columns`]: the file is damaged. [`StoreError::Io`].
pub(crate) fn complete(
    disk: &dyn Disk,
    directory: &Path,
    table: &TableDefinition,
    file: &mut ManifestFile,
    indexed_row_count_min: usize,
) -> Result<(), StoreError> {
    let wanted = CompanionKind::wanted(table);
    file.companions.retain(|companion| wanted.contains(&companion.kind));
    for kind in wanted {
        if file.companions.iter().any(|companion| companion.kind == kind) {
            continue;
        }
        let stem = file.name.strip_suffix(".parquet").unwrap_or(&file.name);
        let name = format!("{stem}.{}", kind.suffix());
        let (source, target) = (directory.join(&file.name), directory.join(&name));
        let (byte_count, hash) = match kind {
            CompanionKind::Words { column, .. } => write_words(disk, &source, &table.columns[column], &target)?,
            CompanionKind::Vectors { column, .. } => {
                let column = &table.columns[column];
                let ColumnType::Vector { dimension } = column.column_type else { continue };
                let column = (column.name.as_str(), dimension as usize);
                write_vectors(disk, &source, column, &target, indexed_row_count_min)?
            }
        };
        file.companions.push(Companion { kind, name, byte_count, hash });
    }
    Ok(())
}

/// Reads a text column of a file, divides it into words, and writes these.
fn write_words(
    disk: &dyn Disk,
    source: &Path,
    column: &ColumnDefinition,
    target: &Path,
) -> Result<(u64, String), StoreError> {
    let bytes = words(disk, source, column)?;
    let file = disk.open(target, OpenMode::CreateNew).on("create", target)?;
    file.write_at(0, &bytes).and_then(|()| file.sync()).on("write", target)?;
    Ok((bytes.len() as u64, blake3::hash(&bytes).to_hex().to_string()))
}

fn words(disk: &dyn Disk, source: &Path, column: &ColumnDefinition) -> Result<Vec<u8>, StoreError> {
    let mut builder = WordsBuilder::new(column.full_text.as_ref().map_or("und", |text| text.language.as_str()));
    let bytes = map_file(disk, source)?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).while_("reading columns")?;
    let place = reader.schema().index_of(&column.name).ok();
    // A file written before the column was added has no texts.
    let mask = ProjectionMask::roots(reader.parquet_schema(), place);
    for batch in reader.with_projection(mask).build().while_("reading columns")? {
        let batch = batch.map_err(ParquetError::from).while_("reading columns")?;
        match batch.columns().first().and_then(|column| column.as_string_opt::<i32>()) {
            Some(texts) => texts.iter().for_each(|text| builder.add(text)),
            None => (0..batch.num_rows()).for_each(|_| builder.add(None)),
        }
    }
    Ok(builder.finish())
}
