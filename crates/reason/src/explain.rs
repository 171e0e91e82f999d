//! Rules explained for given arguments: their conditions one by one, their exceptions, what they come to.

use std::fmt;

use grounds_core::{Citation, Conclusion, Condition, Element, ElementStatus, Status};
use serde::Serialize;

use crate::evaluate::Evaluation;
use crate::machine::{Halt, LookUp, Machine};
use crate::outcome::{Computed, Concluded, Outcome, Truth};
use crate::render::{Renderer, shown_value};
use crate::rule_outcome::{RuleTrace, not_struck};
use crate::say::shown_statement;
use crate::world::World;

/// One condition of a rule, with the case's values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConditionExplanation {
    /// The condition as a phrase.
    pub text: String,
    /// Whether it is met.
    pub status: ElementStatus,
    /// The facts it looks at, as "incident.planned = no".
    pub facts: Vec<String>,
}

/// A rule or exception applied to given arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleExplanation {
    /// Its id.
    pub rule: String,
    /// What it encodes, with the words quoted; then the same of the rows of tables that it finds.
    pub cites: Vec<Citation>,
    /// What it comes to, as a phrase: "does not apply", "gives VRC 5 000 000".
    pub outcome: String,
    /// Its conditions, split at `and`.
    pub conditions: Vec<ConditionExplanation>,
    /// How its value is computed; empty where it has none.
    pub computation: String,
    /// Interpretive choices it makes.
    pub readings: Vec<grounds_core::Reading>,
    /// Amendments to it in force, as "USD 12 000 for USD 3 000".
    pub amendments: Vec<AmendmentExplanation>,
    /// Its exceptions in force, in the program's order.
    pub exceptions: Vec<RuleExplanation>,
}

/// An amendment to a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AmendmentExplanation {
    /// Its id.
    pub amendment: String,
    /// What it encodes, with the words quoted.
    pub cites: Vec<Citation>,
    /// "USD 12 000 for USD 3 000"
    pub text: String,
}

/// A fact or claim with its arguments.
type Statement = (String, Vec<String>);

/// Reads an evaluation; facts that no rule looked up are read from the case.
pub(crate) struct Reading<'r, 'a> {
    pub(crate) world: &'r World<'a>,
    pub(crate) evaluation: &'r Evaluation,
    /// What was looked up, each once, in order.
    pub(crate) seen: Vec<(String, Vec<String>)>,
}

impl<'r, 'a> Reading<'r, 'a> {
    pub(crate) fn new(world: &'r World<'a>, evaluation: &'r Evaluation) -> Self {
        Self { world, evaluation, seen: Vec::new() }
    }

    fn status(&self, predicate: &str, arguments: &[String]) -> Status {
        let found = self.evaluation.status(predicate, arguments).cloned();
        found.unwrap_or_else(|| self.world.fact(predicate, arguments).0)
    }
}

impl LookUp for Reading<'_, '_> {
    fn look_up(&mut self, predicate: &str, arguments: &[usize], _depth: usize) -> Result<Computed, Halt> {
        let arguments = self.world.names(arguments);
        let status = self.status(predicate, &arguments);
        if !self.seen.iter().any(|(seen, of)| seen == predicate && *of == arguments) {
            self.seen.push((predicate.to_owned(), arguments));
        }
        Ok(self.world.computed(&status).unwrap_or(Computed::Unknown))
    }
}

