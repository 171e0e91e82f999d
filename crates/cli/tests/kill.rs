//! A kill at any moment of an import loses nothing that was acknowledged, and leaves a workspace that opens clean.
//!
//! `GROUNDS_KILL_RUNS` sets how many processes are killed; the suite does a few, the long loop 500.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::bench_workspace::{grounds, json, stdout};

/// How many processes the suite kills.
const RUNS_DEFAULT: u32 = 8;

fn act(number: u32) -> String {
    let mut text = format!(
        "---\ndocument: act-{number}\ntitle: Act {number}\nkind: regulation\nin_force: 2020-01-01\n---\n# Act {number}\n\n"
    );
    for article in 1..=40 {
        text.push_str(&format!("### Article {article} — Duty {article}\n\n1. A firm of class {number} shall report matter {article} within {article} days.\n\n"));
    }
    text
}

/// Imports files one after the other in a shell, each acknowledged by a line, and is killed after some microseconds.
fn killed_import(folder: &Path, first: u32, microseconds: u64) -> Vec<u32> {
    let script = format!(
        "for n in $(seq {first} {}); do \"$GROUNDS\" add act-$n.md --json >/dev/null 2>&1 && echo $n; done",
        first + 19
    );
    let mut child = Command::new("setsid")
        .args(["sh", "-c", &script])
        .current_dir(folder)
        .env("GROUNDS", env!("CARGO_BIN_EXE_grounds"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell");
    let pid = child.id();
    let reader = BufReader::new(child.stdout.take().expect("piped"));
    let killer = std::thread::spawn(move || {
        // Not a wait for anything: the kill is to fall at an arbitrary moment of the import.
        std::thread::park_timeout(std::time::Duration::from_micros(microseconds));
        let group = format!("-{pid}");
        let killed = Command::new("kill").args(["-9", "--", &group]).status();
        assert!(killed.is_ok(), "kill runs");
    });
    let acknowledged = reader.lines().map_while(Result::ok).filter_map(|line| line.trim().parse().ok()).collect();
    killer.join().expect("the killer ends");
    child.wait().expect("the shell ends");
    acknowledged
}

#[test]
fn killed_imports_lose_nothing_acknowledged() {
    let runs: u32 = std::env::var("GROUNDS_KILL_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS_DEFAULT);
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let (mut folder, mut next, mut acknowledged) = (new_workspace(), 1, Vec::new());
    let mut total = 0;
    for run in 0..runs {
        // A workspace that is killed twenty times is killed enough; a new one keeps each look at it short.
        if run % 20 == 0 {
            (folder, next, acknowledged) = (new_workspace(), 1, Vec::new());
        }
        for number in next..next + 20 {
            std::fs::write(folder.path().join(format!("act-{number}.md")), act(number)).expect("written");
        }
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let survived = killed_import(folder.path(), next, 2_000 + random % 300_000);
        total += survived.len();
        acknowledged.extend(survived);
        next += 20;
        check(folder.path(), run, &acknowledged);
    }
    println!("{runs} imports killed, {total} acknowledged imports all there");
}

fn new_workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert!(grounds(folder.path(), &["init"]).status.success());
    folder
}

/// The workspace opens clean, and everything acknowledged is in it.
fn check(folder: &Path, run: u32, acknowledged: &[u32]) {
    // The kernel may need a moment to end a process that was killed while it wrote.
    let free =
        |output: &std::process::Output| !String::from_utf8_lossy(&output.stderr).contains("in use by another process");
    let doctor = (0..200).map(|_| grounds(folder, &["doctor"])).find(free).expect("the lock is released");
    assert!(doctor.status.success(), "run {run}: {}{}", stdout(&doctor), String::from_utf8_lossy(&doctor.stderr));
    let listed = json(&grounds(folder, &["list", "--json"]));
    let documents = listed["documents"].as_array().expect("a list");
    let names: Vec<&str> = documents.iter().filter_map(|document| document["document"].as_str()).collect();
    for number in acknowledged {
        assert!(
            names.contains(&format!("act-{number}").as_str()),
            "run {run}: act-{number} was acknowledged and is gone"
        );
    }
}
