//! Static types: those of values, refined by what the compiler knows of money.

use std::fmt;

use grounds_core::{Type, Value};

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Number,
    Money {
        /// Known where a literal fixes it.
        currency: Option<String>,
        /// False for a product that has not been rounded.
        whole: bool,
    },
    Date,
    Instant,
    Duration,
    Text,
    Provision,
    Entity(String),
}

impl Kind {
    /// The type of a fact or claim with this declared type.
    pub(crate) fn of_type(declared: &Type) -> Kind {
        match declared {
            Type::Bool => Kind::Bool,
            Type::Number => Kind::Number,
            Type::Money => Kind::Money { currency: None, whole: true },
            Type::Date => Kind::Date,
            Type::Instant => Kind::Instant,
            Type::Duration => Kind::Duration,
            Type::Text => Kind::Text,
            Type::Provision => Kind::Provision,
            Type::Entity(name) => Kind::Entity(name.clone()),
        }
    }

    /// The type of a literal.
    pub(crate) fn of_value(value: &Value) -> Kind {
        match value {
            Value::Bool(_) => Kind::Bool,
            Value::Number(_) => Kind::Number,
            Value::Money(money) => Kind::Money { currency: Some(money.currency.clone()), whole: true },
            Value::Date(_) => Kind::Date,
            Value::Instant(_) => Kind::Instant,
            Value::Duration(_) => Kind::Duration,
            Value::Text(_) => Kind::Text,
            Value::Provision(_) => Kind::Provision,
            Value::Entity(name) => Kind::Entity(name.clone()),
        }
    }

    /// Whether values of this type have an order; that of lengths of time is partial.
    pub(crate) fn is_ordered(&self) -> bool {
        matches!(self, Kind::Number | Kind::Money { .. } | Kind::Date | Kind::Instant | Kind::Duration)
    }

    /// Whether it is money that may have fractions of a minor unit.
    pub(crate) fn is_unrounded(&self) -> bool {
        matches!(self, Kind::Money { whole: false, .. })
    }

    /// The type of what is either of the two, or `None` where they do not go together.
    pub(crate) fn unite(&self, other: &Kind) -> Option<Kind> {
        match (self, other) {
            (
                Kind::Money { currency: left, whole: left_whole },
                Kind::Money { currency: right, whole: right_whole },
            ) => {
                if left.is_some() && right.is_some() && left != right {
                    return None;
                }
                let currency = left.clone().or_else(|| right.clone());
                Some(Kind::Money { currency, whole: *left_whole && *right_whole })
            }
            _ => (self == other).then(|| self.clone()),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Bool => f.write_str("a yes-or-no value"),
            Kind::Number => f.write_str("a number"),
            Kind::Money { currency, whole } => {
                let unrounded = if *whole { "" } else { "unrounded " };
                match currency {
                    Some(currency) => write!(f, "{unrounded}money in {currency}"),
                    None => write!(f, "{unrounded}money"),
                }
            }
            Kind::Date => f.write_str("a date"),
            Kind::Instant => f.write_str("an instant"),
            Kind::Duration => f.write_str("a length of time"),
            Kind::Text => f.write_str("a text"),
            Kind::Provision => f.write_str("a provision"),
            Kind::Entity(name) => write!(f, "an entity of type {name}"),
        }
    }
}
