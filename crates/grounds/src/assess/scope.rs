//! Which claims a matter asks for, and the part of the proof that concerns them.

use std::fmt;

use grounds_core::{Case, ClaimKind, Entity, Judgement, Justification, Program, Proof, Status};
use grounds_reason::Evaluation;

use crate::error::GroundsError;
use crate::matter::Matter;

/// A claim with its arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Goal {
    /// The declared claim.
    pub predicate: String,
    /// Names of entities.
    pub arguments: Vec<String>,
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.predicate, &self.arguments))
    }
}

/// A statement as people write it: "LateReport(incident)", "incident.detected_at".
pub fn shown(predicate: &str, arguments: &[String]) -> String {
    match (predicate.split_once('.'), arguments) {
        (Some((_, property)), [entity]) => format!("{entity}.{property}"),
        _ => format!("{predicate}({})", arguments.join(", ")),
    }
}

/// The claims that the matter asks for; without any, the violations and sanctions on which a stated fact bears.
///
/// # Errors
/// [`GroundsError::Matter`] where a claim asked for is not declared or its arguments are not.
pub(crate) fn goals(
    matter: &Matter,
    program: &Program,
    case: &Case,
    evaluation: &Evaluation,
) -> Result<Vec<Goal>, GroundsError> {
    if matter.asks.is_empty() {
        return Ok(borne_on(program, evaluation));
    }
    let goal = |(ask, line): &(String, usize)| {
        parse_goal(ask, program, &case.entities).map_err(|message| GroundsError::Matter {
            file: matter.file.clone(),
            line: *line,
            message,
        })
    };
    matter.asks.iter().map(goal).collect()
}

/// Reads a claim such as "LateReport(incident)" about entities of a matter.
///
/// # Errors
/// [`GroundsError::Matter`] where the claim is not declared or its arguments are not.
pub fn parse_claim(text: &str, program: &Program, case: &Case) -> Result<Goal, GroundsError> {
    parse_goal(text, program, &case.entities).map_err(|message| GroundsError::Claim { message })
}

/// Reads "LateReport(incident)".
pub(crate) fn parse_goal(text: &str, program: &Program, entities: &[Entity]) -> Result<Goal, String> {
    let malformed = || format!("`{text}` is not a claim: write for example LateReport(incident)");
    let (name, rest) = text.split_once('(').ok_or_else(malformed)?;
    let inside = rest.trim_end().strip_suffix(')').ok_or_else(malformed)?;
    let declaration = program.claims.iter().find(|claim| claim.name == name.trim()).ok_or_else(|| {
        let known: Vec<&str> = program.claims.iter().map(|claim| claim.name.as_str()).collect();
        format!("no rule file declares a claim `{}`; there are {}", name.trim(), known.join(", "))
    })?;
    let arguments: Vec<String> = inside.split(',').map(|argument| argument.trim().to_owned()).collect();
    if arguments.len() != declaration.parameters.len() {
        return Err(format!("`{}` is about ({})", declaration.name, declaration.parameters.join(", ")));
    }
    for (argument, wanted) in arguments.iter().zip(&declaration.parameters) {
        if !entities.iter().any(|entity| entity.name == *argument && entity.entity_type == *wanted) {
            return Err(format!("`{argument}` is not declared as a {wanted}: add a line `{argument}: {wanted}`"));
        }
    }
    Ok(Goal { predicate: declaration.name.clone(), arguments })
}

/// Violations and sanctions whose rules look at something that the case states.
fn borne_on(program: &Program, evaluation: &Evaluation) -> Vec<Goal> {
    let wanted = |judgement: &&Judgement| {
        let declaration = program.claims.iter().find(|claim| claim.name == judgement.predicate);
        declaration.is_some_and(|claim| claim.kind != ClaimKind::Claim)
    };
    let bears = |judgement: &&Judgement| {
        let proof = evaluation.proof_of(&[(judgement.predicate.clone(), judgement.arguments.clone())]);
        let given = |node: &grounds_core::Node| matches!(node.by, Justification::Given { .. });
        match judgement.status {
            // Nothing but a stated fact makes an unknown or a denial worth telling.
            Status::Undetermined | Status::DoesNotHold => directly_given(&proof),
            Status::Holds(_) | Status::Conflict => proof.nodes.iter().any(given),
        }
    };
    let goal =
        |judgement: &Judgement| Goal { predicate: judgement.predicate.clone(), arguments: judgement.arguments.clone() };
    evaluation.claims().filter(wanted).filter(bears).map(goal).collect()
}

/// Whether the last claim of `proof` looks at a stated fact whose value is not another entity.
fn directly_given(proof: &Proof) -> bool {
    let is_telling = |node: &grounds_core::Node| {
        let names_entity = matches!(&node.judgement.status, Status::Holds(grounds_core::Value::Entity(_)));
        matches!(node.by, Justification::Given { .. }) && !names_entity
    };
    let Some(last) = proof.nodes.last() else { return false };
    let Justification::Rules { premises, .. } = &last.by else { return false };
    premises.iter().filter_map(|premise| proof.nodes.get(*premise)).any(is_telling)
}

/// The derivation of everything asked for.
pub(crate) fn proof_of(evaluation: &Evaluation, goals: &[Goal]) -> Proof {
    let claims: Vec<(String, Vec<String>)> =
        goals.iter().map(|goal| (goal.predicate.clone(), goal.arguments.clone())).collect();
    evaluation.proof_of(&claims)
}
