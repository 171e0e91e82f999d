//! After an erasure no byte of it is left, and everything else is as before.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use grounds_core::{
    AnswerRow, Batch, DocumentId, LinkKind, MatterRow, OriginalRow, Row, Snapshot, Table, TableChanges, TableId,
    Validity,
};
use grounds_store::{EraseRequest, EraseTarget, Erasure, Store, StoreConfig, StoreError, encode_key_cells};

use crate::compare::rows_at;
use crate::support::{
    Workspace, batch, day, document, link, noon, people, person, put, put_always, query, small_document, unit, version,
};

/// What is erased; no other row has sixteen bytes in a row of these.
const SECRET: [&str; 2] = ["Wilhelmina Quartz lives beside the canal", "her telephone rings at midnight on Sundays"];
const ORIGINAL: &[u8] = b"%PDF the scanned letter of Wilhelmina Quartz, page one of one";
const NOTE: &str = "Wilhelmina Quartz was born beside the old windmill";

fn answer(name: &str, quoted: &str) -> Row {
    Row::Answer(AnswerRow {
        name: name.to_owned(),
        question: "Who?".to_owned(),
        verdict: "verified".to_owned(),
        json: serde_json::json!({ "claims": [{ "text": quoted }] }).to_string(),
    })
}

fn original(bytes: &[u8]) -> OriginalRow {
    OriginalRow { hash: blake3::hash(bytes).to_hex().to_string(), bytes: bytes.to_vec() }
}

/// A version that came from these bytes.
fn from_original(row: Row, bytes: &[u8]) -> Row {
    let Row::Version(mut version) = row else { return row };
    version.original_hash = blake3::hash(bytes).to_hex().to_string();
    Row::Version(version)
}

/// A workspace with what is to be erased among other things, with a history, sealed.
fn filled() -> Workspace {
    let workspace = Workspace::new();
    let store = &workspace.store;
    let mut changes = small_document("letter", "en", &SECRET);
    changes[1] = put_always(from_original(version("letter", 1, &SECRET.join("\n")), ORIGINAL));
    changes.push(put_always(unit("letter", 1, 0, "root", "")));
    changes.push(put_always(link("letter", 1, 3, "act", "art_1", LinkKind::Cites)));
    changes.extend(small_document("act", "en", &["the operator must notify", "breaches are recorded"]));
    changes.push(put_always(link("act", 1, 3, "letter", "art_1", LinkKind::Cites)));
    changes.push(put_always(Row::Table(people())));
    let rows = vec![person(1, NOTE, Validity::always()), person(2, "nobody in particular", Validity::always())];
    let tables = vec![TableChanges { table: TableId(1), rows }];
    let originals = vec![original(b"original"), original(ORIGINAL)];
    store.commit(&Batch { originals, tables, ..batch(changes) }, noon()).expect("committed");
    store.seal().expect("sealed");
    let matter = Row::Matter(MatterRow { name: "case".to_owned(), source: "facts: none".to_owned() });
    workspace.commit(vec![
        put_always(matter),
        put_always(answer("quoting", SECRET[0])),
        put_always(answer("other", "the operator must notify")),
        put(document("letter", "en", "A letter, renamed"), Validity::from(day(50))),
    ]);
    let rows = vec![
        person(1, &format!("{NOTE}, they say"), Validity::from(day(9))),
        person(3, "somebody", Validity::always()),
    ];
    store
        .commit(&Batch { tables: vec![TableChanges { table: TableId(1), rows }], ..batch(vec![]) }, noon())
        .expect("ok");
    workspace
}

fn erase(directory: &Path, targets: Vec<EraseTarget>, with_answers: bool) -> Result<Erasure, StoreError> {
    let (asked_by, reason) = ("the data protection officer".to_owned(), "request 17".to_owned());
    let request = EraseRequest { targets, with_answers, asked_by, reason };
    Store::erase(directory, StoreConfig::new(), &request, noon(), &mut |_| {})
}

fn everything() -> Vec<EraseTarget> {
    let key = encode_key_cells(&[grounds_core::Cell::Integer(1)]);
    vec![EraseTarget::Document(DocumentId("letter".to_owned())), EraseTarget::TableRow { table: TableId(1), key }]
}

/// The files below `directory` in which any 16 bytes in a row of `erased` stand.
fn files_with(directory: &Path, erased: &[&[u8]]) -> Vec<String> {
    let windows: HashSet<&[u8]> = erased.iter().flat_map(|bytes| bytes.windows(16)).collect();
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            found.extend(files_with(&path, erased));
        } else if fs::read(&path).expect("readable").windows(16).any(|window| windows.contains(window)) {
            found.push(path.display().to_string());
        }
    }
    found
}

fn secrets() -> Vec<&'static [u8]> {
    vec![SECRET[0].as_bytes(), SECRET[1].as_bytes(), ORIGINAL, NOTE.as_bytes()]
}

fn open(directory: &Path) -> Store {
    Store::open(directory, StoreConfig::new()).expect("it opens")
}

