//! Exact values of facts and claims. Representation only: arithmetic is the evaluator's, and again the checker's.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Instant;

/// An exact fraction in lowest terms with a positive denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rational {
    numerator: i128,
    denominator: i128,
}

/// Why a value cannot be represented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ValueError {
    /// Division by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// The number is beyond 38 decimal digits.
    #[error("the number is too large: at most 38 digits are kept exactly")]
    Overflow,
    /// The text is not a number.
    #[error("not a number: write digits with an optional sign and decimal point, such as -12.5")]
    Malformed,
}

impl Rational {
    /// `numerator / denominator` in lowest terms.
    ///
    /// # Errors
    /// [`ValueError::DivisionByZero`], or [`ValueError::Overflow`] for the one number without a negation.
    pub fn new(numerator: i128, denominator: i128) -> Result<Self, ValueError> {
        if denominator == 0 {
            return Err(ValueError::DivisionByZero);
        }
        if numerator == i128::MIN || denominator == i128::MIN {
            return Err(ValueError::Overflow);
        }
        let divisor = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).map_err(|_| ValueError::Overflow)?;
        let sign = if denominator < 0 { -1 } else { 1 };
        Ok(Self { numerator: sign * numerator / divisor, denominator: sign * denominator / divisor })
    }

    /// The whole number `value`.
    pub const fn integer(value: i64) -> Self {
        Self { numerator: value as i128, denominator: 1 }
    }

    /// The part above the line.
    pub const fn numerator(self) -> i128 {
        self.numerator
    }

    /// The part below the line, at least 1.
    pub const fn denominator(self) -> i128 {
        self.denominator
    }

    /// Reads "12", "-12.5", "1/3", with spaces between groups of digits allowed ("18 000").
    ///
    /// # Errors
    /// [`ValueError`], for the writer of the number.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        if let Some((above, below)) = text.split_once('/') {
            let above = whole(above)?;
            return Self::new(above, whole(below)?);
        }
        let (integer, fraction) = text.split_once('.').unwrap_or((text, ""));
        if text.contains('.') && (fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit())) {
            return Err(ValueError::Malformed);
        }
        let places = u32::try_from(fraction.len()).map_err(|_| ValueError::Overflow)?;
        let scale = 10_i128.checked_pow(places).ok_or(ValueError::Overflow)?;
        let fraction_value = if fraction.is_empty() { 0 } else { whole(fraction)? };
        let fraction_value = if integer.starts_with('-') { -fraction_value } else { fraction_value };
        let scaled = whole(integer)?.checked_mul(scale).ok_or(ValueError::Overflow)?;
        Self::new(scaled.checked_add(fraction_value).ok_or(ValueError::Overflow)?, scale)
    }
}

fn whole(text: &str) -> Result<i128, ValueError> {
    let compact: String = text.trim().chars().filter(|c| *c != ' ' && *c != '\u{a0}' && *c != '\u{202f}').collect();
    let digits = compact.strip_prefix('-').unwrap_or(&compact);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ValueError::Malformed);
    }
    compact.parse().map_err(|_| ValueError::Overflow)
}

fn greatest_common_divisor(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

impl fmt::Display for Rational {
    /// As a decimal where that is exact within 18 places ("12.5"), else as a fraction ("1/3").
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1 {
            return write!(f, "{}", self.numerator);
        }
        let mut scale = 1_i128;
        for places in 1..=18_usize {
            scale *= 10;
            if scale % self.denominator != 0 {
                continue;
            }
            let Some(scaled) = self.numerator.checked_mul(scale / self.denominator) else { break };
            let sign = if scaled < 0 { "-" } else { "" };
            let (whole, fraction) =
                (scaled.unsigned_abs() / scale.unsigned_abs(), scaled.unsigned_abs() % scale.unsigned_abs());
            return write!(f, "{sign}{whole}.{fraction:0places$}");
        }
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl Serialize for Rational {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rational {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// An amount of money in minor units (cents) of one currency.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units; written as a string in JSON, for it may exceed 53 bits.
    #[serde(with = "as_text")]
    pub minor: i128,
    /// The three-letter code, upper case (ISO 4217, or one declared by the corpus).
    pub currency: String,
}

impl Money {
    /// How many decimal places the minor unit of `currency` has (ISO 4217; 2 where the code is not listed).
    pub fn minor_digits(currency: &str) -> u32 {
        match currency {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
            | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            _ => 2,
        }
    }

    /// Reads a currency code and an amount: "EUR 18 000", "VRC 0.05".
    ///
    /// # Errors
    /// [`ValueError::Malformed`] where the text is not of that form or has more places than the currency's minor unit;
    /// [`ValueError::Overflow`].
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let text = text.trim();
        let (currency, amount) = text.split_once(char::is_whitespace).ok_or(ValueError::Malformed)?;
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(ValueError::Malformed);
        }
        let amount = Rational::parse(amount)?;
        let scale = 10_i128.pow(Self::minor_digits(currency));
        if scale % amount.denominator() != 0 {
            return Err(ValueError::Malformed);
        }
        let minor = amount.numerator().checked_mul(scale / amount.denominator()).ok_or(ValueError::Overflow)?;
        Ok(Self { minor, currency: currency.to_owned() })
    }
}

impl fmt::Display for Money {
    /// "EUR 18 000" or "EUR 18 000.05": groups of three digits, minor units only where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = Self::minor_digits(&self.currency);
        let scale = 10_u128.pow(digits);
        let whole = (self.minor.unsigned_abs() / scale).to_string();
        let mut grouped = String::new();
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                grouped.push(' ');
            }
            grouped.push(digit);
        }
        let sign = if self.minor < 0 { "-" } else { "" };
        write!(f, "{} {sign}{grouped}", self.currency)?;
        let rest = self.minor.unsigned_abs() % scale;
        if rest != 0 {
            write!(f, ".{rest:0width$}", width = digits as usize)?;
        }
        Ok(())
    }
}

