//! Claims that depend on themselves: first how they must hold, then how they may, then where they are in conflict.
//!
//! Each of the three is the least set closed under the rules, found by evaluating again what has looked up a claim that changed; claims join
//! when they are first looked up. See `docs/rules.md`, section "Recursion".

use std::collections::{BTreeMap, BTreeSet};

use grounds_core::{NodeId, Status, Value};

use crate::demand::{Demand, Key};
use crate::evaluate_error::EvaluateError;
use crate::machine::{Halt, LookUp};
use crate::outcome::Computed;
use crate::rule_outcome::{ClaimTrace, evaluate_claim};

/// What a member looks up: a fact or claim evaluated before, or a member by its position.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Premise {
    Node(NodeId),
    Member(usize),
}

/// As what members are looked up.
#[derive(Clone, Copy)]
enum View<'v> {
    /// As they must be: what only may hold does not.
    Must,
    /// As they stand.
    All,
    /// As they stand, and, unless the one evaluated does not hold, once more with those taken as not holding whose place is not before its own.
    Placed(&'v [usize]),
}

/// Evaluates these claims of one group, and those of it that they need; the nodes of these, in the order given.
pub(crate) fn evaluate_members(
    demand: &mut Demand<'_, '_>,
    group: usize,
    members: &[Key],
) -> Result<Vec<NodeId>, Halt> {
    let wanted = members.len();
    let mut fixpoint = Fixpoint {
        demand,
        group,
        members: Vec::new(),
        positions: BTreeMap::new(),
        statuses: Vec::new(),
        readers: Vec::new(),
        must: Vec::new(),
        may: Vec::new(),
    };
    for (claim, arguments) in members {
        fixpoint.join(*claim, arguments)?;
    }
    fixpoint.must(0)?;
    fixpoint.may(0)?;
    fixpoint.complete()?;
    fixpoint.conflicts()?;
    let mut nodes = fixpoint.finish()?;
    nodes.truncate(wanted);
    Ok(nodes)
}

struct Fixpoint<'f, 'd, 'a> {
    demand: &'f mut Demand<'d, 'a>,
    group: usize,
    members: Vec<Key>,
    positions: BTreeMap<Key, usize>,
    statuses: Vec<Status>,
    /// The members that look each member up.
    readers: Vec<BTreeSet<usize>>,
    /// Members that hold, each after what makes it so.
    must: Vec<usize>,
    /// Members that only may hold, each after what of them makes it so.
    may: Vec<usize>,
}

impl<'a> Fixpoint<'_, '_, 'a> {
    /// The position of a claim among the members, which it joins if it is new.
    fn join(&mut self, claim: usize, arguments: &[usize]) -> Result<usize, EvaluateError> {
        let (key, position) = ((claim, arguments.to_vec()), self.members.len());
        if let Some(known) = self.positions.get(&key) {
            return Ok(*known);
        }
        self.demand.count(1)?;
        self.positions.insert(key.clone(), position);
        self.members.push(key);
        self.statuses.push(Status::DoesNotHold);
        self.readers.push(BTreeSet::new());
        Ok(position)
    }

    fn evaluate(&mut self, position: usize, view: View<'_>) -> Result<(ClaimTrace<'a>, Vec<Premise>), Halt> {
        let (number, arguments) = self.members[position].clone();
        let world = self.demand.world;
        let claim = world.program.claims[number - world.program.facts.len()].name.as_str();
        let mut within = Within { fixpoint: self, view, before: None, premises: Vec::new(), seen: BTreeSet::new() };
        let trace = evaluate_claim(world, claim, &arguments, &mut within)?;
        if let (View::Placed(places), true) = (view, trace.status != Status::DoesNotHold) {
            let is_late = |premise: &Premise| matches!(premise, Premise::Member(it) if places[*it] >= places[position]);
            if within.premises.iter().any(is_late) {
                within.before = Some((places, places[position]));
                evaluate_claim(world, claim, &arguments, &mut within)?;
            }
        }
        let premises = within.premises;
        for premise in &premises {
            if let Premise::Member(read) = premise {
                self.readers[*read].insert(position);
            }
        }
        Ok((trace, premises))
    }

    /// The readers of a member that have this status.
    fn waiting(&self, position: usize, status: &Status) -> Vec<usize> {
        self.readers[position].iter().copied().filter(|reader| self.statuses[*reader] == *status).collect()
    }

    /// Finds which of the members from `first` on hold, and which of those that join.
    fn must(&mut self, first: usize) -> Result<(), Halt> {
        let mut waiting: BTreeSet<usize> = (first..self.members.len()).collect();
        while let Some(position) = waiting.pop_first() {
            let known = self.members.len();
            let (trace, _) = self.evaluate(position, View::Must)?;
            waiting.extend(known..self.members.len());
            if let (Status::Holds(_), Status::DoesNotHold) = (trace.status, &self.statuses[position]) {
                self.statuses[position] = Status::Holds(Value::Bool(true));
                self.must.push(position);
                waiting.extend(self.waiting(position, &Status::DoesNotHold));
            }
        }
        Ok(())
    }

