//! A program and a case, indexed: all that an evaluation sees.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use grounds_core::{Case, FactMode, Justification, Program, Rule, Status, Type, Value};

use crate::evaluate_error::EvaluateError;
use crate::links::Links;
use crate::outcome::{Amount, Computed};
use crate::plan::Plan;
use crate::say::shown_statement;

/// Everything by name.
pub(crate) struct World<'a> {
    plan: Arc<Plan<'a>>,
    pub(crate) case: &'a Case,
    /// The places of the case's entities by type, in the case's order.
    entities: BTreeMap<&'a str, Vec<usize>>,
    /// Names and positions of all entities of the case.
    places: BTreeMap<&'a str, usize>,
    /// The positions of the statements about a fact, by its number and the places of its arguments.
    stated: Vec<BTreeMap<Vec<usize>, Vec<usize>>>,
    /// Of every fact, by its number, made when they are first asked for.
    links: Vec<OnceCell<Option<Links>>>,
}

impl<'a> Deref for World<'a> {
    type Target = Plan<'a>;

    fn deref(&self) -> &Plan<'a> {
        &self.plan
    }
}

impl<'a> World<'a> {
    /// Indexes a program and a case, once the case fits the program.
    pub(crate) fn new(program: &'a Program, case: &'a Case) -> Result<Self, EvaluateError> {
        Self::of(Arc::new(Plan::new(program)?), case)
    }

    /// Indexes a case, once it fits the program.
    pub(crate) fn of(plan: Arc<Plan<'a>>, case: &'a Case) -> Result<Self, EvaluateError> {
        let stated = vec![BTreeMap::new(); plan.numbers.len()];
        let links = stated.iter().map(|_| OnceCell::new()).collect();
        let mut world = World { plan, case, entities: BTreeMap::new(), places: BTreeMap::new(), stated, links };
        world.read_entities()?;
        for (position, fact) in case.facts.iter().enumerate() {
            let (number, arguments) = world.check_fact(fact)?;
            world.stated[number].entry(arguments).or_default().push(position);
        }
        Ok(world)
    }

    fn read_entities(&mut self) -> Result<(), EvaluateError> {
        self.entities = self.plan.program.entities.iter().map(|name| (name.as_str(), Vec::new())).collect();
        for (place, entity) in self.case.entities.iter().enumerate() {
            if self.places.insert(&entity.name, place).is_some() {
                return Err(EvaluateError::DuplicateEntity { name: entity.name.clone() });
            }
            let Some(entities) = self.entities.get_mut(entity.entity_type.as_str()) else {
                let (entity, entity_type) = (entity.name.clone(), entity.entity_type.clone());
                return Err(EvaluateError::UnknownEntityType { entity, entity_type });
            };
            entities.push(place);
        }
        Ok(())
    }

    /// The number of a fact and the places of its arguments, if they and its value fit the declaration.
    fn check_fact(&self, fact: &grounds_core::Fact) -> Result<(usize, Vec<usize>), EvaluateError> {
        let Some(declared) = self.plan.facts.get(fact.predicate.as_str()) else {
            return Err(EvaluateError::UnknownFact { predicate: fact.predicate.clone() });
        };
        let ill_typed = |expected: String| {
            let statement = format!("{} = {}", shown_statement(&fact.predicate, &fact.arguments), fact.value);
            Err(EvaluateError::IllTypedFact { statement, expected })
        };
        let place = |(of, name): (&String, &String)| {
            self.entity(name).filter(|place| self.case.entities[*place].entity_type == *of)
        };
        let places: Option<Vec<usize>> = declared.parameters.iter().zip(&fact.arguments).map(place).collect();
        let Some(places) = places.filter(|_| declared.parameters.len() == fact.arguments.len()) else {
            return ill_typed(format!("entities of the case of type {}", declared.parameters.join(", ")));
        };
        if !self.is_of_type(&fact.value, &declared.value) {
            return ill_typed(format!("a value of type {}", declared.value));
        }
        Ok((self.plan.numbers.get(fact.predicate.as_str()).copied().unwrap_or(0), places))
    }

    pub(crate) fn is_entity(&self, name: &str, entity_type: &str) -> bool {
        self.entity(name).is_some_and(|place| self.case.entities[place].entity_type == entity_type)
    }

    /// Whether a value has the declared type; an entity must be one of the case.
    pub(crate) fn is_of_type(&self, value: &Value, declared: &Type) -> bool {
        match (value, declared) {
            (Value::Entity(name), Type::Entity(entity_type)) => self.is_entity(name, entity_type),
            (Value::Bool(_), Type::Bool)
            | (Value::Number(_), Type::Number)
            | (Value::Money(_), Type::Money)
            | (Value::Date(_), Type::Date)
            | (Value::Instant(_), Type::Instant)
            | (Value::Duration(grounds_core::Duration { working_days: 0, .. }), Type::Duration)
            | (Value::Text(_), Type::Text)
            | (Value::Provision(_), Type::Provision) => true,
            _ => false,
        }
    }

    /// The places of the entities of a type, in the case's order.
    pub(crate) fn entities(&self, entity_type: &str) -> &[usize] {
        self.entities.get(entity_type).map_or(&[], Vec::as_slice)
    }

