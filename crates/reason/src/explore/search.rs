//! Looks for a case at which two programs say different things of a claim.

use std::collections::{BTreeMap, BTreeSet};

use grounds_core::{
    Case, ClaimDeclaration, Fact, FactDeclaration, FactGrounds, Judgement, Program, Status, Type, Value,
};

use crate::evaluate::{Evaluation, Evaluator};
use crate::explore::budget::Budget;
use crate::explore::random::Random;
use crate::explore::stock::Stock;
use crate::world::same_value;

/// The most choices of entities tried for one fact or claim.
const CHOICE_COUNT_MAX: usize = 64;
/// The most cases that are varied.
const START_COUNT_MAX: usize = 32;

/// Two programs and the claims on which they are compared.
pub(super) struct Pair<'p> {
    one: Evaluator<'p>,
    other: Evaluator<'p>,
    /// Claims that both declare alike: names and parameters.
    claims: Vec<(&'p str, &'p [String])>,
}

/// What two programs say of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) predicate: String,
    pub(super) arguments: Vec<String>,
    pub(super) status: Status,
    pub(super) other: Status,
}

impl<'p> Pair<'p> {
    /// Compares on the claims named that both declare alike; `None` where a program cannot be evaluated at all.
    pub(super) fn new(one: &'p Program, other: &'p Program, claims: &BTreeSet<String>) -> Option<Self> {
        let is_alike = |declared: &&ClaimDeclaration| {
            let same = other.claims.iter().find(|same| same.name == declared.name);
            same.is_some_and(|same| same.parameters == declared.parameters && same.value == declared.value)
        };
        let compared = one.claims.iter().filter(|declared| claims.contains(&declared.name)).filter(is_alike);
        let claims = compared.map(|declared| (declared.name.as_str(), declared.parameters.as_slice())).collect();
        Some(Self { one: Evaluator::new(one).ok()?, other: Evaluator::new(other).ok()?, claims })
    }

    fn goals(&self, case: &Case) -> Vec<(String, Vec<String>)> {
        let mut goals = Vec::new();
        for (name, parameters) in &self.claims {
            goals.extend(choices(case, parameters).into_iter().map(|arguments| ((*name).to_owned(), arguments)));
        }
        goals
    }

    /// What the first program concludes, and the first claim compared of which the other says something else. A case that one of them cannot
    /// evaluate tells nothing.
    pub(super) fn compare(&self, case: &Case) -> (Option<Evaluation>, Option<Found>) {
        let goals = self.goals(case);
        let Ok(one) = self.one.clone().evaluate_for(case, &goals) else { return (None, None) };
        let Ok(other) = self.other.clone().evaluate_for(case, &goals) else { return (Some(one), None) };
        let found = goals.into_iter().find_map(|(predicate, arguments)| {
            let status = one.status(&predicate, &arguments)?.clone();
            let other = other.status(&predicate, &arguments)?.clone();
            (!is_same(&status, &other)).then_some(Found { predicate, arguments, status, other })
        });
        (Some(one), found)
    }
}

pub(super) fn is_same(left: &Status, right: &Status) -> bool {
    match (left, right) {
        (Status::Holds(left), Status::Holds(right)) => same_value(left, right),
        _ => left == right,
    }
}

/// All choices of entities of these types, the last varying fastest; of many, the first.
pub(super) fn choices(case: &Case, types: &[String]) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = vec![Vec::new()];
    for of in types {
        let names: Vec<&String> =
            case.entities.iter().filter(|entity| entity.entity_type == *of).map(|entity| &entity.name).collect();
        let longer = found
            .iter()
            .flat_map(|chosen| names.iter().map(|name| chosen.iter().chain([*name]).cloned().collect::<Vec<String>>()));
        found = longer.take(CHOICE_COUNT_MAX).collect();
    }
    found
}

/// What a search looks at.
pub(super) struct Search<'s, 'p> {
    pub(super) pair: &'s Pair<'p>,
    pub(super) stock: &'s Stock,
    /// Facts that the differing rules themselves look at.
    pub(super) near: Vec<&'p FactDeclaration>,
    /// Facts that the claims compared can depend on.
    pub(super) all: Vec<&'p FactDeclaration>,
    pub(super) random: &'s mut Random,
}

