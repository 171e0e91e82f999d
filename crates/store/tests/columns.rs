//! Column generations: what files and tail say is what truth says, at every snapshot, whatever happens to the files.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Float64Type, Int64Type};
use grounds_core::{
    Cell, Change, ColumnDefinition, ColumnType, FullText, MatterRow, Row, RowChange, RowKey, Snapshot, Table,
    TableChanges, TableDefinition, TableId, Validity, date_of,
};
use grounds_store::{
    Bm25fParameters, ColumnScan, KeyRange, KnownTime, ROW_NUMBER, Reader, RowQuery, SYSTEM_FROM, SYSTEM_TO, Share,
    Store, StoreConfig, TableRef, VALID_FROM, VALID_TO, analyse, built_in_cells, built_in_definition, encode_key,
};
use jiff::civil::Date;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;

use crate::support::{Workspace, batch, day, noon, put};

/// What a row is known by, and what it holds when.
type Seen = BTreeMap<u64, (Validity, Snapshot, Vec<Cell>)>;

fn column(name: &str, column_type: ColumnType, nullable: bool) -> ColumnDefinition {
    ColumnDefinition { name: name.to_owned(), column_type, nullable, default: None, full_text: None }
}

fn searched(name: &str) -> ColumnDefinition {
    let full_text = Some(FullText { language: "en".to_owned() });
    ColumnDefinition { full_text, ..column(name, ColumnType::Text, true) }
}

fn people() -> TableDefinition {
    TableDefinition {
        id: TableId(1),
        name: "people".to_owned(),
        columns: vec![
            column("id", ColumnType::Integer, false),
            searched("name"),
            column("weight", ColumnType::Double, true),
        ],
        primary_key: vec![0],
        labels: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
    }
}

fn notes() -> TableDefinition {
    let columns = vec![ColumnDefinition { nullable: false, ..searched("note") }];
    TableDefinition {
        id: TableId(2),
        name: "notes".to_owned(),
        columns,
        primary_key: Vec::new(),
        labels: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
    }
}

/// The rows that a scan gives, checked for coming once.
fn scanned(reader: &Reader, table: TableRef<'_>, scan: &ColumnScan) -> Seen {
    let definition = table.definition();
    let mut seen = Seen::new();
    let mut add = |number, row| assert!(seen.insert(number, row).is_none(), "row {number} comes twice");
    for scanned in &scan.files {
        let bytes = scanned.file.bytes().expect("a whole file");
        let reader_of_file = ParquetRecordBatchReaderBuilder::try_new(bytes).expect("a Parquet file").build();
        let mut position = 0;
        for batch in reader_of_file.expect("a Parquet file") {
            let batch = batch.expect("a Parquet file");
            for row in 0..batch.num_rows() {
                let is_masked = scanned.masked.binary_search(&position).is_ok();
                position += 1;
                let integer = |name: &str| {
                    let column = batch.column_by_name(name).expect("every file has it").as_primitive::<Int64Type>();
                    column.is_valid(row).then(|| u64::try_from(column.value(row)).expect("not negative"))
                };
                let (from, to) = (integer(SYSTEM_FROM).expect("present"), integer(SYSTEM_TO));
                let is_known = from <= reader.known_at().0 && to.is_none_or(|to| reader.known_at().0 < to);
                assert!(is_known || scanned.known == Share::Unknown);
                if is_known && !is_masked {
                    let cells = cells(&definition, &batch, row);
                    let number = integer(ROW_NUMBER).expect("present");
                    add(number, (validity(&batch, row), Snapshot(from), cells));
                }
            }
        }
        assert_eq!(u64::from(position), scanned.file.row_count());
    }
    for piece in scan.tail() {
        add(piece.number, (piece.validity, piece.known_from, piece.cells.clone()));
    }
    seen
}

fn validity(batch: &RecordBatch, row: usize) -> Validity {
    let date = |name: &str| {
        let column = batch.column_by_name(name).expect("every file has it").as_primitive::<Date32Type>();
        column.is_valid(row).then(|| date_of(column.value(row)).expect("a date"))
    };
    Validity { from: date(VALID_FROM).unwrap_or(Date::MIN), to: date(VALID_TO) }
}