#[test]
fn nothing_of_it_is_left_and_everything_else_is_as_before() {
    let workspace = filled();
    let directory = workspace.directory();
    let is_kept = |line: &String| {
        !line.contains("letter@1") && !line.starts_with("documents letter") && !line.contains("Wilhelmina")
    };
    let rows = |store: &Store, snapshot| -> Vec<String> {
        rows_at(&store.read(Snapshot(snapshot)).expect("it exists")).into_iter().filter(is_kept).collect()
    };
    let before: Vec<_> = (0..=3).map(|snapshot| rows(&workspace.store, snapshot)).collect();
    let log = workspace.store.log().expect("whole");
    let folder = workspace.closed();
    // What an operation that was cut off may have left.
    fs::create_dir(directory.join("truth.redb.new-1")).expect("made");
    fs::copy(directory.join("truth.redb"), directory.join("truth.redb.new-1/truth.redb")).expect("copied");
    assert!(files_with(&directory, &secrets()).len() >= 2, "it is there before, also in what was left over");

    let erasure = erase(&directory, everything(), true).expect("erased");
    assert_eq!(files_with(&directory, &secrets()), Vec::<String>::new());
    assert_eq!((erasure.snapshot, erasure.extent.original_count), (Snapshot(4), 1));
    assert_eq!(erasure.extent.answers, ["quoting"]);

    let store = open(&directory);
    let examination = store.examine().expect("examined");
    assert!(examination.is_clean(), "{:?}", examination.findings);
    for (snapshot, before) in (0..).zip(&before) {
        assert_eq!(&rows(&store, snapshot), before, "at snapshot {snapshot}");
    }
    let after = store.log().expect("whole");
    assert_eq!(after[..3], log);
    assert_eq!(after[3].message, "erase: request 17 (asked by the data protection officer)");
    let reader = store.read(Snapshot(4)).expect("it exists");
    assert!(reader.history(Table::Documents, "letter").expect("read").is_empty());
    assert!(reader.search(&query("Wilhelmina telephone"), day(60)).expect("searched").hits.is_empty());
    assert_eq!(reader.search(&query("operator"), day(60)).expect("searched").hits.len(), 1);
    assert_eq!(reader.answers().expect("read").len(), 1);
    drop(reader);
    store.seal().expect("sealed");
    assert!(store.examine().expect("examined").is_clean());

    // The name is free again, and what comes under it is erased again.
    store
        .commit(
            &Batch { originals: vec![original(ORIGINAL)], ..batch(small_document("letter", "en", &SECRET)) },
            noon(),
        )
        .expect("committed");
    drop(store);
    erase(&directory, vec![everything().remove(0), EraseTarget::Original(original(ORIGINAL).hash)], false)
        .expect("erased");
    assert_eq!(files_with(&directory, &secrets()), Vec::<String>::new());
    let store = open(&directory);
    assert!(store.examine().expect("examined").is_clean());
    let backup = folder.path().join("backup");
    store.backup(&backup, &mut |_| {}).expect("what is left of an erasure is backed up too");
}

#[test]
fn answers_that_quote_it_are_named_and_stay_unless_asked_for() {
    let workspace = filled();
    let directory = workspace.directory();
    let _folder = workspace.closed();
    let erasure = erase(&directory, everything(), false).expect("erased");
    assert_eq!(erasure.extent.answers, ["quoting"]);
    let store = open(&directory);
    let answers = store.read(Snapshot(4)).expect("it exists").answers().expect("read");
    assert_eq!(answers.len(), 2);
    drop(store);
    erase(&directory, vec![EraseTarget::Row { table: Table::Answers, key: "quoting".to_owned() }], false)
        .expect("erased");
    assert_eq!(files_with(&directory, &secrets()), Vec::<String>::new());
}

#[test]
fn an_original_that_another_document_has_too_stays() {
    let workspace = filled();
    let copy = from_original(version("copy", 1, "other words"), ORIGINAL);
    workspace.commit(vec![put_always(document("copy", "en", "Copy")), put_always(copy)]);
    let directory = workspace.directory();
    let _folder = workspace.closed();
    assert_eq!(erase(&directory, everything(), false).expect("erased").extent.original_count, 0);
    let store = open(&directory);
    assert!(store.original(&original(ORIGINAL).hash).expect("read").is_some());
    assert!(store.examine().expect("examined").is_clean());
}

#[test]
fn what_cannot_be_erased_is_said_and_nothing_changes() {
    let workspace = filled();
    let directory = workspace.directory();
    let log = workspace.store.log().expect("whole");
    let document = |name: &str| EraseTarget::Document(DocumentId(name.to_owned()));
    let locked = erase(&directory, vec![document("letter")], false).expect_err("it is open");
    assert!(matches!(locked, StoreError::Locked { .. }));
    let _folder = workspace.closed();
    for target in [
        document("nothing"),
        EraseTarget::Row { table: Table::Matters, key: "none".to_owned() },
        EraseTarget::TableRow { table: TableId(1), key: vec![1] },
        EraseTarget::Original("00".repeat(32)),
        EraseTarget::Original("no hash".to_owned()),
    ] {
        let error = erase(&directory, vec![document("letter"), target], false).expect_err("there is no such thing");
        assert!(matches!(error, StoreError::NothingToErase { .. }), "{error}");
    }
    let part = EraseTarget::Row { table: Table::Units, key: "letter@1/00000000".to_owned() };
    let error = erase(&directory, vec![part], false).expect_err("it is part of a document");
    assert!(matches!(error, StoreError::NotErasable { .. }));
    let store = open(&directory);
    assert_eq!(store.log().expect("whole"), log);
    assert!(!store.read(Snapshot(3)).expect("it exists").history(Table::Documents, "letter").expect("read").is_empty());
}
