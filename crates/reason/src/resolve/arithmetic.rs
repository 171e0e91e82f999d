//! Sums, products, roundings, shifts: which types they take and give.

use grounds_core::{Expression, Rational, Rounding, RoundingMode, Value};

use super::{Resolver, Typed};
use crate::diagnostic::{Place, did_you_mean};
use crate::kind::Kind;
use crate::surface::{Name, Term};

impl Resolver<'_, '_> {
    pub(super) fn sum_of_two(
        &mut self,
        left: &Term,
        right: &Term,
        make: fn(Box<Expression>, Box<Expression>) -> Expression,
    ) -> Option<Typed> {
        let place = left.place.to(right.place);
        let (left, right) = (self.expression(left), self.expression(right));
        let ((left, left_kind), (right, right_kind)) = (left?, right?);
        if matches!(left_kind, Kind::Date | Kind::Instant) && right_kind == Kind::Duration {
            return Some((make(Box::new(left), Box::new(right)), left_kind));
        }
        if let (Kind::Date | Kind::Instant, _) = (&left_kind, &right_kind) {
            let hint =
                "add a length of time (`+ 3 days`), or count the days from one date to another: `days between a and b`";
            let message = format!("{right_kind} cannot be added to or taken from {left_kind}");
            return self.problem("type-mismatch", place, message, hint);
        }
        let kind = self.alike(&left_kind, &right_kind, place)?;
        if !matches!(kind, Kind::Number | Kind::Money { .. } | Kind::Duration) {
            let message = format!("only numbers, money and lengths of time are added and subtracted, not {kind}");
            return self.problem("type-mismatch", place, message, "");
        }
        Some((make(Box::new(left), Box::new(right)), kind))
    }

    pub(super) fn product(&mut self, left: &Term, right: &Term) -> Option<Typed> {
        let place = left.place.to(right.place);
        let (left, right) = (self.expression(left), self.expression(right));
        let ((left, left_kind), (right, right_kind)) = (left?, right?);
        let kind = match (&left_kind, &right_kind) {
            (Kind::Number, Kind::Number) => Kind::Number,
            (Kind::Number, Kind::Money { currency, .. }) | (Kind::Money { currency, .. }, Kind::Number) => {
                Kind::Money { currency: currency.clone(), whole: false }
            }
            (Kind::Number, Kind::Duration) | (Kind::Duration, Kind::Number) => Kind::Duration,
            _ => {
                let message = format!("{left_kind} cannot be multiplied by {right_kind}");
                let hint = "a number is multiplied by a number, by money or by a length of time";
                return self.problem("type-mismatch", place, message, hint);
            }
        };
        Some((Expression::Multiply(Box::new(left), Box::new(right)), kind))
    }

    pub(super) fn round(&mut self, value: &Term, mode: RoundingMode, to: Option<&Term>) -> Option<Typed> {
        let (expression, kind) = self.expression(value)?;
        let to = match to {
            Some(term) => Some((term.place, self.expression(term)?)),
            None => None,
        };
        let (multiple, kind) = match (kind, to) {
            (Kind::Number, None) => (Some(Value::Number(Rational::integer(1))), Kind::Number),
            (Kind::Money { currency, .. }, None) => (None, Kind::Money { currency, whole: true }),
            (
                kind @ (Kind::Number | Kind::Money { .. }),
                Some((place, (Expression::Literal(multiple), multiple_kind))),
            ) => {
                let positive = match &multiple {
                    Value::Number(number) => number.numerator() > 0,
                    Value::Money(money) => money.minor > 0,
                    _ => false,
                };
                if !positive {
                    let message = "the amount rounded to must be more than zero".to_owned();
                    return self.problem("bad-rounding", place, message, "write for example: rounded down to VRC 100");
                }
                let Some(together) = kind.unite(&multiple_kind) else {
                    return self.apart(&kind, &multiple_kind, place);
                };
                let rounded = match together {
                    Kind::Money { currency, .. } => Kind::Money { currency, whole: true },
                    other => other,
                };
                (Some(multiple), rounded)
            }
            (kind, _) => {
                let message = format!("only numbers and money are rounded, not {kind}");
                return self.problem("type-mismatch", value.place, message, "");
            }
        };
        Some((Expression::Round(Box::new(expression), Rounding { mode, to: multiple }), kind))
    }

