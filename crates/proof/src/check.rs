//! The check of a whole proof, node by node.

use std::collections::{BTreeMap, BTreeSet};

use grounds_core::{Case, FactMode, Judgement, Justification, Node, NodeId, Program, Proof, Status};

use crate::context::{Context, Key, show};
use crate::error::{Cause, CheckError, Result, ensure, refuse};
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
    let mut checker = Checker { context: &context, proof, stated: Vec::new(), cycles: cycles(proof) };
    let mut first = BTreeMap::new();
    for (id, Node { judgement, .. }) in proof.nodes.iter().enumerate() {
        let stated = (|| {
            let key = context.key(&judgement.predicate, &judgement.arguments)?;
            if let Some(first) = first.insert(key.clone(), id) {
                return refuse(Cause::Repeated, format_args!("{} only at node {first}", show(&key)), "it again");
            }
            Ok((key, context.valuation(&judgement.predicate, &judgement.status)?))
        })();
        checker.stated.push(stated.map_err(|error| error.in_node(id))?);
    }
    for (id, node) in proof.nodes.iter().enumerate() {
        checker.check_node(id, node).map_err(|error| error.in_node(id))?;
    }
    checker.check_conflicts()?;
    Ok(Checked { judgements: proof.nodes.iter().map(|node| node.judgement.clone()).collect() })
}

/// For each node the first of the stretch it lies in: from a claim to a premise of it that comes no earlier, and what overlaps. Claims of
/// one stretch may depend on each other.
fn cycles(proof: &Proof) -> Vec<NodeId> {
    let (mut first, mut last) = (0, 0);
    let reach = |(id, node): (NodeId, &Node)| {
        if id > last {
            first = id;
        }
        last = last.max(id).max(premises(node).iter().copied().max().unwrap_or(0));
        first
    };
    proof.nodes.iter().enumerate().map(reach).collect()
}

fn premises(node: &Node) -> &[NodeId] {
    if let Justification::Rules { premises, .. } = &node.by { premises } else { &[] }
}

struct Checker<'a> {
    context: &'a Context<'a>,
    proof: &'a Proof,
    /// By node.
    stated: Vec<(Key<'a>, Valuation<'a>)>,
    cycles: Vec<NodeId>,
}

impl<'a> Checker<'a> {
    fn check_node(&self, id: NodeId, node: &'a Node) -> Result<()> {
        let (context, (key, stated)) = (self.context, &self.stated[id]);
        let mode = context.signature(key.0)?.mode;
        let follows = match (&node.by, mode, context.stated(key)) {
            (Justification::Given { facts }, Some(_), Some((positions, follows))) => {
                if *facts != positions {
                    let expected = format!("all statements about {}, {}", show(key), list(&positions));
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
                    let expected = format!("the deciding rules of {}, {}", show(key), list(&expected));
                    return refuse(Cause::Deciding, expected, list(deciding));
                }
                follows
            }
            (_, None, _) => return refuse(Cause::Justification, "a claim by its rules", "it otherwise"),
            (_, Some(_), None) => return refuse(Cause::Justification, "an unstated fact as absent", "it otherwise"),
            (_, Some(_), Some(_)) => return refuse(Cause::Justification, "a fact by all statements", "it otherwise"),
        };
        if *stated != follows {
            return refuse(Cause::Status, format_args!("{} {}", show(key), answer(follows)), answer(*stated));
        }
        Ok(())
    }

    /// Finds the conflicts again that follow from others, and these from others, down to some that follow without: a conflict that
    /// is its own reason is never found.
    fn check_conflicts(&self) -> Result<()> {
        let in_conflict = |id: &NodeId| {
            self.stated[*id].1 == Err(Lack::Conflict)
                && premises(&self.proof.nodes[*id]).iter().any(|it| self.cycles[*it] == self.cycles[*id])
        };
        let mut open: BTreeSet<NodeId> = (0..self.stated.len()).filter(in_conflict).collect();
        while let Some(first) = open.first().copied() {
            let stated = |it| if open.contains(&it) { Err(Lack::Unknown) } else { self.stated[it].1 };
            let follows = |id: &&NodeId| {
                let (claim, arguments) = &self.stated[**id].0;
                let found = self.evaluation(**id, stated).and_then(|mut it| it.claim(claim, arguments));
                found.is_ok_and(|(it, _)| it == Err(Lack::Conflict))
            };
            let Some(found) = open.iter().find(follows).copied() else {
                return refuse(
                    Cause::Circular,
                    format_args!("a reason for {}", show(&self.stated[first].0)),
                    "only a circle",
                )
                .map_err(|error| error.in_node(first));
            };
            open.remove(&found);
        }
        Ok(())
    }

    /// What a claim is where just its premises are looked up, and its deciding rules.
    fn check_claim(&self, id: NodeId) -> Result<(Valuation<'a>, Vec<&'a str>)> {
        let ((key, stated), premises) = (&self.stated[id], premises(&self.proof.nodes[id]));
        let mut evaluation = self.evaluation(id, |premise| self.stated[premise].1)?;
        let result = evaluation.claim(key.0, &key.1)?;
        if *stated == result.0 && *stated != Err(Lack::None) && premises.iter().any(|premise| *premise >= id) {
            // What makes a claim hold, or possible, comes before it: so nothing is its own reason, however long the circle.
            for (_, valuation, _) in evaluation.premises.values_mut().filter(|(node, ..)| *node >= id) {
                *valuation = Err(Lack::None);
            }
            let (alone, _) = evaluation.claim(key.0, &key.1)?;
            if alone == Err(Lack::None) || stated.is_ok() && alone != *stated {
                return refuse(Cause::Circular, format_args!("a reason for {} before it", show(key)), "only a circle");
            }
        }
        for (position, node) in premises.iter().enumerate() {
            let Some(first) = evaluation.first_use.get(node) else {
                return refuse(Cause::UnusedPremise, "only premises that are looked up", format_args!("node {node}"));
            };
            let expected = format_args!("node {node} as premise {first}, in order of first use");
            ensure(*first == position, Cause::PremiseOrder, expected, format_args!("it as premise {position}"))?;
        }
        Ok(result)
    }

    /// An evaluation that looks up the premises of a node, as `valuation` says.
    fn evaluation(&self, id: NodeId, valuation: impl Fn(NodeId) -> Valuation<'a>) -> Result<Evaluation<'a>> {
        let mut found = BTreeMap::new();
        for node in premises(&self.proof.nodes[id]) {
            let is_claim = |it: &Node| matches!(it.by, Justification::Rules { .. });
            let Some(premise) = self.proof.nodes.get(*node).filter(|it| *node < id || is_claim(it)) else {
                return refuse(Cause::LatePremise, format_args!("premises before node {id}"), node);
            };
            let is_cyclic = is_claim(premise) && self.cycles[*node] == self.cycles[id];
            found.insert(self.stated[*node].0.clone(), (*node, valuation(*node), is_cyclic));
        }
        Ok(Evaluation::new(self.context, found))
    }
}

fn answer(valuation: Valuation<'_>) -> String {
    match valuation {
        Ok(value) => format!("to hold with `{value}`"),
        Err(Lack::None) => "not to hold".to_owned(),
        Err(Lack::Unknown) => "undetermined".to_owned(),
        Err(Lack::Conflict) => "in conflict".to_owned(),
    }
}

fn list<T: ToString>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(T::to_string).collect();
    format!("[{}]", items.join(", "))
}
