//! Writing an export: every table, line by line, from one read transaction.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use grounds_core::{Disk, OpenMode, Row, Table, TableDefinition};
use serde_json::json;

use crate::cells::{KnownTime, decode_cells, decode_part, decode_row, split_engine_key};
use crate::disk::{create_directory, remove_directory_if_there, replace_file, sync_directory};
use crate::encoding::hex;
use crate::error::{EngineContext, IoContext, contain};
use crate::log;
use crate::operations::export::lines::LineWriter;
use crate::operations::export::rows::{built_in_line, declared_line, hex_of};
use crate::operations::export::{
    CHANGES_FILE, ERASED_ORIGINALS_FILE, ERASED_ROWS_FILE, ExportReport, FORMAT_NAME, LOG_FILE, MANIFEST_FILE,
    Manifest, ManifestFile, ORIGINALS_DIRECTORY, TABLES_DIRECTORY, declared_file, table_file,
};
use crate::operations::tombstone::Tombstone;
use crate::operations::truth_file::{EntryCount, holder, unfinished_name};
use crate::operations::{Counter, OnProgress};
use crate::schema::{CELLS, CHANGES, ERASED_ORIGINALS, ERASED_ROWS, HEADER, LOG, ORIGINALS, ROWS, TableVisitor};
use crate::table::{Keys, content, visit_heads};
use crate::{Reader, Store, StoreError};

impl Store {
    /// Writes the whole workspace as of the latest snapshot to `target`, a new directory of JSON lines and originals that other programs can
    /// read: every piece of every row on both axes, the log, and what verifies it. `docs/export.md` describes the files.
    ///
    /// Commits go on meanwhile and are not in it. The directory gets its name when everything in it is durable.
    ///
    /// Cost: reads the truth once; memory for one row at a time.
    ///
    /// # Errors
    /// [`StoreError::AlreadyThere`] (another name), [`StoreError::Corrupt`] where the workspace is damaged, [`StoreError::Io`].
    pub fn export(&self, target: &Path, on_progress: OnProgress<'_>) -> Result<ExportReport, StoreError> {
        let disk = self.inner().disk.as_ref();
        if disk.exists(target).on("read", target)? {
            return Err(StoreError::AlreadyThere { path: target.to_owned() });
        }
        let reader = self.inner().read_latest()?;
        let unfinished = unfinished_name(target);
        remove_directory_if_there(disk, &unfinished)?;
        let written = write_all(disk, &unfinished, &reader, on_progress).and_then(|report| {
            disk.rename(&unfinished, target).on("rename", &unfinished)?;
            sync_directory(disk, holder(target))?;
            Ok(report)
        });
        if written.is_err() {
            // Nothing looks at it, so failing to remove it harms nothing.
            let _ = disk.remove_directory(&unfinished);
        }
        written
    }
}

fn write_all(
    disk: &dyn Disk,
    directory: &Path,
    reader: &Reader,
    on_progress: OnProgress<'_>,
) -> Result<ExportReport, StoreError> {
    for made in [directory.to_owned(), directory.join(TABLES_DIRECTORY), directory.join(ORIGINALS_DIRECTORY)] {
        create_directory(disk, &made)?;
    }
    let mut counter = Counter::new("exporting", line_count(reader)?, on_progress);
    let mut export = Export { disk, directory, reader, counter: &mut counter };
    let (head, log) = export.log()?;
    let mut files = vec![log];
    for table in Table::ALL {
        files.push(export.built_in(table)?);
    }
    files.extend(export.declared()?);
    let row_count = files[1..].iter().map(|file| file.line_count).sum();
    files.push(export.changes()?);
    files.push(export.erased_rows()?);
    files.push(export.erased_originals()?);
    let original_count = export.originals()?;
    let snapshot = reader.known_at();
    let manifest =
        Manifest { format: FORMAT_NAME.to_owned(), snapshot: snapshot.0, head: head.clone(), original_count, files };
    let bytes = serde_json::to_vec_pretty(&manifest).expect("a manifest holds only strings and numbers");
    for made in [directory.join(TABLES_DIRECTORY), directory.join(ORIGINALS_DIRECTORY)] {
        sync_directory(disk, &made)?;
    }
    replace_file(disk, &directory.join(MANIFEST_FILE), &bytes)?;
    Ok(ExportReport { snapshot, head, row_count, original_count })
}

/// How many lines and originals there will be.
fn line_count(reader: &Reader) -> Result<u64, StoreError> {
    let mut entries = EntryCount { transaction: reader.transaction(), count: 0 };
    entries.visit(LOG)?;
    entries.visit(ROWS)?;
    entries.visit(CELLS)?;
    entries.visit(CHANGES)?;
    entries.visit(ERASED_ROWS)?;
    entries.visit(ERASED_ORIGINALS)?;
    entries.visit(ORIGINALS)?;
    Ok(entries.count)
}

/// An export in the making.
struct Export<'a, 'p> {
    disk: &'a dyn Disk,
    directory: &'a Path,
    reader: &'a Reader,
    counter: &'a mut Counter<'p>,
}

impl Export<'_, '_> {
    fn create(&self, name: &str) -> Result<LineWriter, StoreError> {
        LineWriter::create(self.disk, self.directory, name.to_owned())
    }

    fn log(&mut self) -> Result<(Option<String>, ManifestFile), StoreError> {
        let transaction = self.reader.transaction();
        let table = transaction.open_table(LOG).while_("opening the log")?;
        let header = transaction.open_table(HEADER).while_("opening the header")?;
        let head = log::last(&table, &header)?.map(|entry| entry.hash);
        let mut file = self.create(LOG_FILE)?;
        contain("the log", || {
            for item in redb::ReadableTable::iter(&table).while_("reading the log")? {
                let (_, bytes) = item.while_("reading the log")?;
                file.add(bytes.value())?;
                self.counter.add_one();
            }
            Ok(())
        })?;
        Ok((head, file.finish()?))
    }

