//! Which facts and claims a rule can look up.

use std::collections::BTreeSet;

use grounds_core::{Atom, Condition, Expression};

/// Adds the predicates in `condition`.
pub(crate) fn of_condition<'a>(condition: &'a Condition, found: &mut BTreeSet<&'a str>) {
    match condition {
        Condition::Always => {}
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| of_condition(part, found)),
        Condition::Not(part) | Condition::Exists { condition: part, .. } => of_condition(part, found),
        Condition::Holds(atom) | Condition::Has(atom) => of_atom(atom, found),
        Condition::Compare { left, right, .. } => {
            of_expression(left, found);
            of_expression(right, found);
        }
        Condition::In { value, choices } => {
            of_expression(value, found);
            choices.iter().for_each(|choice| of_expression(choice, found));
        }
    }
}

/// Adds the predicates in `expression`.
pub(crate) fn of_expression<'a>(expression: &'a Expression, found: &mut BTreeSet<&'a str>) {
    match expression {
        Expression::Literal(_) | Expression::Variable(_) | Expression::AsOf => {}
        Expression::Atom(atom) => of_atom(atom, found),
        Expression::Add(left, right)
        | Expression::Subtract(left, right)
        | Expression::Multiply(left, right)
        | Expression::DaysBetween(left, right) => {
            of_expression(left, found);
            of_expression(right, found);
        }
        Expression::Round(inner, _) | Expression::DateOf(inner) | Expression::Shift { start: inner, .. } => {
            of_expression(inner, found);
        }
        Expression::Greatest(values) | Expression::Least(values) => {
            values.iter().for_each(|value| of_expression(value, found));
        }
        Expression::Sum { value, condition, .. } => {
            of_condition(condition, found);
            of_expression(value, found);
        }
        Expression::Count { condition, .. } => of_condition(condition, found),
    }
}

fn of_atom<'a>(atom: &'a Atom, found: &mut BTreeSet<&'a str>) {
    found.insert(&atom.predicate);
    atom.arguments.iter().for_each(|argument| of_expression(argument, found));
}
