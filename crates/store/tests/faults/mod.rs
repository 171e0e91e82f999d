//! Crashes, failing disks and damaged files, at a stride that a test run can afford.
//!
//! `bench/run faults DATA` tries every one and prints counts; so does `GROUNDS_FAULT_STRIDE=1` here.

pub(crate) mod script;
#[cfg(feature = "columns")]
mod rows;
pub(crate) mod check;
mod crash;
mod failure;
mod flip;

use crate::support;

use crash::{CrashPlan, crash_everywhere};
use failure::fail_everywhere;
use flip::flip_everywhere;
#[cfg(not(feature = "columns"))]
use grounds_store::Reader;
use grounds_store::{Store, StoreError};
#[cfg(feature = "columns")]
use rows::row_search_problem;
use script::sessions;

/// Builds every kind of generation there is.
fn seal_all(store: &Store) -> Result<(), StoreError> {
    store.seal()?;
    #[cfg(feature = "columns")]
    store.seal_columns()?;
    Ok(())
}

/// Without column files there is nothing to search but the rows themselves.
#[cfg(not(feature = "columns"))]
fn row_search_problem(_reader: &Reader, _name: &str, _expected: usize) -> Result<Option<String>, StoreError> {
    Ok(None)
}

fn stride(of_suite: usize) -> usize {
    std::env::var("GROUNDS_FAULT_STRIDE").ok().and_then(|stride| stride.parse().ok()).unwrap_or(of_suite)
}

#[test]
fn a_crash_at_any_moment_keeps_what_was_acknowledged_and_nothing_half_done() {
    let counts = crash_everywhere(&sessions(), CrashPlan { stride: stride(37), seeds: 3 });
    println!("{counts}");
    assert!(counts.problems.is_empty(), "{counts}\n{}", counts.problems.join("\n"));
    assert!(counts.moment_count > 30 && counts.in_flight_count > 0, "{counts}");
}

#[test]
fn an_operation_that_fails_once_is_told_and_loses_nothing() {
    let counts = fail_everywhere(&sessions(), stride(211));
    println!("{counts}");
    assert!(counts.problems.is_empty(), "{counts}\n{}", counts.problems.join("\n"));
    assert!(counts.fault_count > 30 && counts.by_operation.len() > 7, "{counts}");
}

#[test]
fn a_workspace_made_at_the_second_attempt_is_durable() {
    let session = vec![script::Step::Create, script::Step::Commit("small0".to_owned())];
    let counts = fail_everywhere(&[session], 1);
    assert!(counts.problems.is_empty(), "{counts}\n{}", counts.problems.join("\n"));
    assert!(counts.fault_count > 100, "{counts}");
}

#[test]
fn a_flipped_bit_in_any_file_is_told_or_harmless_and_what_is_derived_heals() {
    let counts = flip_everywhere(&sessions(), stride(13));
    println!("{counts}");
    assert!(counts.problems.is_empty(), "{counts}\n{}", counts.problems.join("\n"));
    assert!(counts.told_count > 10 && counts.healed_count > 0, "{counts}");
}
