//! The bitemporal store of Grounds: a hash-chained log, tables with two time axes, and text search that agree.
//!
//! A [`Batch`](grounds_core::Batch) goes in through [`Store::commit`], which makes it durable as the next
//! [`Snapshot`](grounds_core::Snapshot). A [`Reader`] is the view at one snapshot; with a date it answers what was in force
//! then, and [`Reader::search`] ranks exactly as a fresh index over just the visible passages would.
//!
//! *Truth* is one redb file; nothing in it is overwritten but the end of a row's system time, which is set once. The *text
//! generation* is derived from it and may be deleted at any time. `docs/format.md` has the bytes.
//!
//! **Architecture invariants:** nothing here knows SQL, rules or models; there is no clock (time comes in with a commit),
//! nothing is printed, and nothing is asynchronous.
//!
//! # Examples
//! ```
//! use grounds_core::{Batch, Change, MatterRow, Row, Snapshot, Validity};
//! use grounds_store::{Store, StoreConfig};
//!
//! let folder = tempfile::tempdir()?;
//! let store = Store::create(&folder.path().join(".grounds"), StoreConfig::new())?;
//! let matter = MatterRow { name: "late-notice".into(), source: "as of 2021-03-01".into() };
//! let change = Change::Put { row: Row::Matter(matter.clone()), validity: Validity::always() };
//! let batch = Batch { message: "add a matter".into(), changes: vec![change], ..Batch::default() };
//!
//! let snapshot = store.commit(&batch, "2021-03-01T09:00Z".parse()?)?;
//! assert_eq!(snapshot, Snapshot(1));
//! assert_eq!(store.read(snapshot)?.matters()?[0].row, matter);
//! assert!(store.read(Snapshot(0))?.matters()?.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod config;
mod disk;
mod schema;
mod encoding;
mod bitemporal;
mod extent;
mod log;
mod truth;
mod index;
mod table;
mod cells;
mod built_in;
mod denial;
mod permission;
mod commit;
mod journal;
mod writer;
mod reader;
mod text;
#[cfg(feature = "columns")]
mod columns;
mod store;
mod open;
mod generations;
mod examine;
mod operations;

pub use built_in::{TableRef, built_in_cells, built_in_definition};
pub use cells::{
    BuiltInPiece, ClosedPiece, HeldPiece, KeyRange, KnownTime, Overlay, RowPiece, TableDelta, encode_key,
    encode_key_cells,
};
#[cfg(feature = "columns")]
pub use columns::{
    Bounds, ColumnFile, ColumnScan, ROW_NUMBER, SYSTEM_FROM, SYSTEM_TO, ScannedFile, Share, TimeBounds, VALID_FROM,
    VALID_TO, column_arrow_type,
};
pub use config::StoreConfig;
pub use denial::{Denial, DeniedKind};
pub use disk::{DiskFault, DiskOperation, FaultyDisk, MemoryDisk, SystemDisk};
pub use error::StoreError;
pub use examine::{Examination, Finding};
pub use generations::{GenerationKind, GenerationState, GenerationStatus};
pub use log::LogEntry;
pub use operations::{
    BackupReport, EraseRequest, EraseTarget, Erasure, ErasureExtent, ExportReport, OnProgress, Progress,
};
pub use permission::Principal;
pub use reader::{Reader, RowVersion, Stored};
pub use schema::FORMAT;
pub use store::Store;
pub use text::analyse::{Token, analyse};
pub use text::bm25f::Bm25fParameters;
pub use text::{TermStatistics, TextHit, TextQuery, TextResult};
