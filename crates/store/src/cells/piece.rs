//! What readers hand out of declared tables, and how they are asked.

use std::ops::Bound;

use grounds_core::{Cell, Snapshot, Validity};

/// One rectangle on the two time axes, and the cells that a row of a declared table holds in it.
///
/// A row whose validity was split is stored in several pieces; pieces of one key never share a day at a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowPiece {
    /// The row's key, see [`RowKey::Known`](grounds_core::RowKey::Known).
    pub key: Vec<u8>,
    /// The piece's number: unique in the workspace, and greater than that of every piece written before.
    pub number: u64,
    /// The stretch of valid time.
    pub validity: Validity,
    /// The commit that wrote it.
    pub known_from: Snapshot,
    /// The commit that closed it, as far as the reader's snapshot knows.
    pub known_to: Option<Snapshot>,
    /// One for each column of the table as it was asked for.
    pub cells: Vec<Cell>,
}

/// A piece that is no longer known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedPiece {
    /// The row's key.
    pub key: Vec<u8>,
    /// The piece's number.
    pub number: u64,
    /// The commit that closed it.
    pub known_to: Snapshot,
}

/// What happened to a declared table between two snapshots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableDelta {
    /// Every piece written after the earlier snapshot, in order of number; those closed since have `known_to`.
    pub opened: Vec<RowPiece>,
    /// Every piece that was known at the earlier snapshot and is not at the later one, in order of number.
    pub closed: Vec<ClosedPiece>,
}

/// Which pieces of a key are wanted, on system time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownTime {
    /// Those known at the reader's snapshot.
    AtSnapshot,
    /// All that were written up to the reader's snapshot, also those closed since.
    All,
}

/// Which keys of a declared table are wanted. The encoding of a key's first cells stands for every key that begins with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRange<'a> {
    /// Every key.
    All,
    /// One key.
    One(&'a [u8]),
    /// The keys between two.
    Between {
        /// Where they begin.
        from: Bound<&'a [u8]>,
        /// Where they end.
        to: Bound<&'a [u8]>,
    },
}
