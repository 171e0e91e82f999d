//! The addressable pieces of a version.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{DocumentId, Span, VersionId};

/// The name of a unit within its version: its steps from the root, joined by `__`, as in Akoma Ntoso's `eId`
/// (OASIS LegalDocML naming convention), for example `art_33__par_1__point_b`. The root of a version is `root`.
///
/// The same provision has the same name in every version of a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitId(pub String);

impl UnitId {
    /// The root of every version.
    pub fn root() -> Self {
        Self("root".to_owned())
    }

    /// The name of the child of `self` with this kind and number (or ordinal among its siblings, where unnumbered).
    ///
    /// Articles, recitals and annexes are numbered through their document, so their names leave out chapters.
    pub fn child(&self, kind: UnitKind, number: &str) -> Self {
        let number: String =
            number.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
        if *self == Self::root() || kind.is_numbered_throughout() {
            return Self(format!("{}_{number}", kind.prefix()));
        }
        Self(format!("{}__{}_{number}", self.0, kind.prefix()))
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a unit is in its document's structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// The whole version.
    Root,
    /// Title page, citations ("Having regard to"), and everything before the first provision.
    Preamble,
    /// A recital.
    Recital,
    /// A part, title, book.
    Part,
    /// A chapter.
    Chapter,
    /// A section of a chapter, or of a document that has sections only.
    Section,
    /// An article, or a § of a statute.
    Article,
    /// A numbered paragraph of an article, or of a decision.
    Paragraph,
    /// An unnumbered paragraph inside a paragraph or article.
    Subparagraph,
    /// A lettered or numbered item.
    Point,
    /// An item of an item.
    Subpoint,
    /// An annex or schedule.
    Annex,
    /// A footnote.
    Note,
    /// Signatures and everything after the last provision.
    Final,
}

impl UnitKind {
    /// The prefix in a [`UnitId`].
    pub fn prefix(self) -> &'static str {
        match self {
            UnitKind::Root => "root",
            UnitKind::Preamble => "preamble",
            UnitKind::Recital => "recital",
            UnitKind::Part => "part",
            UnitKind::Chapter => "chapter",
            UnitKind::Section => "section",
            UnitKind::Article => "art",
            UnitKind::Paragraph => "par",
            UnitKind::Subparagraph => "subpar",
            UnitKind::Point => "point",
            UnitKind::Subpoint => "subpoint",
            UnitKind::Annex => "annex",
            UnitKind::Note => "note",
            UnitKind::Final => "final",
        }
    }

    /// Whether such units are numbered through the whole document, whatever chapter they are in.
    pub fn is_numbered_throughout(self) -> bool {
        matches!(self, UnitKind::Article | UnitKind::Recital | UnitKind::Annex | UnitKind::Note)
    }
}

/// An addressable piece of a version; units of a version form a tree in document order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// The work.
    pub document: DocumentId,
    /// The text it is in.
    pub version: VersionId,
    /// Its name within the version.
    pub id: UnitId,
    /// The unit it is part of; `None` for the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<UnitId>,
    /// Its position in document order, from 0 (the root).
    pub ordinal: u32,
    /// What it is.
    pub kind: UnitKind,
    /// Its number as printed, without punctuation ("33", "b", "iv"); of unnumbered sections and subparagraphs the ordinal among their siblings, so that
    /// citations find them; empty for other units without a number.
    pub number: String,
    /// Its heading as printed; empty where it has none.
    pub heading: String,
    /// Its citation as people write it, without the document: "art. 33(1)(b)". Empty for the root.
    pub pinpoint: String,
    /// All its text: label, heading, own words and descendants.
    pub span: Span,
    /// Its text without its label and heading: own words and descendants.
    pub body: Span,
    /// BLAKE3 of the text in `span` with every run of white space made one space, 64 hexadecimal digits: two versions of a unit
    /// with the same hash say the same.
    pub hash: String,
}
