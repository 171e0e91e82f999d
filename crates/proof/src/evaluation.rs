//! Conditions and expressions, evaluated over one node's premises; a condition ends where a part of it decides.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use grounds_core::{Atom, Comparison, Condition, Entity, Expression, NodeId, Variable};

use crate::arithmetic::Fraction;
use crate::context::{Context, DEPTH_MAX, Key, show};
use crate::error::{Cause, Result, refuse};
use crate::operation::{
    brackets, choose, combine, compare, date_of, day_of_year, days_between, divide, equal, multiply, round, shift, sum,
    year_of, years_between,
};
use crate::quantity::{Lack, Quantity, Truth, Valuation, strongest};

/// The most conditions and expressions evaluated for one node: a guard against programs made to run for ever.
const STEPS_MAX: u64 = 10_000_000;

/// Nodes by what they are about: what each is, and whether it may depend on the claim evaluated.
pub(crate) type Premises<'a> = BTreeMap<Key<'a>, (NodeId, Valuation<'a>, bool)>;

/// The evaluation of one claim's rules.
pub(crate) struct Evaluation<'a> {
    pub(crate) context: &'a Context<'a>,
    /// What may be looked up, and nothing else.
    pub(crate) premises: Premises<'a>,
    /// Premises that were looked up, and how many others were before.
    pub(crate) first_use: BTreeMap<NodeId, usize>,
    /// What variables stand for, the innermost last.
    pub(crate) bindings: Vec<(&'a str, &'a Entity)>,
    /// What the rule's amendments put for what, and whether they apply.
    pub(crate) amended: Vec<(Quantity<'a>, Quantity<'a>, Truth)>,
    pub(crate) depth: usize,
    /// How many constructs around this place are not monotone: they could be less true where a claim is more so.
    pub(crate) strict: usize,
    steps: u64,
}

impl<'a> Evaluation<'a> {
    pub(crate) fn new(context: &'a Context<'a>, premises: Premises<'a>) -> Self {
        let (first_use, bindings, amended) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { context, premises, first_use, bindings, amended, depth: 0, strict: 0, steps: 0 }
    }

