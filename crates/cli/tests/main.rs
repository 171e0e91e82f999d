//! The binary as a user runs it: one test binary, one imported workspace copied for each test.

mod bench_workspace;
mod cases;
mod commands;
mod rule_tools;
mod models;
mod operations;
mod pins;
mod kill;
mod readme;
mod reference;
