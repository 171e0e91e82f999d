//! An export is a workspace in other words: imported, it is the same again.

use std::fs;
use std::path::Path;

use grounds_core::{Batch, DocumentId, MatterRow, OriginalRow, Row, Snapshot, TableChanges, TableId, Validity};
use grounds_store::{EraseRequest, EraseTarget, Store, StoreConfig, StoreError};

use crate::compare::assert_same_up_to;
use crate::support::{Workspace, batch, day, document, noon, people, person, put, put_always, small_document};

/// Two documents with a history, a declared table with some, originals, and an erased document.
fn filled() -> (tempfile::TempDir, Store) {
    let workspace = Workspace::new();
    let store = &workspace.store;
    let original = |bytes: &[u8]| OriginalRow { hash: blake3::hash(bytes).to_hex().to_string(), bytes: bytes.to_vec() };
    let mut changes = small_document("act", "en", &["the operator must notify", "breaches are recorded"]);
    changes.extend(small_document("gone", "en", &["a private letter"]));
    changes.push(put_always(Row::Table(people())));
    let rows = (0..50).map(|id| person(id, &format!("person {id} ä\n\"quoted\""), Validity::always())).collect();
    let tables = vec![TableChanges { table: TableId(1), rows }];
    let originals = vec![original(b"original"), original(&[0, 255])];
    store.commit(&Batch { tables, originals, ..batch(changes) }, noon()).expect("committed");
    for round in 0..4 {
        let part = Validity { from: day(round * 10), to: Some(day(100)) };
        let matter = MatterRow { name: "case".to_owned(), source: format!("facts {round}") };
        let changes = vec![put(document("act", "en", &format!("Title {round}")), part), put(Row::Matter(matter), part)];
        let rows = vec![person(3, &format!("round {round}"), part), person(i64::from(round), "other", part)];
        let tables = vec![TableChanges { table: TableId(1), rows }];
        store.commit(&Batch { tables, ..batch(changes) }, noon()).expect("committed");
    }
    let directory = workspace.directory();
    let folder = workspace.closed();
    let targets = vec![EraseTarget::Document(DocumentId("gone".to_owned()))];
    let request = EraseRequest { targets, with_answers: false, asked_by: "a".to_owned(), reason: "b".to_owned() };
    Store::erase(&directory, StoreConfig::new(), &request, noon(), &mut |_| {}).expect("erased");
    let store = Store::open(&directory, StoreConfig::new()).expect("it opens");
    (folder, store)
}

fn import(source: &Path, directory: &Path) -> Result<Store, StoreError> {
    Store::import(source, directory, &mut |_| {})?;
    Store::open(directory, StoreConfig::new())
}

/// Every file of a directory with its bytes.
fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            let folder = path.file_name().expect("it has a name").display().to_string();
            found.extend(files(&path).into_iter().map(|(name, bytes)| (format!("{folder}/{name}"), bytes)));
        } else {
            let name = path.file_name().expect("it has a name").display().to_string();
            found.push((name, fs::read(&path).expect("readable")));
        }
    }
    found.sort();
    found
}

#[test]
fn an_imported_export_is_the_same_workspace() {
    let (folder, store) = filled();
    let target = folder.path().join("export");
    let mut steps = Vec::new();
    let report = store.export(&target, &mut |progress| steps.push(progress)).expect("exported");
    assert_eq!((report.snapshot, report.original_count), (Snapshot(6), 2));
    let last = steps.last().expect("it says how far it is");
    assert_eq!(last.done, last.total);

    let copy = import(&target, &folder.path().join("copy")).expect("imported");
    assert_same_up_to(&store, &copy, Snapshot(6));
    assert_eq!(copy.log().expect("whole").last().map(|entry| entry.hash.clone()), report.head);
    let examination = copy.examine().expect("examined");
    assert!(examination.is_clean(), "{:?}", examination.findings);
    assert_eq!(examination.row_count as u64, report.row_count);
    for bytes in [&b"original"[..], &[0, 255]] {
        let hash = blake3::hash(bytes).to_hex().to_string();
        assert_eq!(copy.original(&hash).expect("read").as_deref(), Some(bytes));
    }
    // Both go on alike: the numbers that are given out next are the same.
    let next = batch(vec![put_always(document("act", "en", "Next"))]);
    store.commit(&next, noon()).expect("committed");
    copy.commit(&next, noon()).expect("committed");
    assert_same_up_to(&store, &copy, Snapshot(7));
}

#[test]
fn exporting_the_import_gives_the_same_files() {
    let (folder, store) = filled();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    store.export(&first, &mut |_| {}).expect("exported");
    import(&first, &folder.path().join("copy")).expect("imported").export(&second, &mut |_| {}).expect("exported");
    assert_eq!(files(&first), files(&second));
    assert!(matches!(store.export(&first, &mut |_| {}), Err(StoreError::AlreadyThere { .. })));
}

#[test]
fn an_export_that_was_changed_is_not_imported() {
    let (folder, store) = filled();
    let target = folder.path().join("export");
    store.export(&target, &mut |_| {}).expect("exported");
    let directory = folder.path().join("copy");
    for (name, bytes) in files(&target) {
        let path = target.join(&name);
        let mut damaged = bytes.clone();
        let Some(middle) = damaged.len().checked_sub(1).map(|last| last / 2) else { continue };
        damaged[middle] ^= 1;
        fs::write(&path, &damaged).expect("written");
        assert!(import(&target, &directory).is_err(), "{name} with a bit flipped");
        fs::write(&path, &bytes[..middle]).expect("written");
        assert!(import(&target, &directory).is_err(), "{name} cut");
        fs::remove_file(&path).expect("removed");
        assert!(import(&target, &directory).is_err(), "{name} removed");
        fs::write(&path, &bytes).expect("written");
    }
    assert_eq!(fs::read_dir(&directory).map_or(0, Iterator::count), 0, "nothing is left of the attempts");
    import(&target, &directory).expect("whole again");
    assert!(matches!(import(&target, &directory), Err(StoreError::AlreadyAWorkspace { .. })));
    assert!(matches!(import(folder.path(), &folder.path().join("x")), Err(StoreError::NoBackup { .. })));
}
