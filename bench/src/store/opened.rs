//! A workspace opened by a process that does nothing else: how long until the first search answers, and how much memory it holds.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Context as _;
use grounds::Workspace;
use grounds_store::TextQuery;
use jiff::civil::date;
use serde::{Deserialize, Serialize};

/// What the process found.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Opened {
    /// From before opening until the first search had answered.
    pub(crate) first_search_ms: f64,
    /// Of that, opening.
    pub(crate) open_ms: f64,
    /// The same search once more.
    pub(crate) next_search_ms: f64,
    /// Memory of the process before opening.
    pub(crate) start_mb: f64,
    /// After opening.
    pub(crate) open_mb: f64,
    /// After the first search.
    pub(crate) searched_mb: f64,
    /// How many passages the first search found, of those asked for.
    pub(crate) hit_count: usize,
}

/// Opens the workspace in a new process, and asks for the figures.
pub(crate) fn measure(directory: &Path, query: &str) -> anyhow::Result<Opened> {
    let output = Command::new(std::env::current_exe()?)
        .args(["store", "-", "--opened"])
        .arg(directory)
        .arg(query)
        .output()
        .context("starting a process that opens the workspace")?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The new process: opens, searches, prints the figures.
pub(crate) fn run(directory: &Path, query: &str) -> anyhow::Result<()> {
    let start_mb = resident_mb()?;
    let start = Instant::now();
    let workspace = Workspace::open(directory)?;
    let open_ms = milliseconds(start);
    let open_mb = resident_mb()?;
    let hit_count = search(&workspace, query)?;
    let first_search_ms = milliseconds(start);
    let searched_mb = resident_mb()?;
    let again = Instant::now();
    search(&workspace, query)?;
    let next_search_ms = milliseconds(again);
    let opened = Opened { first_search_ms, open_ms, next_search_ms, start_mb, open_mb, searched_mb, hit_count };
    println!("{}", serde_json::to_string(&opened)?);
    Ok(())
}

/// Searches at the latest snapshot; how many hits there were of ten asked for.
pub(crate) fn search(workspace: &Workspace, words: &str) -> anyhow::Result<usize> {
    let reader = workspace.store().read(workspace.store().latest()?)?;
    let query = TextQuery {
        text: words.to_owned(),
        language: Some("zh".to_owned()),
        kinds: Vec::new(),
        documents: Vec::new(),
        passage_count_max: 10,
    };
    Ok(reader.search(&query, date(2026, 1, 1))?.hits.len())
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// The memory of this process that is in use (Linux: VmRSS).
fn resident_mb() -> anyhow::Result<f64> {
    let status =
        std::fs::read_to_string("/proc/self/status").context("only Linux says how much memory a process has")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the status names VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes / 1024.0)
}
