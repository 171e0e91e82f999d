//! A small case at which two programs say different things of a claim.

use std::collections::BTreeSet;

use grounds_core::{Case, FactDeclaration, Program, Rule};

use crate::explore::budget::Budget;
use crate::explore::random::Random;
use crate::explore::reach::{looked_up, reach};
use crate::explore::search::{Found, Pair, Search, declared};
use crate::explore::seed_case::{day_in_force, seed_case};
use crate::explore::shrink::shrunk;
use crate::explore::stock::Stock;
use crate::rule_test::RuleTest;

/// How many cases are made up to begin with, besides those of the tests.
const MADE_UP_COUNT: usize = 4;
/// The most tests that a search begins from.
const SEED_COUNT_MAX: usize = 12;
/// The most cases that shrinking tries.
const SHRINK_COUNT_MAX: usize = 2_000;

/// Two programs, and where they can be expected to differ.
pub(super) struct Versions<'p> {
    pub(super) one: &'p Program,
    pub(super) other: &'p Program,
    /// Tests of both, whose cases a search begins from.
    pub(super) tests: Vec<&'p RuleTest>,
    /// The claims on which they are compared.
    pub(super) claims: &'p BTreeSet<String>,
    /// The rules in which they differ, as far as it is rules.
    pub(super) rules: Vec<&'p Rule>,
}

impl<'p> Versions<'p> {
    /// Looks for a case at which the programs differ, and shrinks it.
    ///
    /// `cases` has those to begin with, or nothing, and afterwards those that a search of the same claims had better begin with.
    pub(super) fn difference(
        &self,
        cases: &mut Vec<Case>,
        budget: &mut Budget<'_>,
        random: &mut Random,
    ) -> Option<(Case, Found)> {
        let pair = Pair::new(self.one, self.other, self.claims)?;
        let of = |program: &'p Program| reach(program, self.claims.iter().map(String::as_str));
        let (reached, other_reached) = (of(self.one), of(self.other));
        let is_reached =
            |rule: &&Rule| reached.contains(rule.claim.as_str()) || other_reached.contains(rule.claim.as_str());
        // Those that differ come first, and then their values are tried first.
        let around = self.one.rules.iter().chain(&self.other.rules).filter(is_reached);
        let stock = Stock::of(self.rules.iter().copied().chain(around), [self.one, self.other]);
        let is_shared = |fact: &&FactDeclaration| {
            let same = self.other.facts.iter().find(|same| same.predicate == fact.predicate);
            same.is_some_and(|same| same.parameters == fact.parameters && same.value == fact.value)
        };
        let near_names = self.rules.iter().flat_map(|rule| looked_up(rule)).collect();
        let near: Vec<_> = declared(self.one, &near_names).into_iter().filter(is_shared).collect();
        let all: Vec<_> = declared(self.one, &reached).into_iter().filter(is_shared).collect();
        if cases.is_empty() {
            *cases = self.seeds(&all);
            let as_of = day_in_force(self.rules.iter().copied());
            let compared = self.one.claims.iter().filter(|claim| self.claims.contains(&claim.name));
            let about: Vec<String> = compared.flat_map(|claim| claim.parameters.clone()).collect();
            cases.extend((0..MADE_UP_COUNT).map(|_| seed_case(&all, &about, as_of, &stock, random)));
        }
        let mut search = Search { pair: &pair, stock: &stock, near, all, random };
        let (case, found) = search.find(cases, budget)?;
        let mut for_shrinking = budget.beyond(SHRINK_COUNT_MAX);
        let case = shrunk(&pair, &stock, case, &found, &mut for_shrinking);
        budget.settle(&for_shrinking);
        Some((case, found))
    }

    /// The cases of tests that expect one of the claims, then of others, of both versions, with what both know.
    fn seeds(&self, facts: &[&FactDeclaration]) -> Vec<Case> {
        let mut found: Vec<Case> = Vec::new();
        let is_known = |of: &String| self.one.entities.contains(of) && self.other.entities.contains(of);
        for expects in [true, false] {
            for test in &self.tests {
                let mut case = test.case.clone();
                case.entities.retain(|entity| is_known(&entity.entity_type));
                case.facts.retain(|fact| facts.iter().any(|shared| shared.predicate == fact.predicate));
                let is_wanted =
                    test.expectations.iter().any(|expected| self.claims.contains(&expected.predicate)) == expects;
                let is_about = expects || !case.facts.is_empty();
                if is_wanted && is_about && found.len() < SEED_COUNT_MAX && !found.contains(&case) {
                    found.push(case);
                }
            }
        }
        found
    }
}
