//! Sums, counts, extremes and brackets: over which entities, and of which type.

use grounds_core::{Condition, Duration, Expression, Money, Rational, Slice, Value, Variable};

use super::{Resolver, Typed};
use crate::diagnostic::Place;
use crate::kind::Kind;
use crate::surface::{Range, Term};

impl Resolver<'_, '_> {
    /// The sum of nothing, in the currency that is summed.
    fn zero(&mut self, kind: &Kind, place: Place) -> Option<Value> {
        Some(match kind {
            Kind::Number => Value::Number(Rational::integer(0)),
            Kind::Duration => Value::Duration(Duration::default()),
            Kind::Money { whole: false, .. } => return self.unrounded(place),
            Kind::Money { currency, .. } => {
                let only = match self.citations.names.currencies.as_slice() {
                    [only] => Some(only.clone()),
                    _ => None,
                };
                let Some(currency) = currency.clone().or(only) else {
                    let message = "the currency of this sum is not known, should there be nothing to sum".to_owned();
                    let hint = "add an amount of zero in its currency: sum of (r.amount + VRC 0) for each …";
                    return self.problem("unknown-currency", place, message, hint);
                };
                Value::Money(Money { minor: 0, currency })
            }
            _ => {
                let message = format!("only numbers, money and lengths of time are summed, not {kind}");
                return self.problem("type-mismatch", place, message, "");
            }
        })
    }

    pub(super) fn sum(&mut self, value: &Term, range: &Range) -> Option<Typed> {
        let (variables, condition, (expression, kind)) = self.range(range, |resolver| resolver.expression(value))?;
        let zero = self.zero(&kind, value.place)?;
        let kind = if kind == Kind::Number { kind } else { Kind::of_value(&zero) };
        let sum = |variable, value, condition| Expression::Sum { variable, value, condition, zero: zero.clone() };
        Some((over(variables, expression, condition, sum), kind))
    }

    /// How many entities, or tuples: these are the sum, over the first of them, of how many there are with it.
    pub(super) fn count(&mut self, range: &Range) -> Option<Typed> {
        let (mut variables, condition, ()) = self.range(range, |_| Some(()))?;
        let variable = variables.pop()?;
        let count = Expression::Count { variable, condition: Box::new(condition) };
        let zero = Value::Number(Rational::integer(0));
        let sum = |variable, value, condition| Expression::Sum { variable, value, condition, zero: zero.clone() };
        Some((over(variables, count, Condition::Always, sum), Kind::Number))
    }

    pub(super) fn extreme_of(&mut self, greatest: bool, value: &Term, range: &Range) -> Option<Typed> {
        let (variables, condition, (expression, kind)) = self.range(range, |resolver| resolver.expression(value))?;
        if kind.is_unrounded() {
            return self.unrounded(value.place);
        }
        if !kind.is_ordered() {
            return self.problem("no-order", value.place, format!("{kind} is neither more nor less than another"), "");
        }
        let extreme = |variable, value, condition| Expression::Extreme { greatest, variable, value, condition };
        Some((over(variables, expression, condition, extreme), kind))
    }

    pub(super) fn brackets(&mut self, value: &Term, slices: &[(Term, Option<Term>)]) -> Option<Typed> {
        let (expression, kind) = self.expression(value)?;
        if !matches!(kind, Kind::Money { whole: true, .. }) {
            let hint = "brackets cut an amount into slices: money, rounded";
            return self.problem("type-mismatch", value.place, format!("expected money, found {kind}"), hint);
        }
        let mut resolved = Vec::new();
        let mut together = kind;
        for (number, (rate, to)) in (1..).zip(slices) {
            let is_last = number == slices.len();
            let hint = "write: brackets of Income(t) (15% to USD 36 900, 28% above)";
            if to.is_some() == is_last {
                let message = "the last slice goes on `above`, and only the last".to_owned();
                return self.problem("bad-brackets", rate.place, message, hint);
            }
            let rate = self.of_kind(rate, &Kind::Number, "the rate of a slice is a percentage")?;
            let to = match to {
                Some(term) => {
                    let (to, kind) = self.expression(term)?;
                    together = self.alike(&together, &kind, term.place)?;
                    Some((to, term.place))
                }
                None => None,
            };
            if let (Some((Expression::Literal(Value::Money(to)), place)), Some(Slice { to: Some(before), .. })) =
                (&to, resolved.last())
                && matches!(before, Expression::Literal(Value::Money(before)) if before.minor >= to.minor)
            {
                let message = "this slice ends no higher than the one before it".to_owned();
                return self.problem("bad-brackets", *place, message, hint);
            }
            resolved.push(Slice { rate, to: to.map(|(to, _)| to) });
        }
        let Kind::Money { currency, .. } = together else { return None };
        let brackets = Expression::Brackets { value: Box::new(expression), slices: resolved };
        Some((brackets, Kind::Money { currency, whole: false }))
    }
}

/// One aggregate inside the other, a variable each; the innermost has the condition.
fn over(
    variables: Vec<Variable>,
    value: Expression,
    condition: Condition,
    make: impl Fn(Variable, Box<Expression>, Box<Condition>) -> Expression,
) -> Expression {
    let mut condition = Some(condition);
    variables.into_iter().rev().fold(value, |value, variable| {
        make(variable, Box::new(value), Box::new(condition.take().unwrap_or(Condition::Always)))
    })
}
