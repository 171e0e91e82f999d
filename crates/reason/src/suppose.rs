//! Suppositions: what a claim would be if some facts were known. Only what depends on them is evaluated again.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use grounds_core::{Fact, FactGrounds, Judgement, Justification, Node, NodeId, Program, Status, Value};

use crate::evaluate::{Evaluation, evaluate_for};
use crate::machine::{Halt, LookUp};
use crate::order::dependencies;
use crate::outcome::Computed;
use crate::part::part_of;
use crate::rule_outcome::evaluate_named;
use crate::world::World;

/// An evaluation with what rests on what, seen from one claim.
pub(crate) struct Supposing<'s, 'a> {
    pub(crate) world: &'s World<'a>,
    pub(crate) evaluation: &'s Evaluation,
    pub(crate) target: NodeId,
    /// Facts and claims that the target may depend on, whatever the facts are.
    pub(crate) cone: BTreeSet<&'a str>,
    /// How many claims have been evaluated again so far: what suppositions cost.
    pub(crate) evaluated_count: Cell<usize>,
    /// The nodes of which each node is a premise.
    dependents: BTreeMap<NodeId, Vec<NodeId>>,
    /// The part of the program that concerns the target, where claims in it depend on themselves: it is then evaluated as a whole.
    recursive: Option<Program>,
}

impl<'s, 'a> Supposing<'s, 'a> {
    pub(crate) fn new(world: &'s World<'a>, evaluation: &'s Evaluation, target: NodeId) -> Self {
        let cone = cone(world, &evaluation.nodes()[target].judgement.predicate);
        let mut dependents: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
        for (id, node) in evaluation.nodes().iter().enumerate() {
            if let (Justification::Rules { premises, .. }, true) =
                (&node.by, cone.contains(node.judgement.predicate.as_str()))
            {
                premises.iter().for_each(|premise| dependents.entry(*premise).or_default().push(id));
            }
        }
        let is_late = |(id, node): (NodeId, &Node)| match &node.by {
            Justification::Rules { premises, .. } if cone.contains(node.judgement.predicate.as_str()) => {
                premises.iter().any(|premise| *premise >= id)
            }
            _ => false,
        };
        let judgement = &evaluation.nodes()[target].judgement;
        let recursive = (evaluation.nodes().iter().enumerate().any(is_late))
            .then(|| part_of(world.program, &[&judgement.predicate], world.case));
        Self { world, evaluation, target, cone, evaluated_count: Cell::new(0), dependents, recursive }
    }

    /// The status of the target if these facts had these values; `None` where it cannot be computed.
    pub(crate) fn status(&self, supposed: &[(NodeId, Value)]) -> Option<Status> {
        if let Some(program) = &self.recursive {
            return self.status_of_whole(program, supposed);
        }
        let mut changed: BTreeMap<NodeId, Status> = BTreeMap::new();
        let mut waiting: BTreeSet<NodeId> = BTreeSet::new();
        for (fact, value) in supposed {
            changed.insert(*fact, Status::Holds(value.clone()));
            waiting.extend(self.dependents.get(fact).into_iter().flatten());
        }
        // Node numbers rise from premises to what rests on them, so the lowest is always ready.
        while let Some(id) = waiting.pop_first() {
            let judgement = &self.evaluation.nodes()[id].judgement;
            self.evaluated_count.set(self.evaluated_count.get() + 1);
            let mut lookup = Overlay { supposing: self, changed: &changed };
            let trace = evaluate_named(self.world, &judgement.predicate, &judgement.arguments, &mut lookup).ok()?;
            if trace.status != judgement.status {
                changed.insert(id, trace.status);
                waiting.extend(self.dependents.get(&id).into_iter().flatten());
            }
        }
        let before = || self.evaluation.nodes()[self.target].judgement.status.clone();
        Some(changed.remove(&self.target).unwrap_or_else(before))
    }

    /// [`Supposing::status`] by evaluating all that the target needs.
    fn status_of_whole(&self, program: &Program, supposed: &[(NodeId, Value)]) -> Option<Status> {
        let mut case = self.world.case.clone();
        for (fact, value) in supposed {
            let Judgement { predicate, arguments, .. } = self.evaluation.nodes()[*fact].judgement.clone();
            let grounds = FactGrounds::Author { author: "supposition".to_owned() };
            case.facts.push(Fact { predicate, arguments, value: value.clone(), grounds });
        }
        let target = &self.evaluation.nodes()[self.target].judgement;
        let evaluation = evaluate_for(program, &case, &[(&target.predicate, &target.arguments)]).ok()?;
        // A claim that depends on itself is evaluated four times at least.
        self.evaluated_count.set(self.evaluated_count.get() + 4 * evaluation.claims().count());
        evaluation.status(&target.predicate, &target.arguments).cloned()
    }

    /// The facts not known that the target rests on, in the order in which the evaluation looked them up.
    pub(crate) fn unknown_facts(&self) -> Vec<NodeId> {
        let nodes = self.evaluation.nodes();
        let mut needed = BTreeSet::new();
        let mut waiting = vec![self.target];
        while let Some(id) = waiting.pop() {
            if needed.insert(id)
                && let Justification::Rules { premises, .. } = &nodes[id].by
            {
                waiting.extend(premises);
            }
        }
        let is_unknown =
            |id: &NodeId| nodes[*id].by == Justification::Absent && nodes[*id].judgement.status == Status::Undetermined;
        needed.into_iter().filter(is_unknown).collect()
    }
}

struct Overlay<'o, 's, 'a> {
    supposing: &'o Supposing<'s, 'a>,
    changed: &'o BTreeMap<NodeId, Status>,
}

impl LookUp for Overlay<'_, '_, '_> {
    fn look_up(&mut self, predicate: &str, arguments: &[usize], _depth: usize) -> Result<Computed, Halt> {
        let (world, evaluation) = (self.supposing.world, self.supposing.evaluation);
        let computed = match evaluation.node(predicate, &world.names(arguments)) {
            Some(node) => world.computed(self.changed.get(&node).unwrap_or(&evaluation.nodes()[node].judgement.status)),
            None => world.computed(&world.fact_at(predicate, arguments).0),
        };
        Ok(computed.unwrap_or(Computed::Unknown))
    }
}

/// All that a claim depends on by its rules, itself included.
fn cone<'a>(world: &World<'a>, claim: &str) -> BTreeSet<&'a str> {
    let below = dependencies(world.program);
    let Some((start, _)) = world.claims.get_key_value(claim) else { return BTreeSet::new() };
    let mut found: BTreeSet<&'a str> = BTreeSet::new();
    let mut waiting = vec![*start];
    while let Some(name) = waiting.pop() {
        if found.insert(name) {
            waiting.extend(below.get(name).into_iter().flatten());
        }
    }
    found
}
