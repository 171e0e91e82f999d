//! Why a case cannot be evaluated at all.

use grounds_core::Kind;
use thiserror::Error;

/// Why there is no evaluation. Nothing is concluded then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// Two entities have one name. The writer of the case can rename one.
    #[error("the case has two entities called `{name}`")]
    DuplicateEntity {
        /// The name.
        name: String,
    },
    /// An entity has a type that the rules do not declare. The writer of the case can change it.
    #[error("`{entity}` has the type `{entity_type}`, which no rule file declares")]
    UnknownEntityType {
        /// The entity.
        entity: String,
        /// Its type.
        entity_type: String,
    },
    /// The case states what the rules do not declare. The writer of the case can change it.
    #[error("the case states `{predicate}`, which no rule file declares as a fact")]
    UnknownFact {
        /// As stated.
        predicate: String,
    },
    /// A stated fact has arguments or a value of the wrong type. The writer of the case can change it.
    #[error("the case states {statement}: expected {expected}")]
    IllTypedFact {
        /// As "incident.detected_at = yes".
        statement: String,
        /// What the declaration asks for.
        expected: String,
    },
    /// A number is too large to be kept exactly. The writer of the rule can round or restate.
    #[error("in rule `{rule}` for {claim}: the number is too large to be kept exactly")]
    Overflow {
        /// The rule.
        rule: String,
        /// The claim it was evaluated for.
        claim: String,
    },
    /// A date falls outside the calendar. The writer of the case can check the dates stated.
    #[error("in rule `{rule}` for {claim}: the date falls outside the years -9999 to 9999")]
    DateOutOfRange {
        /// The rule.
        rule: String,
        /// The claim it was evaluated for.
        claim: String,
    },
    /// Amounts of two currencies meet. The writer of the case can state amounts in one.
    #[error("in rule `{rule}` for {claim}: amounts in {left} and {right} are compared or added")]
    TwoCurrencies {
        /// The rule.
        rule: String,
        /// The claim it was evaluated for.
        claim: String,
        /// One.
        left: String,
        /// The other.
        right: String,
    },
    /// Lengths of time are compared that have no order. The writer of the case can state both in one unit.
    #[error("in rule `{rule}` for {claim}: which is longer, {left} or {right}, depends on the day they run from")]
    NoOrder {
        /// The rule.
        rule: String,
        /// The claim it was evaluated for.
        claim: String,
        /// One.
        left: String,
        /// The other.
        right: String,
    },
    /// A date is moved by hours or minutes. The writer of the case can state days.
    #[error("in rule `{rule}` for {claim}: a date has no clock and cannot be moved by {duration}")]
    ClockOfDate {
        /// The rule.
        rule: String,
        /// The claim it was evaluated for.
        claim: String,
        /// By what it would be moved.
        duration: String,
    },
    /// A length of time times a number is no whole number of its units. The writer of the rule can round the number.
    #[error("in rule `{rule}` for {claim}: {duration} times {number} is no whole number of its units")]
    PartOfUnit {
        /// The rule.
        rule: String,
        /// The claim it was evaluated for.
        claim: String,
        /// How many times.
        number: String,
        /// The length of time.
        duration: String,
    },
    /// A limit is in another currency than the value it limits. The writer of the case can state amounts in one.
    #[error("in limit `{rule}` for {claim}: {value} cannot be compared with {bound}")]
    Limit {
        /// The limit.
        rule: String,
        /// The claim it was evaluated for.
        claim: String,
        /// What the rules give.
        value: String,
        /// What the limit gives.
        bound: String,
    },
    /// The rules are not what the compiler makes: a value of the wrong type, an undeclared name.
    #[error("in rule `{rule}` for {claim}: the program is malformed ({what})")]
    Malformed {
        /// The rule.
        rule: String,
        /// The claim it was evaluated for.
        claim: String,
        /// What is wrong.
        what: &'static str,
    },
    /// Claims depend on themselves: not a program of the compiler.
    #[error("claims depend on themselves: {circle}")]
    Recursion {
        /// Their names.
        circle: String,
    },
    /// There would be too many claims to evaluate. The writer of the case can leave entities out.
    #[error(
        "the rules have more than {limit} claims over the entities of the case; state fewer entities, or split the case"
    )]
    TooManyClaims {
        /// The most that are evaluated.
        limit: usize,
    },
}

impl EvaluateError {
    /// Who can do something about it.
    pub fn kind(&self) -> Kind {
        match self {
            EvaluateError::Malformed { .. } | EvaluateError::Recursion { .. } => Kind::Bug,
            _ => Kind::User,
        }
    }
}
