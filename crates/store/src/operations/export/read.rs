//! Reading an export into a new workspace, which then is the one that was exported: same log, same hashes, same pieces.

use std::io;
use std::path::Path;
use std::sync::Arc;

use grounds_core::{Disk, Snapshot, Table, TableId};
use serde::Deserialize;

use crate::cells::{PartWriter, Place, encode_cells, encode_row, engine_key, unique};
use crate::commit::load_catalogue;
use crate::disk::{SystemDisk, create_directory, read_file};
use crate::encoding::{from_hex, hash};
use crate::error::IoContext;
use crate::index::add_to_indexes;
use crate::journal;
use crate::log::{StoredEntry, append};
use crate::operations::export::lines::visit_lines;
use crate::operations::export::rows::{bytes_of, parse_built_in, parse_declared};
use crate::operations::export::{
    CHANGES_FILE, ERASED_ORIGINALS_FILE, ERASED_ROWS_FILE, ExportReport, FORMAT_NAME, LOG_FILE, MANIFEST_FILE,
    Manifest, ManifestFile, ORIGINALS_DIRECTORY, declared_file, table_file,
};
use crate::operations::tombstone::Tombstone;
use crate::operations::truth_file::NewTruthFile;
use crate::operations::{Counter, OnProgress};
use crate::schema::{FORMAT, HEADER_FORMAT, HEADER_MAGIC, MAGIC, TRUTH_FILE, table_number};
use crate::table::decode_row;
use crate::truth::TruthTables;
use crate::{Store, StoreError};

impl Store {
    /// Makes a workspace in `directory` of this machine's disk from an export; see [`Store::import_on`].
    ///
    /// # Errors
    /// As [`Store::import_on`].
    pub fn import(source: &Path, directory: &Path, on_progress: OnProgress<'_>) -> Result<ExportReport, StoreError> {
        Self::import_on(&(Arc::new(SystemDisk) as Arc<dyn Disk>), source, directory, on_progress)
    }

    /// Makes a workspace in `directory` from `source`, a directory that [`Store::export`] wrote.
    ///
    /// The new workspace has the same log with the same hashes, and every piece with its numbers. All of it is read back and recomputed before
    /// it gets its name.
    ///
    /// Cost: reads the export once and the new truth once; memory for one row at a time.
    ///
    /// # Errors
    /// [`StoreError::AlreadyAWorkspace`], [`StoreError::NoBackup`] (other paths), [`StoreError::BadExport`] with file and line,
    /// [`StoreError::Corrupt`] where the files are whole but do not agree, [`StoreError::Io`].
    pub fn import_on(
        disk: &Arc<dyn Disk>,
        source: &Path,
        directory: &Path,
        on_progress: OnProgress<'_>,
    ) -> Result<ExportReport, StoreError> {
        let target = directory.join(TRUTH_FILE);
        let already = || StoreError::AlreadyAWorkspace { directory: directory.to_owned() };
        if disk.exists(&target).on("read", &target)? {
            return Err(already());
        }
        let manifest = read_manifest(disk.as_ref(), source)?;
        create_directory(disk.as_ref(), directory)?;
        let file = NewTruthFile::beside(disk, &target)?;
        let line_count: u64 = manifest.files.iter().map(|file| file.line_count).sum();
        let total = line_count.saturating_add(manifest.original_count);
        file.write(|to| {
            let counter = Counter::new("importing", total, on_progress);
            let tables = TruthTables::new(to);
            Import { disk: disk.as_ref(), source, tables, counter }.read_all(&manifest)
        })?;
        let examination = file.verify(on_progress)?;
        if examination.head != manifest.head || examination.snapshot.0 != manifest.snapshot {
            return Err(bad(MANIFEST_FILE, 0, "its head is not that of the log"));
        }
        // One that is there without a truth belongs to none.
        journal::forget(disk.as_ref(), directory)?;
        file.name(&target).map_err(|error| match error {
            StoreError::AlreadyThere { .. } => already(),
            other => other,
        })?;
        Ok(ExportReport {
            snapshot: examination.snapshot,
            head: examination.head,
            row_count: examination.row_count as u64,
            original_count: examination.original_count as u64,
        })
    }
}

