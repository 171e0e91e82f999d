//! What rules look up, and which claims something can decide.

use std::collections::BTreeSet;

use grounds_core::{Atom, Conclusion, Program, Rule};

use crate::explore::literal::{Site, sites_of};
use crate::order::{atoms_of_condition, atoms_of_expression, dependencies};

/// The facts and claims that a rule itself looks up.
pub(super) fn looked_up(rule: &Rule) -> BTreeSet<&str> {
    let mut atoms: Vec<&Atom> = Vec::new();
    let mut visit = |atom| atoms.push(atom);
    atoms_of_condition(&rule.condition, &mut visit);
    rule.amendments.iter().for_each(|amendment| atoms_of_condition(&amendment.condition, &mut visit));
    if let Conclusion::Value(value) = &rule.conclusion {
        atoms_of_expression(value, &mut visit);
    }
    atoms.into_iter().map(|atom| atom.predicate.as_str()).collect()
}

/// The facts and claims that these claims can depend on, whatever the facts, themselves included.
pub(super) fn reach<'p>(program: &'p Program, claims: impl IntoIterator<Item = &'p str>) -> BTreeSet<&'p str> {
    let below = dependencies(program);
    let mut found = BTreeSet::new();
    let mut waiting: Vec<&str> = claims.into_iter().collect();
    while let Some(name) = waiting.pop() {
        if found.insert(name) {
            waiting.extend(below.get(name).into_iter().flatten());
        }
    }
    found
}

/// The tables and calendars that a rule names.
pub(super) fn tables_and_calendars(rule: &Rule) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    sites_of(&mut rule.clone(), &mut |site| {
        if let Site::Name(name) = site {
            found.insert(name.to_owned());
        }
    });
    found
}

/// The claims of the rules that are one of these, look up one of these facts, or name one of these tables or calendars.
pub(super) fn claims_of(program: &Program, is_one: &dyn Fn(&str) -> bool) -> BTreeSet<String> {
    let decides = |rule: &&Rule| {
        let names = looked_up(rule);
        is_one(&rule.id) || names.into_iter().any(is_one) || tables_and_calendars(rule).iter().any(|name| is_one(name))
    };
    program.rules.iter().filter(decides).map(|rule| rule.claim.clone()).collect()
}
