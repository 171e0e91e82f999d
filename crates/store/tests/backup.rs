//! Backups taken while writers go on, and workspaces restored from them.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use grounds_core::{Batch, Change, MatterRow, OriginalRow, Row, Snapshot, Validity};
use grounds_store::{BackupReport, Progress, Store, StoreConfig, StoreError};

use crate::compare::assert_same_up_to;
use crate::support::{Workspace, batch, day, document, noon, put, small_document};

fn silent() -> impl FnMut(Progress) {
    |_| {}
}

fn restored(backup: &Path, directory: &Path) -> (BackupReport, Store) {
    let report = Store::restore(backup, directory, &mut silent()).expect("restored");
    (report, Store::open(directory, StoreConfig::new()).expect("it opens"))
}

/// What the writer numbered `writer` commits as its `round`-th.
fn round(writer: u16, round: u16) -> Batch {
    let name = format!("act-{writer}-{}", round % 3);
    let mut changes = small_document(&name, "en", &["the operator must notify", "breaches are recorded"]);
    let from = day(round * 7 % 100);
    changes.push(put(document(&name, "en", &format!("Title {round}")), Validity { from, to: Some(day(150)) }));
    let source = format!("facts of round {round}");
    changes.push(Change::Put {
        row: Row::Matter(MatterRow { name: format!("matter-{writer}"), source }),
        validity: Validity::from(from),
    });
    let original = |bytes: Vec<u8>| OriginalRow { hash: blake3::hash(&bytes).to_hex().to_string(), bytes };
    let originals = vec![original(b"original".to_vec()), original(format!("{writer} {round}").into_bytes())];
    Batch { originals, ..batch(changes) }
}

#[test]
fn a_backup_under_load_restores_to_its_exact_snapshot() {
    let workspace = Workspace::new();
    let store = &workspace.store;
    store.commit(&round(9, 0), noon()).expect("committed");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let backups: Vec<_> = (0..3).map(|number| folder.path().join(format!("backup-{number}"))).collect();
    let is_over = AtomicBool::new(false);
    let taken: Vec<Result<BackupReport, StoreError>> = std::thread::scope(|scope| {
        for writer in 0..3 {
            let is_over = &is_over;
            scope.spawn(move || {
                for number in 0.. {
                    store.commit(&round(writer, number), noon()).expect("committed");
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                }
            });
        }
        let taken = backups.iter().map(|path| store.backup(path, &mut silent())).collect();
        is_over.store(true, Ordering::Relaxed);
        taken
    });
    for (number, (path, report)) in backups.iter().zip(taken).enumerate() {
        let report = report.expect("backed up");
        assert!(report.snapshot < store.latest().expect("read"), "writers went on");
        let directory = folder.path().join(format!("restored-{number}")).join(".grounds");
        let (read_back, copy) = restored(path, &directory);
        assert_eq!((read_back.snapshot, &read_back.head), (report.snapshot, &report.head));
        assert_eq!(copy.latest().expect("read"), report.snapshot);
        assert_same_up_to(store, &copy, report.snapshot);
        assert!(copy.examine().expect("examined").is_clean());
        let next = copy.commit(&round(7, 1), noon()).expect("the copy is a workspace like any other");
        assert_eq!(next, Snapshot(report.snapshot.0 + 1));
    }
}

#[test]
fn nothing_is_replaced_and_nothing_is_left_over() {
    let workspace = Workspace::new();
    workspace.store.commit(&round(0, 0), noon()).expect("committed");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("backup");
    fs::write(&path, "precious").expect("written");
    let error = workspace.store.backup(&path, &mut silent()).expect_err("the name is taken");
    assert!(matches!(error, StoreError::AlreadyThere { .. }));
    assert_eq!(fs::read(&path).expect("read"), b"precious");
    fs::remove_file(&path).expect("removed");
    workspace.store.backup(&path, &mut silent()).expect("backed up");
    let error = Store::restore(&path, &workspace.directory(), &mut silent()).expect_err("there is a workspace");
    assert!(matches!(error, StoreError::AlreadyAWorkspace { .. }));
    let error = Store::restore(&folder.path().join("none"), folder.path(), &mut silent()).expect_err("no backup");
    assert!(matches!(error, StoreError::NoBackup { .. }));
    let names: Vec<_> =
        fs::read_dir(folder.path()).expect("read").map(|entry| entry.expect("read").file_name()).collect();
    assert_eq!(names, ["backup"]);
}

#[test]
fn a_damaged_backup_is_not_restored() {
    let workspace = Workspace::new();
    for number in 0..4 {
        workspace.store.commit(&round(0, number), noon()).expect("committed");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("backup");
    workspace.store.backup(&path, &mut silent()).expect("backed up");
    let bytes = fs::read(&path).expect("read");
    let mut places = bytes.windows(8).enumerate().filter(|(_, window)| window == b"recorded").map(|(at, _)| at);
    let place = places.next_back().expect("the text is in it");
    for (name, damaged) in [
        ("changed", [&bytes[..place], b"reworded", &bytes[place + 8..]].concat()),
        ("cut", bytes[..bytes.len() / 2].to_vec()),
        ("foreign", b"not a backup".to_vec()),
    ] {
        let target = folder.path().join(name);
        fs::write(&path, damaged).expect("written");
        let error = Store::restore(&path, &target, &mut silent()).expect_err(name);
        assert!(matches!(error, StoreError::Corrupt { .. } | StoreError::Foreign { .. }), "{name}: {error}");
        let left = fs::read_dir(&target).map_or(0, Iterator::count);
        assert_eq!(left, 0, "{name}");
    }
}
