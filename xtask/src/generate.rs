//! The pages under `docs/reference/`, which are what the program says of itself. A test of the command line compares them, so that checking
//! them costs no build of its own.

use crate::steps;

/// Writes all pages.
pub(crate) fn write() -> anyhow::Result<bool> {
    run(&[("GROUNDS_BLESS", "1")])
}

/// Says which pages are not what would be written now.
pub(crate) fn compare() -> anyhow::Result<bool> {
    run(&[])
}

fn run(variables: &[(&str, &str)]) -> anyhow::Result<bool> {
    steps::run(&["test", "--package", "grounds-cli", "--test", "main", "reference::"], variables)
}