fn cells(table: &TableDefinition, batch: &RecordBatch, row: usize) -> Vec<Cell> {
    let cell = |column: &ColumnDefinition| {
        let array = match batch.column_by_name(&column.name) {
            Some(array) if array.is_valid(row) => array,
            _ => return Cell::Null,
        };
        match column.column_type {
            ColumnType::Integer => Cell::Integer(array.as_primitive::<Int64Type>().value(row)),
            ColumnType::Double => Cell::Double(array.as_primitive::<Float64Type>().value(row)),
            _ => Cell::Text(array.as_string::<i32>().value(row).to_owned()),
        }
    };
    table.columns.iter().map(cell).collect()
}

/// The rows that truth gives.
fn stored(reader: &Reader, table: TableRef<'_>) -> Seen {
    let mut seen = Seen::new();
    match table {
        TableRef::Declared(definition) => {
            let visited = reader.visit_rows(definition, KeyRange::All, KnownTime::AtSnapshot, &mut |piece| {
                seen.insert(piece.number, (piece.validity, piece.known_from, piece.cells));
                Ok(ControlFlow::Continue(()))
            });
            visited.expect("truth is whole");
        }
        TableRef::BuiltIn(table) => {
            let visited = reader.visit_built_in(table, KnownTime::AtSnapshot, &mut |piece| {
                seen.insert(piece.number, (piece.validity, piece.known_from, built_in_cells(&piece.row)));
                Ok(ControlFlow::Continue(()))
            });
            visited.expect("truth is whole");
        }
    }
    seen
}

fn assert_agrees(store: &Store) {
    let latest = store.latest().expect("an open store");
    for snapshot in 0..=latest.0 {
        let reader = store.read(Snapshot(snapshot)).expect("it exists");
        let declared = reader.tables().expect("truth is whole");
        let tables = declared.iter().map(TableRef::Declared).chain([TableRef::BuiltIn(Table::Matters)]);
        for table in tables {
            let scan = reader.column_scan(table).expect("truth is whole");
            if let Some(scan) = scan {
                let name = table.definition().name;
                let rows = stored(&reader, table);
                assert_eq!(scanned(&reader, table, &scan), rows, "{name} at snapshot {snapshot}");
                if let TableRef::Declared(definition) = table {
                    assert_search_agrees(&reader, definition, &rows);
                }
            }
        }
    }
}

/// What a search finds is what counting the words of every visible row gives, on every date; `None` only where a file was damaged.
fn assert_search_agrees(reader: &Reader, table: &TableDefinition, rows: &Seen) {
    let column = table.columns.iter().position(|column| column.full_text.is_some()).expect("it has one");
    let query = RowQuery::new("the names 2 many notes", vec![(column, "en".to_owned())]);
    let wanted: Vec<String> = ["name", "2", "mani", "note"].map(str::to_owned).to_vec();
    let Bm25fParameters { k1, text_b: b, .. } = Bm25fParameters::STANDARD;
    for as_of in [day(0), day(50), day(120)] {
        let Some(found) = reader.search_rows(table, &query, 3, as_of).expect("truth is whole") else { continue };
        let visible = rows.iter().filter(|(_, (validity, _, _))| validity.contains(as_of));
        let texts: Vec<(u64, Vec<String>)> = visible
            .map(|(number, (_, _, cells))| match &cells[column] {
                Cell::Text(text) => (*number, analyse(text, "en").into_iter().map(|token| token.term).collect()),
                _ => (*number, Vec::new()),
            })
            .collect();
        let average = texts.iter().map(|(_, terms)| terms.len()).sum::<usize>() as f64 / texts.len().max(1) as f64;
        let score = |terms: &[String]| {
            let mut score = 0.0;
            for term in &wanted {
                let count = |terms: &[String]| terms.iter().filter(|own| *own == term).count() as f64;
                let having = texts.iter().filter(|(_, terms)| count(terms) > 0.0).count() as f64;
                let idf = (1.0 + (texts.len() as f64 - having + 0.5) / (having + 0.5)).ln();
                let frequency = count(terms) / (1.0 - b + b * terms.len() as f64 / average);
                score += idf * frequency * (k1 + 1.0) / (k1 + frequency);
            }
            score
        };
        let mut expected: Vec<f64> = texts.iter().map(|(_, terms)| score(terms)).filter(|score| *score > 0.0).collect();
        expected.sort_by(|a, b| b.total_cmp(a));
        if let Some(last) = expected.get(2).copied() {
            expected.retain(|score| *score > last - 1e-9);
        }
        let mut scores: Vec<f64> = found.iter().map(|(score, _)| *score).collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        assert_eq!(scores.len(), expected.len(), "{} on {as_of}", table.name);
        assert!(scores.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-9), "{scores:?} {expected:?}");
    }
}

