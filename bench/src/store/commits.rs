//! Small commits, each durable when it returns, from one writer and from sixteen, beside SQLite.

use std::path::Path;
use std::time::Instant;

use grounds_core::{
    Batch, Cell, Change, ColumnDefinition, ColumnType, Row, RowChange, RowKey, TableChanges, TableDefinition, TableId,
    Validity,
};
use grounds_store::{Store, StoreConfig, encode_key};

use super::figure::Figures;
use super::sqlite;

/// Commits of one writer in a round.
const COMMIT_COUNT: usize = 300;
/// Writers at once, and commits of each in a round.
const WRITER_COUNT: usize = 16;
const COMMIT_COUNT_OF_EACH: usize = 60;
/// Each side is measured this many times, taking turns; its best counts.
const ROUNDS: usize = 5;

/// Measures, and records two goals.
pub(crate) fn run(figures: &mut Figures) -> anyhow::Result<()> {
    let temporary = tempfile::tempdir()?;
    let store = Store::create(&temporary.path().join("grounds"), StoreConfig::new())?;
    declare(&store)?;
    let path = temporary.path().join("sqlite.db");
    sqlite::open(&path)?
        .execute_batch("CREATE TABLE ledger (id INTEGER PRIMARY KEY, account INTEGER, amount NUMERIC, note TEXT)")?;
    let (mut one, mut many) = (Pair::default(), Pair::default());
    let mut next = 0;
    for _ in 0..ROUNDS {
        one.ours(rate(COMMIT_COUNT, || commit_ours(&store, next, COMMIT_COUNT))?);
        one.peers(rate(COMMIT_COUNT, || commit_sqlite(&path, next, COMMIT_COUNT))?);
        next += COMMIT_COUNT;
        let count = WRITER_COUNT * COMMIT_COUNT_OF_EACH;
        many.ours(rate(count, || at_once(|from| commit_ours(&store, next + from, COMMIT_COUNT_OF_EACH)))?);
        many.peers(rate(count, || at_once(|from| commit_sqlite(&path, next + from, COMMIT_COUNT_OF_EACH)))?);
        next += count;
    }
    figures.at_least("durable commits a second, one writer, times SQLite", one.ratio(), 1.0, &one.detail());
    figures.at_least("durable commits a second, 16 writers, times SQLite", many.ratio(), 5.0, &many.detail());
    Ok(())
}

/// The best rates of both sides.
#[derive(Default)]
struct Pair {
    ours: f64,
    peers: f64,
}

impl Pair {
    fn ours(&mut self, rate: f64) {
        self.ours = self.ours.max(rate);
    }

    fn peers(&mut self, rate: f64) {
        self.peers = self.peers.max(rate);
    }

    fn ratio(&self) -> f64 {
        self.ours / self.peers
    }

    fn detail(&self) -> String {
        format!("{:.0} a second, SQLite {} {:.0}", self.ours, rusqlite::version(), self.peers)
    }
}

fn rate(count: usize, work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(count as f64 / start.elapsed().as_secs_f64())
}

/// Runs one writer in each of [`WRITER_COUNT`] threads; each gets the first of its own numbers.
fn at_once(work: impl Fn(usize) -> anyhow::Result<()> + Sync) -> anyhow::Result<()> {
    std::thread::scope(|scope| {
        let work = &work;
        let writers: Vec<_> =
            (0..WRITER_COUNT).map(|writer| scope.spawn(move || work(writer * COMMIT_COUNT_OF_EACH))).collect();
        writers.into_iter().try_for_each(|writer| writer.join().expect("a writer does not panic"))
    })
}

/// The table of small rows.
pub(crate) fn ledger() -> TableDefinition {
    let column = |name: &str, column_type, nullable| ColumnDefinition {
        name: name.to_owned(),
        column_type,
        nullable,
        default: None,
        full_text: None,
    };
    TableDefinition {
        id: TableId(1),
        name: "ledger".to_owned(),
        columns: vec![
            column("id", ColumnType::Integer, false),
            column("account", ColumnType::Integer, true),
            column("amount", ColumnType::Decimal { precision: 12, scale: 2 }, true),
            column("note", ColumnType::Text, true),
        ],
        primary_key: vec![0],
        labels: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
    }
}

/// One row of it.
pub(crate) fn entry(table: &TableDefinition, id: usize) -> RowChange {
    let cells = vec![
        Cell::Integer(id as i64),
        Cell::Integer(id as i64 % 1_000),
        Cell::Decimal(id as i128 * 25 % 1_000_000),
        Cell::Text(note(id)),
    ];
    RowChange { key: RowKey::Known(encode_key(table, &cells)), cells: Some(cells), validity: Validity::always() }
}

/// The words of a row.
pub(crate) fn note(id: usize) -> String {
    format!("payment {id} received")
}

/// Declares the table.
pub(crate) fn declare(store: &Store) -> anyhow::Result<()> {
    let change = Change::Put { row: Row::Table(ledger()), validity: Validity::always() };
    store.commit(&Batch { message: "declare".to_owned(), changes: vec![change], ..Batch::default() }, at()?)?;
    Ok(())
}

/// The time of every commit here: what it is does not matter.
pub(crate) fn at() -> anyhow::Result<grounds_core::Instant> {
    Ok("2026-01-01T00:00Z".parse()?)
}

fn commit_ours(store: &Store, from: usize, count: usize) -> anyhow::Result<()> {
    let table = ledger();
    for id in from..from + count {
        let changes = TableChanges { table: table.id, rows: vec![entry(&table, id)] };
        store.commit(&Batch { message: "pay".to_owned(), tables: vec![changes], ..Batch::default() }, at()?)?;
    }
    Ok(())
}

fn commit_sqlite(path: &Path, from: usize, count: usize) -> anyhow::Result<()> {
    let connection = sqlite::open(path)?;
    let mut insert = connection.prepare("INSERT INTO ledger VALUES (?, ?, ?, ?)")?;
    for id in from..from + count {
        insert.execute((id as i64, id as i64 % 1_000, (id as i64 * 25 % 1_000_000) as f64 / 100.0, note(id)))?;
    }
    Ok(())
}