    /// Goes one level deeper, until `depth -= 1`; an error ends the evaluation, so it need not come back up.
    pub(crate) fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        self.steps += 1;
        if self.depth <= DEPTH_MAX && self.steps <= STEPS_MAX {
            return Ok(());
        }
        refuse(Cause::TooLarge, format_args!("at most {DEPTH_MAX} levels of nesting and {STEPS_MAX} steps"), "more")
    }

    pub(crate) fn condition(&mut self, condition: &'a Condition) -> Result<Truth> {
        self.enter()?;
        let strict = usize::from(matches!(condition, Condition::Not(_) | Condition::Has(_)));
        self.strict += strict;
        let truth = match condition {
            Condition::Always => Ok(true),
            Condition::All(parts) => self.settle(parts, false)?,
            Condition::Any(parts) => self.settle(parts, true)?,
            Condition::Not(inner) => self.condition(inner)?.map(|is_true| !is_true),
            Condition::Holds(atom) => match self.atom(atom)? {
                Ok(Quantity::Bool(is_yes)) => Ok(is_yes),
                Ok(value) => return refuse(Cause::WrongType, "a yes-or-no fact or claim", value.type_name()),
                Err(lack) => none_is_false(lack),
            },
            Condition::Has(atom) => self.atom(atom)?.map_or_else(none_is_false, |_| Ok(true)),
            Condition::Compare { left, operator, right } => {
                let operands = [self.expression(left)?, self.expression(right)?];
                let relation = |pair| match operator {
                    Comparison::Equal => equal(pair),
                    Comparison::NotEqual => Ok(!equal(pair)?),
                    Comparison::Less => Ok(compare(pair)?.is_lt()),
                    Comparison::LessOrEqual => Ok(compare(pair)?.is_le()),
                    Comparison::Greater => Ok(compare(pair)?.is_gt()),
                    Comparison::GreaterOrEqual => Ok(compare(pair)?.is_ge()),
                };
                with_values(operands, relation)?.or_else(none_is_false)
            }
            Condition::In { value, choices } => {
                let value = self.expression(value)?;
                let mut truth = Ok(false);
                for choice in choices {
                    let pair = [value, self.expression(choice)?];
                    truth = either(truth, with_values(pair, equal)?.or_else(none_is_false), true);
                    if truth == Ok(true) {
                        break;
                    }
                }
                truth
            }
            Condition::Exists { variable, condition: part } => {
                let mut truth = Ok(false);
                for entity in self.context.entities_of(&variable.entity_type)? {
                    self.bindings.push((&variable.name, entity));
                    truth = either(truth, self.condition(part)?, true);
                    self.bindings.pop();
                    if truth == Ok(true) {
                        break;
                    }
                }
                truth
            }
        };
        self.strict -= strict;
        self.depth -= 1;
        Ok(truth)
    }

    pub(crate) fn expression(&mut self, expression: &'a Expression) -> Result<Valuation<'a>> {
        self.enter()?;
        self.strict += 1;
        let context = self.context;
        let valuation = match expression {
            Expression::Literal(value) => {
                let value = context.quantity(value)?;
                let amended = self.amended.iter().find(|(from, _, truth)| from.same(value) && *truth != Ok(false));
                amended.map_or(Ok(value), |(_, to, truth)| truth.map(|_| *to))
            }
            Expression::Variable(name) => match self.bindings.iter().rev().find(|(bound, _)| bound == name) {
                Some((_, entity)) => Ok(Quantity::Entity(entity)),
                None => return refuse(Cause::Undeclared, "a variable of the rule", format_args!("`{name}`")),
            },
            Expression::AsOf => Ok(context.as_of),
            Expression::Atom(atom) => self.atom(atom)?,
            Expression::Add(left, right) => self.apply([left, right], |pair| combine(pair, Fraction::add))?,
            Expression::Subtract(left, right) => self.apply([left, right], |pair| combine(pair, Fraction::subtract))?,
            Expression::Multiply(left, right) => self.apply([left, right], multiply)?,
            Expression::DaysBetween(from, to) => self.apply([from, to], days_between)?,
            Expression::DateOf(instant) => self.apply([instant], date_of)?,
            Expression::Round(value, rounding) => {
                let to = rounding.to.as_ref().map(|to| context.quantity(to)).transpose()?;
                self.apply([value], |[value]| round(value, rounding.mode, to))?
            }
            Expression::Greatest(_) | Expression::Least(_) | Expression::Sum { .. } => self.aggregate(expression)?,
            Expression::Extreme { .. } | Expression::Count { .. } => self.aggregate(expression)?,
            other => self.statutory(other)?,
        };
        self.strict -= 1;
        self.depth -= 1;
        Ok(valuation)
    }

    /// Apart, as is what follows, so that nested expressions need little stack.
    fn aggregate(&mut self, expression: &'a Expression) -> Result<Valuation<'a>> {
        match expression {
            Expression::Greatest(choices) => choose(&self.expressions(choices)?, Ordering::Greater),
            Expression::Least(choices) => choose(&self.expressions(choices)?, Ordering::Less),
            Expression::Sum { variable, value, condition, .. }
            | Expression::Extreme { variable, value, condition, .. } => {
                let terms = self.for_each(variable, |here| match here.condition(condition)? {
                    // As good as none: left out, and not looked at.
                    Ok(false) => Ok(Err(Lack::None)),
                    truth => here.expression(value).map(|term| truth.and(term)),
                })?;
                match expression {
                    Expression::Sum { zero, .. } => sum(&terms, self.context.quantity(zero)?),
                    Expression::Extreme { greatest: true, .. } => choose(&terms, Ordering::Greater),
                    _ => choose(&terms, Ordering::Less),
                }
            }
            Expression::Count { variable, condition } => {
                let truths = self.for_each(variable, |here| here.condition(condition))?;
                let count = truths.iter().fold(0, |count, truth| count + i64::from(*truth == Ok(true)));
                Ok(strongest(&truths).map_or(Ok(Quantity::Number(Fraction::whole(count))), Err))
            }
            _ => refuse(Cause::Misfit, "an aggregate", "another expression"),
        }
    }

    fn statutory(&mut self, expression: &'a Expression) -> Result<Valuation<'a>> {
        let context = self.context;
        Ok(match expression {
            Expression::Divide(left, right) => {
                let operands = [self.expression(left)?, self.expression(right)?];
                with_values(operands, divide)?.unwrap_or_else(Err)
            }
            Expression::YearsBetween(from, to) => self.apply([from, to], years_between)?,
            Expression::YearOf(date) => self.apply([date], year_of)?,
            Expression::DayOfYear { year, last } => self.apply([year], |[year]| day_of_year(year, *last))?,
            Expression::Brackets { value, slices } => {
                let whole = self.expression(value)?;
                let mut parts = Vec::new();
                for slice in slices {
                    let rate = self.expression(&slice.rate)?;
                    parts.push([rate, slice.to.as_ref().map_or(Ok(whole), |to| self.expression(to))?]);
                }
                brackets(whole, &parts)?
            }
            Expression::Row { table, keys, column } => {
                let keys = self.expressions(keys)?;
                match keys.iter().filter_map(|key| key.err()).max() {
                    Some(lack) => Err(lack),
                    None => context.row(table, &keys.into_iter().flatten().collect::<Vec<_>>(), column)?,
                }
            }
            Expression::Shift { start, duration, backwards, calendar } => {
                let (name, sign) = (calendar.as_deref().unwrap_or("none"), if *backwards { -1 } else { 1 });
                let found = context.calendars.get(name).copied();
                if duration.working_days != 0 && found.is_none() {
                    return refuse(Cause::Undeclared, "a declared calendar", format_args!("`{name}`"));
                }
                self.apply([start], |[start]| shift(start, *duration, sign, found))?
            }
            _ => return refuse(Cause::Misfit, "a known expression", "another"),
        })
    }

    /// Whether one of the parts is `decisive`, looking no further.
    fn settle(&mut self, parts: &'a [Condition], decisive: bool) -> Result<Truth> {
        let mut truth = Ok(!decisive);
        for part in parts {
            truth = either(truth, self.condition(part)?, decisive);
            if truth == Ok(decisive) {
                break;
            }
        }
        Ok(truth)
    }

    fn expressions(&mut self, parts: &'a [Expression]) -> Result<Vec<Valuation<'a>>> {
        parts.iter().map(|part| self.expression(part)).collect()
    }

    fn apply<const N: usize, F>(&mut self, operands: [&'a Expression; N], operation: F) -> Result<Valuation<'a>>
    where
        F: FnOnce([Quantity<'a>; N]) -> Result<Quantity<'a>>,
    {
        let mut valuations = [Err(Lack::None); N];
        for (valuation, operand) in valuations.iter_mut().zip(operands) {
            *valuation = self.expression(operand)?;
        }
        with_values(valuations, operation)
    }

    /// Looks a fact or claim up, unless one of its arguments is not a value.
    fn atom(&mut self, atom: &'a Atom) -> Result<Valuation<'a>> {
        let arguments = self.expressions(&atom.arguments)?;
        if let Some(lack) = arguments.iter().filter_map(|argument| argument.err()).max() {
            return Ok(Err(lack));
        }
        let names = arguments.into_iter().flatten().map(|argument| match argument {
            Quantity::Entity(entity) => Ok(entity.name.as_str()),
            value => refuse(Cause::WrongType, "an entity as argument", value.type_name()),
        });
        let key = self.context.key(&atom.predicate, &names.collect::<Result<Vec<_>>>()?)?;
        let Some((node, valuation, is_cyclic)) = self.premises.get(&key) else {
            return refuse(Cause::MissingPremise, format_args!("{} among the premises", show(&key)), "none");
        };
        if *is_cyclic && self.strict > 0 {
            return refuse(Cause::NotPositive, format_args!("{} only as what must hold", show(&key)), "it otherwise");
        }
        let position = self.first_use.len();
        self.first_use.entry(*node).or_insert(position);
        Ok(*valuation)
    }

    fn for_each<T>(&mut self, over: &'a Variable, part: impl Fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut found = Vec::new();
        for entity in self.context.entities_of(&over.entity_type)? {
            self.bindings.push((&over.name, entity));
            found.push(part(self)?);
            self.bindings.pop();
        }
        Ok(found)
    }
}

/// What one or the other is, true for "or" and false for "and" being `decisive`; where none is, conflict, then unknown, comes first.
fn either(one: Truth, other: Truth, decisive: bool) -> Truth {
    match (one, other) {
        _ if one == Ok(decisive) || other == Ok(decisive) => Ok(decisive),
        _ => strongest(&[one, other]).map_or(Ok(!decisive), Err),
    }
}

fn none_is_false(lack: Lack) -> Truth {
    if lack == Lack::None { Ok(false) } else { Err(lack) }
}

/// Carries the operation out if all operands are values.
fn with_values<'a, T, const N: usize>(
    operands: [Valuation<'a>; N],
    operation: impl FnOnce([Quantity<'a>; N]) -> Result<T>,
) -> Result<Result<T, Lack>> {
    match operands.iter().filter_map(|operand| operand.err()).max() {
        Some(lack) => Ok(Err(lack)),
        None => operation(operands.map(|operand| operand.expect("no operand lacks a value"))).map(Ok),
    }
}
