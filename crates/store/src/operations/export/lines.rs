//! Files of lines on a disk, written and read in pieces, with their hash.

use std::path::{Path, PathBuf};

use grounds_core::{Disk, DiskFile, OpenMode};

use crate::StoreError;
use crate::error::IoContext;
use crate::operations::export::ManifestFile;

/// Bytes written or read at a time.
const CHUNK_BYTES: usize = 256 << 10;

/// Writes one file line by line.
pub(super) struct LineWriter {
    name: String,
    path: PathBuf,
    file: Box<dyn DiskFile>,
    offset: u64,
    buffer: Vec<u8>,
    hasher: blake3::Hasher,
    line_count: u64,
}

impl LineWriter {
    pub(super) fn create(disk: &dyn Disk, directory: &Path, name: String) -> Result<Self, StoreError> {
        let path = directory.join(&name);
        let file = disk.open(&path, OpenMode::CreateNew).on("create", &path)?;
        let hasher = blake3::Hasher::new();
        Ok(Self { name, path, file, offset: 0, buffer: Vec::new(), hasher, line_count: 0 })
    }

    /// Adds one line, which has no line break.
    pub(super) fn add(&mut self, line: &[u8]) -> Result<(), StoreError> {
        self.buffer.extend(line);
        self.buffer.push(b'\n');
        self.line_count += 1;
        if self.buffer.len() >= CHUNK_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.file.write_at(self.offset, &self.buffer).on("write", &self.path)?;
        self.hasher.update(&self.buffer);
        self.offset += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Makes it durable; returns what the manifest says of it.
    pub(super) fn finish(mut self) -> Result<ManifestFile, StoreError> {
        self.flush()?;
        self.file.sync().on("sync", &self.path)?;
        let hash = self.hasher.finalize().to_hex().to_string();
        let (name, line_count, byte_count) = (self.name, self.line_count, self.offset);
        Ok(ManifestFile { name, line_count, byte_count, hash, table_id: None, definition: None })
    }
}

/// Hands every line of a file to `visit`, with its number from 1, and compares the file with what the manifest says of it.
///
/// # Errors
/// [`StoreError::BadExport`] where it is another file.
pub(super) fn visit_lines(
    disk: &dyn Disk,
    directory: &Path,
    expected: &ManifestFile,
    mut visit: impl FnMut(&[u8], u64) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let bad = |line, what| StoreError::BadExport { file: expected.name.clone(), line, what };
    let path = directory.join(&expected.name);
    let file = disk.open(&path, OpenMode::Read).on("read", &path)?;
    let byte_count = file.len().on("read", &path)?;
    if byte_count != expected.byte_count {
        return Err(bad(0, "its length is not the one in the manifest"));
    }
    let (mut offset, mut held, mut number) = (0, Vec::new(), 0);
    let mut hasher = blake3::Hasher::new();
    while offset < byte_count {
        let count = usize::try_from(byte_count - offset).map_or(CHUNK_BYTES, |left| left.min(CHUNK_BYTES));
        let start = held.len();
        held.resize(start + count, 0);
        file.read_at(offset, &mut held[start..]).on("read", &path)?;
        hasher.update(&held[start..]);
        offset += count as u64;
        let Some(end) = held.iter().rposition(|byte| *byte == b'\n') else { continue };
        for line in held[..end].split(|byte| *byte == b'\n') {
            number += 1;
            visit(line, number)?;
        }
        held.drain(..=end);
    }
    if !held.is_empty() || number != expected.line_count {
        return Err(bad(number, "it has not as many lines as the manifest says"));
    }
    if hasher.finalize().to_hex().as_str() != expected.hash {
        return Err(bad(0, "its hash is not the one in the manifest"));
    }
    Ok(())
}
