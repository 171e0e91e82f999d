//! Conditions and expressions as people read them, with the values that the case gives them.

use grounds_core::{Atom, Comparison, Condition, Expression, Rational, RoundingMode, Slice, Type, Value};

use crate::machine::Machine;
use crate::outcome::{Amount, Computed};
use crate::say::shown_statement;

/// Renders for one rule with its variables bound; a variable that is not bound shows by its name, without values.
pub(crate) struct Renderer<'m, 'w, 'a> {
    pub(crate) machine: &'m mut Machine<'w, 'a>,
    /// Whether terms are followed by what they come to.
    pub(crate) with_values: bool,
}

impl<'a> Renderer<'_, '_, 'a> {
    /// A condition as a phrase.
    pub(crate) fn condition(&mut self, condition: &'a Condition) -> String {
        match condition {
            Condition::Always => "in every case".to_owned(),
            Condition::All(parts) => self.joined(parts, " and "),
            Condition::Any(parts) => self.joined(parts, " or "),
            Condition::Not(inner) => match inner.as_ref() {
                Condition::Has(atom) => format!("{} has no value", self.atom(atom, false)),
                Condition::Exists { variable, condition } => {
                    format!("no {} {} with {}", variable.entity_type, variable.name, self.part(condition))
                }
                Condition::Holds(_) => format!("not {}", self.condition(inner)),
                inner => format!("not ({})", self.condition(inner)),
            },
            Condition::Holds(atom) => self.atom(atom, true),
            Condition::Has(atom) => format!("{} has a value", self.atom(atom, false)),
            Condition::Compare { left, operator, right } => {
                let words = comparison(*operator, self.is_time(left));
                format!("{} {words} {}", self.side(left), self.side(right))
            }
            Condition::In { value, choices } => {
                let choices: Vec<String> = choices.iter().map(|choice| self.side(choice)).collect();
                format!("{} is one of {}", self.side(value), choices.join(", "))
            }
            Condition::Exists { variable, condition } => {
                format!("some {} {} with {}", variable.entity_type, variable.name, self.part(condition))
            }
        }
    }

    /// All conditions joined; those that are themselves joined stand in brackets.
    fn joined(&mut self, parts: &'a [Condition], word: &str) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.part(part)).collect();
        parts.join(word)
    }

    fn part(&mut self, condition: &'a Condition) -> String {
        match condition {
            Condition::All(_) | Condition::Any(_) => format!("({})", self.condition(condition)),
            _ => self.condition(condition),
        }
    }

    /// An expression, and what it comes to where that does not stand there already.
    pub(crate) fn side(&mut self, expression: &'a Expression) -> String {
        let text = self.expression(expression);
        let is_plain = matches!(expression, Expression::Atom(_) | Expression::Literal(_) | Expression::Variable(_));
        if is_plain || !self.with_values {
            return text;
        }
        match (self.computed(expression), expression) {
            (Some(value), Expression::AsOf) => format!("{text} ({value})"),
            (Some(value), _) => format!("{text} (= {value})"),
            (None, _) => text,
        }
    }

    /// What an expression comes to; `None` where that cannot be said, because a variable is not bound.
    fn computed(&mut self, expression: &'a Expression) -> Option<String> {
        Some(match self.machine.expression(expression).ok()? {
            Computed::None => "none".to_owned(),
            Computed::Unknown => "not known".to_owned(),
            Computed::Conflict => "in conflict".to_owned(),
            Computed::Value(Amount::Money { minor, currency }) if minor.denominator() != 1 => {
                format!("{currency} {minor} minor units")
            }
            Computed::Value(amount) => shown_value(&self.machine.world.value_of(amount)?),
        })
    }

