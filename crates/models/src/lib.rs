//! Small models: ranking learned from a workspace's own text and labels.

// Learning reads what ranking without labels does not; this goes with it.
#![allow(dead_code)]

mod error;
mod random;
mod parallel;
mod collection;
mod question;
mod lexical;
mod metrics;

pub use collection::{Collection, CollectionBuilder, PassageIndex, PassageTerms};
pub use error::ModelsError;
pub use lexical::{LexicalSettings, Scored};
pub use metrics::{CUT, Estimate, Figures, Outcome};
pub use question::Question;
