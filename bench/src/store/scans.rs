//! A scan with filter and aggregation and a join over ten million rows, beside DuckDB; then the same in the past, beside the present.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use grounds_sql::{Database, DatabaseConfig, Functions, Session};
use grounds_store::{Store, StoreConfig};
use jiff::civil::date;

use super::commits::at;
use super::figure::Figures;
use super::peer::Peer;

/// Rows of the larger table, unless `--rows` says otherwise.
pub(crate) const ROW_COUNT: u64 = 10_000_000;
/// Each side is measured this many times, taking turns; its best counts.
const ROUNDS: usize = 5;

const TABLES: &str = "
    CREATE TABLE customers (id BIGINT PRIMARY KEY, name TEXT, region TEXT, segment TEXT);
    CREATE TABLE orders (id BIGINT PRIMARY KEY, customer BIGINT, amount DECIMAL(12, 2), status TEXT, day DATE, note TEXT)";

/// `{orders}` is the table, with or without a point in time.
const SCAN: &str = "SELECT status, count(*), sum(amount), min(day), max(day) FROM {orders} WHERE day >= DATE '2022-01-01' \
    AND day < DATE '2024-01-01' AND amount > 100 GROUP BY status ORDER BY status";
const JOIN: &str = "SELECT c.region, count(*), sum(o.amount) FROM {orders} o JOIN customers c ON o.customer = c.id \
    WHERE c.segment = 'retail' AND o.status = 'paid' GROUP BY c.region ORDER BY c.region";

/// Three rows in a hundred change after the first snapshot: two get another amount from 2024 on, and one goes.
const CHANGES: &str = "
    UPDATE orders FOR PORTION OF VALID_TIME FROM DATE '2024-01-01' TO NULL SET amount = amount + 1 WHERE id % 50 = 0;
    DELETE FROM orders WHERE id % 97 = 1";

/// Measures, and records four goals.
pub(crate) fn run(row_count: u64, figures: &mut Figures) -> anyhow::Result<()> {
    let temporary = tempfile::tempdir()?;
    let mut peer = Peer::start("tables_duckdb", temporary.path())?;
    let version = peer.ask("version", ())?.result;
    peer.ask("generate", row_count)?;
    let loaded = peer.ask("load", ())?.seconds;
    println!("duckdb {version}: {row_count} rows loaded in {loaded:.1} s");
    let store = Arc::new(Store::create(&temporary.path().join("grounds"), StoreConfig::new())?);
    let database = Database::new(Arc::clone(&store), DatabaseConfig::new(), Functions::default())?;
    let mut session = database.session(date(2026, 1, 1));
    load(&mut session, &store, temporary.path(), row_count)?;
    let first = store.latest()?;
    for (name, text) in [("scan", SCAN), ("join", JOIN)] {
        let text = text.replace("{orders}", "orders");
        let (mut ours, mut peers) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..ROUNDS {
            let (seconds, rows) = query(&mut session, &text)?;
            let reply = peer.ask("query", text.as_str())?;
            anyhow::ensure!(
                reply.result == serde_json::to_value(&rows)?,
                "the {name} differs: {rows:?} {}",
                reply.result
            );
            (ours, peers) = (ours.min(seconds), peers.min(reply.seconds));
        }
        let detail = format!("{ours:.3} s, DuckDB {peers:.3} s");
        figures.at_most(&format!("{name} over {row_count} rows, times DuckDB"), ours / peers, 1.5, &detail);
    }
    let start = Instant::now();
    session.execute(CHANGES, at()?)?;
    let changed = start.elapsed().as_secs_f64();
    store.seal_columns()?;
    println!("grounds: 3% changed in {changed:.1} s, sealed after {:.1} s", start.elapsed().as_secs_f64());
    for (name, text) in [("scan", SCAN), ("join", JOIN)] {
        past(&mut session, name, text, first.0, figures)?;
    }
    Ok(())
}

fn load(session: &mut Session, store: &Store, folder: &Path, row_count: u64) -> anyhow::Result<()> {
    let start = Instant::now();
    session.execute(TABLES, at()?)?;
    for table in ["customers", "orders"] {
        let file = folder.join(format!("{table}.parquet"));
        session.execute(&format!("COPY {table} FROM '{}'", file.display()), at()?)?;
    }
    let copied = start.elapsed().as_secs_f64();
    store.seal_columns()?;
    let sealed = start.elapsed().as_secs_f64();
    println!(
        "grounds: {row_count} rows loaded in {copied:.1} s, and their column generation sealed after {sealed:.1} s"
    );
    Ok(())
}

/// The same query now, and at an earlier snapshot on an earlier date.
fn past(session: &mut Session, name: &str, text: &str, snapshot: u64, figures: &mut Figures) -> anyhow::Result<()> {
    let now = text.replace("{orders}", "orders");
    let then = format!("orders FOR SYSTEM_TIME AS OF {snapshot} FOR VALID_TIME AS OF DATE '2023-01-01'");
    let then = text.replace("{orders}", &then);
    let (mut present, mut past) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        present = present.min(query(session, &now)?.0);
        past = past.min(query(session, &then)?.0);
    }
    let detail = format!("{past:.3} s, the present {present:.3} s");
    figures.at_most(&format!("{name} at a past snapshot and date, times the present"), past / present, 1.3, &detail);
    Ok(())
}

/// How long a query takes until its rows are there, and they as text.
fn query(session: &mut Session, text: &str) -> anyhow::Result<(f64, Vec<Vec<String>>)> {
    let start = Instant::now();
    let result = session.execute(text, at()?)?.pop();
    let seconds = start.elapsed().as_secs_f64();
    let mut rows = Vec::new();
    for batch in result.and_then(|result| result.rows).iter().flat_map(|rows| &rows.batches) {
        let options = FormatOptions::default();
        let columns = batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        rows.extend(
            (0..batch.num_rows()).map(|row| columns.iter().map(|column| column.value(row).to_string()).collect()),
        );
    }
    Ok((seconds, rows))
}
