//! What a proof is checked against: a program and a case that are well-formed, with every name found once.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use grounds_core::{Calendar, Case, FactMode, Preference, Program, Rule, RuleKind, Status, Type, Value, ValueTable};

use crate::calendar::day_number;
use crate::error::{Cause, Result, ensure, error, refuse};
use crate::quantity::{Lack, Placed, Quantity, Valuation};

/// The most levels that expressions, conditions and exceptions nest, one inside the other: far more than people write,
/// and few enough for the stack of any thread.
pub(crate) const DEPTH_MAX: usize = 128;

/// A fact or claim, by the position of its declaration, with its arguments, by their places in the case.
pub(crate) type Key = (usize, Vec<usize>);

/// The declaration of a fact or claim.
pub(crate) struct Signature<'a> {
    /// Facts come before claims.
    position: usize,
    parameters: &'a [String],
    pub(crate) value: &'a Type,
    /// Of a fact; a claim has none.
    pub(crate) mode: Option<&'a FactMode>,
    links: OnceCell<Option<Links>>,
}

/// What a fact is yes for, by where an entity stands in it; the value of a fact that has an entity as value stands after the arguments.
type Links = BTreeMap<(usize, usize), Vec<Vec<usize>>>;

/// A program and a case that passed the checks of this file.
pub(crate) struct Context<'a> {
    pub(crate) as_of: Quantity<'a>,
    pub(crate) case: &'a Case,
    signatures: BTreeMap<&'a str, Signature<'a>>,
    /// Of facts and claims, by position.
    names: Vec<&'a str>,
    pub(crate) calendars: BTreeMap<&'a str, &'a Calendar>,
    rules: BTreeMap<&'a str, &'a Rule>,
    /// Base rules by their claim, exceptions by the rule they are exceptions to; those in force, in program order.
    pub(crate) bases: BTreeMap<&'a str, Vec<&'a Rule>>,
    pub(crate) exceptions: BTreeMap<&'a str, Vec<&'a Rule>>,
    pub(crate) limits: BTreeMap<&'a str, Vec<&'a Rule>>,
    tables: BTreeMap<&'a str, &'a ValueTable>,
    /// Exceptions that yield, by the one preferred over them.
    preferences: BTreeMap<&'a str, Vec<&'a str>>,
    entities: BTreeMap<&'a str, Placed<'a>>,
    /// By declared type, in the order of the case.
    entities_of: BTreeMap<&'a str, Vec<Placed<'a>>>,
    /// Positions and values of all statements about a fact, ascending.
    statements: BTreeMap<Key, Vec<(usize, Quantity<'a>)>>,
}

impl<'a> Context<'a> {
    pub(crate) fn read(program: &'a Program, case: &'a Case) -> Result<Self> {
        let (year, month, day) = (case.as_of.year(), case.as_of.month(), case.as_of.day());
        let facts = program.facts.iter().map(|it| (it.predicate.as_str(), &it.parameters, &it.value, Some(&it.mode)));
        let claims = program.claims.iter().map(|it| (it.name.as_str(), &it.parameters, &it.value, None));
        let signatures = facts.chain(claims).enumerate().map(|(position, (name, parameters, value, mode))| {
            (name, Signature { position, parameters, value, mode, links: OnceCell::new() })
        });
        let signatures: Vec<_> = signatures.collect();
        let types = unique(program.entities.iter().map(|name| (name.as_str(), Vec::new())))?;
        let mut context = Context {
            case,
            as_of: Quantity::Date(day_number(year.into(), month.into(), day.into())),
            names: signatures.iter().map(|(name, _)| *name).collect(),
            signatures: unique(signatures)?,
            calendars: unique(program.calendars.iter().map(|calendar| (calendar.name.as_str(), calendar)))?,
            rules: unique(program.rules.iter().map(|rule| (rule.id.as_str(), rule)))?,
            bases: BTreeMap::new(),
            exceptions: BTreeMap::new(),
            limits: BTreeMap::new(),
            tables: unique(program.tables.iter().map(|table| (table.name.as_str(), table)))?,
            preferences: BTreeMap::new(),
            entities: unique(case.entities.iter().enumerate().map(|placed| (placed.1.name.as_str(), placed)))?,
            entities_of: types,
            statements: BTreeMap::new(),
        };
        context.read_program(program, case)?;
        context.read_case(case)?;
        Ok(context)
    }

    fn read_program(&mut self, program: &'a Program, case: &Case) -> Result<()> {
        for rule in &program.rules {
            self.check_rule(rule).map_err(|error| error.in_rule(&rule.id))?;
            if rule.in_force.contains(case.as_of) {
                match &rule.kind {
                    RuleKind::Base => self.bases.entry(&rule.claim).or_default().push(rule),
                    RuleKind::Limit { .. } => self.limits.entry(&rule.claim).or_default().push(rule),
                    RuleKind::Exception { to } => self.exceptions.entry(to).or_default().push(rule),
                }
            }
        }
        for Preference { over, under, .. } in &program.preferences {
            let kind = |id: &str| self.rules.get(id).map(|rule| &rule.kind).filter(|kind| **kind != RuleKind::Base);
            let is_of_one_rule = kind(over).is_some() && kind(over) == kind(under);
            let is_new = over != under && !self.is_preferred(under, over);
            let (expected, found) =
                ("two exceptions to one rule, in one order", format_args!("`{over}` preferred over `{under}`"));
            ensure(is_of_one_rule && is_new, Cause::Preference, expected, found)?;
            self.preferences.entry(over).or_default().push(under);
        }
        Ok(())
    }

