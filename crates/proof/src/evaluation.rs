//! Conditions and expressions, evaluated over one node's premises; a condition ends where a part of it decides.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use grounds_core::{Atom, Comparison, Condition, Entity, Expression, NodeId, Variable};

use crate::arithmetic::Fraction;
use crate::context::{Context, DEPTH_MAX, Key, show};
use crate::error::{Cause, Result, ensure, refuse};
use crate::operation::{choose, compare, equal, operands, operate, sum};
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
                let (left, right) = (self.expression(left)?, self.expression(right)?);
                relation(left, *operator, right)?
            }
            Condition::In { value, choices } => {
                let value = self.expression(value)?;
                let mut truth = Ok(false);
                for choice in choices {
                    let is_equal = relation(value, Comparison::Equal, self.expression(choice)?)?;
                    truth = either(truth, is_equal, true);
                    if truth == Ok(true) {
                        break;
                    }
                }
                truth
            }
            Condition::Exists { variable, condition: part } => {
                let mut truth = Ok(false);
                for entity in self.range(variable, part)? {
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
            Expression::Greatest(choices) => choose(&self.expressions(choices)?, Ordering::Greater)?,
            Expression::Least(choices) => choose(&self.expressions(choices)?, Ordering::Less)?,
            Expression::Sum { variable, value, condition, .. }
            | Expression::Extreme { variable, value, condition, .. } => {
                let terms = self.terms(variable, condition, Some(value))?;
                match expression {
                    Expression::Sum { zero, .. } => sum(&terms, context.quantity(zero)?)?,
                    Expression::Extreme { greatest: true, .. } => choose(&terms, Ordering::Greater)?,
                    _ => choose(&terms, Ordering::Less)?,
                }
            }
            Expression::Count { variable, condition } => {
                sum(&self.terms(variable, condition, None)?, Quantity::Number(Fraction::whole(0)))?
            }
            operation => match all(&self.expressions(operands(operation))?) {
                Ok(values) => operate(context, operation, &values)?,
                Err(lack) => Err(lack),
            },
        };
        self.strict -= 1;
        self.depth -= 1;
        Ok(valuation)
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
                (truth, None) => truth.and(Ok(Quantity::Number(Fraction::whole(1)))),
            });
            self.bindings.pop();
        }
        Ok(found)
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

    pub(crate) fn expressions(
        &mut self,
        parts: impl IntoIterator<Item = &'a Expression>,
    ) -> Result<Vec<Valuation<'a>>> {
        parts.into_iter().map(|part| self.expression(part)).collect()
    }

    /// Looks a fact or claim up, unless one of its arguments is not a value.
    fn atom(&mut self, atom: &'a Atom) -> Result<Valuation<'a>> {
        let arguments = match all(&self.expressions(&atom.arguments)?) {
            Ok(arguments) => arguments,
            Err(lack) => return Ok(Err(lack)),
        };
        let names = arguments.into_iter().map(|argument| match argument {
            Quantity::Entity(entity) => Ok(entity.name.as_str()),
            value => refuse(Cause::WrongType, "an entity as argument", value.type_name()),
        });
        let key = self.context.key(&atom.predicate, &names.collect::<Result<Vec<_>>>()?)?;
        let Some((node, valuation, is_cyclic)) = self.premises.get(&key) else {
            return refuse(Cause::MissingPremise, format_args!("{} among the premises", show(&key)), "none");
        };
        let is_positive = !*is_cyclic || self.strict == 0;
        ensure(is_positive, Cause::NotPositive, format_args!("{} only as what must hold", show(&key)), "it otherwise")?;
        let position = self.first_use.len();
        self.first_use.entry(*node).or_insert(position);
        Ok(*valuation)
    }
}

/// What one or the other is, true for "or" and false for "and" being `decisive`; where none is, conflict, then unknown, comes first.
fn either(one: Truth, other: Truth, decisive: bool) -> Truth {
    match (one, other) {
        _ if one == Ok(decisive) || other == Ok(decisive) => Ok(decisive),
        _ => strongest(&[one, other]).map_or(Ok(!decisive), Err),
    }
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

/// The values, or the strongest reason why one of them is none.
pub(crate) fn all<'a>(valuations: &[Valuation<'a>]) -> Result<Vec<Quantity<'a>>, Lack> {
    match valuations.iter().filter_map(|valuation| valuation.err()).max() {
        Some(lack) => Err(lack),
        None => Ok(valuations.iter().flatten().copied().collect()),
    }
}
