//! What is known of a case.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Span, Value};

/// A thing the facts are about: a firm, an incident.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entity {
    /// Its name in the case.
    pub name: String,
    /// Its declared entity type.
    pub entity_type: String,
}

/// What a fact rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactGrounds {
    /// A quotation from the matter's own text.
    Narrative {
        /// Where, in the matter's text.
        span: Span,
        /// The words.
        quote: String,
    },
    /// A person's statement.
    Author {
        /// Who says so.
        author: String,
    },
}

/// A typed statement about the world: `predicate(arguments) = value`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// A declared fact, such as "Incident.detected_at".
    pub predicate: String,
    /// Names of entities of the case.
    pub arguments: Vec<String>,
    /// What it is.
    pub value: Value,
    /// Why it is believed.
    pub grounds: FactGrounds,
}

/// Everything one evaluation may look at, besides the rules: nothing else (no clock, no environment) enters it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The date whose law applies; `case.as_of` in rules.
    pub as_of: Date,
    /// In order of declaration; names are unique.
    pub entities: Vec<Entity>,
    /// In order of statement. Two facts may disagree; that is a conflict, found by the evaluation.
    pub facts: Vec<Fact>,
}
