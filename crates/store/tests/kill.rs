//! A process killed at any moment loses nothing that it was told is durable: documents, declared tables, originals, group commits.
//!
//! The suite kills 15 times; set `GROUNDS_KILL_RUNS` to a number for a longer loop:
//! `GROUNDS_KILL_RUNS=1000 cargo test -p grounds-store --test main kill`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use grounds_store::{Store, StoreConfig};

use crate::faults::check::check_store;
use crate::faults::script::{Ledger, batch_of};
use crate::support::noon;

const RUN_COUNT: usize = 15;
/// After so many runs the workspace begins anew, so that looking at all of it stays quick.
const RUNS_PER_WORKSPACE: usize = 10;
/// Threads that commit at the same time.
const THREAD_COUNT: usize = 3;
/// Tells the test below to be the process that is killed: the directory, and the number of the run.
const CHILD_DIRECTORY: &str = "GROUNDS_KILL_CHILD_DIRECTORY";
const CHILD_RUN: &str = "GROUNDS_KILL_CHILD_RUN";

fn config() -> StoreConfig {
    // Seals often, so that some kills hit a seal.
    StoreConfig { tail_passage_count_max: 5, ..StoreConfig::new() }
}

/// What a thread calls its commits; now and then one is too big to be small.
fn commit_name(run: usize, thread: usize, number: usize) -> String {
    let kind = if (thread + number) % 9 == 8 { "big" } else { "small" };
    format!("{kind}r{run}t{thread}x{number}")
}

/// Not a test of its own: commits until it is killed, where the parent asks for it.
#[test]
fn child() {
    let Some(directory) = std::env::var_os(CHILD_DIRECTORY) else { return };
    let run = std::env::var(CHILD_RUN).ok().and_then(|run| run.parse().ok()).expect("the parent says which run");
    let store = Store::open(Path::new(&directory), config()).expect("opened");
    let store = &store;
    let work = |thread: usize| {
        for number in 0.. {
            let name = commit_name(run, thread, number);
            let snapshot = store.commit(&batch_of(&name), noon()).expect("committed");
            // Written past the capture of the test harness, and at once.
            let line = format!("acknowledged {snapshot} {name}\n");
            let mut output = std::io::stderr().lock();
            output.write_all(line.as_bytes()).and_then(|()| output.flush()).expect("the parent reads");
        }
    };
    let work = &work;
    std::thread::scope(|scope| {
        (0..THREAD_COUNT).for_each(|thread| drop(scope.spawn(move || work(thread))));
    });
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    let run_count = std::env::var("GROUNDS_KILL_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUN_COUNT);
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut commit_count = 0;
    for begin in (0..run_count).step_by(RUNS_PER_WORKSPACE) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let directory = folder.path().join(".grounds");
        drop(Store::create(&directory, config()).expect("created"));
        let mut ledger = Ledger { is_created: true, ..Ledger::default() };
        for run in begin..run_count.min(begin + RUNS_PER_WORKSPACE) {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            run_and_kill(&directory, run, random >> 33, &mut ledger);
            let store = Store::open(&directory, config()).expect("opens after a kill");
            let names = check_store(&store, &ledger, None).unwrap_or_else(|problem| panic!("run {run}: {problem:?}"));
            let examination = store.examine().expect("examined");
            assert!(examination.is_clean(), "run {run}: {:?}", examination.findings);
            commit_count += ledger.acknowledged.len();
            // What was in flight and is not there now never comes.
            ledger.attempted = names;
        }
    }
    assert!(commit_count > 0, "something was committed");
}

/// Lets a child commit, kills it after a random while, and notes what it acknowledged and what it may have been at.
fn run_and_kill(directory: &Path, run: usize, random: u64, ledger: &mut Ledger) {
    let program = std::env::current_exe().expect("this test's program");
    let mut child = Command::new(program)
        .args(["--exact", "kill::child", "--nocapture"])
        .env(CHILD_DIRECTORY, directory)
        .env(CHILD_RUN, run.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let output = BufReader::new(child.stderr.take().expect("piped"));
    let wanted = random % 12;
    let mut killed = false;
    let mut counts = [0; THREAD_COUNT];
    for (count, line) in (0..).zip(output.lines()) {
        let line = line.expect("read");
        let words: Vec<&str> = line.split(' ').collect();
        let ["acknowledged", snapshot, name] = words.as_slice() else { panic!("the child said: {line}") };
        ledger.acknowledged.push((snapshot.parse().expect("a number"), (*name).to_owned()));
        let thread = (0..THREAD_COUNT).find(|thread| *name == commit_name(run, *thread, counts[*thread]));
        counts[thread.expect("each thread's commits come in order")] += 1;
        if count == wanted && !killed {
            std::thread::sleep(Duration::from_micros(random / 12 % 20_000));
            child.kill().expect("killed");
            killed = true;
        }
    }
    child.wait().expect("ended");
    assert!(killed, "the child ended by itself");
    for (thread, count) in counts.into_iter().enumerate() {
        // All that was acknowledged, and the one it was at.
        ledger.attempted.extend((0..=count).map(|number| commit_name(run, thread, number)));
    }
}
