//! Values of facts as people write them in matters.

use grounds_core::{Hint, Kind, Money, Pinpoint, PinpointError, Rational, Type, Validity, Value, ValueError};
use thiserror::Error;

use crate::parse::{parse_in_force, parse_literal};

/// Why a text is not a value of the declared type. The writer of the matter can change it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CaseValueError {
    /// The text is not of that type.
    #[error("`{text}` is not {article} {expected}", article = if *.expected == Type::Instant { "an" } else { "a" })]
    NotOfType {
        /// As written.
        text: String,
        /// What the fact is declared as.
        expected: Type,
    },
    /// The text is empty.
    #[error("the value is missing")]
    Missing,
    /// A number or amount is malformed.
    #[error("`{text}`: {source}")]
    Number {
        /// As written.
        text: String,
        /// Why not.
        source: ValueError,
    },
    /// An instant is malformed.
    #[error(transparent)]
    Instant(grounds_core::InstantError),
    /// A citation is malformed.
    #[error(transparent)]
    Pinpoint(PinpointError),
    /// A citation does not name its document.
    #[error("`{text}` does not say of which document it is a provision")]
    NoDocument {
        /// As written.
        text: String,
    },
}

impl CaseValueError {
    /// Who can do something about it: always the writer.
    pub fn kind(&self) -> Kind {
        Kind::User
    }

    /// What to write instead.
    pub fn hint(&self) -> Hint {
        let example = match self {
            CaseValueError::NotOfType { expected, .. } => match expected {
                Type::Bool => "write yes or no",
                Type::Date => "write year, month and day: 2021-03-01",
                Type::Money => "write a currency and an amount: VRC 18 000",
                Type::Number => "write a number or a percentage: 18 000, 2.5%",
                Type::Duration => "write a number and a unit: 3 months, 72 hours, 1 year and 6 months",
                _ => "",
            },
            CaseValueError::Number { .. } => {
                "write a number such as 18 000 or 2.5%, or an amount such as VRC 18 000.50"
            }
            CaseValueError::NoDocument { .. } => "write the document first: SMC art. 12(1)",
            _ => "",
        };
        example.to_owned()
    }
}

/// Reads the value of a fact: the literals of rule files, but texts and names of entities may stand without quotation marks, and
/// provisions begin with the label of their document, as pinpoints do ("SMC art. 12(1)").
///
/// Needs no law, so that a matter can be read again where only its text is at hand. Whether a named entity is part of the case is for
/// [`evaluate`](crate::evaluate) to say.
///
/// # Errors
/// [`CaseValueError`], for the writer of the matter.
pub fn parse_case_value(declared: &Type, text: &str) -> Result<Value, CaseValueError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(CaseValueError::Missing);
    }
    let not_of_type = || CaseValueError::NotOfType { text: text.to_owned(), expected: declared.clone() };
    let number_error = |source| CaseValueError::Number { text: text.to_owned(), source };
    match declared {
        Type::Bool => match text {
            "yes" | "true" => Ok(Value::Bool(true)),
            "no" | "false" => Ok(Value::Bool(false)),
            _ => Err(not_of_type()),
        },
        Type::Number => match text.strip_suffix('%') {
            Some(percentage) => {
                let number = Rational::parse(percentage.trim()).map_err(number_error)?;
                let below = number.denominator().checked_mul(100).ok_or(number_error(ValueError::Overflow))?;
                Rational::new(number.numerator(), below).map(Value::Number).map_err(number_error)
            }
            None => Rational::parse(text).map(Value::Number).map_err(number_error),
        },
        Type::Money => Money::parse(text).map(Value::Money).map_err(number_error),
        Type::Date => text.parse().ok().filter(|_| text.len() == 10).map(Value::Date).ok_or_else(not_of_type),
        Type::Instant => text.parse().map(Value::Instant).map_err(CaseValueError::Instant),
        Type::Text => match parse_literal(text) {
            Some(Value::Text(quoted)) => Ok(Value::Text(quoted)),
            _ => Ok(Value::Text(text.to_owned())),
        },
        Type::Entity(_) => Ok(Value::Entity(text.to_owned())),
        Type::Provision => provision(text),
        Type::Duration => match parse_literal(text) {
            Some(value @ Value::Duration(_)) => Ok(value),
            _ => Err(not_of_type()),
        },
    }
}

