//! Reads by primary key in a table of a million rows, beside SQLite.

use std::path::Path;
use std::time::Instant;

use grounds_core::{Batch, Cell, TableChanges};
use grounds_store::{Reader, Store, StoreConfig, encode_key_cells};
use jiff::civil::date;
use rusqlite::Connection;

use super::commits::{at, declare, entry, ledger, note};
use super::figure::Figures;
use super::sqlite;

const ROW_COUNT: usize = 1_000_000;
/// Rows of one commit while loading.
const BATCH: usize = 100_000;
/// Reads of a round.
const READ_COUNT: usize = 200_000;
/// Each side is measured this many times, taking turns; its best counts.
const ROUNDS: usize = 7;

/// Measures, and records two goals.
pub(crate) fn run(figures: &mut Figures) -> anyhow::Result<()> {
    let temporary = tempfile::tempdir()?;
    let store = Store::create(&temporary.path().join("grounds"), StoreConfig::new())?;
    load_ours(&store)?;
    let connection = load_sqlite(&temporary.path().join("sqlite.db"))?;
    let (mut held, mut latest) = ([f64::INFINITY; 2], [f64::INFINITY; 2]);
    let reader = store.read(store.latest()?)?;
    for round in 0..ROUNDS {
        let ours = seconds(|| read_held(&reader, round))?;
        connection.execute_batch("BEGIN")?;
        let peers = seconds(|| read_sqlite(&connection, round))?;
        connection.execute_batch("COMMIT")?;
        if round == 0 {
            // A row read for the second time comes from memory; the goals are about those.
            let each = |seconds: f64| seconds / READ_COUNT as f64 * 1e6;
            println!("rows read for the first time: {:.2} µs each, SQLite {:.2} µs", each(ours), each(peers));
        }
        held = [held[0].min(ours), held[1].min(peers)];
        latest[0] = latest[0].min(seconds(|| read_latest(&store, round))?);
        latest[1] = latest[1].min(seconds(|| read_sqlite(&connection, round))?);
    }
    for (name, [ours, peers]) in [("in one snapshot", held), ("each of the latest state", latest)] {
        let each = |seconds: f64| seconds / READ_COUNT as f64 * 1e6;
        let detail = format!("{:.2} µs each, SQLite {} {:.2} µs", each(ours), rusqlite::version(), each(peers));
        figures.at_least(&format!("point reads {name}, times SQLite"), peers / ours, 1.5, &detail);
    }
    Ok(())
}

fn seconds(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64())
}

/// The rows that a round reads, scattered over the table.
fn ids(round: usize) -> impl Iterator<Item = usize> {
    (0..READ_COUNT).map(move |read| (read + round * READ_COUNT).wrapping_mul(2_654_435_761) % ROW_COUNT)
}

fn read_held(reader: &Reader, round: usize) -> anyhow::Result<()> {
    let (table, today) = (ledger(), date(2026, 1, 1));
    for id in ids(round) {
        let piece = reader.get(&table, &encode_key_cells(&[Cell::Integer(id as i64)]), today)?;
        let Some(Cell::Text(words)) = piece.and_then(|piece| piece.cells.into_iter().nth(3)) else {
            anyhow::bail!("row {id} is missing");
        };
        std::hint::black_box(words);
    }
    Ok(())
}

fn read_latest(store: &Store, round: usize) -> anyhow::Result<()> {
    let (table, today) = (ledger(), date(2026, 1, 1));
    for id in ids(round) {
        let reader = store.read_latest()?;
        let piece = reader.get(&table, &encode_key_cells(&[Cell::Integer(id as i64)]), today)?;
        std::hint::black_box(piece.map(|piece| piece.cells));
    }
    Ok(())
}

fn read_sqlite(connection: &Connection, round: usize) -> anyhow::Result<()> {
    let mut select = connection.prepare("SELECT id, account, amount, note FROM ledger WHERE id = ?")?;
    for id in ids(round) {
        let cells = select.query_row([id as i64], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, f64>(2)?, row.get::<_, String>(3)?))
        })?;
        std::hint::black_box(cells);
    }
    Ok(())
}

fn load_ours(store: &Store) -> anyhow::Result<()> {
    let start = Instant::now();
    declare(store)?;
    let table = ledger();
    for from in (0..ROW_COUNT).step_by(BATCH) {
        let rows = (from..from + BATCH).map(|id| entry(&table, id)).collect();
        let tables = vec![TableChanges { table: table.id, rows }];
        store.commit(&Batch { message: "load".to_owned(), tables, ..Batch::default() }, at()?)?;
    }
    println!("grounds: {ROW_COUNT} rows loaded in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn load_sqlite(path: &Path) -> anyhow::Result<Connection> {
    let start = Instant::now();
    let mut connection = sqlite::open(path)?;
    connection
        .execute_batch("CREATE TABLE ledger (id INTEGER PRIMARY KEY, account INTEGER, amount NUMERIC, note TEXT)")?;
    for from in (0..ROW_COUNT).step_by(BATCH) {
        let transaction = connection.transaction()?;
        {
            let mut insert = transaction.prepare("INSERT INTO ledger VALUES (?, ?, ?, ?)")?;
            for id in from..from + BATCH {
                insert.execute((
                    id as i64,
                    id as i64 % 1_000,
                    (id as i64 * 25 % 1_000_000) as f64 / 100.0,
                    note(id),
                ))?;
            }
        }
        transaction.commit()?;
    }
    println!("sqlite: {ROW_COUNT} rows loaded in {:.1} s", start.elapsed().as_secs_f64());
    Ok(connection)
}
