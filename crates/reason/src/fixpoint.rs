//! Claims that depend on themselves: first how they must hold, then how they may, then where they are in conflict.
//!
//! Each of the three is the least set closed under the rules, found by evaluating again what has looked up a claim that changed. See
//! `docs/rules.md`, section "Recursion".

use std::collections::{BTreeMap, BTreeSet};

use grounds_core::{Judgement, Justification, NodeId, Status, Value};

use crate::evaluate::Evaluation;
use crate::evaluate_error::EvaluateError;
use crate::machine::LookUp;
use crate::rule_outcome::{ClaimTrace, evaluate_claim};
use crate::world::World;

/// A claim with arguments.
type Member = (String, Vec<String>);

/// What a member looks up: a fact or claim evaluated before, or a member by its position.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Premise {
    Node(NodeId),
    Member(usize),
}

/// Evaluates these claims of one group together; the node of each, in the order given.
pub(crate) fn evaluate_members(
    world: &World<'_>,
    members: &[Member],
    evaluation: &mut Evaluation,
) -> Result<Vec<NodeId>, EvaluateError> {
    let mut positions: BTreeMap<&str, BTreeMap<&[String], usize>> = BTreeMap::new();
    for (position, (claim, arguments)) in members.iter().enumerate() {
        positions.entry(claim).or_default().insert(arguments, position);
    }
    let statuses = vec![Status::DoesNotHold; members.len()];
    let readers = vec![BTreeSet::new(); members.len()];
    let mut fixpoint = Fixpoint { world, members, positions, evaluation, statuses, readers, order: Vec::new() };
    fixpoint.spread(&Status::DoesNotHold, |found| match found {
        Status::Holds(_) => Some(Status::Holds(Value::Bool(true))),
        _ => None,
    })?;
    fixpoint.spread(&Status::DoesNotHold, |found| (found != Status::DoesNotHold).then_some(Status::Undetermined))?;
    let before = fixpoint.order.len();
    fixpoint.spread(&Status::Undetermined, |found| (found == Status::Conflict).then_some(Status::Conflict))?;
    // A conflict stands where it was found to be possible: its place in the proof shows why it does not fail to hold.
    fixpoint.order.truncate(before);
    fixpoint.finish()
}

struct Fixpoint<'f, 'a> {
    world: &'f World<'a>,
    members: &'f [Member],
    positions: BTreeMap<&'f str, BTreeMap<&'f [String], usize>>,
    evaluation: &'f mut Evaluation,
    statuses: Vec<Status>,
    /// The members that look each member up.
    readers: Vec<BTreeSet<usize>>,
    /// Members that hold or may hold, each after what makes it so.
    order: Vec<usize>,
}

impl<'a> Fixpoint<'_, 'a> {
    /// Evaluates the members with status `from` until `accept` gives none of them another one.
    fn spread(&mut self, from: &Status, accept: fn(Status) -> Option<Status>) -> Result<(), EvaluateError> {
        let mut waiting: BTreeSet<usize> =
            (0..self.members.len()).filter(|position| self.statuses[*position] == *from).collect();
        while let Some(position) = waiting.pop_first() {
            let (trace, premises) = self.evaluate(position)?;
            for premise in premises {
                if let Premise::Member(read) = premise {
                    self.readers[read].insert(position);
                }
            }
            if let Some(status) = accept(trace.status) {
                self.statuses[position] = status;
                self.order.push(position);
                let again = self.readers[position].iter().filter(|reader| self.statuses[**reader] == *from);
                waiting.extend(again);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, position: usize) -> Result<(ClaimTrace<'a>, Vec<Premise>), EvaluateError> {
        self.evaluate_before(position, None)
    }

    /// Evaluates a member; where `places` says where each stands, once more with those that stand no earlier taken as not holding, unless it
    /// does not hold itself. The premises are those of both.
    fn evaluate_before(
        &mut self,
        position: usize,
        places: Option<&[usize]>,
    ) -> Result<(ClaimTrace<'a>, Vec<Premise>), EvaluateError> {
        let (claim, arguments) = &self.members[position];
        let mut within = Within {
            world: self.world,
            positions: &self.positions,
            evaluation: self.evaluation,
            statuses: &self.statuses,
            before: None,
            premises: Vec::new(),
            seen: BTreeSet::new(),
        };
        let trace = evaluate_claim(self.world, claim, arguments, &mut within)?;
        if let Some(places) = places.filter(|_| trace.status != Status::DoesNotHold) {
            let is_late =
                |premise: &Premise| matches!(premise, Premise::Member(member) if places[*member] >= places[position]);
            if within.premises.iter().any(is_late) {
                within.before = Some((places, places[position]));
                evaluate_claim(self.world, claim, arguments, &mut within)?;
            }
        }
        Ok((trace, within.premises))
    }

    /// Evaluates every member once more over what all have come to, and writes the nodes down.
    fn finish(mut self) -> Result<Vec<NodeId>, EvaluateError> {
        let is_placed: BTreeSet<usize> = self.order.iter().copied().collect();
        let rest = (0..self.members.len()).filter(|position| !is_placed.contains(position));
        let order: Vec<usize> = self.order.iter().copied().chain(rest).collect();
        let mut places = vec![0; self.members.len()];
        for (place, position) in order.iter().enumerate() {
            places[*position] = place;
        }
        let mut evaluated = Vec::with_capacity(order.len());
        for position in &order {
            evaluated.push(self.evaluate_before(*position, Some(&places))?);
        }
        let first = self.evaluation.nodes().len();
        let nodes: Vec<NodeId> = places.iter().map(|place| first + place).collect();
        for (position, (trace, premises)) in order.iter().zip(evaluated) {
            let premises = premises.into_iter().map(|premise| match premise {
                Premise::Node(node) => node,
                Premise::Member(member) => nodes[member],
            });
            let premises = premises.collect();
            let deciding = trace.deciding.iter().map(|id| (*id).to_owned()).collect();
            let (predicate, arguments) = self.members[*position].clone();
            let judgement = Judgement { predicate, arguments, status: trace.status };
            self.evaluation.push(judgement, Justification::Rules { premises, deciding });
        }
        Ok(nodes)
    }
}

/// Looks members up as they stand, everything else in what has been evaluated.
struct Within<'w, 'a> {
    world: &'w World<'a>,
    positions: &'w BTreeMap<&'w str, BTreeMap<&'w [String], usize>>,
    evaluation: &'w mut Evaluation,
    statuses: &'w [Status],
    /// Where set, members whose place is not before this one do not hold.
    before: Option<(&'w [usize], usize)>,
    premises: Vec<Premise>,
    seen: BTreeSet<Premise>,
}

impl LookUp for Within<'_, '_> {
    fn look_up(&mut self, predicate: &str, arguments: &[String]) -> Status {
        let member = self.positions.get(predicate).and_then(|of| of.get(arguments)).copied();
        let (premise, status) = match member {
            Some(position) if self.before.is_some_and(|(places, before)| places[position] >= before) => {
                (Premise::Member(position), Status::DoesNotHold)
            }
            Some(position) => (Premise::Member(position), self.statuses[position].clone()),
            None => {
                let node = self.evaluation.node_or_fact(self.world, predicate, arguments);
                (Premise::Node(node), self.evaluation.nodes()[node].judgement.status.clone())
            }
        };
        if self.seen.insert(premise) {
            self.premises.push(premise);
        }
        status
    }
}
