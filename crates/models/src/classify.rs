//! Text classifiers for a workspace's own labels, which start from what its text without labels says of words.
//!
//! Twenty to some thousands of labelled texts are few to learn a language from; the passages of the workspace are many. So words are weighed and given vectors from all its text
//! first, and the labels only have to say where classes lie among them.

mod minimise;
mod representation;
mod linear;
mod calibration;
mod figures;
mod train;
mod classifier;
mod choose;

pub use classifier::{ClassProbability, Classifier, Prediction, WordContribution};
pub use figures::{ClassifyFigures, ClassifyOutcome};
pub use representation::RepresentationBuilder;
pub use train::{ClassifyReport, ClassifySettings, Example, TrainedClassifier, train_classifier};
