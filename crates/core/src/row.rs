//! What a commit holds: rows of the built-in tables with the dates on which they are valid.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    Document, DocumentId, Link, Span, TableChanges, TableDefinition, Unit, UnitId, Validity, Version, VersionId,
};

/// A built-in table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// [`Document`]
    Documents,
    /// [`Version`]
    Versions,
    /// [`Unit`]
    Units,
    /// [`PassageRow`]
    Passages,
    /// [`Link`]
    Links,
    /// [`RuleFileRow`]
    Rules,
    /// [`MatterRow`]
    Matters,
    /// [`AnswerRow`]
    Answers,
    /// [`TableDefinition`]
    Tables,
    /// [`PrincipalRow`]
    Principals,
    /// [`LabelRow`]
    Labels,
    /// [`ModelRow`]
    Models,
}

impl Table {
    /// All tables, in the order in which a commit writes them.
    pub const ALL: [Table; 12] = [
        Table::Documents,
        Table::Versions,
        Table::Units,
        Table::Passages,
        Table::Links,
        Table::Rules,
        Table::Matters,
        Table::Answers,
        Table::Tables,
        Table::Principals,
        Table::Labels,
        Table::Models,
    ];

    /// The table's name.
    pub fn name(self) -> &'static str {
        match self {
            Table::Documents => "documents",
            Table::Versions => "versions",
            Table::Units => "units",
            Table::Passages => "passages",
            Table::Links => "links",
            Table::Rules => "rules",
            Table::Matters => "matters",
            Table::Answers => "answers",
            Table::Tables => "tables",
            Table::Principals => "principals",
            Table::Labels => "labels",
            Table::Models => "models",
        }
    }
}

/// What is searched: a unit, or a slice of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassageRow {
    /// The work.
    pub document: DocumentId,
    /// The text it is in.
    pub version: VersionId,
    /// The unit it is (a slice of).
    pub unit: UnitId,
    /// Its position among the passages of its version, from 0.
    pub ordinal: u32,
    /// Where it stands.
    pub span: Span,
    /// The headings above it and its own, from the top, joined by " > ".
    pub headings: String,
    /// The citation of its unit with the document's label: "GDPR art. 33(1)".
    pub pinpoint: String,
}

/// The hash of a cited unit when its rule was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The rule, fact, calendar or preference that cites.
    pub rule: String,
    /// The cited work.
    pub document: DocumentId,
    /// The text in which the quotation was found.
    pub version: VersionId,
    /// The cited unit.
    pub unit: UnitId,
    /// The unit's hash then, see [`Unit::hash`].
    pub hash: String,
    /// Where the quotation stands in that version.
    pub span: Span,
}

/// One file of rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleFileRow {
    /// Its file name, without its folder; unique.
    pub name: String,
    /// Its text.
    pub source: String,
    /// One for each quotation and each version of the cited unit in which it was checked.
    pub pins: Vec<Pin>,
}

/// One matter: a case's facts and narrative, as its file has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatterRow {
    /// Its file name, without folder and ending; unique.
    pub name: String,
    /// The file's text.
    pub source: String,
}

/// One answer or assessment that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRow {
    /// Its name: the first 16 hexadecimal digits of its seal.
    pub name: String,
    /// What was asked: the question, or the matter's name.
    pub question: String,
    /// "verified" or "refused".
    pub verdict: String,
    /// The whole answer as JSON, as `grounds verify` reads it.
    pub json: String,
}

/// Someone who reads, and what they may read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrincipalRow {
    /// The name; unique.
    pub name: String,
    /// The labels held, in order, each once. A document or table is visible where it has at least one label and every one of its labels
    /// is held: what carries no label is visible to nobody but the owner of the workspace.
    pub labels: Vec<String>,
}

/// What somebody said of a text, for models to learn from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelRow {
    /// Unique; who gives none gets the task and a hash of the text.
    pub name: String,
    /// What is learned from it: "retrieval", or the name of a classification.
    pub task: String,
    /// The question, or the text that is classified.
    pub text: String,
    /// Of a question, the places that answer it ("gdpr/art_33"), in order, each once; of a text, its one class.
    pub gold: Vec<String>,
    /// Where it is from: a file, an answer, a person.
    pub author: String,
}

