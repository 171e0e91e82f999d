//! Builds a column generation beside the one in use and swaps it in by replacing the file `current`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use grounds_core::{Disk, OpenMode, Table};

use crate::built_in::TableRef;
use crate::columns::companion::{CompanionKind, complete};
use crate::columns::delta::{changes_since, visit_pieces};
use crate::columns::file::{ClosedRow, ColumnFile, encode_closed};
use crate::columns::generation::{Generation, GenerationTable};
use crate::columns::lanes::{FILE_ROW_COUNT_MAX, Lanes};
use crate::columns::manifest::{
    CURRENT_FILE, ClosedFile, GENERATION_FORMAT, Manifest, ManifestFile, ManifestTable, TableName,
};
use crate::columns::merge::merge;
use crate::columns::schema::can_be_sealed;
use crate::disk::{copy_file, create_directory, remove_directory_if_there, replace_file, sync_directory};
use crate::error::IoContext;
use crate::{Reader, StoreError};

/// Where a generation is built; left over only by a crash.
const BUILDING: &str = "building";
/// Of this many rows of a file one may be closed before the file is written anew.
const ROWS_PER_CLOSED_ROW_MIN: usize = 10;
/// As many files of about the same size become one.
const SIMILAR_FILE_COUNT_MAX: usize = 8;

/// What the manifest says about truth.
pub(crate) struct SealPoint {
    pub(crate) snapshot: u64,
    pub(crate) log_hash: String,
    pub(crate) row_end: u64,
}

/// Builds the generation at the reader's snapshot, which is that of `point`, from `previous` and what changed since.
///
/// # Errors
/// [`StoreError::Columns`] and [`StoreError::Corrupt`] where `previous` is damaged or truth is; [`StoreError::Io`].
pub(crate) fn build(
    reader: &Reader,
    disk: &dyn Disk,
    columns_directory: &Path,
    previous: Option<&Generation>,
    point: &SealPoint,
) -> Result<Manifest, StoreError> {
    create_directory(disk, columns_directory)?;
    let building = columns_directory.join(BUILDING);
    remove_directory_if_there(disk, &building)?;
    create_directory(disk, &building)?;
    let indexed_row_count_min = reader.inner().config.vector_index_row_count_min;
    let declared = reader.tables()?;
    let built_in = Table::ALL.into_iter().map(TableRef::BuiltIn);
    let mut tables = Vec::new();
    for table in built_in.chain(declared.iter().map(TableRef::Declared)) {
        let name = TableName::of(table);
        let definition = table.definition();
        if !can_be_sealed(&definition) {
            continue;
        }
        let before = previous.and_then(|previous| Some((previous, previous.tables.get(&name)?)));
        let before = before.filter(|(_, before)| before.agrees_with(&definition));
        let prefix = match table {
            TableRef::BuiltIn(table) => format!("{}-{}", table.name(), point.snapshot),
            TableRef::Declared(definition) => format!("table_{}-{}", definition.id.0, point.snapshot),
        };
        let wanted = CompanionKind::wanted(&definition);
        let mut lanes = Lanes::new(disk, &building, prefix, &definition);
        let mut files = match before {
            None => {
                let filled = visit_pieces(reader, table, |piece| lanes.push(&piece)).and_then(|()| lanes.finish());
                // A cell is absent that may not be: the table is read from truth, which can say so.
                match filled {
                    Err(StoreError::Columns { .. }) => continue,
                    filled => filled?,
                }
            }
            Some((previous, before)) => {
                Step { reader, disk, building: &building, previous, before, wanted: &wanted, point }
                    .take(table, lanes)?
            }
        };
        for file in &mut files {
            complete(disk, &building, &definition, file, indexed_row_count_min)?;
        }
        tables.push(ManifestTable { table: name, name: definition.name, columns: definition.columns, files });
    }
    sync_directory(disk, &building)?;
    let directory = free_name(disk, columns_directory, point.snapshot)?;
    let home = columns_directory.join(&directory);
    disk.rename(&building, &home).on("rename", &building)?;
    sync_directory(disk, columns_directory)?;
    let manifest = Manifest {
        format: GENERATION_FORMAT,
        directory,
        snapshot: point.snapshot,
        log_hash: point.log_hash.clone(),
        row_end: point.row_end,
        tables,
    };
    let bytes = serde_json::to_vec(&manifest).expect("a manifest holds only strings and numbers");
    replace_file(disk, &columns_directory.join(CURRENT_FILE), &bytes)?;
    Ok(manifest)
}

/// A name for the directory of a generation. Another one at the same snapshot may still be read.
fn free_name(disk: &dyn Disk, columns_directory: &Path, snapshot: u64) -> Result<String, StoreError> {
    let names = std::iter::once(snapshot.to_string()).chain((2..u64::MAX).map(|turn| format!("{snapshot}-{turn}")));
    for name in names {
        let path = columns_directory.join(&name);
        if !disk.exists(&path).on("read", &path)? {
            return Ok(name);
        }
    }
    unreachable!("a directory has fewer names than there are numbers")
}

/// From one generation of a table to the next.
struct Step<'a> {
    reader: &'a Reader,
    disk: &'a dyn Disk,
    building: &'a Path,
    previous: &'a Generation,
    before: &'a GenerationTable,
    wanted: &'a [CompanionKind],
    point: &'a SealPoint,
}

