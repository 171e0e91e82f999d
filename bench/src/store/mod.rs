//! Speed beside SQLite, DuckDB, LanceDB and Chroma: durable commits, point reads, scans and joins, import and first search.
//!
//! Each part runs Grounds and its peers in one run, taking turns where both are quick, and reports the ratio of their times.

pub(crate) mod figure;
pub(crate) mod peer;
mod sqlite;
pub(crate) mod commits;
mod reads;
mod scans;
mod articles;
mod import;
mod opened;

use std::path::Path;

use figure::Figures;

/// The parts, in the order in which they run.
const PARTS: &str = "commits, reads, scans, import";

/// Runs every part, or with `--only PART` that part; whether every goal holds.
pub(crate) fn run(data: &Path, options: &[String]) -> anyhow::Result<bool> {
    let mut row_count = scans::ROW_COUNT;
    let only = match options {
        [] => None,
        [flag, part] if flag == "--only" => Some(part.as_str()),
        // Fewer rows, for a first look.
        [flag, part, rows, count] if flag == "--only" && rows == "--rows" => {
            row_count = count.parse()?;
            Some(part.as_str())
        }
        // A process of its own, so that the memory of an idle workspace is nobody else's.
        [flag, directory, query] if flag == "--opened" => {
            return opened::run(Path::new(directory), query).map(|()| true);
        }
        _ => anyhow::bail!("usage: bench/run store DATA [--only PART [--rows COUNT]], where PART is one of: {PARTS}"),
    };
    let wanted = |part: &str| only.is_none_or(|only| only == part);
    let mut figures = Figures::default();
    if wanted("commits") {
        commits::run(&mut figures)?;
    }
    if wanted("reads") {
        reads::run(&mut figures)?;
    }
    if wanted("scans") {
        scans::run(row_count, &mut figures)?;
    }
    if wanted("import") {
        import::run(data, &mut figures)?;
    }
    anyhow::ensure!(!figures.is_empty(), "there is no part `{}`; there are: {PARTS}", only.unwrap_or_default());
    Ok(figures.print("store"))
}
