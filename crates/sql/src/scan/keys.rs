//! Which keys a scan needs to visit.

use std::ops::Bound;

use grounds_core::{Cell, TableDefinition};
use grounds_store::{KeyRange, encode_key_cells};

use crate::catalog::ColumnSource;
use crate::scan::test::{Comparison, Test};

/// A range of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    All,
    One(Vec<u8>),
    Between(Bound<Vec<u8>>, Bound<Vec<u8>>),
}

impl Keys {
    /// The narrowest range of keys of `table` that holds every row which passes `tests`.
    pub(crate) fn of(table: &TableDefinition, tests: &[Test]) -> Self {
        let mut prefix: Vec<Cell> = Vec::new();
        let on = |position: usize| tests.iter().filter(move |test| test.source == ColumnSource::Cell(position));
        for position in &table.primary_key {
            match on(*position).find(|test| test.comparison == Comparison::Equal) {
                Some(test) => prefix.push(test.value.clone()),
                None => break,
            }
        }
        let start = encode_key_cells(&prefix);
        if prefix.len() == table.primary_key.len() {
            return if prefix.is_empty() { Keys::All } else { Keys::One(start) };
        }
        // The encoding of a key's first cells stands for every key that begins with them.
        let (mut from, mut to) = match prefix.is_empty() {
            true => (Bound::Unbounded, Bound::Unbounded),
            false => (Bound::Included(start.clone()), Bound::Included(start)),
        };
        for test in on(table.primary_key[prefix.len()]) {
            let mut cells = prefix.clone();
            cells.push(test.value.clone());
            let edge = encode_key_cells(&cells);
            match test.comparison {
                Comparison::Greater => from = Bound::Excluded(edge),
                Comparison::GreaterOrEqual => from = Bound::Included(edge),
                Comparison::Less => to = Bound::Excluded(edge),
                Comparison::LessOrEqual => to = Bound::Included(edge),
                Comparison::Equal | Comparison::NotEqual => {}
            }
        }
        match (&from, &to) {
            (Bound::Unbounded, Bound::Unbounded) => Keys::All,
            _ => Keys::Between(from, to),
        }
    }

    /// As the store takes it; `None` where the range is empty.
    pub(crate) fn range(&self) -> Option<KeyRange<'_>> {
        Some(match self {
            Keys::All => KeyRange::All,
            Keys::One(key) => KeyRange::One(key),
            Keys::Between(from, to) => {
                if let (Bound::Included(first) | Bound::Excluded(first), Bound::Included(last) | Bound::Excluded(last)) =
                    (from, to)
                    && (first > last
                        || first == last && !matches!((from, to), (Bound::Included(_), Bound::Included(_))))
                {
                    return None;
                }
                KeyRange::Between { from: from.as_ref().map(Vec::as_slice), to: to.as_ref().map(Vec::as_slice) }
            }
        })
    }
}
