//! What would follow from other facts.

use grounds_core::{Case, Fact, Judgement, Program};

use crate::evaluate::evaluate;
use crate::evaluate_error::EvaluateError;

/// A supposition about one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactChange {
    /// The fact is this, instead of whatever the case states about it.
    Set(Fact),
    /// The case states nothing about the fact.
    Removed {
        /// The fact.
        predicate: String,
        /// The entities it is about.
        arguments: Vec<String>,
    },
}

/// The case with the changes made, one after the other.
pub fn supposed(case: &Case, changes: &[FactChange]) -> Case {
    let mut case = case.clone();
    for change in changes {
        let (predicate, arguments) = match change {
            FactChange::Set(fact) => (&fact.predicate, &fact.arguments),
            FactChange::Removed { predicate, arguments } => (predicate, arguments),
        };
        case.facts.retain(|fact| fact.predicate != *predicate || fact.arguments != *arguments);
        if let FactChange::Set(fact) = change {
            case.facts.push(fact.clone());
        }
    }
    case
}

/// The claims whose status would change, each before and after, in the program's order.
///
/// # Errors
/// [`EvaluateError`], for the case as it is or as it would be.
pub fn what_if(
    program: &Program,
    case: &Case,
    changes: &[FactChange],
) -> Result<Vec<(Judgement, Judgement)>, EvaluateError> {
    let before = evaluate(program, case)?;
    let after = evaluate(program, &supposed(case, changes))?;
    // The entities are the same, so both evaluations hold the same claims in the same order.
    let pairs = before.claims().zip(after.claims()).filter(|(before, after)| before.status != after.status);
    Ok(pairs.map(|(before, after)| (before.clone(), after.clone())).collect())
}
