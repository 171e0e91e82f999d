//! One case: transcribed, what it asks evaluated, the proof checked, and what follows compared with the label.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use grounds_core::{Justification, Program, Proof, Status, Value};
use grounds_proof::Checked;
use grounds_reason::{Because, Evaluation, Evaluator, RuleExplanation, part_of, why};

use super::case::Built;
use super::prolog::clauses;
use super::question::{Question, question};
use super::solve::Clauses;
use super::transcribe::transcribe;

/// How often a case is evaluated and checked; the median time counts, so that other programs on the machine do not.
const TIMES: usize = 5;

/// What became of a case.
pub(super) struct Judged {
    pub(super) kind: Kind,
    pub(super) passed: bool,
    /// How long evaluating, proving and checking took.
    pub(super) took: Duration,
    /// What was found, in words that do not depend on when or where it ran.
    pub(super) found: String,
    pub(super) node_count: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Entailment,
    Contradiction,
    Amount,
}

impl Kind {
    pub(super) fn plural(self) -> &'static str {
        match self {
            Kind::Entailment => "entailments",
            Kind::Contradiction => "contradictions",
            Kind::Amount => "amounts",
        }
    }
}

/// A case ready to be judged.
pub(super) struct Prepared {
    question: Question,
    built: Built,
    goals: Vec<(String, Vec<String>)>,
    /// The rules that concern the goals.
    part: Program,
}

/// Transcribes a case from its source.
pub(super) fn prepare(program: &Program, source: &str) -> anyhow::Result<Prepared> {
    let (facts, test) = source.split_once("% Test").context("a case has no test")?;
    // Directives other than the test load the statutes' own code.
    let facts: Vec<&str> = facts.lines().filter(|line| !line.starts_with(":-")).collect();
    let (facts, test) = (clauses(&facts.join("\n"))?, clauses(test)?);
    let question = question(source, &test)?;
    let built = transcribe(&Clauses::new(facts), source, &question)?;
    let goals = goals(program, &built, &question)?;
    let part = part_of(program, &[question.claim.as_str()], &built.case);
    Ok(Prepared { question, built, goals, part })
}

/// Evaluates what a case asks by all rules, proves it and has the proof checked against those that concern it.
///
/// A claim about what the question leaves open holds where it holds of something in the case, and is contradicted where it holds of nothing.
pub(super) fn judge<'a>(evaluator: &Evaluator<'a>, prepared: &'a Prepared) -> anyhow::Result<Judged> {
    let Prepared { question, built, goals, part: program } = prepared;
    let (evaluation, proof, checked, took) = timed(evaluator, prepared)?;
    let mut times = vec![took];
    for _ in 1..TIMES {
        times.push(timed(evaluator, prepared)?.3);
    }
    times.sort_unstable();
    for (claim, arguments) in goals {
        let names: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let agreed = checked.status(claim, &names) == evaluation.status(claim, arguments);
        anyhow::ensure!(agreed, "the checked proof of {claim}({}) says something else", arguments.join(", "));
    }
    let holds = goals.iter().any(|(_, arguments)| holds(program, built, &evaluation, question, arguments));
    let found: Vec<String> = goals
        .iter()
        .filter_map(|(claim, arguments)| {
            Some(format!("{claim}({}) {}", arguments.join(", "), shown(evaluation.status(claim, arguments)?)))
        })
        .collect();
    let kind = match (question.is_amount, question.holds) {
        (true, _) => Kind::Amount,
        (false, true) => Kind::Entailment,
        (false, false) => Kind::Contradiction,
    };
    let (passed, took, found) = (holds == question.holds, times[TIMES / 2], found.join("; "));
    Ok(Judged { kind, passed, took, found, node_count: proof.nodes.len() })
}

fn timed<'a>(
    evaluator: &Evaluator<'a>,
    prepared: &'a Prepared,
) -> anyhow::Result<(Evaluation, Proof, Checked, Duration)> {
    let begun = Instant::now();
    let evaluation = evaluator.evaluate_for(&prepared.built.case, &prepared.goals)?;
    let proof = evaluation.proof_of(&prepared.goals);
    let checked = grounds_proof::check(&prepared.part, &prepared.built.case, &proof)?;
    Ok((evaluation, proof, checked, begun.elapsed()))
}

fn shown(status: &Status) -> String {
    match status {
        Status::Holds(value) => format!("= {value}"),
        Status::DoesNotHold => "does not hold".to_owned(),
        Status::Undetermined => "undetermined".to_owned(),
        Status::Conflict => "conflict".to_owned(),
    }
}

