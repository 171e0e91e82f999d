//! What the file `current` of the columns directory says: which generation is in use, up to where, and what it is made of.

use std::path::Path;

use grounds_core::{ColumnDefinition, Disk, Table, TableId};
use serde::{Deserialize, Serialize};

use crate::columns::companion::Companion;
use crate::columns::times::TimeBounds;
use crate::disk::read_file;

/// The file in the columns directory that names the generation in use.
pub(crate) const CURRENT_FILE: &str = "current";

/// Changes whenever the same rows would be written differently. Another number in a manifest means that the generation is built anew.
pub(crate) const GENERATION_FORMAT: u32 = 1;

/// What the file `current` says, as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// [`GENERATION_FORMAT`] of the writer.
    pub(crate) format: u32,
    /// The name of the generation's directory, beside this file.
    pub(crate) directory: String,
    /// It holds every row written up to this snapshot.
    pub(crate) snapshot: u64,
    /// The hash of the log entry of that snapshot: the generation belongs to that truth and no other.
    pub(crate) log_hash: String,
    /// One past the last row number in use then.
    pub(crate) row_end: u64,
    /// The tables, in no particular order.
    pub(crate) tables: Vec<ManifestTable>,
}

/// Which table, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TableName {
    BuiltIn(Table),
    Declared(TableId),
}

/// One table of a generation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ManifestTable {
    pub(crate) table: TableName,
    /// How it was called then, for whoever reads the directory.
    pub(crate) name: String,
    /// Its columns then. Files written before a column was added lack it.
    pub(crate) columns: Vec<ColumnDefinition>,
    pub(crate) files: Vec<ManifestFile>,
}

/// One file of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ManifestFile {
    pub(crate) name: String,
    pub(crate) byte_count: u64,
    /// BLAKE3, 64 hexadecimal digits.
    pub(crate) hash: String,
    pub(crate) row_count: u64,
    pub(crate) times: TimeBounds,
    /// Rows that were closed after the file was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) closed: Option<ClosedFile>,
    /// What is derived from the file and kept beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) companions: Vec<Companion>,
}

/// The file beside a Parquet file that says which of its rows were closed since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClosedFile {
    pub(crate) name: String,
    pub(crate) byte_count: u64,
    /// BLAKE3, 64 hexadecimal digits.
    pub(crate) hash: String,
    pub(crate) row_count: u64,
}

/// The manifest in the columns directory; `None` where there is none or it cannot be understood, for then there is no generation.
pub(crate) fn read_manifest(disk: &dyn Disk, directory: &Path) -> Option<Manifest> {
    let bytes = read_file(disk, &directory.join(CURRENT_FILE)).ok()?;
    let manifest: Manifest = serde_json::from_slice(&bytes).ok()?;
    let is_name = |name: &str| !name.contains(['/', '\\']) && !name.starts_with('.');
    let is_good = |file: &ManifestFile| {
        let mut beside = file.companions.iter().map(|companion| &companion.name);
        is_name(&file.name)
            && file.closed.as_ref().is_none_or(|closed| is_name(&closed.name))
            && beside.all(|name| is_name(name))
    };
    let are_good = manifest.tables.iter().flat_map(|table| &table.files).all(is_good);
    (manifest.format == GENERATION_FORMAT && is_name(&manifest.directory) && are_good).then_some(manifest)
}
