//! The Datalog core beside gringo, ascent and SQLite: four recursive programs over a million facts each, random programs, an amendment.

mod graphs;
mod ours;
mod asp;
mod recursive_sql;
pub(crate) mod side;
#[path = "../../../crates/reason/tests/main/datalog/random.rs"]
mod random;
mod equality;
mod amend;

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use side::Side;

const PROGRAMS: [&str; 4] = ["closure", "generation", "pointer", "control"];
/// The parts, in the order in which they run.
const PARTS: &str = "programs, equality, amend";
/// Each fast side is measured this many times; its best counts.
const ROUNDS: usize = 3;
/// How many random programs are compared with clingo.
const PROGRAM_COUNT: usize = 20_000;
/// An amendment takes less than this share of a full run.
const AMENDED_SHARE_MAX: f64 = 0.05;

/// Runs every part, or with `--only PART` that part; whether every goal holds.
pub(crate) fn run(options: &[String]) -> anyhow::Result<bool> {
    let only = match options {
        [] => None,
        [flag, part] if flag == "--only" => Some(part.as_str()),
        // A process of its own, so that the memory that is measured is its own.
        [flag, side, program] if flag == "--side" => return one_side(side, program).map(|()| true),
        _ => anyhow::bail!("usage: bench/run datalog DATA [--only PART], where PART is one of: {PARTS}"),
    };
    let wanted = |part: &str| only.is_none_or(|only| only == part);
    let mut outcomes = Vec::new();
    if wanted("programs") {
        outcomes.push(("programs, all faster than gringo and SQLite", programs()?));
    }
    if wanted("equality") {
        outcomes.push(("random programs equal to clingo", equality::run(PROGRAM_COUNT)?));
    }
    if wanted("amend") {
        let (full, amended) = amend::run()?;
        println!("10,000 rules: all {:.1} ms, one amended {:.3} ms", full * 1e3, amended * 1e3);
        outcomes.push(("one rule of 10,000 amended in under 5% of a full run", amended < full * AMENDED_SHARE_MAX));
    }
    anyhow::ensure!(!outcomes.is_empty(), "there is no part `{}`; there are: {PARTS}", only.unwrap_or_default());
    for (name, holds) in &outcomes {
        println!("{} {name}", if *holds { "holds " } else { "MISSED" });
    }
    let held = outcomes.iter().filter(|(_, holds)| *holds).count();
    println!("datalog: {held} of {} goals hold", outcomes.len());
    Ok(held == outcomes.len())
}

/// Prints what one side took in this process.
fn one_side(side: &str, program: &str) -> anyhow::Result<()> {
    let facts = graphs::facts(program);
    let found = match side {
        "ours" => Some(ours::run(program, &facts)?),
        _ => recursive_sql::run(program, &facts)?,
    };
    let (seconds, count) = found.with_context(|| format!("{side} cannot say `{program}`"))?;
    println!("{}", serde_json::to_string(&Side::of_this_process(seconds, count)?)?);
    Ok(())
}

/// The table of the four programs; whether ours is faster than gringo and SQLite in each. ascent is shown: its rules are compiled in.
fn programs() -> anyhow::Result<bool> {
    let directory = tempfile::tempdir()?;
    let mut holds = true;
    println!("| program | rows | Grounds | gringo | ascent (compiled) | SQLite |");
    println!("|---|---|---|---|---|---|");
    for program in PROGRAMS {
        let facts = directory.path().join(format!("{program}.facts"));
        write_facts(program, &facts)?;
        let ours = best(|| Side::of_program(&["datalog", "-", "--side", "ours", program]))?;
        let (_, signature, is_solved) = asp::rules(program);
        let rules = directory.path().join(format!("{program}.lp"));
        std::fs::copy(&facts, &rules)?;
        writeln!(std::fs::OpenOptions::new().append(true).open(&rules)?, "{}", asp::rules(program).0)?;
        let gringo = Side::of_gringo(&rules, &[signature], is_solved)?;
        let ascent = if program == "control" { None } else { Some(ascent(program, &facts)?) };
        let is_said = matches!(program, "closure" | "generation");
        let sqlite = is_said.then(|| Side::of_program(&["datalog", "-", "--side", "sqlite", program])).transpose()?;
        let peers = [Some(&gringo), ascent.as_ref(), sqlite.as_ref()];
        for side in peers.into_iter().flatten() {
            anyhow::ensure!(side.count == ours.count, "{program}: a peer derives {}, we {}", side.count, ours.count);
        }
        let shown = |side: Option<&Side>| side.map_or("cannot say it".to_owned(), Side::shown);
        let [gringo_shown, ascent_shown, sqlite_shown] = peers.map(shown);
        println!(
            "| {program} | {} | {} | {gringo_shown} | {ascent_shown} | {sqlite_shown} |",
            ours.count,
            ours.shown()
        );
        holds &= ours.seconds < gringo.seconds && sqlite.is_none_or(|sqlite| ours.seconds < sqlite.seconds);
    }
    Ok(holds)
}

/// The fastest of several runs.
pub(crate) fn best(run: impl Fn() -> anyhow::Result<Side>) -> anyhow::Result<Side> {
    let sides = (0..ROUNDS).map(|_| run()).collect::<anyhow::Result<Vec<_>>>()?;
    sides.into_iter().min_by(|one, other| one.seconds.total_cmp(&other.seconds)).context("there is a round")
}

fn ascent(program: &str, facts: &Path) -> anyhow::Result<Side> {
    let peer = std::env::var_os("GROUNDS_PEERS_ASCENT").context("GROUNDS_PEERS_ASCENT is not set: use bench/run")?;
    best(|| Side::of_command(Command::new(&peer).arg(program).arg(facts)))
}

fn write_facts(program: &str, path: &Path) -> anyhow::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for facts in graphs::facts(program) {
        for row in facts.cells.chunks_exact(facts.width) {
            let cells: Vec<String> = row.iter().map(u32::to_string).collect();
            writeln!(file, "{}({}).", facts.name, cells.join(","))?;
        }
    }
    Ok(file.flush()?)
}
