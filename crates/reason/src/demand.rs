//! Evaluates claims when they are first looked up, each after all it turns out to need.

use std::collections::BTreeSet;

use grounds_core::{Judgement, Justification, NodeId, Status};

use crate::evaluate::Evaluation;
use crate::evaluate_error::EvaluateError;
use crate::fixpoint::evaluate_members;
use crate::machine::{Halt, LookUp};
use crate::rule_outcome::{ClaimTrace, evaluate_claim};
use crate::world::World;

/// The most claims, counted with their arguments, that one evaluation holds.
pub(crate) const CLAIM_COUNT_MAX: usize = 1_000_000;

/// The most conditions, expressions and rules that stand around a claim evaluated on the way: few enough for any stack. What lies deeper is
/// evaluated first, and what asked for it again.
const DEPTH_MAX: usize = 160;

/// An evaluation under way.
pub(crate) struct Demand<'d, 'a> {
    pub(crate) world: &'d World<'a>,
    pub(crate) evaluation: Evaluation,
    /// How deep the claim lies that is being evaluated.
    depth: usize,
    claim_count: usize,
    /// A claim that lies too deep.
    postponed: Option<(String, Vec<String>)>,
}

impl<'d, 'a> Demand<'d, 'a> {
    pub(crate) fn new(world: &'d World<'a>) -> Self {
        Self { world, evaluation: Evaluation::default(), depth: 0, claim_count: 0, postponed: None }
    }

    /// The node of a claim about entities of its types, evaluated if it is not yet.
    pub(crate) fn claim(&mut self, claim: &str, arguments: &[String]) -> Result<NodeId, EvaluateError> {
        self.settle(|demand| demand.node(claim, arguments, 0))
    }

    /// The nodes of claims that depend on each other.
    pub(crate) fn group(
        &mut self,
        group: usize,
        claims: &[(String, Vec<String>)],
    ) -> Result<Vec<NodeId>, EvaluateError> {
        self.settle(|demand| evaluate_members(demand, group, claims.to_vec()))
    }

    /// Evaluates something after all that lies too deep in it.
    fn settle<T>(&mut self, evaluate: impl Fn(&mut Self) -> Result<T, Halt>) -> Result<T, EvaluateError> {
        let mut deeper: Vec<(String, Vec<String>)> = Vec::new();
        loop {
            self.depth = 0;
            let halt = match deeper.last() {
                None => match evaluate(self) {
                    Ok(found) => return Ok(found),
                    Err(halt) => Some(halt),
                },
                Some((claim, arguments)) => self.node(claim, arguments, 0).err(),
            };
            match halt {
                None => drop(deeper.pop()),
                Some(Halt::Failed(error)) => return Err(error),
                Some(Halt::Postponed) => deeper.extend(self.postponed.take()),
            }
        }
    }

    /// The node of a fact or claim that is looked up so deep in the claim that is being evaluated.
    pub(crate) fn node(&mut self, predicate: &str, arguments: &[String], depth: usize) -> Result<NodeId, Halt> {
        if let Some(node) = self.evaluation.node(predicate, arguments) {
            return Ok(node);
        }
        let Some(group) = self.world.group_of.get(predicate).copied() else {
            let (status, by) = self.world.fact(predicate, arguments);
            let judgement = Judgement { predicate: predicate.to_owned(), arguments: arguments.to_vec(), status };
            return Ok(self.evaluation.push(judgement, by));
        };
        let outer = self.depth;
        if outer + depth > DEPTH_MAX {
            self.postponed = Some((predicate.to_owned(), arguments.to_vec()));
            return Err(Halt::Postponed);
        }
        self.depth += depth + 1;
        let node = if self.world.order[group].is_recursive {
            let nodes = evaluate_members(self, group, vec![(predicate.to_owned(), arguments.to_vec())])?;
            nodes.first().copied().unwrap_or(0)
        } else {
            self.count(1)?;
            let mut recorder = Recorder { demand: self, premises: Vec::new(), seen: BTreeSet::new() };
            let trace = evaluate_claim(recorder.demand.world, predicate, arguments, &mut recorder)?;
            let premises = recorder.premises;
            self.push(predicate.to_owned(), arguments.to_vec(), trace, premises)
        };
        self.depth = outer;
        Ok(node)
    }

    /// Writes a claim down.
    pub(crate) fn push(
        &mut self,
        predicate: String,
        arguments: Vec<String>,
        trace: ClaimTrace<'a>,
        premises: Vec<NodeId>,
    ) -> NodeId {
        let deciding = trace.deciding.iter().map(|id| (*id).to_owned()).collect();
        let judgement = Judgement { predicate, arguments, status: trace.status };
        self.evaluation.push(judgement, Justification::Rules { premises, deciding })
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
    fn look_up(&mut self, predicate: &str, arguments: &[String], depth: usize) -> Result<Status, Halt> {
        let node = self.demand.node(predicate, arguments, depth)?;
        if self.seen.insert(node) {
            self.premises.push(node);
        }
        Ok(self.demand.evaluation.nodes()[node].judgement.status.clone())
    }
}
