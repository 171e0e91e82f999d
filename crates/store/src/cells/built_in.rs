//! Rows of built-in tables as pieces, whichever table they are of.

use std::ops::ControlFlow;

use grounds_core::{Row, Snapshot, Table, Validity};

use crate::cells::KnownTime;
use crate::encoding::{RowHead, place};
use crate::extent::Extent;
use crate::table::{Keys, content, decode_row, visit_heads};
use crate::{Reader, StoreError};

/// One rectangle on the two time axes, and the row of a built-in table that holds in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltInPiece {
    /// The row's key, see [`Row::key`].
    pub key: String,
    /// The piece's number: unique in the workspace, and greater than that of every piece written before.
    pub number: u64,
    /// The stretch of valid time.
    pub validity: Validity,
    /// The commit that wrote it.
    pub known_from: Snapshot,
    /// The commit that closed it, as far as the reader's snapshot knows.
    pub known_to: Option<Snapshot>,
    /// The row.
    pub row: Row,
}

impl Reader {
    /// Hands the pieces of a built-in table that the reader's principal sees to `visit`, in order of key, then of number, until it breaks.
    ///
    /// # Errors
    /// As [`Reader::tables`], and what `visit` returns.
    pub fn visit_built_in(
        &self,
        table: Table,
        known: KnownTime,
        visit: &mut dyn FnMut(BuiltInPiece) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let mut is_done = false;
        let window = match known {
            KnownTime::AtSnapshot => Extent::window(None, self.known_at()),
            KnownTime::All => Extent::up_to(self.known_at()),
        };
        visit_heads(self.rows()?, table, Keys::All, |key, number, head| {
            let is_wanted = match known {
                KnownTime::AtSnapshot => head.is_known_at(self.known_at()),
                KnownTime::All => head.known_from <= self.known_at(),
            };
            if is_done || !is_wanted || !self.sees_in(table, key, &head, &window)? {
                return Ok(());
            }
            let bytes = content(self.contents()?, table, key, &head)?;
            let row = decode_row(table, &bytes)
                .map_err(|_| StoreError::corrupt("a content is not a row", place(table, key)))?;
            let piece = BuiltInPiece {
                key: key.to_owned(),
                number,
                validity: head.validity,
                known_from: head.known_from,
                known_to: head.known_to.filter(|to| *to <= self.known_at()),
                row,
            };
            is_done = visit(piece)?.is_break();
            Ok(())
        })
    }

    /// Whether the reader's principal sees the piece somewhere in `window`.
    fn sees_in(&self, table: Table, key: &str, head: &RowHead, window: &Extent) -> Result<bool, StoreError> {
        self.permit().map_or(Ok(true), |permit| permit.sees(self, table, key, &Extent::of(head), window))
    }
}
