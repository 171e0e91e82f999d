//! A disk that crashes, fails and rots at every place, under one scripted workload: what is lost, what appears, what is told.

#[path = "../../crates/store/tests/support.rs"]
#[expect(dead_code, reason = "shared with the tests of the store, which use all of it")]
mod support;
#[path = "../../crates/store/tests/faults/script.rs"]
mod script;
#[path = "../../crates/store/tests/faults/check.rs"]
mod check;
#[path = "../../crates/store/tests/faults/crash.rs"]
mod crash;
#[path = "../../crates/store/tests/faults/failure.rs"]
mod failure;
#[path = "../../crates/store/tests/faults/flip.rs"]
mod flip;

use crash::{CrashPlan, crash_everywhere};
use failure::fail_everywhere;
use flip::flip_everywhere;
use grounds_store::{Store, StoreError};
use script::sessions;

/// Guesses of what survives each crash: nothing, everything, and mixtures.
const SURVIVAL_COUNT: u64 = 8;

/// Builds every kind of generation there is.
fn seal_all(store: &Store) -> Result<(), StoreError> {
    store.seal()?;
    store.seal_columns()
}

/// Tries every crash, every fault and every page; needs no data. Takes minutes.
pub(crate) fn run() -> anyhow::Result<bool> {
    // Panics that the store contains would drown the figures; those it does not contain are counted as problems.
    std::panic::set_hook(Box::new(|_| {}));
    let sessions = sessions();
    // Each at once: what follows takes many minutes.
    let print = |problems: &[String]| problems.iter().for_each(|problem| println!("problem: {problem}"));
    let crashes = crash_everywhere(&sessions, CrashPlan { stride: 1, seeds: SURVIVAL_COUNT });
    println!("crashes: {crashes}");
    print(&crashes.problems);
    let failures = fail_everywhere(&sessions, 1);
    println!("faults: {failures}");
    print(&failures.problems);
    let flips = flip_everywhere(&sessions, 1);
    println!("flips: {flips}");
    print(&flips.problems);
    let problem_count = crashes.problems.len() + failures.problems.len() + flips.problems.len();
    println!(
        "{} crashes survived, {} faults and {} flipped bits told or harmless, {problem_count} problems (goal: none)",
        crashes.survivor_count, failures.fault_count, flips.flip_count
    );
    Ok(problem_count == 0)
}
