//! Computes expressions and conditions for one rule, left to right; a condition ends where a part of it decides.

use std::cmp::Ordering;

use grounds_core::{Atom, Comparison, Condition, Expression, Rational, Rule, Value, ValueRow, Variable};

use crate::arithmetic::Overflow;
use crate::calendar::{days_between, years_between};
use crate::evaluate_error::EvaluateError;
use crate::outcome::{Amount, Computed, Truth, all_values, stronger};
use crate::world::{World, same_value};

/// Answers what facts and claims are; it may write down that it was asked.
pub(crate) trait LookUp {
    /// `arguments` are places of entities in the case; `depth` is how many conditions, expressions and rules stand around the place that asks.
    fn look_up(&mut self, predicate: &str, arguments: &[usize], depth: usize) -> Result<Computed>;
}

/// Why a claim was not evaluated to the end.
#[derive(Debug)]
pub(crate) enum Halt {
    /// It cannot be.
    Failed(EvaluateError),
    /// Another claim is to be evaluated first, because it lies too deep to be evaluated on the way.
    Postponed,
}

impl From<EvaluateError> for Halt {
    fn from(error: EvaluateError) -> Self {
        Halt::Failed(error)
    }
}

/// One rule with its variables bound.
pub(crate) struct Machine<'w, 'a> {
    pub(crate) world: &'w World<'a>,
    pub(crate) lookup: &'w mut dyn LookUp,
    pub(crate) rule: &'a str,
    pub(crate) claim: &'w str,
    pub(crate) arguments: &'w [usize],
    pub(crate) bindings: Vec<(&'a str, usize)>,
    depth: usize,
    /// What amendments put for what, and whether they apply.
    amended: Vec<(&'a Value, &'a Value, Truth)>,
    /// The rows of tables that were found.
    pub(crate) rows: Vec<&'a ValueRow>,
}

pub(crate) type Result<T> = std::result::Result<T, Halt>;

impl<'w, 'a> Machine<'w, 'a> {
    /// A rule for given arguments, read as the amendments in force say.
    pub(crate) fn of_rule(
        world: &'w World<'a>,
        rule: &'a Rule,
        arguments: &'w [usize],
        lookup: &'w mut dyn LookUp,
        depth: usize,
    ) -> Result<Self> {
        let (id, claim, amended) = (rule.id.as_str(), rule.claim.as_str(), Vec::new());
        let variables = rule.variables.iter().map(|variable| variable.name.as_str());
        let bindings = variables.zip(arguments.iter().copied()).collect();
        let mut machine =
            Self { world, lookup, rule: id, claim, arguments, bindings, depth, amended, rows: Vec::new() };
        let in_force = rule.amendments.iter().filter(|amendment| amendment.in_force.contains(world.case.as_of));
        let mut amended = Vec::new();
        for amendment in in_force {
            amended.push((&amendment.from, &amendment.to, machine.condition(&amendment.condition)?));
        }
        machine.amended = amended;
        Ok(machine)
    }

    pub(crate) fn malformed(&self, what: &'static str) -> Halt {
        Halt::Failed(EvaluateError::Malformed {
            rule: self.rule.to_owned(),
            claim: self.world.shown(self.claim, self.arguments),
            what,
        })
    }

    pub(crate) fn exact(&self, result: std::result::Result<Rational, Overflow>) -> Result<Rational> {
        result.map_err(|Overflow| self.overflow())
    }

    pub(crate) fn overflow(&self) -> Halt {
        let (rule, claim) = (self.rule.to_owned(), self.world.shown(self.claim, self.arguments));
        Halt::Failed(EvaluateError::Overflow { rule, claim })
    }

    pub(crate) fn out_of_range(&self) -> Halt {
        let (rule, claim) = (self.rule.to_owned(), self.world.shown(self.claim, self.arguments));
        Halt::Failed(EvaluateError::DateOutOfRange { rule, claim })
    }

