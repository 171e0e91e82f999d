//! `sqllogic`: SQLite's sqllogictest files against the engine. How many records pass, fail, and are skipped for which reason.

// In the order of the flow: the records of a file, what is skipped, how values are written, the comparison, the count.
mod script;
mod skip;
mod value;
mod verdict;
mod tally;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use grounds_sql::{Database, DatabaseConfig, Functions};
use grounds_store::{Store, StoreConfig};

use tally::Tally;
use verdict::Checker;

/// At least so many of the records that are run must pass, and at most so many of all may be skipped.
const PASSED_SHARE_MIN: f64 = 0.98;
const SKIPPED_SHARE_MAX: f64 = 0.05;

/// Runs every `*.test` file below `data/sql`, or below `data` where it has no such folder.
///
/// `--failures N` prints the first N failures of every file, `--only TEXT` runs the files whose path contains it.
pub fn run(data: &Path, options: &[String]) -> anyhow::Result<bool> {
    let options = Options::read(options)?;
    let root = if data.join("sql").is_dir() { data.join("sql") } else { data.to_path_buf() };
    let mut files = Vec::new();
    find_files(&root, &mut files)?;
    files.retain(|file| options.only.as_ref().is_none_or(|text| file.to_string_lossy().contains(text.as_str())));
    files.sort();
    anyhow::ensure!(!files.is_empty(), "there is no *.test file below {}", root.display());

    let tallies = run_files(&files)?;
    let mut all = Tally::default();
    println!("{}", Tally::heading());
    for (file, tally) in files.iter().zip(&tallies) {
        let name = file.strip_prefix(&root).unwrap_or(file).display().to_string();
        println!("{}", tally.row(&name));
        all.add(tally);
    }
    println!("{}", all.row("all"));
    for (file, tally) in files.iter().zip(&tallies) {
        for failure in tally.failures.iter().take(options.failures) {
            println!("\n{}:{}", file.display(), failure);
        }
    }
    println!("\nskipped, by reason:");
    for (reason, count) in &all.skipped {
        println!("{count:>8}  {reason}");
    }
    let (passed, skipped) = (all.passed_share(), all.skipped_share());
    println!(
        "\n{:.2}% of the {} records that were run passed (goal: {:.0}%), {:.2}% of {} were skipped (goal: at most {:.0}%)",
        passed * 100.0,
        all.run(),
        PASSED_SHARE_MIN * 100.0,
        skipped * 100.0,
        all.records(),
        SKIPPED_SHARE_MAX * 100.0
    );
    Ok(passed >= PASSED_SHARE_MIN && skipped <= SKIPPED_SHARE_MAX)
}

struct Options {
    failures: usize,
    only: Option<String>,
}

impl Options {
    fn read(written: &[String]) -> anyhow::Result<Options> {
        let mut options = Options { failures: 0, only: None };
        for pair in written.chunks(2) {
            match pair {
                [name, value] if name == "--failures" => options.failures = value.parse()?,
                [name, value] if name == "--only" => options.only = Some(value.clone()),
                _ => anyhow::bail!("the options of sqllogic are: --failures N, --only TEXT"),
            }
        }
        Ok(options)
    }
}

fn find_files(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "test") {
            found.push(path);
        }
    }
    Ok(())
}

/// Runs the files beside each other, as many at once as the machine has cores.
fn run_files(files: &[PathBuf]) -> anyhow::Result<Vec<Tally>> {
    let next = AtomicUsize::new(0);
    let worker = || -> anyhow::Result<Vec<(usize, Tally)>> {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(index) else { return Ok(done) };
            done.push((index, run_file(file)?));
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(files.len());
    let mut done = std::thread::scope(|scope| {
        let started: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        let joined =
            started.into_iter().map(|thread| thread.join().map_err(|_| anyhow::anyhow!("a thread panicked"))?);
        joined.collect::<anyhow::Result<Vec<_>>>()
    })?
    .concat();
    done.sort_by_key(|(index, _)| *index);
    Ok(done.into_iter().map(|(_, tally)| tally).collect())
}

/// Runs one file in a workspace of its own.
fn run_file(file: &Path) -> anyhow::Result<Tally> {
    let script = script::read(file)?;
    let folder = tempfile::tempdir()?;
    let store = Arc::new(Store::create(&folder.path().join(".grounds"), StoreConfig::new())?);
    let database =
        Database::new(store, DatabaseConfig { thread_count: 1, ..DatabaseConfig::new() }, Functions::default())?;
    let mut checker = Checker::new(database.session("2024-01-01".parse()?), script.hash_threshold);
    let mut tally = Tally::default();
    let started = Instant::now();
    for record in &script.records {
        match skip::reason(record) {
            Some(reason) => tally.skip(reason),
            None => match checker.check(record) {
                Ok(()) => tally.passed += 1,
                Err(wrong) => tally.fail(record, &wrong),
            },
        }
    }
    tally.took = started.elapsed().max(Duration::from_micros(1));
    Ok(tally)
}
