//! Whether the tests of rule files notice that a threshold has moved.

use std::collections::BTreeSet;

use grounds_core::{Program, Status};

use crate::compile::Compiled;
use crate::evaluate::{Evaluation, Evaluator};
use crate::explore::reach::reach;
use crate::rule_test::{Expected, RuleTest};
use crate::test_run::failure_of;

/// The tests that pass, each with the claims that its expectations can depend on.
pub(super) struct PassingTests<'c> {
    tests: Vec<(&'c RuleTest, BTreeSet<&'c str>)>,
}

impl<'c> PassingTests<'c> {
    pub(super) fn of(compiled: &'c Compiled) -> Self {
        let program = &compiled.program;
        let Ok(evaluator) = Evaluator::new(program) else { return Self { tests: Vec::new() } };
        let passing = compiled.tests.iter().filter(|test| {
            let evaluation = evaluated(&evaluator, test);
            evaluation.is_some_and(|evaluation| is_met(program, test, &evaluation, true))
        });
        let with_reach = |test: &'c RuleTest| {
            (test, reach(program, test.expectations.iter().map(|expected| expected.predicate.as_str())))
        };
        Self { tests: passing.map(with_reach).collect() }
    }

    /// Whether one of them no longer passes under `moved`, in which only what decides `claims` has changed.
    pub(super) fn notice(&self, moved: &Program, claims: &BTreeSet<String>) -> bool {
        // Rules that cannot be evaluated at all fail every test.
        let Ok(evaluator) = Evaluator::new(moved) else { return true };
        let concerned = || {
            let tests = self.tests.iter();
            tests.filter(|(_, reach)| claims.iter().any(|claim| reach.contains(claim.as_str()))).map(|(test, _)| *test)
        };
        // What is missing takes long to find, and seldom decides.
        let mut evaluations = Vec::new();
        for test in concerned() {
            let Some(evaluation) = evaluated(&evaluator, test) else { return true };
            if !is_met(moved, test, &evaluation, false) {
                return true;
            }
            evaluations.push((test, evaluation));
        }
        evaluations.iter().any(|(test, evaluation)| !is_met(moved, test, evaluation, true))
    }
}

fn evaluated<'a>(evaluator: &Evaluator<'a>, test: &'a RuleTest) -> Option<Evaluation> {
    let goals: Vec<(&str, &[String])> =
        test.expectations.iter().map(|expected| (expected.predicate.as_str(), expected.arguments.as_slice())).collect();
    evaluator.evaluate_for(&test.case, &goals).ok()
}

/// Whether all expectations of a test are met; without `missing`, whatever it says of missing facts.
fn is_met(program: &Program, test: &RuleTest, evaluation: &Evaluation, missing: bool) -> bool {
    test.expectations.iter().all(|expectation| match &expectation.expected {
        Expected::Undetermined { .. } if !missing => {
            evaluation.status(&expectation.predicate, &expectation.arguments) == Some(&Status::Undetermined)
        }
        _ => failure_of(program, test, evaluation, expectation).is_none(),
    })
}
