//! Bits that flip in files at rest: each is harmless, or told with its place; what is derived is built anew.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use grounds_core::{Disk, Kind, OpenMode};
use grounds_store::{MemoryDisk, Store, StoreConfig, StoreError};

use super::check::{Problem, check_store, open, quiet};
use super::script::{DIRECTORY, Ledger, SharedLedger, Step, run_session};

/// Bytes in each of which at least one bit is flipped.
const PAGE_BYTES: u64 = 4096;

/// What was tried.
#[derive(Clone, Debug, Default)]
pub(crate) struct FlipCounts {
    pub(crate) file_count: usize,
    pub(crate) flip_count: usize,
    /// Flips that opening, reading or examining told.
    pub(crate) told_count: usize,
    pub(crate) harmless_count: usize,
    /// Flips in derived data after which a repair left nothing to find.
    pub(crate) healed_count: usize,
    pub(crate) problems: Vec<String>,
}

impl fmt::Display for FlipCounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} flips in {} files: {} told, {} of them healed, {} harmless; {} problems",
            self.flip_count,
            self.file_count,
            self.told_count,
            self.healed_count,
            self.harmless_count,
            self.problems.len()
        )
    }
}

/// Runs the sessions, then flips a bit in every `stride`-th page of the truth and every page of other files, one at a time.
pub(crate) fn flip_everywhere(sessions: &[Vec<Step>], stride: u64) -> FlipCounts {
    let (disk, ledger) = (MemoryDisk::new(), SharedLedger::default());
    let as_disk: Arc<dyn Disk> = Arc::new(disk.clone());
    for steps in sessions {
        let errors = run_session(&as_disk, steps, &ledger);
        assert!(errors.is_empty(), "without faults: {errors:?}");
    }
    let ledger = ledger.lock().clone();
    let mut counts = FlipCounts::default();
    let mut page_number = 0;
    for path in files_in(&disk, Path::new(DIRECTORY)) {
        counts.file_count += 1;
        let byte_count = disk.open(&path, OpenMode::Read).and_then(|file| file.len()).expect("it is there");
        for page in 0..byte_count.div_ceil(PAGE_BYTES) {
            page_number += 1;
            // Pages that were never written hold nothing that could be read wrongly; the engine's own tests flip those.
            let Some((at, bit)) = choose(&disk, &path, page, byte_count) else { continue };
            // Derived files are small, and each is a case of its own.
            let is_truth = path.ends_with("truth.redb");
            if is_truth && page_number % stride != 0 {
                continue;
            }
            for config in [quiet(), StoreConfig { page_check_bytes_max: 0, ..quiet() }] {
                let damaged = disk.duplicate();
                flip(&damaged, &path, at, bit);
                let is_checked = config.page_check_bytes_max > 0;
                counts.flip_count += 1;
                let look = || outcome(&damaged, config, &ledger, &path, &mut counts);
                let problem = match catch_unwind(AssertUnwindSafe(look)) {
                    Ok(Ok(())) => continue,
                    Ok(Err(problem)) => problem,
                    Err(_) => "a panic".to_owned(),
                };
                let place = format!("{} byte {at} bit {bit}, pages checked: {is_checked}", path.display());
                counts.problems.push(format!("{place}: {problem}"));
            }
        }
    }
    counts
}

fn files_in(disk: &MemoryDisk, directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in disk.list(directory).expect("it is there") {
        let path = directory.join(&entry.name);
        if entry.is_directory { files.extend(files_in(disk, &path)) } else { files.push(path) }
    }
    files
}

/// A byte of the page that is not zero, and a bit of it; which ones depends on the page.
fn choose(disk: &MemoryDisk, path: &Path, page: u64, byte_count: u64) -> Option<(u64, u8)> {
    let start = page * PAGE_BYTES;
    let mut bytes = vec![0; usize::try_from((byte_count - start).min(PAGE_BYTES)).expect("a page")];
    disk.open(path, OpenMode::Read).and_then(|file| file.read_at(start, &mut bytes)).expect("it is there");
    let used: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
    let random = page.wrapping_add(path.as_os_str().len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 17;
    let at = used.get(usize::try_from(random).ok()? % used.len().max(1))?;
    Some((start + *at as u64, u8::try_from(random % 8).ok()?))
}

fn flip(disk: &MemoryDisk, path: &Path, at: u64, bit: u8) {
    let file = disk.open(path, OpenMode::Write).expect("it is there");
    let mut byte = [0];
    file.read_at(at, &mut byte).expect("in the file");
    file.write_at(at, &[byte[0] ^ (1 << bit)]).and_then(|()| file.sync()).expect("memory");
}

/// Looks at a damaged workspace; `Err` says what is not as it must be.
fn outcome(
    disk: &MemoryDisk,
    config: StoreConfig,
    ledger: &Ledger,
    path: &Path,
    counts: &mut FlipCounts,
) -> Result<(), String> {
    let is_checked = config.page_check_bytes_max > 0;
    let store = match open(disk, config) {
        Ok(store) => store,
        Err(error) => {
            counts.told_count += 1;
            return is_told(&error);
        }
    };
    let read = check_store(&store, ledger, None);
    let examined = store.examine();
    let is_found = examined.as_ref().map_or(true, |examination| !examination.is_clean());
    counts.told_count += usize::from(is_found || read.is_err());
    match read {
        Ok(_) => {}
        Err(Problem::Told(error)) => {
            is_told(&error)?;
            if !is_found {
                return Err(format!("doctor misses what a reader is told: {error}"));
            }
        }
        // Above the size limit for checking pages at opening, rows can be out of reach until doctor looks.
        Err(Problem::Wrong(_)) if !is_checked && is_found => {}
        Err(Problem::Wrong(what)) => return Err(format!("a wrong answer: {what}")),
    }
    let examination = match examined {
        Ok(examination) => examination,
        Err(error) => return is_told(&error),
    };
    if examination.is_clean() {
        counts.harmless_count += 1;
        return Ok(());
    }
    let is_derived_file = path.starts_with(Path::new(DIRECTORY).join("text"));
    if is_derived_file && examination.findings.iter().any(|finding| !finding.is_derived) {
        return Err(format!("derived data counts as truth: {:?}", examination.findings));
    }
    if examination.findings.iter().all(|finding| finding.is_derived) {
        heal(&store, ledger)?;
        counts.healed_count += 1;
    }
    Ok(())
}

fn heal(store: &Store, ledger: &Ledger) -> Result<(), String> {
    store.repair().map_err(|error| format!("repairing: {error}"))?;
    let examination = store.examine().map_err(|error| format!("examining after a repair: {error}"))?;
    if !examination.is_clean() {
        return Err(format!("a repair left {:?}", examination.findings));
    }
    check_store(store, ledger, None).map(|_| ()).map_err(|problem| format!("after a repair: {problem:?}"))
}

fn is_told(error: &StoreError) -> Result<(), String> {
    let is_told = error.kind() == Kind::Corrupt || matches!(error, StoreError::NewerFormat { .. });
    if is_told { Ok(()) } else { Err(format!("damage is told as something else: {error}")) }
}
