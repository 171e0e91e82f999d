//! The check of a whole proof, node by node.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use grounds_core::{Case, FactMode, Judgement, Justification, NodeId, Program, Proof, Status};

use crate::context::{Context, Key};
use crate::error::{Cause, CheckError, Result, ensure, error, refuse};
use crate::evaluation::Evaluation;
use crate::quantity::{Lack, Quantity, Valuation};

/// What a proof that was checked says; only [`check`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    judgements: Vec<Judgement>,
}

impl Checked {
    /// How many nodes the proof has.
    pub fn node_count(&self) -> usize {
        self.judgements.len()
    }

    /// What it proves, in its own order.
    pub fn judgements(&self) -> &[Judgement] {
        &self.judgements
    }

    /// The proved status of `predicate(arguments)`; `None` where the proof does not speak of it. Reads all nodes.
    pub fn status(&self, predicate: &str, arguments: &[&str]) -> Option<&Status> {
        let found = self.judgements.iter().find(|it| it.predicate == predicate && it.arguments == arguments);
        found.map(|judgement| &judgement.status)
    }
}

/// Checks that `proof` is a proof, by the rules of `program`, about `case`.
///
/// Everything is computed again by this crate's own code; nothing of the proof is taken on trust. Any input is answered,
/// none panics. Cost: about one evaluation of each node's rules.
///
/// # Errors
/// [`CheckError`], for the first fault: in the program, then the case, then node by node.
///
/// # Examples
/// ```
/// use grounds_core::{Case, FactDeclaration, FactMode, Judgement, Justification, Node, Program, Proof, Status, Type};
///
/// let quiet = FactDeclaration {
///     predicate: "Quiet".to_owned(),
///     parameters: vec![],
///     value: Type::Bool,
///     mode: FactMode::Closed,
///     judgement: false,
///     ask: "Is it quiet?".to_owned(),
///     cites: vec![],
/// };
/// let program = Program { facts: vec![quiet], ..Program::default() };
/// let case = Case { as_of: "2021-03-01".parse()?, entities: vec![], facts: vec![] };
/// let judgement = Judgement { predicate: "Quiet".to_owned(), arguments: vec![], status: Status::DoesNotHold };
/// let mut proof = Proof { nodes: vec![Node { judgement, by: Justification::Absent }] };
///
/// let checked = grounds_proof::check(&program, &case, &proof)?;
/// assert_eq!(checked.status("Quiet", &[]), Some(&Status::DoesNotHold));
///
/// proof.nodes[0].judgement.status = Status::Undetermined;
/// let refused = grounds_proof::check(&program, &case, &proof).unwrap_err();
/// assert_eq!(refused.to_string(), "node 0: expected `Quiet()` not to hold, found undetermined");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check(program: &Program, case: &Case, proof: &Proof) -> Result<Checked, CheckError> {
    let context = Context::read(program, case)?;
    let judgements: Vec<Judgement> = proof.nodes.iter().map(|node| node.judgement.clone()).collect();
    let (nodes, stated, cycles) = (BTreeMap::new(), Vec::new(), Vec::new());
    let mut checker = Checker { context: &context, proof, nodes, stated, cycles, reached: 0 };
    for (id, node) in proof.nodes.iter().enumerate() {
        checker.read(id, &node.judgement).map_err(|error| error.in_node(id))?;
    }
    for id in 0..judgements.len() {
        checker.check_node(id).map_err(|error| error.in_node(id))?;
    }
    checker.check_conflicts()?;
    Ok(Checked { judgements })
}

/// As what nodes are looked up.
#[derive(Clone, Copy)]
pub(crate) enum View<'v> {
    /// As stated.
    Stated,
    /// As stated, but those from this one on do not hold.
    Before(NodeId),
    /// As stated, but these are not known.
    Without(&'v BTreeSet<NodeId>),
}

pub(crate) struct Checker<'a> {
    context: &'a Context<'a>,
    proof: &'a Proof,
    nodes: BTreeMap<Key, NodeId>,
    /// By node.
    stated: Vec<(Key, Valuation<'a>)>,
    /// For each node the first of the stretch it lies in: from a claim to a premise of it that comes no earlier, and what overlaps. Claims
    /// of one stretch may depend on each other.
    cycles: Vec<NodeId>,
    /// The last node of the stretch begun.
    reached: NodeId,
}

impl<'a> Checker<'a> {
    fn read(&mut self, id: NodeId, judgement: &'a Judgement) -> Result<()> {
        let Judgement { predicate, arguments, status } = judgement;
        let key = self.context.key(predicate, &self.context.entities(arguments)?)?;
        let first = *self.nodes.entry(key.clone()).or_insert(id);
        if first != id {
            return refuse(
                Cause::Repeated,
                format_args!("{} only at node {first}", self.context.shown(&key)),
                "it again",
            );
        }
        self.stated.push((key, self.context.valuation(predicate, status)?));
        self.cycles.push(self.cycles.last().copied().filter(|_| id <= self.reached).unwrap_or(id));
        self.reached = self.premises(id).iter().copied().fold(self.reached.max(id), NodeId::max);
        Ok(())
    }

