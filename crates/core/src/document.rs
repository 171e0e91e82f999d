//! Works and their texts over time.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of one work in its workspace: lower case, digits and hyphens, for example `gdpr`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentId(pub String);

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of one version: the document's name, `@`, and its ordinal from 1 in order of import, for example `gdpr@2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionId(pub String);

impl VersionId {
    /// Names the `ordinal`-th version (from 1) of `document`.
    pub fn new(document: &DocumentId, ordinal: u32) -> Self {
        Self(format!("{document}@{ordinal}"))
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where documents come from, and so what weight their words have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// Binding text: acts, regulations, codes.
    Regulation,
    /// Past decisions and judgments on facts.
    Precedent,
    /// Official readings: guidelines, opinions, answers.
    Interpretation,
    /// Everything else worth quoting.
    Reference,
}

impl SourceKind {
    /// All kinds, the most binding first.
    pub const ALL: [SourceKind; 4] =
        [SourceKind::Regulation, SourceKind::Precedent, SourceKind::Interpretation, SourceKind::Reference];

    /// The kind's name in files, JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            SourceKind::Regulation => "regulation",
            SourceKind::Precedent => "precedent",
            SourceKind::Interpretation => "interpretation",
            SourceKind::Reference => "reference",
        }
    }

    /// The kind called `name`, or `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One work: an act, a decision, a guideline. Its texts are its [`Version`]s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its name.
    pub id: DocumentId,
    /// What it is.
    pub kind: SourceKind,
    /// The full title.
    pub title: String,
    /// The short titles people cite it by ("GDPR"); the first is used in pinpoints. May be empty.
    #[serde(default)]
    pub short_titles: Vec<String>,
    /// BCP 47 primary language ("en"), or "und".
    pub language: String,
    /// Other facts stated by the source, such as `sanction`, `decided`, `outcome`, `note`; names as in its front matter.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// Labels a principal must hold, all of them, to see it, in order; without any it is seen by the owner of the workspace alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

impl Document {
    /// What pinpoints begin with: the first short title, else the name.
    pub fn label(&self) -> &str {
        self.short_titles.first().map_or(self.id.0.as_str(), String::as_str)
    }
}

/// The text of one document in one state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its name.
    pub id: VersionId,
    /// The work it is a text of.
    pub document: DocumentId,
    /// 1 for the first imported, then 2, ...
    pub ordinal: u32,
    /// The canonical text that every span of this version points into. UTF-8, lines end in `\n`.
    pub text: String,
    /// BLAKE3 of `text`, 64 hexadecimal digits.
    pub text_hash: String,
    /// BLAKE3 of the original bytes, which are kept under this name.
    pub original_hash: String,
    /// The file the bytes came from, as the user named it, without its folder.
    pub file_name: String,
}
