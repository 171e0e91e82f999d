//! The audit of what was asked for and denied: a file of its own beside the truth, appended to and never changed.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use grounds_core::{Disk, OpenMode, Snapshot};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::disk::{read_file, sync_directory};
use crate::error::IoContext;
use crate::log::genesis_hash;
use crate::store::lock;

/// The file in a workspace directory.
pub(crate) const DENIALS_FILE: &str = "denials";

/// What kind of thing was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeniedKind {
    /// The workspace itself, by somebody it does not know.
    Workspace,
    /// A document, by its name or a title.
    Document,
    /// A version of one.
    Version,
    /// A declared table.
    Table,
    /// A row of another built-in table.
    Row,
}

impl DeniedKind {
    /// Its name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            DeniedKind::Workspace => "workspace",
            DeniedKind::Document => "document",
            DeniedKind::Version => "version",
            DeniedKind::Table => "table",
            DeniedKind::Row => "row",
        }
    }
}

/// One denial: who asked for what, and what they read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The name under which they read.
    pub principal: String,
    /// What kind of thing they asked for.
    pub kind: DeniedKind,
    /// What they called it; empty for the workspace.
    pub name: String,
    /// The snapshot of their reader.
    pub snapshot: Snapshot,
}

/// A question for something by name that led to nothing, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) principal: String,
    pub(crate) kind: DeniedKind,
    pub(crate) name: String,
    pub(crate) snapshot: u64,
    /// False where nothing has that name. Such questions are written too, so that they take as long.
    pub(crate) is_denial: bool,
}

/// The audit of one open workspace.
///
/// Each append is one line: the BLAKE3 hash (64 hexadecimal digits) of the hash before and the records, a space, the records as a JSON array, and a
/// line feed. A line that does not match its hash and is the last was torn by a crash and counts as not written; anywhere else it is damage.
pub(crate) struct Denials {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    /// Where the file ends and the hash of its last line, once that is known.
    end: Mutex<Option<End>>,
}

#[derive(Clone)]
struct End {
    byte_count: u64,
    hash: String,
}

impl Denials {
    pub(crate) fn new(disk: Arc<dyn Disk>, directory: &Path) -> Self {
        Self { disk, directory: directory.to_owned(), end: Mutex::new(None) }
    }

    /// Adds `records`; they are durable when this returns. Does not touch the truth: no snapshot is made.
    ///
    /// # Errors
    /// [`StoreError::Io`]; [`StoreError::Corrupt`] where the file is damaged, for what follows could not be trusted.
    pub(crate) fn append(&self, records: &[Record]) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let path = self.directory.join(DENIALS_FILE);
        let mut known_end = lock(&self.end);
        let known = known_end.take();
        // The file may be new, or another handle may have made it and not come to syncing its name.
        let is_first = known.is_none();
        let end = match known {
            Some(end) => end,
            None => self.read()?.1,
        };
        let json = serde_json::to_string(records).expect("a record holds only strings and numbers");
        let hash = line_hash(&end.hash, &json);
        let line = format!("{hash} {json}\n");
        let file = self.disk.open(&path, OpenMode::Create).on("open", &path)?;
        file.set_len(end.byte_count)
            .and_then(|()| file.write_at(end.byte_count, line.as_bytes()))
            .and_then(|()| file.sync())
            .on("write", &path)?;
        if is_first {
            sync_directory(self.disk.as_ref(), &self.directory)?;
        }
        *known_end = Some(End { byte_count: end.byte_count + line.len() as u64, hash });
        Ok(())
    }

    /// Everything written, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] with the line, [`StoreError::Io`].
    pub(crate) fn denials(&self) -> Result<Vec<Denial>, StoreError> {
        let _writer = lock(&self.end);
        let denial = |record: Record| {
            let Record { principal, kind, name, snapshot, is_denial } = record;
            is_denial.then_some(Denial { principal, kind, name, snapshot: Snapshot(snapshot) })
        };
        Ok(self.read()?.0.into_iter().filter_map(denial).collect())
    }

    fn read(&self) -> Result<(Vec<Record>, End), StoreError> {
        let path = self.directory.join(DENIALS_FILE);
        let bytes = match read_file(self.disk.as_ref(), &path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            result => result.on("read", &path)?,
        };
        let mut records = Vec::new();
        let mut end = End { byte_count: 0, hash: genesis_hash() };
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            match read_line(&end.hash, line) {
                Some((hash, batch)) => {
                    records.extend(batch);
                    end = End { byte_count: end.byte_count + line.len() as u64, hash };
                }
                None if lines.peek().is_none() => break,
                None => {
                    let place = format!("{} line {}", path.display(), number + 1);
                    return Err(StoreError::corrupt("an entry of the audit does not match its hash", place));
                }
            }
        }
        Ok((records, end))
    }
}

fn line_hash(previous: &str, json: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous.as_bytes());
    hasher.update(json.as_bytes());
    hasher.finalize().to_hex().to_string()
}

/// The hash and the records of a whole line that follows the one with the hash `previous`.
fn read_line(previous: &str, line: &[u8]) -> Option<(String, Vec<Record>)> {
    let text = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (hash, json) = text.split_once(' ')?;
    let records = serde_json::from_str(json).ok()?;
    (line_hash(previous, json) == hash).then(|| (hash.to_owned(), records))
}
