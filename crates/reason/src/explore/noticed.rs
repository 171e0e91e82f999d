//! Whether the tests of rule files notice that a threshold has moved.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use grounds_core::{Program, Status};

use crate::compile::Compiled;
use crate::evaluate::{Evaluation, Evaluator};
use crate::explore::reach::reach;
use crate::rule_test::{Expected, RuleTest};
use crate::test_run::failure_of;

/// The tests of rule files; those that fail notice nothing.
pub(super) struct PassingTests<'c> {
    program: &'c Program,
    /// Of the program; none where it cannot be evaluated at all.
    evaluator: Option<Evaluator<'c>>,
    tests: Vec<KnownTest<'c>>,
}

struct KnownTest<'c> {
    test: &'c RuleTest,
    /// The claims that its expectations can depend on.
    reach: BTreeSet<&'c str>,
    /// Whether it passes, once that was asked.
    passes: OnceCell<bool>,
}

impl<'c> PassingTests<'c> {
    pub(super) fn of(compiled: &'c Compiled) -> Self {
        let program = &compiled.program;
        let known = |test: &'c RuleTest| {
            let reach = reach(program, test.expectations.iter().map(|expected| expected.predicate.as_str()));
            KnownTest { test, reach, passes: OnceCell::new() }
        };
        let evaluator = Evaluator::new(program).ok();
        Self { program, evaluator, tests: compiled.tests.iter().map(known).collect() }
    }

    fn passes(&self, known: &KnownTest<'c>) -> bool {
        *known.passes.get_or_init(|| {
            let evaluation = self.evaluator.as_ref().and_then(|evaluator| evaluated(evaluator, known.test));
            evaluation.is_some_and(|evaluation| is_met(self.program, known.test, &evaluation, true))
        })
    }

    /// Whether one of them no longer passes under `moved`, in which only what decides `claims` has changed.
    pub(super) fn notice(&self, moved: &Program, claims: &BTreeSet<String>) -> bool {
        // Rules that cannot be evaluated at all fail every test.
        let Ok(evaluator) = Evaluator::new(moved) else { return true };
        let is_concerned = |known: &&KnownTest<'c>| claims.iter().any(|claim| known.reach.contains(claim.as_str()));
        // What is missing takes long to find, and seldom decides.
        let mut evaluations = Vec::new();
        for known in self.tests.iter().filter(is_concerned).filter(|known| self.passes(known)) {
            let test = known.test;
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
