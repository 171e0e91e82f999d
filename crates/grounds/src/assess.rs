//! Assessments: a matter's facts against the rules in force, with proofs, precedents and open questions.

pub(crate) mod scope;
pub(crate) mod conclusions;
pub(crate) mod precedents;
pub(crate) mod change;

use grounds_core::{
    AsOf, AssessedClaim, Case, Draft, Element, Hit, OpenQuestion, Precedent, Program, Question, Reason, Refusal,
    Sanction, SealedProof, SourceKind, Status,
};
use grounds_reason::{Compiled, Evaluation, WhyNotKind};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::answer::excerpts_of;
use crate::error::GroundsError;
use crate::matter::Matter;
use crate::retrieve::retrieve;
use crate::view::View;

pub use change::WouldChange;
pub use scope::{Goal, parse_claim, shown};

/// The matter as it was assessed, so that facts can be traced to its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatterText {
    /// Its title.
    pub title: String,
    /// Its whole file.
    pub source: String,
}

/// Claims by their status, each in the rules' order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsByStatus {
    /// They hold.
    pub holds: Vec<AssessedClaim>,
    /// They do not hold.
    pub does_not_hold: Vec<AssessedClaim>,
    /// A fact is missing.
    pub undetermined: Vec<AssessedClaim>,
    /// Facts or rules disagree.
    pub conflict: Vec<AssessedClaim>,
}

/// The parts of an assessment that an answer does not have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// What was assessed.
    pub matter: MatterText,
    /// The claims asked for, such as "LateReport(incident)".
    pub asked: Vec<String>,
    /// The claims asked for and the steps they rest on.
    pub claims_by_status: ClaimsByStatus,
    /// Every condition of the rules that decide the claims asked for.
    pub elements: Vec<Element>,
    /// What the law allows.
    pub sanction: Sanction,
    /// Similar decisions, most similar first.
    pub precedents: Vec<Precedent>,
    /// Facts that would change the result if they were otherwise.
    pub would_change: Vec<WouldChange>,
}

/// An assessment before verification.
#[derive(Clone, Debug, PartialEq)]
pub struct AssessmentDraft {
    /// The claims and what they rest on.
    pub draft: Draft,
    /// The rest.
    pub assessment: Assessment,
}

/// What every step of an assessment looks at.
pub(crate) struct Context<'a> {
    pub(crate) view: &'a View,
    pub(crate) compiled: &'a Compiled,
    pub(crate) case: &'a Case,
    pub(crate) goals: &'a [Goal],
}

impl Context<'_> {
    pub(crate) fn program(&self) -> &Program {
        &self.compiled.program
    }
}

/// Assesses `matter` under the rules of `compiled`, as of `as_of` (else the matter's date, else `today`).
///
/// The draft is a refusal (missing fact, conflict) where a claim that is asked for is not settled; it then carries what is settled all the same.
///
/// # Errors
/// [`GroundsError::Matter`] for its author; [`GroundsError::Evaluate`] where exact arithmetic fails; those of the store.
pub fn assess(
    view: &View,
    compiled: &Compiled,
    matter: &Matter,
    as_of: Option<Date>,
    today: Date,
) -> Result<AssessmentDraft, GroundsError> {
    let as_of = as_of.or(matter.as_of).unwrap_or(today);
    let program = &compiled.program;
    if !program.rules.iter().any(|rule| rule.in_force.contains(as_of)) {
        return Err(GroundsError::NoRules { as_of });
    }
    let case = matter.case(program, as_of)?;
    let whole = grounds_reason::evaluate(program, &case)?;
    let goals = scope::goals(matter, program, &case, &whole)?;
    // What follows looks only at the rules that an answer carries along, so that a reader without the workspace finds the same.
    let names: Vec<&str> = goals.iter().map(|goal| goal.predicate.as_str()).collect();
    let program = &grounds_reason::part_of(program, &names, &case);
    let evaluation = grounds_reason::evaluate(program, &case)?;
    let context = Context { view, compiled, case: &case, goals: &goals };
    let proof = scope::proof_of(&evaluation, &goals);
    let sealed = SealedProof { program: program.clone(), case: case.clone(), proof };
    let (claims, claims_by_status) = conclusions::claims(&context, &sealed.proof)?;
    let precedents = precedents::similar(&context, matter)?;
    let sanction =
        Sanction { allowed: of_kind_sanction(&claims_by_status.holds), spread: precedents::spread(&precedents) };
    let questions = questions_of(program, &case, &evaluation, &goals);
    let refusal = refusal_of(&evaluation, &goals, &questions);
    let quoted = claims.iter().flat_map(|claim| &claim.grounds).chain(precedents.iter().flat_map(|one| &one.grounds));
    let draft = Draft {
        written_out: Vec::new(),
        question: matter.title.clone(),
        at: AsOf { as_of, known_at: view.known_at() },
        excerpts: excerpts_of(view, quoted)?,
        claims,
        evidence: evidence(view, matter, as_of)?,
        questions,
        refusal,
        proof: Some(sealed),
    };
    let assessment = Assessment {
        matter: MatterText { title: matter.title.clone(), source: matter.source.clone() },
        claims_by_status,
        elements: elements_of(program, &case, &evaluation, &goals),
        asked: goals.iter().map(Goal::to_string).collect(),
        sanction,
        precedents,
        would_change: change::would_change(program, &case, &evaluation, &goals)?,
    };
    Ok(AssessmentDraft { draft, assessment })
}

