//! The nearest rows: exactly those where all are asked for, about those through an index, and never one that is not visible.

use std::fs;
use std::path::PathBuf;

use grounds_core::{
    Cell, ColumnDefinition, ColumnType, Row, RowChange, RowKey, Snapshot, TableChanges, TableDefinition, TableId,
    Validity,
};
use grounds_store::{
    DistanceFrom, KeyRange, KnownTime, Metric, Reader, RowBits, RowPlace, Store, StoreConfig, VectorQuery, encode_key,
};
use jiff::civil::Date;
use tempfile::TempDir;

use crate::support::{batch, day, noon, put};

const DIMENSION: usize = 20;
const METRICS: [Metric; 3] = [Metric::Cosine, Metric::Euclidean, Metric::Dot];

fn places() -> TableDefinition {
    let column = |name: &str, column_type| ColumnDefinition {
        name: name.to_owned(),
        column_type,
        nullable: true,
        default: None,
        full_text: None,
    };
    let vector = ColumnType::Vector { dimension: DIMENSION as u32 };
    TableDefinition {
        id: TableId(1),
        name: "places".to_owned(),
        columns: vec![
            ColumnDefinition { nullable: false, ..column("id", ColumnType::Integer) },
            column("place", vector),
        ],
        primary_key: vec![0],
        labels: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
    }
}

/// Numbers that look random, the same every time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 24) as f32 - 0.5
    }

    /// A vector near one of 30 centres, of length 1 or of any.
    fn vector(&mut self, has_any_length: bool) -> Vec<f32> {
        let mut centre = Numbers(((self.next() + 0.5) * 30.0) as u64 + 99);
        let mut vector: Vec<f32> = (0..DIMENSION).map(|_| centre.next() + 0.4 * self.next()).collect();
        let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
        let scale = if has_any_length { 1.5 + self.next() } else { 1.0 / length };
        vector.iter_mut().for_each(|number| *number *= scale);
        vector
    }
}

fn place(id: i64, vector: Option<Vec<f32>>, validity: Validity) -> RowChange {
    let cells = vec![Cell::Integer(id), vector.map_or(Cell::Null, Cell::Vector)];
    RowChange { key: RowKey::Known(encode_key(&places(), &cells)), cells: Some(cells), validity }
}

fn commit(store: &Store, rows: Vec<RowChange>) -> Snapshot {
    let tables = vec![TableChanges { table: TableId(1), rows }];
    store.commit(&grounds_core::Batch { tables, ..batch(Vec::new()) }, noon()).expect("good rows")
}

/// A store with 900 places in a generation, some valid for some days only, some without a vector; then changes that are newer.
fn filled(has_any_length: bool) -> (TempDir, Store, Numbers) {
    let config = StoreConfig {
        seals_in_background: false,
        vector_index_row_count_min: 500,
        tail_row_count_max: usize::MAX,
        ..StoreConfig::new()
    };
    let workspace = tempfile::tempdir().expect("a temporary folder");
    let store = Store::create(&workspace.path().join(".grounds"), config).expect("an empty directory");
    store.commit(&batch(vec![put(Row::Table(places()), Validity::always())]), noon()).expect("a new table");
    let mut numbers = Numbers(5);
    let rows = (0..900).map(|id| {
        let validity = match id % 3 {
            0 => Validity { from: day(10), to: Some(day(20)) },
            _ => Validity::always(),
        };
        place(id, (id % 50 != 49).then(|| numbers.vector(has_any_length)), validity)
    });
    commit(&store, rows.collect());
    store.seal_columns().expect("room on the disk");
    (workspace, store, numbers)
}

fn read(store: &Store, snapshot: Snapshot) -> std::sync::Arc<Reader> {
    std::sync::Arc::new(store.read(snapshot).expect("it exists"))
}

/// The distances of all visible rows from `vector` and what these rows hold, nearest first.
fn all(reader: &Reader, as_of: Date, metric: Metric, vector: &[f32]) -> Vec<(f64, Vec<f32>)> {
    let distance = DistanceFrom::new(metric, vector);
    let mut found = Vec::new();
    let visit = &mut |piece: grounds_store::RowPiece| {
        if let Some(Cell::Vector(own)) = piece.cells.get(1)
            && piece.validity.contains(as_of)
        {
            found.push((distance.to(own), own.clone()));
        }
        Ok(std::ops::ControlFlow::Continue(()))
    };
    reader.visit_rows(&places(), KeyRange::All, KnownTime::AtSnapshot, visit).expect("truth is whole");
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found
}

fn distances<T>(found: &[(f64, T)]) -> Vec<u64> {
    found.iter().map(|(distance, _)| distance.to_bits()).collect()
}

