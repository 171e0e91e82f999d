//! Shared nouns and ports of Grounds, as plain data.
//!
//! Everything the stages hand to each other is named here, in the order in which it flows: documents become
//! [`Version`]s with [`Unit`]s and [`Span`]s, a [`Batch`] is committed at a [`Snapshot`], a [`Question`] finds
//! [`Hit`]s, a [`Case`] and a [`Program`] give a [`Proof`], and a [`Draft`] is what the verifier accepts or refuses.
//!
//! **Architecture invariant:** this crate does no input or output, and has no clock, no randomness and no locale.
//!
//! # Examples
//! ```
//! use grounds_core::{Pinpoint, Span};
//!
//! let pinpoint = Pinpoint::parse("GDPR art. 33(1)(b)").expect("a well-formed pinpoint");
//! assert_eq!(pinpoint.document.as_deref(), Some("GDPR"));
//! assert_eq!(pinpoint.to_string(), "GDPR art. 33(1)(b)");
//! assert_eq!(Span::new(2, 5).len(), 3);
//! ```

mod span;
mod time;
mod document;
mod unit;
mod numeral;
mod pinpoint;
mod value;
mod link;
mod row;
mod table;
mod question;
mod fact;
mod rule_term;
mod proof_term;
mod draft;
mod error;
mod port;

pub use document::{Document, DocumentId, SourceKind, Version, VersionId};
pub use draft::{
    AssessedClaim, Claim, Draft, Element, ElementStatus, Excerpt, Grounds, OpenQuestion, Precedent, Reason, Refusal,
    Role, Sanction, SanctionSpread, SealedProof,
};
pub use error::{Hint, Kind};
pub use fact::{Case, Entity, Fact, FactGrounds};
pub use link::{Link, LinkKind};
pub use numeral::han_number;
pub use pinpoint::{Pinpoint, PinpointError, Step, StepKind, article_number, article_suffix_place};
pub use port::{DirectoryEntry, Disk, DiskFile, Embed, EmbedError, EmbedRole, OpenMode};
pub use proof_term::{Judgement, Justification, Node, NodeId, Proof, Status};
pub use question::{Evidence, FoundBy, Hit, Question, WrittenOut};
pub use row::{
    AnswerRow, Batch, Change, LabelRow, MatterRow, ModelRow, OriginalRow, PassageRow, Pin, PrincipalRow, Row,
    RuleFileRow, Table,
};
pub use rule_term::{
    Amendment, Atom, Calendar, Citation, ClaimDeclaration, ClaimKind, Column, Comparison, Conclusion, Condition,
    Expression, FactDeclaration, FactMode, Holiday, Preference, Program, Reading, Rounding, RoundingMode, Rule,
    RuleKind, Slice, ValueRow, ValueTable, Variable,
};
pub use span::Span;
pub use table::{
    Cell, CheckDefinition, ColumnDefinition, ColumnType, FullText, IndexDefinition, RowChange, RowKey, TableChanges,
    TableDefinition, TableId, date_of, days_of,
};
pub use time::{AsOf, Instant, InstantError, Snapshot, Validity};
pub use unit::{Unit, UnitId, UnitKind};
pub use value::{Duration, Money, Rational, Type, Value, ValueError};
