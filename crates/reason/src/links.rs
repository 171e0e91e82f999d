//! What the case links with what: the statements of a fact as an index, where they settle it.

use std::collections::BTreeMap;

use grounds_core::{FactDeclaration, FactMode, Type, Value};

use crate::world::World;

/// The choices of entities for which a fact is yes; for a fact whose value is an entity, its arguments and that value. All by their places.
#[derive(Default)]
pub(crate) struct Links {
    tuples: Vec<Vec<usize>>,
    /// Positions of the tuples that have an entity somewhere.
    at: BTreeMap<(usize, usize), Vec<usize>>,
}

impl Links {
    /// `None` for a fact that links nothing, is stated with different values, or of which something is not known.
    pub(crate) fn of(
        world: &World<'_>,
        declared: &FactDeclaration,
        stated: &BTreeMap<Vec<usize>, Vec<usize>>,
    ) -> Option<Self> {
        let mut links = Links::default();
        for (arguments, positions) in stated {
            let mut tuple = arguments.clone();
            match world.agreed(positions)? {
                Value::Bool(false) => tuple.clear(),
                Value::Bool(true) => {}
                Value::Entity(name) => tuple.push(world.entity(name)?),
                _ => return None,
            }
            for (index, place) in tuple.iter().enumerate() {
                links.at.entry((index, *place)).or_default().push(links.tuples.len());
            }
            links.tuples.push(tuple);
        }
        let absent_is_no = matches!(declared.mode, FactMode::Closed | FactMode::Presumed { value: false, .. });
        let choices = declared.parameters.iter().map(|parameter| world.entities(parameter).len());
        let is_settled = absent_is_no || choices.fold(1, usize::saturating_mul) == stated.len();
        (is_settled && matches!(declared.value, Type::Bool | Type::Entity(_))).then_some(links)
    }

    /// What stands at an index where these entities stand at these others; perhaps more than once. Nothing without others.
    pub(crate) fn linked(&self, index: usize, others: &[(usize, usize)]) -> Vec<usize> {
        let tuples = others.first().and_then(|other| self.at.get(other)).into_iter().flatten();
        let tuples = tuples.map(|position| &self.tuples[*position]);
        let fits = |tuple: &&Vec<usize>| others.iter().all(|(other, place)| tuple.get(*other) == Some(place));
        tuples.filter(fits).filter_map(|tuple| tuple.get(index).copied()).collect()
    }
}
