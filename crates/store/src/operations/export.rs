//! A whole workspace in open formats, with its history: written, and read into a new workspace. `docs/export.md` describes the files.

mod lines;
mod rows;
mod write;
mod read;

use grounds_core::Snapshot;
use serde::{Deserialize, Serialize};

/// What [`Manifest::format`] says.
const FORMAT_NAME: &str = "grounds-export-1";
const MANIFEST_FILE: &str = "manifest.json";
const LOG_FILE: &str = "log.jsonl";
const CHANGES_FILE: &str = "changes.jsonl";
const ERASED_ROWS_FILE: &str = "erased_rows.jsonl";
const ERASED_ORIGINALS_FILE: &str = "erased_originals.jsonl";
const TABLES_DIRECTORY: &str = "tables";
const ORIGINALS_DIRECTORY: &str = "originals";

/// The file of a built-in table.
fn table_file(table: grounds_core::Table) -> String {
    format!("{TABLES_DIRECTORY}/{}.jsonl", table.name())
}

/// The file of a declared table.
fn declared_file(id: u32) -> String {
    format!("{TABLES_DIRECTORY}/declared-{id}.jsonl")
}

/// What an export holds, and what an import brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportReport {
    /// The latest snapshot in it.
    pub snapshot: Snapshot,
    /// The hash of its last log entry, which stands for all of it; `None` where the log is empty.
    pub head: Option<String>,
    /// How many row pieces it has.
    pub row_count: u64,
    /// How many originals it has.
    pub original_count: u64,
}

/// `manifest.json`: what the other files are.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    /// [`FORMAT_NAME`].
    format: String,
    snapshot: u64,
    /// The hash of the last log entry.
    head: Option<String>,
    original_count: u64,
    files: Vec<ManifestFile>,
}

/// One file of lines.
#[derive(Debug, Serialize, Deserialize)]
struct ManifestFile {
    /// Its path in the export, with `/`.
    name: String,
    line_count: u64,
    byte_count: u64,
    /// BLAKE3, 64 hexadecimal digits.
    hash: String,
    /// The number of a declared table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    table_id: Option<u32>,
    /// Its latest definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    definition: Option<grounds_core::TableDefinition>,
}
