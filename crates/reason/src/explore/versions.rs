//! Facts at which two versions of rules give different answers.

use std::collections::BTreeSet;

use grounds_core::{Program, Rule, Status, Type};
use serde::Serialize;

use crate::compile::Compiled;
use crate::explore::ExploreSettings;
use crate::explore::block::{expected, test_block};
use crate::explore::budget::Budget;
use crate::explore::difference::Versions;
use crate::explore::random::Random;
use crate::explore::reach::claims_of;
use crate::say::shown_statement;

/// What an exploration of two versions found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VersionReport {
    /// What the two versions have in different forms, or only one has: ids of rules, names of tables, calendars and facts, preferences.
    pub changed: Vec<String>,
    /// Claims that were compared: those that what changed decides directly.
    pub compared: Vec<String>,
    /// One for each claim at which they were found to differ.
    pub differences: Vec<Difference>,
    /// How many cases were tried.
    pub case_count: usize,
    /// Whether a claim was left at which no difference was found: more cases may find one.
    pub bound_hit: bool,
}

/// A case at which two versions of rules differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The claim, as "LateReport(i)".
    pub claim: String,
    /// Its status under the first version.
    pub status: Status,
    /// Its status under the other.
    pub other: Status,
    /// The case, shrunk to what the difference needs, as a `test` of a rule file that the first version passes.
    pub test: String,
}

/// Looks for facts at which two versions of rules give different answers, claim by claim: around the tests of both, then at made-up cases.
///
/// Claims that only one version declares, or declares otherwise, are not compared. A claim without a difference is no proof that there is none.
/// Cost: `settings.case_count_max` cases, each evaluated under both for one claim; shrinking a difference tries at most 2,000 cases more.
pub fn explore_versions(one: &Compiled, other: &Compiled, settings: ExploreSettings<'_>) -> VersionReport {
    let mut random = Random::new(settings.seed);
    let mut budget = Budget::new(settings);
    let changed = Changed::between(&one.program, &other.program);
    let compared = changed.claims(&one.program, &other.program);
    let mut report = VersionReport::default();
    for (position, claim) in compared.iter().enumerate() {
        let claims = BTreeSet::from([claim.clone()]);
        let versions = Versions {
            one: &one.program,
            other: &other.program,
            tests: one.tests.iter().chain(&other.tests).collect(),
            claims: &claims,
            rules: changed.rules.iter().copied().filter(|rule| rule.claim == *claim).collect(),
        };
        let mut share = budget.share(compared.len() - position);
        let difference = versions.difference(&mut Vec::new(), &mut share, &mut random);
        budget.settle(&share);
        let Some((case, found)) = difference else {
            report.bound_hit = true;
            continue;
        };
        let shown = shown_statement(&found.predicate, &found.arguments);
        let declared = one.program.claims.iter().find(|declared| declared.name == *claim);
        let value = declared.map_or(&Type::Bool, |claim| &claim.value);
        let comment = format!("The other version says: {shown}{}", expected(&found.other, value, &other.sources));
        let test = test_block(one, &comment, &case, &found);
        report.differences.push(Difference { claim: shown, status: found.status, other: found.other, test });
    }
    report.changed = changed.names.into_iter().collect();
    report.compared = compared.into_iter().collect();
    report.case_count = budget.spent();
    report
}

/// What differs between two programs.
struct Changed<'p> {
    names: BTreeSet<String>,
    rules: Vec<&'p Rule>,
}

impl<'p> Changed<'p> {
    fn between(one: &'p Program, other: &'p Program) -> Self {
        let mut changed = Changed { names: BTreeSet::new(), rules: Vec::new() };
        for (from, to) in [(one, other), (other, one)] {
            for rule in &from.rules {
                if !to.rules.iter().any(|same| same.id == rule.id && bare(same) == bare(rule)) {
                    changed.names.insert(rule.id.clone());
                    changed.rules.push(rule);
                }
            }
            let tables = from.tables.iter().filter(|table| !to.tables.contains(table)).map(|table| &table.name);
            let calendars = from.calendars.iter().filter(|calendar| {
                !to.calendars.iter().any(|same| {
                    (&same.name, &same.weekend, &same.holidays)
                        == (&calendar.name, &calendar.weekend, &calendar.holidays)
                })
            });
            let facts = from.facts.iter().filter(|fact| {
                let same = to.facts.iter().find(|same| same.predicate == fact.predicate);
                same.is_some_and(|same| same.mode != fact.mode)
            });
            let names = tables.chain(calendars.map(|calendar| &calendar.name));
            changed.names.extend(names.chain(facts.map(|fact| &fact.predicate)).cloned());
            let orders = from.preferences.iter().filter(|order| {
                !to.preferences.iter().any(|same| same.over == order.over && same.under == order.under)
            });
            changed.names.extend(orders.map(|order| format!("{} over {}", order.over, order.under)));
        }
        changed
    }

    /// The claims, known to both programs, that what changed decides directly.
    fn claims(&self, one: &Program, other: &Program) -> BTreeSet<String> {
        let is_in_order = |id: &str| self.names.iter().any(|name| name.split(" over ").any(|part| part == id));
        let is_changed = |name: &str| self.names.contains(name) || is_in_order(name);
        let mut claims: BTreeSet<String> = self.rules.iter().map(|rule| rule.claim.clone()).collect();
        claims.extend([one, other].into_iter().flat_map(|program| claims_of(program, &is_changed)));
        claims.retain(|name| [one, other].iter().all(|program| program.claims.iter().any(|claim| claim.name == *name)));
        claims
    }
}

/// A rule without what changes no answer: what it cites and how it is read.
fn bare(rule: &Rule) -> Rule {
    Rule { cites: Vec::new(), readings: Vec::new(), ..rule.clone() }
}
