//! The smallest sets of facts that would settle an undetermined claim.

use grounds_core::{Citation, NodeId, Status, Value};
use serde::Serialize;

use crate::candidate::Thresholds;
use crate::order::{atoms_of_condition, atoms_of_expression};
use crate::suppose::Supposing;
use crate::template::fill;
use crate::world::World;

/// The largest sets looked for.
const SET_SIZE_MAX: usize = 3;
/// The most suppositions tried for one claim, so that an answer comes at once even where dozens of facts are missing.
const TRIAL_COUNT_MAX: usize = 20_000;

/// The most claims evaluated again in these trials, for the same reason where claims rest on many others.
const EVALUATION_COUNT_MAX: usize = 200_000;

/// A fact that is not known, and how to ask for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingFact {
    /// The fact.
    pub predicate: String,
    /// The entities it is about.
    pub arguments: Vec<String>,
    /// The question, with their names.
    pub ask: String,
    /// The provisions whose words the fact renders; else those of the first rule that looks at it.
    pub cites: Vec<Citation>,
}

/// What would settle a claim.
pub(crate) struct Missing {
    /// The smallest sets, in the order in which the facts were looked up.
    pub(crate) sets: Vec<Vec<NodeId>>,
    /// Whether larger sets, or more values, were left untried.
    pub(crate) bound_hit: bool,
}

struct Search<'m, 's, 'a> {
    supposing: &'m Supposing<'s, 'a>,
    facts: Vec<(NodeId, Vec<Value>)>,
    trials_left: usize,
}

/// How far a set of facts settles the claim.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Settles {
    Always,
    Sometimes,
    Never,
}

/// Finds the smallest sets of unknown facts such that every choice of values settles the claim; where there is none within the bounds,
/// the smallest such that some choice does; where there is none either, each unknown fact by itself.
pub(crate) fn missing_sets(supposing: &Supposing<'_, '_>) -> Missing {
    let thresholds = Thresholds::of(supposing);
    let facts: Vec<(NodeId, Vec<Value>)> =
        supposing.unknown_facts().into_iter().map(|fact| (fact, thresholds.candidates(supposing, fact))).collect();
    let mut search = Search { supposing, facts, trials_left: TRIAL_COUNT_MAX };
    let mut sometimes: Vec<Vec<NodeId>> = Vec::new();
    for size in 1..=SET_SIZE_MAX.min(search.facts.len()) {
        let mut always = Vec::new();
        let mut sometimes_here = Vec::new();
        let mut set: Vec<usize> = (0..size).collect();
        loop {
            match search.settles(&set, sometimes.is_empty()) {
                Settles::Always => always.push(search.nodes(&set)),
                Settles::Sometimes => sometimes_here.push(search.nodes(&set)),
                Settles::Never => {}
            }
            if search.is_spent() || !next_set(&mut set, search.facts.len()) {
                break;
            }
        }
        if !always.is_empty() {
            return Missing { sets: always, bound_hit: search.is_spent() };
        }
        if sometimes.is_empty() {
            sometimes = sometimes_here;
        }
    }
    let bound_hit = search.is_spent() || search.facts.len() > SET_SIZE_MAX;
    if sometimes.is_empty() {
        let each = search.facts.iter().map(|(fact, _)| vec![*fact]).collect();
        return Missing { sets: each, bound_hit: true };
    }
    Missing { sets: sometimes, bound_hit }
}

/// The next choice of as many positions below `count`, in order.
fn next_set(set: &mut [usize], count: usize) -> bool {
    let size = set.len();
    for index in (0..size).rev() {
        if set[index] < count - (size - index) {
            set[index] += 1;
            for later in index + 1..size {
                set[later] = set[later - 1] + 1;
            }
            return true;
        }
    }
    false
}

