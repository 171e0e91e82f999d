//! Rows of declared tables against their definitions, each other and the log.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use grounds_core::{Row, Table, TableDefinition, TableId};

use super::Examination;
use crate::cells::{KnownTime, Place, decode_cells, decode_row, encode_key, place_of, row_digest, split_engine_key};
use crate::encoding::Hash;
use crate::error::{EngineContext, contain};
use crate::log::CellsDigest;
use crate::operations::Counter;
use crate::operations::tombstone::Tombstone;
use crate::{Reader, StoreError};

/// What the rows say that each commit did.
#[derive(Default)]
pub(super) struct SeenCells {
    opened: BTreeMap<u64, Vec<(u64, Hash)>>,
    closed: BTreeMap<u64, Vec<u64>>,
    /// The last key with its pieces, to compare them with each other.
    key: Option<(TableId, Vec<u8>)>,
    pieces: Vec<Place>,
}

impl SeenCells {
    /// The digest of what `snapshot` did; leaves nothing of it.
    pub(super) fn take_digest(&mut self, snapshot: u64) -> CellsDigest {
        let mut digest = CellsDigest::new();
        self.closed.remove(&snapshot).into_iter().flatten().for_each(|number| digest.closed(number));
        let mut opened = self.opened.remove(&snapshot).unwrap_or_default();
        opened.sort_unstable();
        opened.iter().for_each(|(_, row)| digest.opened(row));
        digest
    }

    /// A row that was erased, which the log still vouches for.
    pub(super) fn place_erased(&mut self, number: u64, tombstone: &Tombstone) {
        self.opened.entry(tombstone.known_from).or_default().push((number, tombstone.digest));
        if let Some(to) = tombstone.known_to {
            self.closed.entry(to).or_default().push(number);
        }
    }

    /// Snapshots of which something is left.
    pub(super) fn snapshots(&self) -> impl Iterator<Item = &u64> {
        self.opened.keys().chain(self.closed.keys())
    }

    fn place(&mut self, engine_key: &[u8], bytes: &[u8], place: Place, examination: &mut Examination) {
        let Some((table, key, number)) = split_engine_key(engine_key) else { return };
        self.opened.entry(place.known_from.0).or_default().push((number, row_digest(engine_key, bytes)));
        if let Some(to) = place.known_to {
            self.closed.entry(to.0).or_default().push(number);
            if to <= place.known_from {
                examination.truth("a row is closed before it is known", place_of(engine_key));
            }
        }
        if place.validity.to.is_some_and(|to| to <= place.validity.from) {
            examination.truth("a row is valid on no day", place_of(engine_key));
        }
        if self.key.as_ref().is_none_or(|(last_table, last_key)| (*last_table, last_key.as_slice()) != (table, key)) {
            self.pieces.clear();
            self.key = Some((table, key.to_owned()));
        }
        if self.pieces.iter().any(|other| share_a_point(other, &place)) {
            examination.truth("two rows hold on one day at one snapshot", place_of(engine_key));
        }
        self.pieces.push(place);
    }
}

/// Examines every row of every declared table.
pub(super) fn examine(
    reader: &Reader,
    counter: &mut Counter<'_>,
    examination: &mut Examination,
) -> Result<SeenCells, StoreError> {
    let definitions = match definitions(reader) {
        Err(StoreError::Corrupt { .. }) => None, // Has its own finding among the built-in rows.
        other => Some(other?),
    };
    let mut seen = SeenCells::default();
    let rows = contain("the cells table", || {
        for item in redb::ReadableTable::iter(reader.cells()?).while_("reading rows")? {
            let (engine_key, bytes) = item.while_("reading rows")?;
            let (engine_key, bytes) = (engine_key.value(), bytes.value());
            examination.row_count += 1;
            counter.add_one();
            match decode_row(engine_key, bytes) {
                Err(error) => examination.note(Err(error))?,
                Ok((place, cells)) => {
                    seen.place(engine_key, bytes, place, examination);
                    if let Some(definitions) = &definitions
                        && let Some(what) = wrong_with(definitions, engine_key, cells)
                    {
                        examination.truth(what, place_of(engine_key));
                    }
                }
            }
        }
        Ok(())
    });
    examination.note(rows)?;
    Ok(seen)
}

/// The widest definition of each table there ever was.
fn definitions(reader: &Reader) -> Result<HashMap<TableId, TableDefinition>, StoreError> {
    let mut definitions: HashMap<TableId, TableDefinition> = HashMap::new();
    reader.visit_built_in(Table::Tables, KnownTime::All, &mut |piece| {
        if let Row::Table(definition) = piece.row
            && definitions.get(&definition.id).is_none_or(|other| other.columns.len() <= definition.columns.len())
        {
            definitions.insert(definition.id, definition);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(definitions)
}

/// What does not fit between a row and its table.
fn wrong_with(
    definitions: &HashMap<TableId, TableDefinition>,
    engine_key: &[u8],
    cells: &[u8],
) -> Option<&'static str> {
    let Some((table, key, _)) = split_engine_key(engine_key) else { return Some("a key is too short") };
    let Some(definition) = definitions.get(&table) else {
        return Some("a row belongs to a table that was never declared");
    };
    let Some(cells) = decode_cells(cells, definition.columns.len()) else { return Some("a row's bytes are no cells") };
    if cells.len() > definition.columns.len() {
        return Some("a row has more cells than its table has columns");
    }
    if cells.iter().zip(&definition.columns).any(|(cell, column)| !cell.fits(column.column_type)) {
        return Some("a cell is not of its column's type");
    }
    let is_own = definition.primary_key.is_empty() || encode_key(definition, &cells) == key;
    (!is_own).then_some("a row is stored under a key that is not its own")
}

fn share_a_point(a: &Place, b: &Place) -> bool {
    a.validity.overlaps(b.validity)
        && a.known_to.is_none_or(|to| b.known_from < to)
        && b.known_to.is_none_or(|to| a.known_from < to)
}
