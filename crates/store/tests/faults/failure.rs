//! Each operation fails once, in each way it can fail, and the machine may lose its power afterwards.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use grounds_core::{Disk, Kind};
use grounds_store::{DiskFault, DiskOperation, FaultyDisk, MemoryDisk};

use super::check::{Problem, check_survivor};
use super::script::{Ledger, SharedLedger, Step, run_session};

/// What was tried.
#[derive(Clone, Debug, Default)]
pub(crate) struct FailureCounts {
    pub(crate) fault_count: usize,
    /// Faults after which every call succeeded all the same.
    pub(crate) tolerated_count: usize,
    pub(crate) by_operation: BTreeMap<DiskOperation, usize>,
    pub(crate) survivor_count: usize,
    pub(crate) problems: Vec<String>,
}

impl fmt::Display for FailureCounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<String> =
            self.by_operation.iter().map(|(operation, count)| format!("{operation:?} {count}")).collect();
        write!(
            formatter,
            "{} faults ({}); {} told no caller; {} survivors opened; {} problems",
            self.fault_count,
            kinds.join(", "),
            self.tolerated_count,
            self.survivor_count,
            self.problems.len()
        )
    }
}

/// How an operation of this kind can fail.
fn faults_of(operation: DiskOperation) -> Vec<DiskFault> {
    let mut faults = vec![DiskFault::Error(io::ErrorKind::Other)];
    if operation.changes_disk() {
        let errors = [io::ErrorKind::Interrupted, io::ErrorKind::StorageFull];
        faults.extend(errors.map(DiskFault::Error));
        faults.push(DiskFault::Crash);
    }
    if operation == DiskOperation::Write {
        faults.push(DiskFault::ShortWrite);
    }
    faults
}

/// Runs each session again and again, each time with one fault. Every `stride`-th fault is tried.
pub(crate) fn fail_everywhere(sessions: &[Vec<Step>], stride: usize) -> FailureCounts {
    let mut counts = FailureCounts::default();
    let (disk, ledger) = (MemoryDisk::new(), SharedLedger::default());
    let mut fault_number = 0;
    for (session, steps) in sessions.iter().enumerate() {
        let begun = ledger.lock().clone();
        // The session, and what comes after a crash in it.
        let (crashed, after) = crashed(&disk, &begun, steps);
        let again = [Step::Commit(format!("again{session}"))];
        for (image, begun, steps) in [(&disk, &begun, steps.as_slice()), (&crashed, &after, &again)] {
            for (number, operation) in operations_of(image, begun, steps).into_iter().enumerate() {
                for fault in faults_of(operation) {
                    fault_number += 1;
                    if fault_number % stride != 0 {
                        continue;
                    }
                    let run = || fail_once(image, begun.clone(), steps, number as u64, fault, &mut counts);
                    let problem = match catch_unwind(AssertUnwindSafe(run)) {
                        Ok(Ok(())) => continue,
                        Ok(Err(Problem::Told(error))) => error.to_string(),
                        Ok(Err(Problem::Wrong(what))) => what,
                        Err(_) => "a panic".to_owned(),
                    };
                    let place = format!("session {session}, operation {number} {operation:?} {fault:?}");
                    counts.problems.push(format!("{place}: {problem}"));
                }
            }
        }
        let as_disk: Arc<dyn Disk> = Arc::new(disk.clone());
        let errors = run_session(&as_disk, steps, &ledger);
        assert!(errors.is_empty(), "session {session} without faults: {errors:?}");
    }
    counts
}

/// What a crash two thirds through a session leaves, where all that was written survives, and what was promised by then.
pub(crate) fn crashed(disk: &MemoryDisk, ledger: &Ledger, steps: &[Step]) -> (MemoryDisk, Ledger) {
    let count = operations_of(disk, ledger, steps).len() as u64;
    let (disk, ledger) = (disk.duplicate(), SharedLedger::of(ledger.clone()));
    let faulty = FaultyDisk::new(Arc::new(disk.clone()));
    faulty.fail_at(count * 2 / 3, DiskFault::Crash);
    let as_disk: Arc<dyn Disk> = Arc::new(faulty);
    run_session(&as_disk, steps, &ledger);
    let ledger = ledger.lock().clone();
    (disk.after_crash(1), ledger)
}

/// What a session asks of its disk when nothing fails.
fn operations_of(disk: &MemoryDisk, ledger: &Ledger, steps: &[Step]) -> Vec<DiskOperation> {
    let operations: Arc<Mutex<Vec<DiskOperation>>> = Arc::default();
    let seen = Arc::clone(&operations);
    let watched = FaultyDisk::observed(Arc::new(disk.duplicate()), move |_, operation| {
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(operation);
    });
    let watched: Arc<dyn Disk> = Arc::new(watched);
    run_session(&watched, steps, &SharedLedger::of(ledger.clone()));
    let operations = operations.lock().unwrap_or_else(PoisonError::into_inner);
    operations.clone()
}

fn fail_once(
    image: &MemoryDisk,
    ledger: Ledger,
    steps: &[Step],
    number: u64,
    fault: DiskFault,
    counts: &mut FailureCounts,
) -> Result<(), Problem> {
    let (disk, ledger) = (image.duplicate(), SharedLedger::of(ledger));
    let faulty = FaultyDisk::new(Arc::new(disk.clone()));
    faulty.fail_at(number, fault);
    let as_disk: Arc<dyn Disk> = Arc::new(faulty.clone());
    let errors = run_session(&as_disk, steps, &ledger);
    // Threads may have taken another turn, and come to fewer operations.
    let Some(operation) = faulty.failed() else { return Ok(()) };
    counts.fault_count += 1;
    *counts.by_operation.entry(operation).or_default() += 1;
    counts.tolerated_count += usize::from(errors.is_empty());
    if let Some(error) = errors.iter().find(|error| error.kind() == Kind::Corrupt) {
        return Err(Problem::Wrong(format!("a fault of the device is called damage: {error}")));
    }
    let ledger = ledger.lock().clone();
    // What the process left, and what is left of that when the power goes too.
    let seeds = if operation.changes_disk() { vec![1, 0, number + 2] } else { vec![1] };
    for seed in seeds {
        counts.survivor_count += 1;
        check_survivor(&disk.after_crash(seed), &ledger, None).map_err(|problem| {
            let what = match problem {
                Problem::Told(error) => error.to_string(),
                Problem::Wrong(what) => what,
            };
            Problem::Wrong(format!("seed {seed}, after {errors:?}: {what}"))
        })?;
    }
    Ok(())
}