/// A small model that was trained on this workspace. A later one of the same name takes its place; earlier snapshots keep theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRow {
    /// What it does: "retrieval", or "classify " and the name of a classification; unique.
    pub name: String,
    /// BLAKE3 of its bytes, 64 hexadecimal digits; they are kept as an original.
    pub hash: String,
    /// How it was trained, as a JSON object.
    pub parameters: String,
    /// How it did on what it was not trained on, with intervals, as a JSON object.
    pub figures: String,
    /// What it was made from, as a JSON object: snapshot, date, labels, the model before it.
    pub lineage: String,
}

/// Bytes kept as they came, named by their BLAKE3 hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginalRow {
    /// 64 hexadecimal digits.
    pub hash: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A row of any built-in table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    /// Table [`Table::Documents`].
    Document(Document),
    /// Table [`Table::Versions`].
    Version(Version),
    /// Table [`Table::Units`].
    Unit(Unit),
    /// Table [`Table::Passages`].
    Passage(PassageRow),
    /// Table [`Table::Links`].
    Link(Link),
    /// Table [`Table::Rules`].
    RuleFile(RuleFileRow),
    /// Table [`Table::Matters`].
    Matter(MatterRow),
    /// Table [`Table::Answers`].
    Answer(AnswerRow),
    /// Table [`Table::Tables`].
    Table(TableDefinition),
    /// Table [`Table::Principals`].
    Principal(PrincipalRow),
    /// Table [`Table::Labels`].
    Label(LabelRow),
    /// Table [`Table::Models`].
    Model(ModelRow),
}

impl Row {
    /// The table it belongs to.
    pub fn table(&self) -> Table {
        match self {
            Row::Document(_) => Table::Documents,
            Row::Version(_) => Table::Versions,
            Row::Unit(_) => Table::Units,
            Row::Passage(_) => Table::Passages,
            Row::Link(_) => Table::Links,
            Row::RuleFile(_) => Table::Rules,
            Row::Matter(_) => Table::Matters,
            Row::Answer(_) => Table::Answers,
            Row::Table(_) => Table::Tables,
            Row::Principal(_) => Table::Principals,
            Row::Label(_) => Table::Labels,
            Row::Model(_) => Table::Models,
        }
    }

    /// Its key, unique in its table at any one (date, snapshot). Keys of units, passages and links begin with their version and a
    /// slash, and sort in document order within one.
    pub fn key(&self) -> String {
        match self {
            Row::Document(row) => row.id.0.clone(),
            Row::Version(row) => row.id.0.clone(),
            Row::Unit(row) => format!("{}/{:08}", row.version, row.ordinal),
            Row::Passage(row) => format!("{}/{:08}", row.version, row.ordinal),
            Row::Link(row) => format!(
                "{}/{:010}-{:010}/{}/{}",
                row.from_version, row.span.start, row.span.end, row.to_document, row.to_unit
            ),
            Row::RuleFile(row) => row.name.clone(),
            Row::Matter(row) => row.name.clone(),
            Row::Answer(row) => row.name.clone(),
            Row::Table(row) => row.name.clone(),
            Row::Principal(row) => row.name.clone(),
            Row::Label(row) => row.name.clone(),
            Row::Model(row) => row.name.clone(),
        }
    }
}

/// One change to the tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// From now on (system time) the row holds during `validity` (valid time); what its key held in that interval before is closed in
    /// system time, and what it held outside it goes on (SQL:2011, FOR PORTION OF). Putting what already holds changes nothing.
    Put {
        /// The row.
        row: Row,
        /// When it is valid.
        validity: Validity,
    },
    /// From now on a version, with its units, passages and links, is not valid on or after `from`.
    CloseVersion {
        /// The version.
        version: VersionId,
        /// The first day on which it no longer holds.
        from: Date,
    },
    /// From now on the row with this key holds nothing during `validity`; what it holds outside goes on.
    Delete {
        /// The table.
        table: Table,
        /// The key, see [`Row::key`].
        key: String,
        /// The days in question.
        validity: Validity,
    },
}

/// What one commit writes, all or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// One line for the log: what was done.
    pub message: String,
    /// In order.
    pub changes: Vec<Change>,
    /// Bytes to keep; those already kept are not written again.
    pub originals: Vec<OriginalRow>,
    /// Changes to declared tables, after `changes`, so that a batch may declare a table and fill it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TableChanges>,
    /// The snapshot that the batch was made from. Where present, the commit fails if a row it changes was changed by a later commit (first
    /// committer wins); where absent, it is applied to whatever is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<crate::Snapshot>,
}
