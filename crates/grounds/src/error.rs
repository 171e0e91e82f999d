//! What can go wrong above the store.

use grounds_core::{EmbedError, Hint, Kind, PinpointError};
use grounds_models::ModelsError;
use grounds_reason::{Diagnostic, EvaluateError};
use grounds_store::StoreError;
use jiff::civil::Date;
use thiserror::Error;

use crate::ingest::ImportError;

/// Why an operation on a workspace failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GroundsError {
    /// The store failed; see there.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The passages cannot be ranked by a model.
    #[error(transparent)]
    Models(#[from] ModelsError),
    /// A document cannot be imported. Its author can change it.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A citation is not one.
    #[error(transparent)]
    Pinpoint(#[from] PinpointError),
    /// No document has this name or short title.
    #[error("no document is called `{name}`")]
    UnknownDocument {
        /// As asked.
        name: String,
    },
    /// The document has no such unit on that date.
    #[error("{document} has no {pinpoint} in force on {as_of}")]
    UnknownUnit {
        /// The document.
        document: String,
        /// The citation.
        pinpoint: String,
        /// The date.
        as_of: Date,
    },
    /// No version of the document is in force on that date.
    #[error("no version of {document} is in force on {as_of}")]
    NotInForce {
        /// The document.
        document: String,
        /// The date.
        as_of: Date,
    },
    /// A rule file does not compile. Its author can change it.
    #[error("{}", list(.diagnostics))]
    Rules {
        /// Every mistake found.
        diagnostics: Vec<Diagnostic>,
    },
    /// The rules cannot be evaluated on these facts.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// A matter file has a mistake. Its author can change it.
    #[error("{file}:{line}: {message}")]
    Matter {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong and what to write.
        message: String,
    },
    /// A claim asked for is not one.
    #[error("{message}")]
    Claim {
        /// What is wrong and what to write.
        message: String,
    },
    /// Nothing of that name is stored.
    #[error("no {what} is called `{name}`")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// As asked.
        name: String,
    },
    /// Texts that are to be the key of a row are not one.
    #[error("{message}")]
    Key {
        /// What is wrong and what to write.
        message: String,
    },
    /// The rules needed are missing from the workspace.
    #[error("the workspace has no rules in force on {as_of}, so nothing can be assessed")]
    NoRules {
        /// The date.
        as_of: Date,
    },
    /// A file is not a saved answer.
    #[error("{file} is not a saved answer: {message}")]
    AnswerFile {
        /// The file.
        file: String,
        /// What is wrong with it.
        message: String,
    },
    /// A file of labels, or one of a folder of questions and gold, cannot be read. Its author can change it.
    #[error("{file}: {message}")]
    DataFile {
        /// The file, with the line where there is one.
        file: String,
        /// What is wrong and what to do.
        message: String,
    },
    /// An embedding model failed; see there.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// Bytes are no vectors of texts, or a file of them is damaged before its first vector.
    #[error("these bytes are no vectors of Grounds: {what}")]
    ForeignVectors {
        /// What does not fit.
        what: &'static str,
    },
    /// Vectors were made by another model than the one at hand.
    #[error("the vectors are of the model `{theirs}`, and the model at hand is `{ours}`")]
    OtherEmbedding {
        /// Of the vectors.
        theirs: String,
        /// Of the caller's model.
        ours: String,
    },
    /// Stored JSON is not what this program writes.
    #[error("an answer cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

fn list(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl GroundsError {
    /// Who can do something about it.
    pub fn kind(&self) -> Kind {
        match self {
            GroundsError::Store(error) => error.kind(),
            GroundsError::Models(error) => error.kind(),
            GroundsError::Embed(error) => error.kind,
            GroundsError::Json(_) => Kind::Bug,
            _ => Kind::User,
        }
    }

    /// What to do next.
    pub fn hint(&self) -> Option<Hint> {
        match self {
            GroundsError::Store(error) => error.hint(),
            GroundsError::Models(error) => Some(error.hint()).filter(|hint| !hint.is_empty()),
            GroundsError::UnknownDocument { .. } => {
                Some("`grounds list` shows the documents and their short titles".to_owned())
            }
            GroundsError::UnknownUnit { document, .. } | GroundsError::NotInForce { document, .. } => {
                Some(format!("`grounds history {document}` shows which versions are in force when"))
            }
            GroundsError::NotFound { what: "classifier", name } => {
                Some(format!("`grounds train classify {name}` trains one from the labels of the task"))
            }
            GroundsError::Embed(error) => Some(error.hint.clone()).filter(|hint| !hint.is_empty()),
            GroundsError::ForeignVectors { .. } => Some("name another file, or remove this one".to_owned()),
            GroundsError::OtherEmbedding { .. } => {
                Some("name the folder of that model, or make the vectors anew with this one".to_owned())
            }
            GroundsError::NoRules { .. } => Some("add rule files with `grounds add FILE.rules`".to_owned()),
            _ => None,
        }
    }
}
