//! Which entities a range goes through: those of its type, but for those that the case's statements rule out.

use std::collections::BTreeSet;

use grounds_core::{Atom, Comparison, Condition, Entity, Expression, Type, Variable};

use crate::context::Context;
use crate::error::Result;
use crate::evaluation::{Evaluation, all};
use crate::quantity::Quantity;

/// A part of a condition that links a variable with what is bound around it, by facts alone: `x.a.b = t`, or `R(x, t)`.
struct Link<'a> {
    /// The last one of a path first.
    facts: Vec<&'a str>,
    /// Where the variable stands in the last fact, or what leads to it in the first.
    place: usize,
    bound: Vec<(usize, &'a Expression)>,
}

impl<'a> Evaluation<'a> {
    /// The entities that a range goes through: where a part of its condition is a link, only those for which the first such part is true.
    pub(crate) fn range(&mut self, over: &'a Variable, condition: &'a Condition) -> Result<Vec<&'a Entity>> {
        let context = self.context;
        let everything = context.entities_of(&over.entity_type)?;
        let Some(link) = Link::of(context, condition, &over.name) else { return Ok(everything.to_vec()) };
        let values = self.expressions(link.bound.iter().map(|(_, expression)| *expression))?;
        let Ok(values) = all(&values) else { return Ok(everything.to_vec()) };
        let names = values.iter().map(|value| if let Quantity::Entity(it) = value { it.name.as_str() } else { "" });
        let bound: Vec<_> = link.bound.iter().map(|(place, _)| *place).zip(names).collect();
        let mut found = linked(context, link.facts[0], link.place, &bound);
        for fact in &link.facts[1..] {
            found = found.iter().flat_map(|name| linked(context, fact, 0, &[(1, name)])).collect();
        }
        Ok(context.named(found, &over.entity_type))
    }
}

/// What a fact links at `place` with these entities at their places.
fn linked<'a>(context: &Context<'a>, fact: &str, place: usize, bound: &[(usize, &str)]) -> BTreeSet<&'a str> {
    let tuples = context.links(fact).and_then(|links| links.get(&bound[0])).into_iter().flatten();
    let fits = |tuple: &&Vec<&str>| bound.iter().all(|(place, name)| tuple.get(*place) == Some(name));
    tuples.filter(fits).filter_map(|tuple| tuple.get(place).copied()).collect()
}

impl<'a> Link<'a> {
    /// The first part of a condition that is a link of this variable.
    fn of(context: &Context<'a>, condition: &'a Condition, variable: &str) -> Option<Self> {
        let mut open = vec![condition];
        while let Some(part) = open.pop() {
            match part {
                Condition::All(parts) => open.extend(parts.iter().rev()),
                part => match Link::of_part(context, part, variable) {
                    None => {}
                    found => return found,
                },
            }
        }
        None
    }

    fn of_part(context: &Context<'a>, part: &'a Condition, variable: &str) -> Option<Self> {
        match part {
            Condition::Compare { left, operator: Comparison::Equal, right } => {
                let path = |path, to| {
                    let facts = path_of(context, path, variable)?;
                    is_bound(context, [to], variable).then(|| Link { facts, place: 0, bound: vec![(1, to)] })
                };
                path(left, right).or_else(|| path(right, left))
            }
            Condition::Holds(Atom { predicate, arguments }) if arguments.len() > 1 => {
                let place = arguments.iter().position(|argument| is_variable(argument, variable))?;
                let bound: Vec<_> = arguments.iter().enumerate().filter(|(other, _)| *other != place).collect();
                let is_link = *context.signature(predicate).ok()?.value == Type::Bool
                    && context.links(predicate).is_some()
                    && is_bound(context, bound.iter().map(|(_, argument)| *argument), variable);
                is_link.then(|| Link { facts: vec![predicate], place, bound })
            }
            _ => None,
        }
    }
}

fn is_variable(expression: &Expression, variable: &str) -> bool {
    matches!(expression, Expression::Variable(name) if name == variable)
}

/// The facts of `x.a.b`, the last one first.
fn path_of<'a>(context: &Context<'a>, mut path: &'a Expression, variable: &str) -> Option<Vec<&'a str>> {
    let mut facts = Vec::new();
    while let Expression::Atom(Atom { predicate, arguments }) = path {
        let ([inner], Type::Entity(_)) = (arguments.as_slice(), context.signature(predicate).ok()?.value) else {
            return None;
        };
        facts.push(predicate.as_str());
        path = inner;
    }
    let is_link = is_variable(path, variable) && facts.iter().all(|fact| context.links(fact).is_some());
    (is_link && !facts.is_empty()).then_some(facts)
}

/// Whether these are other variables and facts of such.
fn is_bound<'a>(context: &Context<'_>, all: impl IntoIterator<Item = &'a Expression>, variable: &str) -> bool {
    let mut open: Vec<_> = all.into_iter().collect();
    while let Some(expression) = open.pop() {
        match expression {
            Expression::Variable(name) if name != variable => {}
            Expression::Atom(atom) if context.signature(&atom.predicate).is_ok_and(|it| it.mode.is_some()) => {
                open.extend(&atom.arguments);
            }
            _ => return false,
        }
    }
    true
}
