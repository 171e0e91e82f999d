//! The operators, values and lengths of time that a rule states: what a threshold is made of, and the values beside them.

use grounds_core::{Comparison, Conclusion, Condition, Duration, Expression, Money, Rational, Rule, Value};

use crate::arithmetic::{add, subtract};
use crate::calendar::{shift_date, shift_instant};

/// A place in a rule that says where something begins or ends.
pub(super) enum Site<'s> {
    /// The operator of a comparison.
    Operator(&'s mut Comparison),
    /// A value.
    Literal(&'s mut Value),
    /// By how much a date or instant is moved.
    Length(&'s mut Duration),
    /// The name of a table or calendar that says it.
    Name(&'s str),
}

/// Visits the sites of a rule, always in the same order: its condition, its value, then the conditions and values of its amendments.
pub(super) fn sites_of(rule: &mut Rule, visit: &mut dyn FnMut(Site<'_>)) {
    of_condition(&mut rule.condition, visit);
    if let Conclusion::Value(value) = &mut rule.conclusion {
        of_expression(value, visit);
    }
    for amendment in &mut rule.amendments {
        of_condition(&mut amendment.condition, visit);
        visit(Site::Literal(&mut amendment.to));
    }
}

fn of_condition(condition: &mut Condition, visit: &mut dyn FnMut(Site<'_>)) {
    match condition {
        Condition::Always | Condition::Holds(_) | Condition::Has(_) => {}
        Condition::All(parts) | Condition::Any(parts) => parts.iter_mut().for_each(|part| of_condition(part, visit)),
        Condition::Not(inner) | Condition::Exists { condition: inner, .. } => of_condition(inner, visit),
        Condition::Compare { left, operator, right } => {
            of_expression(left, visit);
            visit(Site::Operator(operator));
            of_expression(right, visit);
        }
        Condition::In { value, choices } => {
            of_expression(value, visit);
            choices.iter_mut().for_each(|choice| of_expression(choice, visit));
        }
    }
}

fn of_expression(expression: &mut Expression, visit: &mut dyn FnMut(Site<'_>)) {
    match expression {
        Expression::Literal(value) => visit(Site::Literal(value)),
        Expression::Variable(_) | Expression::AsOf | Expression::Atom(_) => {}
        Expression::Add(left, right)
        | Expression::Subtract(left, right)
        | Expression::Multiply(left, right)
        | Expression::Divide(left, right)
        | Expression::YearsBetween(left, right)
        | Expression::DaysBetween(left, right) => {
            of_expression(left, visit);
            of_expression(right, visit);
        }
        Expression::Shift { start, duration, calendar, .. } => {
            of_expression(start, visit);
            visit(Site::Length(duration));
            calendar.iter().for_each(|name| visit(Site::Name(name)));
        }
        Expression::Round(inner, _)
        | Expression::DateOf(inner)
        | Expression::YearOf(inner)
        | Expression::MonthOf(inner)
        | Expression::DayOf(inner)
        | Expression::DayOfYear { year: inner, .. } => of_expression(inner, visit),
        Expression::Brackets { value, slices } => {
            of_expression(value, visit);
            for slice in slices {
                of_expression(&mut slice.rate, visit);
                slice.to.iter_mut().for_each(|to| of_expression(to, visit));
            }
        }
        Expression::Row { table, keys, .. } => {
            keys.iter_mut().for_each(|key| of_expression(key, visit));
            visit(Site::Name(table));
        }
        Expression::Greatest(parts) | Expression::Least(parts) => {
            parts.iter_mut().for_each(|part| of_expression(part, visit));
        }
        Expression::Sum { value, condition, .. } | Expression::Extreme { value, condition, .. } => {
            of_condition(condition, visit);
            of_expression(value, visit);
        }
        Expression::Count { condition, .. } => of_condition(condition, visit),
    }
}

/// The values just below and just above: one less and one more of a whole number or of the last decimal place written, a minor unit of money, a
/// day, a minute, the smallest unit of a length of time. None for what has no order.
pub(super) fn neighbours(value: &Value) -> Vec<Value> {
    let minute = Duration { seconds: 60, ..Duration::default() };
    let day = Duration { days: 1, ..Duration::default() };
    let beside = |back: bool| match value {
        Value::Number(number) => {
            let step = decimal_step(*number);
            let moved = if back { subtract(*number, step) } else { add(*number, step) };
            moved.ok().map(Value::Number)
        }
        Value::Money(money) => {
            let minor = money.minor.checked_add(if back { -1 } else { 1 })?;
            Some(Value::Money(Money { minor, currency: money.currency.clone() }))
        }
        Value::Date(date) => shift_date(*date, day, back, None).map(Value::Date),
        Value::Instant(instant) => shift_instant(*instant, minute, back).map(Value::Instant),
        Value::Duration(length) => length_beside(*length, back).map(Value::Duration),
        Value::Bool(_) | Value::Text(_) | Value::Provision(_) | Value::Entity(_) => None,
    };
    [true, false].into_iter().filter_map(beside).collect()
}

/// 1 for whole numbers, 0.1 for 2.5, 0.01 for 1/4 and for what has no end.
fn decimal_step(number: Rational) -> Rational {
    let step = match number.denominator() {
        1 => Rational::new(1, 1),
        below if 10 % below == 0 => Rational::new(1, 10),
        _ => Rational::new(1, 100),
    };
    step.unwrap_or(Rational::integer(1))
}

/// The lengths of time just shorter and just longer, by the smallest unit that this one is written in.
pub(super) fn lengths_beside(length: Duration) -> Vec<Duration> {
    [true, false].into_iter().filter_map(|shorter| length_beside(length, shorter)).collect()
}

/// `None` where nothing shorter can be written.
fn length_beside(length: Duration, shorter: bool) -> Option<Duration> {
    let by = if shorter { -1 } else { 1 };
    let mut moved = length;
    let (part, unit) = match length {
        Duration { seconds, .. } if seconds != 0 => (&mut moved.seconds, if seconds % 3_600 == 0 { 3_600 } else { 60 }),
        Duration { working_days, .. } if working_days != 0 => (&mut moved.working_days, 1),
        Duration { months, days: 0, .. } if months != 0 => (&mut moved.months, if months % 12 == 0 { 12 } else { 1 }),
        _ => (&mut moved.days, 1),
    };
    *part = part.checked_add(by * unit).filter(|count| *count >= 0)?;
    Some(moved)
}
