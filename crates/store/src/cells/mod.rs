//! Rows of declared tables: their keys, their bytes, how a commit changes them, and how they are read.

mod key;
mod row;
mod catalogue;
mod check;
mod piece;
pub(crate) mod unique;
mod cache;
mod change;
mod delta;
mod read;
mod built_in;
mod overlay;
mod overlay_unique;

pub use built_in::BuiltInPiece;
pub use key::{encode_key, encode_key_cells};
pub use overlay::{HeldPiece, Overlay};
pub use overlay_unique::Clash;
pub use piece::{ClosedPiece, KeyRange, KnownTime, RowPiece, TableDelta};

pub(crate) use cache::{RowBuilder, RowCache};
pub(crate) use catalogue::Catalogue;
pub(crate) use change::{CellsWriter, write_tables};
pub(crate) use delta::{
    BUILT_IN, BuiltInChange, ChangedRow, PartWriter, decode_part, visit_built_in_changes, write_built_in_changes,
};
pub(crate) use key::{engine_key, split_engine_key};
pub(crate) use row::{
    Place, decode_cells, decode_row, encode_cells, encode_row, place_of, push_number, row_digest, take_number,
};
