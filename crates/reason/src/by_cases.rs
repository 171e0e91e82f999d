//! What a claim comes to in every case of the yes-or-no facts that are not known.

use grounds_core::{Case, Fact, FactGrounds, Judgement, Justification, Program, Proof, Status, Type, Value};
use serde::Serialize;

use crate::evaluate::{Evaluation, evaluate_for};
use crate::evaluate_error::EvaluateError;
use crate::part::part_of;
use crate::world::same_value;

/// The most cases that are told apart.
const CASE_COUNT_MAX: usize = 4_096;

/// A question taken case by case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ByCases {
    /// What the claim is in every case, where all cases agree: the answer, whatever the facts are that are not known. Never undetermined.
    pub status: Option<Status>,
    /// The cases, which exclude each other and leave none out. Where they do not agree, only those up to the first that differs.
    pub cases: Vec<SupposedCase>,
    /// Whether there were more cases than are told apart.
    pub bound_hit: bool,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SupposedCase {
    /// What is supposed besides what is known, as "supposition".
    pub facts: Vec<Fact>,
    /// What the claim then is.
    pub status: Status,
    /// The proof of that, of the case with these facts added after its own.
    pub proof: Proof,
}

/// Takes an undetermined claim case by case: a fact that is not known, yes or no, then the next, until every case is settled.
///
/// An evaluation keeps an unknown apart from what it would be: `a or not a` is undetermined where `a` is. Taken by cases, a claim is settled
/// exactly where every choice for the yes-or-no facts that are not known gives it the same status, so long as it rests on no other unknown fact.
/// Cost: one evaluation of what concerns the claim for each case, and for each fact supposed.
///
/// # Errors
/// [`EvaluateError`], of the case as it is or of one of the cases supposed.
pub fn by_cases(
    program: &Program,
    case: &Case,
    predicate: &str,
    arguments: &[String],
) -> Result<ByCases, EvaluateError> {
    let program = part_of(program, &[predicate], case);
    let mut found = ByCases { status: None, cases: Vec::new(), bound_hit: false };
    let mut waiting = vec![Vec::new()];
    while let Some(facts) = waiting.pop() {
        let mut supposed = case.clone();
        supposed.facts.extend(facts.iter().cloned());
        let evaluation = evaluate_for(&program, &supposed, &[(predicate, arguments)])?;
        let status = evaluation.status(predicate, arguments).cloned().unwrap_or(Status::DoesNotHold);
        let unknown = unknown_fact(&program, &evaluation, predicate, arguments);
        // A conflict, too, may give way to what is not known: `a or b` is true where `b` is, whatever is said of `a`.
        if let (Status::Undetermined | Status::Conflict, Some(unknown)) = (&status, unknown) {
            for value in [false, true] {
                let grounds = FactGrounds::Author { author: "supposition".to_owned() };
                let (predicate, arguments) = (unknown.predicate.clone(), unknown.arguments.clone());
                let fact = Fact { predicate, arguments, value: Value::Bool(value), grounds };
                waiting.push(facts.iter().cloned().chain([fact]).collect());
            }
            continue;
        }
        let proof = evaluation.proof_of(&[(predicate, arguments)]);
        let agrees = found.cases.first().is_none_or(|first| same_status(&first.status, &status));
        let is_settled = status != Status::Undetermined;
        found.cases.push(SupposedCase { facts, status, proof });
        found.bound_hit = found.cases.len() >= CASE_COUNT_MAX && !waiting.is_empty();
        if !agrees || !is_settled || found.bound_hit {
            return Ok(found);
        }
    }
    found.status = found.cases.first().map(|first| first.status.clone());
    Ok(found)
}

/// The first yes-or-no fact, in the order of looking up, that the claim rests on and that is not known.
fn unknown_fact(
    program: &Program,
    evaluation: &Evaluation,
    predicate: &str,
    arguments: &[String],
) -> Option<Judgement> {
    let proof = evaluation.proof_of(&[(predicate, arguments)]);
    let is_yes_or_no = |judgement: &Judgement| {
        program.facts.iter().any(|fact| fact.predicate == judgement.predicate && fact.value == Type::Bool)
    };
    let unknown = proof.nodes.into_iter().find(|node| {
        node.by == Justification::Absent
            && node.judgement.status == Status::Undetermined
            && is_yes_or_no(&node.judgement)
    });
    unknown.map(|node| node.judgement)
}

fn same_status(left: &Status, right: &Status) -> bool {
    match (left, right) {
        (Status::Holds(left), Status::Holds(right)) => same_value(left, right),
        _ => left == right,
    }
}
