//! Declared tables at random points of both time axes, against a plain model: for every snapshot, key and day, the cells that hold.

use std::collections::{BTreeMap, HashSet};
use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use grounds_core::{
    Batch, Cell, Change, ColumnDefinition, ColumnType, Row, RowChange, RowKey, Snapshot, Table, TableChanges,
    TableDefinition, TableId, Validity,
};
use grounds_store::{
    KeyRange, KnownTime, Overlay, Reader, RowPiece, StoreConfig, StoreError, encode_key, encode_key_cells,
};
use proptest::prelude::*;

use crate::model::{DAY_COUNT, proptest_config};
use crate::support::{Workspace, day, noon, put_always};

pub(crate) fn column(name: &str, column_type: ColumnType, nullable: bool) -> ColumnDefinition {
    ColumnDefinition { name: name.to_owned(), column_type, nullable, default: None, full_text: None }
}

/// A table `t<id>` of an integer, a text and a decimal; the first two are its key where it has one.
pub(crate) fn table(id: u32, has_key: bool) -> TableDefinition {
    TableDefinition {
        id: TableId(id),
        name: format!("t{id}"),
        columns: vec![
            column("number", ColumnType::Integer, false),
            column("name", ColumnType::Text, true),
            column("amount", ColumnType::Decimal { precision: 9, scale: 2 }, true),
        ],
        primary_key: if has_key { vec![1, 0] } else { Vec::new() },
        labels: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
    }
}

pub(crate) fn cells(number: i64, name: &str, amount: Option<i128>) -> Vec<Cell> {
    vec![Cell::Integer(number), Cell::Text(name.to_owned()), amount.map_or(Cell::Null, Cell::Decimal)]
}

pub(crate) fn put_row(table: &TableDefinition, cells: Vec<Cell>, validity: Validity) -> RowChange {
    RowChange { key: RowKey::Known(encode_key(table, &cells)), cells: Some(cells), validity }
}

pub(crate) fn declare(tables: &[&TableDefinition]) -> Batch {
    let changes = tables.iter().map(|table| put_always(Row::Table((*table).clone()))).collect();
    Batch { message: "declare".to_owned(), changes, ..Batch::default() }
}

pub(crate) fn rows_of(table: &TableDefinition, rows: Vec<RowChange>) -> Batch {
    Batch { message: "rows".to_owned(), tables: vec![TableChanges { table: table.id, rows }], ..Batch::default() }
}

pub(crate) fn pieces(reader: &Reader, table: &TableDefinition, keys: KeyRange<'_>, known: KnownTime) -> Vec<RowPiece> {
    let mut found = Vec::new();
    let visit = &mut |piece| {
        found.push(piece);
        Ok(ControlFlow::Continue(()))
    };
    reader.visit_rows(table, keys, known, visit).expect("read");
    found
}

/// What holds on each day, by table and key.
type State = BTreeMap<(TableId, Vec<u8>), BTreeMap<u16, Vec<Cell>>>;

#[derive(Clone, Debug)]
enum Step {
    /// Changes of table 1 or 2, directly or through an overlay.
    Commit(Vec<(u32, RowChange)>, bool),
    Reopen,
}

fn row_change() -> impl Strategy<Value = (u32, RowChange)> {
    let validity = (0..DAY_COUNT - 1, proptest::option::of(1..6_u16), any::<bool>());
    (1..3_u32, 0..4_i64, 0..2_usize, proptest::option::weighted(0.8, 0..3_i128), validity).prop_map(
        |(id, number, name, amount, (from, length, is_always))| {
            let cells = cells(number, ["", "a\0b"][name], amount.filter(|amount| *amount > 0));
            let to = length.map(|length| day((from + length).min(DAY_COUNT - 1)));
            // The model has no day before the first.
            let validity = if is_always { Validity::from(day(0)) } else { Validity { from: day(from), to } };
            let mut change = put_row(&table(id, true), cells, validity);
            if amount.is_none() {
                change.cells = None;
            }
            (id, change)
        },
    )
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let commit = (proptest::collection::vec(row_change(), 1..12), any::<bool>())
        .prop_map(|(changes, is_overlaid)| Step::Commit(changes, is_overlaid));
    proptest::collection::vec(prop_oneof![9 => commit, 1 => Just(Step::Reopen)], 1..12)
}

