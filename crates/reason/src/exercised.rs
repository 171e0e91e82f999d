//! Which rules the tests of rule files exercise.

use std::collections::{BTreeMap, BTreeSet};

use crate::compile::Compiled;
use crate::evaluate::{Evaluation, evaluate};
use crate::explain::Reading;
use crate::outcome::Truth;
use crate::rule_outcome::{RuleTrace, evaluate_named};
use crate::rule_test::RuleTest;
use crate::world::World;

/// For each rule, exception and limit, how many tests exercise it: expect a claim that rests on it, with its condition met.
///
/// Every rule of the program is named, also with none. A test that cannot be evaluated exercises nothing. Costs one run of the tests.
pub fn exercised(compiled: &Compiled) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<String, usize> = compiled.program.rules.iter().map(|rule| (rule.id.clone(), 0)).collect();
    for test in &compiled.tests {
        let (Ok(world), Ok(evaluation)) =
            (World::new(&compiled.program, &test.case), evaluate(&compiled.program, &test.case))
        else {
            continue;
        };
        for rule in rests_on(&world, &evaluation, test) {
            *counts.entry(rule).or_default() += 1;
        }
    }
    counts
}

/// The rules whose conditions are met among those that the expectations of a test rest on.
fn rests_on(world: &World<'_>, evaluation: &Evaluation, test: &RuleTest) -> BTreeSet<String> {
    let expectations = test.expectations.iter();
    let mut open: Vec<(String, Vec<String>)> =
        expectations.map(|expected| (expected.predicate.clone(), expected.arguments.clone())).collect();
    let (mut seen, mut rules) = (BTreeSet::new(), BTreeSet::new());
    while let Some((predicate, arguments)) = open.pop() {
        if !world.claims.contains_key(predicate.as_str()) || !seen.insert((predicate.clone(), arguments.clone())) {
            continue;
        }
        let mut reading = Reading::new(world, evaluation);
        if let Ok(trace) = evaluate_named(world, &predicate, &arguments, &mut reading) {
            trace.rules.iter().for_each(|rule| met(rule, &mut rules));
        }
        open.append(&mut reading.seen);
    }
    rules
}

fn met(trace: &RuleTrace<'_>, rules: &mut BTreeSet<String>) {
    if trace.condition == Truth::True {
        rules.insert(trace.rule.id.clone());
    }
    trace.exceptions.iter().for_each(|exception| met(exception, rules));
}
