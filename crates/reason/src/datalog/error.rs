//! Why a program is refused, or its evaluation stops.

use grounds_core::{Hint, Kind};
use thiserror::Error;

use super::value::ColumnType;

/// Why there is no model. Nothing is concluded then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DatalogError {
    /// An atom or a row has more or fewer places than its relation has columns.
    #[error("{place}: `{relation}` has {expected} columns, not {found}")]
    ColumnCount {
        /// "rule `x`", or "a fact".
        place: String,
        /// The relation.
        relation: String,
        /// How many columns it has.
        expected: usize,
        /// How many places there are.
        found: usize,
    },
    /// A value or a variable stands where another type belongs.
    #[error("{place}: {what} is a {found}, and a {expected} belongs there")]
    Type {
        /// "rule `x`", or "a fact".
        place: String,
        /// "variable 3", "the value #7".
        what: String,
        /// What belongs there.
        expected: ColumnType,
        /// What stands there.
        found: ColumnType,
    },
    /// No relation has this number.
    #[error("{place}: there is no relation {relation}")]
    UnknownRelation {
        /// "rule `x`", or "a fact".
        place: String,
        /// The number.
        relation: usize,
    },
    /// No rule has this number.
    #[error("there is no rule {rule}")]
    UnknownRule {
        /// The number.
        rule: usize,
    },
    /// A relation or a rule is larger than the core's tables.
    #[error("{what}: {found} is more than {limit}")]
    TooLarge {
        /// "columns of `x`", "variables of rule `x`".
        what: String,
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A variable gets its value nowhere.
    #[error("rule `{rule}`: variable {variable} is bound by no condition")]
    Unbound {
        /// The rule.
        rule: String,
        /// The variable's number.
        variable: usize,
    },
    /// A condition is of a form that has no meaning where it stands.
    #[error("rule `{rule}`: {what}")]
    Form {
        /// The rule.
        rule: String,
        /// What stands where it cannot.
        what: &'static str,
    },
    /// Relations depend on themselves through absence or an aggregate.
    #[error("not stratified: {cycle}")]
    NotStratified {
        /// As "p -> not q -> p".
        cycle: String,
    },
    /// A symbol that the tables have no place for.
    #[error("the symbol {symbol} is not below 2^32 - 1")]
    Symbol {
        /// The symbol.
        symbol: u32,
    },
    /// A number is too large to be kept exactly.
    #[error("rule `{rule}`: a number is too large to be kept exactly")]
    Overflow {
        /// The rule.
        rule: String,
    },
    /// A sum that only grows has a part that is negative.
    #[error("rule `{rule}`: a sum that is to reach a bound has the negative part {value}")]
    Negative {
        /// The rule.
        rule: String,
        /// The part.
        value: i128,
    },
    /// More rows follow than the budget allows.
    #[error("more than {limit} facts follow; derived last: `{relation}`")]
    FactBudget {
        /// The budget.
        limit: usize,
        /// The relation that grew last.
        relation: String,
    },
    /// The rows and indexes need more memory than the budget allows.
    #[error("what follows needs more than {limit} bytes of memory; derived last: `{relation}`")]
    MemoryBudget {
        /// The budget.
        limit: usize,
        /// The relation that grew last.
        relation: String,
    },
    /// The caller stopped the evaluation.
    #[error("the evaluation was stopped while deriving `{relation}`")]
    Stopped {
        /// The relation that was being derived.
        relation: String,
    },
}

impl DatalogError {
    /// Who can do something about it.
    pub fn kind(&self) -> Kind {
        match self {
            DatalogError::FactBudget { .. } | DatalogError::MemoryBudget { .. } => Kind::Config,
            DatalogError::Stopped { .. } => Kind::Unavailable,
            _ => Kind::User,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Hint {
        match self {
            DatalogError::Unbound { .. } => {
                "let a condition that is neither an absence nor a comparison name the variable".to_owned()
            }
            DatalogError::NotStratified { .. } => {
                "a relation may not follow from its own absence or total: split it into two".to_owned()
            }
            DatalogError::FactBudget { .. } | DatalogError::MemoryBudget { .. } => {
                "allow more, or restrict the rule that grows".to_owned()
            }
            _ => Hint::new(),
        }
    }
}
