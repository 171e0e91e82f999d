//! Measures declared tables: bulk commits, point reads, and durable small commits by one and by many writers:
//! `cargo run --release -p grounds-store --example measure_rows -- 1000000 FOLDER`.

use std::error::Error;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use grounds_core::{
    Batch, Cell, Change, ColumnDefinition, ColumnType, Row, RowChange, RowKey, TableChanges, TableDefinition, TableId,
    Validity,
};
use grounds_store::{Store, StoreConfig, encode_key_cells};
use jiff::civil::Date;

const WRITING_FOR: Duration = Duration::from_secs(3);
const READ_COUNT: u64 = 500_000;

fn main() -> Result<(), Box<dyn Error>> {
    let row_count: i64 = std::env::args().nth(1).map_or(Ok(1_000_000), |count| count.parse())?;
    let place = std::env::args().nth(2).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(place)?;
    let directory = folder.path().join(".grounds");
    let store = Store::create(&directory, StoreConfig::new())?;
    let table = table();
    let declare = vec![Change::Put { row: Row::Table(table.clone()), validity: Validity::always() }];
    store.commit(&Batch { message: "declare".to_owned(), changes: declare, ..Batch::default() }, noon()?)?;

    let batch = rows(&table, (0..row_count).map(|number| row(number, 0)).collect());
    let began = Instant::now();
    store.commit(&batch, noon()?)?;
    let seconds = began.elapsed().as_secs_f64();
    println!("bulk: {row_count} rows, {:.2} microseconds a row", seconds * 1e6 / row_count as f64);
    drop(batch);

    let reader = store.read(store.latest()?)?;
    let mut random = 42_u64;
    let began = Instant::now();
    for _ in 0..READ_COUNT {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let number = (random >> 33) as i64 % row_count;
        let found = reader.get(&table, &encode_key_cells(&[Cell::Integer(number)]), Date::constant(2024, 5, 1))?;
        black_box(found.ok_or("a row is missing")?);
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("point reads: {:.2} microseconds each", seconds * 1e6 / READ_COUNT as f64);
    drop(reader);

    let at = noon()?;
    for writer_count in [1, 16] {
        let began = Instant::now();
        let commit_count: u64 = std::thread::scope(|scope| {
            let (store, table) = (&store, &table);
            let write = move |writer: i64| -> Result<u64, grounds_store::StoreError> {
                let mut count = 0;
                while began.elapsed() < WRITING_FOR {
                    let number = row_count + writer * 10_000_000 + count + writer_count * 1_000_000_000;
                    store.commit(&rows(table, vec![row(number, 1)]), at)?;
                    count += 1;
                }
                Ok(count as u64)
            };
            let threads: Vec<_> = (0..writer_count).map(|writer| scope.spawn(move || write(writer))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic").expect("committed")).sum()
        });
        println!("{writer_count} writers: {:.0} commits a second", commit_count as f64 / began.elapsed().as_secs_f64());
    }
    drop(store);
    let began = Instant::now();
    let store = Store::open(&directory, StoreConfig::new())?;
    println!("open: {:.0} ms", began.elapsed().as_secs_f64() * 1e3);
    drop(store);
    Ok(())
}

fn noon() -> Result<grounds_core::Instant, grounds_core::InstantError> {
    "2024-05-01T12:00Z".parse()
}

fn table() -> TableDefinition {
    let column = |name: &str, column_type| ColumnDefinition {
        name: name.to_owned(),
        column_type,
        nullable: false,
        default: None,
        full_text: None,
    };
    TableDefinition {
        id: TableId(1),
        name: "t".to_owned(),
        columns: vec![
            column("id", ColumnType::Integer),
            column("name", ColumnType::Text),
            column("amount", ColumnType::Decimal { precision: 18, scale: 2 }),
            column("day", ColumnType::Date),
        ],
        primary_key: vec![0],
        labels: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
    }
}

fn row(number: i64, amount: i128) -> RowChange {
    let key = encode_key_cells(&[Cell::Integer(number)]);
    let name = Cell::Text(format!("name of row {number}"));
    let cells = vec![Cell::Integer(number), name, Cell::Decimal(amount), Cell::Date(19_000)];
    RowChange { key: RowKey::Known(key), cells: Some(cells), validity: Validity::always() }
}

fn rows(table: &TableDefinition, rows: Vec<RowChange>) -> Batch {
    Batch { message: "rows".to_owned(), tables: vec![TableChanges { table: table.id, rows }], ..Batch::default() }
}
