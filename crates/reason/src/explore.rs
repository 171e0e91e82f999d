//! Exploration: facts at which two versions of rules give different answers, and thresholds that no test tells from their neighbours.
//!
//! What is found is shrunk to few facts and printed as a test of a rule file. The choices follow from the seed, and the work is counted in
//! cases; a caller with a clock may end it early.

mod budget;
mod random;
mod literal;
mod reach;
mod mutant;
mod shown;
mod stock;
mod search;
mod shrink;
mod block;
mod seed_case;
mod difference;
mod noticed;
mod versions;
mod thresholds;

pub use thresholds::{ProposedTest, ThresholdReport, Unnoticed, explore_thresholds};
pub use versions::{Difference, VersionReport, explore_versions};

/// How long to look, and where the choices begin.
#[derive(Clone, Copy)]
pub struct ExploreSettings<'s> {
    /// Equal seeds give equal results.
    pub seed: u64,
    /// The most cases that are tried.
    pub case_count_max: usize,
    /// Asked before each case; `false` ends the exploration with what was found. A result that no caller ended depends on no clock.
    pub go_on: &'s dyn Fn() -> bool,
}