fn bad(file: &str, line: u64, what: &'static str) -> StoreError {
    StoreError::BadExport { file: file.to_owned(), line, what }
}

fn read_manifest(disk: &dyn Disk, source: &Path) -> Result<Manifest, StoreError> {
    let path = source.join(MANIFEST_FILE);
    let bytes = match read_file(disk, &path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Err(StoreError::NoBackup { path });
        }
        other => other.on("read", &path)?,
    };
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|_| bad(MANIFEST_FILE, 0, "it is not the manifest of an export"))?;
    if manifest.format != FORMAT_NAME {
        return Err(bad(MANIFEST_FILE, 0, "its format is not one that this version of Grounds reads"));
    }
    Ok(manifest)
}

/// An import in the making.
struct Import<'a, 't, 'p> {
    disk: &'a dyn Disk,
    source: &'a Path,
    tables: TruthTables<'t>,
    counter: Counter<'p>,
}

#[derive(Deserialize)]
struct ChangesLine {
    table_id: u32,
    snapshot: u64,
    rows: Vec<(String, u64, bool)>,
}

#[derive(Deserialize)]
struct ErasedRowLine {
    number: u64,
    erased_at: u64,
    known_from: u64,
    known_to: Option<u64>,
    is_declared: bool,
    digest: String,
}

#[derive(Deserialize)]
struct ErasedOriginalLine {
    hash: String,
    erased_at: u64,
}