    fn built_in(&mut self, table: Table) -> Result<ManifestFile, StoreError> {
        let mut file = self.create(&table_file(table))?;
        visit_heads(self.reader.rows()?, table, Keys::All, |key, number, head| {
            let content = content(self.reader.contents()?, table, key, &head)?;
            file.add(&built_in_line(key, number, &head, &content))?;
            self.counter.add_one();
            Ok(())
        })?;
        file.finish()
    }

    /// One file for each declared table that has rows.
    fn declared(&mut self) -> Result<Vec<ManifestFile>, StoreError> {
        let mut definitions: BTreeMap<u32, TableDefinition> = BTreeMap::new();
        self.reader.visit_built_in(Table::Tables, KnownTime::All, &mut |piece| {
            if let Row::Table(definition) = piece.row
                && definitions.get(&definition.id.0).is_none_or(|held| held.columns.len() <= definition.columns.len())
            {
                definitions.insert(definition.id.0, definition);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let mut finished = Vec::new();
        let mut open: Option<(u32, LineWriter)> = None;
        let mut finish = |open: Option<(u32, LineWriter)>| -> Result<(), StoreError> {
            let Some((id, writer)) = open else { return Ok(()) };
            let definition = definitions.get(&id).cloned();
            finished.push(ManifestFile { table_id: Some(id), definition, ..writer.finish()? });
            Ok(())
        };
        contain("the cells table", || {
            for item in redb::ReadableTable::iter(self.reader.cells()?).while_("reading rows")? {
                let (engine_key, bytes) = item.while_("reading rows")?;
                let wrong = || StoreError::corrupt("a row's bytes are no cells", "the cells table");
                let (table, key, number) = split_engine_key(engine_key.value()).ok_or_else(wrong)?;
                let (place, cells) = decode_row(engine_key.value(), bytes.value())?;
                if open.as_ref().is_none_or(|(id, _)| *id != table.0) {
                    finish(open.take())?;
                    open = Some((table.0, self.create(&declared_file(table.0))?));
                }
                let (_, file) = open.as_mut().expect("opened just above");
                file.add(&declared_line(key, number, &place, &decode_cells(cells, 0).ok_or_else(wrong)?))?;
                self.counter.add_one();
            }
            Ok(())
        })?;
        finish(open)?;
        Ok(finished)
    }

    fn changes(&mut self) -> Result<ManifestFile, StoreError> {
        let mut file = self.create(CHANGES_FILE)?;
        let table = self.reader.transaction().open_table(CHANGES).while_("opening the changes")?;
        contain("the changes table", || {
            for item in redb::ReadableTable::iter(&table).while_("reading changes")? {
                let (key, bytes) = item.while_("reading changes")?;
                let (table, snapshot, _) = key.value();
                let rows = decode_part(key.value(), bytes.value())?;
                let rows: Vec<_> =
                    rows.iter().map(|row| json!([hex_of(&row.key), row.number, row.is_closed])).collect();
                let line = json!({ "table_id": table, "snapshot": snapshot, "rows": rows });
                file.add(line.to_string().as_bytes())?;
                self.counter.add_one();
            }
            Ok(())
        })?;
        file.finish()
    }

    fn erased_rows(&mut self) -> Result<ManifestFile, StoreError> {
        let mut file = self.create(ERASED_ROWS_FILE)?;
        let table = self.reader.transaction().open_table(ERASED_ROWS).while_("opening the erased rows")?;
        contain("the erased rows", || {
            for item in redb::ReadableTable::iter(&table).while_("reading erased rows")? {
                let (number, bytes) = item.while_("reading erased rows")?;
                let row = Tombstone::decode(number.value(), bytes.value())?;
                let line = json!({
                    "number": number.value(),
                    "erased_at": row.erased_at,
                    "known_from": row.known_from,
                    "known_to": row.known_to,
                    "is_declared": row.is_declared,
                    "digest": hex(&row.digest),
                });
                file.add(line.to_string().as_bytes())?;
                self.counter.add_one();
            }
            Ok(())
        })?;
        file.finish()
    }

    fn erased_originals(&mut self) -> Result<ManifestFile, StoreError> {
        let mut file = self.create(ERASED_ORIGINALS_FILE)?;
        let table = self.reader.transaction().open_table(ERASED_ORIGINALS).while_("opening erased originals")?;
        contain("the erased originals", || {
            for item in redb::ReadableTable::iter(&table).while_("reading erased originals")? {
                let (key, _) = item.while_("reading erased originals")?;
                let (name, snapshot) = key.value();
                file.add(json!({ "hash": hex(name), "erased_at": snapshot }).to_string().as_bytes())?;
                self.counter.add_one();
            }
            Ok(())
        })?;
        file.finish()
    }

    /// One file for each original, named by its hash.
    fn originals(&mut self) -> Result<u64, StoreError> {
        let table = self.reader.transaction().open_table(ORIGINALS).while_("opening the originals")?;
        let mut count = 0;
        contain("the originals", || {
            for item in redb::ReadableTable::iter(&table).while_("reading the originals")? {
                let (name, bytes) = item.while_("reading the originals")?;
                let path = self.directory.join(ORIGINALS_DIRECTORY).join(hex(name.value()));
                let file = self.disk.open(&path, OpenMode::CreateNew).on("create", &path)?;
                file.write_at(0, bytes.value()).and_then(|()| file.sync()).on("write", &path)?;
                count += 1;
                self.counter.add_one();
            }
            Ok(())
        })?;
        Ok(count)
    }
}