/// Whether there is a generation that has the table `people`, with its words.
fn has_words(store: &Store) -> bool {
    let reader = store.read(store.latest().expect("an open store")).expect("it exists");
    let query = RowQuery::new("a", vec![(1, "en".to_owned())]);
    reader.search_rows(&people(), &query, 1, day(0)).expect("truth is whole").is_some()
}

/// Whether there is a generation that has the table `people`.
fn is_sealed(store: &Store) -> bool {
    let reader = store.read(store.latest().expect("an open store")).expect("it exists");
    reader.column_scan(TableRef::Declared(&people())).expect("truth is whole").is_some()
}

fn config(tail_row_count_max: usize) -> StoreConfig {
    StoreConfig { tail_row_count_max, seals_in_background: false, ..StoreConfig::new() }
}

fn declare(store: &Store) {
    let changes = [people(), notes()].map(|table| put(Row::Table(table), Validity::always()));
    store.commit(&batch(changes.to_vec()), noon()).expect("new tables");
}

fn person(id: i64, name: Option<&str>, validity: Validity) -> RowChange {
    let name = name.map_or(Cell::Null, |name| Cell::Text(name.to_owned()));
    let cells = vec![Cell::Integer(id), name, Cell::Double(id as f64 / 2.0)];
    RowChange { key: RowKey::Known(encode_key(&people(), &cells)), cells: Some(cells), validity }
}

fn commit(store: &Store, rows: Vec<RowChange>) -> Snapshot {
    let tables = vec![TableChanges { table: TableId(1), rows }];
    store.commit(&grounds_core::Batch { tables, ..batch(Vec::new()) }, noon()).expect("good rows")
}

#[derive(Clone, Debug)]
enum Step {
    Put { id: i64, name: Option<u8>, from: u16, days: Option<u16> },
    Remove { id: i64, from: u16, days: Option<u16> },
    Note(u8),
    Matter(u8, u8),
    Many(u8),
    Seal,
    Rebuild,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let days = || proptest::option::of(1..60_u16);
    prop_oneof![
        6 => (0..12_i64, proptest::option::of(0..4_u8), 0..100_u16, days())
            .prop_map(|(id, name, from, days)| Step::Put { id, name, from, days }),
        3 => (0..12_i64, 0..100_u16, days()).prop_map(|(id, from, days)| Step::Remove { id, from, days }),
        2 => (0..9_u8).prop_map(Step::Note),
        2 => (0..4_u8, 0..4_u8).prop_map(|(name, source)| Step::Matter(name, source)),
        2 => (1..40_u8).prop_map(Step::Many),
        4 => Just(Step::Seal),
        1 => Just(Step::Rebuild),
        1 => Just(Step::Reopen),
    ]
}