/// The claims among `claims` that are sanctions.
pub(crate) fn of_kind_sanction(claims: &[AssessedClaim]) -> Vec<AssessedClaim> {
    claims.iter().filter(|claim| claim.kind == grounds_core::ClaimKind::Sanction).cloned().collect()
}

/// The conditions of every rule for the claims asked for.
pub(crate) fn elements_of(program: &Program, case: &Case, evaluation: &Evaluation, goals: &[Goal]) -> Vec<Element> {
    let of_goal = |goal: &Goal| grounds_reason::elements(program, case, evaluation, &goal.predicate, &goal.arguments);
    goals.iter().flat_map(of_goal).collect()
}

/// What would settle the undetermined claims that are asked for: their smallest sets of missing facts, each asked once.
pub(crate) fn questions_of(
    program: &Program,
    case: &Case,
    evaluation: &Evaluation,
    goals: &[Goal],
) -> Vec<OpenQuestion> {
    let mut questions: Vec<OpenQuestion> = Vec::new();
    for goal in goals {
        if evaluation.status(&goal.predicate, &goal.arguments) != Some(&Status::Undetermined) {
            continue;
        }
        let why_not = grounds_reason::why_not(program, case, evaluation, &goal.predicate, &goal.arguments);
        let WhyNotKind::Unknown { missing } = why_not.kind else { continue };
        for fact in missing.into_iter().flatten() {
            let question = OpenQuestion { fact: shown(&fact.predicate, &fact.arguments), text: fact.ask };
            if !questions.contains(&question) {
                questions.push(question);
            }
        }
    }
    questions
}

/// A refusal where something asked for is not settled: a missing fact can be supplied, so it comes before a conflict.
pub(crate) fn refusal_of(evaluation: &Evaluation, goals: &[Goal], questions: &[OpenQuestion]) -> Option<Refusal> {
    let unsettled = |wanted: &Status| {
        let is = |goal: &&Goal| evaluation.status(&goal.predicate, &goal.arguments) == Some(wanted);
        goals.iter().filter(is).map(Goal::to_string).collect::<Vec<_>>().join(", ")
    };
    if goals.is_empty() {
        let message = "No rule bears on these facts, so there is nothing to assess.".to_owned();
        return Some(Refusal { reason: Reason::OutOfScope, message });
    }
    let undetermined = unsettled(&Status::Undetermined);
    if !undetermined.is_empty() {
        let facts: Vec<&str> = questions.iter().map(|question| question.fact.as_str()).collect();
        let message = format!("{undetermined} cannot be decided: {} is not known.", facts.join(", "));
        return Some(Refusal { reason: Reason::MissingFact, message });
    }
    let conflict = unsettled(&Status::Conflict);
    if !conflict.is_empty() {
        let message =
            format!("{conflict} cannot be decided: facts or rules disagree, and no declared order settles it.");
        return Some(Refusal { reason: Reason::Conflict, message });
    }
    None
}

/// How many hits an assessment shows beside its own grounds.
const EVIDENCE_COUNT: usize = 8;

fn evidence(view: &View, matter: &Matter, as_of: Date) -> Result<Vec<Hit>, GroundsError> {
    let question = Question {
        text: matter.narrative_text().to_owned(),
        at: AsOf { as_of, known_at: view.known_at() },
        kinds: vec![SourceKind::Regulation, SourceKind::Interpretation],
        documents: Vec::new(),
        hit_count_max: EVIDENCE_COUNT,
    };
    Ok(retrieve(view, &question)?.hits)
}