/// Explains a rule that has been evaluated, with its exceptions.
pub(crate) fn explain_rule<'a>(
    world: &World<'a>,
    evaluation: &Evaluation,
    trace: &RuleTrace<'a>,
    arguments: &[String],
) -> RuleExplanation {
    let rule = trace.rule;
    let computation = match &rule.conclusion {
        Conclusion::Value(expression) if trace.condition == Truth::True => {
            with_machine(world, evaluation, trace, arguments, |machine| {
                Renderer { machine, with_values: true }.side(expression)
            })
            .map_or(String::new(), |(text, _)| text)
        }
        _ => String::new(),
    };
    RuleExplanation {
        rule: rule.id.clone(),
        cites: cites(world, evaluation, trace, arguments),
        outcome: outcome_words(world, trace),
        conditions: conditions(world, evaluation, trace, arguments),
        computation,
        readings: rule.readings.clone(),
        amendments: rule
            .amendments
            .iter()
            .filter(|amendment| amendment.in_force.contains(world.case.as_of))
            .map(|amendment| AmendmentExplanation {
                amendment: amendment.id.clone(),
                cites: amendment.cites.clone(),
                text: format!("{} for {}", shown_value(&amendment.to), shown_value(&amendment.from)),
            })
            .collect(),
        exceptions: trace
            .exceptions
            .iter()
            .map(|exception| explain_rule(world, evaluation, exception, arguments))
            .collect(),
    }
}

/// Runs `inside` with the rule's variables bound; also says what was looked up.
///
/// # Errors
/// Those of reading the rule's amendments, which has not failed before.
fn with_machine<'a, T>(
    world: &World<'a>,
    evaluation: &Evaluation,
    trace: &RuleTrace<'a>,
    arguments: &[String],
    inside: impl FnOnce(&mut Machine<'_, 'a>) -> T,
) -> Result<(T, Vec<Statement>), Halt> {
    let mut reading = Reading::new(world, evaluation);
    let places = world.places(arguments).unwrap_or_default();
    let mut machine = Machine::of_rule(world, trace.rule, &places, &mut reading, 0)?;
    let result = inside(&mut machine);
    Ok((result, reading.seen))
}

/// What the rule cites, and what the rows of tables cite that it finds.
fn cites<'a>(world: &World<'a>, evaluation: &Evaluation, trace: &RuleTrace<'a>, arguments: &[String]) -> Vec<Citation> {
    let mut cites = trace.rule.cites.clone();
    let rows = with_machine(world, evaluation, trace, arguments, |machine| {
        // What cannot be computed has been told where the rule was evaluated; the rows found before that count.
        let is_met = machine.condition(&trace.rule.condition).is_ok_and(|truth| truth == Truth::True);
        if let (Conclusion::Value(expression), true) = (&trace.rule.conclusion, is_met) {
            let _ = machine.expression(expression);
        }
        std::mem::take(&mut machine.rows)
    });
    for citation in rows.map_or(Vec::new(), |(rows, _)| rows).into_iter().flat_map(|row| &row.cites) {
        if !cites.contains(citation) {
            cites.push(citation.clone());
        }
    }
    cites
}

/// The rule's conditions, split at its outermost `and`; none where it has no `when`.
fn conditions<'a>(
    world: &World<'a>,
    evaluation: &Evaluation,
    trace: &RuleTrace<'a>,
    arguments: &[String],
) -> Vec<ConditionExplanation> {
    let parts: Vec<&Condition> = match &trace.rule.condition {
        Condition::Always => Vec::new(),
        Condition::All(parts) => parts.iter().collect(),
        other => vec![other],
    };
    let explain = |part| {
        let run = with_machine(world, evaluation, trace, arguments, |machine| {
            let truth = machine.condition(part);
            (truth, Renderer { machine, with_values: true }.condition(part))
        });
        let ((truth, text), seen) = run.unwrap_or_else(|error| ((Err(error), String::new()), Vec::new()));
        let status = match truth {
            Ok(Truth::True) => ElementStatus::Met,
            Ok(Truth::False) => ElementStatus::NotMet,
            Ok(Truth::Conflict) => ElementStatus::Conflict,
            Ok(Truth::Unknown) | Err(_) => ElementStatus::Unknown,
        };
        let is_fact = |(predicate, _): &&(String, Vec<String>)| world.facts.contains_key(predicate.as_str());
        let facts =
            seen.iter().filter(is_fact).map(|(predicate, of)| stated(world, evaluation, predicate, of)).collect();
        ConditionExplanation { text, status, facts }
    };
    parts.into_iter().map(explain).collect()
}

