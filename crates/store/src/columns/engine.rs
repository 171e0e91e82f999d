//! What an open store keeps of column data: the generation in use, and who builds the next one.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use grounds_core::{Disk, Snapshot};

use crate::built_in::TableRef;
use crate::columns::delta::changes_since;
use crate::columns::file::Home;
use crate::columns::generation::Generation;
use crate::columns::manifest::{CURRENT_FILE, ManifestFile, TableName, read_manifest};
use crate::columns::seal::{SealPoint, build};
use crate::columns::tail::Tail;
use crate::disk::remove_directory_if_there;
use crate::generations::{GenerationKind, GenerationState, GenerationStatus};
use crate::log::StoredEntry;
use crate::store::{Inner, lock};
use crate::{Reader, StoreError};

/// The directory of column generations in a workspace directory.
pub(crate) const COLUMNS_DIRECTORY: &str = "columns";

/// The memory of a store's column generations.
pub(crate) struct ColumnEngine {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    state: Mutex<State>,
    /// Held while a generation is built, so that two are not built at once.
    sealing: Mutex<()>,
    /// What happened to tables since the generation, for the readers that asked last; the latest last.
    deltas: Mutex<Vec<(DeltaName, Arc<Tail>)>>,
    /// Up to this number of rows the tail is known to be short, so that most commits need not look at the generation.
    short_up_to: AtomicU64,
}

/// A table, the generation's snapshot and the reader's.
type DeltaName = (TableName, Snapshot, Snapshot);

/// How many deltas are kept: a statement reads a handful of tables at one snapshot.
const DELTA_COUNT_MAX: usize = 8;

#[derive(Default)]
struct State {
    loaded: Loaded,
    /// Directories that somebody may still read.
    homes: Vec<Weak<Home>>,
    /// Whether building one for a scan was tried: where it fails, each scan would try again.
    was_tried: bool,
}

#[derive(Default)]
enum Loaded {
    /// Not looked for yet.
    #[default]
    Unknown,
    /// None on disk that can be used.
    Absent,
    Open(Arc<Generation>),
}

impl ColumnEngine {
    pub(crate) fn new(disk: Arc<dyn Disk>, workspace: &Path) -> Self {
        let directory = workspace.join(COLUMNS_DIRECTORY);
        let (state, sealing, deltas) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { disk, directory, state, sealing, deltas, short_up_to: AtomicU64::new(0) }
    }

    /// What happened to a table after `since`, up to the reader's snapshot. The caller may see all its rows.
    ///
    /// # Errors
    /// Truth cannot be read.
    pub(crate) fn delta(&self, reader: &Reader, table: TableRef<'_>, since: Snapshot) -> Result<Arc<Tail>, StoreError> {
        let name = (TableName::of(table), since, reader.known_at());
        let kept = |deltas: &[(DeltaName, Arc<Tail>)]| {
            deltas.iter().find(|(kept, _)| *kept == name).map(|(_, delta)| Arc::clone(delta))
        };
        if let Some(delta) = kept(&lock(&self.deltas)) {
            return Ok(delta);
        }
        let delta = Arc::new(Tail::new(changes_since(reader, table, since)?));
        let mut deltas = lock(&self.deltas);
        if deltas.len() == DELTA_COUNT_MAX {
            deltas.remove(0);
        }
        deltas.push((name, Arc::clone(&delta)));
        Ok(delta)
    }

    /// Gives up a generation that turned out to be damaged. Its files go when nobody reads them.
    pub(crate) fn discard(&self, generation: &Arc<Generation>) {
        let mut state = lock(&self.state);
        if !matches!(&state.loaded, Loaded::Open(open) if Arc::ptr_eq(open, generation)) {
            return;
        }
        state.loaded = Loaded::Absent;
        state.was_tried = false;
        generation.home.is_superseded.store(true, Ordering::Release);
        // Where it cannot be removed, the next one to open the store finds the damage again.
        let _ = self.disk.remove_file(&self.directory.join(CURRENT_FILE));
    }

    /// Puts `generation` in the place of the one in use.
    fn replace(&self, generation: Generation) {
        let generation = Arc::new(generation);
        let mut state = lock(&self.state);
        state.homes.push(Arc::downgrade(&generation.home));
        if let Loaded::Open(before) = std::mem::replace(&mut state.loaded, Loaded::Open(Arc::clone(&generation))) {
            before.home.is_superseded.store(true, Ordering::Release);
        }
        lock(&self.deltas).clear();
        state.homes.retain(|home| home.strong_count() > 0);
        let in_use: Vec<PathBuf> = state.homes.iter().filter_map(Weak::upgrade).map(|home| home.path.clone()).collect();
        drop(state);
        self.remove_others(&in_use);
    }

    /// Removes directories that nobody reads: those of crashed builds and of earlier processes.
    fn remove_others(&self, in_use: &[PathBuf]) {
        let Ok(entries) = self.disk.list(&self.directory) else { return };
        for entry in entries.into_iter().filter(|entry| entry.is_directory) {
            let path = self.directory.join(entry.name);
            if !in_use.contains(&path) {
                let _ = remove_directory_if_there(self.disk.as_ref(), &path);
            }
        }
    }
}

