//! Creating, opening and sharing workspaces, the log, and originals.

use grounds_core::{Batch, Kind, OriginalRow, Snapshot};
use grounds_store::{Store, StoreConfig, StoreError};

use crate::support::{Workspace, document, noon, put_always, truth_path};

fn open_error(directory: &std::path::Path) -> StoreError {
    match Store::open(directory, StoreConfig::new()) {
        Ok(_) => panic!("{} opened", directory.display()),
        Err(error) => error,
    }
}

#[test]
fn handles_and_readers_go_between_threads() {
    fn assert_shared<T: Send + Sync>() {}
    fn assert_sent<T: Send>() {}
    assert_shared::<Store>();
    assert_sent::<grounds_store::Reader>();
}

#[test]
fn creating_twice_is_refused() {
    let workspace = Workspace::new();
    let again = Store::create(&workspace.directory(), StoreConfig::new());
    assert!(matches!(again, Err(StoreError::AlreadyAWorkspace { .. })));
    let names: Vec<_> = std::fs::read_dir(workspace.directory()).expect("listed").flatten().collect();
    assert_eq!(names.len(), 1, "only the truth file is there");
}

#[test]
fn what_is_not_a_workspace_is_told_apart() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert!(matches!(open_error(folder.path()), StoreError::NotAWorkspace { .. }));
    assert!(matches!(open_error(&folder.path().join("missing")), StoreError::NotAWorkspace { .. }));
    std::fs::write(truth_path(folder.path()), "just some text, long enough for a header").expect("written");
    assert!(matches!(open_error(folder.path()), StoreError::Foreign { .. }));
    std::fs::write(truth_path(folder.path()), "").expect("written");
    assert!(matches!(open_error(folder.path()), StoreError::Corrupt { .. }));
    std::fs::remove_file(truth_path(folder.path())).expect("removed");
    redb::Database::create(truth_path(folder.path())).expect("another program's file");
    let error = open_error(folder.path());
    assert!(matches!(error, StoreError::Foreign { .. }));
    assert_eq!(error.kind(), Kind::Corrupt);
    assert!(error.hint().is_some());
}

#[test]
fn a_crash_while_creating_leaves_no_workspace() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("truth.redb.new-1"), "half").expect("written");
    assert!(matches!(open_error(folder.path()), StoreError::NotAWorkspace { .. }));
    Store::create(folder.path(), StoreConfig::new()).expect("created beside it");
}

#[test]
fn a_newer_format_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    drop(Store::create(folder.path(), StoreConfig::new()).expect("created"));
    let database = redb::Database::open(truth_path(folder.path())).expect("opened");
    let transaction = database.begin_write().expect("begun");
    {
        let definition: redb::TableDefinition<&str, &[u8]> = redb::TableDefinition::new("header");
        let mut header = transaction.open_table(definition).expect("opened");
        header.insert("format", 7_u32.to_le_bytes().as_slice()).expect("inserted");
    }
    transaction.commit().expect("committed");
    drop(database);
    let error = open_error(folder.path());
    assert!(matches!(error, StoreError::NewerFormat { found: 7, supported: grounds_store::FORMAT, .. }), "{error}");
}

#[test]
fn a_second_handle_is_refused_until_the_first_is_dropped() {
    let workspace = Workspace::new();
    let error = open_error(&workspace.directory());
    assert!(matches!(error, StoreError::Locked { .. }));
    assert_eq!(error.kind(), Kind::Unavailable);
    let folder = workspace.closed();
    Store::open(&folder.path().join(".grounds"), StoreConfig::new()).expect("free again");
}

#[test]
fn the_future_cannot_be_read() {
    let workspace = Workspace::new();
    let error = workspace.store.read(Snapshot(1)).err().expect("an error");
    assert_eq!(error.to_string(), "snapshot 1 does not exist yet: the latest is 0");
}

#[test]
fn the_log_is_chained_and_survives_reopening() {
    let workspace = Workspace::new();
    for title in ["One", "Two", "Three"] {
        workspace.commit(vec![put_always(document("a", "en", title))]);
    }
    let before = workspace.store.log().expect("log");
    assert_eq!(before.len(), 3);
    assert_eq!(before[0].previous_hash, "0".repeat(64));
    assert!(before.windows(2).all(|pair| pair[1].previous_hash == pair[0].hash));
    assert_eq!(before[2].at.to_string(), noon().to_string());
    assert_eq!(before[2].change_count, 1);
    let workspace = workspace.reopened(StoreConfig::new());
    assert_eq!(workspace.store.log().expect("log"), before);
}

#[test]
fn originals_are_kept_once_under_their_hash() {
    let workspace = Workspace::new();
    let bytes = b"%PDF- as it came".to_vec();
    let hash = blake3::hash(&bytes).to_hex().to_string();
    let original = OriginalRow { hash: hash.clone(), bytes: bytes.clone() };
    let batch = Batch {
        message: "add".to_owned(),
        changes: Vec::new(),
        originals: vec![original.clone(), original],
        ..Batch::default()
    };
    assert_eq!(workspace.store.commit(&batch, noon()).expect("committed"), Snapshot(1));
    assert_eq!(workspace.store.commit(&batch, noon()).expect("committed"), Snapshot(1));
    assert_eq!(workspace.store.original(&hash).expect("read"), Some(bytes));
    assert_eq!(workspace.store.original(&"0".repeat(64)).expect("read"), None);
    assert_eq!(workspace.store.original("not a hash").expect("read"), None);
    let wrong = OriginalRow { hash, bytes: b"other".to_vec() };
    let batch = Batch { message: "add".to_owned(), changes: Vec::new(), originals: vec![wrong], ..Batch::default() };
    assert!(matches!(workspace.store.commit(&batch, noon()), Err(StoreError::HashMismatch { .. })));
}
