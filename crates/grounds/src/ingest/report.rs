//! What an import did with every character of a file.

use std::collections::BTreeMap;
use std::fmt;

use grounds_core::{UnitKind, VersionId};
use serde::{Deserialize, Serialize};

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// The XML of the Official Journal of the European Union.
    Formex,
    /// Markdown, with or without front matter.
    Markdown,
    /// Text in any encoding.
    PlainText,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Formex => "Formex XML",
            Format::Markdown => "Markdown",
            Format::PlainText => "plain text",
        })
    }
}

/// What a file became.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The file was read, and no batch was planned yet.
    Parsed,
    /// The first text of a new document.
    New {
        /// The new version.
        version: VersionId,
    },
    /// Another text of a known document.
    NewVersion {
        /// The new version.
        version: VersionId,
    },
    /// A better text for an interval that had one.
    Corrected {
        /// The new version.
        version: VersionId,
        /// The version it replaces.
        replaces: VersionId,
    },
    /// The text is known and was read again: it refers to other provisions now, for the workspace has more of them, or this build reads more.
    Relinked {
        /// The version that has it.
        version: VersionId,
        /// Links that are new.
        added: usize,
        /// Links that no longer hold.
        removed: usize,
    },
    /// Nothing to write: this text is already known.
    Unchanged {
        /// The version that has it.
        version: VersionId,
    },
}

/// Characters that are not in the canonical text, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Why.
    pub reason: String,
    /// How many characters.
    pub count: usize,
    /// The first of them, at most 60.
    pub example: String,
}

/// A reference that names a provision which cannot be found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnresolvedReference {
    /// The reference as printed.
    pub text: String,
    /// Its line in the file, from 1.
    pub line: usize,
    /// The pinpoint of the unit it stands in; empty for the root.
    pub from: String,
}

/// What an import did with one file.
///
/// `used + structural + dropped` is `character_count`: every Unicode scalar value of the decoded file is in one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// The file's name.
    pub file: String,
    /// How it was read.
    pub format: Format,
    /// How its bytes were decoded, for example `UTF-8`.
    pub encoding: String,
    /// Characters (Unicode scalar values) in the decoded file.
    pub character_count: usize,
    /// Of these, characters that appear in the canonical text.
    pub used: usize,
    /// Of these, markup, and white space between elements.
    pub structural: usize,
    /// Of these, what was left out.
    pub dropped: Vec<Dropped>,
    /// How many units of each kind there are.
    pub unit_counts: BTreeMap<UnitKind, usize>,
    /// References that became links.
    pub links_resolved: usize,
    /// References to works that are not in the workspace, as printed, with how often; not an error.
    pub external_references: BTreeMap<String, usize>,
    /// References that should name a unit, and do not.
    pub unresolved_references: Vec<UnresolvedReference>,
    /// What was assumed, and how to say otherwise.
    pub notes: Vec<String>,
    /// What the file became.
    pub outcome: Outcome,
}

impl ImportReport {
    /// Characters left out.
    pub fn dropped_count(&self) -> usize {
        self.dropped.iter().map(|dropped| dropped.count).sum()
    }

    /// Whether every character is accounted for. Always true; asserted by the tests.
    pub fn is_complete(&self) -> bool {
        self.used + self.structural + self.dropped_count() == self.character_count
    }
}