    /// Finds which of the members from `first` on only may hold, and which of those that join.
    fn may(&mut self, first: usize) -> Result<(), Halt> {
        let mut waiting: BTreeSet<usize> = (first..self.members.len()).collect();
        while let Some(position) = waiting.pop_first() {
            if self.statuses[position] != Status::DoesNotHold {
                continue;
            }
            let known = self.members.len();
            let (trace, _) = self.evaluate(position, View::All)?;
            if known < self.members.len() {
                self.must(known)?;
                waiting.extend((known..self.members.len()).chain([position]));
            } else if trace.status != Status::DoesNotHold {
                self.statuses[position] = Status::Undetermined;
                self.may.push(position);
                waiting.extend(self.waiting(position, &Status::DoesNotHold));
            }
        }
        Ok(())
    }

    /// Has everything join that members look up as they stand now.
    fn complete(&mut self) -> Result<(), Halt> {
        let mut position = 0;
        while position < self.members.len() {
            let known = self.members.len();
            self.evaluate(position, View::All)?;
            if known == self.members.len() {
                position += 1;
            } else {
                self.must(known)?;
                self.may(known)?;
            }
        }
        Ok(())
    }

    /// Finds which of the members that may hold are in conflict. That makes no difference to what is looked up.
    fn conflicts(&mut self) -> Result<(), Halt> {
        let mut waiting: BTreeSet<usize> = self.may.iter().copied().collect();
        while let Some(position) = waiting.pop_first() {
            if self.evaluate(position, View::All)?.0.status == Status::Conflict {
                self.statuses[position] = Status::Conflict;
                waiting.extend(self.waiting(position, &Status::Undetermined));
            }
        }
        Ok(())
    }

    /// Evaluates every member once more over what all have come to, and writes the nodes down: those that hold first, then those that may,
    /// a conflict where it was found to be possible, so that its place shows why it does not fail to hold.
    fn finish(mut self) -> Result<Vec<NodeId>, Halt> {
        let rest = (0..self.members.len()).filter(|position| self.statuses[*position] == Status::DoesNotHold);
        let order: Vec<usize> = self.must.iter().chain(&self.may).copied().chain(rest).collect();
        let mut places = vec![0; self.members.len()];
        for (place, position) in order.iter().enumerate() {
            places[*position] = place;
        }
        let mut evaluated = Vec::with_capacity(order.len());
        for position in &order {
            evaluated.push(self.evaluate(*position, View::Placed(&places))?);
        }
        let first = self.demand.evaluation.nodes().len();
        let nodes: Vec<NodeId> = places.iter().map(|place| first + place).collect();
        for (position, (trace, premises)) in order.iter().zip(evaluated) {
            let premises = premises.into_iter().map(|premise| match premise {
                Premise::Node(node) => node,
                Premise::Member(member) => nodes[member],
            });
            let (claim, arguments) = std::mem::take(&mut self.members[*position]);
            self.demand.push_claim(claim, arguments, trace, premises.collect());
        }
        Ok(nodes)
    }
}

/// Looks members up as a view has them, everything else in what has been evaluated.
struct Within<'w, 'f, 'd, 'a> {
    fixpoint: &'w mut Fixpoint<'f, 'd, 'a>,
    view: View<'w>,
    /// Where set, members whose place is not before this one do not hold.
    before: Option<(&'w [usize], usize)>,
    premises: Vec<Premise>,
    seen: BTreeSet<Premise>,
}

impl LookUp for Within<'_, '_, '_, '_> {
    fn look_up(&mut self, predicate: &str, arguments: &[usize], depth: usize) -> Result<Computed, Halt> {
        let demand = &mut *self.fixpoint.demand;
        let number = demand.number(predicate)?;
        let is_member = demand.world.group_of.get(predicate) == Some(&self.fixpoint.group)
            && demand.known(number, arguments).is_none();
        let (premise, computed) = if is_member {
            let position = self.fixpoint.join(number, arguments)?;
            let status = &self.fixpoint.statuses[position];
            let is_hidden = match (self.before, self.view) {
                (Some((places, before)), _) => places[position] >= before,
                (None, View::Must) => !matches!(status, Status::Holds(_)),
                (None, _) => false,
            };
            let computed = self.fixpoint.demand.world.computed(status).filter(|_| !is_hidden);
            (Premise::Member(position), computed.unwrap_or(Computed::None))
        } else {
            let node = demand.node(number, arguments, depth)?;
            (Premise::Node(node), demand.computed(node))
        };
        if self.seen.insert(premise) {
            self.premises.push(premise);
        }
        Ok(computed)
    }
}
