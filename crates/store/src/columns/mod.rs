//! Column generations: every table as Parquet files that other programs read too, with what a scan needs to stay exact.

mod schema;
mod batch;
mod times;
mod manifest;
mod write;
mod lanes;
mod map;
mod words;
mod companion;
mod tail;
mod file;
mod delta;
mod merge;
mod generation;
mod seal;
mod scan;
mod ranking;
mod search;
mod engine;

pub use file::ColumnFile;
pub use ranking::{RowQuery, RowRanking};
pub use scan::{ColumnScan, ScannedFile};
pub use schema::{ROW_NUMBER, SYSTEM_FROM, SYSTEM_TO, VALID_FROM, VALID_TO, column_arrow_type};
pub use search::RowPlace;
pub use times::{Bounds, Share, TimeBounds};

pub(crate) use engine::ColumnEngine;
pub(crate) use map::map_file;
pub(crate) use search::visible_rows;
pub(crate) use tail::Tail;
