//! Tables with two time axes, as plainly as they can be said: for each snapshot all pieces of all rows, in lists.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::value::{OPEN, Value};

/// One stretch of valid time in which a row holds these cells; days from `from` up to `to`, exclusive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Piece {
    pub(crate) from: i32,
    pub(crate) to: i32,
    pub(crate) cells: Vec<Value>,
}

impl Piece {
    pub(crate) fn holds_on(&self, day: i32) -> bool {
        self.from <= day && day < self.to
    }

    pub(crate) fn overlaps(&self, from: i32, to: i32) -> bool {
        self.from < to && from < self.to
    }
}

/// A kind of column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Text,
    Money,
    Day,
}

/// One table at one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// Names and kinds; the first is the key, where there is one.
    pub(crate) columns: Vec<(String, Kind)>,
    pub(crate) has_key: bool,
    pub(crate) labels: Vec<String>,
    /// The column whose values are unique, where there is one, and whether an index says so that can be dropped.
    pub(crate) unique: Option<(usize, bool)>,
    /// Tells a table from an earlier one of the same name.
    pub(crate) incarnation: u64,
    /// Pieces by row: by key, or by a number of the model's own.
    pub(crate) rows: BTreeMap<i64, Vec<Piece>>,
}

impl Table {
    /// Lets a row hold `cells` from `from` to `to`; nothing changes where it holds them already.
    pub(crate) fn put(&mut self, row: i64, cells: Vec<Value>, from: i32, to: i32) {
        let pieces = self.rows.entry(row).or_default();
        let mut days_to_cover = vec![(from, to)];
        for piece in pieces.iter().filter(|piece| piece.cells == cells) {
            days_to_cover = days_to_cover
                .into_iter()
                .flat_map(|(from, to)| [(from, to.min(piece.from)), (from.max(piece.to), to)])
                .filter(|(from, to)| from < to)
                .collect();
        }
        if days_to_cover.is_empty() {
            return;
        }
        cut_out(pieces, from, to);
        pieces.push(Piece { from, to, cells });
        pieces.sort();
    }

    /// Whether another row than `row` holds the unique value of `cells` on a day from `from` to `to`.
    pub(crate) fn is_held_elsewhere(&self, row: i64, cells: &[Value], from: i32, to: i32) -> bool {
        let Some((column, _)) = self.unique else { return false };
        cells[column] != Value::Null
            && self.rows.iter().filter(|(other, _)| **other != row).any(|(_, pieces)| {
                pieces.iter().any(|piece| piece.overlaps(from, to) && piece.cells[column] == cells[column])
            })
    }

    /// Whether two rows hold the same unique value on one day.
    pub(crate) fn repeats(&self) -> bool {
        self.rows.iter().any(|(row, pieces)| {
            pieces.iter().any(|piece| self.is_held_elsewhere(*row, &piece.cells, piece.from, piece.to))
        })
    }

    /// Lets a row hold nothing from `from` to `to`.
    pub(crate) fn remove(&mut self, row: i64, from: i32, to: i32) {
        if let Some(pieces) = self.rows.get_mut(&row) {
            cut_out(pieces, from, to);
        }
        self.rows.retain(|_, pieces| !pieces.is_empty());
    }

    /// Rows with the piece that holds on a day.
    pub(crate) fn on(&self, day: i32) -> impl Iterator<Item = (i64, &Piece)> {
        self.rows.iter().flat_map(move |(row, pieces)| {
            pieces.iter().filter(move |piece| piece.holds_on(day)).map(move |piece| (*row, piece))
        })
    }
}

/// Takes the days from `from` to `to` out of every piece.
fn cut_out(pieces: &mut Vec<Piece>, from: i32, to: i32) {
    let mut left = Vec::new();
    for piece in pieces.drain(..) {
        if !piece.overlaps(from, to) {
            left.push(piece);
            continue;
        }
        for (from, to) in [(piece.from, from), (to, piece.to)] {
            if from < to {
                left.push(Piece { from, to, cells: piece.cells.clone() });
            }
        }
    }
    left.sort();
    *pieces = left;
}

/// All tables at one snapshot.
pub(crate) type State = BTreeMap<String, Rc<Table>>;

/// All snapshots.
pub(crate) struct Model {
    /// The state after each commit, from the empty one.
    pub(crate) snapshots: Vec<State>,
    /// What an open transaction has made of the latest state.
    pub(crate) transaction: Option<State>,
}

impl Model {
    pub(crate) fn new() -> Self {
        Self { snapshots: vec![State::new()], transaction: None }
    }

    /// What a statement sees.
    pub(crate) fn current(&self) -> &State {
        self.transaction.as_ref().unwrap_or_else(|| self.latest())
    }

    pub(crate) fn latest(&self) -> &State {
        self.snapshots.last().expect("the empty state is there")
    }

    pub(crate) fn latest_number(&self) -> u64 {
        self.snapshots.len() as u64 - 1
    }

    /// Takes over what a statement made; returns the snapshot that it commits, where it changes anything outside a transaction.
    pub(crate) fn settle(&mut self, state: State) -> Option<u64> {
        if self.transaction.is_some() {
            self.transaction = Some(state);
            return None;
        }
        self.commit(state)
    }

    /// Makes `state` the next snapshot, unless it is the latest one again.
    pub(crate) fn commit(&mut self, state: State) -> Option<u64> {
        if state == *self.latest() {
            return None;
        }
        self.snapshots.push(state);
        Some(self.latest_number())
    }

    /// Applies `change` to a copy of a table.
    pub(crate) fn changed(&self, table: &str, change: impl FnOnce(&mut Table)) -> State {
        let mut state = self.current().clone();
        if let Some(table) = state.get_mut(table) {
            change(Rc::make_mut(table));
        }
        state
    }
}

/// Days that a validity can have, so that every boundary lies between two of them.
pub(crate) const DAY_END: i32 = 9;

const _: () = assert!(DAY_END < OPEN);
