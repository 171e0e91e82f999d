//! What an examination finds, and what a repair does.

use std::fs;

use grounds_core::{Batch, OriginalRow, Row, Snapshot, TableChanges, TableId, Validity};
use grounds_store::{Reader, Store, StoreConfig};
use redb::ReadableTable;

use crate::support::{
    Workspace, batch, day, document, link, noon, people, person, put_always, query, small_document, truth_path, unit,
};

fn filled() -> Workspace {
    let workspace = Workspace::new();
    let bytes = b"original".to_vec();
    let original = OriginalRow { hash: blake3::hash(&bytes).to_hex().to_string(), bytes };
    let mut changes = small_document("act", "en", &["the operator must notify", "breaches are recorded"]);
    changes.push(put_always(unit("act", 1, 0, "root", "")));
    changes.push(put_always(link("act", 1, 3, "b", "art_1", grounds_core::LinkKind::Cites)));
    workspace.store.commit(&Batch { originals: vec![original], ..batch(changes) }, noon()).expect("committed");
    workspace.commit(vec![put_always(document("act", "en", "Renamed"))]);
    workspace.store.seal().expect("sealed");
    workspace
}

/// Changes the truth file behind the store's back, as the engine would write it.
fn tamper(workspace: Workspace, work: impl FnOnce(&redb::WriteTransaction)) -> (tempfile::TempDir, Store) {
    let folder = workspace.closed();
    let directory = folder.path().join(".grounds");
    let database = redb::Database::open(truth_path(&directory)).expect("opened");
    let transaction = database.begin_write().expect("begun");
    work(&transaction);
    transaction.commit().expect("committed");
    drop(database);
    (folder, Store::open(&directory, StoreConfig::new()).expect("the file is whole"))
}

fn findings(store: &Store) -> Vec<(String, bool)> {
    let examination = store.examine().expect("examined");
    examination.findings.into_iter().map(|finding| (finding.what, finding.is_derived)).collect()
}

#[test]
fn a_healthy_workspace_has_no_findings() {
    let workspace = filled();
    let examination = workspace.store.examine().expect("examined");
    assert!(examination.is_clean(), "{:?}", examination.findings);
    assert_eq!(examination.snapshot, Snapshot(2));
    assert_eq!((examination.row_count, examination.original_count, examination.sealed_passage_count), (7, 1, 2));
    assert!(workspace.store.repair().expect("repaired").is_empty());
    assert!(Workspace::new().store.examine().expect("examined").is_clean());
}

#[test]
fn a_removed_row_is_missed_by_the_log() {
    let (_folder, store) = tamper(filled(), |transaction| {
        let definition: redb::TableDefinition<(u8, &str, u64), &[u8]> = redb::TableDefinition::new("rows");
        let mut rows = transaction.open_table(definition).expect("opened");
        let key = rows.pop_last().expect("popped").expect("there is one").0.value().1.to_owned();
        assert!(key.starts_with("act@1/"), "a link");
    });
    let found = findings(&store);
    assert_eq!(found, [("the rows that the commit wrote are not those it logged".to_owned(), false)]);
}

#[test]
fn a_changed_content_is_found_by_doctor_and_by_readers() {
    let (_folder, store) = tamper(filled(), |transaction| {
        let definition: redb::TableDefinition<u64, &[u8]> = redb::TableDefinition::new("contents");
        let mut contents = transaction.open_table(definition).expect("opened");
        let bytes = contents.get(0).expect("read").expect("there").value().to_vec();
        let changed = String::from_utf8(bytes).expect("JSON").replace("Title", "Other");
        contents.insert(0, changed.as_bytes()).expect("inserted");
    });
    let found = findings(&store);
    assert!(found.contains(&("a row's content does not match its hash".to_owned(), false)), "{found:?}");
    let error = store.read(Snapshot(1)).expect("it exists").documents(None).expect_err("damaged");
    assert!(error.to_string().contains("table documents, key act"), "{error}");
    assert!(store.read(Snapshot(2)).expect("it exists").documents(None).is_ok(), "the later content is whole");
}

#[test]
fn a_rewritten_log_is_found() {
    let (_folder, store) = tamper(filled(), |transaction| {
        let definition: redb::TableDefinition<u64, &[u8]> = redb::TableDefinition::new("log");
        let mut log = transaction.open_table(definition).expect("opened");
        let bytes = log.get(1).expect("read").expect("there").value().to_vec();
        let changed = String::from_utf8(bytes).expect("JSON").replace("\"test\"", "\"lies\"");
        log.insert(1, changed.as_bytes()).expect("inserted");
    });
    assert!(store.log().is_err());
    assert_eq!(findings(&store)[0].0, "the entry does not match its hash");
}

#[test]
fn missing_index_entries_are_added_again() {
    let (_folder, store) = tamper(filled(), |transaction| {
        let definition: redb::TableDefinition<(&str, &str), ()> = redb::TableDefinition::new("versions_by_document");
        let mut index = transaction.open_table(definition).expect("opened");
        index.pop_first().expect("popped").expect("there is one");
    });
    assert_eq!(findings(&store), [("a row is not in the index that leads to it".to_owned(), true)]);
    assert_eq!(store.repair().expect("repaired"), ["added 1 missing entries to the secondary indexes"]);
    assert!(findings(&store).is_empty());
}

