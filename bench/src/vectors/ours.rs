//! The vectors in a table of a workspace, each valid from a day of its own.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use grounds_core::{
    Batch, Cell, Change, ColumnDefinition, ColumnType, Row, RowChange, RowKey, TableChanges, TableDefinition, TableId,
    Validity,
};
use grounds_store::{Reader, Store, StoreConfig, encode_key};
use jiff::civil::{Date, date};

use super::data::{DIMENSION_COUNT, Random};
use crate::store::commits::at;

/// Rows of one commit.
const COMMIT_ROW_COUNT: usize = 25_000;
/// On so many days rows begin to be valid.
const DAY_COUNT: usize = 1_000;

fn definition() -> TableDefinition {
    let column = |name: &str, column_type| ColumnDefinition {
        name: name.to_owned(),
        column_type,
        nullable: false,
        default: None,
        full_text: None,
    };
    TableDefinition {
        id: TableId(1),
        name: "embeddings".to_owned(),
        columns: vec![
            column("id", ColumnType::Integer),
            column("place", ColumnType::Vector { dimension: DIMENSION_COUNT as u32 }),
        ],
        primary_key: vec![0],
        labels: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
    }
}

/// The day on which `share` of the rows are valid.
pub(super) fn day(share: f64) -> anyhow::Result<Date> {
    let days = (share * DAY_COUNT as f64).round() as i64 - 1;
    Ok(date(2020, 1, 1).checked_add(jiff::Span::new().days(days))?)
}

/// Commits `vectors` and seals them, which builds the index.
pub(super) fn fill(folder: &Path, vectors: &[f32]) -> anyhow::Result<Store> {
    let config = StoreConfig { seals_in_background: false, tail_row_count_max: usize::MAX, ..StoreConfig::new() };
    let store = Store::create(&folder.join("grounds"), config)?;
    let definition = definition();
    let table = Change::Put { row: Row::Table(definition.clone()), validity: Validity::always() };
    store.commit(&Batch { message: "a table".to_owned(), changes: vec![table], ..Batch::default() }, at()?)?;
    let start = Instant::now();
    let mut random = Random(11);
    for (turn, part) in vectors.chunks(COMMIT_ROW_COUNT * DIMENSION_COUNT).enumerate() {
        let mut rows = Vec::with_capacity(COMMIT_ROW_COUNT);
        for (row, vector) in part.chunks(DIMENSION_COUNT).enumerate() {
            let id = i64::try_from(turn * COMMIT_ROW_COUNT + row)?;
            let cells = vec![Cell::Integer(id), Cell::Vector(vector.to_vec())];
            let from = day((1.0 + (random.share() * DAY_COUNT as f64).floor()) / DAY_COUNT as f64)?;
            let key = RowKey::Known(encode_key(&definition, &cells));
            rows.push(RowChange { key, cells: Some(cells), validity: Validity { from, to: None } });
        }
        let tables = vec![TableChanges { table: definition.id, rows }];
        store.commit(&Batch { message: "vectors".to_owned(), tables, ..Batch::default() }, at()?)?;
    }
    println!("grounds: committed in {:.1} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    store.seal_columns()?;
    println!("grounds: column files with the index built in {:.1} s", start.elapsed().as_secs_f64());
    Ok(store)
}

/// The vectors that are valid on `as_of`.
pub(super) fn search(reader: &Reader, as_of: Date) -> anyhow::Result<grounds_store::VectorSearch> {
    reader.vector_search(&definition(), 1, as_of)?.context("there is a column generation")
}
