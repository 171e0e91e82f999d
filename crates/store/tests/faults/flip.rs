//! Bits that flip in files at rest: each is harmless, or told with its place; what is derived is built anew.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use grounds_core::{Disk, Kind, OpenMode};
use grounds_store::{MemoryDisk, Store, StoreConfig, StoreError};

use super::check::{Problem, check_store, files_in, open, quiet, read_file};
use super::failure::crashed;
use super::script::{DIRECTORY, Ledger, SharedLedger, Step, run_session};

/// Bytes in each of which at least one bit is flipped.
const PAGE_BYTES: usize = 4096;

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

/// Runs the sessions, then flips a bit in every `stride`-th page of the truth and every page of other files, one at a time; so also where
/// a crash left a journal that is still needed.
pub(crate) fn flip_everywhere(sessions: &[Vec<Step>], stride: usize) -> FlipCounts {
    let mut counts = FlipCounts::default();
    let (disk, ledger) = (MemoryDisk::new(), SharedLedger::default());
    let as_disk: Arc<dyn Disk> = Arc::new(disk.clone());
    for (session, steps) in sessions.iter().enumerate() {
        if session == 1 {
            let (disk, ledger) = crashed(&disk, &ledger.lock(), steps);
            flip_files(&disk, &ledger, stride, &mut counts);
        }
        let errors = run_session(&as_disk, steps, &ledger);
        assert!(errors.is_empty(), "without faults: {errors:?}");
    }
    flip_files(&disk, &ledger.lock().clone(), stride, &mut counts);
    counts
}

fn flip_files(disk: &MemoryDisk, ledger: &Ledger, stride: usize, counts: &mut FlipCounts) {
    let mut page_number = 0;
    for path in files_in(disk, Path::new(DIRECTORY)) {
        counts.file_count += 1;
        let bytes = read_file(disk, &path).expect("it is there");
        for (page, bytes) in bytes.chunks(PAGE_BYTES).enumerate() {
            page_number += 1;
            // A page that holds nothing cannot be read wrongly.
            let Some((at, bit)) = choose(&path, page, bytes) else { continue };
            // Other files are small, and each is a case of its own.
            let is_truth = path.ends_with("truth.redb");
            if is_truth && page_number % stride != 0 {
                continue;
            }
            for config in [quiet(), StoreConfig { page_check_bytes_max: 0, ..quiet() }] {
                let damaged = disk.duplicate();
                flip(&damaged, &path, at, bit);
                let is_checked = config.page_check_bytes_max > 0;
                counts.flip_count += 1;
                let look = || outcome(&damaged, config, ledger, &path, counts);
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
}

/// A byte of the page that is not zero, and a bit of it; which ones depends on the page.
fn choose(path: &Path, page: usize, bytes: &[u8]) -> Option<(u64, u8)> {
    let used: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
    let seed = (page + path.as_os_str().len()) as u64;
    let random = usize::try_from(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 17).ok()?;
    let at = used.get(random % used.len().max(1))?;
    Some(((page * PAGE_BYTES + at) as u64, u8::try_from(random % 8).ok()?))
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
    let is_derived_file =
        ["text", "columns"].iter().any(|derived| path.starts_with(Path::new(DIRECTORY).join(derived)));
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
