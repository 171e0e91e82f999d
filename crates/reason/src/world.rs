//! A program and a case, indexed: all that an evaluation sees.

use std::collections::{BTreeMap, BTreeSet};

use grounds_core::{
    Calendar, Case, ClaimDeclaration, FactDeclaration, FactMode, Justification, Program, Rule, RuleKind, Status, Type,
    Value,
};

use crate::evaluate_error::EvaluateError;
use crate::outcome::Amount;
use crate::say::shown_statement;

/// Everything by name. Rules that are not in force on the case's date are left out.
pub(crate) struct World<'a> {
    pub(crate) program: &'a Program,
    pub(crate) case: &'a Case,
    pub(crate) facts: BTreeMap<&'a str, &'a FactDeclaration>,
    pub(crate) claims: BTreeMap<&'a str, &'a ClaimDeclaration>,
    pub(crate) calendars: BTreeMap<&'a str, &'a Calendar>,
    /// Names of the case's entities by type, in the case's order.
    entities: BTreeMap<&'a str, Vec<&'a str>>,
    /// Positions of the statements about a fact.
    stated: BTreeMap<&'a str, BTreeMap<&'a [String], Vec<usize>>>,
    base_rules: BTreeMap<&'a str, Vec<&'a Rule>>,
    limits: BTreeMap<&'a str, Vec<&'a Rule>>,
    /// By the id of what they are exceptions to.
    exceptions: BTreeMap<&'a str, Vec<&'a Rule>>,
    /// Pairs of exceptions of which the first wins, directly or through others.
    preferred: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> World<'a> {
    /// Indexes a program and a case, once the case fits the program.
    pub(crate) fn new(program: &'a Program, case: &'a Case) -> Result<Self, EvaluateError> {
        let mut world = World {
            program,
            case,
            facts: program.facts.iter().map(|fact| (fact.predicate.as_str(), fact)).collect(),
            claims: program.claims.iter().map(|claim| (claim.name.as_str(), claim)).collect(),
            calendars: program.calendars.iter().map(|calendar| (calendar.name.as_str(), calendar)).collect(),
            entities: BTreeMap::new(),
            stated: BTreeMap::new(),
            base_rules: BTreeMap::new(),
            limits: BTreeMap::new(),
            exceptions: BTreeMap::new(),
            preferred: preferred(program),
        };
        for rule in program.rules.iter().filter(|rule| rule.in_force.contains(case.as_of)) {
            match &rule.kind {
                RuleKind::Base => world.base_rules.entry(&rule.claim).or_default().push(rule),
                RuleKind::Limit { .. } => world.limits.entry(&rule.claim).or_default().push(rule),
                RuleKind::Exception { to } => world.exceptions.entry(to).or_default().push(rule),
            }
        }
        world.read_entities()?;
        for (position, fact) in case.facts.iter().enumerate() {
            world.check_fact(fact)?;
            let of_predicate = world.stated.entry(fact.predicate.as_str()).or_default();
            of_predicate.entry(fact.arguments.as_slice()).or_default().push(position);
        }
        Ok(world)
    }

    fn read_entities(&mut self) -> Result<(), EvaluateError> {
        let mut names = BTreeSet::new();
        for entity in &self.case.entities {
            if !names.insert(entity.name.as_str()) {
                return Err(EvaluateError::DuplicateEntity { name: entity.name.clone() });
            }
            if !self.program.entities.contains(&entity.entity_type) {
                let (entity, entity_type) = (entity.name.clone(), entity.entity_type.clone());
                return Err(EvaluateError::UnknownEntityType { entity, entity_type });
            }
            self.entities.entry(&entity.entity_type).or_default().push(&entity.name);
        }
        Ok(())
    }

    fn check_fact(&self, fact: &grounds_core::Fact) -> Result<(), EvaluateError> {
        let Some(declared) = self.facts.get(fact.predicate.as_str()) else {
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

    fn is_entity(&self, name: &str, entity_type: &str) -> bool {
        self.entities(entity_type).contains(&name)
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

    /// The base rules for a claim that are in force, in the program's order.
    pub(crate) fn base_rules(&self, claim: &str) -> &[&'a Rule] {
        self.base_rules.get(claim).map_or(&[], Vec::as_slice)
    }

    /// The limits on a claim that are in force, in the program's order.
    pub(crate) fn limits(&self, claim: &str) -> &[&'a Rule] {
        self.limits.get(claim).map_or(&[], Vec::as_slice)
    }

    /// The exceptions to a rule that are in force, in the program's order.
    pub(crate) fn exceptions(&self, rule: &str) -> &[&'a Rule] {
        self.exceptions.get(rule).map_or(&[], Vec::as_slice)
    }

    /// Whether the first exception is preferred over the second, directly or through others.
    pub(crate) fn is_preferred(&self, over: &str, under: &str) -> bool {
        self.preferred.contains(&(over, under))
    }

    /// What the case says of a fact, and by which statements.
    pub(crate) fn fact(&self, predicate: &str, arguments: &[String]) -> (Status, Justification) {
        let stated = self.stated.get(predicate).and_then(|by_arguments| by_arguments.get(arguments));
        let Some(positions) = stated else {
            let status = match self.facts.get(predicate).map(|fact| &fact.mode) {
                Some(FactMode::Closed) => Status::DoesNotHold,
                Some(FactMode::Presumed { value, .. }) => Status::Holds(Value::Bool(*value)),
                Some(FactMode::Open) | None => Status::Undetermined,
            };
            return (status, Justification::Absent);
        };
        let first = &self.case.facts[positions[0]].value;
        let agree = positions.iter().all(|position| same_value(&self.case.facts[*position].value, first));
        let status = if agree { Status::Holds(first.clone()) } else { Status::Conflict };
        (status, Justification::Given { facts: positions.clone() })
    }
}

/// Whether two values are equal; values of two currencies, and of two types, are not.
pub(crate) fn same_value(left: &Value, right: &Value) -> bool {
    Amount::of(left).zip(Amount::of(right)).and_then(|(left, right)| left.equals(&right)).unwrap_or(left == right)
}

/// All pairs in the declared order of exceptions, chains included.
fn preferred(program: &Program) -> BTreeSet<(&str, &str)> {
    let declared: Vec<(&str, &str)> =
        program.preferences.iter().map(|preference| (preference.over.as_str(), preference.under.as_str())).collect();
    let mut pairs: BTreeSet<(&str, &str)> = declared.iter().copied().collect();
    loop {
        let longer: Vec<(&str, &str)> = pairs
            .iter()
            .flat_map(|(over, middle)| {
                declared.iter().filter(move |(next, _)| next == middle).map(move |(_, under)| (*over, *under))
            })
            .filter(|pair| !pairs.contains(pair))
            .collect();
        if longer.is_empty() {
            return pairs;
        }
        pairs.extend(longer);
    }
}