/// The claims that answer a question: one, or one for each choice of what it leaves open.
fn goals(program: &Program, built: &Built, question: &Question) -> anyhow::Result<Vec<(String, Vec<String>)>> {
    let declared = program.claims.iter().find(|claim| claim.name == question.claim);
    let declared = declared.with_context(|| format!("the rules have no claim {}", question.claim))?;
    let mut tuples: Vec<Vec<String>> = vec![Vec::new()];
    for (letter, parameter) in question.letters.iter().zip(&declared.parameters) {
        let choices = choices(built, question, *letter, parameter);
        tuples = tuples
            .into_iter()
            .flat_map(|tuple| choices.iter().map(move |choice| tuple.iter().cloned().chain([choice.clone()]).collect()))
            .collect();
    }
    Ok(tuples.into_iter().map(|arguments| (question.claim.clone(), arguments)).collect())
}

fn choices(built: &Built, question: &Question, letter: char, parameter: &str) -> Vec<String> {
    let given =
        |wanted: char| question.given.iter().find(|(letter, _)| *letter == wanted).map(|(_, name)| name.as_str());
    match (letter, given(letter)) {
        ('y', None) if !question.years.is_empty() => {
            question.years.iter().flat_map(|year| built.all("TaxYear", &year.to_string())).cloned().collect()
        }
        ('x', Some(name)) => {
            let plans = built.all("Plan", name);
            let into_plan = built.case.facts.iter().filter(|fact| {
                matches!(&fact.value, Value::Entity(plan) if fact.predicate.starts_with("Payment.") && plans.contains(plan))
            });
            let payments = built.all("Payment", name).iter().cloned();
            payments.chain(into_plan.filter_map(|fact| fact.arguments.first().cloned())).collect()
        }
        ('w', Some(name)) => built.all("Service", name).to_vec(),
        ('w', None) => {
            let fits = |party: Option<&String>, wanted: Option<&str>| {
                wanted.is_none_or(|wanted| party.is_some_and(|party| party == wanted))
            };
            let parties = built.parties.iter().filter(|(_, (employer, employee))| {
                fits(employer.as_ref(), given('e')) && fits(employee.as_ref(), given('f'))
            });
            parties.map(|(service, _)| service.clone()).collect()
        }
        ('m', Some(name)) => built.all("Marriage", name).to_vec(),
        ('h', Some(name)) => built.all("Home", name).to_vec(),
        ('d', Some(name)) => built.all("Day", name).to_vec(),
        ('y', Some(name)) => built.all("TaxYear", name).to_vec(),
        (_, Some(name)) => built.all("Person", name).to_vec(),
        (_, None) => built.of_type(parameter),
    }
}

/// Whether the claim holds, with the value and by the rule that the question names.
fn holds(program: &Program, built: &Built, evaluation: &Evaluation, question: &Question, arguments: &[String]) -> bool {
    let Some(Status::Holds(value)) = evaluation.status(&question.claim, arguments) else { return false };
    let has_value = match (&question.value, value) {
        (None, _) => *value == Value::Bool(true) || !matches!(value, Value::Bool(_)),
        (Some(wanted), Value::Money(money)) => wanted.parse::<i128>().is_ok_and(|dollars| money.minor == dollars * 100),
        (Some(wanted), other) => *wanted == other.to_string(),
    };
    has_value
        && question.rule.as_ref().is_none_or(|rule| by_rule(program, built, evaluation, question, arguments, rule))
}

fn is_named(rule: &str, wanted: &str) -> bool {
    rule == wanted || (wanted.ends_with('-') && rule.starts_with(wanted))
}

/// Whether a rule of that name decides the claim, as a rule or as a live exception.
fn by_rule(
    program: &Program,
    built: &Built,
    evaluation: &Evaluation,
    question: &Question,
    arguments: &[String],
    wanted: &str,
) -> bool {
    let Some(node) = evaluation.node(&question.claim, arguments) else { return false };
    if let Justification::Rules { deciding, .. } = &evaluation.nodes()[node].by
        && deciding.iter().any(|rule| is_named(rule, wanted))
    {
        return true;
    }
    let explanation = why(program, &built.case, evaluation, &question.claim, arguments);
    let Because::Rules { rules, .. } = &explanation.because else { return false };
    rules.iter().any(|rule| has_live_exception(rule, wanted))
}

fn has_live_exception(rule: &RuleExplanation, wanted: &str) -> bool {
    rule.exceptions.iter().any(|exception| {
        (is_named(&exception.rule, wanted) && exception.outcome.starts_with("gives"))
            || has_live_exception(exception, wanted)
    })
}
