//! The evaluation: every claim for every choice of entities, each after all it depends on.

use std::collections::{BTreeMap, BTreeSet};

use grounds_core::{Case, Judgement, Justification, Node, NodeId, Program, Proof, Status};

use crate::evaluate_error::EvaluateError;
use crate::fixpoint::evaluate_members;
use crate::machine::LookUp;
use crate::order::evaluation_order;
use crate::rule_outcome::evaluate_claim;
use crate::world::World;

/// The most claims, counted with their arguments, that one evaluation holds.
const CLAIM_COUNT_MAX: usize = 1_000_000;

/// What follows from a program and a case: every fact looked up, and every claim for all its arguments.
#[derive(Clone, Debug)]
pub struct Evaluation {
    nodes: Vec<Node>,
    index: BTreeMap<String, BTreeMap<Vec<String>, NodeId>>,
    /// The nodes of claims, in the program's order of claims and the case's order of entities.
    claims: Vec<NodeId>,
}

/// Evaluates all claims of `program` for all entities of `case`.
///
/// The result is a function of the two alone. Cost: one evaluation of each rule and exception in force for each choice of arguments.
///
/// # Errors
/// [`EvaluateError`]: the case does not fit the program, or an exact result cannot be kept. Nothing is concluded then.
///
/// # Examples
/// ```
/// use grounds_core::*;
/// use grounds_reason::evaluate;
///
/// let program = Program {
///     entities: vec!["Event".to_owned()],
///     facts: vec![FactDeclaration {
///         predicate: "Event.grave".to_owned(),
///         parameters: vec!["Event".to_owned()],
///         value: Type::Bool,
///         mode: FactMode::Open,
///         judgement: false,
///         ask: "Is {Event} grave?".to_owned(),
///         cites: vec![],
///     }],
///     claims: vec![ClaimDeclaration {
///         name: "Report".to_owned(),
///         kind: ClaimKind::Claim,
///         parameters: vec!["Event".to_owned()],
///         value: Type::Bool,
///         say: "{Event} must be reported".to_owned(),
///         say_not: "{Event} need not be reported".to_owned(),
///     }],
///     rules: vec![Rule {
///         id: "grave".to_owned(),
///         kind: RuleKind::Base,
///         cites: vec![],
///         in_force: Validity::always(),
///         claim: "Report".to_owned(),
///         variables: vec![Variable { name: "e".to_owned(), entity_type: "Event".to_owned() }],
///         condition: Condition::Holds(Atom {
///             predicate: "Event.grave".to_owned(),
///             arguments: vec![Expression::Variable("e".to_owned())],
///         }),
///         conclusion: Conclusion::Holds,
///         only: false,
///         readings: vec![],
///         amendments: vec![],
///     }],
///     ..Program::default()
/// };
/// let entity = Entity { name: "fire".to_owned(), entity_type: "Event".to_owned() };
/// let mut case = Case { as_of: "2021-03-01".parse().expect("a date"), entities: vec![entity], facts: vec![] };
/// let arguments = ["fire".to_owned()];
/// assert_eq!(evaluate(&program, &case)?.status("Report", &arguments), Some(&Status::Undetermined));
///
/// case.facts.push(Fact {
///     predicate: "Event.grave".to_owned(),
///     arguments: arguments.to_vec(),
///     value: Value::Bool(true),
///     grounds: FactGrounds::Author { author: "a witness".to_owned() },
/// });
/// assert_eq!(evaluate(&program, &case)?.status("Report", &arguments), Some(&Status::Holds(Value::Bool(true))));
/// # Ok::<(), grounds_reason::EvaluateError>(())
/// ```
pub fn evaluate(program: &Program, case: &Case) -> Result<Evaluation, EvaluateError> {
    let world = World::new(program, case)?;
    evaluate_world(&world)
}

pub(crate) fn evaluate_world(world: &World<'_>) -> Result<Evaluation, EvaluateError> {
    let order =
        evaluation_order(world.program).map_err(|circle| EvaluateError::Recursion { circle: circle.join(" -> ") })?;
    let mut evaluation = Evaluation { nodes: Vec::new(), index: BTreeMap::new(), claims: Vec::new() };
    let mut by_claim: Vec<Vec<NodeId>> = vec![Vec::new(); world.program.claims.len()];
    let mut count = 0;
    for group in order {
        if group.is_recursive {
            let mut members = Vec::new();
            for position in group.claims {
                let claim = &world.program.claims[position];
                let all = tuples(world, &claim.parameters, CLAIM_COUNT_MAX - count)?;
                count += all.len();
                members.extend(all.into_iter().map(|arguments| (position, (claim.name.clone(), arguments))));
            }
            let (claims, members): (Vec<usize>, Vec<_>) = members.into_iter().unzip();
            let nodes = evaluate_members(world, &members, &mut evaluation)?;
            claims.into_iter().zip(nodes).for_each(|(claim, node)| by_claim[claim].push(node));
            continue;
        }
        let position = group.claims[0];
        let claim = &world.program.claims[position];
        for arguments in tuples(world, &claim.parameters, CLAIM_COUNT_MAX - count)? {
            count += 1;
            let mut recorder =
                Recorder { world, evaluation: &mut evaluation, premises: Vec::new(), seen: BTreeSet::new() };
            let trace = evaluate_claim(world, &claim.name, &arguments, &mut recorder)?;
            let premises = recorder.premises;
            let deciding = trace.deciding.iter().map(|id| (*id).to_owned()).collect();
            let judgement = Judgement { predicate: claim.name.clone(), arguments, status: trace.status };
            by_claim[position].push(evaluation.push(judgement, Justification::Rules { premises, deciding }));
        }
    }
    evaluation.claims = by_claim.into_iter().flatten().collect();
    Ok(evaluation)
}