    fn expression(&mut self, expression: &'a Expression) -> String {
        match expression {
            Expression::Literal(value) => shown_value(value),
            Expression::Variable(name) => {
                let bound = self.machine.bindings.iter().rev().find(|(variable, _)| variable == name);
                bound.map_or_else(|| name.clone(), |(_, place)| self.machine.world.name(*place).to_owned())
            }
            Expression::AsOf => "the date of the case".to_owned(),
            Expression::Atom(atom) => self.atom(atom, true),
            Expression::Add(left, right) => format!("{} + {}", self.term(left), self.factor(right)),
            Expression::Subtract(left, right) => format!("{} - {}", self.term(left), self.factor(right)),
            Expression::Multiply(left, right) => format!("{} * {}", self.factor(left), self.factor(right)),
            Expression::Divide(left, right) => format!("{} / {}", self.factor(left), self.factor(right)),
            Expression::YearOf(inner) => format!("the year of {}", self.factor(inner)),
            Expression::MonthOf(inner) => format!("the month of {}", self.factor(inner)),
            Expression::DayOf(inner) => format!("the day of {}", self.factor(inner)),
            Expression::DayOfYear { year, last } => {
                format!("the {} of year {}", if *last { "close" } else { "start" }, self.factor(year))
            }
            Expression::YearsBetween(first, second) => {
                format!("years between {} and {}", self.factor(first), self.factor(second))
            }
            Expression::Brackets { value, slices } => {
                let slices: Vec<String> = slices.iter().map(|slice| self.slice(slice)).collect();
                format!("brackets of {} ({})", self.factor(value), slices.join(", "))
            }
            Expression::Row { table, keys, column } => format!("{table}({}).{column}", self.list(keys)),
            Expression::Extreme { greatest, variable, value, condition } => {
                let word = if *greatest { "greatest" } else { "least" };
                let value = self.expression(value);
                self.ranged(
                    format!("the {word} {value} for each {} {}", variable.entity_type, variable.name),
                    condition,
                )
            }
            Expression::Round(inner, rounding) => {
                let mode = match rounding.mode {
                    RoundingMode::Down => "down",
                    RoundingMode::Up => "up",
                    RoundingMode::HalfUp => "half up",
                    RoundingMode::HalfEven => "half even",
                };
                let to = rounding.to.as_ref().map_or(String::new(), |to| format!(" to {to}"));
                format!("{} rounded {mode}{to}", self.factor(inner))
            }
            Expression::Shift { start, duration, backwards, calendar } => {
                let sign = if *backwards { "-" } else { "+" };
                let by = calendar.as_ref().map_or(String::new(), |name| format!(" by {name}"));
                format!("{} {sign} {duration}{by}", self.term(start))
            }
            Expression::DateOf(inner) => format!("date of {}", self.factor(inner)),
            Expression::DaysBetween(first, second) => {
                format!("days between {} and {}", self.factor(first), self.factor(second))
            }
            Expression::Greatest(parts) => format!("the greatest of ({})", self.list(parts)),
            Expression::Least(parts) => format!("the least of ({})", self.list(parts)),
            Expression::Sum { variable, value, condition, .. } => {
                let of = format!(
                    "the sum of {} for each {} {}",
                    self.expression(value),
                    variable.entity_type,
                    variable.name
                );
                self.ranged(of, condition)
            }
            Expression::Count { variable, condition } => {
                self.ranged(format!("the count of {} {}", variable.entity_type, variable.name), condition)
            }
        }
    }

    fn slice(&mut self, slice: &'a Slice) -> String {
        let rate = match &slice.rate {
            // A rate is written as a percentage, and read as one.
            Expression::Literal(Value::Number(rate)) => percentage(*rate).unwrap_or_else(|| rate.to_string()),
            other => self.side(other),
        };
        match &slice.to {
            Some(to) => format!("{rate} to {}", self.side(to)),
            None => format!("{rate} above"),
        }
    }

    fn ranged(&mut self, of: String, condition: &'a Condition) -> String {
        match condition {
            Condition::Always => of,
            condition => format!("{of} where {}", self.part(condition)),
        }
    }

    fn list(&mut self, parts: &'a [Expression]) -> String {
        parts.iter().map(|part| self.expression(part)).collect::<Vec<_>>().join(", ")
    }

