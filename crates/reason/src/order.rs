//! In which order claims are evaluated: each after all it depends on.

use std::collections::{BTreeMap, BTreeSet};

use grounds_core::{Atom, Conclusion, Condition, Expression, Program};

/// The claims' positions in the program, each after those it depends on; else in the program's order.
///
/// # Errors
/// The names on a circle of dependency, beginning and ending with the same claim.
pub(crate) fn evaluation_order(program: &Program) -> Result<Vec<usize>, Vec<String>> {
    let below = dependencies(program);
    let position_of: BTreeMap<&str, usize> =
        program.claims.iter().enumerate().map(|(position, claim)| (claim.name.as_str(), position)).collect();
    let mut state = vec![Visit::Not; program.claims.len()];
    let mut order = Vec::new();
    for start in 0..program.claims.len() {
        // A stack of our own: chains of claims may be longer than the machine's stack.
        let mut stack = vec![(start, 0)];
        while let Some((claim, next)) = stack.pop() {
            if next == 0 && state[claim] != Visit::Not {
                continue;
            }
            state[claim] = Visit::Open;
            let name = program.claims[claim].name.as_str();
            let next_below = below.get(name).and_then(|set| set.iter().nth(next));
            let Some(dependency) = next_below else {
                state[claim] = Visit::Done;
                order.push(claim);
                continue;
            };
            stack.push((claim, next + 1));
            let Some(position) = position_of.get(dependency) else { continue };
            match state[*position] {
                Visit::Open => return Err(circle(program, &stack, *position)),
                Visit::Not => stack.push((*position, 0)),
                Visit::Done => {}
            }
        }
    }
    Ok(order)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Not,
    Open,
    Done,
}

fn circle(program: &Program, stack: &[(usize, usize)], back_to: usize) -> Vec<String> {
    let from = stack.iter().position(|(claim, _)| *claim == back_to).unwrap_or(0);
    let mut names: Vec<String> = stack[from..].iter().map(|(claim, _)| program.claims[*claim].name.clone()).collect();
    names.push(program.claims[back_to].name.clone());
    names
}

/// For each claim, the facts and claims that its rules and their exceptions look up.
pub(crate) fn dependencies(program: &Program) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut below: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for rule in &program.rules {
        let names = below.entry(rule.claim.as_str()).or_default();
        atoms_of_condition(&rule.condition, &mut |atom| {
            names.insert(atom.predicate.as_str());
        });
        if let Conclusion::Value(value) = &rule.conclusion {
            atoms_of_expression(value, &mut |atom| {
                names.insert(atom.predicate.as_str());
            });
        }
    }
    below
}

/// Visits every atom of a condition, arguments before the atom they belong to, left to right.
pub(crate) fn atoms_of_condition<'p>(condition: &'p Condition, visit: &mut dyn FnMut(&'p Atom)) {
    match condition {
        Condition::Always => {}
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| atoms_of_condition(part, visit));
        }
        Condition::Not(inner) | Condition::Exists { condition: inner, .. } => atoms_of_condition(inner, visit),
        Condition::Holds(atom) | Condition::Has(atom) => atoms_of_atom(atom, visit),
        Condition::Compare { left, right, .. } => {
            atoms_of_expression(left, visit);
            atoms_of_expression(right, visit);
        }
        Condition::In { value, choices } => {
            atoms_of_expression(value, visit);
            choices.iter().for_each(|choice| atoms_of_expression(choice, visit));
        }
    }
}

fn atoms_of_atom<'p>(atom: &'p Atom, visit: &mut dyn FnMut(&'p Atom)) {
    atom.arguments.iter().for_each(|argument| atoms_of_expression(argument, visit));
    visit(atom);
}

/// Visits every atom of an expression, arguments before the atom they belong to, left to right.
pub(crate) fn atoms_of_expression<'p>(expression: &'p Expression, visit: &mut dyn FnMut(&'p Atom)) {
    match expression {
        Expression::Literal(_) | Expression::Variable(_) | Expression::AsOf => {}
        Expression::Atom(atom) => atoms_of_atom(atom, visit),
        Expression::Add(left, right)
        | Expression::Subtract(left, right)
        | Expression::Multiply(left, right)
        | Expression::DaysBetween(left, right) => {
            atoms_of_expression(left, visit);
            atoms_of_expression(right, visit);
        }
        Expression::Round(inner, _) | Expression::DateOf(inner) | Expression::Shift { start: inner, .. } => {
            atoms_of_expression(inner, visit);
        }
        Expression::Greatest(parts) | Expression::Least(parts) => {
            parts.iter().for_each(|part| atoms_of_expression(part, visit));
        }
        Expression::Sum { value, condition, .. } => {
            atoms_of_condition(condition, visit);
            atoms_of_expression(value, visit);
        }
        Expression::Count { condition, .. } => atoms_of_condition(condition, visit),
    }
}
