//! The law as the compiler sees it: a port that the caller fills.

use grounds_core::{DocumentId, Pinpoint, UnitId, Validity, VersionId};

/// The texts that rules cite.
pub trait CitedText {
    /// The document called `document`: by its id or a short title.
    fn resolve(&self, document: &str) -> Option<DocumentId>;

    /// What pinpoints of `document` begin with.
    fn label(&self, document: &DocumentId) -> String;

    /// Every version of the unit in force at some day of `validity`, oldest first.
    fn unit_versions(&self, document: &DocumentId, pinpoint: &Pinpoint, validity: Validity) -> Vec<CitedUnit>;

    /// Every version of the document in force at some day of `validity`, oldest first.
    fn versions_in(&self, document: &DocumentId, validity: Validity) -> Vec<(VersionId, Validity)>;
}

/// A unit as it stands in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CitedUnit {
    /// The version.
    pub version: VersionId,
    /// The unit.
    pub unit: UnitId,
    /// When that version is in force.
    pub in_force: Validity,
    /// The byte of the version's text at which `text` starts.
    pub start: u32,
    /// The unit's text.
    pub text: String,
    /// The unit's hash, see [`Unit::hash`](grounds_core::Unit::hash).
    pub hash: String,
    /// The citation as people write it, with the document's label.
    pub pinpoint: String,
}