#[test]
fn what_is_found_is_near_and_visible_at_every_date_and_snapshot() {
    for has_any_length in [false, true] {
        let (_workspace, store, mut numbers) = filled(has_any_length);
        let sealed = store.latest().expect("open");
        let changed = (0..60).map(|id| place(id * 7, Some(numbers.vector(has_any_length)), Validity::always()));
        let latest = commit(&store, changed.collect());
        let (mut hit_count, mut wanted_count) = (0, 0);
        for (snapshot, as_of) in [(sealed, day(15)), (sealed, day(25)), (latest, day(15)), (latest, day(25))] {
            let reader = read(&store, snapshot);
            let search = reader.vector_search(&places(), 1, as_of).expect("whole").expect("a generation");
            for turn in 0..8 {
                let (vector, metric) = (numbers.vector(has_any_length), METRICS[turn % 3]);
                let truth = all(&reader, as_of, metric, &vector);
                let exact = search.nearest(&VectorQuery::new(vector.clone(), metric, 10));
                assert_eq!(distances(&exact), distances(&truth[..10]), "{metric:?}");
                let query = VectorQuery::new(vector, metric, 10).with_recall(0.9);
                let access = search.access(&query);
                assert!(access.recall.is_some_and(|recall| recall >= 0.9), "{access:?}");
                let near = search.nearest(&query);
                let (near, truth) = (distances(&near), distances(&truth));
                assert!(near.len() == 10 && near.is_sorted_by(|a, b| f64::from_bits(*a) <= f64::from_bits(*b)));
                // None that is not visible, and none farther or nearer than it is.
                assert!(near.iter().all(|distance| truth.contains(distance)));
                hit_count += near.iter().filter(|distance| truth[..10].contains(distance)).count();
                wanted_count += 10;
            }
        }
        assert!(hit_count * 10 >= wanted_count * 9, "{hit_count} of {wanted_count}");
    }
}

#[test]
fn a_filter_is_kept_to_within_the_search() {
    let (_workspace, store, mut numbers) = filled(false);
    let reader = read(&store, store.latest().expect("open"));
    for share in [2, 5, 30] {
        let mut search = reader.vector_search(&places(), 1, day(15)).expect("whole").expect("a generation");
        let is_in = |row: usize| row.is_multiple_of(share);
        let of_file = |file: &grounds_store::ColumnFile| Ok::<_, ()>(RowBits::of(file.row_count() as usize, is_in));
        search.filter(of_file, |_| Ok(true)).expect("nothing fails");
        let query = VectorQuery::new(numbers.vector(false), Metric::Cosine, 10);
        let exact = search.nearest(&query);
        let near = search.nearest(&query.with_recall(0.9));
        assert!(near.len() == 10 && exact.len() == 10);
        for (_, place) in exact.iter().chain(&near) {
            assert!(matches!(place, RowPlace::File(_, row) if is_in(*row as usize)));
        }
        let found = distances(&near).iter().filter(|distance| distances(&exact).contains(distance)).count();
        assert!(found >= 8, "{found} of 10 among one in {share}");
    }
}

fn files_of_vectors(workspace: &TempDir) -> Vec<PathBuf> {
    let generations = fs::read_dir(workspace.path().join(".grounds/columns")).expect("a directory");
    let directories = generations.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir());
    let files = directories.flat_map(|directory| fs::read_dir(directory).expect("a directory"));
    let paths = files.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.to_string_lossy().contains("vectors-")).collect()
}

#[test]
fn a_damaged_index_is_given_up_and_made_again_with_the_same_bytes() {
    let (workspace, store, mut numbers) = filled(false);
    let snapshot = store.latest().expect("open");
    let config = StoreConfig { vector_index_row_count_min: 500, ..StoreConfig::new() };
    let [file] = files_of_vectors(&workspace).try_into().expect("one file");
    let good = fs::read(&file).expect("it is there");
    drop(store);
    for damage in [0, 1, 2] {
        let [file] = files_of_vectors(&workspace).try_into().expect("one file");
        let mut bytes = good.clone();
        match damage {
            0 => bytes[good.len() / 2] ^= 1,
            1 => bytes.truncate(good.len() - 64),
            _ => bytes.clear(),
        }
        fs::remove_file(&file).expect("it is there");
        if damage < 2 {
            fs::write(&file, bytes).expect("room");
        }
        let store = Store::open(&workspace.path().join(".grounds"), config.clone()).expect("truth is whole");
        let reader = read(&store, snapshot);
        assert!(reader.vector_search(&places(), 1, day(15)).expect("truth is whole").is_none(), "{damage}");
        store.seal_columns().expect("room on the disk");
        let search = reader.vector_search(&places(), 1, day(15)).expect("whole").expect("a generation");
        let query = VectorQuery::new(numbers.vector(false), Metric::Cosine, 5).with_recall(0.9);
        assert!(search.access(&query).recall.is_some());
        let [file] = files_of_vectors(&workspace).try_into().expect("one file");
        assert!(fs::read(&file).expect("it is there") == good, "{damage}");
    }
}
