//! Conditions and expressions, evaluated over one node's premises; a condition ends where a part of it decides.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use grounds_core::{Atom, Comparison, Condition, Expression, NodeId, Variable};

use crate::arithmetic::Fraction;
use crate::check::{Checker, View};
use crate::context::{Context, DEPTH_MAX};
use crate::error::{Cause, Result, ensure, error};
use crate::operation::{choose, compare, equal, operands, operate, sum};
use crate::quantity::{Lack, Placed, Quantity, Truth, Valuation, strongest};

/// The most conditions and expressions evaluated for one node: a guard against programs made to run for ever.
const STEPS_MAX: u64 = 10_000_000;

/// The evaluation of one claim's rules.
pub(crate) struct Evaluation<'e, 'a> {
    pub(crate) context: &'e Context<'a>,
    pub(crate) checker: &'e Checker<'a>,
    /// The node evaluated.
    pub(crate) id: NodeId,
    pub(crate) view: View<'e>,
    /// The premises looked up so far, the first of those that the node names.
    pub(crate) used: BTreeSet<NodeId>,
    /// What variables stand for, the innermost last.
    pub(crate) bindings: Vec<(&'a str, Placed<'a>)>,
    /// What the rule's amendments put for what, and whether they apply.
    pub(crate) amended: Vec<(Quantity<'a>, Quantity<'a>, Truth)>,
    pub(crate) depth: usize,
    /// How many constructs around this place are not monotone: they could be less true where a claim is more so.
    pub(crate) strict: usize,
    steps: u64,
}

impl<'e, 'a> Evaluation<'e, 'a> {
    pub(crate) fn new(context: &'e Context<'a>, checker: &'e Checker<'a>, id: NodeId) -> Self {
        let (used, bindings, amended) = (BTreeSet::new(), Vec::new(), Vec::new());
        Self { context, checker, id, view: View::Stated, used, bindings, amended, depth: 0, strict: 0, steps: 0 }
    }