fn apply(state: &mut State, changes: &[(u32, RowChange)]) {
    for (id, change) in changes {
        let RowKey::Known(key) = &change.key else { unreachable!("all keys are known") };
        let days = state.entry((TableId(*id), key.clone())).or_default();
        for number in (0..DAY_COUNT).filter(|number| change.validity.contains(day(*number))) {
            match &change.cells {
                Some(cells) => days.insert(number, cells.clone()),
                None => days.remove(&number),
            };
        }
    }
    state.retain(|_, days| !days.is_empty());
}

/// The batch of these changes: as they are, or what an overlay makes of them.
fn batch_of(workspace: &Workspace, changes: &[(u32, RowChange)], is_overlaid: bool) -> Batch {
    let tables = changes.iter().map(|(id, change)| TableChanges { table: TableId(*id), rows: vec![change.clone()] });
    let plain = Batch { message: "rows".to_owned(), tables: tables.collect(), ..Batch::default() };
    if !is_overlaid {
        return plain;
    }
    let latest = workspace.store.latest().expect("latest");
    let mut overlay = Overlay::new(Arc::new(workspace.store.read(latest).expect("it exists")));
    for (id, change) in changes {
        overlay.apply(&table(*id, true), change).expect("a good change");
    }
    for (id, change) in changes {
        let RowKey::Known(key) = &change.key else { unreachable!("all keys are known") };
        let (_, held) = overlay.changed_rows(TableId(*id)).find(|(at, _)| at == key).expect("it was touched");
        for number in 0..DAY_COUNT {
            let on_day =
                held.iter().find(|piece| piece.validity.contains(day(number))).map(|piece| piece.cells.to_vec());
            let got = overlay.get(&table(*id, true), key, day(number)).expect("read").map(|piece| piece.cells);
            assert_eq!(on_day, got);
        }
    }
    Batch { tables: overlay.into_changes(), base: Some(latest), ..plain }
}

proptest! {
    #![proptest_config(proptest_config(64))]

    #[test]
    fn every_point_reads_as_the_model_says(steps in steps()) {
        let tables = [table(1, true), table(2, true)];
        let mut workspace = Workspace::new();
        workspace.store.commit(&declare(&[&tables[0], &tables[1]]), noon()).expect("declared");
        let mut states = vec![State::new(), State::new()];
        for step in steps {
            match step {
                Step::Reopen => workspace = workspace.reopened(StoreConfig::new()),
                Step::Commit(changes, is_overlaid) => {
                    let mut state = states.last().expect("never empty").clone();
                    apply(&mut state, &changes);
                    if state != *states.last().expect("never empty") {
                        states.push(state);
                    }
                    let batch = batch_of(&workspace, &changes, is_overlaid);
                    let snapshot = workspace.store.commit(&batch, noon()).expect("a good batch");
                    prop_assert_eq!(snapshot.0 as usize, states.len() - 1);
                }
            }
        }
        for (snapshot, state) in states.iter().enumerate().skip(1) {
            let reader = workspace.store.read(Snapshot(snapshot as u64)).expect("it exists");
            tables.iter().for_each(|table| compare(&reader, table, state));
        }
        let examination = workspace.store.examine().expect("examined");
        prop_assert!(examination.is_clean(), "{:?}", examination.findings);
    }
}