    /// In brackets where a sum or count would swallow what follows.
    fn term(&mut self, expression: &'a Expression) -> String {
        let text = self.expression(expression);
        match expression {
            Expression::Sum { .. } | Expression::Count { .. } | Expression::Extreme { .. } => format!("({text})"),
            _ => text,
        }
    }

    fn factor(&mut self, expression: &'a Expression) -> String {
        let text = self.term(expression);
        match expression {
            Expression::Add(..)
            | Expression::Subtract(..)
            | Expression::Multiply(..)
            | Expression::Divide(..)
            | Expression::Shift { .. } => format!("({text})"),
            _ => text,
        }
    }

    /// A fact or claim, with the entities that its arguments come to and, if wanted, its value.
    fn atom(&mut self, atom: &'a Atom, with_value: bool) -> String {
        let arguments: Vec<String> = atom
            .arguments
            .iter()
            .map(|argument| match self.machine.expression(argument) {
                Ok(Computed::Value(Amount::Entity(place))) => self.machine.world.name(place).to_owned(),
                _ => match argument {
                    Expression::Atom(inner) => self.atom(inner, false),
                    other => self.expression(other),
                },
            })
            .collect();
        let statement = shown_statement(&atom.predicate, &arguments);
        let value = if with_value && self.with_values { self.atom_value(atom) } else { None };
        value.map_or(statement.clone(), |value| format!("{statement} ({value})"))
    }

    fn atom_value(&mut self, atom: &'a Atom) -> Option<String> {
        Some(match self.machine.atom(atom).ok()? {
            Computed::Value(amount) => shown_value(&self.machine.world.value_of(amount)?),
            Computed::Unknown => "not known".to_owned(),
            Computed::Conflict => "in conflict".to_owned(),
            // A yes-or-no claim that does not hold is not a missing value to a reader.
            Computed::None => match self.machine.world.claims.get(atom.predicate.as_str()).map(|claim| &claim.value) {
                Some(Type::Bool) => "no".to_owned(),
                _ => "none".to_owned(),
            },
        })
    }

    fn is_time(&self, expression: &Expression) -> bool {
        let world = self.machine.world;
        let is_time = |declared: &Type| matches!(declared, Type::Date | Type::Instant);
        match expression {
            Expression::AsOf | Expression::Shift { .. } | Expression::DateOf(_) | Expression::DayOfYear { .. } => true,
            Expression::Literal(value) => matches!(value, Value::Date(_) | Value::Instant(_)),
            Expression::Atom(atom) => {
                world.facts.get(atom.predicate.as_str()).is_some_and(|fact| is_time(&fact.value))
                    || world.claims.get(atom.predicate.as_str()).is_some_and(|claim| is_time(&claim.value))
            }
            Expression::Add(start, _) | Expression::Subtract(start, _) => self.is_time(start),
            Expression::Greatest(parts) | Expression::Least(parts) => parts.iter().any(|part| self.is_time(part)),
            _ => false,
        }
    }
}

/// Texts in quotation marks; everything else as it is.
pub(crate) fn shown_value(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("\"{text}\""),
        other => other.to_string(),
    }
}

pub(crate) fn percentage(rate: Rational) -> Option<String> {
    Rational::new(rate.numerator().checked_mul(100)?, rate.denominator()).ok().map(|percent| format!("{percent}%"))
}

pub(crate) fn comparison(operator: Comparison, is_time: bool) -> &'static str {
    match (operator, is_time) {
        (Comparison::Equal, _) => "is",
        (Comparison::NotEqual, _) => "is not",
        (Comparison::Less, true) => "is earlier than",
        (Comparison::LessOrEqual, true) => "is not later than",
        (Comparison::Greater, true) => "is later than",
        (Comparison::GreaterOrEqual, true) => "is not earlier than",
        (Comparison::Less, false) => "is less than",
        (Comparison::LessOrEqual, false) => "is at most",
        (Comparison::Greater, false) => "is more than",
        (Comparison::GreaterOrEqual, false) => "is at least",
    }
}