    /// The place of an entity in the case; `None` for what is none.
    pub(crate) fn entity(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The name of the entity at a place.
    pub(crate) fn name(&self, place: usize) -> &'a str {
        self.case.entities.get(place).map_or("", |entity| &entity.name)
    }

    /// The names of entities.
    pub(crate) fn names(&self, places: &[usize]) -> Vec<String> {
        places.iter().map(|place| self.name(*place).to_owned()).collect()
    }

    /// The places of entities; `None` where one of them is none of the case.
    pub(crate) fn places(&self, names: &[String]) -> Option<Vec<usize>> {
        names.iter().map(|name| self.entity(name)).collect()
    }

    /// A statement about entities, as people write it.
    pub(crate) fn shown(&self, predicate: &str, places: &[usize]) -> String {
        shown_statement(predicate, &self.names(places))
    }

    /// Widens a value for computing with it; `None` for what is no value of this case.
    pub(crate) fn amount(&self, value: &Value) -> Option<Amount> {
        match value {
            Value::Entity(name) => self.entity(name).map(Amount::Entity),
            value => Amount::of(value),
        }
    }

    /// The value; `None` for money with a fraction of its minor unit.
    pub(crate) fn value_of(&self, amount: Amount) -> Option<Value> {
        match amount {
            Amount::Entity(place) => Some(Value::Entity(self.name(place).to_owned())),
            amount => amount.into_value(),
        }
    }

    /// What an expression is that looks up a fact or claim with this status; `None` for what is no value of this case.
    pub(crate) fn computed(&self, status: &Status) -> Option<Computed> {
        Some(match status {
            Status::Holds(value) => Computed::Value(self.amount(value)?),
            Status::DoesNotHold => Computed::None,
            Status::Undetermined => Computed::Unknown,
            Status::Conflict => Computed::Conflict,
        })
    }

    /// The base rules for a claim that are in force, in the program's order.
    pub(crate) fn base_rules(&self, claim: &str) -> impl Iterator<Item = &'a Rule> {
        self.in_force(self.plan.base_rules.get(claim))
    }

    /// The limits on a claim that are in force, in the program's order.
    pub(crate) fn limits(&self, claim: &str) -> impl Iterator<Item = &'a Rule> {
        self.in_force(self.plan.limits.get(claim))
    }

    /// The exceptions to a rule that are in force, in the program's order.
    pub(crate) fn exceptions(&self, rule: &str) -> impl Iterator<Item = &'a Rule> {
        self.in_force(self.plan.exceptions.get(rule))
    }

    fn in_force<'w>(&'w self, rules: Option<&'w Vec<&'a Rule>>) -> impl Iterator<Item = &'a Rule> + 'w {
        rules.into_iter().flatten().copied().filter(|rule| rule.in_force.contains(self.case.as_of))
    }

    /// Whether the first exception is preferred over the second, directly or through others.
    pub(crate) fn is_preferred(&self, over: &str, under: &str) -> bool {
        self.plan.preferred.contains(&(over, under))
    }

    /// What the case says of a fact, and by which statements.
    pub(crate) fn fact(&self, predicate: &str, arguments: &[String]) -> (Status, Justification) {
        self.fact_at(predicate, &self.places(arguments).unwrap_or_default())
    }

    /// What the case says of a fact about the entities at these places.
    pub(crate) fn fact_at(&self, predicate: &str, places: &[usize]) -> (Status, Justification) {
        let stated = self.numbers.get(predicate).and_then(|number| self.stated[*number].get(places));
        let Some(positions) = stated else {
            let status = match self.plan.facts.get(predicate).map(|fact| &fact.mode) {
                Some(FactMode::Closed) => Status::DoesNotHold,
                Some(FactMode::Presumed { value, .. }) => Status::Holds(Value::Bool(*value)),
                Some(FactMode::Open) | None => Status::Undetermined,
            };
            return (status, Justification::Absent);
        };
        let status = self.agreed(positions).cloned().map_or(Status::Conflict, Status::Holds);
        (status, Justification::Given { facts: positions.clone() })
    }

    /// The value of these statements about one fact; `None` where they differ.
    pub(crate) fn agreed(&self, positions: &[usize]) -> Option<&'a Value> {
        let value = |position: &usize| &self.case.facts[*position].value;
        let first = value(positions.first()?);
        positions.iter().all(|position| same_value(value(position), first)).then_some(first)
    }

    /// What a fact links with what; `None` for a fact that links nothing, is in conflict, or of which something is not known.
    pub(crate) fn links(&self, predicate: &str) -> Option<&Links> {
        let declared = self.plan.facts.get(predicate)?;
        let number = *self.numbers.get(predicate)?;
        self.links[number].get_or_init(|| Links::of(self, declared, &self.stated[number])).as_ref()
    }
}

/// Whether two values are equal; values of two currencies, and of two types, are not.
pub(crate) fn same_value(left: &Value, right: &Value) -> bool {
    Amount::of(left).zip(Amount::of(right)).and_then(|(left, right)| left.equals(&right)).unwrap_or(left == right)
}
