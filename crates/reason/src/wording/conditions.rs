//! Conditions in words: a line for each, or one phrase.

use grounds_core::{Atom, Condition, Expression, Type, Value};

use super::{Teller, WordsLine};
use crate::render::comparison;
use crate::template::fill;

impl<'a> Teller<'_, 'a> {
    /// Adds the lines of a condition.
    pub(super) fn condition(&mut self, condition: &'a Condition, depth: usize, out: &mut Vec<WordsLine>) {
        let line = |text: &str| WordsLine { depth, text: text.to_owned() };
        match condition {
            Condition::Always => {}
            Condition::All(parts) if depth == 0 => parts.iter().for_each(|part| self.part(part, depth, out)),
            Condition::All(parts) => {
                out.push(line("all of these:"));
                parts.iter().for_each(|part| self.part(part, depth + 1, out));
            }
            Condition::Any(parts) => {
                out.push(line("at least one of these:"));
                parts.iter().for_each(|part| self.part(part, depth + 1, out));
            }
            Condition::Not(inner) => match inner.as_ref() {
                Condition::All(parts) => {
                    out.push(line("not all of these:"));
                    parts.iter().for_each(|part| self.part(part, depth + 1, out));
                }
                Condition::Any(parts) => {
                    out.push(line("none of these:"));
                    parts.iter().for_each(|part| self.part(part, depth + 1, out));
                }
                Condition::Exists { variable, condition } if is_long(condition) => {
                    let noun = self.nouns.bare(variable);
                    out.push(line(&format!("there is no {noun} for which all of these are so:")));
                    self.inside(condition, depth + 1, out);
                }
                _ => out.push(line(&self.phrase(condition))),
            },
            Condition::Exists { variable, condition } if is_long(condition) => {
                out.push(line(&format!("there is {} for which all of these are so:", self.nouns.first(variable))));
                self.inside(condition, depth + 1, out);
            }
            _ => out.push(line(&self.phrase(condition))),
        }
    }

    fn part(&mut self, part: &'a Condition, depth: usize, out: &mut Vec<WordsLine>) {
        // Conditions that are joined in the same way as their surroundings need no introduction.
        match part {
            Condition::All(parts) if depth == 0 => parts.iter().for_each(|part| self.part(part, depth, out)),
            _ => self.condition(part, depth, out),
        }
    }

    fn inside(&mut self, condition: &'a Condition, depth: usize, out: &mut Vec<WordsLine>) {
        match condition {
            Condition::All(parts) => parts.iter().for_each(|part| self.condition(part, depth, out)),
            _ => self.condition(condition, depth, out),
        }
    }

    /// A condition as one phrase.
    pub(super) fn phrase(&mut self, condition: &'a Condition) -> String {
        match condition {
            Condition::Always => "in every case".to_owned(),
            Condition::All(parts) => self.joined(parts, " and "),
            Condition::Any(parts) => self.joined(parts, " or "),
            Condition::Holds(atom) => self.holds(atom, true),
            Condition::Has(atom) => format!("there is {}", self.some(atom)),
            Condition::Not(inner) => match inner.as_ref() {
                Condition::Holds(atom) => self.holds(atom, false),
                Condition::Has(atom) => format!("there is no {}", self.bare(atom)),
                Condition::Exists { variable, condition } => {
                    let rest = self.for_which(condition);
                    format!("there is no {}{rest}", self.nouns.bare(variable))
                }
                inner => format!("not so: {}", self.bracketed(inner)),
            },
            Condition::Compare { left, operator, right } => {
                let words = comparison(*operator, self.is_time(left));
                format!("{} {words} {}", self.expression(left), self.expression(right))
            }
            Condition::In { value, choices } => {
                let choices: Vec<String> = choices.iter().map(|choice| self.expression(choice)).collect();
                format!("{} is one of {}", self.expression(value), choices.join(", "))
            }
            Condition::Exists { variable, condition } => {
                let rest = self.for_which(condition);
                format!("there is {}{rest}", self.nouns.first(variable))
            }
        }
    }

    /// ", for which …"; nothing where any will do.
    pub(super) fn for_which(&mut self, condition: &'a Condition) -> String {
        match condition {
            Condition::Always => String::new(),
            condition => format!(" for which {}", self.phrase(condition)),
        }
    }

    fn joined(&mut self, parts: &'a [Condition], word: &str) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.bracketed(part)).collect();
        parts.join(word)
    }

    fn bracketed(&mut self, condition: &'a Condition) -> String {
        match condition {
            Condition::All(_) | Condition::Any(_) => format!("({})", self.phrase(condition)),
            _ => self.phrase(condition),
        }
    }

    /// A yes-or-no fact or claim that is so, or is not.
    fn holds(&mut self, atom: &'a Atom, is_so: bool) -> String {
        let arguments: Vec<String> = atom.arguments.iter().map(|argument| self.expression(argument)).collect();
        if let Some(fact) = self.fact(&atom.predicate) {
            let number = self.wording.number(fact);
            let question = fill(&fact.ask, &fact.parameters, &arguments, "");
            let answer = if is_so { "yes" } else { "not yes" };
            return format!("[{number}] “{question}” – {answer}");
        }
        self.note_claim(&atom.predicate);
        let claim = self.wording.program.claims.iter().find(|claim| claim.name == atom.predicate);
        let Some(claim) = claim else { return atom.predicate.clone() };
        fill(if is_so { &claim.say } else { &claim.say_not }, &claim.parameters, &arguments, "")
    }

    pub(super) fn note_claim(&mut self, name: &str) {
        if !self.claims.iter().any(|known| known == name) {
            self.claims.push(name.to_owned());
        }
    }

    pub(super) fn fact(&self, predicate: &str) -> Option<&'a grounds_core::FactDeclaration> {
        self.wording.program.facts.iter().find(|fact| fact.predicate == predicate)
    }

    fn is_time(&self, expression: &Expression) -> bool {
        let is_time = |declared: &Type| matches!(declared, Type::Date | Type::Instant);
        match expression {
            Expression::AsOf | Expression::Shift { .. } | Expression::DateOf(_) | Expression::DayOfYear { .. } => true,
            Expression::Literal(value) => matches!(value, Value::Date(_) | Value::Instant(_)),
            Expression::Atom(atom) => {
                let claims = &self.wording.program.claims;
                self.fact(&atom.predicate).is_some_and(|fact| is_time(&fact.value))
                    || claims.iter().any(|claim| claim.name == atom.predicate && is_time(&claim.value))
            }
            Expression::Greatest(parts) | Expression::Least(parts) => parts.iter().any(|part| self.is_time(part)),
            _ => false,
        }
    }
}

/// Whether it takes lines of its own.
fn is_long(condition: &Condition) -> bool {
    matches!(condition, Condition::All(_))
}
