//! What the case links with what: the statements of a fact as an index, where they settle it.

use std::collections::BTreeMap;

use grounds_core::{FactDeclaration, FactMode, Type, Value};

use crate::world::World;

/// The choices of entities for which a fact is yes; for a fact whose value is an entity, its arguments and that value.
#[derive(Default)]
pub(crate) struct Links<'a> {
    tuples: Vec<Vec<&'a str>>,
    /// Positions of the tuples that have an entity at a place.
    at: BTreeMap<(usize, &'a str), Vec<usize>>,
}

impl<'a> Links<'a> {
    /// `None` for a fact that links nothing, is stated with different values, or of which something is not known.
    pub(crate) fn of<'s>(
        world: &World<'a>,
        declared: &FactDeclaration,
        stated: impl Iterator<Item = (&'a [String], &'s [usize])>,
    ) -> Option<Self> {
        let (mut links, mut count) = (Links::default(), 0);
        for (arguments, positions) in stated {
            let mut tuple: Vec<&str> = arguments.iter().map(String::as_str).collect();
            match world.agreed(positions)? {
                Value::Bool(false) => tuple.clear(),
                Value::Bool(true) => {}
                Value::Entity(name) => tuple.push(name),
                _ => return None,
            }
            count += 1;
            for (place, name) in tuple.iter().enumerate() {
                links.at.entry((place, name)).or_default().push(links.tuples.len());
            }
            links.tuples.push(tuple);
        }
        let absent_is_no = matches!(declared.mode, FactMode::Closed | FactMode::Presumed { value: false, .. });
        let choices = declared.parameters.iter().map(|parameter| world.entities(parameter).len());
        let is_settled = absent_is_no || choices.fold(1, usize::saturating_mul) == count;
        (is_settled && matches!(declared.value, Type::Bool | Type::Entity(_))).then_some(links)
    }

    /// What stands at `place` where these entities stand at these other places; perhaps more than once. Nothing without other places.
    pub(crate) fn linked(&self, place: usize, others: &[(usize, &str)]) -> Vec<&'a str> {
        let found = others.first().and_then(|(other, name)| self.at.get(&(*other, *name)));
        let tuples = found.into_iter().flatten().map(|position| &self.tuples[*position]);
        let fits = |tuple: &&Vec<&'a str>| others.iter().all(|(other, name)| tuple.get(*other) == Some(name));
        tuples.filter(fits).filter_map(|tuple| tuple.get(place).copied()).collect()
    }
}
