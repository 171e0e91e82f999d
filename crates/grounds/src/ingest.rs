//! From files to rows: bytes in, canonical text with a tree of units, passages and links out.
//!
//! ```text
//! bytes ─► decode ─► detect ─► formex | markdown | plain_text ─► outline (text + units) ─► Parsed
//! Parsed… + Known ─► plan: timeline (versions) · passages · references (links) ─► Batch + reports
//! ```
//! Everything here is a pure function: no file system, no clock. Every character of a file is accounted for in its
//! [`ImportReport`]: used, structural, or dropped with a reason.

mod error;
mod report;
mod ledger;
mod decode;
mod detect;
mod numbering;
mod outline;
mod front_matter;
mod formex;
mod markdown;
mod plain_text;
mod language;
mod parsed;
mod passages;
mod references;
mod timeline;
mod plan;
mod diff;

use std::collections::BTreeMap;

use grounds_core::{DocumentId, SourceKind};
use jiff::civil::Date;

pub(crate) use diff::compare;
pub use diff::{DifferenceKind, EditKind, TextEdit, UnitDifference, diff};
pub use error::ImportError;
pub use parsed::{Parsed, ParsedUnit};
pub use plan::{Known, KnownVersion, plan};
pub(crate) use plan::{arrange, assemble};
pub use report::{Dropped, Format, ImportReport, Outcome, UnresolvedReference};

use decode::Decoded;

/// Files larger than this are refused: a version's spans are 32-bit offsets, and no act is longer.
pub const FILE_BYTES_MAX: usize = 256 * 1024 * 1024;

/// One file to import.
#[derive(Clone, Copy, Debug)]
pub struct SourceFile<'a> {
    /// Its name, without its folder.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// What the user says about a file; each wins over what the file says.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The work it is a text of.
    pub document: Option<DocumentId>,
    /// What the work is.
    pub kind: Option<SourceKind>,
    /// Its full title.
    pub title: Option<String>,
    /// What pinpoints begin with.
    pub short_title: Option<String>,
    /// Its language, BCP 47.
    pub language: Option<String>,
    /// The first day on which this text is in force.
    pub valid_from: Option<Date>,
    /// The first day on which it no longer is.
    pub valid_to: Option<Date>,
    /// Labels that a reader must hold to see the document; see [`grounds_core::Document::labels`].
    pub labels: Option<Vec<String>>,
    /// What is known of the document besides, such as `decided` or `sanction`, by the names that front matter uses.
    pub metadata: BTreeMap<String, String>,
    /// Whether a text that the workspace has takes the place of its own version, as a correction, where it is divided into other units now: an earlier
    /// build may have read less. Where it is divided alike, its links become those that it would get now.
    pub reads_again: bool,
}

/// Reads one file: recognises its format, decodes it, and gives its text with its structure.
///
/// The format is told by the content first and by the ending of the name second. Cost: linear in the file's size.
///
/// # Errors
/// [`ImportError`], for whoever can change the file or the command line; nothing is half read.
pub fn parse(file: &SourceFile<'_>, overrides: &Overrides) -> Result<Parsed, ImportError> {
    if file.bytes.len() > FILE_BYTES_MAX {
        return Err(ImportError::TooLarge {
            file: file.name.to_owned(),
            bytes: file.bytes.len(),
            bytes_max: FILE_BYTES_MAX,
        });
    }
    let decoded: Decoded = decode::decode(file)?;
    let draft = match detect::detect(file, &decoded.text)? {
        Format::Formex => formex::parse(file, &decoded)?,
        Format::Markdown => markdown::parse(file, &decoded, overrides)?,
        Format::PlainText => plain_text::parse(file, &decoded, overrides),
    };
    parsed::finish(file, decoded, draft, overrides)
}
