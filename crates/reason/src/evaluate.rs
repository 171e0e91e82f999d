//! The evaluation of a case: every claim for every choice of entities, or what a question needs.

use std::sync::{Arc, OnceLock};

use grounds_core::{Case, Judgement, Justification, Node, NodeId, Program, Proof, Status};

use crate::batch::Batch;
use crate::demand::{CLAIM_COUNT_MAX, Demand, Memory};
use crate::evaluate_error::EvaluateError;
use crate::plan::Plan;
use crate::world::World;

/// What follows from a program and a case: every fact looked up, and every claim for all its arguments.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    nodes: Vec<Node>,
    /// The nodes by what they state, made when it is first asked for.
    by_statement: OnceLock<Vec<NodeId>>,
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
    Evaluator::new(program)?.evaluate(case)
}

/// Evaluates what `goals` need of `program`: these claims with their arguments, and whatever is looked up on the way.
///
/// Every judgement is that of [`evaluate`]; other claims have no status. Cost: as in [`evaluate`], of the claims needed.
///
/// # Errors
/// [`EvaluateError`], as in [`evaluate`]; what goes wrong in claims that the goals do not need is not found.
pub fn evaluate_for<P: AsRef<str>, A: AsRef<[String]>>(
    program: &Program,
    case: &Case,
    goals: &[(P, A)],
) -> Result<Evaluation, EvaluateError> {
    Evaluator::new(program)?.evaluate_for(case, goals)
}

/// A program made ready for any number of cases.
///
/// Making it costs about as much as evaluating a small case; it is then used from as many threads as there are.
#[derive(Clone)]
pub struct Evaluator<'a> {
    plan: Arc<Plan<'a>>,
}

impl<'a> Evaluator<'a> {
    /// Indexes a program.
    ///
    /// # Errors
    /// [`EvaluateError::Recursion`]: the writer of the rules, who may not let a claim depend on its own absence.
    pub fn new(program: &'a Program) -> Result<Self, EvaluateError> {
        Ok(Self { plan: Arc::new(Plan::new(program)?) })
    }

    /// [`evaluate`]s a case.
    ///
    /// # Errors
    /// [`EvaluateError`]: the case does not fit the program, or an exact result cannot be kept.
    pub fn evaluate(&self, case: &'a Case) -> Result<Evaluation, EvaluateError> {
        self.batch().finish(case)
    }

    /// Memory to evaluate many cases in, one after another.
    pub fn batch(&self) -> Batch<'a> {
        Batch::new(Arc::clone(&self.plan))
    }

    /// Evaluates what the goals need, as [`evaluate_for`]. A goal that is no claim about entities of the case is left out.
    ///
    /// # Errors
    /// [`EvaluateError`], as in [`Evaluator::evaluate`].
    pub fn evaluate_for<P: AsRef<str>, A: AsRef<[String]>>(
        &self,
        case: &'a Case,
        goals: &[(P, A)],
    ) -> Result<Evaluation, EvaluateError> {
        let world = World::of(Arc::clone(&self.plan), case)?;
        let mut demand = Demand::new(&world, Evaluation::default(), Memory::default());
        for (claim, arguments) in goals {
            let (claim, arguments) = (claim.as_ref(), arguments.as_ref());
            let Some(declared) = world.claims.get(claim) else { continue };
            let fits = declared.parameters.iter().zip(arguments).all(|(of, name)| world.is_entity(name, of));
            if let (true, Some(places)) =
                (fits && declared.parameters.len() == arguments.len(), world.places(arguments))
            {
                demand.claim(world.numbers[claim], &places)?;
            }
        }
        let mut evaluation = demand.evaluation;
        evaluation.claims = (0..evaluation.nodes.len()).filter(|node| evaluation.is_claim(*node)).collect();
        Ok(evaluation)
    }
}

