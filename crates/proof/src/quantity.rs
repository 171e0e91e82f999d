//! Values as the checker computes with them, and what an expression is where it has none.

use std::cmp::Ordering;
use std::fmt;

use grounds_core::{Duration, Entity, Instant, Money, Pinpoint, Type, Value};

use crate::arithmetic::Fraction;
use crate::calendar::{civil, day_number, local_time};
use crate::error::{Cause, Result, refuse};
use crate::operation::longer;

/// A value. `==` compares all its parts; the equality of rules is [`Quantity::same`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Quantity<'a> {
    Bool(bool),
    Number(Fraction),
    /// Minor units, perhaps with fractions until it is rounded, and the currency.
    Money(Fraction, &'a str),
    /// Days since 1970-01-01.
    Date(i64),
    /// Unix seconds, and minutes east of UTC.
    Instant(i64, i16),
    /// Without working days, which only a calendar counts.
    Length(Duration),
    Text(&'a str),
    Provision(&'a str),
    Entity(&'a Entity),
}

/// Why an expression has no value, the weakest first: of several operands without one, the strongest decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lack {
    None,
    Unknown,
    Conflict,
}

/// What an expression is.
pub(crate) type Valuation<'a> = Result<Quantity<'a>, Lack>;

/// True, false, or why it is neither, unknown or conflict.
pub(crate) type Truth = Result<bool, Lack>;

/// Conflict if one of the results is that, else unknown if one is.
pub(crate) fn strongest<'r, T: Copy + 'r>(results: impl IntoIterator<Item = &'r Result<T, Lack>>) -> Option<Lack> {
    results.into_iter().filter_map(|result| result.err()).max().filter(|lack| *lack != Lack::None)
}

impl<'a> Quantity<'a> {
    /// Reads a value in normal form that names no entity.
    pub(crate) fn read(value: &'a Value) -> Result<Self> {
        let not_normal = |expected| refuse(Cause::NotNormal, expected, format_args!("`{value}`"));
        Ok(match value {
            Value::Bool(value) => Quantity::Bool(*value),
            // Lowest terms, a positive denominator and no `i128::MIN`: a `Rational` cannot be made otherwise.
            Value::Number(value) => {
                Quantity::Number(Fraction { numerator: value.numerator(), denominator: value.denominator() })
            }
            Value::Money(Money { minor, currency }) => {
                let is_currency = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
                if !is_currency || *minor == i128::MIN {
                    return not_normal("a currency of three capital letters and an amount that can be negated");
                }
                Quantity::Money(Fraction { numerator: *minor, denominator: 1 }, currency)
            }
            Value::Date(date) => Quantity::Date(day_number(date.year().into(), date.month().into(), date.day().into())),
            Value::Instant(Instant { unix_seconds: unix, offset_minutes: offset }) => {
                if !(-1080..=1080).contains(offset) || local_time(*unix, *offset).is_none() {
                    return not_normal("an instant in the years -9999 to 9999, at most 18 hours from UTC");
                }
                Quantity::Instant(*unix, *offset)
            }
            Value::Text(text) => Quantity::Text(text),
            Value::Provision(text) => match Pinpoint::parse(text) {
                Ok(pinpoint) if pinpoint.to_string() == *text => Quantity::Provision(text),
                _ => return not_normal("a provision in normal form, such as `GDPR art. 33(1)`"),
            },
            Value::Duration(duration) if duration.working_days == 0 => Quantity::Length(*duration),
            Value::Duration(_) | Value::Entity(_) => return not_normal("a value of expressions"),
        })
    }

    pub(crate) fn type_name(self) -> &'a str {
        match self {
            Quantity::Bool(_) => "bool",
            Quantity::Number(_) => "number",
            Quantity::Money(..) => "money",
            Quantity::Date(_) => "date",
            Quantity::Instant(..) => "instant",
            Quantity::Length(_) => "duration",
            Quantity::Text(_) => "text",
            Quantity::Provision(_) => "provision",
            Quantity::Entity(entity) => &entity.entity_type,
        }
    }

    pub(crate) fn expect_type(self, expected: &Type) -> Result<Self> {
        let is_of_kind = matches!(self, Quantity::Entity(_)) == matches!(expected, Type::Entity(_));
        if is_of_kind && expected.to_string() == self.type_name() {
            return Ok(self);
        }
        let found = format!("{} `{self}`", self.type_name());
        refuse(Cause::WrongType, format_args!("a value of type {expected}"), found)
    }

    /// The equality of rules, by which instants are equal that are one moment, and a day is 24 hours.
    pub(crate) fn same(self, other: Self) -> bool {
        match (self, other) {
            (Quantity::Instant(left, _), Quantity::Instant(right, _)) => left == right,
            (Quantity::Length(left), Quantity::Length(right)) => longer(left, right).is_some_and(Ordering::is_eq),
            _ => self == other,
        }
    }
}

impl fmt::Display for Quantity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Quantity::Bool(value) => Value::Bool(value).fmt(f),
            Quantity::Number(value) => value.fmt(f),
            Quantity::Money(Fraction { numerator: minor, denominator: 1 }, currency) => {
                Money { minor, currency: currency.to_owned() }.fmt(f)
            }
            Quantity::Money(minor, currency) => write!(f, "{currency} {minor} minor units"),
            Quantity::Date(day) => {
                let (year, month, day) = civil(day);
                write!(f, "{year:04}-{month:02}-{day:02}")
            }
            Quantity::Instant(unix_seconds, offset_minutes) => Instant { unix_seconds, offset_minutes }.fmt(f),
            Quantity::Length(duration) => duration.fmt(f),
            Quantity::Text(text) | Quantity::Provision(text) => f.write_str(text),
            Quantity::Entity(entity) => f.write_str(&entity.name),
        }
    }
}
