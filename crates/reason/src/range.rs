//! Which entities a range goes through: all of its type, but for those that the case's statements rule out.

use grounds_core::{Atom, Comparison, Condition, Expression, Type, Variable};

use crate::machine::{Machine, Result};
use crate::outcome::{Amount, Computed};
use crate::world::World;

/// A part of a range's condition that the case's statements of facts settle for every entity of the range.
enum Link<'a> {
    /// `x.a.b = t`: the facts, the last one first, and `t`.
    Path { facts: Vec<&'a str>, to: &'a Expression },
    /// `R(…, x, …)`, and the place of `x` in it.
    Relation { atom: &'a Atom, place: usize },
}

impl<'a> Machine<'_, 'a> {
    /// The entities of a range, in the case's order, without those for which its first part that is a link is false.
    ///
    /// See `docs/rules.md`, section "Narrowed ranges". Cost: an index of the linking facts, made once for each case, and one look-up in it.
    pub(crate) fn range(&mut self, variable: &'a Variable, condition: &'a Condition) -> Result<Vec<usize>> {
        let world = self.world;
        let found = match link_of(world, condition, &variable.name) {
            None => None,
            Some(Link::Path { facts, to }) => {
                let step = |places: Vec<usize>, fact: &&str| {
                    let linked = |place: &usize| world.links(fact).map(|links| links.linked(0, &[(1, *place)]));
                    places.iter().filter_map(linked).flatten().collect()
                };
                self.entity(to)?.map(|start| facts.iter().fold(vec![start], step))
            }
            Some(Link::Relation { atom, place }) => {
                let (mut others, count) = (Vec::new(), atom.arguments.len() - 1);
                for (other, argument) in atom.arguments.iter().enumerate().filter(|(other, _)| *other != place) {
                    others.extend(self.entity(argument)?.map(|entity| (other, entity)));
                }
                let links = world.links(&atom.predicate).filter(|_| others.len() == count);
                links.map(|links| links.linked(place, &others))
            }
        };
        let Some(mut places) = found else { return Ok(world.entities(&variable.entity_type).to_vec()) };
        places.retain(|place| world.case.entities[*place].entity_type == variable.entity_type);
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }

    /// The place of the entity that an expression is; `None` where it is not one.
    fn entity(&mut self, expression: &'a Expression) -> Result<Option<usize>> {
        let computed = self.expression(expression)?;
        Ok(if let Computed::Value(Amount::Entity(place)) = computed { Some(place) } else { None })
    }
}

/// The first part of a condition that is a link of the variable.
fn link_of<'a>(world: &World<'a>, condition: &'a Condition, variable: &str) -> Option<Link<'a>> {
    match condition {
        Condition::All(parts) => parts.iter().find_map(|part| link_of(world, part, variable)),
        Condition::Compare { left, operator: Comparison::Equal, right } => {
            let path =
                |path, to| Some(Link::Path { facts: path_of(world, path, variable)?, to: bound(world, to, variable)? });
            path(left, right).or_else(|| path(right, left))
        }
        Condition::Holds(atom) if atom.arguments.len() > 1 => {
            let place = atom.arguments.iter().position(|argument| is_variable(argument, variable))?;
            let mut others = atom.arguments.iter().enumerate().filter(|(other, _)| *other != place);
            let is_bound = others.all(|(_, argument)| bound(world, argument, variable).is_some());
            let is_yes_or_no = world.facts.get(atom.predicate.as_str())?.value == Type::Bool;
            (is_bound && is_yes_or_no && world.links(&atom.predicate).is_some())
                .then_some(Link::Relation { atom, place })
        }
        _ => None,
    }
}

fn is_variable(expression: &Expression, variable: &str) -> bool {
    matches!(expression, Expression::Variable(name) if name == variable)
}

/// The facts of `x.a.b`, the last one first, all of them settled links.
fn path_of<'a>(world: &World<'a>, path: &'a Expression, variable: &str) -> Option<Vec<&'a str>> {
    let (mut facts, mut path) = (Vec::new(), path);
    while let Expression::Atom(Atom { predicate, arguments }) = path {
        let ([inner], Type::Entity(_)) = (arguments.as_slice(), &world.facts.get(predicate.as_str())?.value) else {
            return None;
        };
        world.links(predicate)?;
        facts.push(predicate.as_str());
        path = inner;
    }
    (!facts.is_empty() && is_variable(path, variable)).then_some(facts)
}

/// The expression, if it is another variable or a fact of such.
fn bound<'a>(world: &World<'a>, expression: &'a Expression, variable: &str) -> Option<&'a Expression> {
    let is_bound = match expression {
        Expression::Variable(name) => name != variable,
        Expression::Atom(atom) => {
            world.facts.contains_key(atom.predicate.as_str())
                && atom.arguments.iter().all(|argument| bound(world, argument, variable).is_some())
        }
        _ => false,
    };
    is_bound.then_some(expression)
}
