//! What expressions do with values, once all operands have one.

use std::cmp::Ordering;
use std::mem::discriminant;

use grounds_core::{Duration, Expression, RoundingMode};

use crate::arithmetic::Fraction;
use crate::calendar::{YEARS, civil, day_number, local_time, shift_day, unix_seconds};
use crate::context::Context;
use crate::error::{Cause, Result, ensure, error, refuse};
use crate::quantity::Quantity::{self, Date, Instant, Length, Money, Number};
use crate::quantity::{Lack, Valuation, strongest};

type Operator = fn(Fraction, Fraction) -> Option<Fraction>;
type Computed<'a> = Result<Quantity<'a>>;

/// The operands of an operation that has a value only where all of them have one.
pub(crate) fn operands(expression: &Expression) -> Vec<&Expression> {
    match expression {
        Expression::Add(left, right) | Expression::Subtract(left, right) => vec![left, right],
        Expression::Multiply(left, right) | Expression::Divide(left, right) => vec![left, right],
        Expression::DaysBetween(from, to) | Expression::YearsBetween(from, to) => vec![from, to],
        Expression::YearOf(date) | Expression::MonthOf(date) | Expression::DayOf(date) => vec![date],
        Expression::Round(value, _) | Expression::DateOf(value) => vec![value],
        Expression::DayOfYear { year: value, .. } | Expression::Shift { start: value, .. } => vec![value],
        Expression::Row { keys, .. } => keys.iter().collect(),
        Expression::Brackets { value, slices } => {
            let parts = slices.iter().flat_map(|slice| [&slice.rate].into_iter().chain(&slice.to));
            [value.as_ref()].into_iter().chain(parts).collect()
        }
        _ => Vec::new(),
    }
}

/// What an operation makes of the values of its operands.
pub(crate) fn operate<'a>(
    context: &Context<'a>,
    expression: &'a Expression,
    values: &[Quantity<'a>],
) -> Result<Valuation<'a>> {
    let value = match (expression, values) {
        (Expression::Add(..) | Expression::Subtract(..), &[start @ (Date(_) | Instant(..)), Length(by)]) => {
            shift(context, start, by, if matches!(expression, Expression::Add(..)) { 1 } else { -1 }, None)
        }
        (Expression::Add(..), &[left, right]) => combine([left, right], Fraction::add),
        (Expression::Subtract(..), &[left, right]) => combine([left, right], Fraction::subtract),
        (Expression::Multiply(..), &[left, right]) => multiply(left, right),
        (Expression::Divide(..), &[Number(_) | Money(..), Number(below)]) if below.numerator == 0 => {
            return Ok(Err(Lack::None));
        }
        (Expression::Divide(..), &[Money(_, one), Money(below, other)]) if one == other && below.numerator == 0 => {
            return Ok(Err(Lack::None));
        }
        (Expression::Divide(..), &[left @ (Number(above) | Money(above, _)), Number(below)]) => {
            within_range(above.multiply(below.inverse()), left)
        }
        (Expression::Divide(..), &[Money(above, one), Money(below, other)]) if one == other => {
            within_range(above.multiply(below.inverse()), Number(above))
        }
        (Expression::Brackets { .. }, values) => brackets(values),
        (Expression::Round(_, rounding), &[value]) => {
            let to = rounding.to.as_ref().map(|to| context.quantity(to)).transpose()?;
            round(value, rounding.mode, to)
        }
        (Expression::Shift { duration, backwards, calendar, .. }, &[start]) => {
            shift(context, start, *duration, if *backwards { -1 } else { 1 }, calendar.as_deref())
        }
        (Expression::DateOf(_), &[Instant(unix, offset)]) => {
            within_years(local_time(unix, offset).map(|(day, _)| Date(day)))
        }
        (Expression::YearOf(_), &[Date(day)]) => Ok(Number(Fraction::whole(civil(day).0))),
        (Expression::MonthOf(_), &[Date(day)]) => Ok(Number(Fraction::whole(civil(day).1))),
        (Expression::DayOf(_), &[Date(day)]) => Ok(Number(Fraction::whole(civil(day).2))),
        (Expression::DayOfYear { last, .. }, &[Number(year)]) => {
            let (month, day) = if *last { (12, 31) } else { (1, 1) };
            let year = i64::try_from(year.numerator).ok().filter(|it| year.denominator == 1 && YEARS.contains(it));
            within_years(year.map(|year| Date(day_number(year, month, day))))
        }
        (Expression::YearsBetween(..), &[Date(from), Date(to)]) => Ok(Number(Fraction::whole(years_between(from, to)))),
        (Expression::DaysBetween(..), &[Date(from), Date(to)]) => Ok(Number(Fraction::whole(to - from))),
        (Expression::Row { table, column, .. }, keys) => return context.row(table, keys, column),
        _ => wrong_type("operands of the types that the operation takes", values),
    };
    value.map(Ok)
}

