//! The bitemporal store of Grounds: a hash-chained log, tables with two time axes, and text search that agree.
//!
//! A [`Batch`](grounds_core::Batch) goes in through [`Store::commit`], which makes it durable as the next
//! [`Snapshot`](grounds_core::Snapshot). A [`Reader`] is the view at one snapshot; with a date it answers what was in force
//! then, and [`Reader::search`] ranks exactly as a fresh index over just the visible passages would.
//!
//! *Truth* is one redb file with a journal of the latest commits before it; nothing in it is overwritten but the end of a row's system time, which is set once. The *text
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
//!
//! A batch may declare a table and fill it; rows are found by key, on a day:
//! ```
//! # use grounds_core::{
//! #     Batch, Cell, Change, ColumnDefinition, ColumnType, Row, RowChange, RowKey, TableChanges, TableDefinition, Validity,
//! # };
//! # use grounds_store::{Store, StoreConfig, encode_key};
//! # use jiff::civil::Date;
//! # let folder = tempfile::tempdir()?;
//! # let store = Store::create(&folder.path().join(".grounds"), StoreConfig::new())?;
//! let column = |name: &str, column_type| ColumnDefinition {
//!     name: name.into(),
//!     column_type,
//!     nullable: false,
//!     default: None,
//!     full_text: None,
//! };
//! let fees = TableDefinition {
//!     id: store.read(store.latest()?)?.next_table_id()?,
//!     name: "fees".into(),
//!     columns: vec![column("name", ColumnType::Text), column("euros", ColumnType::Integer)],
//!     primary_key: vec![0],
//!     labels: vec![],
//!     indexes: vec![],
//!     checks: vec![],
//! };
//! let cells = vec![Cell::Text("filing".into()), Cell::Integer(120)];
//! let key = encode_key(&fees, &cells);
//! let validity = Validity::from(Date::constant(2024, 1, 1));
//! let row = RowChange { key: RowKey::Known(key.clone()), cells: Some(cells.clone()), validity };
//! let snapshot = store.commit(
//!     &Batch {
//!         message: "fees".into(),
//!         changes: vec![Change::Put { row: Row::Table(fees.clone()), validity: Validity::always() }],
//!         tables: vec![TableChanges { table: fees.id, rows: vec![row] }],
//!         ..Batch::default()
//!     },
//!     "2024-01-01T09:00Z".parse()?,
//! )?;
//! let reader = store.read(snapshot)?;
//! let found = reader.get(&fees, &key, Date::constant(2024, 7, 1))?.ok_or("a fee")?;
//! assert_eq!(found.cells, cells);
//! assert!(reader.get(&fees, &key, Date::constant(2023, 7, 1))?.is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod parallel;
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
mod vectors;
#[cfg(feature = "columns")]
mod columns;
mod background;
mod store;
mod open;
mod generations;
mod examine;
mod operations;

pub use built_in::{TableRef, built_in_cells, built_in_definition};
pub use cells::{
    BuiltInPiece, Clash, ClosedPiece, HeldPiece, KeyRange, KnownTime, Overlay, RowPiece, TableDelta, encode_key,
    encode_key_cells,
};
#[cfg(feature = "columns")]
pub use columns::{
    Bounds, ColumnFile, ColumnScan, ROW_NUMBER, RowPlace, RowQuery, RowRanking, SYSTEM_FROM, SYSTEM_TO, ScannedFile,
    Share, TimeBounds, VALID_FROM, VALID_TO, column_arrow_type,
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
pub use parallel::map_in_parallel;
pub use permission::Principal;
pub use reader::{Reader, RowVersion, Stored};
pub use schema::FORMAT;
pub use store::Store;
pub use text::analyse::{Token, analyse, analyse_with_characters, asking_terms};
pub use text::analyser::{Analyser, TermNumber};
pub use text::bm25f::Bm25fParameters;
pub use text::{
    QuestionWord, ScoreParts, TermPart, TermStatistics, TextHit, TextQuery, TextResult, WordPlaces, names_something,
    question_words,
};
#[cfg(feature = "columns")]
pub use vectors::{DistanceFrom, Metric, RowBits, VectorAccess, VectorQuery, VectorSearch};
