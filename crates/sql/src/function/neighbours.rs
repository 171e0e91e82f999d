//! `neighbours('table', 'column', vector, k => n)`: the rows whose vectors are nearest, by an exact scan.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;
use std::sync::Arc;

use grounds_core::{Cell, ColumnType};

use crate::SqlError;
use crate::catalog::Source;
use crate::context::Context;
use crate::function::arguments::Arguments;
use crate::function::lazy::{LazyTable, batch, schema};
use crate::scan::{Content, Keys, Readable, visit_pieces};

const USAGE: &str =
    "neighbours('table', 'column', [0.1, 0.2, ...], k => 10, metric => 'cosine'), or metric => 'l2', 'dot'";

/// How far two vectors are apart; smaller is nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Metric {
    Cosine,
    Euclidean,
    /// The negative of the dot product.
    Dot,
}

impl Metric {
    fn distance(self, a: &[f32], b: &[f32]) -> f64 {
        let pairs = || a.iter().zip(b).map(|(a, b)| (f64::from(*a), f64::from(*b)));
        let dot = || pairs().map(|(a, b)| a * b).sum::<f64>();
        match self {
            Metric::Dot => -dot(),
            Metric::Euclidean => pairs().map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt(),
            Metric::Cosine => {
                let norm = |numbers: &[f32]| numbers.iter().map(|n| f64::from(*n).powi(2)).sum::<f64>().sqrt();
                let norms = norm(a) * norm(b);
                // A vector without a direction is as far as one at a right angle.
                if norms > 0.0 { 1.0 - dot() / norms } else { 1.0 }
            }
        }
    }
}

/// The table that `neighbours` stands for: rank, distance, and the columns of the table.
pub(crate) fn table(context: &Context<'_>, arguments: &Arguments) -> Result<LazyTable, SqlError> {
    arguments.expect(3, &["table", "column", "vector", "k", "metric"], USAGE)?;
    let (table, column) = (arguments.text(0, "table")?, arguments.text(1, "column")?);
    let count = arguments.count("k", 10)?;
    let metric = match arguments.optional_text("metric")?.as_deref() {
        None | Some("cosine") => Metric::Cosine,
        Some("l2") => Metric::Euclidean,
        Some("dot") => Metric::Dot,
        Some(other) => return Err(arguments.wrong(format!("`{other}` is not a metric: cosine, l2 or dot"))),
    };
    let readable = context.standpoint.readable(&table, context.standpoint.here(), &[], false)?;
    let Source::Declared(definition) = &readable.source else {
        return Err(arguments.wrong(format!("{table} is built in and has no vectors")));
    };
    let unknown = || SqlError::UnknownColumn { table: table.clone(), column: column.clone() };
    let position = definition.column_position(&column).ok_or_else(unknown)?;
    let column_type = definition.columns[position].column_type;
    if !matches!(column_type, ColumnType::Vector { .. }) {
        return Err(arguments.wrong(format!("column {column} holds no vectors")));
    }
    let Some(Cell::Vector(wanted)) = arguments.cell(2, "vector", column_type)? else {
        return Err(arguments.wrong(format!("the argument `vector` is missing: write {USAGE}")));
    };
    let mut columns = vec![("rank", ColumnType::Integer), ("distance", ColumnType::Double)];
    columns.extend(definition.columns.iter().map(|column| (column.name.as_str(), column.column_type)));
    let schema = schema(&columns);
    let types: Vec<ColumnType> = columns.iter().map(|(_, column_type)| *column_type).collect();
    let own = Arc::clone(&schema);
    let label = format!(
        "neighbours in {table}.{column}, k={count}, exact, valid {}, known {}",
        readable.time.valid, readable.time.system
    );
    let compute = Arc::new(move || {
        let rows: Vec<Vec<Cell>> = (1..)
            .zip(nearest(&readable, position, &wanted, metric, count)?)
            .map(|(rank, (distance, cells))| [vec![Cell::Integer(rank), Cell::Double(distance)], cells].concat())
            .collect();
        batch(&own, &types, &rows)
    });
    Ok(LazyTable { label, schema, compute })
}

/// A row among the nearest so far; the farthest is the greatest.
struct Near {
    distance: f64,
    at: usize,
    cells: Vec<Cell>,
}

impl PartialEq for Near {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Near {}

impl PartialOrd for Near {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Near {
    fn cmp(&self, other: &Self) -> Ordering {
        self.distance.total_cmp(&other.distance).then(self.at.cmp(&other.at))
    }
}

/// The nearest rows, nearest first; equal ones in order of key.
fn nearest(
    readable: &Readable,
    position: usize,
    wanted: &[f32],
    metric: Metric,
    count: usize,
) -> Result<Vec<(f64, Vec<Cell>)>, SqlError> {
    let mut heap: BinaryHeap<Near> = BinaryHeap::new();
    let mut at = 0;
    visit_pieces(readable, &Keys::All, &mut |piece| {
        at += 1;
        let Content::Cells(cells) = piece.content else { return Ok(ControlFlow::Continue(())) };
        let Some(Cell::Vector(vector)) = cells.get(position) else { return Ok(ControlFlow::Continue(())) };
        let distance = metric.distance(vector, wanted);
        let is_near = heap.len() < count || heap.peek().is_some_and(|farthest| distance < farthest.distance);
        if is_near {
            heap.push(Near { distance, at, cells: cells.to_vec() });
            if heap.len() > count {
                heap.pop();
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(heap.into_sorted_vec().into_iter().map(|near| (near.distance, near.cells)).collect())
}
