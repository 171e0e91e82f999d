//! A disk that crashes, fails and rots at every place, under one scripted workload: what is lost, what appears, what is told.

#[path = "../../crates/store/tests/support.rs"]
#[expect(dead_code, reason = "shared with the tests of the store, which use all of it")]
mod support;
#[path = "../../crates/store/tests/faults/script.rs"]
mod script;
#[path = "../../crates/store/tests/faults/rows.rs"]
mod rows;
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
use rows::row_search_problem;
use script::sessions;

/// Guesses of what survives each crash: nothing, everything, and mixtures.
const SURVIVAL_COUNT: u64 = 8;

/// Builds every kind of generation there is.
fn seal_all(store: &Store) -> Result<(), StoreError> {
    store.seal()?;
    store.seal_columns()
}

/// The parts, in the order in which they run.
const PARTS: &str = "crashes, errors, flips";

/// Tries every crash, every fault and every page, or with `--only PART` that part; needs no data. Takes minutes.
pub(crate) fn run(options: &[String]) -> anyhow::Result<bool> {
    let only = match options {
        [] => None,
        [flag, part] if flag == "--only" && PARTS.split(", ").any(|known| known == part) => Some(part.as_str()),
        _ => anyhow::bail!("usage: bench/run faults DATA [--only PART], where PART is one of: {PARTS}"),
    };
    let wanted = |part: &str| only.is_none_or(|only| only == part);
    // Panics that the store contains would drown the figures; those it does not contain are counted as problems.
    std::panic::set_hook(Box::new(|_| {}));
    let sessions = sessions();
    let (mut figures, mut problem_count) = (Vec::new(), 0);
    // Each at once: what follows takes many minutes.
    let mut tell = |part: &str, counts: &dyn std::fmt::Display, problems: &[String]| {
        println!("{part}: {counts}");
        problems.iter().for_each(|problem| println!("problem: {problem}"));
        problem_count += problems.len();
    };
    if wanted("crashes") {
        let crashes = crash_everywhere(&sessions, CrashPlan { stride: 1, seeds: SURVIVAL_COUNT });
        tell("crashes", &crashes, &crashes.problems);
        figures.push(format!("{} crashes survived", crashes.survivor_count));
    }
    if wanted("errors") {
        let failures = fail_everywhere(&sessions, 1);
        tell("errors", &failures, &failures.problems);
        figures.push(format!("{} errors told or tolerated", failures.fault_count));
    }
    if wanted("flips") {
        let flips = flip_everywhere(&sessions, 1);
        tell("flips", &flips, &flips.problems);
        figures.push(format!("{} flipped bits told or harmless", flips.flip_count));
    }
    println!("{}; {problem_count} problems (goal: none)", figures.join(", "));
    Ok(problem_count == 0)
}
