//! What would change the result: each yes-or-no fact that the claims asked for look at, turned round.

use grounds_core::{Case, Fact, FactGrounds, Justification, Program, Status, Value};
use grounds_reason::Evaluation;
use serde::{Deserialize, Serialize};

use crate::assess::{Goal, scope, shown};
use crate::error::GroundsError;

/// A fact that would change a claim if it were otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WouldChange {
    /// The supposition: "incident.planned = yes".
    pub suppose: String,
    /// The claim that changes.
    pub claim: String,
    /// What is said of it now.
    pub now: String,
    /// What would be said of it then.
    pub then: String,
}

struct Supposing<'a> {
    program: &'a Program,
    case: &'a Case,
    evaluation: &'a Evaluation,
    goals: &'a [Goal],
}

/// The suppositions that change a claim asked for, in order of first use in the proof.
pub(crate) fn would_change(
    program: &Program,
    case: &Case,
    evaluation: &Evaluation,
    goals: &[Goal],
) -> Result<Vec<WouldChange>, GroundsError> {
    let context = Supposing { program, case, evaluation, goals };
    let proof = scope::proof_of(evaluation, goals);
    let mut found = Vec::new();
    for node in &proof.nodes {
        let supposed = match (&node.by, &node.judgement.status) {
            (Justification::Rules { .. }, _) => continue,
            (_, Status::Holds(Value::Bool(stated))) => vec![!stated],
            (_, Status::Undetermined) if is_bool(program, &node.judgement.predicate) => vec![true, false],
            (_, Status::DoesNotHold) if is_bool(program, &node.judgement.predicate) => vec![true],
            _ => continue,
        };
        for value in supposed {
            found.extend(suppose(&context, &node.judgement.predicate, &node.judgement.arguments, value)?);
        }
    }
    Ok(found)
}

fn is_bool(program: &Program, predicate: &str) -> bool {
    let declared = program.facts.iter().find(|fact| fact.predicate == predicate);
    declared.is_some_and(|fact| fact.value == grounds_core::Type::Bool)
}

fn suppose(
    context: &Supposing<'_>,
    predicate: &str,
    arguments: &[String],
    value: bool,
) -> Result<Vec<WouldChange>, GroundsError> {
    let mut case: Case = context.case.clone();
    case.facts.retain(|fact| fact.predicate != predicate || fact.arguments != arguments);
    let value = Value::Bool(value);
    let supposition = format!("{} = {value}", shown(predicate, arguments));
    case.facts.push(Fact {
        predicate: predicate.to_owned(),
        arguments: arguments.to_vec(),
        value,
        grounds: FactGrounds::Author { author: "supposition".to_owned() },
    });
    let goals: Vec<_> = context.goals.iter().map(|goal| (&goal.predicate, &goal.arguments)).collect();
    let then = grounds_reason::evaluate_for(context.program, &case, &goals)?;
    let mut found = Vec::new();
    for goal in context.goals {
        let now = context.evaluation.status(&goal.predicate, &goal.arguments);
        let then = then.status(&goal.predicate, &goal.arguments);
        if let (Some(now), Some(then)) = (now, then)
            && now != then
        {
            found.push(WouldChange {
                suppose: supposition.clone(),
                claim: goal.to_string(),
                now: status_words(now),
                then: status_words(then),
            });
        }
    }
    Ok(found)
}

/// A status in words: "holds", "VRC 10 000 000", "does not hold", "undetermined", "conflict".
fn status_words(status: &Status) -> String {
    match status {
        Status::Holds(Value::Bool(true)) => "holds".to_owned(),
        Status::Holds(value) => value.to_string(),
        Status::DoesNotHold => "does not hold".to_owned(),
        Status::Undetermined => "undetermined".to_owned(),
        Status::Conflict => "conflict".to_owned(),
    }
}