fn compare(reader: &Reader, table: &TableDefinition, state: &State) {
    let known = pieces(reader, table, KeyRange::All, KnownTime::AtSnapshot);
    let mut found = State::new();
    for piece in &known {
        let days = found.entry((table.id, piece.key.clone())).or_default();
        for number in (0..DAY_COUNT).filter(|number| piece.validity.contains(day(*number))) {
            assert!(days.insert(number, piece.cells.clone()).is_none(), "two pieces on one day");
        }
    }
    let mut expected = state.clone();
    expected.retain(|(id, _), _| *id == table.id);
    assert_eq!(found, expected);
    for ((_, key), days) in &expected {
        for number in 0..DAY_COUNT {
            let piece = reader.get(table, key, day(number)).expect("read");
            assert_eq!(piece.as_ref().map(|piece| &piece.cells), days.get(&number));
        }
        let one = pieces(reader, table, KeyRange::One(key), KnownTime::AtSnapshot);
        let after = KeyRange::Between { from: Bound::Excluded(key), to: Bound::Unbounded };
        let before = KeyRange::Between { from: Bound::Unbounded, to: Bound::Excluded(key) };
        let mut parts = pieces(reader, table, before, KnownTime::AtSnapshot);
        parts.extend(one);
        parts.extend(pieces(reader, table, after, KnownTime::AtSnapshot));
        assert_eq!(parts, known);
    }
    // What an earlier snapshot knew, less what was closed, and what was opened, is what is known.
    let all = pieces(reader, table, KeyRange::All, KnownTime::All);
    for since in 0..=reader.known_at().0 {
        let delta = reader.changes_since(table, Snapshot(since)).expect("read");
        let closed: HashSet<u64> = delta.closed.iter().map(|piece| piece.number).collect();
        let is_old = |piece: &&RowPiece| piece.known_from.0 <= since && piece.known_to.is_none_or(|to| to.0 > since);
        let mut rest: Vec<RowPiece> = all.iter().filter(is_old).cloned().collect();
        let old_count = rest.len();
        rest.retain(|piece| !closed.contains(&piece.number));
        assert_eq!(rest.len() + closed.len(), old_count, "what was closed was known");
        assert!(delta.opened.iter().all(|piece| piece.known_from.0 > since && all.contains(piece)));
        rest.extend(delta.opened.into_iter().filter(|piece| piece.known_to.is_none()));
        rest.sort_by(|a, b| (&a.key, a.number).cmp(&(&b.key, b.number)));
        assert_eq!(rest, known);
    }
}

fn refused(workspace: &Workspace, batch: &Batch) -> StoreError {
    let before = workspace.store.latest().expect("latest");
    let error = workspace.store.commit(batch, noon()).expect_err("it is wrong");
    assert_eq!(workspace.store.latest().expect("latest"), before);
    error
}

#[test]
fn what_does_not_fit_the_table_is_refused() {
    let workspace = Workspace::new();
    let table = table(1, true);
    let always = Validity::always();
    let good = put_row(&table, cells(1, "a", None), always);
    assert!(matches!(refused(&workspace, &rows_of(&table, vec![good.clone()])), StoreError::UnknownTable { id: 1 }));
    // Declared and filled by one batch.
    let both = Batch { changes: declare(&[&table]).changes, ..rows_of(&table, vec![good.clone()]) };
    workspace.store.commit(&both, noon()).expect("a good batch");
    let wrong = |change: RowChange| refused(&workspace, &rows_of(&table, vec![good.clone(), change])).to_string();
    let with = |cells: Vec<Cell>| RowChange { cells: Some(cells), ..good.clone() };
    let too_big = with(vec![Cell::Integer(1), Cell::Text("a".into()), Cell::Decimal(1_000_000_000)]);
    assert!(wrong(too_big).contains("the column amount of table t1 holds a decimal number of at most 9 digits"));
    assert!(wrong(with(vec![Cell::Integer(1)])).contains("has 1 cells, but the table has 3 columns"));
    assert!(wrong(with(vec![Cell::Null, Cell::Text("a".into()), Cell::Null])).contains("may not be NULL"));
    assert!(wrong(with(vec![Cell::Text("1".into()), Cell::Null, Cell::Null])).contains("holds an integer, not a text"));
    assert!(wrong(with(cells(2, "a", None))).contains("('a', 1)"), "another key");
    assert!(wrong(RowChange { key: RowKey::New, ..good.clone() }).contains("has a primary key"));
    let never = Validity { from: day(3), to: Some(day(3)) };
    assert!(wrong(RowChange { validity: never, ..good.clone() }).contains("valid on no day"));
    assert!(workspace.store.examine().expect("examined").is_clean());
}