/// All choices of entities for parameters of these types, the last varying fastest.
fn tuples(world: &World<'_>, parameters: &[String], limit: usize) -> Result<Vec<Vec<String>>, EvaluateError> {
    let mut tuples = vec![Vec::new()];
    for parameter in parameters {
        let entities = world.entities(parameter);
        if tuples.len().saturating_mul(entities.len()) > limit {
            return Err(EvaluateError::TooManyClaims { limit: CLAIM_COUNT_MAX });
        }
        tuples = tuples
            .into_iter()
            .flat_map(|tuple: Vec<String>| {
                entities.iter().map(move |entity| {
                    let mut longer = tuple.clone();
                    longer.push((*entity).to_owned());
                    longer
                })
            })
            .collect();
    }
    Ok(tuples)
}

/// Looks up in what has been evaluated, and writes down what was looked up, each once.
struct Recorder<'w, 'a> {
    world: &'w World<'a>,
    evaluation: &'w mut Evaluation,
    premises: Vec<NodeId>,
    seen: BTreeSet<NodeId>,
}

impl LookUp for Recorder<'_, '_> {
    fn look_up(&mut self, predicate: &str, arguments: &[String]) -> Status {
        let node = self.evaluation.node_or_fact(self.world, predicate, arguments);
        if self.seen.insert(node) {
            self.premises.push(node);
        }
        self.evaluation.nodes[node].judgement.status.clone()
    }
}

impl Evaluation {
    /// The node of a claim that has been evaluated, or of a fact, which is written down if it is new.
    pub(crate) fn node_or_fact(&mut self, world: &World<'_>, predicate: &str, arguments: &[String]) -> NodeId {
        self.node(predicate, arguments).unwrap_or_else(|| {
            let (status, by) = world.fact(predicate, arguments);
            let judgement = Judgement { predicate: predicate.to_owned(), arguments: arguments.to_vec(), status };
            self.push(judgement, by)
        })
    }

    pub(crate) fn push(&mut self, judgement: Judgement, by: Justification) -> NodeId {
        let id = self.nodes.len();
        let of_predicate = self.index.entry(judgement.predicate.clone()).or_default();
        of_predicate.insert(judgement.arguments.clone(), id);
        self.nodes.push(Node { judgement, by });
        id
    }

    /// The status of a claim, or of a fact that some rule looked up; `None` for what is neither.
    pub fn status(&self, predicate: &str, arguments: &[String]) -> Option<&Status> {
        self.node(predicate, arguments).map(|node| &self.nodes[node].judgement.status)
    }

    /// The judgements of all claims, in the program's order; those of one claim in the case's order of entities.
    pub fn claims(&self) -> impl Iterator<Item = &Judgement> {
        self.claims.iter().map(|node| &self.nodes[*node].judgement)
    }

    /// The steps, premises first (within a cycle of claims, those that make one hold or possible): the nodes of [`Evaluation::proof`].
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Where [`Evaluation::proof`] states this judgement.
    pub fn node(&self, predicate: &str, arguments: &[String]) -> Option<NodeId> {
        self.index.get(predicate)?.get(arguments).copied()
    }

    /// The whole derivation: all facts looked up and all claims, one node each, premises first.
    pub fn proof(&self) -> Proof {
        Proof { nodes: self.nodes.clone() }
    }

    /// The part of the derivation that these claims need, with node numbers of its own; see [`node_of`].
    ///
    /// Claims that are not evaluated are left out.
    pub fn proof_of<P: AsRef<str>, A: AsRef<[String]>>(&self, claims: &[(P, A)]) -> Proof {
        let mut needed = vec![false; self.nodes.len()];
        let mut waiting: Vec<NodeId> = Vec::new();
        for (predicate, arguments) in claims {
            waiting.extend(self.node(predicate.as_ref(), arguments.as_ref()));
        }
        while let Some(id) = waiting.pop() {
            let is_new = !std::mem::replace(&mut needed[id], true);
            if let (true, Justification::Rules { premises, .. }) = (is_new, &self.nodes[id].by) {
                waiting.extend(premises);
            }
        }
        let mut new_ids = vec![0; self.nodes.len()];
        let mut proof = Proof::default();
        for (new_id, id) in (0..self.nodes.len()).filter(|id| needed[*id]).enumerate() {
            new_ids[id] = new_id;
        }
        for (_, node) in self.nodes.iter().enumerate().filter(|(id, _)| needed[*id]) {
            let mut node = node.clone();
            if let Justification::Rules { premises, .. } = &mut node.by {
                premises.iter_mut().for_each(|premise| *premise = new_ids[*premise]);
            }
            proof.nodes.push(node);
        }
        proof
    }
}

/// Where a proof states a judgement.
pub fn node_of(proof: &Proof, predicate: &str, arguments: &[String]) -> Option<NodeId> {
    let is_it = |node: &Node| node.judgement.predicate == predicate && node.judgement.arguments == arguments;
    proof.nodes.iter().position(is_it)
}
