//! Commits that are durable in the journal alone, groups of commits, and a journal that is damaged.

use std::fs;
use std::path::Path;

use grounds_core::{Snapshot, TableDefinition, Validity};
use grounds_store::{KeyRange, KnownTime, Store, StoreConfig, StoreError};

use crate::declared::{cells, declare, pieces, put_row, rows_of, table};
use crate::support::{Workspace, noon, truth_path};

/// A workspace as a crash leaves it: its files while it was open.
fn crashed(workspace: &Workspace) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["truth.redb", "journal"] {
        fs::copy(workspace.directory().join(name), folder.path().join(name)).expect("copied");
    }
    folder
}

/// A workspace with a table of one row for each of `count` commits, and then one changed.
fn filled(count: i64) -> (Workspace, TableDefinition) {
    let workspace = Workspace::new();
    let table = table(1, true);
    workspace.store.commit(&declare(&[&table]), noon()).expect("declared");
    for number in 0..count {
        let row = put_row(&table, cells(number, "a", Some(1)), Validity::always());
        workspace.store.commit(&rows_of(&table, vec![row]), noon()).expect("written");
    }
    (workspace, table)
}

fn open(directory: &Path) -> Result<Store, StoreError> {
    Store::open(directory, StoreConfig::new())
}

fn row_count(store: &Store, table: &TableDefinition) -> usize {
    let reader = store.read(store.latest().expect("latest")).expect("it exists");
    pieces(&reader, table, KeyRange::All, KnownTime::AtSnapshot).len()
}

#[test]
fn what_only_the_journal_has_is_there_after_a_crash() {
    let (workspace, table) = filled(20);
    let folder = crashed(&workspace);
    let expected: Vec<String> = workspace.store.log().expect("log").into_iter().map(|entry| entry.hash).collect();
    for time in ["first", "second"] {
        let store = open(folder.path()).expect("opens after a crash");
        assert_eq!(store.latest().expect("latest"), Snapshot(21), "opened a {time} time");
        let log: Vec<String> = store.log().expect("log").into_iter().map(|entry| entry.hash).collect();
        assert_eq!(log, expected);
        assert_eq!(row_count(&store, &table), 20);
        assert!(store.examine().expect("examined").is_clean());
    }
    // Closed without a crash, there is nothing but the truth.
    let directory = workspace.directory();
    let folder = workspace.closed();
    assert!(!directory.join("journal").exists());
    assert_eq!(open(&directory).expect("opens").latest().expect("latest"), Snapshot(21));
    drop(folder);
}

#[test]
fn a_checkpoint_comes_when_the_journal_is_full() {
    let few = StoreConfig { journal_commit_count_max: 3, ..StoreConfig::new() };
    let small = StoreConfig { journal_bytes_max: 10_000, ..StoreConfig::new() };
    for config in [few, small] {
        let workspace = Workspace::with(config);
        let table = table(1, true);
        workspace.store.commit(&declare(&[&table]), noon()).expect("declared");
        for number in 0..30 {
            let row = put_row(&table, cells(number, "a", Some(1)), Validity::always());
            workspace.store.commit(&rows_of(&table, vec![row]), noon()).expect("written");
            let folder = crashed(&workspace).keep();
            let store = open(&folder).expect("opens after a crash");
            assert_eq!(row_count(&store, &table) as i64, number + 1);
            drop(store);
            fs::remove_dir_all(folder).expect("removed");
        }
    }
}

#[test]
fn a_cut_journal_has_the_commits_before_the_cut() {
    let (workspace, table) = filled(8);
    let folder = crashed(&workspace);
    let (truth, journal) = (fs::read(truth_path(folder.path())), fs::read(folder.path().join("journal")));
    let (truth, journal) = (truth.expect("read"), journal.expect("read"));
    let used = journal.iter().rposition(|byte| *byte != 0).expect("it is in use");
    let mut last = 0;
    for length in (0..=used + 1).step_by(256).chain([used + 512]) {
        fs::write(truth_path(folder.path()), &truth).expect("written");
        fs::write(folder.path().join("journal"), &journal[..length]).expect("written");
        let store = open(folder.path()).expect("what was cut off was not acknowledged");
        let found = row_count(&store, &table);
        assert!(found >= last, "{length} bytes");
        last = found;
    }
    assert_eq!(last, 8);
}

