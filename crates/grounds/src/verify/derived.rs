//! The parts of an assessment that follow from its proof: derived a second time and compared.

use grounds_core::{Program, SealedProof};
use grounds_reason::Evaluation;

use crate::assess::scope::parse_goal;
use crate::assess::{
    Assessment, Goal, change, conclusions, elements_of, of_kind_sanction, precedents, questions_of, refusal_of,
};
use crate::verify::{AnswerFile, Failure};

/// Checks everything in an assessment that its rules and facts decide.
pub(crate) fn check(file: &AnswerFile, failures: &mut Vec<Failure>) {
    let Some(assessment) = &file.assessment else { return };
    let Some(sealed) = &file.proof else {
        failures.push(Failure::new("proof", "an assessment has a proof"));
        return;
    };
    let evaluation = match grounds_reason::evaluate(&sealed.program, &sealed.case) {
        Ok(evaluation) => evaluation,
        Err(error) => {
            failures.push(Failure::new("proof.program", error.to_string()));
            return;
        }
    };
    let goal = |text: &String| parse_goal(text, &sealed.program, &sealed.case.entities);
    match assessment.asked.iter().map(goal).collect::<Result<Vec<Goal>, String>>() {
        Ok(goals) => compare(file, assessment, sealed, &evaluation, &goals, failures),
        Err(message) => failures.push(Failure::new("asked", message)),
    }
    check_precedents(assessment, failures);
}

fn compare(
    file: &AnswerFile,
    assessment: &Assessment,
    sealed: &SealedProof,
    evaluation: &Evaluation,
    goals: &[Goal],
    failures: &mut Vec<Failure>,
) {
    let SealedProof { program, case, proof } = sealed;
    let mut expect = |place: &str, holds: bool| {
        if !holds {
            failures.push(Failure::new(place, "it is not what the rules and facts give"));
        }
    };
    let positions = claim_positions(program, proof);
    let order = |position: &usize| {
        let judgement = &proof.nodes[*position].judgement;
        let asked =
            goals.iter().any(|goal| goal.predicate == judgement.predicate && goal.arguments == judgement.arguments);
        (!asked, *position)
    };
    let mut ordered = positions;
    ordered.sort_by_key(order);
    let nodes = ordered.iter().map(|position| &proof.nodes[*position]);
    let by_status = conclusions::by_status(program, nodes, case.as_of);
    expect("sanction.allowed", assessment.sanction.allowed == of_kind_sanction(&by_status.holds));
    expect("claims_by_status", assessment.claims_by_status == by_status);
    expect("elements", assessment.elements == elements_of(program, case, evaluation, goals));
    let questions = questions_of(program, case, evaluation, goals);
    let refusal = refusal_of(evaluation, goals, &questions);
    expect("reason", file.reason == refusal.as_ref().map(|refusal| refusal.reason));
    expect("message", file.message == refusal.map(|refusal| refusal.message));
    expect("questions", file.questions == questions);
    let changes = change::would_change(program, case, evaluation, goals);
    expect("would_change", changes.is_ok_and(|changes| changes == assessment.would_change));
    expect("claims", file.claims.len() == ordered.len());
}

fn claim_positions(program: &Program, proof: &grounds_core::Proof) -> Vec<usize> {
    let is_claim =
        |node: &grounds_core::Node| program.claims.iter().any(|claim| claim.name == node.judgement.predicate);
    proof.nodes.iter().enumerate().filter(|(_, node)| is_claim(node)).map(|(position, _)| position).collect()
}

/// A precedent rests on its own words, and the spread on the sanctions listed.
fn check_precedents(assessment: &Assessment, failures: &mut Vec<Failure>) {
    for (index, precedent) in assessment.precedents.iter().enumerate() {
        let foreign = precedent.grounds.iter().any(|grounds| match grounds {
            grounds_core::Grounds::Quote { document, .. } => *document != precedent.document,
            grounds_core::Grounds::Proof { .. } => true,
        });
        if foreign || precedent.grounds.is_empty() {
            failures.push(Failure::new(format!("precedents[{index}]"), "it does not rest on its own words"));
        }
    }
    if assessment.sanction.spread != precedents::spread(&assessment.precedents) {
        failures.push(Failure::new("sanction.spread", "it is not the spread of the sanctions listed"));
    }
}
