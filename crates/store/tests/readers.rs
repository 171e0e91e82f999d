//! Other programs open the column files: pandas, polars, pyarrow and DuckDB, where this machine has them.

use std::path::Path;
use std::process::Command;

use grounds_core::{
    Cell, ColumnDefinition, ColumnType, Row, RowChange, RowKey, TableChanges, TableDefinition, TableId, Validity,
};
use grounds_store::encode_key;

use crate::support::{Workspace, batch, noon, put};

fn table() -> TableDefinition {
    let column = |name: &str, column_type, nullable| ColumnDefinition {
        name: name.to_owned(),
        column_type,
        nullable,
        default: None,
        full_text: None,
    };
    TableDefinition {
        id: TableId(1),
        name: "thing".to_owned(),
        columns: vec![
            column("id", ColumnType::Integer, false),
            column("name", ColumnType::Text, true),
            column("price", ColumnType::Decimal { precision: 12, scale: 2 }, true),
            column("day", ColumnType::Date, true),
            column("seen", ColumnType::Timestamp, true),
            column("told", ColumnType::Instant, true),
            column("raw", ColumnType::Binary, true),
            column("good", ColumnType::Boolean, true),
            column("weight", ColumnType::Double, true),
            column("data", ColumnType::Json, true),
            column("place", ColumnType::Vector { dimension: 2 }, true),
        ],
        primary_key: vec![0],
        labels: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
    }
}

fn row(id: i64, name: Option<&str>, day: i32, place: Option<Vec<f32>>) -> RowChange {
    let cells = vec![
        Cell::Integer(id),
        name.map_or(Cell::Null, |name| Cell::Text(name.to_owned())),
        Cell::Decimal(i128::from(id) * 50),
        Cell::Date(day),
        Cell::Timestamp(1_000_001),
        Cell::Instant(1_000_001),
        Cell::Binary(vec![0, 255]),
        Cell::Boolean(true),
        Cell::Double(f64::NAN),
        Cell::Text("{\"a\": 1}".to_owned()),
        place.map_or(Cell::Null, Cell::Vector),
    ];
    let key = RowKey::Known(encode_key(&table(), &cells));
    RowChange { key, cells: Some(cells), validity: Validity::always() }
}

#[test]
fn pandas_polars_and_duckdb_open_the_files() {
    let workspace = Workspace::new();
    let store = &workspace.store;
    store.commit(&batch(vec![put(Row::Table(table()), Validity::always())]), noon()).expect("a new table");
    for rows in [
        vec![row(1, Some("none"), 0, None)],
        vec![row(1, Some("one"), 19_844, None), row(2, None, -1, Some(vec![1.0, 2.5]))],
    ] {
        let tables = vec![TableChanges { table: TableId(1), rows }];
        store.commit(&grounds_core::Batch { tables, ..batch(Vec::new()) }, noon()).expect("good rows");
    }
    store.seal_columns().expect("room on the disk");
    // A virtual environment is named by the variable; .ci/run makes one.
    let python = std::env::var("GROUNDS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let probe = Command::new(&python).args(["-c", "import duckdb, pandas, polars, pyarrow"]).output();
    match probe {
        Err(error) => return eprintln!("skipped: {python} does not run: {error}"),
        Ok(probe) if !probe.status.success() => {
            let reason = String::from_utf8_lossy(&probe.stderr);
            return eprintln!(
                "skipped: {python} lacks a package: {}",
                reason.trim().lines().last().unwrap_or_default()
            );
        }
        Ok(_) => {}
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers.py");
    let folder = workspace.directory().join("columns/3");
    let run = Command::new(&python).arg(script).arg(folder).arg("table_1-").output().expect("it just ran");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    eprint!("{}", String::from_utf8_lossy(&run.stdout));
}