impl Search<'_, '_, '_> {
    fn is_spent(&self) -> bool {
        self.trials_left == 0 || self.supposing.evaluated_count.get() >= EVALUATION_COUNT_MAX
    }

    fn nodes(&self, set: &[usize]) -> Vec<NodeId> {
        set.iter().map(|position| self.facts[*position].0).collect()
    }

    /// Tries all choices of values for a set; only until one does not settle the claim, unless `some` is wanted.
    fn settles(&mut self, set: &[usize], some: bool) -> Settles {
        if set.iter().any(|position| self.facts[*position].1.is_empty()) {
            return Settles::Never;
        }
        let mut choice = vec![0; set.len()];
        let (mut settled, mut open) = (false, false);
        loop {
            if self.is_spent() {
                return if settled { Settles::Sometimes } else { Settles::Never };
            }
            self.trials_left -= 1;
            let supposed: Vec<(NodeId, Value)> = set
                .iter()
                .zip(&choice)
                .map(|(position, value)| (self.facts[*position].0, self.facts[*position].1[*value].clone()))
                .collect();
            match self.supposing.status(&supposed) {
                Some(Status::Holds(_) | Status::DoesNotHold) => settled = true,
                _ => open = true,
            }
            if open && (settled || !some) {
                return if settled { Settles::Sometimes } else { Settles::Never };
            }
            if !self.next_choice(set, &mut choice) {
                return if open { Settles::Never } else { Settles::Always };
            }
        }
    }

    fn next_choice(&self, set: &[usize], choice: &mut [usize]) -> bool {
        for index in (0..choice.len()).rev() {
            choice[index] += 1;
            if choice[index] < self.facts[set[index]].1.len() {
                return true;
            }
            choice[index] = 0;
        }
        false
    }
}

/// The fact of the sets whose value by itself settles the claim most often; among equals, the one in most sets, then the first.
pub(crate) fn most_useful(supposing: &Supposing<'_, '_>, missing: &Missing) -> Option<NodeId> {
    let thresholds = Thresholds::of(supposing);
    let mut best: Option<((usize, usize), NodeId)> = None;
    let mut facts: Vec<NodeId> = missing.sets.iter().flatten().copied().collect();
    facts.sort_unstable();
    facts.dedup();
    for fact in facts {
        let candidates = thresholds.candidates(supposing, fact);
        let settles = |value: &Value| {
            let status = supposing.status(&[(fact, value.clone())]);
            matches!(status, Some(Status::Holds(_) | Status::DoesNotHold))
        };
        let settled = candidates.iter().filter(|value| settles(value)).count();
        let share = settled * 1_000 / candidates.len().max(1);
        let sets = missing.sets.iter().filter(|set| set.contains(&fact)).count();
        if best.is_none_or(|(score, _)| (share, sets) > score) {
            best = Some(((share, sets), fact));
        }
    }
    best.map(|(_, fact)| fact)
}

/// A node of the evaluation as a missing fact.
pub(crate) fn missing_fact(supposing: &Supposing<'_, '_>, fact: NodeId) -> MissingFact {
    let judgement = &supposing.evaluation.nodes()[fact].judgement;
    let (predicate, arguments) = (judgement.predicate.clone(), judgement.arguments.clone());
    let Some(declared) = supposing.world.facts.get(predicate.as_str()) else {
        return MissingFact { predicate, arguments, ask: String::new(), cites: Vec::new() };
    };
    let cites =
        if declared.cites.is_empty() { first_rule_cites(supposing, &predicate) } else { declared.cites.clone() };
    MissingFact { ask: fill(&declared.ask, &declared.parameters, &arguments, ""), predicate, arguments, cites }
}

/// The citations of the first rule in force, among those the claim depends on, that looks at the fact.
fn first_rule_cites(supposing: &Supposing<'_, '_>, predicate: &str) -> Vec<Citation> {
    let world: &World<'_> = supposing.world;
    let in_cone = |claim: &str| supposing.cone.contains(claim);
    let rules = world.program.rules.iter().filter(|rule| rule.in_force.contains(world.case.as_of));
    let looks_at = |rule: &&grounds_core::Rule| {
        let mut found = false;
        atoms_of_condition(&rule.condition, &mut |atom| found |= atom.predicate == predicate);
        if let grounds_core::Conclusion::Value(value) = &rule.conclusion {
            atoms_of_expression(value, &mut |atom| found |= atom.predicate == predicate);
        }
        found
    };
    rules.filter(|rule| in_cone(&rule.claim)).find(looks_at).map_or_else(Vec::new, |rule| rule.cites.clone())
}
