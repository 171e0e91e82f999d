//! Running cargo, with what it prints in plain sight.

use std::process::Command;

use anyhow::Context as _;

use crate::repository::{cargo, root};

/// Runs cargo in the root of the repository; says whether it succeeded.
pub(crate) fn run(arguments: &[&str], variables: &[(&str, &str)]) -> anyhow::Result<bool> {
    let mut command = Command::new(cargo());
    command.args(arguments).envs(variables.iter().copied()).current_dir(root());
    let status = command.status().with_context(|| format!("running cargo {}", arguments.join(" ")))?;
    Ok(status.success())
}

/// The case tests; with `GROUNDS_BLESS` they rewrite what the cases expect.
pub(crate) fn cases(variables: &[(&str, &str)]) -> anyhow::Result<bool> {
    run(&["test", "--package", "grounds-cli", "--test", "main", "cases"], variables)
}