fn take(workspace: Workspace, step: &Step) -> Workspace {
    let during = |from: u16, days: Option<u16>| Validity { from: day(from), to: days.map(|days| day(from + days)) };
    let store = &workspace.store;
    match step {
        Step::Put { id, name, from, days } => {
            let name = name.map(|name| format!("name {name}"));
            commit(store, vec![person(*id, name.as_deref(), during(*from, *days))]);
        }
        Step::Remove { id, from, days } => {
            commit(store, vec![RowChange { cells: None, ..person(*id, None, during(*from, *days)) }]);
        }
        Step::Note(number) => {
            let cells = Some(vec![Cell::Text(format!("note {number}"))]);
            let rows = vec![RowChange { key: RowKey::New, cells, validity: Validity::always() }];
            let tables = vec![TableChanges { table: TableId(2), rows }];
            store.commit(&grounds_core::Batch { tables, ..batch(Vec::new()) }, noon()).expect("a good row");
        }
        Step::Matter(name, source) => {
            let row = Row::Matter(MatterRow { name: format!("m{name}"), source: format!("s{source}") });
            store.commit(&batch(vec![Change::Put { row, validity: Validity::always() }]), noon()).expect("a good row");
        }
        Step::Many(count) => {
            commit(store, (0..i64::from(*count)).map(|id| person(id * 3, Some("many"), Validity::always())).collect());
        }
        Step::Seal => store.seal_columns().expect("room on the disk"),
        Step::Rebuild => store.rebuild_columns().expect("room on the disk"),
        Step::Reopen => return workspace.reopened(config(25)),
    }
    workspace
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn files_and_tail_are_what_truth_has(steps in proptest::collection::vec(step(), 1..40)) {
        let mut workspace = Workspace::with(config(25));
        declare(&workspace.store);
        for step in &steps {
            workspace = take(workspace, step);
        }
        assert_agrees(&workspace.store);
        let workspace = workspace.reopened(config(25));
        assert_agrees(&workspace.store);
    }
}

#[test]
fn small_files_become_one_and_worn_files_are_written_anew() {
    let workspace = Workspace::with(config(1_000_000));
    let store = &workspace.store;
    declare(store);
    for id in 0..20 {
        commit(store, vec![person(id, Some("first"), Validity::always())]);
        store.seal_columns().expect("room on the disk");
    }
    let is_of_table = |path: &&PathBuf| name(path).contains("table_1") && !name(path).contains(".words-");
    let count = files(&workspace.directory()).iter().filter(is_of_table).count();
    assert!(count < 10, "{count} files");
    commit(store, (0..5).map(|id| person(id, Some("second"), Validity::always())).collect());
    store.seal_columns().expect("room on the disk");
    assert_agrees(store);
    commit(store, vec![person(100, Some("third"), Validity::always())]);
    store.seal_columns().expect("room on the disk");
    assert_agrees(store);
}

#[test]
fn a_commit_with_many_rows_is_sealed_at_once() {
    let workspace = Workspace::with(config(10));
    declare(&workspace.store);
    commit(&workspace.store, (0..5).map(|id| person(id, None, Validity::always())).collect());
    assert!(!is_sealed(&workspace.store));
    commit(&workspace.store, (5..50).map(|id| person(id, None, Validity::always())).collect());
    assert!(is_sealed(&workspace.store));
    assert_agrees(&workspace.store);
}

#[test]
fn a_reader_keeps_the_files_it_looked_at() {
    let workspace = Workspace::with(config(1_000_000));
    let store = &workspace.store;
    declare(store);
    let before = commit(store, (0..50).map(|id| person(id, Some("a"), Validity::always())).collect());
    store.seal_columns().expect("room on the disk");
    let reader = store.read(before).expect("it exists");
    let table = people();
    let scan = reader.column_scan(TableRef::Declared(&table)).expect("truth is whole").expect("it was sealed");
    let home = scan.files[0].file.path();
    commit(store, (0..50).map(|id| person(id, Some("b"), Validity::always())).collect());
    store.seal_columns().expect("room on the disk");
    store.rebuild_columns().expect("room on the disk");
    assert!(home.exists());
    assert_eq!(scanned(&reader, TableRef::Declared(&table), &scan).len(), 50);
    drop(scan);
    assert!(!home.exists());
    assert_eq!(directories(&workspace.directory()).len(), 1);
}