    /// Goes one level deeper, until `depth -= 1`; an error ends the evaluation, so it need not come back up.
    pub(crate) fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        self.steps += 1;
        let expected = format_args!("at most {DEPTH_MAX} levels of nesting and {STEPS_MAX} steps");
        ensure(self.depth <= DEPTH_MAX && self.steps <= STEPS_MAX, Cause::TooLarge, expected, "more")
    }

    pub(crate) fn condition(&mut self, condition: &'a Condition) -> Result<Truth> {
        self.enter()?;
        let strict = usize::from(matches!(condition, Condition::Not(_) | Condition::Has(_)));
        self.strict += strict;
        let truth = match condition {
            Condition::Always => Ok(true),
            Condition::All(parts) => self.settle(parts, false, |here, part| here.condition(part))?,
            Condition::Any(parts) => self.settle(parts, true, |here, part| here.condition(part))?,
            Condition::Not(inner) => self.condition(inner)?.map(|is_true| !is_true),
            Condition::Holds(atom) => match self.atom(atom)? {
                Ok(Quantity::Bool(is_yes)) => Ok(is_yes),
                Ok(value) => return Err(error(Cause::WrongType, "a yes-or-no fact or claim", value.type_name())),
                Err(lack) => none_is_false(lack),
            },
            Condition::Has(atom) => self.atom(atom)?.map_or_else(none_is_false, |_| Ok(true)),
            Condition::Compare { left, operator, right } => {
                let (left, right) = (self.expression(left)?, self.expression(right)?);
                relation(left, *operator, right)?
            }
            Condition::In { value, choices } => {
                let value = self.expression(value)?;
                let is_equal = |here: &mut Self, choice| relation(value, Comparison::Equal, here.expression(choice)?);
                self.settle(choices, true, is_equal)?
            }
            Condition::Exists { variable, condition: part } => {
                let range = self.range(variable, part)?;
                self.settle(range, true, |here, entity| {
                    here.bindings.push((&variable.name, entity));
                    let truth = here.condition(part);
                    here.bindings.pop();
                    truth
                })?
            }
        };
        self.strict -= strict;
        self.depth -= 1;
        Ok(truth)
    }

    /// Whether one of the parts is `decisive`, true for "or" and false for "and", looking no further; where none is, conflict, then
    /// unknown, comes first.
    fn settle<T>(
        &mut self,
        parts: impl IntoIterator<Item = T>,
        decisive: bool,
        truth_of: impl Fn(&mut Self, T) -> Result<Truth>,
    ) -> Result<Truth> {
        let mut settled = Ok(!decisive);
        for part in parts {
            match truth_of(self, part)? {
                Ok(truth) if truth == decisive => return Ok(Ok(decisive)),
                Ok(_) => {}
                lack => settled = strongest(&[settled, lack]).map_or(settled, Err),
            }
        }
        Ok(settled)
    }

    pub(crate) fn expression(&mut self, expression: &'a Expression) -> Result<Valuation<'a>> {
        self.enter()?;
        self.strict += 1;
        let valuation = match expression {
            Expression::Literal(value) => {
                let value = self.context.quantity(value)?;
                let amended = self.amended.iter().find(|(from, _, truth)| from.same(value) && *truth != Ok(false));
                amended.map_or(Ok(value), |(_, to, truth)| truth.map(|_| *to))
            }
            Expression::Variable(name) => {
                let bound = self.bindings.iter().rev().find(|(bound, _)| bound == name);
                let unbound = || error(Cause::Undeclared, "a variable of the rule", format_args!("`{name}`"));
                Ok(Quantity::Entity(bound.ok_or_else(unbound)?.1))
            }
            Expression::AsOf => Ok(self.context.as_of),
            Expression::Atom(atom) => self.atom(atom)?,
            Expression::Greatest(choices) => choose(&self.expressions(choices)?, Ordering::Greater)?,
            Expression::Least(choices) => choose(&self.expressions(choices)?, Ordering::Less)?,
            Expression::Sum { variable, value, condition, zero } => {
                sum(&self.terms(variable, condition, Some(value))?, self.context.quantity(zero)?)?
            }
            Expression::Extreme { greatest, variable, value, condition } => {
                let wanted = if *greatest { Ordering::Greater } else { Ordering::Less };
                choose(&self.terms(variable, condition, Some(value))?, wanted)?
            }
            Expression::Count { variable, condition } => {
                sum(&self.terms(variable, condition, None)?, Quantity::Amount(Fraction::whole(0), None))?
            }
            operation => match all(&self.expressions(operands(operation))?) {
                Ok(values) => operate(self.context, operation, &values)?,
                Err(lack) => Err(lack),
            },
        };
        self.strict -= 1;
        self.depth -= 1;
        Ok(valuation)
    }

    pub(crate) fn expressions(
        &mut self,
        parts: impl IntoIterator<Item = &'a Expression>,
    ) -> Result<Vec<Valuation<'a>>> {
        parts.into_iter().map(|part| self.expression(part)).collect()
    }

    /// For each entity of a range what the condition leaves of the value, or of 1: none, and not looked at, where it is false.
    fn terms(
        &mut self,
        over: &'a Variable,
        condition: &'a Condition,
        value: Option<&'a Expression>,
    ) -> Result<Vec<Valuation<'a>>> {
        let mut found = Vec::new();
        for entity in self.range(over, condition)? {
            self.bindings.push((&over.name, entity));
            found.push(match (self.condition(condition)?, value) {
                (Ok(false), _) => Err(Lack::None),
                (truth, Some(value)) => truth.and(self.expression(value)?),
                (truth, None) => truth.and(Ok(Quantity::Amount(Fraction::whole(1), None))),
            });
            self.bindings.pop();
        }
        Ok(found)
    }

    /// Looks a fact or claim up, unless one of its arguments is not a value.
    fn atom(&mut self, atom: &'a Atom) -> Result<Valuation<'a>> {
        let arguments = match all(&self.expressions(&atom.arguments)?) {
            Ok(arguments) => arguments,
            Err(lack) => return Ok(Err(lack)),
        };
        let entities = arguments.into_iter().map(|argument| match argument {
            Quantity::Entity(entity) => Ok(entity),
            value => Err(error(Cause::WrongType, "an entity as argument", value.type_name())),
        });
        let key = self.context.key(&atom.predicate, &entities.collect::<Result<Vec<_>>>()?)?;
        self.checker.look_up(self, &key)
    }
}

/// The values, or the strongest reason why one of them is none.
pub(crate) fn all<'a>(valuations: &[Valuation<'a>]) -> Result<Vec<Quantity<'a>>, Lack> {
    let lack = valuations.iter().filter_map(|valuation| valuation.err()).max();
    lack.map_or_else(|| Ok(valuations.iter().flatten().copied().collect()), Err)
}

/// Whether two values stand so to each other.
fn relation(left: Valuation<'_>, operator: Comparison, right: Valuation<'_>) -> Result<Truth> {
    let pair = match (left, right) {
        (Ok(left), Ok(right)) => [left, right],
        (left, right) => return Ok(none_is_false(left.err().max(right.err()).unwrap_or(Lack::None))),
    };
    Ok(Ok(match operator {
        Comparison::Equal => equal(pair)?,
        Comparison::NotEqual => !equal(pair)?,
        Comparison::Less => compare(pair)?.is_lt(),
        Comparison::LessOrEqual => compare(pair)?.is_le(),
        Comparison::Greater => compare(pair)?.is_gt(),
        Comparison::GreaterOrEqual => compare(pair)?.is_ge(),
    }))
}

fn none_is_false(lack: Lack) -> Truth {
    if lack == Lack::None { Ok(false) } else { Err(lack) }
}
