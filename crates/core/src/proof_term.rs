//! Derivations that another program can check.

use serde::{Deserialize, Serialize};

use crate::Value;

/// The position of a node in its proof, from 0.
pub type NodeId = usize;

/// The four answers to "is it so?", of a fact or a claim with given arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is so, with this value (a yes-or-no claim that holds has the value yes; a yes-or-no fact stated as no has the value no).
    Holds(Value),
    /// It is not so, or has no value.
    DoesNotHold,
    /// What is known does not settle it.
    Undetermined,
    /// What is known settles it two ways.
    Conflict,
}

/// One statement: `predicate(arguments)` has this status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// A declared fact or claim.
    pub predicate: String,
    /// Names of entities of the case.
    pub arguments: Vec<String>,
    /// The answer.
    pub status: Status,
}

/// Why a judgement is so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Justification {
    /// A fact that the case states: all statements about it, as positions in the case's facts, ascending.
    Given {
        /// At least one. Where their values differ the status is `Conflict`.
        facts: Vec<usize>,
    },
    /// A fact that the case does not state: what that means follows from its declared mode.
    Absent,
    /// A claim: evaluating every rule for it, with their exceptions, over the premises gives the status.
    Rules {
        /// Every fact and claim that the evaluation of all those rules looks up, each once, in order of first use.
        premises: Vec<NodeId>,
        /// The base rules whose outcome decides the status, in the program's order. Empty where none applies.
        deciding: Vec<String>,
    },
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// What is said.
    pub judgement: Judgement,
    /// Why.
    pub by: Justification,
}

/// A derivation as a directed acyclic graph: premises come before what rests on them, and no judgement occurs twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The steps.
    pub nodes: Vec<Node>,
}
