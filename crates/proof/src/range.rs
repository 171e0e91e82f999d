//! Which entities a range goes through: those of its type, but for those that the case's statements rule out.

use grounds_core::{Atom, Comparison, Condition, Expression, Type, Variable};

use crate::context::Context;
use crate::error::Result;
use crate::evaluation::{Evaluation, all};
use crate::quantity::{Placed, Quantity};

/// A part of a condition that links a variable with what is bound around it, by facts alone: `x.a.b = t`, or `R(x, t)`.
struct Link<'a> {
    /// The last one of a path first.
    facts: Vec<&'a str>,
    /// Where the variable stands in the last fact, or what leads to it in the first.
    place: usize,
    bound: Vec<(usize, &'a Expression)>,
}

impl<'a> Evaluation<'_, 'a> {
    /// The entities that a range goes through: where a part of its condition is a link, only those for which the first such part is true.
    pub(crate) fn range(&mut self, over: &'a Variable, condition: &'a Condition) -> Result<Vec<Placed<'a>>> {
        let context = self.context;
        let everything = context.entities_of(&over.entity_type)?;
        let Some(link) = Link::of(context, condition, &over.name) else { return Ok(everything.to_vec()) };
        let bound = link.bound.iter().map(|(_, it)| *it);
        let Ok(values) = all(&self.expressions(bound)?) else { return Ok(everything.to_vec()) };
        let places = values.iter().map(|value| if let Quantity::Entity((it, _)) = value { *it } else { usize::MAX });
        let bound: Vec<_> = link.bound.iter().map(|(place, _)| *place).zip(places).collect();
        let mut found = context.linked(link.facts[0], link.place, &bound);
        for fact in &link.facts[1..] {
            found = found.iter().flat_map(|it| context.linked(fact, 0, &[(1, *it)])).collect();
        }
        // By place, which is the order of the case.
        let entities = found.into_iter().map(|place| (place, &context.case.entities[place]));
        Ok(entities.filter(|(_, it)| it.entity_type == over.entity_type).collect())
    }
}

impl<'a> Link<'a> {
    /// The first part of a condition that is a link of this variable.
    fn of(context: &Context<'a>, condition: &'a Condition, variable: &str) -> Option<Self> {
        let mut open = vec![condition];
        while let Some(part) = open.pop() {
            match (part, Link::of_part(context, part, variable)) {
                (Condition::All(parts), _) => open.extend(parts.iter().rev()),
                (_, None) => {}
                (_, found) => return found,
            }
        }
        None
    }

    fn of_part(context: &Context<'a>, part: &'a Condition, variable: &str) -> Option<Self> {
        match part {
            Condition::Compare { left, operator: Comparison::Equal, right } => {
                let path = |path, to| {
                    let facts = path_of(context, path, variable)?;
                    is_bound(context, vec![to], variable).then(|| Link { facts, place: 0, bound: vec![(1, to)] })
                };
                path(left, right).or_else(|| path(right, left))
            }
            Condition::Holds(Atom { predicate, arguments }) if arguments.len() > 1 => {
                let place = arguments.iter().position(|argument| is_variable(argument, variable))?;
                let bound: Vec<_> = arguments.iter().enumerate().filter(|(other, _)| *other != place).collect();
                let is_link = *context.signature(predicate).ok()?.value == Type::Bool
                    && context.links(predicate).is_some()
                    && is_bound(context, bound.iter().map(|(_, argument)| *argument).collect(), variable);
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
        facts.push(predicate.as_str());
        path = arguments.first().filter(|_| arguments.len() == 1)?;
    }
    let is_link = |fact: &&str| {
        let has_entity = context.signature(fact).is_ok_and(|it| matches!(it.value, Type::Entity(_)));
        has_entity && context.links(fact).is_some()
    };
    (!facts.is_empty() && is_variable(path, variable) && facts.iter().all(is_link)).then_some(facts)
}

/// Whether these are other variables and facts of such.
fn is_bound(context: &Context<'_>, mut open: Vec<&Expression>, variable: &str) -> bool {
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