#[test]
fn damaged_rows_and_lists_of_declared_tables_are_found() {
    let table = crate::declared::table(1, true);
    let filled = || {
        let workspace = Workspace::new();
        workspace.store.commit(&crate::declared::declare(&[&table]), noon()).expect("declared");
        for amount in 1..4 {
            let cells = crate::declared::cells(7, "a", Some(amount));
            let row = crate::declared::put_row(&table, cells, grounds_core::Validity::always());
            workspace.store.commit(&crate::declared::rows_of(&table, vec![row]), noon()).expect("written");
        }
        workspace
    };
    let changes: redb::TableDefinition<(u32, u64, u32), &[u8]> = redb::TableDefinition::new("changes");
    let (_folder, store) = tamper(filled(), |transaction| {
        transaction.open_table(changes).expect("opened").pop_last().expect("popped").expect("there is one");
    });
    let said = "the lists of what commits changed are not what the rows say";
    assert_eq!(findings(&store), [(said.to_owned(), true)]);
    assert_eq!(store.repair().expect("repaired"), ["built the lists of changes anew"]);
    assert!(findings(&store).is_empty());
    let delta = store.read(Snapshot(4)).expect("it exists").changes_since(&table, Snapshot(2)).expect("read");
    assert_eq!((delta.opened.len(), delta.closed.len()), (2, 1));
    let cells: redb::TableDefinition<&[u8], &[u8]> = redb::TableDefinition::new("cells");
    let (_folder, store) = tamper(filled(), |transaction| {
        let mut cells = transaction.open_table(cells).expect("opened");
        let (key, mut bytes) = {
            let (key, bytes) = cells.last().expect("read").expect("there is one");
            (key.value().to_vec(), bytes.value().to_vec())
        };
        bytes[25] ^= 1;
        cells.insert(key.as_slice(), bytes.as_slice()).expect("inserted");
    });
    let found = findings(&store);
    assert!(found.contains(&("a row's checksum does not match".to_owned(), false)), "{found:?}");
    assert!(found.contains(&("the rows that the commit wrote are not those it logged".to_owned(), false)), "{found:?}");
    let key = grounds_store::encode_key(&table, &crate::declared::cells(7, "a", None));
    let error = store.read(Snapshot(4)).expect("it exists").get(&table, &key, day(0)).expect_err("damaged");
    assert!(error.to_string().contains("declared table 1"), "{error}");
}

#[test]
fn a_damaged_generation_is_built_anew() {
    let workspace = filled();
    let search = |workspace: &Workspace| {
        let reader = workspace.store.read(Snapshot(2)).expect("it exists");
        reader.search(&query("operators notify"), day(0)).expect("searched")
    };
    let before = search(&workspace);
    let home = workspace.directory().join("text/2");
    let postings = fs::read_dir(&home).expect("listed").flatten().map(|entry| entry.path());
    let postings = postings.max_by_key(|path| path.metadata().map_or(0, |data| data.len())).expect("files");
    let mut bytes = fs::read(&postings).expect("read");
    bytes[5] ^= 1;
    fs::write(&postings, bytes).expect("written");
    let workspace = workspace.reopened(StoreConfig::new());
    let found = findings(&workspace.store);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1);
    assert_eq!(workspace.store.repair().expect("repaired"), ["built the text generation anew"]);
    assert!(findings(&workspace.store).is_empty());
    assert_eq!(search(&workspace), before);
}

#[test]
fn lists_of_changes_are_built_anew() {
    let workspace = filled();
    let rows = vec![person(1, "first", Validity::always()), person(2, "second", Validity::always())];
    let tables = vec![TableChanges { table: TableId(1), rows }];
    let declared = vec![put_always(Row::Table(people()))];
    workspace.store.commit(&Batch { tables, ..batch(declared) }, noon()).expect("committed");
    let rows = vec![person(1, "corrected", Validity::from(day(3)))];
    let tables = vec![TableChanges { table: TableId(1), rows }];
    workspace.store.commit(&Batch { tables, ..batch(vec![]) }, noon()).expect("committed");
    let reader = workspace.store.read(Snapshot(4)).expect("it exists");
    let delta = |reader: &Reader| {
        (0..4).map(|since| reader.changes_since(&people(), Snapshot(since)).expect("read")).collect::<Vec<_>>()
    };
    let before = delta(&reader);
    drop(reader);
    let (_folder, store) = tamper(workspace, |transaction| {
        let definition: redb::TableDefinition<(u32, u64, u32), &[u8]> = redb::TableDefinition::new("changes");
        let mut changes = transaction.open_table(definition).expect("opened");
        changes.pop_first().expect("popped").expect("there is one");
        let last = changes.pop_last().expect("popped").expect("there is one").0.value();
        changes.insert(last, [1_u8, 2, 3].as_slice()).expect("inserted");
    });
    assert_eq!(findings(&store), [("the lists of what commits changed are not what the rows say".to_owned(), true)]);
    assert_eq!(store.repair().expect("repaired"), ["built the lists of changes anew"]);
    assert!(findings(&store).is_empty());
    assert_eq!(delta(&store.read(Snapshot(4)).expect("it exists")), before);
}

#[test]
fn an_examination_says_how_far_it_is_and_what_to_do() {
    let workspace = filled();
    let mut steps = Vec::new();
    let examination = workspace.store.examine_with(&mut |progress| steps.push(progress)).expect("examined");
    assert_eq!(examination.head, workspace.store.log().expect("whole").last().map(|entry| entry.hash.clone()));
    let rows = steps.iter().rfind(|progress| progress.step == "checking rows").expect("it says so");
    assert_eq!((rows.done, rows.total), (8, 8));
}