#[test]
fn a_flipped_bit_in_the_journal_loses_nothing() {
    let (workspace, table) = filled(8);
    let folder = crashed(&workspace);
    let (truth, journal) = (fs::read(truth_path(folder.path())), fs::read(folder.path().join("journal")));
    let (truth, journal) = (truth.expect("read"), journal.expect("read"));
    let used: Vec<usize> = (0..journal.len()).filter(|at| journal[*at] != 0).collect();
    for (number, at) in used.iter().enumerate().step_by(used.len() / 60) {
        let mut damaged = journal.clone();
        damaged[*at] ^= 1 << (number % 8);
        fs::write(truth_path(folder.path()), &truth).expect("written");
        fs::write(folder.path().join("journal"), &damaged).expect("written");
        let store = open(folder.path()).expect("the other copy is whole");
        assert_eq!(row_count(&store, &table), 8, "byte {at}");
    }
    // Both copies of a record that is not the last: what was acknowledged is missing, and that is said.
    let mut damaged = journal.clone();
    let second = used.iter().find(|at| **at >= 512 && journal[**at..].starts_with(b"grjournl")).expect("a second copy");
    damaged[8] ^= 1;
    damaged[second + 8] ^= 1;
    fs::write(truth_path(folder.path()), &truth).expect("written");
    fs::write(folder.path().join("journal"), &damaged).expect("written");
    let error = open(folder.path()).err().expect("a commit is missing");
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains("the journal"), "{error}");
}

#[test]
fn many_writers_share_groups_and_each_has_its_own_snapshot() {
    let (workspace, table) = filled(1);
    let (store, table) = (&workspace.store, &table);
    let base = store.latest().expect("latest");
    let mut snapshots: Vec<u64> = std::thread::scope(|scope| {
        let write = |writer: i64| {
            let mut made = Vec::new();
            for number in 0..20 {
                let row = put_row(table, cells(100 * (writer + 1) + number, "b", None), Validity::always());
                made.push(store.commit(&rows_of(table, vec![row]), noon()).expect("written").0);
                // All of them want this row, from one snapshot: the first has it.
                let wanted = put_row(table, cells(0, "a", Some(1_000 + i128::from(writer))), Validity::always());
                let batch = grounds_core::Batch { base: Some(base), ..rows_of(table, vec![wanted]) };
                match store.commit(&batch, noon()) {
                    Ok(snapshot) => made.push(snapshot.0),
                    Err(StoreError::WriteConflict { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            made
        };
        let threads: Vec<_> = (0..8).map(|writer| scope.spawn(move || write(writer))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    snapshots.sort_unstable();
    assert_eq!(snapshots, (3..3 + 161).collect::<Vec<u64>>());
    assert_eq!(row_count(store, table), 161);
    assert!(store.examine().expect("examined").is_clean());
    let folder = crashed(&workspace);
    assert_eq!(row_count(&open(folder.path()).expect("opens after a crash"), table), 161);
}

#[test]
fn whoever_finds_it_open_is_told_who_holds_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = StoreConfig { holder: Some("process 7 since noon".to_owned()), ..StoreConfig::new() };
    let store = Store::create(folder.path(), config).expect("created");
    let error = open(folder.path()).err().expect("it is open");
    assert!(error.to_string().contains("in use by process 7 since noon"), "{error}");
    drop(store);
    assert!(!folder.path().join("lock").exists());
    let store = open(folder.path()).expect("it is free");
    let error = open(folder.path()).err().expect("it is open");
    assert!(error.to_string().contains("in use by another process"), "{error}");
    drop(store);
}
