//! SARA: nine sections of the Internal Revenue Code as rules, and its 376 cases judged by them, each with a checked proof.

mod statutes;
mod prolog;
mod solve;
mod question;
mod case;
mod transcribe;
mod work;
mod agreed;
mod judge;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use grounds::{Overrides, Upload, Workspace};
use grounds_core::Program;
use grounds_reason::Evaluator;

use judge::{Kind, judge, prepare};

/// How many cases of each kind there are, all of which must come out.
const GOAL: [(Kind, usize); 3] = [(Kind::Entailment, 138), (Kind::Contradiction, 138), (Kind::Amount, 100)];
/// Where the cases must come out alike: SARA's own program gives other answers east of New York.
const ZONES: [&str; 3] = ["UTC", "America/New_York", "Asia/Tokyo"];
/// A case with all proofs: the 99th of a hundred.
const P99_MAX: Duration = Duration::from_millis(5);

pub(crate) fn run(data: &Path, options: &[String]) -> anyhow::Result<bool> {
    let folder = data.join("rules").join("sara");
    match options {
        [] => in_all_zones(data),
        [option] if option == "--alone" => alone(&folder),
        _ => anyhow::bail!("sara knows one option, --alone: judge the cases once, in the time zone there is"),
    }
}

/// Judges all cases in a process of its own for each time zone.
fn in_all_zones(data: &Path) -> anyhow::Result<bool> {
    let mut reports = Vec::new();
    for zone in ZONES {
        let output =
            Command::new(std::env::current_exe()?).arg("sara").arg(data).arg("--alone").env("TZ", zone).output()?;
        anyhow::ensure!(
            output.status.success(),
            "judging under TZ={zone} failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let report = String::from_utf8(output.stdout)?;
        let (cases, times): (Vec<String>, Vec<String>) =
            report.lines().map(str::to_owned).partition(|line| line.starts_with("case"));
        println!("TZ={zone}: {} cases; {}", cases.len(), times.join("; "));
        reports.push((cases, times));
    }
    let (cases, times) = &reports[0];
    let alike = reports.iter().all(|(other, _)| other == cases);
    for line in cases.iter().filter(|line| !line.contains("\tcame out\t")) {
        println!("{}", line.replace('\t', " "));
    }
    let count = |kind: Kind| cases.iter().filter(|line| line.contains(&format!("\t{kind:?}\tcame out\t"))).count();
    let shown: Vec<String> =
        GOAL.iter().map(|(kind, goal)| format!("{} {} of {goal}", kind.plural(), count(*kind))).collect();
    let fast = times.iter().any(|line| line.ends_with("within the goal"));
    let zones = if alike { "identical" } else { "DIFFERENT" };
    println!("sara: {}; {zones} in {} time zones; {}", shown.join(", "), ZONES.len(), times.join("; "));
    Ok(alike && fast && GOAL.iter().all(|(kind, goal)| count(*kind) == *goal))
}

/// Judges all cases and prints one line for each, then the times.
fn alone(folder: &Path) -> anyhow::Result<bool> {
    let program = program(folder)?;
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder.join("cases"))
        .with_context(|| format!("{} has no cases", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    // All are transcribed first, so that what that leaves to be tidied up in memory does not count.
    let mut prepared = Vec::new();
    for path in paths {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        prepared.push((name, prepare(&program, &std::fs::read_to_string(&path)?)));
    }
    let evaluator = Evaluator::new(&program)?;
    let mut times: Vec<(Duration, String)> = Vec::new();
    for (name, prepared) in &prepared {
        let judged = match prepared {
            Ok(prepared) => judge(&evaluator, prepared),
            Err(error) => Err(anyhow::anyhow!("{error:#}")),
        };
        match judged {
            Ok(judged) => {
                let came_out = if judged.passed { "came out" } else { "DID NOT COME OUT" };
                println!("case\t{name}\t{:?}\t{came_out}\t{}", judged.kind, judged.found);
                times.push((judged.took, format!("{name}, {} nodes", judged.node_count)));
            }
            Err(error) => println!("case\t{name}\terror\t{error:#}"),
        }
    }
    times.sort();
    let (p50, p99) = (at(&times, 50), at(&times, 99));
    let slowest = times.last().map(|(took, name)| format!("{:.2} ms ({name})", milliseconds(*took)));
    let verdict = if p99 < P99_MAX { "within the goal" } else { "beyond the goal" };
    println!(
        "a case with all proofs, checked: p50 {:.2} ms, slowest {}, p99 {:.2} ms, {verdict}",
        milliseconds(p50),
        slowest.unwrap_or_default(),
        milliseconds(p99)
    );
    Ok(true)
}

fn at(times: &[(Duration, String)], percent: usize) -> Duration {
    times.get(times.len().saturating_sub(1) * percent / 100).map_or(Duration::ZERO, |(took, _)| *took)
}

fn milliseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}

/// The rules of `examples/sara`, compiled against the statutes as they are imported.
fn program(folder: &Path) -> anyhow::Result<Program> {
    let temporary = tempfile::tempdir()?;
    let grounds = Workspace::create(&temporary.path().join(".grounds"))?;
    let law = statutes::markdown(&folder.join("statutes").join("source"))?;
    let upload = Upload { name: "sara.md".to_owned(), bytes: law.into_bytes(), ..Upload::default() };
    let outcome = grounds.add(&[upload], &Overrides::default(), "2026-01-01T00:00Z".parse()?)?;
    anyhow::ensure!(outcome.failures.is_empty(), "the statutes were not imported: {}", outcome.failures[0].error);
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join("examples").join("sara");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(examples)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rules") {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            files.push((name, std::fs::read_to_string(&path)?));
        }
    }
    files.sort();
    Ok(grounds.compile_with(&grounds.view(None)?, &files)?.program)
}