#[test]
fn the_first_of_two_commits_wins() {
    let workspace = Workspace::new();
    let table = table(1, true);
    let base = workspace.store.commit(&declare(&[&table]), noon()).expect("declared");
    let from = |base, rows| Batch { base: Some(base), ..rows_of(&table, rows) };
    let put = |number, amount| put_row(&table, cells(number, "a", Some(amount)), Validity::always());
    workspace.store.commit(&from(base, vec![put(1, 1)]), noon()).expect("the first");
    let error = refused(&workspace, &from(base, vec![put(2, 2), put(1, 2)]));
    let StoreError::WriteConflict { table: name, key, snapshot } = &error else { panic!("{error}") };
    assert_eq!((name.as_str(), key.as_str(), *snapshot), ("t1", "('a', 1)", Snapshot(2)));
    // Other rows do not matter, nor does a batch without a base.
    workspace.store.commit(&from(base, vec![put(2, 2)]), noon()).expect("another row");
    workspace.store.commit(&rows_of(&table, vec![put(1, 3)]), noon()).expect("no base");
    // Removing conflicts too, and so does a table that was changed.
    let gone = RowChange { cells: None, ..put(1, 0) };
    let removed = workspace.store.commit(&rows_of(&table, vec![gone]), noon()).expect("removed");
    assert!(matches!(refused(&workspace, &from(Snapshot(4), vec![put(1, 4)])), StoreError::WriteConflict { .. }));
    let mut wider = table.clone();
    wider.columns.push(column("more", ColumnType::Date, true));
    workspace.store.commit(&declare(&[&wider]), noon()).expect("widened");
    let error = refused(&workspace, &from(removed, vec![put(3, 4)]));
    assert!(matches!(&error, StoreError::WriteConflict { table, key, .. } if table == "tables" && key == "t1"));
    // Built-in rows too.
    let redeclare = Batch { base: Some(base), ..declare(&[&table]) };
    assert!(matches!(refused(&workspace, &redeclare), StoreError::WriteConflict { .. }));
}

#[test]
fn rows_written_before_a_column_was_added_have_none_there() {
    let workspace = Workspace::new();
    let narrow = table(1, true);
    workspace.store.commit(&declare(&[&narrow]), noon()).expect("declared");
    let row = put_row(&narrow, cells(1, "a", Some(5)), Validity::always());
    let before = workspace.store.commit(&rows_of(&narrow, vec![row]), noon()).expect("written");
    let mut wide = narrow.clone();
    wide.columns.push(column("more", ColumnType::Boolean, true));
    workspace.store.commit(&declare(&[&wide]), noon()).expect("widened");
    let with = |last| [cells(1, "a", Some(5)), vec![last]].concat();
    let same = put_row(&wide, with(Cell::Null), Validity::always());
    let latest = workspace.store.latest().expect("latest");
    assert_eq!(workspace.store.commit(&rows_of(&wide, vec![same]), noon()).expect("nothing new"), latest);
    let other = put_row(&wide, with(Cell::Boolean(true)), Validity::from(day(3)));
    let after = workspace.store.commit(&rows_of(&wide, vec![other]), noon()).expect("written");
    let key = encode_key_cells(&[Cell::Text("a".into()), Cell::Integer(1)]);
    let reader = workspace.store.read(after).expect("it exists");
    assert_eq!(reader.get(&wide, &key, day(2)).expect("read").expect("there").cells, with(Cell::Null));
    assert_eq!(reader.get(&wide, &key, day(3)).expect("read").expect("there").cells, with(Cell::Boolean(true)));
    assert_eq!(reader.table("t1").expect("read"), Some(wide.clone()));
    assert_eq!(workspace.store.read(before).expect("it exists").tables().expect("read"), [narrow]);
    assert!(workspace.store.examine().expect("examined").is_clean());
}

