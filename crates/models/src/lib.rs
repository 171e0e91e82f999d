//! Small models: ranking learned from a workspace's own text and labels.

mod error;
mod random;
mod parallel;
mod bytes;
mod cosine;
mod collection;
mod question;
mod lexical;
mod metrics;
mod adam;
mod term_weights;
mod translation;
mod inclination;
mod spectrum;
mod embeddings;
mod places;
mod likeness;
mod memory;
mod company;
mod candidates;
mod vicinity;
mod novelty;
mod comparison;
mod features;
mod vectors;
mod network;
mod walk;
mod trees;
mod set_stage;
mod completion;
mod stages;
mod heads;
mod report;
mod model;
mod train;
mod training;
mod state;
mod judge;
mod rank;
mod classify;
#[cfg(feature = "candle")]
mod sentence;

pub use classify::{
    ClassProbability, Classifier, ClassifyFigures, ClassifyOutcome, ClassifyReport, ClassifySettings, Example,
    Prediction, RepresentationBuilder, TrainedClassifier, WordContribution, train_classifier,
};
pub use collection::{Collection, CollectionBuilder, PassageIndex, PassageTerms, TermId};
pub use cosine::UnitVectors;
pub use error::ModelsError;
pub use heads::Memory;
pub use lexical::{LexicalSettings, Scored};
pub use metrics::{CUT, Estimate, Figures, Outcome};
pub use model::Model;
pub use question::Question;
pub use rank::{Contribution, Ranked, Ranker, Ranking};
pub use report::{HeldOut, TrainingReport};
#[cfg(feature = "candle")]
pub use sentence::SentenceModel;
pub use train::{Progress, QUESTION_COUNT_MIN, Trained, TrainingSettings, train};
