//! Everything to check before a commit, one step after another; a step that fails does not hide the next.

use std::time::Instant;

use crate::{light, steps, tidy};

/// Whether `check` runs the tests too.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Tests {
    Run,
    Skip,
}

type Step = (&'static str, fn() -> anyhow::Result<bool>);

const STEPS: [Step; 6] = [
    ("fmt", || steps::run(&["fmt", "--all", "--", "--check"], &[])),
    ("tidy", tidy::run),
    ("light demo", light::run),
    ("clippy", || steps::run(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"], &[])),
    ("embedding", embedding),
    ("doc", || steps::run(&["doc", "--workspace", "--no-deps", "--locked"], &[("RUSTDOCFLAGS", "-D warnings")])),
];

const TEST: Step = ("test", || steps::run(&["test", "--workspace", "--locked"], &[]));

/// The tests of embedding models, which no default build has: built alone, so that nothing of the query engine is built a second time.
fn embedding() -> anyhow::Result<bool> {
    let arguments =
        ["test", "--package", "grounds-models", "--features", "candle", "--test", "main", "--locked", "--", "sentence"];
    steps::run(&arguments, &[])
}

/// Runs all steps and prints which failed.
pub(crate) fn run(tests: Tests) -> anyhow::Result<bool> {
    let test = (tests == Tests::Run).then_some(TEST);
    let mut summary = Vec::new();
    for (name, step) in STEPS.into_iter().chain(test) {
        println!("== {name}");
        let start = Instant::now();
        let is_done = step().unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            false
        });
        summary.push((name, is_done, start.elapsed().as_secs_f32()));
    }
    println!("== summary");
    for (name, is_done, seconds) in &summary {
        println!("{:6} {name} ({seconds:.1} s)", if *is_done { "ok" } else { "FAILED" });
    }
    if tests == Tests::Skip {
        println!("{:6} test", "skipped");
    }
    Ok(summary.iter().all(|(_, is_done, _)| *is_done))
}