    pub(super) fn shift(
        &mut self,
        start: &Term,
        backwards: bool,
        duration: grounds_core::Duration,
        calendar: Option<&Name>,
        place: Place,
    ) -> Option<Typed> {
        if let Some(name) = calendar.filter(|name| !self.citations.names.calendars.contains_key(&name.text)) {
            let hint = did_you_mean(&name.text, self.citations.names.calendars.keys().map(String::as_str));
            return self.problem(
                "unknown-calendar",
                name.place,
                format!("no calendar is called `{}`", name.text),
                hint,
            );
        }
        let (expression, kind) = self.expression(start)?;
        match (&kind, calendar) {
            (Kind::Date, _) if duration.seconds != 0 => {
                let message = "hours and minutes move instants, not dates".to_owned();
                return self.problem("type-mismatch", place, message, "a date has no clock: count days");
            }
            (Kind::Instant, Some(_)) => {
                let message = "working days move dates, not instants".to_owned();
                let hint = "write: date of x + 3 working days by …";
                return self.problem("type-mismatch", place, message, hint);
            }
            (Kind::Date | Kind::Instant, _) => {}
            (Kind::Duration, None) => {
                let by = Box::new(Expression::Literal(Value::Duration(duration)));
                let start = Box::new(expression);
                return Some((
                    if backwards { Expression::Subtract(start, by) } else { Expression::Add(start, by) },
                    kind,
                ));
            }
            (Kind::Duration, Some(_)) => {
                let message = "working days are counted from a date: they are no part of a length of time".to_owned();
                return self.problem("type-mismatch", place, message, "write: x.on + 3 working days by …");
            }
            _ => {
                let message = format!("a length of time moves dates and instants, not {kind}");
                return self.problem("type-mismatch", place, message, "");
            }
        }
        let calendar = calendar.map(|name| name.text.clone());
        Some((Expression::Shift { start: Box::new(expression), duration, backwards, calendar }, kind))
    }

    /// The year, month or day of a date.
    pub(super) fn part_of_date(
        &mut self,
        date: &Term,
        hint: &str,
        make: fn(Box<Expression>) -> Expression,
    ) -> Option<Typed> {
        let date = self.of_kind(date, &Kind::Date, hint)?;
        Some((make(Box::new(date)), Kind::Number))
    }

    pub(super) fn extreme(&mut self, parts: &[Term], make: fn(Vec<Expression>) -> Expression) -> Option<Typed> {
        let typed = self.expressions(parts)?;
        let mut kind: Option<Kind> = None;
        let mut resolved = Vec::new();
        for (term, (expression, part)) in parts.iter().zip(typed) {
            let before = kind.unwrap_or_else(|| part.clone());
            kind = Some(self.alike(&before, &part, term.place)?);
            resolved.push(expression);
        }
        let kind = kind?;
        if !kind.is_ordered() {
            let place = parts[0].place;
            return self.problem("no-order", place, format!("{kind} is neither more nor less than another"), "");
        }
        Some((make(resolved), kind))
    }

    pub(super) fn ratio(&mut self, left: &Term, right: &Term) -> Option<Typed> {
        let place = left.place.to(right.place);
        let (left, right) = (self.expression(left), self.expression(right));
        let ((left, left_kind), (right, right_kind)) = (left?, right?);
        let kind = match (&left_kind, &right_kind) {
            (Kind::Number, Kind::Number) => Kind::Number,
            (Kind::Money { currency, .. }, Kind::Number) => Kind::Money { currency: currency.clone(), whole: false },
            (Kind::Money { .. }, Kind::Money { .. }) => {
                self.alike(&left_kind, &right_kind, place)?;
                Kind::Number
            }
            _ => {
                let message = format!("{left_kind} cannot be divided by {right_kind}");
                let hint = "numbers and money are divided by a number, and money by money of the same currency";
                return self.problem("type-mismatch", place, message, hint);
            }
        };
        Some((Expression::Divide(Box::new(left), Box::new(right)), kind))
    }
}