impl Inner {
    /// The generation in use, opened when it is first needed. One that is damaged or of another truth counts as absent.
    pub(crate) fn column_generation(&self) -> Option<Arc<Generation>> {
        let mut state = lock(&self.columns.state);
        if matches!(state.loaded, Loaded::Unknown) {
            state.loaded = match self.open_column_generation() {
                Some(generation) => {
                    state.homes.push(Arc::downgrade(&generation.home));
                    Loaded::Open(Arc::new(generation))
                }
                None => Loaded::Absent,
            };
        }
        match &state.loaded {
            Loaded::Open(generation) => Some(Arc::clone(generation)),
            _ => None,
        }
    }

    fn open_column_generation(&self) -> Option<Generation> {
        let manifest = read_manifest(self.columns.disk.as_ref(), &self.columns.directory)?;
        let log_hash = self.log_hash(manifest.snapshot).ok()??;
        if log_hash != manifest.log_hash {
            return None;
        }
        Generation::open(&self.columns.disk, &self.columns.directory, manifest, None).ok()
    }

    /// As [`Inner::column_generation`]; one that is missing although there is much to read is built.
    pub(crate) fn generation_for_scan(self: &Arc<Self>) -> Result<Option<Arc<Generation>>, StoreError> {
        if let Some(generation) = self.column_generation() {
            return Ok(Some(generation));
        }
        let reader = self.read_latest()?;
        let Some(entry) = self.log_entry(reader.known_at())? else { return Ok(None) };
        if entry.row_end <= self.config.tail_row_count_max as u64
            || std::mem::replace(&mut lock(&self.columns.state).was_tried, true)
        {
            return Ok(None);
        }
        // Where it cannot be built (a read-only disk), the rows are read from truth.
        let _ = self.seal_columns(false);
        Ok(self.column_generation())
    }

    /// What there is of column data, compared with its hashes.
    pub(crate) fn columns_status(&self, latest: Snapshot) -> GenerationStatus {
        let (disk, directory) = (&self.columns.disk, &self.columns.directory);
        let Some(manifest) = read_manifest(disk.as_ref(), directory) else {
            return GenerationStatus::absent(GenerationKind::Columns);
        };
        let files = || manifest.tables.iter().flat_map(|table| &table.files);
        let closed_byte_count = |file: &ManifestFile| file.closed.as_ref().map_or(0, |closed| closed.byte_count);
        let row_count = files().map(|file| file.row_count).sum();
        let beside = |file: &ManifestFile| file.companions.iter().map(|companion| companion.byte_count).sum::<u64>();
        let byte_count = files().map(|file| file.byte_count + closed_byte_count(file) + beside(file)).sum();
        let (file_count, snapshot) = (files().count(), Snapshot(manifest.snapshot));
        let state = match self.open_column_generation() {
            Some(generation) if generation.is_whole() => {
                GenerationState::Usable { behind_count: latest.0.saturating_sub(snapshot.0) }
            }
            _ => GenerationState::Unusable,
        };
        GenerationStatus { kind: GenerationKind::Columns, state, snapshot, row_count, byte_count, file_count }
    }

    /// How many rows the generation in use lacks, after the commit of `entry`.
    pub(crate) fn column_tail_row_count(&self, entry: &StoredEntry) -> u64 {
        let sealed = self.column_generation().map_or(0, |generation| generation.manifest.row_end);
        entry.row_end.saturating_sub(sealed)
    }

    /// See [`Store::seal_columns`](crate::Store::seal_columns); with `anew`, nothing of the generation before is taken over.
    pub(crate) fn seal_columns(self: &Arc<Self>, anew: bool) -> Result<(), StoreError> {
        let _sealing = lock(&self.columns.sealing);
        let reader = self.read_latest()?;
        let Some(entry) = self.log_entry(reader.known_at())? else { return Ok(()) };
        let previous = if anew { None } else { self.column_generation() };
        if previous.as_ref().is_some_and(|previous| previous.manifest.snapshot == entry.snapshot) {
            return Ok(());
        }
        let point = SealPoint { snapshot: entry.snapshot, log_hash: entry.hash, row_end: entry.row_end };
        let (disk, directory) = (&self.columns.disk, &self.columns.directory);
        let built = match build(&reader, disk.as_ref(), directory, previous.as_deref(), &point) {
            // What was to be taken over is damaged: truth has everything.
            Err(StoreError::Corrupt { .. } | StoreError::Columns { .. }) if previous.is_some() => {
                build(&reader, disk.as_ref(), directory, None, &point)
            }
            built => built,
        };
        self.columns.replace(Generation::open(disk, directory, built?, previous.as_deref())?);
        Ok(())
    }

    /// Whether the commit of `entry` left more rows in the tail than it may hold, and no other thread is about to seal them.
    pub(crate) fn are_columns_due(self: &Arc<Self>, entry: &StoredEntry) -> bool {
        if entry.row_end <= self.columns.short_up_to.load(Ordering::Relaxed) {
            return false;
        }
        let (tail, longest) = (self.column_tail_row_count(entry), self.config.tail_row_count_max as u64);
        self.columns.short_up_to.store(entry.row_end.saturating_sub(tail).saturating_add(longest), Ordering::Relaxed);
        tail > longest && self.columns.sealing.try_lock().is_ok()
    }
}