fn wrong_type<T>(expected: &str, found: &[Quantity<'_>]) -> Result<T> {
    let types: Vec<&str> = found.iter().map(|value| value.type_name()).collect();
    refuse(Cause::WrongType, expected, types.join(" and "))
}

/// A number, or money in the currency of `like`.
fn within_range<'a>(value: Option<Fraction>, like: Quantity<'a>) -> Computed<'a> {
    let value = value.ok_or_else(|| error(Cause::Overflow, "a number within 128 bits", "an overflow"))?;
    Ok(if let Money(_, currency) = like { Money(value, currency) } else { Number(value) })
}

fn within_years(value: Option<Quantity<'_>>) -> Computed<'_> {
    value.ok_or_else(|| error(Cause::OutOfYears, "a date in the years -9999 to 9999", "one outside"))
}

/// Refuses money with fractions of a minor unit.
pub(crate) fn rounded(value: Quantity<'_>) -> Computed<'_> {
    let is_rounded = !matches!(value, Money(amount, _) if amount.denominator != 1);
    ensure(is_rounded, Cause::NotRounded, "a rounded amount", value).map(|()| value)
}

/// Refuses values that may not meet: of two types or currencies, or not rounded.
fn expect_alike(left: Quantity<'_>, right: Quantity<'_>) -> Result<()> {
    match (rounded(left)?, rounded(right)?) {
        (Money(_, a), Money(_, b)) if a != b => {
            refuse(Cause::Currencies, format_args!("the currency of {left}"), right)
        }
        _ if discriminant(&left) != discriminant(&right) || left.type_name() != right.type_name() => {
            wrong_type("two values of one type", &[left, right])
        }
        _ => Ok(()),
    }
}

pub(crate) fn equal([left, right]: [Quantity<'_>; 2]) -> Result<bool> {
    expect_alike(left, right)?;
    Ok(left.same(right))
}

pub(crate) fn compare([left, right]: [Quantity<'_>; 2]) -> Result<Ordering> {
    expect_alike(left, right)?;
    match (left, right) {
        (Number(a), Number(b)) | (Money(a, _), Money(b, _)) => Ok(a.compare(b)),
        (Date(a), Date(b)) | (Instant(a, _), Instant(b, _)) => Ok(a.cmp(&b)),
        (Length(a), Length(b)) => longer(a, b).ok_or_else(|| error(Cause::WrongType, "an order", right)),
        _ => wrong_type("numbers, amounts, dates, instants or lengths of time", &[left, right]),
    }
}

/// The order of two lengths of time that holds from every day, for years of 365 or 366 days and other months of 28 to 31.
pub(crate) fn longer(a: Duration, b: Duration) -> Option<Ordering> {
    let months = i128::from(a.months) - i128::from(b.months);
    let besides = (i128::from(a.days) - i128::from(b.days)) * 86_400 + i128::from(a.seconds) - i128::from(b.seconds);
    let order = |year: i128, month: i128| ((months / 12 * year + months % 12 * month) * 86_400 + besides).cmp(&0);
    Some(order(365, 28)).filter(|found| *found == order(366, 31))
}

/// A length of time made unit by unit of another and what stands beside each of its units.
fn each_unit<'a>(a: Duration, others: [Fraction; 3], operation: Operator) -> Computed<'a> {
    let unit = |count: i64, other: Fraction| {
        let unit = operation(Fraction::whole(count), other).filter(|unit| unit.denominator == 1);
        let whole = unit.and_then(|unit| i64::try_from(unit.numerator).ok());
        whole.ok_or_else(|| error(Cause::Overflow, "a whole count within 64 bits", "another"))
    };
    let (months, days, seconds) = (unit(a.months, others[0])?, unit(a.days, others[1])?, unit(a.seconds, others[2])?);
    Ok(Length(Duration { months, days, seconds, working_days: 0 }))
}

/// Adds or subtracts.
pub(crate) fn combine<'a>([left, right]: [Quantity<'a>; 2], operation: Operator) -> Computed<'a> {
    expect_alike(left, right)?;
    match (left, right) {
        (Number(a), Number(b)) | (Money(a, _), Money(b, _)) => within_range(operation(a, b), left),
        (Length(a), Length(b)) => each_unit(a, [b.months, b.days, b.seconds].map(Fraction::whole), operation),
        _ => wrong_type("two numbers, amounts or lengths of time", &[left, right]),
    }
}

fn multiply<'a>(left: Quantity<'a>, right: Quantity<'a>) -> Computed<'a> {
    match (left, right) {
        (Number(a), Number(b) | Money(b, _)) => within_range(a.multiply(b), right),
        (Money(a, _), Number(b)) => within_range(a.multiply(b), left),
        (Number(by), Length(a)) | (Length(a), Number(by)) => each_unit(a, [by; 3], Fraction::multiply),
        _ => wrong_type("two numbers, or a number and an amount or a length of time", &[left, right]),
    }
}

/// What slices of an amount come to: the amount, then for each slice its rate and where it ends.
fn brackets<'a>(values: &[Quantity<'a>]) -> Computed<'a> {
    let whole = values[0];
    let zero = combine([whole, whole], Fraction::subtract)?;
    let (mut total, mut from) = (zero, zero);
    for slice in values[1..].chunks(2) {
        let to = *slice.get(1).unwrap_or(&whole);
        let end = if compare([whole, to])?.is_lt() { whole } else { to };
        if compare([end, from])?.is_gt() {
            let taxed = multiply(slice[0], combine([end, from], Fraction::subtract)?)?;
            let (Money(a, _), Money(b, _)) = (total, taxed) else { return wrong_type("amounts", &[taxed]) };
            total = within_range(a.add(b), taxed)?;
        }
        from = to;
    }
    Ok(total)
}