    /// Why two values have no order, or are not of one type.
    pub(crate) fn apart(&self, left: &Amount, right: &Amount) -> Halt {
        match (left, right) {
            (Amount::Money { currency: left, .. }, Amount::Money { currency: right, .. }) => {
                let (rule, claim) = (self.rule.to_owned(), self.world.shown(self.claim, self.arguments));
                let (left, right) = (left.clone(), right.clone());
                Halt::Failed(EvaluateError::TwoCurrencies { rule, claim, left, right })
            }
            (Amount::Other(Value::Duration(left)), Amount::Other(Value::Duration(right))) => {
                let (rule, claim) = (self.rule.to_owned(), self.world.shown(self.claim, self.arguments));
                let (left, right) = (left.to_string(), right.to_string());
                Halt::Failed(EvaluateError::NoOrder { rule, claim, left, right })
            }
            _ => self.malformed("values of two types meet"),
        }
    }

    pub(crate) fn condition(&mut self, condition: &'a Condition) -> Result<Truth> {
        self.depth += 1;
        let truth = self.truth(condition);
        self.depth -= 1;
        truth
    }

    fn truth(&mut self, condition: &'a Condition) -> Result<Truth> {
        match condition {
            Condition::Always => Ok(Truth::True),
            Condition::All(parts) => {
                let mut truth = Truth::True;
                for part in parts {
                    truth = truth.and(self.condition(part)?);
                    if truth == Truth::False {
                        break;
                    }
                }
                Ok(truth)
            }
            Condition::Any(parts) => {
                let mut truth = Truth::False;
                for part in parts {
                    truth = truth.or(self.condition(part)?);
                    if truth == Truth::True {
                        break;
                    }
                }
                Ok(truth)
            }
            Condition::Not(inner) => self.condition(inner).map(Truth::negated),
            Condition::Holds(atom) => match self.atom(atom)? {
                Computed::Value(Amount::Other(Value::Bool(yes))) => Ok(Truth::of(yes)),
                Computed::Value(_) => Err(self.malformed("a condition is not yes or no")),
                Computed::None => Ok(Truth::False),
                Computed::Unknown => Ok(Truth::Unknown),
                Computed::Conflict => Ok(Truth::Conflict),
            },
            Condition::Has(atom) => Ok(match self.atom(atom)? {
                Computed::Value(_) => Truth::True,
                Computed::None => Truth::False,
                Computed::Unknown => Truth::Unknown,
                Computed::Conflict => Truth::Conflict,
            }),
            Condition::Compare { left, operator, right } => {
                let (left, right) = (self.expression(left)?, self.expression(right)?);
                self.compare(left, *operator, right)
            }
            Condition::In { value, choices } => {
                let value = self.expression(value)?;
                let mut truth = Truth::False;
                for choice in choices {
                    let choice = self.expression(choice)?;
                    truth = truth.or(self.compare(value.clone(), Comparison::Equal, choice)?);
                    if truth == Truth::True {
                        break;
                    }
                }
                Ok(truth)
            }
            Condition::Exists { variable, condition } => {
                let mut truth = Truth::False;
                for entity in self.range(variable, condition)? {
                    truth = truth.or(self.with(variable, entity, |machine| machine.condition(condition))?);
                    if truth == Truth::True {
                        break;
                    }
                }
                Ok(truth)
            }
        }
    }

    fn compare(&self, left: Computed, operator: Comparison, right: Computed) -> Result<Truth> {
        let (left, right) = match (&left, &right) {
            (Computed::Value(left), Computed::Value(right)) => (left, right),
            _ => match stronger(left, right) {
                Computed::Conflict => return Ok(Truth::Conflict),
                Computed::Unknown => return Ok(Truth::Unknown),
                _ => return Ok(Truth::False),
            },
        };
        if matches!(operator, Comparison::Equal | Comparison::NotEqual) {
            let equal = left.equals(right).ok_or_else(|| self.apart(left, right))?;
            return Ok(Truth::of(equal == (operator == Comparison::Equal)));
        }
        let order = left.order(right).ok_or_else(|| self.apart(left, right))?;
        Ok(Truth::of(match operator {
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            _ => order.is_ge(),
        }))
    }

