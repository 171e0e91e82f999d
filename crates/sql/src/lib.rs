//! SQL over a Grounds workspace: every table at any snapshot and date.
//!
//! A [`Database`] holds a store and the query engine; a [`Session`] stands at a valid date and a snapshot, and runs statements. A text is cut into statements,
//! extended with our syntax for time, parsed, rewritten from other dialects, and planned: every table in it becomes a provider at its own time, whose scan reads
//! the store. Statements that change rows select them by such a plan, write them into the session's transaction, and commit once.
//!
//! **Architecture invariants:** this is the only crate that names DataFusion; there is no clock (time comes in with a statement), and nothing is printed.

mod error;
mod types;
mod cell_text;
mod arrays;
mod time;
mod syntax;
mod dialect;
mod built_in;
mod catalog;
mod scan;
mod provider;
mod transaction;
mod standpoint;
mod view;
mod file;
mod function;
mod context;
mod constant;
mod period;
mod statement;
mod rows;
mod session;
mod database;

/// The Arrow that rows of results are in.
pub use datafusion::arrow;

pub use database::{Database, DatabaseConfig};
pub use error::SqlError;
pub use function::{ClaimSource, ClassifierSource, DerivedClaim, Functions, TextClasses, TextClassifier};
pub use rows::{RowFormat, Rows};
pub use session::{Cancel, Session, StatementResult, StatementText};
pub use statement::show::{ColumnSummary, TableSummary};
pub use time::{SystemTime, TimeSelection, ValidTime};
