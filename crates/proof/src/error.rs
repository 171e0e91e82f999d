//! Why a proof is refused: where, what was expected and what was found.

use std::fmt;

use grounds_core::{Kind, NodeId};
use thiserror::Error;

/// Why a proof is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub struct CheckError {
    /// What is wrong.
    pub cause: Cause,
    /// The node where it was found; `None` in the program and the case.
    pub node: Option<NodeId>,
    /// The rule or exception that cannot stand so or be evaluated so.
    pub rule: Option<String>,
    /// What would do.
    pub expected: String,
    /// What is there.
    pub found: String,
}

/// What is wrong with a program, a case or a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// A name is declared twice.
    Duplicate,
    /// Nothing declares a name.
    Undeclared,
    /// A rule's claim, variables or conclusion do not fit the claim or the rule it is an exception to.
    Misfit,
    /// "Exception to" does not lead to a base rule.
    ExceptionChain,
    /// A preference is not between two exceptions to one rule, or contradicts another.
    Preference,
    /// Too many or too few arguments.
    ArgumentCount,
    /// A value or entity of another type than declared or needed.
    WrongType,
    /// A value that is not written in the one way in which its type is written.
    NotNormal,
    /// Two nodes about one fact or claim.
    Repeated,
    /// A fact justified by rules, a claim by statements, or a stated fact as absent.
    Justification,
    /// Not all, or not only, the statements about a fact.
    Statements,
    /// A premise that does not exist, or a fact that does not come before what rests on it.
    LatePremise,
    /// The evaluation looks up what is not among the premises.
    MissingPremise,
    /// The evaluation never looks a premise up.
    UnusedPremise,
    /// The premises are not in the order of first use, each once.
    PremiseOrder,
    /// A claim holds, may hold or is in conflict only because of itself.
    Circular,
    /// A claim of a cycle is looked up otherwise than as a condition that must hold.
    NotPositive,
    /// Another status follows.
    Status,
    /// Other rules decide.
    Deciding,
    /// Amounts of two currencies meet.
    Currencies,
    /// An amount with fractions of a minor unit is used before it is rounded.
    NotRounded,
    /// A number does not fit 128 bits.
    Overflow,
    /// A date leaves the years -9999 to 9999.
    OutOfYears,
    /// Rules nest deeper than the checker follows, or one node needs more work than it does.
    TooLarge,
}

impl CheckError {
    /// Who can do something about it: `Corrupt` where the proof is not what an evaluation wrote (altered, or by a faulty
    /// evaluator), else `User`, the author of the program or the case.
    pub fn kind(&self) -> Kind {
        let is_evaluated = self.rule.is_some() && !matches!(self.cause, Cause::MissingPremise | Cause::PremiseOrder);
        if self.node.is_none() || is_evaluated { Kind::User } else { Kind::Corrupt }
    }

    pub(crate) fn in_rule(self, rule: &str) -> Self {
        Self { rule: Some(self.rule.unwrap_or_else(|| rule.to_owned())), ..self }
    }

    pub(crate) fn in_node(self, node: NodeId) -> Self {
        Self { node: Some(node), ..self }
    }
}

/// What can fail with a [`CheckError`].
pub(crate) type Result<T, E = CheckError> = std::result::Result<T, E>;

pub(crate) fn error(cause: Cause, expected: impl fmt::Display, found: impl fmt::Display) -> CheckError {
    CheckError { cause, node: None, rule: None, expected: expected.to_string(), found: found.to_string() }
}

pub(crate) fn refuse<T>(cause: Cause, expected: impl fmt::Display, found: impl fmt::Display) -> Result<T> {
    Err(error(cause, expected, found))
}

/// Refuses unless `holds`.
pub(crate) fn ensure(holds: bool, cause: Cause, expected: impl fmt::Display, found: impl fmt::Display) -> Result<()> {
    if holds { Ok(()) } else { refuse(cause, expected, found) }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.node, &self.rule) {
            (Some(node), Some(rule)) => write!(f, "node {node}, rule `{rule}`: ")?,
            (Some(node), None) => write!(f, "node {node}: ")?,
            (None, Some(rule)) => write!(f, "rule `{rule}`: ")?,
            (None, None) => {}
        }
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}
