//! Values as the checker computes with them, and what an expression is where it has none.

use std::cmp::Ordering;
use std::fmt;

use grounds_core::{Duration, Entity, Instant, Money, Pinpoint, Type, Value};

use crate::arithmetic::Fraction;
use crate::calendar::{civil, day_number, local_time};
use crate::error::{Cause, Result, ensure};
use crate::operation::longer;

/// An entity with its place in the case.
pub(crate) type Placed<'a> = (usize, &'a Entity);

/// A value. `==` compares all its parts; the equality of rules is [`Quantity::same`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Quantity<'a> {
    Bool(bool),
    /// A number; or minor units of a currency, perhaps with fractions until it is rounded.
    Amount(Fraction, Option<&'a str>),
    /// Days since 1970-01-01.
    Date(i64),
    /// Unix seconds, and minutes east of UTC.
    Instant(i64, i16),
    /// Without working days, which only a calendar counts.
    Length(Duration),
    Text(&'a str),
    Provision(&'a str),
    Entity(Placed<'a>),
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
        let (quantity, is_normal, expected) = match value {
            Value::Bool(value) => (Quantity::Bool(*value), true, ""),
            // Lowest terms, a positive denominator and no `i128::MIN`: a `Rational` cannot be made otherwise.
            Value::Number(value) => {
                let (numerator, denominator) = (value.numerator(), value.denominator());
                (Quantity::Amount(Fraction { numerator, denominator }, None), true, "")
            }
            Value::Money(Money { minor, currency }) => {
                let is_currency = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
                let amount = Quantity::Amount(Fraction { numerator: *minor, denominator: 1 }, Some(currency));
                let expected = "a currency of three capital letters and an amount that can be negated";
                (amount, is_currency && *minor != i128::MIN, expected)
            }
            Value::Date(date) => {
                (Quantity::Date(day_number(date.year().into(), date.month().into(), date.day().into())), true, "")
            }
            Value::Instant(Instant { unix_seconds: unix, offset_minutes: offset }) => {
                let is_normal = (-1080..=1080).contains(offset) && local_time(*unix, *offset).is_some();
                let expected = "an instant in the years -9999 to 9999, at most 18 hours from UTC";
                (Quantity::Instant(*unix, *offset), is_normal, expected)
            }
            Value::Text(text) => (Quantity::Text(text), true, ""),
            Value::Provision(text) => {
                let is_normal = Pinpoint::parse(text).is_ok_and(|pinpoint| pinpoint.to_string() == *text);
                (Quantity::Provision(text), is_normal, "a provision in normal form, such as `GDPR art. 33(1)`")
            }
            Value::Duration(duration) => {
                (Quantity::Length(*duration), duration.working_days == 0, "a length of time without working days")
            }
            Value::Entity(_) => (Quantity::Bool(false), false, "a value that names no entity"),
        };
        ensure(is_normal, Cause::NotNormal, expected, format_args!("`{value}`")).map(|()| quantity)
    }

    pub(crate) fn type_name(self) -> &'a str {
        match self {
            Quantity::Bool(_) => "bool",
            Quantity::Amount(_, None) => "number",
            Quantity::Amount(_, Some(_)) => "money",
            Quantity::Date(_) => "date",
            Quantity::Instant(..) => "instant",
            Quantity::Length(_) => "duration",
            Quantity::Text(_) => "text",
            Quantity::Provision(_) => "provision",
            Quantity::Entity((_, entity)) => &entity.entity_type,
        }
    }

    pub(crate) fn expect_type(self, expected: &Type) -> Result<Self> {
        let is_of_kind = matches!(self, Quantity::Entity(_)) == matches!(expected, Type::Entity(_));
        let is_of_type = is_of_kind && expected.to_string() == self.type_name();
        let found = format_args!("{} `{self}`", self.type_name());
        ensure(is_of_type, Cause::WrongType, format_args!("a value of type {expected}"), found).map(|()| self)
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
            Quantity::Amount(value, None) => value.fmt(f),
            Quantity::Amount(Fraction { numerator: minor, denominator: 1 }, Some(currency)) => {
                Money { minor, currency: currency.to_owned() }.fmt(f)
            }
            Quantity::Amount(minor, Some(currency)) => write!(f, "{currency} {minor} minor units"),
            Quantity::Date(day) => {
                let (year, month, day) = civil(day);
                write!(f, "{year:04}-{month:02}-{day:02}")
            }
            Quantity::Instant(unix_seconds, offset_minutes) => Instant { unix_seconds, offset_minutes }.fmt(f),
            Quantity::Length(duration) => duration.fmt(f),
            Quantity::Text(text) | Quantity::Provision(text) => f.write_str(text),
            Quantity::Entity((_, entity)) => f.write_str(&entity.name),
        }
    }
}
