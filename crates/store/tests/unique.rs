//! Unique columns: every way in is held to them, on every day, and whatever puts a truth together brings their index along.

use grounds_core::{Batch, IndexDefinition, Row, Snapshot, TableChanges, TableDefinition, Validity};
use grounds_store::{EraseRequest, EraseTarget, Overlay, Store, StoreConfig, StoreError, encode_key};
use proptest::prelude::*;

use crate::declared::{cells, declare, put_row, rows_of, table};
use crate::model::{DAY_COUNT, proptest_config};
use crate::support::{Workspace, day, noon, put_always};

/// `t1`, of which no two rows may have the same amount.
fn unique_table() -> TableDefinition {
    TableDefinition { indexes: vec![index("one_amount")], ..table(1, true) }
}

fn index(name: &str) -> IndexDefinition {
    IndexDefinition { name: name.to_owned(), columns: vec![2], is_unique: true, is_constraint: false }
}

fn add(store: &Store, number: i64, amount: Option<i128>, validity: Validity) -> Result<Snapshot, StoreError> {
    let table = unique_table();
    store.commit(&rows_of(&table, vec![put_row(&table, cells(number, "x", amount), validity)]), noon())
}

fn filled() -> Workspace {
    let workspace = Workspace::new();
    workspace.store.commit(&declare(&[&unique_table()]), noon()).expect("declared");
    for number in 0..4 {
        add(&workspace.store, number, Some(i128::from(number)), Validity::always()).expect("other values");
    }
    workspace
}

fn is_refused(result: &Result<Snapshot, StoreError>) -> bool {
    matches!(result, Err(StoreError::NotUnique { columns, .. }) if columns == "amount")
}

/// A change of one row: its number, its amount and its days; without an amount the row holds none, and with none at all it goes.
type Step = (i64, Option<Option<i128>>, Validity);

fn step() -> impl Strategy<Value = Step> {
    let validity = (0..DAY_COUNT - 1, proptest::option::of(1..6_u16));
    let amount = proptest::option::weighted(0.85, proptest::option::weighted(0.8, 0..4_i128));
    (0..5_i64, amount, validity).prop_map(|(number, amount, (from, length))| {
        let to = length.map(|length| day((from + length).min(DAY_COUNT - 1)));
        (number, amount, Validity { from: day(from), to })
    })
}

/// For each row what it holds on each day.
type State = Vec<Vec<Option<Option<i128>>>>;

fn has_twice(state: &State) -> bool {
    (0..usize::from(DAY_COUNT)).any(|day| {
        let mut held: Vec<i128> = state.iter().filter_map(|row| row[day].flatten()).collect();
        held.sort_unstable();
        held.windows(2).any(|pair| pair[0] == pair[1])
    })
}

proptest! {
    #![proptest_config(proptest_config(64))]

    #[test]
    fn a_commit_is_refused_exactly_where_two_rows_would_hold_the_same(
        commits in proptest::collection::vec(proptest::collection::vec(step(), 1..4), 1..12)
    ) {
        let (workspace, table) = (Workspace::new(), unique_table());
        workspace.store.commit(&declare(&[&table]), noon()).expect("declared");
        let mut state: State = vec![vec![None; usize::from(DAY_COUNT)]; 5];
        for steps in commits {
            let mut next = state.clone();
            let mut rows = Vec::new();
            let reader = workspace.store.read(workspace.store.latest().expect("a snapshot")).expect("read");
            let mut overlay = Overlay::new(std::sync::Arc::new(reader));
            for (number, amount, validity) in steps {
                for at in (0..DAY_COUNT).filter(|at| validity.contains(day(*at))) {
                    next[usize::try_from(number).expect("small")][usize::from(at)] = amount;
                }
                let mut change = put_row(&table, cells(number, "x", amount.flatten()), validity);
                change.cells = amount.and(change.cells);
                overlay.apply(&table, &change).expect("well-formed");
                rows.push(change);
            }
            let early = overlay.check_unique(&table);
            let result = workspace.store.commit(&rows_of(&table, rows), noon());
            prop_assert_eq!(matches!(early, Err(StoreError::NotUnique { .. })), has_twice(&next));
            prop_assert_eq!(is_refused(&result), has_twice(&next), "{:?}", result);
            if !has_twice(&next) {
                state = next;
            }
        }
        prop_assert!(workspace.store.examine().expect("examined").is_clean());
    }
}