/// A case to vary, with the values worth trying in it, by type.
struct Start {
    case: Case,
    evaluation: Option<Evaluation>,
    values: BTreeMap<Type, Vec<Value>>,
}

impl Search<'_, '_> {
    /// Tries the cases as they are, then varied: up to four facts of one of them otherwise, or its date. A variation that brings a claim to a
    /// status that none had before joins the cases, so that conditions are met one after the other.
    pub(super) fn find(&mut self, cases: &mut Vec<Case>, budget: &mut Budget<'_>) -> Option<(Case, Found)> {
        let mut starts: Vec<Start> = Vec::new();
        let mut seen: BTreeSet<(String, u8)> = BTreeSet::new();
        let mut waiting = std::mem::take(cases);
        waiting.reverse();
        let mut result = None;
        while budget.take() {
            let (case, is_variation) = match waiting.pop() {
                Some(case) => (case, false),
                None if starts.is_empty() => break,
                None => (self.varied(&mut starts), true),
            };
            let (evaluation, found) = self.pair.compare(&case);
            let count_before = seen.len();
            seen.extend(evaluation.iter().flat_map(Evaluation::claims).map(reached));
            let is_new = seen.len() > count_before;
            if let Some(found) = found {
                result = Some((case.clone(), found));
            }
            if !is_variation || is_new && starts.len() < START_COUNT_MAX {
                starts.push(Start { case, evaluation, values: BTreeMap::new() });
            }
            if result.is_some() {
                break;
            }
        }
        waiting.reverse();
        cases.extend(starts.into_iter().map(|start| start.case).chain(waiting));
        result
    }

    /// One of the cases with one to four facts otherwise, and sometimes its date.
    fn varied(&mut self, starts: &mut [Start]) -> Case {
        let position = self.random.below(starts.len());
        let Start { case: start, evaluation, values } = &mut starts[position];
        let mut case = start.clone();
        // Few rather than many, and of the values those that come first: they are the likeliest to lie at a threshold.
        for _ in 0..=self.random.low(4) {
            let facts = if self.random.below(2) == 0 && !self.near.is_empty() { &self.near } else { &self.all };
            let Some(fact) = self.random.pick(facts).copied() else { break };
            let arguments = choices(start, &fact.parameters);
            let Some(arguments) = self.random.pick(&arguments) else { continue };
            let values = values
                .entry(fact.value.clone())
                .or_insert_with(|| self.stock.values_for(&fact.value, start, evaluation.as_ref()));
            let likely = self.random.low(values.len());
            let value = if self.random.below(8) == 0 { None } else { values.get(likely).cloned() };
            state(&mut case, &fact.predicate, arguments, value);
        }
        if self.random.below(8) == 0 || self.all.is_empty() {
            let dates = self.stock.dates_for(start, evaluation.as_ref());
            case.as_of = self.random.pick(&dates).copied().unwrap_or(case.as_of);
        }
        case
    }
}

/// A claim and the kind of its status.
fn reached(judgement: &Judgement) -> (String, u8) {
    let kind = match judgement.status {
        Status::Holds(_) => 0,
        Status::DoesNotHold => 1,
        Status::Undetermined => 2,
        Status::Conflict => 3,
    };
    (judgement.predicate.clone(), kind)
}

/// States a fact in place of what the case states about it; nothing, where there is no value.
pub(super) fn state(case: &mut Case, predicate: &str, arguments: &[String], value: Option<Value>) {
    case.facts.retain(|fact| fact.predicate != predicate || fact.arguments != arguments);
    case.facts.extend(value.map(|value| Fact {
        predicate: predicate.to_owned(),
        arguments: arguments.to_vec(),
        value,
        grounds: FactGrounds::Author { author: "exploration".to_owned() },
    }));
}

/// The facts among `names`, as a program declares them.
pub(super) fn declared<'p>(program: &'p Program, names: &BTreeSet<&str>) -> Vec<&'p FactDeclaration> {
    program.facts.iter().filter(|fact| names.contains(fact.predicate.as_str())).collect()
}