fn round<'a>(value: Quantity<'a>, mode: RoundingMode, to: Option<Quantity<'a>>) -> Computed<'a> {
    let (number, to) = match (value, to) {
        (Number(number) | Money(number, _), None) => (number, Fraction::ONE),
        (Number(number), Some(Number(to))) => (number, to),
        (Money(number, one), Some(Money(to, other))) if one == other => (number, to),
        (_, to) => return wrong_type("a number or amount, and such a one to round to", &[value, to.unwrap_or(value)]),
    };
    ensure(to.numerator > 0, Cause::NotNormal, "rounding to what is above zero", "zero or less")?;
    within_range(number.round(mode, to), value)
}

fn shift<'a>(
    context: &Context<'a>,
    start: Quantity<'a>,
    by: Duration,
    sign: i64,
    calendar: Option<&str>,
) -> Computed<'a> {
    let (name, calendar) = (calendar.unwrap_or("none"), calendar.and_then(|name| context.calendars.get(name).copied()));
    let is_known = by.working_days == 0 || calendar.is_some();
    ensure(is_known, Cause::Undeclared, "a declared calendar", format_args!("`{name}`"))?;
    within_years(match start {
        Date(day) if by.seconds == 0 => shift_day(day, by, sign, calendar).map(Date),
        Instant(unix, offset) if by.working_days == 0 => (|| {
            let (day, second) = local_time(unix, offset)?;
            let moved = unix_seconds(shift_day(day, by, sign, None)?, second, offset);
            let moved = moved.checked_add(by.seconds.checked_mul(sign)?)?;
            local_time(moved, offset).map(|_| Instant(moved, offset))
        })(),
        _ => return wrong_type("a date to move by days, or an instant by all but working days", &[start]),
    })
}

/// Completed years, those before the first date counted backwards.
fn years_between(from: i64, to: i64) -> i64 {
    let (early, late, sign) = if to < from { (to, from, -1) } else { (from, to, 1) };
    let years = civil(late).0 - civil(early).0;
    let anniversary = shift_day(early, Duration { months: years * 12, ..Duration::default() }, 1, None);
    sign * (years - i64::from(anniversary.is_some_and(|day| day > late)))
}

/// The first of the values that none is beyond, in the direction of `wanted`; what is none is left out.
pub(crate) fn choose<'a>(values: &[Valuation<'a>], wanted: Ordering) -> Result<Valuation<'a>> {
    if let Some(lack) = strongest(values) {
        return Ok(Err(lack));
    }
    let mut best = Err(Lack::None);
    for value in values.iter().flatten() {
        // The first is compared with itself, so that a value without an order is refused even alone.
        let is_better = compare([*value, best.unwrap_or(*value)])? == wanted;
        best = if is_better { Ok(*value) } else { best.or(Ok(*value)) };
    }
    Ok(best)
}

/// The sum of the terms; what is none is left out, and without any term it is 0 of the type of `zero`.
pub(crate) fn sum<'a>(terms: &[Valuation<'a>], zero: Quantity<'a>) -> Result<Valuation<'a>> {
    if let Some(lack) = strongest(terms) {
        return Ok(Err(lack));
    }
    let mut terms = terms.iter().flatten();
    let Some(first) = terms.next() else { return combine([zero, zero], Fraction::subtract).map(Ok) };
    // Adding to nothing refuses a first term that is not a number or a rounded amount.
    let nothing = combine([*first, *first], Fraction::subtract)?;
    terms
        .try_fold(combine([*first, nothing], Fraction::add)?, |total, term| combine([total, *term], Fraction::add))
        .map(Ok)
}