/// A closed workspace with a generation in which a row was closed after its file was written.
fn sealed_workspace() -> (tempfile::TempDir, PathBuf) {
    let workspace = Workspace::with(config(1_000_000));
    declare(&workspace.store);
    commit(&workspace.store, (0..200).map(|id| person(id, Some("a"), Validity::always())).collect());
    workspace.store.seal_columns().expect("room on the disk");
    commit(&workspace.store, vec![person(7, Some("b"), Validity::always())]);
    workspace.store.seal_columns().expect("room on the disk");
    let directory = workspace.directory();
    (workspace.closed(), directory)
}

#[test]
fn damage_to_any_file_is_noticed_and_heals() {
    let file_count = files(&sealed_workspace().1).len();
    for damage in [flip, cut, remove] {
        for at in 0..file_count {
            let (_folder, directory) = sealed_workspace();
            let path = files(&directory)[at].clone();
            damage(&path);
            let store = Store::open(&directory, config(1_000_000)).expect("truth is whole");
            assert_agrees(&store);
            commit(&store, vec![person(8, Some("c"), Validity::always())]);
            store.seal_columns().expect("room on the disk");
            assert!(has_words(&store), "{} was damaged", path.display());
            assert_agrees(&store);
            drop(store);
            let store = Store::open(&directory, config(1_000_000)).expect("truth is whole");
            assert!(has_words(&store), "{} was damaged", path.display());
            assert_agrees(&store);
        }
    }
}

#[test]
fn a_generation_of_another_truth_counts_as_absent() {
    let make = |name: &str| {
        let workspace = Workspace::with(config(1_000_000));
        declare(&workspace.store);
        commit(&workspace.store, vec![person(1, Some(name), Validity::always())]);
        workspace.store.seal_columns().expect("room on the disk");
        let directory = workspace.directory();
        (workspace.closed(), directory)
    };
    let ((_one, one), (_two, two)) = (make("a"), make("b"));
    fs::remove_dir_all(two.join("columns")).expect("it was sealed");
    fs::rename(one.join("columns"), two.join("columns")).expect("it was sealed");
    let store = Store::open(&two, config(1_000_000)).expect("it was closed");
    assert!(!is_sealed(&store));
    store.seal_columns().expect("room on the disk");
    assert!(is_sealed(&store));
    assert_agrees(&store);
}

#[test]
fn built_in_tables_have_a_file_for_each_kind() {
    let workspace = Workspace::new();
    workspace.commit(crate::support::small_document("gdpr", "en", &["One sentence.", "Another."]));
    workspace.store.seal_columns().expect("room on the disk");
    let reader = workspace.store.read(Snapshot(1)).expect("it exists");
    for table in Table::ALL {
        let table = TableRef::BuiltIn(table);
        let scan = reader.column_scan(table).expect("truth is whole").expect("it was sealed");
        assert_eq!(scanned_texts(&scan), stored(&reader, table).len(), "{}", table.definition().name);
    }
    assert_eq!(built_in_definition(Table::Passages).columns.len(), 8);
}

fn scanned_texts(scan: &ColumnScan) -> usize {
    scan.files.iter().map(|file| usize::try_from(file.file.row_count()).expect("few rows")).sum()
}

fn name(path: &Path) -> String {
    path.file_name().expect("a file").to_string_lossy().into_owned()
}

fn directories(workspace: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(workspace.join("columns")).expect("it was sealed");
    entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect()
}

/// Every file of the columns directory.
fn files(workspace: &Path) -> Vec<PathBuf> {
    let mut files = vec![workspace.join("columns/current")];
    for directory in directories(workspace) {
        let entries = fs::read_dir(directory).expect("a directory");
        files.extend(entries.map(|entry| entry.expect("an entry").path()));
    }
    files.sort();
    files
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    fs::write(path, bytes).expect("a file");
}

fn cut(path: &Path) {
    let bytes = fs::read(path).expect("a file");
    fs::write(path, &bytes[..bytes.len() / 2]).expect("a file");
}

fn remove(path: &Path) {
    fs::remove_file(path).expect("a file");
}