/// A file of the generation before, and its rows that are closed by now.
type Kept = (Arc<ColumnFile>, Vec<ClosedRow>);

impl Step<'_> {
    /// The table's files: those before where they can stay, those written anew, and those of new rows.
    fn take(&self, table: TableRef<'_>, mut lanes: Lanes<'_>) -> Result<Vec<ManifestFile>, StoreError> {
        let delta = changes_since(self.reader, table, self.previous.snapshot())?;
        let mut kept: Vec<Kept> = Vec::with_capacity(self.before.files.len());
        let mut known_to: HashMap<u64, _> = delta.closed.iter().map(|piece| (piece.number, piece.known_to)).collect();
        let numbers: Vec<u64> = known_to.keys().copied().collect();
        for file in &self.before.files {
            let mut closed = file.closed()?.as_ref().clone();
            if !known_to.is_empty() {
                for (number, position) in file.positions(&numbers)? {
                    let Some(known_to) = known_to.remove(&number) else { continue };
                    closed.push(ClosedRow { position, number, known_to });
                }
                closed.sort_unstable_by_key(|row| row.position);
            }
            kept.push((Arc::clone(file), closed));
        }
        if !known_to.is_empty() {
            return Err(StoreError::corrupt("a row is missing in the column data", "the columns directory"));
        }
        let (rewritten, kept) = to_rewrite(kept);
        let mut opened = delta.opened;
        opened.sort_by(|a, b| (&a.key, a.number).cmp(&(&b.key, b.number)));
        opened.iter().try_for_each(|piece| lanes.push(piece))?;
        let definition = table.definition();
        for group in groups(rewritten) {
            let (open, closed) = merge(&definition, &group)?;
            lanes.write(open, closed)?;
        }
        let mut files = lanes.finish()?;
        for (file, closed) in &kept {
            files.push(self.link(file, closed)?);
        }
        Ok(files)
    }

    /// Takes over a file, and writes down beside it which of its rows are closed.
    fn link(&self, file: &ColumnFile, closed: &[ClosedRow]) -> Result<ManifestFile, StoreError> {
        self.link_name(&file.entry.name)?;
        let mut entry = file.entry.clone();
        // Those that are no longer asked for are not linked, and written anew where others are.
        entry.companions.retain(|companion| self.wanted.contains(&companion.kind));
        for companion in &entry.companions {
            self.link_name(&companion.name)?;
        }
        let before = entry.closed.as_ref().map_or(0, |before| before.row_count);
        if before == closed.len() as u64 {
            if let Some(before) = &entry.closed {
                self.link_name(&before.name)?;
            }
            return Ok(entry);
        }
        let stem = entry.name.strip_suffix(".parquet").unwrap_or(&entry.name);
        let name = format!("{stem}.closed-{}", self.point.snapshot);
        let path = self.building.join(&name);
        let bytes = encode_closed(closed);
        let target = self.disk.open(&path, OpenMode::CreateNew).on("create", &path)?;
        target.write_at(0, &bytes).and_then(|()| target.sync()).on("write", &path)?;
        entry.closed = Some(ClosedFile {
            name,
            byte_count: bytes.len() as u64,
            hash: blake3::hash(&bytes).to_hex().to_string(),
            row_count: closed.len() as u64,
        });
        Ok(entry)
    }

    /// Links a file of the generation before, for it is never changed, or copies it where the file system has no links.
    fn link_name(&self, name: &str) -> Result<(), StoreError> {
        let (from, to): (PathBuf, PathBuf) = (self.previous.home.path.join(name), self.building.join(name));
        if self.disk.link(&from, &to).is_ok() {
            return Ok(());
        }
        copy_file(self.disk, &from, &to)?;
        self.disk.open(&to, OpenMode::Write).and_then(|copy| copy.sync()).on("sync", &to)
    }
}

/// Tells apart what is written anew and what stays.
fn to_rewrite(files: Vec<Kept>) -> (Vec<Kept>, Vec<Kept>) {
    let size_class = |file: &ColumnFile| {
        let has_open = file.times().system_to.has_absent;
        let class = usize::try_from(file.row_count()).unwrap_or(usize::MAX).max(1).ilog(SIMILAR_FILE_COUNT_MAX);
        (file.row_count() < FILE_ROW_COUNT_MAX as u64 / 2).then_some((has_open, class))
    };
    let mut counts: HashMap<_, usize> = HashMap::new();
    for (file, _) in &files {
        if let Some(class) = size_class(file) {
            *counts.entry(class).or_default() += 1;
        }
    }
    files.into_iter().partition(|(file, closed)| {
        let is_worn = closed.len() * ROWS_PER_CLOSED_ROW_MIN > usize::try_from(file.row_count()).unwrap_or(usize::MAX);
        let is_one_of_many = size_class(file).is_some_and(|class| counts[&class] >= SIMILAR_FILE_COUNT_MAX);
        is_worn || is_one_of_many
    })
}

/// Groups of files that are merged in memory together.
fn groups(files: Vec<Kept>) -> Vec<Vec<Kept>> {
    let mut groups: Vec<Vec<Kept>> = Vec::new();
    let mut row_count = u64::MAX;
    for kept in files {
        row_count = row_count.saturating_add(kept.0.row_count());
        if row_count > FILE_ROW_COUNT_MAX as u64 {
            row_count = kept.0.row_count();
            groups.push(Vec::new());
        }
        groups.last_mut().expect("the first file begins a group").push(kept);
    }
    groups
}
