//! A process killed at any moment loses nothing that it was told is durable.
//!
//! The suite kills 15 times; set `GROUNDS_KILL_RUNS` to a number for a longer loop:
//! `GROUNDS_KILL_RUNS=1000 cargo test -p grounds-store --test main kill`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use grounds_core::{Batch, Change, OriginalRow, Snapshot};
use grounds_store::{Store, StoreConfig};

use crate::support::{batch, day, document, noon, put_always, query, small_document};

const RUN_COUNT: usize = 15;
/// Tells the test below to be the process that is killed.
const CHILD_DIRECTORY: &str = "GROUNDS_KILL_CHILD_DIRECTORY";

fn config() -> StoreConfig {
    // Seals often, so that some kills hit a seal.
    StoreConfig { tail_passage_count_max: 5, ..StoreConfig::new() }
}

/// What the commit that makes `snapshot` writes.
fn commit_number(snapshot: u64) -> Batch {
    let bytes = format!("original {snapshot}").into_bytes();
    let original = OriginalRow { hash: blake3::hash(&bytes).to_hex().to_string(), bytes };
    let text = format!("breach number{snapshot}");
    let mut changes: Vec<Change> = small_document(&format!("d{snapshot}"), "en", &[&text, "the operator must notify"]);
    // Closes a row of the commit before.
    changes.push(put_always(document("counter", "en", &format!("{snapshot}"))));
    let originals = vec![
        original,
        OriginalRow { hash: blake3::hash(b"original").to_hex().to_string(), bytes: b"original".to_vec() },
    ];
    Batch { originals, ..batch(changes) }
}

/// Not a test of its own: commits until it is killed, where the parent asks for it.
#[test]
fn child() {
    let Some(directory) = std::env::var_os(CHILD_DIRECTORY) else { return };
    let store = Store::open(Path::new(&directory), config()).expect("opened");
    let mut next = store.latest().expect("latest").0 + 1;
    loop {
        let snapshot = store.commit(&commit_number(next), noon()).expect("committed");
        assert_eq!(snapshot, Snapshot(next));
        // Written past the capture of the test harness, and at once.
        let mut output = std::io::stderr().lock();
        writeln!(output, "acknowledged {snapshot}").and_then(|()| output.flush()).expect("the parent reads");
        next += 1;
    }
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    let run_count = std::env::var("GROUNDS_KILL_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUN_COUNT);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let directory = folder.path().join(".grounds");
    drop(Store::create(&directory, config()).expect("created"));
    let mut checked = 0;
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    for run in 0..run_count {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let acknowledged = run_and_kill(&directory, random >> 33);
        let store = Store::open(&directory, config()).expect("opens after a kill");
        let latest = store.latest().expect("latest").0;
        assert!(latest >= acknowledged, "run {run}: {acknowledged} acknowledged, {latest} there");
        // Everything new since the last look, and now and then everything.
        for snapshot in (if run % 50 == 0 { 1 } else { checked + 1 })..=latest {
            check(&store, snapshot);
        }
        checked = latest;
        assert_eq!(store.log().expect("log").len() as u64, latest);
        let examination = store.examine().expect("examined");
        assert!(examination.is_clean(), "run {run}: {:?}", examination.findings);
    }
    assert!(checked > 0, "something was committed");
}

/// Lets a child commit, kills it after a random while, and returns the last snapshot it acknowledged.
fn run_and_kill(directory: &Path, random: u64) -> u64 {
    let program = std::env::current_exe().expect("this test's program");
    let mut child = Command::new(program)
        .args(["--exact", "kill::child", "--nocapture"])
        .env(CHILD_DIRECTORY, directory)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let output = BufReader::new(child.stderr.take().expect("piped"));
    let wanted = random % 12;
    let mut acknowledged = 0;
    let mut killed = false;
    for (count, line) in (0..).zip(output.lines()) {
        let line = line.expect("read");
        let Some(snapshot) = line.strip_prefix("acknowledged ") else { panic!("the child said: {line}") };
        acknowledged = snapshot.parse().expect("a number");
        if count == wanted && !killed {
            std::thread::sleep(Duration::from_micros(random / 12 % 20_000));
            child.kill().expect("killed");
            killed = true;
        }
    }
    child.wait().expect("ended");
    assert!(killed, "the child ended by itself");
    acknowledged
}

fn check(store: &Store, snapshot: u64) {
    let reader = store.read(Snapshot(snapshot)).expect("it exists");
    let counter = reader.document(&grounds_core::DocumentId("counter".to_owned())).expect("read").expect("there");
    assert_eq!(counter.row.title, snapshot.to_string());
    assert_eq!(reader.documents(None).expect("read").len() as u64, snapshot + 1);
    let found = reader.search(&query(&format!("number{snapshot}")), day(0)).expect("searched");
    assert_eq!(found.passage_count, snapshot * 2);
    assert_eq!(found.terms[0].document_frequency, 1);
    for original in commit_number(snapshot).originals {
        assert_eq!(store.original(&original.hash).expect("read"), Some(original.bytes));
    }
}