/// "incident.planned = no"
fn stated(world: &World<'_>, evaluation: &Evaluation, predicate: &str, arguments: &[String]) -> String {
    let status = Reading::new(world, evaluation).status(predicate, arguments);
    format!("{} = {}", shown_statement(predicate, arguments), status_word(&status))
}

fn status_word(status: &Status) -> String {
    match status {
        Status::Holds(value) => shown_value(value),
        Status::DoesNotHold => "none".to_owned(),
        Status::Undetermined => "not known".to_owned(),
        Status::Conflict => "in conflict".to_owned(),
    }
}

fn outcome_words(world: &World<'_>, trace: &RuleTrace<'_>) -> String {
    let concluded = |conclusion: &Concluded| match conclusion {
        Concluded::Holds => "applies".to_owned(),
        Concluded::Value(value) => format!("gives {}", shown_value(value)),
        Concluded::None => "applies: it does not hold, or has no value".to_owned(),
    };
    match (&trace.own, &trace.outcome) {
        (Outcome::Concludes(own), Outcome::Concludes(left)) if own != left => {
            let prevail = not_struck(world, &trace.exceptions);
            let live = prevail.iter().filter(|exception| matches!(exception.outcome, Outcome::Concludes(_)));
            let by: Vec<&str> = live.map(|exception| exception.rule.id.as_str()).collect();
            let now = match left {
                Concluded::None => "nothing follows".to_owned(),
                other => concluded(other),
            };
            format!("yields to {}: {now}", by.join(", "))
        }
        (_, Outcome::Concludes(conclusion)) => concluded(conclusion),
        (_, Outcome::NotApplicable) => "does not apply".to_owned(),
        (_, Outcome::Unknown) => "may apply: a fact is missing".to_owned(),
        (_, Outcome::Conflict) => "is in conflict".to_owned(),
    }
}

/// The conditions of a rule and, after them, of its exceptions, as elements of the claim.
pub(crate) fn elements_of(claim: &str, rule: &RuleExplanation, elements: &mut Vec<Element>) {
    for condition in &rule.conditions {
        elements.push(Element {
            claim: claim.to_owned(),
            rule: rule.rule.clone(),
            pinpoint: rule.cites.first().map_or(String::new(), |citation| citation.pinpoint.clone()),
            text: condition.text.clone(),
            status: condition.status,
            facts: condition.facts.clone(),
            quote: rule.cites.first().map_or(String::new(), |citation| citation.quote.clone()),
        });
    }
    for exception in &rule.exceptions {
        elements_of(claim, exception, elements);
    }
}

impl RuleExplanation {
    pub(crate) fn write(&self, f: &mut fmt::Formatter<'_>, indent: usize, what: &str) -> fmt::Result {
        let margin = " ".repeat(indent);
        writeln!(f, "{margin}{what} {} {}", self.rule, self.outcome)?;
        for citation in &self.cites {
            writeln!(f, "{margin}  {} \"{}\"", citation.pinpoint, citation.quote)?;
        }
        for condition in &self.conditions {
            let status = match condition.status {
                ElementStatus::Met => "met",
                ElementStatus::NotMet => "not met",
                ElementStatus::Unknown => "not known",
                ElementStatus::Conflict => "in conflict",
            };
            writeln!(f, "{margin}  {status}: {}", condition.text)?;
        }
        if !self.computation.is_empty() {
            writeln!(f, "{margin}  value: {}", self.computation)?;
        }
        for amendment in &self.amendments {
            writeln!(f, "{margin}  amended by {}: {}", amendment.amendment, amendment.text)?;
            for citation in &amendment.cites {
                writeln!(f, "{margin}    {} \"{}\"", citation.pinpoint, citation.quote)?;
            }
        }
        for reading in &self.readings {
            let rival = reading.rival.as_ref().map_or(String::new(), |rival| format!("; not taken: {rival}"));
            writeln!(f, "{margin}  reading by {} of {}: {}{rival}", reading.by, reading.on, reading.text)?;
        }
        for exception in &self.exceptions {
            exception.write(f, indent + 2, "exception")?;
        }
        Ok(())
    }
}