/// Divides what a matter states into the value and the days on which it is so: "ben in force 2015-01-01 .. 2019-06-30".
///
/// `None` where no such days are named: it is so on every day. Words that are no days belong to the value.
pub fn split_in_force(text: &str) -> (&str, Option<Validity>) {
    let found = text.rsplit_once(" in force ");
    let found =
        found.and_then(|(value, days)| parse_in_force(days.trim()).map(|validity| (value.trim(), Some(validity))));
    found.unwrap_or((text, None))
}

/// A provision in the normal form of pinpoints, as in rule files.
fn provision(text: &str) -> Result<Value, CaseValueError> {
    let pinpoint = Pinpoint::parse(text).map_err(CaseValueError::Pinpoint)?;
    if pinpoint.document.is_none() {
        return Err(CaseValueError::NoDocument { text: text.to_owned() });
    }
    Ok(Value::Provision(pinpoint.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(declared: &Type, text: &str) -> String {
        parse_case_value(declared, text).map_or_else(|error| format!("! {error}"), |value| value.to_string())
    }

    #[test]
    fn values_are_read_as_in_rule_files() {
        for (declared, text, expected) in [
            (Type::Bool, "yes", "yes"),
            (Type::Number, "18 000", "18000"),
            (Type::Number, "5%", "0.05"),
            (Type::Number, "-2.5 %", "-0.025"),
            (Type::Money, "VRC 18 000.50", "VRC 18 000.50"),
            (Type::Date, "2021-03-01", "2021-03-01"),
            (Type::Instant, "2021-03-01T09:00+01:00", "2021-03-01T09:00+01:00"),
            (Type::Duration, "18 months", "1 year and 6 months"),
            (Type::Duration, "1 year and 6 months", "1 year and 6 months"),
            (Type::Duration, "2 weeks and 1 hour", "14 days and 1 hour"),
            (Type::Text, "legal person", "legal person"),
            (Type::Text, "\"legal \"\"person\"\"\"", "legal \"person\""),
            (Type::Entity("Firm".to_owned()), "acme", "acme"),
            (Type::Provision, "SMC Article 12 (1)", "SMC art. 12(1)"),
        ] {
            assert_eq!(shown(&declared, text), expected);
        }
    }

    #[test]
    fn a_value_may_say_when_it_is_so() {
        for (text, value, first, last) in [
            ("ben in force 2015-01-01 .. 2019-06-30", "ben", "2015-01-01", Some("2019-06-30")),
            ("yes in force 2015-01-01 ..", "yes", "2015-01-01", None),
        ] {
            let (found, in_force) = split_in_force(text);
            let in_force = in_force.expect("days in force");
            assert_eq!((found, in_force.from.to_string().as_str()), (value, first));
            assert_eq!(in_force.to.map(|to| to.yesterday().expect("a day").to_string()).as_deref(), last);
        }
        for text in
            ["a rule in force", "a rule in force since then", "2015-01-01", "x in force 2016-01-01 .. 2015-01-01"]
        {
            assert_eq!(split_in_force(text), (text, None));
        }
    }

    #[test]
    fn what_is_no_value_says_so() {
        for (declared, text, expected) in [
            (Type::Bool, "maybe", "`maybe` is not a bool"),
            (Type::Money, "18 000", "`18 000`: not a number"),
            (Type::Date, "1 March", "`1 March` is not a date"),
            (Type::Duration, "3", "`3` is not a duration"),
            (Type::Duration, "3 working days", "`3 working days` is not a duration"),
            (Type::Instant, "2021-03-01T09:00", "no offset"),
            (Type::Provision, "art. 12", "does not say of which document"),
            (Type::Number, " ", "the value is missing"),
        ] {
            assert!(shown(&declared, text).contains(expected), "{}", shown(&declared, text));
        }
    }
}
