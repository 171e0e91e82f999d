//! Evaluates claims when they are first looked up, each after all it turns out to need.

use std::collections::{BTreeMap, BTreeSet};

use grounds_core::{Judgement, Justification, NodeId, Status};

use crate::evaluate::Evaluation;
use crate::evaluate_error::EvaluateError;
use crate::fixpoint::evaluate_members;
use crate::machine::{Halt, LookUp};
use crate::outcome::Computed;
use crate::rule_outcome::{ClaimTrace, evaluate_claim};
use crate::world::World;

/// The most claims, counted with their arguments, that one evaluation holds.
pub(crate) const CLAIM_COUNT_MAX: usize = 1_000_000;

/// The most conditions, expressions and rules that stand around a claim evaluated on the way: few enough for any stack. What lies deeper is
/// evaluated first, and what asked for it again.
const DEPTH_MAX: usize = 160;

/// A fact or claim, by its number in the plan, about entities, by their places in the case.
pub(crate) type Key = (usize, Vec<usize>);

/// What an evaluation keeps besides its result.
#[derive(Default)]
pub(crate) struct Memory {
    /// Nodes by the number of the fact or claim, then by arguments.
    nodes: Vec<BTreeMap<Vec<usize>, NodeId>>,
    /// What an expression is that looks up a node.
    computed: Vec<Computed>,
}

/// An evaluation under way.
pub(crate) struct Demand<'d, 'a> {
    pub(crate) world: &'d World<'a>,
    pub(crate) evaluation: Evaluation,
    pub(crate) memory: Memory,
    /// How deep the claim lies that is being evaluated.
    depth: usize,
    claim_count: usize,
    /// A claim that lies too deep.
    postponed: Option<Key>,
}

impl<'d, 'a> Demand<'d, 'a> {
    /// Begins with the memory of an evaluation that is over.
    pub(crate) fn new(world: &'d World<'a>, mut evaluation: Evaluation, mut memory: Memory) -> Self {
        evaluation.clear();
        memory.computed.clear();
        memory.nodes.iter_mut().for_each(BTreeMap::clear);
        memory.nodes.resize_with(world.numbers.len(), BTreeMap::new);
        Self { world, evaluation, memory, depth: 0, claim_count: 0, postponed: None }
    }

    /// The node of a claim about entities of its types, evaluated if it is not yet.
    pub(crate) fn claim(&mut self, claim: usize, arguments: &[usize]) -> Result<NodeId, EvaluateError> {
        self.settle(|demand| demand.node(claim, arguments, 0))
    }

    /// The nodes of claims that depend on each other.
    pub(crate) fn group(&mut self, group: usize, claims: &[Key]) -> Result<Vec<NodeId>, EvaluateError> {
        self.settle(|demand| evaluate_members(demand, group, claims))
    }

    /// Evaluates something after all that lies too deep in it.
    fn settle<T>(&mut self, evaluate: impl Fn(&mut Self) -> Result<T, Halt>) -> Result<T, EvaluateError> {
        let mut deeper: Vec<Key> = Vec::new();
        loop {
            self.depth = 0;
            let halt = match deeper.last() {
                None => match evaluate(self) {
                    Ok(found) => return Ok(found),
                    Err(halt) => Some(halt),
                },
                Some((claim, arguments)) => self.node(*claim, arguments, 0).err(),
            };
            match halt {
                None => drop(deeper.pop()),
                Some(Halt::Failed(error)) => return Err(error),
                Some(Halt::Postponed) => deeper.extend(self.postponed.take()),
            }
        }
    }

    /// The node of a fact or claim that has been evaluated.
    pub(crate) fn known(&self, number: usize, arguments: &[usize]) -> Option<NodeId> {
        self.memory.nodes[number].get(arguments).copied()
    }

    /// What an expression is that looks a node up.
    pub(crate) fn computed(&self, node: NodeId) -> Computed {
        self.memory.computed[node].clone()
    }

    /// The node of a fact or claim that is looked up so deep in the claim that is being evaluated.
    pub(crate) fn node(&mut self, number: usize, arguments: &[usize], depth: usize) -> Result<NodeId, Halt> {
        if let Some(node) = self.known(number, arguments) {
            return Ok(node);
        }
        let world = self.world;
        let Some(claim) = number.checked_sub(world.program.facts.len()) else {
            let (status, by) = world.fact_at(&world.program.facts[number].predicate, arguments);
            return Ok(self.push(number, arguments.to_vec(), status, by));
        };
        let name = world.program.claims[claim].name.as_str();
        let outer = self.depth;
        if outer + depth > DEPTH_MAX {
            self.postponed = Some((number, arguments.to_vec()));
            return Err(Halt::Postponed);
        }
        self.depth += depth + 1;
        let group = world.group_of.get(name).copied().unwrap_or(0);
        let node = if world.order[group].is_recursive {
            let nodes = evaluate_members(self, group, &[(number, arguments.to_vec())])?;
            nodes.first().copied().unwrap_or(0)
        } else {
            self.count(1)?;
            let mut recorder = Recorder { demand: self, premises: Vec::new(), seen: BTreeSet::new() };
            let trace = evaluate_claim(world, name, arguments, &mut recorder)?;
            let premises = recorder.premises;
            self.push_claim(number, arguments.to_vec(), trace, premises)
        };
        self.depth = outer;
        Ok(node)
    }

    /// Writes a claim down.
    pub(crate) fn push_claim(
        &mut self,
        number: usize,
        arguments: Vec<usize>,
        trace: ClaimTrace<'a>,
        premises: Vec<NodeId>,
    ) -> NodeId {
        let deciding = trace.deciding.iter().map(|id| (*id).to_owned()).collect();
        self.push(number, arguments, trace.status, Justification::Rules { premises, deciding })
    }

    fn push(&mut self, number: usize, arguments: Vec<usize>, status: Status, by: Justification) -> NodeId {
        let program = self.world.program;
        let predicate = match number.checked_sub(program.facts.len()) {
            Some(claim) => program.claims[claim].name.clone(),
            None => program.facts[number].predicate.clone(),
        };
        self.memory.computed.push(self.world.computed(&status).unwrap_or(Computed::Conflict));
        let judgement = Judgement { predicate, arguments: self.world.names(&arguments), status };
        let node = self.evaluation.push(judgement, by);
        self.memory.nodes[number].insert(arguments, node);
        node
    }

    /// The number of a fact or claim.
    pub(crate) fn number(&self, predicate: &str) -> Result<usize, EvaluateError> {
        let number = self.world.numbers.get(predicate).copied();
        number.ok_or_else(|| EvaluateError::UnknownFact { predicate: predicate.to_owned() })
    }

    /// Counts more claims, as many as there may be.
    pub(crate) fn count(&mut self, more: usize) -> Result<(), EvaluateError> {
        self.claim_count += more;
        if self.claim_count > CLAIM_COUNT_MAX {
            return Err(EvaluateError::TooManyClaims { limit: CLAIM_COUNT_MAX });
        }
        Ok(())
    }
}

/// Looks up for one claim, and writes down what was looked up, each once.
struct Recorder<'r, 'd, 'a> {
    demand: &'r mut Demand<'d, 'a>,
    premises: Vec<NodeId>,
    seen: BTreeSet<NodeId>,
}

impl LookUp for Recorder<'_, '_, '_> {
    fn look_up(&mut self, predicate: &str, arguments: &[usize], depth: usize) -> Result<Computed, Halt> {
        let node = self.demand.node(self.demand.number(predicate)?, arguments, depth)?;
        if self.seen.insert(node) {
            self.premises.push(node);
        }
        Ok(self.demand.computed(node))
    }
}
