//! Values in words.

use grounds_core::{Atom, Expression, RoundingMode, Slice, Type, Value};

use super::Teller;
use super::nouns::{article, words};
use crate::render::{percentage, shown_value};

impl<'a> Teller<'_, 'a> {
    /// What a value is computed from.
    pub(super) fn expression(&mut self, expression: &'a Expression) -> String {
        match expression {
            Expression::Literal(value) => literal(value),
            Expression::Variable(name) => self.nouns.noun(name),
            Expression::AsOf => "the date of the case".to_owned(),
            Expression::Atom(atom) => self.value(atom),
            Expression::Add(left, right) => format!("{} plus {}", self.expression(left), self.factor(right)),
            Expression::Subtract(left, right) => format!("{} less {}", self.expression(left), self.factor(right)),
            Expression::Multiply(left, right) => match rate(left) {
                Some(rate) => format!("{rate} of {}", self.factor(right)),
                None => format!("{} × {}", self.factor(left), self.factor(right)),
            },
            Expression::Divide(left, right) => format!("{} divided by {}", self.factor(left), self.factor(right)),
            Expression::Round(inner, rounding) => {
                let mode = match rounding.mode {
                    RoundingMode::Down => "rounded down",
                    RoundingMode::Up => "rounded up",
                    RoundingMode::HalfUp => "rounded to the nearest, halves up",
                    RoundingMode::HalfEven => "rounded to the nearest, halves to the even one",
                };
                let to = rounding.to.as_ref().map_or(String::new(), |to| format!(" (multiples of {to})"));
                format!("{} {mode}{to}", self.factor(inner))
            }
            Expression::Shift { start, duration, backwards, calendar } => {
                let word = if *backwards { "less" } else { "plus" };
                let by = calendar.as_ref().map_or(String::new(), |name| format!(" by the calendar {name}"));
                format!("{} {word} {duration}{by}", self.expression(start))
            }
            Expression::DateOf(inner) => format!("the date of {}", self.factor(inner)),
            Expression::YearOf(inner) => format!("the year of {}", self.factor(inner)),
            Expression::MonthOf(inner) => format!("the month of {}", self.factor(inner)),
            Expression::DayOf(inner) => format!("the day of {}", self.factor(inner)),
            Expression::DayOfYear { year, last } => {
                format!("the {} day of the year {}", if *last { "last" } else { "first" }, self.factor(year))
            }
            Expression::YearsBetween(first, second) => {
                format!("the whole years from {} to {}", self.factor(first), self.factor(second))
            }
            Expression::DaysBetween(first, second) => {
                format!("the days from {} to {}", self.factor(first), self.factor(second))
            }
            Expression::Brackets { value, slices } => {
                let slices: Vec<String> = slices.iter().map(|slice| self.slice(slice)).collect();
                format!("of {}: {}", self.factor(value), slices.join(", "))
            }
            Expression::Row { table, keys, column } => {
                if let Some(value) = self.given(table, keys, column) {
                    return format!("{value} (table “{}”)", words(table));
                }
                let of = if keys.is_empty() { String::new() } else { format!(" for {}", self.list(keys)) };
                format!("the {} that the table “{}” gives{of}", words(column), words(table))
            }
            Expression::Greatest(parts) => format!("the greatest of ({})", self.list(parts)),
            Expression::Least(parts) => format!("the least of ({})", self.list(parts)),
            Expression::Sum { variable, value, condition, .. } => {
                let (value, rest) = (self.expression(value), self.for_which(condition));
                format!("the sum of {value} over every {}{rest}", self.nouns.bare(variable))
            }
            Expression::Extreme { greatest, variable, value, condition } => {
                let word = if *greatest { "greatest" } else { "least" };
                let (value, rest) = (self.expression(value), self.for_which(condition));
                format!("the {word} {value} over every {}{rest}", self.nouns.bare(variable))
            }
            Expression::Count { variable, condition } => {
                let rest = self.for_which(condition);
                format!("the number of {}{rest}", self.nouns.many(variable))
            }
        }
    }

    /// What a table without keys gives on the day of the page.
    fn given(&self, table: &str, keys: &[Expression], column: &str) -> Option<String> {
        let table = self.wording.program.tables.iter().find(|other| other.name == table && keys.is_empty())?;
        let position = table.values.iter().position(|other| other.name == column)?;
        let row = table.rows.iter().find(|row| row.in_force.contains(self.wording.as_of))?;
        Some(literal(row.values.get(position)?))
    }

    fn slice(&mut self, slice: &'a Slice) -> String {
        let rate = rate(&slice.rate).unwrap_or_else(|| self.expression(&slice.rate));
        match &slice.to {
            Some(to) => format!("{rate} up to {}", self.expression(to)),
            None => format!("{rate} above"),
        }
    }

    fn list(&mut self, parts: &'a [Expression]) -> String {
        parts.iter().map(|part| self.expression(part)).collect::<Vec<_>>().join(", ")
    }

    /// In brackets where it would be read together with what stands around it.
    fn factor(&mut self, expression: &'a Expression) -> String {
        let text = self.expression(expression);
        match expression {
            Expression::Literal(_)
            | Expression::Variable(_)
            | Expression::AsOf
            | Expression::Atom(_)
            | Expression::Row { .. }
            | Expression::Greatest(_)
            | Expression::Least(_) => text,
            Expression::Multiply(left, _) if rate(left).is_some() => text,
            _ => format!("({text})"),
        }
    }

    /// The value of a fact or claim as a noun: “notified at” [2], the controller [3] of the infringement.
    fn value(&mut self, atom: &'a Atom) -> String {
        let of = self.of(atom);
        let fact = self.fact(&atom.predicate);
        match fact.map(|fact| &fact.value) {
            Some(Type::Entity(name)) => {
                let noun = self.reference(atom, &entity_noun(atom, name));
                format!("the {noun}{of}")
            }
            _ => format!("{}{of}", self.quoted(atom)),
        }
    }

    /// As [`Teller::value`], where it comes up as one among others: "a “notified at” [2]".
    pub(super) fn some(&mut self, atom: &'a Atom) -> String {
        article_before(&self.bare(atom))
    }

    /// Without an article: "“notified at” [2]".
    pub(super) fn bare(&mut self, atom: &'a Atom) -> String {
        let of = self.of(atom);
        match self.fact(&atom.predicate).map(|fact| &fact.value) {
            Some(Type::Entity(name)) => format!("{}{of}", self.reference(atom, &entity_noun(atom, name))),
            _ => format!("{}{of}", self.quoted(atom)),
        }
    }

    fn quoted(&mut self, atom: &Atom) -> String {
        let name = atom.predicate.split_once('.').map_or(atom.predicate.as_str(), |(_, attribute)| attribute);
        self.reference(atom, &format!("“{}”", words(name)))
    }

    /// `noun` with the number of the fact's question; a claim is only noted.
    fn reference(&mut self, atom: &Atom, noun: &str) -> String {
        match self.fact(&atom.predicate) {
            Some(fact) => format!("{noun} [{}]", self.wording.number(fact)),
            None => {
                self.note_claim(&atom.predicate);
                noun.to_owned()
            }
        }
    }

    /// " of firm c"; nothing where the rule speaks of these entities anyway.
    fn of(&mut self, atom: &'a Atom) -> String {
        let own = self.rule.variables.iter().map(|variable| variable.name.as_str());
        let names = atom.arguments.iter().map(|argument| match argument {
            Expression::Variable(name) => name.as_str(),
            _ => "",
        });
        if self.nouns.are_unique() && own.eq(names) {
            return String::new();
        }
        format!(" of {}", self.list(&atom.arguments))
    }
}

/// A value as it is written; the groups of a number stay together.
fn literal(value: &Value) -> String {
    match value {
        Value::Money(_) | Value::Number(_) | Value::Duration(_) => value.to_string().replace(' ', "\u{a0}"),
        _ => shown_value(value),
    }
}

/// What an entity is called that a fact leads to: by the fact's name, unless that is a preposition.
fn entity_noun(atom: &Atom, entity_type: &str) -> String {
    const PREPOSITIONS: [&str; 8] = ["of", "in", "by", "to", "from", "at", "for", "on"];
    let name = atom.predicate.split_once('.').map_or("", |(_, attribute)| attribute);
    let says_nothing = name.is_empty() || PREPOSITIONS.contains(&name.split('_').next().unwrap_or_default());
    words(if says_nothing { entity_type } else { name })
}

/// A rate is written as a percentage, and read as one.
fn rate(expression: &Expression) -> Option<String> {
    match expression {
        Expression::Literal(Value::Number(rate)) if rate.denominator() != 1 => percentage(*rate),
        _ => None,
    }
}

fn article_before(noun: &str) -> String {
    let letters = noun.trim_start_matches('“');
    let with = article(letters);
    let word = with.split(' ').next().unwrap_or("a");
    format!("{word} {noun}")
}