    fn check_rule(&self, rule: &'a Rule) -> Result<()> {
        let Some(claim) = self.signatures.get(rule.claim.as_str()).filter(|signature| signature.mode.is_none()) else {
            return refuse(Cause::Undeclared, "a declared claim", format_args!("`{}`", rule.claim));
        };
        unique(rule.variables.iter().map(|variable| (variable.name.as_str(), ())))?;
        let fits = rule.variables.iter().map(|variable| &variable.entity_type).eq(claim.parameters);
        ensure(fits, Cause::Misfit, format!("variables of the types ({})", claim.parameters.join(", ")), "others")?;
        let mut ancestor = rule;
        for _ in 0..DEPTH_MAX {
            let RuleKind::Exception { to } = &ancestor.kind else { return Ok(()) };
            let Some(parent) = self.rules.get(to.as_str()) else {
                return refuse(Cause::Undeclared, "an exception to a rule", format_args!("to `{to}`"));
            };
            let expected = format_args!("claim `{}` of `{to}`", parent.claim);
            ensure(parent.claim == rule.claim, Cause::Misfit, expected, &rule.claim)?;
            ancestor = parent;
        }
        refuse(Cause::ExceptionChain, format_args!("a base rule within {DEPTH_MAX} steps"), "none: perhaps a cycle")
    }

    fn read_case(&mut self, case: &'a Case) -> Result<()> {
        for (place, entity) in case.entities.iter().enumerate() {
            let Some(all) = self.entities_of.get_mut(entity.entity_type.as_str()) else {
                let expected = format!("a declared type of entity `{}`", entity.name);
                return refuse(Cause::Undeclared, expected, format_args!("`{}`", entity.entity_type));
            };
            all.push((place, entity));
        }
        for (position, fact) in case.facts.iter().enumerate() {
            let (is_fact, found) =
                (self.signature(&fact.predicate)?.mode.is_some(), format_args!("`{}`", fact.predicate));
            ensure(is_fact, Cause::Undeclared, "statements of declared facts", found)?;
            let key = self.key(&fact.predicate, &self.entities(&fact.arguments)?)?;
            let value = self.value(&fact.predicate, &fact.value)?;
            self.statements.entry(key).or_default().push((position, value));
        }
        Ok(())
    }

    /// Whether the exception `over` is declared preferred over `under`, directly or through a chain of preferences.
    pub(crate) fn is_preferred(&self, over: &str, under: &str) -> bool {
        let (mut seen, mut open) = (BTreeSet::new(), vec![over]);
        while let Some(id) = open.pop() {
            open.extend(self.preferences.get(id).into_iter().flatten().filter(|next| seen.insert(**next)));
        }
        seen.contains(under)
    }

    pub(crate) fn entities_of(&self, entity_type: &str) -> Result<&[Placed<'a>]> {
        let all = self.entities_of.get(entity_type).map(Vec::as_slice);
        all.ok_or_else(|| error(Cause::Undeclared, "a declared entity type", format_args!("`{entity_type}`")))
    }

