//! What expressions, conditions and rules come to.

use std::cmp::Ordering;

use grounds_core::{Instant, Money, Rational, Value};
use jiff::civil::Date;

use crate::arithmetic::compare;
use crate::duration;

/// A value during a computation: money may have fractions of its minor unit.
#[derive(Clone, Debug)]
pub(crate) enum Amount {
    Number(Rational),
    Money {
        minor: Rational,
        currency: String,
    },
    Date(Date),
    Instant(Instant),
    /// An entity, by its place in the case.
    Entity(usize),
    /// Lengths of time, and what has neither order nor arithmetic: yes or no, texts, provisions.
    Other(Value),
}

/// What an expression comes to.
#[derive(Clone, Debug)]
pub(crate) enum Computed {
    Value(Amount),
    None,
    Unknown,
    Conflict,
}

/// What a condition comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    True,
    False,
    Unknown,
    Conflict,
}

/// What follows from a rule that applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Concluded {
    Holds,
    Value(Value),
    None,
}

/// What a rule comes to for given arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    NotApplicable,
    Unknown,
    Conflict,
    Concludes(Concluded),
}

impl Amount {
    /// Widens a value that names no entity for computing with it; `None` for the one amount without a negation.
    pub(crate) fn of(value: &Value) -> Option<Amount> {
        Some(match value {
            Value::Number(number) => Amount::Number(*number),
            Value::Money(money) => {
                Amount::Money { minor: Rational::new(money.minor, 1).ok()?, currency: money.currency.clone() }
            }
            Value::Date(date) => Amount::Date(*date),
            Value::Instant(instant) => Amount::Instant(*instant),
            other => Amount::Other(other.clone()),
        })
    }

    /// The value; `None` for money with a fraction of its minor unit, and for an entity, whose name [`World::value_of`] knows.
    ///
    /// [`World::value_of`]: crate::world::World::value_of
    pub(crate) fn into_value(self) -> Option<Value> {
        Some(match self {
            Amount::Number(number) => Value::Number(number),
            Amount::Money { minor, currency } => {
                if minor.denominator() != 1 {
                    return None;
                }
                Value::Money(Money { minor: minor.numerator(), currency })
            }
            Amount::Date(date) => Value::Date(date),
            Amount::Instant(instant) => Value::Instant(instant),
            Amount::Entity(_) => return None,
            Amount::Other(value) => value,
        })
    }

    /// The order of two values of one ordered type (and currency); `None` for others, and for lengths of time whose order depends on the month.
    pub(crate) fn order(&self, other: &Amount) -> Option<Ordering> {
        match (self, other) {
            (Amount::Number(left), Amount::Number(right)) => Some(compare(*left, *right)),
            (Amount::Money { minor: left, currency }, Amount::Money { minor: right, currency: other }) => {
                (currency == other).then(|| compare(*left, *right))
            }
            (Amount::Date(left), Amount::Date(right)) => Some(left.cmp(right)),
            (Amount::Instant(left), Amount::Instant(right)) => Some(left.cmp(right)),
            (Amount::Other(Value::Duration(left)), Amount::Other(Value::Duration(right))) => {
                duration::order(*left, *right)
            }
            _ => None,
        }
    }

    /// Whether two values of one type are equal; `None` where they are not of one type.
    pub(crate) fn equals(&self, other: &Amount) -> Option<bool> {
        match (self, other) {
            (Amount::Other(Value::Duration(left)), Amount::Other(Value::Duration(right))) => {
                Some(duration::equal(*left, *right))
            }
            (Amount::Entity(left), Amount::Entity(right)) => Some(left == right),
            (Amount::Other(left), Amount::Other(right)) => {
                (std::mem::discriminant(left) == std::mem::discriminant(right)).then(|| left == right)
            }
            _ => self.order(other).map(Ordering::is_eq),
        }
    }
}

/// Of two operands that are not both values, the first of conflict, unknown, none that one of them is.
pub(crate) fn stronger(left: Computed, right: Computed) -> Computed {
    let strength = |operand: &Computed| match operand {
        Computed::Conflict => 3,
        Computed::Unknown => 2,
        Computed::None => 1,
        Computed::Value(_) => 0,
    };
    if strength(&left) >= strength(&right) { left } else { right }
}

/// The first of conflict, unknown, none that occurs among operands; `Ok` with the values where none does.
pub(crate) fn all_values(operands: Vec<Computed>) -> Result<Vec<Amount>, Computed> {
    let has = |wanted: fn(&Computed) -> bool| operands.iter().any(wanted);
    if has(|operand| matches!(operand, Computed::Conflict)) {
        return Err(Computed::Conflict);
    }
    if has(|operand| matches!(operand, Computed::Unknown)) {
        return Err(Computed::Unknown);
    }
    let values = operands.into_iter().map(|operand| match operand {
        Computed::Value(value) => Ok(value),
        _ => Err(Computed::None),
    });
    values.collect()
}

impl Truth {
    pub(crate) fn of(holds: bool) -> Truth {
        if holds { Truth::True } else { Truth::False }
    }

    pub(crate) fn negated(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            other => other,
        }
    }

    /// False if one is false; else conflict, unknown, true.
    pub(crate) fn and(self, other: Truth) -> Truth {
        self.negated().or(other.negated()).negated()
    }

    /// True if one is true; else conflict, unknown, false.
    pub(crate) fn or(self, other: Truth) -> Truth {
        let strength = |truth| match truth {
            Truth::True => 3,
            Truth::Conflict => 2,
            Truth::Unknown => 1,
            Truth::False => 0,
        };
        if strength(self) >= strength(other) { self } else { other }
    }
}