    /// Runs `inside` with the variable standing for the entity.
    pub(crate) fn with<T>(&mut self, variable: &'a Variable, entity: usize, inside: impl FnOnce(&mut Self) -> T) -> T {
        self.bindings.push((&variable.name, entity));
        let result = inside(self);
        self.bindings.pop();
        result
    }

    pub(crate) fn expression(&mut self, expression: &'a Expression) -> Result<Computed> {
        self.depth += 1;
        let computed = self.computed(expression);
        self.depth -= 1;
        computed
    }

    fn computed(&mut self, expression: &'a Expression) -> Result<Computed> {
        match expression {
            Expression::Literal(value) => self.literal(value),
            Expression::Variable(name) => {
                let bound = self.bindings.iter().rev().find(|(variable, _)| variable == name);
                let (_, entity) = bound.ok_or_else(|| self.malformed("a variable stands for nothing"))?;
                Ok(Computed::Value(Amount::Entity(*entity)))
            }
            Expression::AsOf => Ok(Computed::Value(Amount::Date(self.world.case.as_of))),
            Expression::Atom(atom) => self.atom(atom),
            Expression::Add(left, right) => self.pair(left, right, |machine, left, right| machine.add(left, right)),
            Expression::Subtract(left, right) => {
                self.pair(left, right, |machine, left, right| machine.subtract(left, right))
            }
            Expression::Multiply(left, right) => {
                self.pair(left, right, |machine, left, right| machine.multiply(left, right))
            }
            Expression::Round(inner, rounding) => {
                let inner = self.expression(inner)?;
                self.one(inner, |machine, value| machine.round(value, rounding))
            }
            Expression::Shift { start, duration, backwards, calendar } => {
                let start = self.expression(start)?;
                self.one(start, |machine, value| machine.shift(value, *duration, *backwards, calendar.as_deref()))
            }
            Expression::DateOf(inner) => {
                let inner = self.expression(inner)?;
                self.one(inner, |machine, value| match value {
                    Amount::Instant(instant) => {
                        instant.civil().map(|civil| Amount::Date(civil.date())).ok_or_else(|| machine.out_of_range())
                    }
                    _ => Err(machine.malformed("the date of what is no instant")),
                })
            }
            Expression::DaysBetween(first, second) => {
                self.pair(first, second, |machine, first, second| match (first, second) {
                    (Amount::Date(first), Amount::Date(second)) => {
                        Ok(Amount::Number(Rational::integer(days_between(first, second))))
                    }
                    _ => Err(machine.malformed("days between what are no dates")),
                })
            }
            Expression::Greatest(parts) => self.extreme(parts, Ordering::Greater),
            Expression::Least(parts) => self.extreme(parts, Ordering::Less),
            Expression::Sum { variable, value, condition, zero } => self.sum(variable, value, condition, zero),
            Expression::Count { variable, condition } => self.count(variable, condition),
            other => self.statutory(other),
        }
    }

