//! The oracle: random programs on a workspace through SQL, and on a plain model of tables with two time axes; every query must agree.

mod value;
mod model;
mod statement;
mod driver;
mod erase;
mod query;

use std::collections::BTreeMap;

use driver::Driver;

/// Operations on one workspace before the next one begins: histories long enough to be tangled, and short enough to be read.
const OPERATION_COUNT_OF_EPISODE: u64 = 400;

/// Runs `operation_count` operations from `seed` on; returns how often each kind ran.
///
/// # Panics
/// Where a query or a statement gives something else than the model says: with the seed and the last statements.
pub(crate) fn run(seed: u64, operation_count: u64, mut after_episode: impl FnMut(u64)) -> BTreeMap<&'static str, u64> {
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut done = 0;
    let mut episode = 0;
    while done < operation_count {
        let mut driver = Driver::new(seed + episode);
        let length = OPERATION_COUNT_OF_EPISODE.min(operation_count - done);
        for _ in 0..length {
            driver.step();
        }
        for (kind, count) in driver.counts {
            *counts.entry(kind).or_default() += count;
        }
        done += length;
        episode += 1;
        after_episode(done);
    }
    counts
}

/// `GROUNDS_ORACLE_OPERATIONS` says how many; by default as many as a run of all tests has time for.
#[test]
fn sql_agrees_with_a_plain_model() {
    let operation_count =
        std::env::var("GROUNDS_ORACLE_OPERATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(4_000);
    let counts = run(1, operation_count, |_| ());
    println!("{operation_count} operations agree: {counts:?}");
}

#[test]
fn a_row_too_many_is_noticed() {
    let mut driver = Driver::new(7);
    (0..200).for_each(|_| driver.step());
    driver.forget_a_row();
    let queries = std::panic::AssertUnwindSafe(|| {
        for _ in 0..200 {
            driver.query_rows();
        }
    });
    let message = std::panic::catch_unwind(queries).expect_err("the workspace has a row that the model lacks");
    let message = message.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(message.contains("the rows differ"), "{message}");
}