#[test]
fn tables_keep_their_numbers_for_ever() {
    let workspace = Workspace::new();
    let next = |workspace: &Workspace| {
        let latest = workspace.store.latest().expect("latest");
        workspace.store.read(latest).expect("it exists").next_table_id().expect("read")
    };
    assert_eq!(next(&workspace), TableId(1));
    let first = table(1, true);
    workspace.store.commit(&declare(&[&first]), noon()).expect("declared");
    let other = TableDefinition { name: "other".to_owned(), ..table(1, true) };
    assert!(matches!(refused(&workspace, &declare(&[&other])), StoreError::TableIdTaken { id: 1, .. }));
    let drop = |name: &str| Change::Delete { table: Table::Tables, key: name.to_owned(), validity: Validity::always() };
    // A new name for the same table: its rows stay.
    let rename = Batch { changes: [vec![drop("t1")], declare(&[&other]).changes].concat(), ..declare(&[]) };
    workspace.store.commit(&rename, noon()).expect("renamed");
    let dropped = workspace.store.commit(&Batch { changes: vec![drop("other")], ..declare(&[]) }, noon());
    assert!(workspace.store.read(dropped.expect("dropped")).expect("it exists").tables().expect("read").is_empty());
    assert!(matches!(refused(&workspace, &declare(&[&first])), StoreError::TableIdTaken { id: 1, .. }));
    assert_eq!(next(&workspace), TableId(2));
    let mut odd = table(2, true);
    odd.primary_key = vec![7];
    assert!(matches!(refused(&workspace, &declare(&[&odd])), StoreError::WrongDefinition { .. }));
    let second = table(2, false);
    workspace.store.commit(&declare(&[&second]), noon()).expect("declared");
    let shorter = TableDefinition { columns: second.columns[..1].to_vec(), ..second };
    assert!(matches!(refused(&workspace, &declare(&[&shorter])), StoreError::WrongDefinition { .. }));
}

#[test]
fn rows_without_a_key_are_known_by_their_number() {
    let workspace = Workspace::new();
    let table = table(1, false);
    workspace.store.commit(&declare(&[&table]), noon()).expect("declared");
    let new =
        |number| RowChange { key: RowKey::New, cells: Some(cells(number, "a", None)), validity: Validity::always() };
    // Two that say the same are two.
    let snapshot = workspace.store.commit(&rows_of(&table, vec![new(1), new(1), new(2)]), noon()).expect("written");
    let reader = Arc::new(workspace.store.read(snapshot).expect("it exists"));
    let found = pieces(&reader, &table, KeyRange::All, KnownTime::AtSnapshot);
    assert_eq!(
        found.iter().map(|piece| piece.key.clone()).collect::<Vec<_>>(),
        [1_u64, 2, 3].map(|n| n.to_be_bytes().to_vec())
    );
    let mut overlay = Overlay::new(Arc::clone(&reader));
    let gone = RowChange { key: RowKey::Known(found[0].key.clone()), cells: None, validity: Validity::from(day(5)) };
    assert!(overlay.apply(&table, &gone).expect("a good change"));
    assert!(overlay.apply(&table, &new(3)).expect("a good change"));
    let key = overlay.changed_rows(table.id).last().expect("the new row").0.to_owned();
    let changed = RowChange { key: RowKey::Known(key), ..new(4) };
    assert!(overlay.apply(&table, &changed).expect("a good change"));
    let unknown = RowChange { key: RowKey::Known(77_u64.to_be_bytes().to_vec()), ..new(4) };
    assert!(matches!(overlay.apply(&table, &unknown), Err(StoreError::WrongKey { .. })));
    assert!(matches!(refused(&workspace, &rows_of(&table, vec![unknown])), StoreError::WrongKey { .. }));
    let changes = overlay.into_changes();
    assert_eq!(changes[0].rows.iter().filter(|change| change.key == RowKey::New).count(), 1);
    let batch = Batch { tables: changes, base: Some(snapshot), ..rows_of(&table, Vec::new()) };
    let snapshot = workspace.store.commit(&batch, noon()).expect("written");
    let reader = workspace.store.read(snapshot).expect("it exists");
    let numbers: Vec<Cell> = pieces(&reader, &table, KeyRange::All, KnownTime::AtSnapshot)
        .into_iter()
        .filter(|piece| piece.validity.contains(day(6)))
        .map(|piece| piece.cells[0].clone())
        .collect();
    assert_eq!(numbers, [1, 2, 4].map(Cell::Integer));
    assert!(workspace.store.examine().expect("examined").is_clean());
}