    fn premises(&self, id: NodeId) -> &'a [NodeId] {
        if let Justification::Rules { premises, .. } = &self.proof.nodes[id].by { premises } else { &[] }
    }

    fn check_node(&self, id: NodeId) -> Result<()> {
        let (context, (key, stated)) = (self.context, &self.stated[id]);
        let mode = context.signature(context.name(key))?.mode;
        let follows = match (&self.proof.nodes[id].by, mode, context.stated(key)) {
            (Justification::Given { facts }, Some(_), Some((positions, follows))) => {
                if *facts != positions {
                    let expected = format!("all statements about {}, {}", context.shown(key), list(&positions));
                    return refuse(Cause::Statements, expected, list(facts));
                }
                follows
            }
            (Justification::Absent, Some(mode), None) => match mode {
                FactMode::Open => Err(Lack::Unknown),
                FactMode::Closed => Err(Lack::None),
                FactMode::Presumed { value, .. } => Ok(Quantity::Bool(*value)),
            },
            (Justification::Rules { deciding, .. }, None, _) => {
                let (follows, expected) = self.check_claim(id)?;
                if *stated == follows && *deciding != expected {
                    let expected = format!("the deciding rules of {}, {}", context.shown(key), list(&expected));
                    return refuse(Cause::Deciding, expected, list(deciding));
                }
                follows
            }
            (_, None, _) => return refuse(Cause::Justification, "a claim by its rules", "it otherwise"),
            (_, Some(_), None) => return refuse(Cause::Justification, "an unstated fact as absent", "it otherwise"),
            (_, Some(_), Some(_)) => return refuse(Cause::Justification, "a fact by all statements", "it otherwise"),
        };
        let expected = format_args!("{} {}", context.shown(key), answer(follows));
        ensure(*stated == follows, Cause::Status, expected, answer(*stated))
    }

    /// What a claim is where just its premises are looked up, in the order of first use, and its deciding rules.
    fn check_claim(&self, id: NodeId) -> Result<(Valuation<'a>, Vec<&'a str>)> {
        let ((key, stated), premises) = (&self.stated[id], self.premises(id));
        for node in premises {
            let is_before = *node < id || *node < self.stated.len() && self.context.is_claim(&self.stated[*node].0);
            ensure(is_before, Cause::LatePremise, format_args!("premises before node {id}"), node)?;
        }
        let mut evaluation = Evaluation::new(self.context, self, id);
        let result = evaluation.claim(key)?;
        if *stated == result.0 && *stated != Err(Lack::None) && premises.iter().any(|premise| *premise >= id) {
            // What makes a claim hold, or possible, comes before it: so nothing is its own reason, however long the circle.
            evaluation.view = View::Before(id);
            let (alone, _) = evaluation.claim(key)?;
            let is_reason = alone != Err(Lack::None) && (stated.is_err() || alone == *stated);
            let expected = format_args!("a reason for {} before it", self.context.shown(key));
            ensure(is_reason, Cause::Circular, expected, "only a circle")?;
        }
        let Some(left) = premises.get(evaluation.used.len()) else { return Ok(result) };
        let cause = if evaluation.used.contains(left) { Cause::PremiseOrder } else { Cause::UnusedPremise };
        refuse(cause, "only premises that are looked up", format_args!("node {left}"))
    }

    /// Finds the conflicts again that follow from others, and these from others, down to some that follow without: a conflict that
    /// is its own reason is never found.
    fn check_conflicts(&self) -> Result<()> {
        let in_conflict = |id: &NodeId| {
            let is_cyclic = |premise: &NodeId| self.cycles[*premise] == self.cycles[*id];
            self.stated[*id].1 == Err(Lack::Conflict) && self.premises(*id).iter().any(is_cyclic)
        };
        let mut open: BTreeSet<NodeId> = (0..self.stated.len()).filter(in_conflict).collect();
        let follows = |id: NodeId, open: &BTreeSet<NodeId>| {
            let mut evaluation = Evaluation::new(self.context, self, id);
            evaluation.view = View::Without(open);
            evaluation.claim(&self.stated[id].0).is_ok_and(|(it, _)| it == Err(Lack::Conflict))
        };
        while let Some(found) = open.iter().copied().find(|id| follows(*id, &open)) {
            open.remove(&found);
        }
        let Some(first) = open.first().copied() else { return Ok(()) };
        let expected = format_args!("a reason for {}", self.context.shown(&self.stated[first].0));
        refuse(Cause::Circular, expected, "only a circle").map_err(|error| error.in_node(first))
    }

    /// What a fact or claim is that an evaluation looks up: at its first use the next of its premises.
    pub(crate) fn look_up(&self, evaluation: &mut Evaluation<'_, 'a>, key: &Key) -> Result<Valuation<'a>> {
        let (id, position, context) = (evaluation.id, evaluation.used.len(), self.context);
        let missing =
            || error(Cause::MissingPremise, format_args!("{} among the premises", context.shown(key)), "none");
        let node = *self.nodes.get(key).ok_or_else(missing)?;
        let is_positive = evaluation.strict == 0 || !context.is_claim(key) || self.cycles[node] != self.cycles[id];
        let expected = format_args!("{} only as what must hold", context.shown(key));
        ensure(is_positive, Cause::NotPositive, expected, "it otherwise")?;
        if evaluation.used.insert(node) && self.premises(id).get(position) != Some(&node) {
            let found = self.premises(id).iter().position(|premise| *premise == node).ok_or_else(missing)?;
            let expected = format_args!("node {node} as premise {position}, in order of first use");
            return refuse(Cause::PremiseOrder, expected, format_args!("it as premise {found}"));
        }
        Ok(match evaluation.view {
            View::Before(first) if node >= first => Err(Lack::None),
            View::Without(open) if open.contains(&node) => Err(Lack::Unknown),
            _ => self.stated[node].1,
        })
    }
}

fn answer(valuation: Valuation<'_>) -> impl fmt::Display {
    fmt::from_fn(move |f| match valuation {
        Ok(value) => write!(f, "to hold with `{value}`"),
        Err(Lack::None) => f.write_str("not to hold"),
        Err(Lack::Unknown) => f.write_str("undetermined"),
        Err(Lack::Conflict) => f.write_str("in conflict"),
    })
}

fn list<T: ToString>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(T::to_string).collect();
    format!("[{}]", items.join(", "))
}
