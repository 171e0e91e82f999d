//! Typed edges between units.

use serde::{Deserialize, Serialize};

use crate::{DocumentId, Span, UnitId, VersionId};

/// What one unit does to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// Refers to it.
    Cites,
    /// Changes its text.
    Amends,
    /// Says officially what it means.
    Interprets,
    /// Applies it to facts.
    Applies,
    /// Takes its place.
    Supersedes,
}

/// An edge from the unit that contains the reference to the unit it names.
///
/// The target is named by document and unit, not by version: a reference means the text in force when it is followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What the edge means.
    pub kind: LinkKind,
    /// The citing work.
    pub from_document: DocumentId,
    /// The citing text.
    pub from_version: VersionId,
    /// The smallest unit that contains the reference.
    pub from_unit: UnitId,
    /// Where the reference stands in the citing text.
    pub span: Span,
    /// The cited work.
    pub to_document: DocumentId,
    /// The cited unit; the root where the whole work is cited.
    pub to_unit: UnitId,
}
