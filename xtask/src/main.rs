//! Checks and generators of this repository: `cargo xtask --help`.
//!
//! Everything that the continuous integration checks is here, so that it can be run before a commit.

mod finding;
mod scan;
mod repository;
mod tidy;
mod steps;
mod light;
mod generate;
mod check;

use std::process::ExitCode;

const HELP: &str = "\
Checks and generators of the Grounds repository.

Usage: cargo xtask COMMAND

  check [--skip-tests]   formatting, tidy, clippy, embedding models, documentation, tests
  tidy                   the rules of this repository that no other tool knows
  gen [--check]          writes docs/reference/, or only says whether it is stale
  cases [--bless]        runs the case files under tests/cases/, or rewrites what they expect

Examples:
  cargo xtask check                 before a commit
  cargo xtask check --skip-tests    while writing, a warm run in about a minute
  cargo xtask tidy                  seconds; each line says where, what is wrong and what to do
  cargo xtask gen                   after a change to commands, errors or JSON
  cargo xtask cases --bless         then read the difference as you would a colleague's
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(true)
        }
        ["check"] => check::run(check::Tests::Run),
        ["check", "--skip-tests"] => check::run(check::Tests::Skip),
        ["tidy"] => tidy::run(),
        ["gen"] => generate::write(),
        ["gen", "--check"] => generate::compare(),
        ["cases"] => steps::cases(&[]),
        ["cases", "--bless"] => steps::cases(&[("GROUNDS_BLESS", "1")]),
        other => {
            eprintln!("unknown command `{}`; `cargo xtask --help` lists what there is", other.join(" "));
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
