//! Why a file cannot be imported, and what to do about it.

use jiff::civil::Date;
use thiserror::Error;

/// Why a file cannot be imported. The other files of the batch can.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file has nothing in it. Its author can change that.
    #[error("{file}: the file has no text")]
    Empty {
        /// The file.
        file: String,
    },
    /// The bytes are not text.
    #[error("{file}: byte {byte} is not text ({found}): export the document as UTF-8 text, Markdown or Formex XML")]
    Binary {
        /// The file.
        file: String,
        /// The position of the first such byte, from 0.
        byte: usize,
        /// What stands there.
        found: &'static str,
    },
    /// The file is a document in a format that is not read.
    #[error("{file}: {format} is not read: {advice}")]
    Unsupported {
        /// The file.
        file: String,
        /// What the file seems to be.
        format: String,
        /// What to do instead.
        advice: &'static str,
    },
    /// The file is larger than a version may be.
    #[error("{file}: {bytes} bytes are more than the {bytes_max} allowed: split the document")]
    TooLarge {
        /// The file.
        file: String,
        /// Its size.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// The XML is not well-formed.
    #[error("{file}:{line}: not well-formed XML at byte {byte}: {message}")]
    Xml {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The position in the decoded text, from 0.
        byte: usize,
        /// What the XML reader says.
        message: String,
    },
    /// Elements are nested too deeply.
    #[error(
        "{file}:{line}: elements are nested more than {depth_max} deep: no document needs that, look for unclosed elements"
    )]
    TooDeep {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The limit.
        depth_max: usize,
    },
    /// A line of the front matter cannot be understood.
    #[error("{file}:{line}: front matter: {message}")]
    FrontMatter {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong and what to write.
        message: String,
    },
    /// The text is in force until before it is in force.
    #[error("{file}: in force from {from} to {to} is no day at all: give an end after the beginning")]
    EmptyValidity {
        /// The file.
        file: String,
        /// The first day.
        from: Date,
        /// The first day no longer included.
        to: Date,
    },
    /// Two files of one import claim to be the text of one document from the same day.
    #[error(
        "{file} and {other} are different texts of {document}, both from {date}: give one of them another date or name"
    )]
    TwoTexts {
        /// The file.
        file: String,
        /// The file before it.
        other: String,
        /// The document both name.
        document: String,
        /// The date both name.
        date: Date,
    },
    /// The text is in another language than the document has.
    #[error("{file} is in `{language}`, but {document} is in `{known}`: import it under a name of its own")]
    Language {
        /// The file.
        file: String,
        /// Its document.
        document: String,
        /// The file's language.
        language: String,
        /// The document's language.
        known: String,
    },
}

impl ImportError {
    /// The file that cannot be imported.
    pub fn file(&self) -> &str {
        match self {
            ImportError::Empty { file, .. }
            | ImportError::Binary { file, .. }
            | ImportError::Unsupported { file, .. }
            | ImportError::TooLarge { file, .. }
            | ImportError::Xml { file, .. }
            | ImportError::TooDeep { file, .. }
            | ImportError::FrontMatter { file, .. }
            | ImportError::EmptyValidity { file, .. }
            | ImportError::TwoTexts { file, .. }
            | ImportError::Language { file, .. } => file,
        }
    }
}
