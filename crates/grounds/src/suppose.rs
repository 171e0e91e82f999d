//! Suppositions about a case: what would follow from other facts.

use grounds_core::{Case, Program, Span};
use grounds_reason::{Evaluation, FactChange};

use crate::assess::{Goal, WouldChange, change};
use crate::error::GroundsError;
use crate::matter::{Entry, Matter};

/// Reads a supposition: "incident.planned=yes", or "incident.planned" alone for a fact of which nothing is to be stated.
///
/// # Errors
/// [`GroundsError::Claim`] where the fact or an entity is not declared, or the value is not of the fact's type.
pub fn parse_change(text: &str, program: &Program, case: &Case) -> Result<FactChange, GroundsError> {
    let (key, value) = text.split_once('=').map_or((text, None), |(key, value)| (key, Some(value)));
    let supposed = Matter {
        file: String::new(),
        title: String::new(),
        as_of: Some(case.as_of),
        author: "supposition".to_owned(),
        asks: Vec::new(),
        entries: Vec::new(),
        source: String::new(),
        narrative: Span::new(0, 0),
    };
    let entry =
        Entry { key: key.trim().to_owned(), value: value.unwrap_or_default().trim().to_owned(), quote: None, line: 1 };
    let change = match value {
        // A supposed fact that says when it is so is one of the case only on these days.
        Some(_) => supposed.fact(program, &entry, &case.entities).map(|(fact, in_force)| match in_force {
            Some(validity) if !validity.contains(case.as_of) => {
                FactChange::Removed { predicate: fact.predicate, arguments: fact.arguments }
            }
            _ => FactChange::Set(fact),
        }),
        None => supposed
            .predicate(&entry, &case.entities)
            .map(|(predicate, arguments)| FactChange::Removed { predicate, arguments }),
    };
    change.map_err(|error| match error {
        GroundsError::Matter { message, .. } => GroundsError::Claim { message },
        other => other,
    })
}

/// The yes-or-no facts that a claim looks at and that would change it if they were otherwise, in order of first use.
///
/// `evaluation` must be of this program and case. Cost: one evaluation for each such fact, two where it is not known.
///
/// # Errors
/// [`GroundsError::Evaluate`] where a supposed case cannot be computed.
pub fn would_change(
    program: &Program,
    case: &Case,
    evaluation: &Evaluation,
    goal: &Goal,
) -> Result<Vec<WouldChange>, GroundsError> {
    change::would_change(program, case, evaluation, std::slice::from_ref(goal))
}