#[test]
fn columns_become_unique_where_their_values_are() {
    let (workspace, plain) = (Workspace::new(), table(1, true));
    let store = &workspace.store;
    store.commit(&declare(&[&plain]), noon()).expect("declared");
    let rows = [1, 2, 2]
        .iter()
        .zip(0..)
        .map(|(amount, number)| put_row(&plain, cells(number, "x", Some(*amount)), Validity::always()));
    store.commit(&rows_of(&plain, rows.collect()), noon()).expect("nothing is unique yet");
    let twice = store.commit(&declare(&[&unique_table()]), noon());
    assert!(is_refused(&twice), "{twice:?}");
    // The same commit may put it right.
    let mut batch = declare(&[&unique_table()]);
    let right = put_row(&plain, cells(2, "x", Some(3)), Validity::always());
    batch.tables = vec![TableChanges { table: plain.id, rows: vec![right] }];
    store.commit(&batch, noon()).expect("no two are the same");
    assert!(is_refused(&add(store, 9, Some(2), Validity::always())));
    store.commit(&declare(&[&plain]), noon()).expect("an index may go");
    add(store, 9, Some(2), Validity::always()).expect("nothing is unique any more");
    assert!(is_refused(&store.commit(&declare(&[&unique_table()]), noon())));
    assert!(store.examine().expect("examined").is_clean());
}

#[test]
fn of_writers_who_want_one_value_one_gets_it() {
    let workspace = filled();
    let base = workspace.store.latest().expect("a snapshot");
    let table = unique_table();
    let outcomes: Vec<Result<Snapshot, StoreError>> = std::thread::scope(|scope| {
        let writers: Vec<_> = (10..16)
            .map(|number| {
                let (store, table) = (&workspace.store, &table);
                let rows = rows_of(table, vec![put_row(table, cells(number, "x", Some(77)), Validity::always())]);
                scope.spawn(move || store.commit(&Batch { base: Some(base), ..rows }, noon()))
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().expect("no panic")).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    // What they read did not have the value: they may try again, and then see it.
    let lost = |outcome: &&Result<Snapshot, StoreError>| matches!(outcome, Err(StoreError::WriteConflict { .. }));
    assert_eq!(outcomes.iter().filter(lost).count(), 5, "{outcomes:?}");
}

#[test]
fn after_reopening_copying_and_erasing_values_are_still_unique() {
    let workspace = filled().reopened(StoreConfig::new());
    assert!(is_refused(&add(&workspace.store, 8, Some(3), Validity::always())));
    let elsewhere = tempfile::tempdir().expect("a folder");
    let (export, imported) = (elsewhere.path().join("export"), elsewhere.path().join(".grounds"));
    workspace.store.export(&export, &mut |_| {}).expect("exported");
    Store::import(&export, &imported, &mut |_| {}).expect("imported");
    let (backup, restored) = (elsewhere.path().join("backup"), elsewhere.path().join("restored"));
    workspace.store.backup(&backup, &mut |_| {}).expect("backed up");
    Store::restore(&backup, &restored, &mut |_| {}).expect("restored");
    for directory in [&imported, &restored] {
        let store = Store::open(directory, StoreConfig::new()).expect("it opens");
        assert!(is_refused(&add(&store, 8, Some(3), Validity::always())));
    }
    let directory = workspace.directory();
    let folder = workspace.closed();
    let key = encode_key(&unique_table(), &cells(3, "x", None));
    let targets = vec![EraseTarget::TableRow { table: unique_table().id, key }];
    let request = EraseRequest { targets, with_answers: false, asked_by: "a".to_owned(), reason: "b".to_owned() };
    Store::erase(&directory, StoreConfig::new(), &request, noon(), &mut |_| {}).expect("erased");
    let store = Store::open(&directory, StoreConfig::new()).expect("it opens");
    assert!(is_refused(&add(&store, 8, Some(2), Validity::always())));
    add(&store, 8, Some(3), Validity::always()).expect("the row that held it is gone");
    assert!(store.examine().expect("examined").is_clean());
    drop(folder);
}

#[test]
fn impossible_indexes_are_refused() {
    let workspace = Workspace::new();
    let with = |indexes: Vec<IndexDefinition>| Row::Table(TableDefinition { indexes, ..table(1, true) });
    let columns = |columns: Vec<usize>| IndexDefinition { columns, ..index("i") };
    for indexes in [
        vec![columns(vec![])],
        vec![columns(vec![3])],
        vec![columns(vec![1, 1])],
        vec![columns(vec![1]), columns(vec![2])],
    ] {
        let batch = Batch { changes: vec![put_always(with(indexes.clone()))], ..Batch::default() };
        let result = workspace.store.commit(&batch, noon());
        assert!(matches!(result, Err(StoreError::WrongDefinition { .. })), "{indexes:?}: {result:?}");
    }
}