/// A length of time, kept in the units it was stated in: "1 month" is not "30 days".
///
/// Adding one adds the months first (to the last day of a shorter month), then days, then working days, then seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Duration {
    /// Calendar months; a year is 12.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub months: i64,
    /// Calendar days; a week is 7.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub days: i64,
    /// Working days of the calendar named where the duration is used.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub working_days: i64,
    /// Elapsed seconds; an hour is 3,600.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seconds: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(value: &i64) -> bool {
    *value == 0
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        let mut part = |count: i64, unit: &str| {
            if count != 0 {
                parts.push(format!("{count} {unit}{}", if count.unsigned_abs() == 1 { "" } else { "s" }));
            }
        };
        part(self.months / 12, "year");
        part(self.months % 12, "month");
        part(self.days, "day");
        part(self.working_days, "working day");
        part(self.seconds / 3600, "hour");
        part(self.seconds % 3600 / 60, "minute");
        part(self.seconds % 60, "second");
        if parts.is_empty() { f.write_str("0 days") } else { f.write_str(&parts.join(" and ")) }
    }
}

/// What kind of value a fact or claim has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Yes or no.
    Bool,
    /// An exact number; counts and percentages too (5% is 1/20).
    Number,
    /// Money.
    Money,
    /// A civil date.
    Date,
    /// A moment with an offset.
    Instant,
    /// A length of time.
    Duration,
    /// A word or phrase, compared exactly.
    Text,
    /// A provision, written as a pinpoint such as "art. 33(1)".
    Provision,
    /// A thing of a declared entity type.
    Entity(String),
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Bool => "bool",
            Type::Number => "number",
            Type::Money => "money",
            Type::Date => "date",
            Type::Instant => "instant",
            Type::Duration => "duration",
            Type::Text => "text",
            Type::Provision => "provision",
            Type::Entity(name) => name,
        })
    }
}

/// An exact value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// An exact number.
    Number(Rational),
    /// Money.
    Money(Money),
    /// A civil date.
    Date(Date),
    /// A moment.
    Instant(Instant),
    /// A length of time.
    Duration(Duration),
    /// A word or phrase.
    Text(String),
    /// A provision, in the normal form of [`Pinpoint`](crate::Pinpoint).
    Provision(String),
    /// The name of an entity of the case.
    Entity(String),
}

impl std::hash::Hash for Instant {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.unix_seconds.hash(state);
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(true) => f.write_str("yes"),
            Value::Bool(false) => f.write_str("no"),
            Value::Number(value) => value.fmt(f),
            Value::Money(value) => value.fmt(f),
            Value::Date(value) => value.fmt(f),
            Value::Instant(value) => value.fmt(f),
            Value::Duration(value) => value.fmt(f),
            Value::Text(value) | Value::Provision(value) | Value::Entity(value) => f.write_str(value),
        }
    }
}

mod as_text {
    //! Wide integers as JSON strings.
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &i128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i128, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_and_read_back() {
        for (text, shown) in
            [("12", "12"), ("-12.50", "-12.5"), ("-0.5", "-0.5"), ("18 000", "18000"), ("1/3", "1/3"), ("6/4", "1.5")]
        {
            let number = Rational::parse(text).expect("a number");
            assert_eq!(number.to_string(), shown);
            assert_eq!(Rational::parse(&number.to_string()), Ok(number));
        }
        for text in ["", "-", "1.", ".", "1e3", "one", "1/0", "--1", "1.-5"] {
            assert!(Rational::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn money_keeps_minor_units() {
        for (text, shown) in [
            ("EUR 18 000", "EUR 18 000"),
            ("VRC 0.05", "VRC 0.05"),
            ("EUR 1234567.80", "EUR 1 234 567.80"),
            ("JPY 12", "JPY 12"),
        ] {
            assert_eq!(Money::parse(text).expect("money").to_string(), shown);
        }
        for text in ["18 000", "EUR", "EUR x", "eur 1", "JPY 0.5", "EUR 0.005"] {
            assert!(Money::parse(text).is_err(), "{text}");
        }
    }
}