    /// The expressions of statutes: ratios, years, brackets, tables. Apart, so that nested expressions need little stack.
    fn statutory(&mut self, expression: &'a Expression) -> Result<Computed> {
        match expression {
            Expression::Divide(left, right) => self.divide(left, right),
            Expression::YearsBetween(first, second) => {
                self.pair(first, second, |machine, first, second| match (first, second) {
                    (Amount::Date(first), Amount::Date(second)) => {
                        Ok(Amount::Number(Rational::integer(years_between(first, second))))
                    }
                    _ => Err(machine.malformed("years between what are no dates")),
                })
            }
            Expression::YearOf(inner) | Expression::MonthOf(inner) | Expression::DayOf(inner) => {
                let inner = self.expression(inner)?;
                self.one(inner, |machine, value| machine.part_of_date(value, expression))
            }
            Expression::DayOfYear { year, last } => {
                let year = self.expression(year)?;
                self.one(year, |machine, year| machine.day_of_year(&year, *last))
            }
            Expression::Brackets { value, slices } => self.brackets(value, slices),
            Expression::Row { table, keys, column } => self.row(table, keys, column),
            Expression::Extreme { greatest, variable, value, condition } => {
                self.extreme_of(variable, value, condition, if *greatest { Ordering::Greater } else { Ordering::Less })
            }
            _ => Err(self.malformed("an expression that is not known")),
        }
    }

    /// A value that the rule states, or what the first amendment puts for it that applies, or may.
    fn literal(&self, value: &Value) -> Result<Computed> {
        let amended = self.amended.iter().find(|(from, _, truth)| same_value(from, value) && *truth != Truth::False);
        match amended {
            Some((_, to, Truth::True)) => self.value(to),
            Some((.., Truth::Unknown)) => Ok(Computed::Unknown),
            Some(_) => Ok(Computed::Conflict),
            None => self.value(value),
        }
    }

    pub(crate) fn value(&self, value: &Value) -> Result<Computed> {
        self.world.amount(value).map(Computed::Value).ok_or_else(|| self.overflow())
    }

    /// Looks a fact or claim up, unless one of its arguments is no value.
    pub(crate) fn atom(&mut self, atom: &'a Atom) -> Result<Computed> {
        let (mut arguments, mut lack) = (Vec::with_capacity(atom.arguments.len()), None);
        for argument in &atom.arguments {
            match self.expression(argument)? {
                Computed::Value(Amount::Entity(place)) => arguments.push(place),
                Computed::Value(_) => return Err(self.malformed("an argument is no entity")),
                other => lack = Some(lack.map_or(other.clone(), |lack| stronger(lack, other))),
            }
        }
        match lack {
            Some(lack) => Ok(lack),
            None => self.lookup.look_up(&atom.predicate, &arguments, self.depth),
        }
    }

    fn one(&self, operand: Computed, operation: impl FnOnce(&Self, Amount) -> Result<Amount>) -> Result<Computed> {
        match operand {
            Computed::Value(value) => operation(self, value).map(Computed::Value),
            other => Ok(other),
        }
    }

    fn pair(
        &mut self,
        left: &'a Expression,
        right: &'a Expression,
        operation: impl FnOnce(&Self, Amount, Amount) -> Result<Amount>,
    ) -> Result<Computed> {
        match (self.expression(left)?, self.expression(right)?) {
            (Computed::Value(left), Computed::Value(right)) => operation(self, left, right).map(Computed::Value),
            (left, right) => Ok(stronger(left, right)),
        }
    }

    /// The first of the greatest (or least) values; what has no value is left out.
    fn extreme(&mut self, parts: &'a [Expression], wanted: Ordering) -> Result<Computed> {
        let mut operands = Vec::with_capacity(parts.len());
        for part in parts {
            operands.push(self.expression(part)?);
        }
        self.best(operands, wanted)
    }

    /// The first of the values that none is beyond; what has no value is left out.
    pub(crate) fn best(&self, mut operands: Vec<Computed>, wanted: Ordering) -> Result<Computed> {
        operands.retain(|operand| !matches!(operand, Computed::None));
        let values = match all_values(operands) {
            Ok(values) => values,
            Err(other) => return Ok(other),
        };
        let mut best: Option<Amount> = None;
        for value in values {
            let better = match &best {
                None => true,
                Some(best) => value.order(best).ok_or_else(|| self.apart(best, &value))? == wanted,
            };
            if better {
                best = Some(value);
            }
        }
        Ok(best.map_or(Computed::None, Computed::Value))
    }
}