impl Import<'_, '_, '_> {
    fn read_all(mut self, manifest: &Manifest) -> Result<(), StoreError> {
        self.tables.open_all()?;
        self.tables.header.insert(HEADER_MAGIC, MAGIC)?;
        self.tables.header.insert(HEADER_FORMAT, FORMAT.to_le_bytes().as_slice())?;
        for file in &manifest.files {
            let table = Table::ALL.into_iter().find(|table| table_file(*table) == file.name);
            match (file.name.as_str(), table, file.table_id) {
                (_, Some(table), _) => self.built_in(file, table)?,
                (name, _, Some(id)) if name == declared_file(id) => self.declared(file, TableId(id))?,
                (LOG_FILE, ..) => self.lines(file, |import, line| import.log_entry(line))?,
                (CHANGES_FILE, ..) => self.changes(file)?,
                (ERASED_ROWS_FILE, ..) => self.lines(file, |import, line| import.erased_row(line))?,
                (ERASED_ORIGINALS_FILE, ..) => self.lines(file, |import, line| import.erased_original(line))?,
                _ => return Err(bad(&file.name, 0, "it is not a file of an export")),
            }
        }
        self.originals()?;
        let catalogue = load_catalogue(&mut self.tables, Snapshot(manifest.snapshot))?;
        unique::add_all(&mut self.tables, &catalogue)
    }

    /// Reads the lines of a file; `take` gives `None` for one that it cannot read.
    fn lines(
        &mut self,
        file: &ManifestFile,
        mut take: impl FnMut(&mut Self, &[u8]) -> Result<Option<()>, StoreError>,
    ) -> Result<(), StoreError> {
        visit_lines(self.disk, self.source, file, |line, number| {
            self.counter.add_one();
            take(self, line)?.ok_or_else(|| bad(&file.name, number, "it is not a line that an export has here"))
        })
    }

    fn log_entry(&mut self, line: &[u8]) -> Result<Option<()>, StoreError> {
        let Ok(entry) = serde_json::from_slice::<StoredEntry>(line) else { return Ok(None) };
        if from_hex(&entry.hash).is_none() {
            return Ok(None);
        }
        append(&mut self.tables, &entry).map(Some)
    }

    fn built_in(&mut self, file: &ManifestFile, table: Table) -> Result<(), StoreError> {
        self.lines(file, |import, line| {
            let Some((line, head, content)) = parse_built_in(line) else { return Ok(None) };
            let Ok(row) = decode_row(table, content) else { return Ok(None) };
            if hash(content) != head.content_hash {
                return Ok(None);
            }
            import.tables.contents.insert(head.content, content)?;
            let bytes = head.encode(table, &line.key, line.number);
            import.tables.rows.insert((table_number(table), line.key.as_str(), line.number), bytes.as_slice())?;
            add_to_indexes(&mut import.tables, &row, &line.key)?;
            Ok(Some(()))
        })
    }

    fn declared(&mut self, file: &ManifestFile, table: TableId) -> Result<(), StoreError> {
        let (mut body, mut bytes) = (Vec::new(), Vec::new());
        self.lines(file, |import, line| {
            let Some((key, number, place, cells)) = parse_declared(line) else { return Ok(None) };
            let place: Place = place;
            let engine_key = engine_key(table, &key, number);
            encode_cells(&cells, &mut body);
            encode_row(&engine_key, &place, &body, &mut bytes);
            import.tables.cells.insert(engine_key.as_slice(), bytes.as_slice())?;
            Ok(Some(()))
        })
    }

    /// Writes the lists of changed rows, each commit's in the parts that it would make.
    fn changes(&mut self, file: &ManifestFile) -> Result<(), StoreError> {
        let mut part: Option<((u32, u64), PartWriter)> = None;
        self.lines(file, |import, line| {
            let Ok(line) = serde_json::from_slice::<ChangesLine>(line) else { return Ok(None) };
            let of = (line.table_id, line.snapshot);
            if let Some((_, finished)) = part.take_if(|(held, _)| *held != of) {
                finished.finish(&mut import.tables)?;
            }
            let (_, writer) =
                part.get_or_insert_with(|| (of, PartWriter::new(TableId(line.table_id), Snapshot(line.snapshot))));
            for (key, number, is_closed) in &line.rows {
                let Some(key) = bytes_of(key) else { return Ok(None) };
                writer.add(&mut import.tables, &key, *number, *is_closed)?;
            }
            Ok(Some(()))
        })?;
        part.map_or(Ok(()), |(_, finished)| finished.finish(&mut self.tables))
    }

    fn erased_row(&mut self, line: &[u8]) -> Result<Option<()>, StoreError> {
        let Ok(line) = serde_json::from_slice::<ErasedRowLine>(line) else { return Ok(None) };
        let Some(digest) = from_hex(&line.digest) else { return Ok(None) };
        let ErasedRowLine { number, erased_at, known_from, known_to, is_declared, .. } = line;
        let tombstone = Tombstone { erased_at, known_from, known_to, is_declared, digest };
        self.tables.erased_rows.insert(number, tombstone.encode(number).as_slice()).map(Some)
    }

    fn erased_original(&mut self, line: &[u8]) -> Result<Option<()>, StoreError> {
        let Ok(line) = serde_json::from_slice::<ErasedOriginalLine>(line) else { return Ok(None) };
        let Some(name) = from_hex(&line.hash) else { return Ok(None) };
        self.tables.erased_originals.insert((&name, line.erased_at), ()).map(Some)
    }

    fn originals(&mut self) -> Result<(), StoreError> {
        let directory = self.source.join(ORIGINALS_DIRECTORY);
        for entry in self.disk.list(&directory).on("list", &directory)? {
            let path = directory.join(&entry.name);
            let wrong = || bad(&format!("{ORIGINALS_DIRECTORY}/{}", entry.name), 0, "its bytes do not match its name");
            let name = from_hex(&entry.name).ok_or_else(wrong)?;
            let bytes = read_file(self.disk, &path).on("read", &path)?;
            if hash(&bytes) != name {
                return Err(wrong());
            }
            self.tables.originals.insert(&name, bytes.as_slice())?;
            self.counter.add_one();
        }
        Ok(())
    }
}
