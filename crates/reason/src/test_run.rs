//! Runs the tests of rule files.

use std::fmt;

use grounds_core::{Program, Status, Value};
use serde::Serialize;

use crate::compile::Compiled;
use crate::evaluate::{Evaluation, evaluate};
use crate::render::shown_value;
use crate::rule_test::{Expectation, Expected, RuleTest};
use crate::say::shown_statement;
use crate::why_not::{WhyNotKind, why_not};
use crate::world::same_value;

/// What a test came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TestOutcome {
    /// Its name.
    pub name: String,
    /// The file it stands in.
    pub file: String,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// Expectations that were not met; empty where it passed.
    pub failures: Vec<TestFailure>,
}

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TestFailure {
    /// The line on which it stands, from 1.
    pub line: usize,
    /// The claim, as "LateReport(i)".
    pub claim: String,
    /// What was expected, in words.
    pub expected: String,
    /// What was found, in words.
    pub found: String,
}

impl TestOutcome {
    /// Whether every expectation was met.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for TestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: expected {} {}, found {}", self.line, self.claim, self.expected, self.found)
    }
}

/// Runs all tests, in the order of their files.
pub fn run_tests(compiled: &Compiled) -> Vec<TestOutcome> {
    compiled.tests.iter().map(|test| run(&compiled.program, test)).collect()
}

fn run(program: &Program, test: &RuleTest) -> TestOutcome {
    let failures = match evaluate(program, &test.case) {
        Ok(evaluation) => test
            .expectations
            .iter()
            .filter_map(|expectation| failure_of(program, test, &evaluation, expectation))
            .collect(),
        Err(error) => vec![TestFailure {
            line: test.line,
            claim: "every claim".to_owned(),
            expected: "to be evaluated".to_owned(),
            found: error.to_string(),
        }],
    };
    TestOutcome { name: test.name.clone(), file: test.file.clone(), line: test.line, failures }
}

pub(crate) fn failure_of(
    program: &Program,
    test: &RuleTest,
    evaluation: &Evaluation,
    expectation: &Expectation,
) -> Option<TestFailure> {
    let (predicate, arguments) = (expectation.predicate.as_str(), expectation.arguments.as_slice());
    let status = evaluation.status(predicate, arguments)?;
    let failure = |expected: String, found: String| {
        let claim = shown_statement(predicate, arguments);
        Some(TestFailure { line: expectation.line, claim, expected, found })
    };
    let met = match (&expectation.expected, status) {
        (Expected::Holds, Status::Holds(_))
        | (Expected::DoesNotHold, Status::DoesNotHold)
        | (Expected::Conflict, Status::Conflict)
        | (Expected::Value(Value::Bool(false)), Status::DoesNotHold) => true,
        (Expected::Value(expected), Status::Holds(found)) => same_value(expected, found),
        (Expected::Undetermined { missing }, Status::Undetermined) => {
            if missing.is_empty() {
                return None;
            }
            let found = missing_facts(program, test, evaluation, predicate, arguments);
            let expected = shown_facts(missing.clone());
            return if found == expected {
                None
            } else {
                failure(
                    format!("undetermined missing {}", expected.join(", ")),
                    format!("missing {}", found.join(", ")),
                )
            };
        }
        _ => false,
    };
    if met { None } else { failure(expected_words(&expectation.expected), status_words(status)) }
}

/// The facts of the smallest missing sets, in alphabetical order.
fn missing_facts(
    program: &Program,
    test: &RuleTest,
    evaluation: &Evaluation,
    predicate: &str,
    arguments: &[String],
) -> Vec<String> {
    match why_not(program, &test.case, evaluation, predicate, arguments).kind {
        WhyNotKind::Unknown { missing } => {
            shown_facts(missing.into_iter().flatten().map(|fact| (fact.predicate, fact.arguments)).collect())
        }
        _ => Vec::new(),
    }
}

fn shown_facts(facts: Vec<(String, Vec<String>)>) -> Vec<String> {
    let mut shown: Vec<String> =
        facts.into_iter().map(|(predicate, arguments)| shown_statement(&predicate, &arguments)).collect();
    shown.sort();
    shown.dedup();
    shown
}

fn expected_words(expected: &Expected) -> String {
    match expected {
        Expected::Holds => "to hold".to_owned(),
        Expected::Value(value) => format!("= {}", shown_value(value)),
        Expected::DoesNotHold => "not to hold".to_owned(),
        Expected::Conflict => "in conflict".to_owned(),
        Expected::Undetermined { .. } => "undetermined".to_owned(),
    }
}

fn status_words(status: &Status) -> String {
    match status {
        Status::Holds(Value::Bool(true)) => "that it holds".to_owned(),
        Status::Holds(value) => format!("= {}", shown_value(value)),
        Status::DoesNotHold => "that it does not hold".to_owned(),
        Status::Undetermined => "undetermined".to_owned(),
        Status::Conflict => "conflict".to_owned(),
    }
}
