//! What can go wrong with models, and who can do something about it.

use grounds_core::{Hint, Kind};
use thiserror::Error;

/// Why a collection, a training or a model could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModelsError {
    /// A passage names a parent that does not stand before it. The caller adds passages in reading order.
    #[error("passage {passage} names passage {parent} as its parent, which does not stand before it in its document")]
    LateParent {
        /// The passage, by its place in the collection.
        passage: usize,
        /// The parent it names.
        parent: u32,
    },
    /// A passage has a term that the collection did not number. The caller takes numbers from the builder the passage is for.
    #[error("passage {passage} has a term number {term}; the collection has {term_count} terms")]
    UnknownTerm {
        /// The passage, by its place in the collection.
        passage: usize,
        /// The number.
        term: u32,
        /// How many terms there are.
        term_count: usize,
    },
    /// The passages of a document do not stand together. The caller adds document after document.
    #[error("passage {passage} continues document {document}, which other passages have ended")]
    ScatteredDocument {
        /// The passage, by its place in the collection.
        passage: usize,
        /// The document's number.
        document: u32,
    },
    /// More passages than can be numbered.
    #[error("a collection holds at most {count_max} passages")]
    TooLarge {
        /// How many it can hold.
        count_max: usize,
    },
    /// A question's gold passage is not in the collection. The caller leaves such questions out.
    #[error("question {question} names passage {passage} as an answer; the collection has {passage_count}")]
    UnknownGold {
        /// The question, by its place.
        question: usize,
        /// The passage it names.
        passage: u32,
        /// How many passages there are.
        passage_count: usize,
    },
    /// Too few labelled questions to learn from and to test on.
    #[error("{question_count} questions have an answer; training needs {question_count_min}")]
    TooFewQuestions {
        /// How many have a gold passage.
        question_count: usize,
        /// How many are needed.
        question_count_min: usize,
    },
    /// Too few labelled texts, or classes, to learn from and to test on.
    #[error(
        "{example_count} texts of {class_count} classes are labelled; training needs {example_count_min} of at least two classes"
    )]
    TooFewExamples {
        /// How many texts are labelled.
        example_count: usize,
        /// How many classes they have.
        class_count: usize,
        /// How many texts are needed.
        example_count_min: usize,
    },
    /// The training was told to stop. What it had done is kept in its state.
    #[error("the training was stopped")]
    Stopped,
    /// The bytes are no model of Grounds.
    #[error("these bytes are no model of Grounds")]
    ForeignModel,
    /// The model's format is of another version.
    #[error("the model has format {found}; this build reads format {readable}")]
    ModelVersion {
        /// The version in the bytes.
        found: u32,
        /// The version that can be read.
        readable: u32,
    },
    /// The model's bytes are not what was written.
    #[error("the model is damaged: {what}")]
    DamagedModel {
        /// What does not fit.
        what: &'static str,
    },
    /// The state belongs to another collection, other questions, other settings, or another build.
    #[error("the state belongs to another training")]
    ForeignState,
    /// A file of an embedding model's folder is missing or cannot be read.
    #[error("{file} cannot be read: {reason}")]
    UnreadableFile {
        /// Where it is.
        file: String,
        /// What the system says.
        reason: String,
    },
    /// A file of an embedding model's folder is not what such a folder has there. Whoever made the folder can change it.
    #[error("{file} is damaged, or of something else: {reason}")]
    MalformedFile {
        /// Where it is.
        file: String,
        /// What does not fit.
        reason: String,
    },
    /// An embedding model that this build cannot compute.
    #[error("{file} says {what} `{found}`; this build computes {readable}")]
    UnsupportedModel {
        /// Where it says so.
        file: String,
        /// Which setting.
        what: &'static str,
        /// Its value.
        found: String,
        /// Which values can be computed.
        readable: &'static str,
    },
    /// A ranking hears an embedding model whose vectors the passages do not have.
    #[error("the ranking hears the embedding model `{theirs}`, and the passages have vectors of `{ours}`")]
    OtherVectors {
        /// What the ranking hears.
        theirs: String,
        /// What the passages come with.
        ours: String,
    },
    /// An embedding model failed on a text.
    #[error("the embedding model cannot compute a vector: {reason}")]
    NoVector {
        /// What it says.
        reason: String,
    },
}

impl ModelsError {
    /// Who can do something about it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::LateParent { .. }
            | Self::UnknownTerm { .. }
            | Self::ScatteredDocument { .. }
            | Self::UnknownGold { .. }
            | Self::OtherVectors { .. }
            | Self::NoVector { .. } => Kind::Bug,
            Self::TooLarge { .. }
            | Self::TooFewQuestions { .. }
            | Self::TooFewExamples { .. }
            | Self::ForeignModel
            | Self::ForeignState
            | Self::UnreadableFile { .. }
            | Self::MalformedFile { .. }
            | Self::UnsupportedModel { .. } => Kind::User,
            Self::Stopped => Kind::Unavailable,
            Self::ModelVersion { .. } => Kind::Config,
            Self::DamagedModel { .. } => Kind::Corrupt,
        }
    }

    /// What to do next; empty where the message says it all.
    pub fn hint(&self) -> Hint {
        match self {
            Self::TooFewQuestions { .. } => "label more questions; until then search needs no model".to_owned(),
            Self::TooFewExamples { .. } => "label more texts, of every class".to_owned(),
            Self::ModelVersion { .. } | Self::DamagedModel { .. } => "train the model again".to_owned(),
            Self::OtherVectors { .. } => "use the vectors of that model, or train the ranking again".to_owned(),
            Self::Stopped => "train again with the saved state to go on".to_owned(),
            Self::ForeignState => "train again without the state".to_owned(),
            Self::UnreadableFile { .. } => {
                "name a folder that sentence-transformers saved, with its weights as model.safetensors".to_owned()
            }
            Self::MalformedFile { .. } => "fetch the model's folder again, or save it again".to_owned(),
            Self::UnsupportedModel { .. } => "choose another model; most small ones are of the BERT family".to_owned(),
            _ => Hint::new(),
        }
    }
}
