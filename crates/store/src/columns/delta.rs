//! The pieces of any table, and what happened to it between two snapshots.

use std::ops::ControlFlow;

use grounds_core::{Snapshot, Table};

use crate::built_in::{TableRef, built_in_cells};
use crate::cells::{ClosedPiece, KeyRange, KnownTime, RowPiece, TableDelta};
use crate::encoding::{RowHead, place};
use crate::table::{Keys, content, decode_row, visit_heads};
use crate::{Reader, StoreError};

/// Hands every piece that the reader knows of to `visit`, those closed since too, in order of key, then of number.
pub(crate) fn visit_pieces(
    reader: &Reader,
    table: TableRef<'_>,
    mut visit: impl FnMut(RowPiece) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    match table {
        TableRef::Declared(definition) => reader.visit_rows(definition, KeyRange::All, KnownTime::All, &mut |piece| {
            visit(piece)?;
            Ok(ControlFlow::Continue(()))
        }),
        TableRef::BuiltIn(table) => reader.visit_built_in(table, KnownTime::All, &mut |piece| {
            visit(RowPiece {
                key: piece.key.into_bytes(),
                number: piece.number,
                validity: piece.validity,
                known_from: piece.known_from,
                known_to: piece.known_to,
                cells: built_in_cells(&piece.row),
            })?;
            Ok(ControlFlow::Continue(()))
        }),
    }
}

/// What happened to a table after `since`, up to the reader's snapshot.
pub(crate) fn changes_since(reader: &Reader, table: TableRef<'_>, since: Snapshot) -> Result<TableDelta, StoreError> {
    if reader.known_at() <= since {
        return Ok(TableDelta::default());
    }
    match table {
        TableRef::Declared(definition) => reader.changes_since(definition, since),
        TableRef::BuiltIn(table) => built_in_changes(reader, table, since),
    }
}

/// Looks at every row head of the table, and at the contents of those that are new.
fn built_in_changes(reader: &Reader, table: Table, since: Snapshot) -> Result<TableDelta, StoreError> {
    let mut delta = TableDelta::default();
    let known_at = reader.known_at();
    visit_heads(reader.rows()?, table, Keys::All, |key, number, head| {
        let known_to = head.known_to.filter(|to| *to <= known_at);
        if head.known_from > known_at {
            return Ok(());
        }
        if head.known_from > since {
            delta.opened.push(opened(reader, table, key, number, &head)?);
        } else if let Some(known_to) = known_to.filter(|to| *to > since) {
            delta.closed.push(ClosedPiece { key: key.as_bytes().to_vec(), number, known_to });
        }
        Ok(())
    })?;
    delta.opened.sort_unstable_by_key(|piece| piece.number);
    delta.closed.sort_unstable_by_key(|piece| piece.number);
    Ok(delta)
}

fn opened(reader: &Reader, table: Table, key: &str, number: u64, head: &RowHead) -> Result<RowPiece, StoreError> {
    let bytes = content(reader.contents()?, table, key, head)?;
    let row =
        decode_row(table, &bytes).map_err(|_| StoreError::corrupt("a content is not a row", place(table, key)))?;
    Ok(RowPiece {
        key: key.as_bytes().to_vec(),
        number,
        validity: head.validity,
        known_from: head.known_from,
        known_to: head.known_to.filter(|to| *to <= reader.known_at()),
        cells: built_in_cells(&row),
    })
}
