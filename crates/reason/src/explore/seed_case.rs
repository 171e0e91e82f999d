//! A case to begin with where there is no test: one entity of each type, and a value for every fact.

use std::collections::BTreeSet;

use grounds_core::{Case, Entity, FactDeclaration};
use jiff::civil::Date;

use crate::explore::random::Random;
use crate::explore::search::{choices, state};
use crate::explore::stock::Stock;
use crate::parse::RESERVED;

/// A case of two entities of each type that the facts are about, with values from the stock.
pub(super) fn seed_case(
    facts: &[&FactDeclaration],
    claim: &[String],
    as_of: Date,
    stock: &Stock,
    random: &mut Random,
) -> Case {
    let types: BTreeSet<&String> = facts.iter().flat_map(|fact| &fact.parameters).chain(claim).collect();
    let mut case = Case { as_of, entities: Vec::new(), facts: Vec::new() };
    for of in types {
        for number in 1..=2 {
            let name: String = of.to_lowercase().chars().filter(|character| character.is_alphanumeric()).collect();
            let name = if RESERVED.contains(&name.as_str()) { format!("{name}_") } else { name };
            case.entities.push(Entity { name: format!("{name}{number}"), entity_type: of.clone() });
        }
    }
    for fact in facts {
        for arguments in choices(&case, &fact.parameters) {
            let values = stock.values_for(&fact.value, &case, None);
            let value = random.pick(&values).cloned();
            state(&mut case, &fact.predicate, &arguments, value);
        }
    }
    case
}

/// A day on which something is in force: the last first day of these rules, else some day.
pub(super) fn day_in_force<'r>(rules: impl Iterator<Item = &'r grounds_core::Rule>) -> Date {
    let last = rules.map(|rule| rule.in_force.from).max();
    last.filter(|from| *from != Date::MIN).unwrap_or(jiff::civil::date(2020, 1, 1))
}
