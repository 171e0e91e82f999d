//! The part of a program that concerns some claims on one date.

use std::collections::BTreeSet;

use grounds_core::{Case, Program, Rule};

use crate::order::dependencies;

/// The rules in force on the case's date on which `claims` can depend, whatever the facts, with the declarations they and the case's facts need.
///
/// Evaluating the part gives these claims the same status as the whole. It is what an answer carries along, so that a reader gets the rules that
/// concern it and not every rule there is.
pub fn part_of(program: &Program, claims: &[&str], case: &Case) -> Program {
    let in_force: Vec<Rule> = program.rules.iter().filter(|rule| rule.in_force.contains(case.as_of)).cloned().collect();
    let in_force = Program { rules: in_force, ..program.clone() };
    let below = dependencies(&in_force);
    let mut used: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = claims.to_vec();
    while let Some(name) = open.pop() {
        if used.insert(name) {
            open.extend(below.get(name).into_iter().flatten());
        }
    }
    let rules: Vec<Rule> = in_force.rules.iter().filter(|rule| used.contains(rule.claim.as_str())).cloned().collect();
    let has_rule = |id: &str| rules.iter().any(|rule| rule.id == id);
    let preferences = program.preferences.iter().filter(|order| has_rule(&order.over) && has_rule(&order.under));
    let is_stated = |name: &str| case.facts.iter().any(|fact| fact.predicate == name);
    let facts =
        program.facts.iter().filter(|fact| used.contains(fact.predicate.as_str()) || is_stated(&fact.predicate));
    Program {
        entities: program.entities.clone(),
        facts: facts.cloned().collect(),
        claims: program.claims.iter().filter(|claim| used.contains(claim.name.as_str())).cloned().collect(),
        calendars: program.calendars.clone(),
        tables: program.tables.clone(),
        preferences: preferences.cloned().collect(),
        rules,
    }
}
