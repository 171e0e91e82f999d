//! Thresholds that no test tells from their neighbours.

use std::collections::{BTreeMap, BTreeSet};

use grounds_core::{Case, Status};
use serde::Serialize;

use crate::compile::Compiled;
use crate::evaluate::evaluate_for;
use crate::explore::ExploreSettings;
use crate::explore::block::test_block;
use crate::explore::budget::Budget;
use crate::explore::difference::Versions;
use crate::explore::mutant::{Mutant, mutants_of};
use crate::explore::noticed::PassingTests;
use crate::explore::random::Random;
use crate::explore::search::{Found, is_same};
use crate::say::shown_statement;

/// What an exploration of thresholds found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ThresholdReport {
    /// How many times a threshold was moved by one step, each in every way it can be.
    pub moved_count: usize,
    /// How many of these some test noticed.
    pub noticed_count: usize,
    /// The others, in the order of the rules, then of tables, then of days.
    pub unnoticed: Vec<Unnoticed>,
    /// Tests that would notice them.
    pub tests: Vec<ProposedTest>,
    /// How many cases were tried.
    pub case_count: usize,
    /// Whether the caller ended it before every threshold was moved and every case tried.
    pub bound_hit: bool,
}

/// A threshold of which all tests would pass if it lay one step away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unnoticed {
    /// The rule's id or the table's name; none for a day on which rules begin or end to be in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The file and line where that begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<(String, usize)>,
    /// What is written, as "i.clients_affected is at least 1 000".
    pub written: String,
    /// What it could say.
    pub instead: String,
    /// The position of a proposed test that would notice; none where no case was found that tells them apart. There may be none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<usize>,
}

/// A test that would notice that a threshold has moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposedTest {
    /// The claim, as "Significant(i)".
    pub claim: String,
    /// Its status under the rules.
    pub status: Status,
    /// The case, shrunk to what matters, as a `test` of a rule file that the rules pass. Whether the law says so is for its author to read.
    pub test: String,
}

/// Moves every threshold in the rules and tables of these files (all, where none is named) by one step and says which moves no test notices.
///
/// The thresholds are the order in comparisons with its limit or without, every number, amount, date, instant and length of time, and the days
/// on which rules, rows and amendments begin and end to be in force. Tests that fail are left out. For what goes unnoticed, cases are sought that
/// tell the two apart, around the tests' and at made-up ones. Cost: for each move, the tests that can depend on it; then
/// `settings.case_count_max` cases, each evaluated twice; shrinking one tries at most 2,000 more.
pub fn explore_thresholds(compiled: &Compiled, files: &[String], settings: ExploreSettings<'_>) -> ThresholdReport {
    let mut budget = Budget::new(settings);
    let mut report = ThresholdReport::default();
    let tests = PassingTests::of(compiled);
    let mut unnoticed = Vec::new();
    for mutant in mutants_of(&compiled.program, &|name| stands_in(compiled, name, files)) {
        if !(settings.go_on)() {
            report.bound_hit = true;
            break;
        }
        report.moved_count += 1;
        let claims = mutant.claims(&compiled.program);
        if tests.notice(&mutant.of(&compiled.program), &claims) {
            report.noticed_count += 1;
        } else {
            unnoticed.push((mutant, claims));
        }
    }
    let mut proposals =
        Proposals { compiled, random: Random::new(settings.seed), found: Vec::new(), cases: BTreeMap::new() };
    for (position, (mutant, claims)) in unnoticed.iter().enumerate() {
        let mut share = budget.share(unnoticed.len() - position);
        let test = proposals.noticing(mutant, claims, &mut share);
        budget.settle(&share);
        let name = mutant.holder(&compiled.program).map(str::to_owned);
        let place = name.as_ref().and_then(|name| place_of(compiled, name)).cloned();
        let (written, instead) = mutant.shown(&compiled.program);
        report.unnoticed.push(Unnoticed { name, place, written, instead, test });
    }
    report.tests = proposals.found.iter().map(|(case, found)| proposed(compiled, case, found)).collect();
    report.case_count = budget.spent();
    report.bound_hit |= budget.ended();
    report
}

/// The file and line of a rule or table.
fn place_of<'c>(compiled: &'c Compiled, name: &str) -> Option<&'c (String, usize)> {
    compiled.positions.get(name).or_else(|| compiled.table_positions.get(name))
}

fn stands_in(compiled: &Compiled, name: &str, files: &[String]) -> bool {
    files.is_empty() || place_of(compiled, name).is_some_and(|(file, _)| files.contains(file))
}

/// The tests proposed so far, as cases.
struct Proposals<'c> {
    compiled: &'c Compiled,
    random: Random,
    found: Vec<(Case, Found)>,
    /// By the claims that a threshold decides, cases at which they come out in many ways.
    cases: BTreeMap<BTreeSet<String>, Vec<Case>>,
}

impl Proposals<'_> {
    /// The position of a test that notices the mutant: one that is there already, else a new one.
    fn noticing(&mut self, mutant: &Mutant, claims: &BTreeSet<String>, budget: &mut Budget<'_>) -> Option<usize> {
        let program = &self.compiled.program;
        let moved = mutant.of(program);
        let is_noticed = |(case, found): &(Case, Found)| {
            let goal = [(found.predicate.as_str(), found.arguments.as_slice())];
            let evaluation = evaluate_for(&moved, case, &goal).ok();
            let status = evaluation.as_ref().and_then(|found_now| found_now.status(goal[0].0, goal[0].1));
            claims.contains(&found.predicate) && status.is_some_and(|status| !is_same(status, &found.status))
        };
        if let Some(position) = self.found.iter().position(is_noticed) {
            return Some(position);
        }
        let rules = match mutant {
            Mutant::Rule { position, .. } => vec![&program.rules[*position]],
            Mutant::Cell { .. } | Mutant::Day { .. } => Vec::new(),
        };
        let tests = self.compiled.tests.iter().collect();
        let versions = Versions { one: program, other: &moved, tests, claims, rules };
        let cases = self.cases.entry(claims.clone()).or_default();
        let difference = versions.difference(cases, budget, &mut self.random)?;
        self.found.push(difference);
        Some(self.found.len() - 1)
    }
}

fn proposed(compiled: &Compiled, case: &Case, found: &Found) -> ProposedTest {
    let claim = shown_statement(&found.predicate, &found.arguments);
    let comment = "Found by exploration: read the law before you believe it.";
    ProposedTest { claim, status: found.status.clone(), test: test_block(compiled, comment, case, found) }
}