    pub(crate) fn entities(&self, names: &[String]) -> Result<Vec<Placed<'a>>> {
        let unknown = |name| error(Cause::Undeclared, "an entity of the case", format_args!("`{name}`"));
        names.iter().map(|name| self.entities.get(name.as_str()).copied().ok_or_else(|| unknown(name))).collect()
    }

    /// The fact or claim `predicate` of these entities, as many and of the types it declares.
    pub(crate) fn key(&self, predicate: &str, arguments: &[Placed<'a>]) -> Result<Key> {
        let Signature { position, parameters, .. } = self.signature(predicate)?;
        let expected = format_args!("{} arguments of `{predicate}`", parameters.len());
        ensure(arguments.len() == parameters.len(), Cause::ArgumentCount, expected, arguments.len())?;
        for ((_, entity), parameter) in arguments.iter().zip(*parameters) {
            let expected = format_args!("`{predicate}` of an entity of type {parameter}");
            let found = format_args!("{} `{}`", entity.entity_type, entity.name);
            ensure(entity.entity_type == *parameter, Cause::WrongType, expected, found)?;
        }
        Ok((*position, arguments.iter().map(|(place, _)| *place).collect()))
    }

    pub(crate) fn name(&self, key: &Key) -> &'a str {
        self.names[key.0]
    }

    pub(crate) fn is_claim(&self, key: &Key) -> bool {
        self.signatures[self.names[key.0]].mode.is_none()
    }

    pub(crate) fn shown(&self, key: &Key) -> impl fmt::Display {
        fmt::from_fn(|f| {
            let arguments: Vec<_> = key.1.iter().map(|place| self.case.entities[*place].name.as_str()).collect();
            write!(f, "`{}({})`", self.names[key.0], arguments.join(", "))
        })
    }

    /// A value of the type that `predicate` declares.
    fn value(&self, predicate: &str, value: &'a Value) -> Result<Quantity<'a>> {
        self.quantity(value)?.expect_type(self.signature(predicate)?.value)
    }

    /// Any value in normal form.
    pub(crate) fn quantity(&self, value: &'a Value) -> Result<Quantity<'a>> {
        match value {
            Value::Entity(name) => Ok(Quantity::Entity(self.entities(std::slice::from_ref(name))?[0])),
            value => Quantity::read(value),
        }
    }

    /// A status of `predicate` as what an expression is that looks it up.
    pub(crate) fn valuation(&self, predicate: &str, status: &'a Status) -> Result<Valuation<'a>> {
        Ok(match status {
            Status::Holds(value) => Ok(self.value(predicate, value)?),
            Status::DoesNotHold => Err(Lack::None),
            Status::Undetermined => Err(Lack::Unknown),
            Status::Conflict => Err(Lack::Conflict),
        })
    }

    /// The positions of all statements about a fact, and what they make it; `None` without a statement.
    pub(crate) fn stated(&self, key: &Key) -> Option<(Vec<usize>, Valuation<'a>)> {
        let statements = self.statements.get(key)?;
        let (_, first) = *statements.first()?;
        let is_agreed = statements.iter().all(|(_, value)| value.same(first));
        let positions = statements.iter().map(|(position, _)| *position).collect();
        Some((positions, if is_agreed { Ok(first) } else { Err(Lack::Conflict) }))
    }

    /// What a fact links; `None` for one that links nothing, is stated both ways, or of which something is not known.
    pub(crate) fn links(&self, fact: &str) -> Option<&Links> {
        let Signature { position, parameters, mode, links, .. } = self.signatures.get(fact)?;
        let read = || {
            let (mut found, mut count) = (Links::new(), 0);
            for (key, _) in self.statements.range((*position, Vec::new())..(*position + 1, Vec::new())) {
                let mut tuple = key.1.clone();
                match self.stated(key)?.1.ok()? {
                    Quantity::Bool(true) => {}
                    Quantity::Bool(false) => tuple.clear(),
                    Quantity::Entity((place, _)) => tuple.push(place),
                    _ => return None,
                }
                count += 1;
                for (at, place) in tuple.iter().enumerate() {
                    found.entry((at, *place)).or_default().push(tuple.clone());
                }
            }
            let choices = parameters.iter().map(|it| self.entities_of.get(it.as_str()).map_or(0, Vec::len));
            let absent_is_no = matches!((*mode)?, FactMode::Closed | FactMode::Presumed { value: false, .. });
            (absent_is_no || choices.fold(1, usize::saturating_mul) == count).then_some(found)
        };
        links.get_or_init(read).as_ref()
    }

    /// What a fact links at one place with these entities at others.
    pub(crate) fn linked(&self, fact: &str, place: usize, others: &[(usize, usize)]) -> BTreeSet<usize> {
        let tuples = self.links(fact).and_then(|links| links.get(&others[0])).into_iter().flatten();
        let fits = |tuple: &&Vec<usize>| others.iter().all(|(at, entity)| tuple.get(*at) == Some(entity));
        tuples.filter(fits).filter_map(|tuple| tuple.get(place).copied()).collect()
    }

    /// What the first row in force with these keys says in a column; none without such a row.
    pub(crate) fn row(&self, table: &str, keys: &[Quantity<'a>], column: &str) -> Result<Valuation<'a>> {
        let table = self.tables.get(table).copied();
        let place = table.and_then(|table| table.values.iter().position(|known| known.name == column));
        let Some((table, place)) = table.zip(place) else {
            return refuse(Cause::Undeclared, "a declared table and column", format_args!("`{column}`"));
        };
        for row in table.rows.iter().filter(|row| row.in_force.contains(self.case.as_of)) {
            let values = row.values.iter().map(|value| self.quantity(value)).collect::<Result<Vec<_>>>()?;
            if values.iter().zip(keys).all(|(value, key)| value.same(*key)) {
                return Ok(values.get(keys.len() + place).copied().ok_or(Lack::None));
            }
        }
        Ok(Err(Lack::None))
    }

    pub(crate) fn signature(&self, predicate: &str) -> Result<&Signature<'a>> {
        let found = self.signatures.get(predicate);
        found.ok_or_else(|| error(Cause::Undeclared, "a declared fact or claim", format_args!("`{predicate}`")))
    }
}

fn unique<'a, T>(named: impl IntoIterator<Item = (&'a str, T)>) -> Result<BTreeMap<&'a str, T>> {
    let mut found = BTreeMap::new();
    for (name, item) in named {
        if found.insert(name, item).is_some() {
            return refuse(Cause::Duplicate, "each name once", format_args!("`{name}` twice"));
        }
    }
    Ok(found)
}
