//! A program and a case, indexed: all that an evaluation sees.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use grounds_core::{Case, FactMode, Justification, Program, Rule, Status, Type, Value};

use crate::evaluate_error::EvaluateError;
use crate::links::Links;
use crate::outcome::Amount;
use crate::plan::Plan;
use crate::say::shown_statement;

/// Everything by name.
pub(crate) struct World<'a> {
    plan: Arc<Plan<'a>>,
    pub(crate) case: &'a Case,
    /// Names of the case's entities by type, in the case's order.
    entities: BTreeMap<&'a str, Vec<&'a str>>,
    /// Names and positions of all entities of the case.
    places: BTreeMap<&'a str, usize>,
    /// Positions of the statements about a fact.
    stated: BTreeMap<&'a str, BTreeMap<&'a [String], Vec<usize>>>,
    /// Of every fact, made when they are first asked for.
    links: BTreeMap<&'a str, OnceCell<Option<Links<'a>>>>,
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
        let links = plan.facts.keys().map(|fact| (*fact, OnceCell::new())).collect();
        let (entities, places, stated) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut world = World { plan, case, entities, places, stated, links };
        world.read_entities()?;
        for (position, fact) in case.facts.iter().enumerate() {
            world.check_fact(fact)?;
            let of_predicate = world.stated.entry(fact.predicate.as_str()).or_default();
            of_predicate.entry(fact.arguments.as_slice()).or_default().push(position);
        }
        Ok(world)
    }

    fn read_entities(&mut self) -> Result<(), EvaluateError> {
        for (place, entity) in self.case.entities.iter().enumerate() {
            if self.places.insert(&entity.name, place).is_some() {
                return Err(EvaluateError::DuplicateEntity { name: entity.name.clone() });
            }
            if !self.plan.program.entities.contains(&entity.entity_type) {
                let (entity, entity_type) = (entity.name.clone(), entity.entity_type.clone());
                return Err(EvaluateError::UnknownEntityType { entity, entity_type });
            }
            self.entities.entry(&entity.entity_type).or_default().push(&entity.name);
        }
        Ok(())
    }

    fn check_fact(&self, fact: &grounds_core::Fact) -> Result<(), EvaluateError> {
        let Some(declared) = self.plan.facts.get(fact.predicate.as_str()) else {
            return Err(EvaluateError::UnknownFact { predicate: fact.predicate.clone() });
        };
        let ill_typed = |expected: String| {
            let statement = format!("{} = {}", shown_statement(&fact.predicate, &fact.arguments), fact.value);
            Err(EvaluateError::IllTypedFact { statement, expected })
        };
        let arguments_fit = declared.parameters.len() == fact.arguments.len()
            && declared.parameters.iter().zip(&fact.arguments).all(|(of, name)| self.is_entity(name, of));
        if !arguments_fit {
            return ill_typed(format!("entities of the case of type {}", declared.parameters.join(", ")));
        }
        if !self.is_of_type(&fact.value, &declared.value) {
            return ill_typed(format!("a value of type {}", declared.value));
        }
        Ok(())
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

    /// The names of the entities of a type, in the case's order.
    pub(crate) fn entities(&self, entity_type: &str) -> &[&'a str] {
        self.entities.get(entity_type).map_or(&[], Vec::as_slice)
    }

    /// The place of an entity in the case; `None` for what is none.
    pub(crate) fn entity(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The name of an entity, as the case has it.
    pub(crate) fn entity_name(&self, name: &str) -> Option<&'a str> {
        self.places.get_key_value(name).map(|(name, _)| *name)
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
        let stated = self.stated.get(predicate).and_then(|stated| stated.get(arguments));
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
    pub(crate) fn links(&self, predicate: &str) -> Option<&Links<'a>> {
        let (name, declared) = self.plan.facts.get_key_value(predicate)?;
        let made = self.links.get(name)?.get_or_init(|| {
            let stated = self.stated.get(name).into_iter().flatten();
            Links::of(self, declared, stated.map(|(arguments, positions)| (*arguments, positions.as_slice())))
        });
        made.as_ref()
    }
}

/// Whether two values are equal; values of two currencies, and of two types, are not.
pub(crate) fn same_value(left: &Value, right: &Value) -> bool {
    Amount::of(left).zip(Amount::of(right)).and_then(|(left, right)| left.equals(&right)).unwrap_or(left == right)
}
