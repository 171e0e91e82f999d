//! Crashes at every operation that changes the disk, with several guesses of what survives each.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use grounds_core::Disk;
use grounds_store::{DiskOperation, FaultyDisk, MemoryDisk};

use super::check::{Problem, check_survivor, open, quiet};
use super::failure::crashed;
use super::script::{Ledger, SharedLedger, Step, run_session};

/// How much is tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CrashPlan {
    /// Every how many of the moments is looked at.
    pub(crate) stride: usize,
    /// How many guesses a moment: all is lost, all survives, and any mixture.
    pub(crate) seeds: u64,
}

/// What was tried.
#[derive(Clone, Debug, Default)]
pub(crate) struct CrashCounts {
    pub(crate) operation_count: u64,
    pub(crate) moment_count: usize,
    pub(crate) sync_count: usize,
    pub(crate) write_count: usize,
    pub(crate) survivor_count: usize,
    /// Survivors with the commit in flight, and survivors without it.
    pub(crate) in_flight_count: usize,
    pub(crate) problems: Vec<String>,
}

impl fmt::Display for CrashCounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} operations; crashed at {} moments ({} syncs, {} writes); {} survivors opened, {} of them with a commit in flight; {} problems",
            self.operation_count,
            self.moment_count,
            self.sync_count,
            self.write_count,
            self.survivor_count,
            self.in_flight_count,
            self.problems.len()
        )
    }
}

/// The disk and what was promised just before an operation.
struct Moment {
    number: u64,
    operation: DiskOperation,
    disk: MemoryDisk,
    ledger: Ledger,
}

/// Runs the sessions once; crashes just before each operation that changes the disk, which is just after the one before. Then crashes again
/// in what comes after a crash.
pub(crate) fn crash_everywhere(sessions: &[Vec<Step>], plan: CrashPlan) -> CrashCounts {
    let mut counts = CrashCounts::default();
    let (disk, ledger) = (MemoryDisk::new(), Arc::new(SharedLedger::default()));
    for (session, steps) in sessions.iter().enumerate() {
        let begun = ledger.lock().clone();
        let (crashed, after) = crashed(&disk, &begun, steps);
        let again = [Step::Commit(format!("again{session}"))];
        crash_within(&crashed, &Arc::new(SharedLedger::of(after)), &again, session, plan, &mut counts);
        crash_within(&disk, &ledger, steps, session, plan, &mut counts);
    }
    counts
}

/// Runs one session, which changes `disk`, and looks at what crashes in it leave.
fn crash_within(
    disk: &MemoryDisk,
    ledger: &Arc<SharedLedger>,
    steps: &[Step],
    session: usize,
    plan: CrashPlan,
    counts: &mut CrashCounts,
) {
    let moments: Arc<Mutex<Vec<Moment>>> = Arc::default();
    let watched = watch(disk, ledger, &moments, plan.stride);
    let as_disk: Arc<dyn Disk> = Arc::new(watched.clone());
    let errors = run_session(&as_disk, steps, ledger);
    assert!(errors.is_empty(), "session {session} without faults: {errors:?}");
    counts.operation_count += watched.operation_count();
    drop((watched, as_disk));
    let mut moments = std::mem::take(&mut *moments.lock().unwrap_or_else(PoisonError::into_inner));
    let (number, operation) = (u64::MAX, DiskOperation::Sync);
    moments.push(Moment { number, operation, disk: disk.duplicate(), ledger: ledger.lock().clone() });
    let whole = open(&disk.duplicate(), quiet()).expect("the run had no faults");
    let hashes: Vec<String> = whole.log().expect("whole").into_iter().map(|entry| entry.hash).collect();
    drop(whole);
    for moment in moments {
        counts.moment_count += 1;
        counts.sync_count += usize::from(moment.operation == DiskOperation::Sync);
        counts.write_count += usize::from(moment.operation == DiskOperation::Write);
        for seed in 0..plan.seeds {
            // The first two are nothing and everything; mixtures differ from moment to moment.
            let seed = if seed < 2 { seed } else { seed + moment.number.wrapping_mul(1_000) };
            counts.survivor_count += 1;
            let survivor = moment.disk.after_crash(seed);
            let look = || check_survivor(&survivor, &moment.ledger, Some(&hashes));
            let problem = match catch_unwind(AssertUnwindSafe(look)) {
                Ok(Ok(count)) => {
                    counts.in_flight_count += usize::from(count > moment.ledger.acknowledged.len());
                    continue;
                }
                Ok(Err(Problem::Told(error))) => error.to_string(),
                Ok(Err(Problem::Wrong(what))) => what,
                Err(_) => "a panic".to_owned(),
            };
            let Moment { number, operation, .. } = &moment;
            let place = format!("session {session} {steps:?}, before operation {number} ({operation:?}), seed {seed}");
            counts.problems.push(format!("{place}: {problem}"));
        }
    }
}

/// A disk that keeps the moments before its operations.
fn watch(
    disk: &MemoryDisk,
    ledger: &Arc<SharedLedger>,
    moments: &Arc<Mutex<Vec<Moment>>>,
    stride: usize,
) -> FaultyDisk {
    let (kept, ledger, moments) = (disk.clone(), Arc::clone(ledger), Arc::clone(moments));
    let seen = std::sync::atomic::AtomicUsize::new(0);
    FaultyDisk::observed(Arc::new(disk.clone()), move |number, operation| {
        if !operation.changes_disk() {
            return;
        }
        let count = seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if count.is_multiple_of(stride) {
            // Other threads go on meanwhile: what was promised before must be there, what is attempted by then may be.
            let before = ledger.lock().clone();
            let disk = kept.duplicate();
            let ledger = Ledger { attempted: ledger.lock().attempted.clone(), ..before };
            let moment = Moment { number, operation, disk, ledger };
            moments.lock().unwrap_or_else(PoisonError::into_inner).push(moment);
        }
    })
}