/// Evaluates all claims, in the memory of an evaluation that is over.
pub(crate) fn evaluate_world(
    world: &World<'_>,
    evaluation: Evaluation,
    memory: Memory,
) -> Result<(Evaluation, Memory), EvaluateError> {
    let mut demand = Demand::new(world, evaluation, memory);
    let mut by_claim: Vec<Vec<NodeId>> = vec![Vec::new(); world.program.claims.len()];
    let mut count = 0;
    for (position, group) in world.order.iter().enumerate() {
        let mut members = Vec::new();
        for claim in &group.claims {
            let declared = &world.program.claims[*claim];
            let number = world.numbers.get(declared.name.as_str()).copied().unwrap_or(0);
            let all = tuples(world, &declared.parameters, CLAIM_COUNT_MAX - count)?;
            count += all.len();
            members.extend(all.into_iter().map(|arguments| (*claim, (number, arguments))));
        }
        let (claims, members): (Vec<usize>, Vec<_>) = members.into_iter().unzip();
        let nodes = if group.is_recursive {
            demand.group(position, &members)?
        } else {
            members.iter().map(|(claim, arguments)| demand.claim(*claim, arguments)).collect::<Result<_, _>>()?
        };
        claims.into_iter().zip(nodes).for_each(|(claim, node)| by_claim[claim].push(node));
    }
    let (mut evaluation, memory) = (demand.evaluation, demand.memory);
    evaluation.claims.extend(by_claim.into_iter().flatten());
    Ok((evaluation, memory))
}

/// All choices of entities for parameters of these types, by their places, the last varying fastest.
fn tuples(world: &World<'_>, parameters: &[String], limit: usize) -> Result<Vec<Vec<usize>>, EvaluateError> {
    let mut tuples = vec![Vec::new()];
    for parameter in parameters {
        let entities = world.entities(parameter);
        if tuples.len().saturating_mul(entities.len()) > limit {
            return Err(EvaluateError::TooManyClaims { limit: CLAIM_COUNT_MAX });
        }
        let longer = |tuple: Vec<usize>| entities.iter().map(move |place| [tuple.as_slice(), &[*place]].concat());
        tuples = tuples.into_iter().flat_map(longer).collect();
    }
    Ok(tuples)
}

impl Evaluation {
    fn is_claim(&self, node: NodeId) -> bool {
        matches!(self.nodes[node].by, Justification::Rules { .. })
    }

    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.claims.clear();
        self.by_statement.take();
    }

    pub(crate) fn push(&mut self, judgement: Judgement, by: Justification) -> NodeId {
        self.nodes.push(Node { judgement, by });
        self.nodes.len() - 1
    }

    /// The status of a claim, or of a fact that some rule looked up; `None` for what is neither.
    pub fn status(&self, predicate: &str, arguments: &[String]) -> Option<&Status> {
        self.node(predicate, arguments).map(|node| &self.nodes[node].judgement.status)
    }

    /// The judgements of all claims, in the program's order; those of one claim in the case's order of entities. After [`evaluate_for`], of
    /// the claims needed, in the order of evaluation.
    pub fn claims(&self) -> impl Iterator<Item = &Judgement> {
        self.claims.iter().map(|node| &self.nodes[*node].judgement)
    }

    /// The steps, premises first (within a cycle of claims, those that make one hold or possible): the nodes of [`Evaluation::proof`].
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Where [`Evaluation::proof`] states this judgement.
    pub fn node(&self, predicate: &str, arguments: &[String]) -> Option<NodeId> {
        let statement = |id: &NodeId| {
            let judgement = &self.nodes[*id].judgement;
            (judgement.predicate.as_str(), judgement.arguments.as_slice())
        };
        let by_statement = self.by_statement.get_or_init(|| {
            let mut nodes: Vec<NodeId> = (0..self.nodes.len()).collect();
            nodes.sort_unstable_by(|one, other| statement(one).cmp(&statement(other)));
            nodes
        });
        let found = by_statement.binary_search_by(|id| statement(id).cmp(&(predicate, arguments)));
        found.ok().map(|position| by_statement[position])
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
