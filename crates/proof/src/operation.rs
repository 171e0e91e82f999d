//! What expressions do with values, once all operands have one.

use std::cmp::Ordering;
use std::mem::discriminant;

use grounds_core::{Calendar, Duration, Expression};

use crate::arithmetic::Fraction;
use crate::calendar::{YEARS, civil, day_number, local_time, shift_day, unix_seconds};
use crate::context::Context;
use crate::error::{Cause, Result, ensure, error, refuse};
use crate::quantity::Quantity::{self, Amount, Date, Instant, Length};
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
    operation: &'a Expression,
    values: &[Quantity<'a>],
) -> Result<Valuation<'a>> {
    let number = |value: i64| Ok(Amount(Fraction::whole(value), None));
    let value = match (operation, values) {
        (Expression::Add(..), &[start @ (Date(_) | Instant(..)), Length(by)]) => shift(start, by, 1, None),
        (Expression::Subtract(..), &[start @ (Date(_) | Instant(..)), Length(by)]) => shift(start, by, -1, None),
        (Expression::Add(..), &[left, right]) => combine([left, right], Fraction::add),
        (Expression::Subtract(..), &[left, right]) => combine([left, right], Fraction::subtract),
        (Expression::Multiply(..), &[Amount(a, one), Amount(b, other)]) if one.is_none() || other.is_none() => {
            amount(a.multiply(b), one.or(other))
        }
        (Expression::Multiply(..), &[Amount(by, None), Length(a)] | &[Length(a), Amount(by, None)]) => {
            each_unit(a, [by; 3], Fraction::multiply)
        }
        (Expression::Divide(..), &[Amount(a, one), Amount(b, other)]) if other.is_none() || one == other => {
            if b.numerator == 0 {
                return Ok(Err(Lack::None));
            }
            amount(a.multiply(b.inverse()), one.filter(|_| other.is_none()))
        }
        (Expression::Brackets { .. }, _) => brackets(values),
        (Expression::Round(_, rounding), &[Amount(value, unit)]) => {
            let to = match rounding.to.as_ref().map(|to| context.quantity(to)).transpose()? {
                None => Fraction::ONE,
                Some(Amount(to, other)) if other == unit => to,
                Some(other) => return wrong_type("such a one to round to", &[values[0], other]),
            };
            ensure(to.numerator > 0, Cause::NotNormal, "rounding to what is above zero", "zero or less")?;
            amount(value.round(rounding.mode, to), unit)
        }
        (Expression::Shift { duration, backwards, calendar, .. }, &[start]) => {
            let calendar = calendar.as_deref().and_then(|name| context.calendars.get(name).copied());
            let is_known = duration.working_days == 0 || calendar.is_some();
            ensure(is_known, Cause::Undeclared, "a declared calendar", "none")?;
            shift(start, *duration, if *backwards { -1 } else { 1 }, calendar)
        }
        (Expression::DateOf(_), &[Instant(unix, offset)]) => {
            within_years(local_time(unix, offset).map(|(day, _)| Date(day)))
        }
        (Expression::YearOf(_), &[Date(day)]) => number(civil(day).0),
        (Expression::MonthOf(_), &[Date(day)]) => number(civil(day).1),
        (Expression::DayOf(_), &[Date(day)]) => number(civil(day).2),
        (Expression::DayOfYear { last, .. }, &[Amount(year, None)]) => {
            let (month, day) = if *last { (12, 31) } else { (1, 1) };
            let year = i64::try_from(year.numerator).ok().filter(|it| year.denominator == 1 && YEARS.contains(it));
            within_years(year.map(|year| Date(day_number(year, month, day))))
        }
        (Expression::YearsBetween(..), &[Date(from), Date(to)]) => number(years_between(from, to)),
        (Expression::DaysBetween(..), &[Date(from), Date(to)]) => number(to - from),
        (Expression::Row { table, column, .. }, keys) => return context.row(table, keys, column),
        _ => wrong_type("operands of the types that the operation takes", values),
    };
    value.map(Ok)
}

fn wrong_type<T>(expected: &str, found: &[Quantity<'_>]) -> Result<T> {
    let types: Vec<&str> = found.iter().map(|value| value.type_name()).collect();
    refuse(Cause::WrongType, expected, types.join(" and "))
}

fn amount(value: Option<Fraction>, unit: Option<&str>) -> Computed<'_> {
    let value = value.ok_or_else(|| error(Cause::Overflow, "a number within 128 bits", "an overflow"))?;
    Ok(Amount(value, unit))
}

fn within_years(value: Option<Quantity<'_>>) -> Computed<'_> {
    value.ok_or_else(|| error(Cause::OutOfYears, "a date in the years -9999 to 9999", "one outside"))
}

/// Refuses money with fractions of a minor unit.
pub(crate) fn rounded(value: Quantity<'_>) -> Computed<'_> {
    let is_rounded = !matches!(value, Amount(amount, Some(_)) if amount.denominator != 1);
    ensure(is_rounded, Cause::NotRounded, "a rounded amount", value).map(|()| value)
}

/// Refuses values that may not meet: of two types or currencies, or not rounded.
fn expect_alike(left: Quantity<'_>, right: Quantity<'_>) -> Result<()> {
    match (rounded(left)?, rounded(right)?) {
        (Amount(_, Some(a)), Amount(_, Some(b))) => {
            ensure(a == b, Cause::Currencies, format_args!("the currency of {left}"), right)
        }
        _ if discriminant(&left) != discriminant(&right) || left.type_name() != right.type_name() => {
            wrong_type("two values of one type", &[left, right])
        }
        _ => Ok(()),
    }
}

pub(crate) fn equal([left, right]: [Quantity<'_>; 2]) -> Result<bool> {
    expect_alike(left, right).map(|()| left.same(right))
}

pub(crate) fn compare([left, right]: [Quantity<'_>; 2]) -> Result<Ordering> {
    expect_alike(left, right)?;
    match (left, right) {
        (Amount(a, _), Amount(b, _)) => Ok(a.compare(b)),
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

/// Adds or subtracts.
fn combine<'a>([left, right]: [Quantity<'a>; 2], operation: Operator) -> Computed<'a> {
    expect_alike(left, right)?;
    match (left, right) {
        (Amount(a, unit), Amount(b, _)) => amount(operation(a, b), unit),
        (Length(a), Length(b)) => each_unit(a, [b.months, b.days, b.seconds].map(Fraction::whole), operation),
        _ => wrong_type("two numbers, amounts or lengths of time", &[left, right]),
    }
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

/// What slices of an amount come to: the amount, then for each slice its rate and where it ends.
fn brackets<'a>(values: &[Quantity<'a>]) -> Computed<'a> {
    let [whole @ Amount(_, unit @ Some(_)), slices @ ..] = values else { return wrong_type("an amount", values) };
    let (mut total, mut from) = (Some(Fraction::whole(0)), combine([*whole, *whole], Fraction::subtract)?);
    for slice in slices.chunks(2) {
        let to = *slice.get(1).unwrap_or(whole);
        let end = if compare([*whole, to])?.is_lt() { *whole } else { to };
        if compare([end, from])?.is_gt() {
            let (Amount(part, _), Amount(rate, None)) = (combine([end, from], Fraction::subtract)?, slice[0]) else {
                return wrong_type("rates", slice);
            };
            total = total.and_then(|total| total.add(part.multiply(rate)?));
        }
        from = to;
    }
    amount(total, *unit)
}

fn shift<'a>(start: Quantity<'a>, by: Duration, sign: i64, calendar: Option<&Calendar>) -> Computed<'a> {
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
    let like = terms.iter().flatten().next().copied().unwrap_or(zero);
    let nothing = combine([like, like], Fraction::subtract)?;
    terms.iter().flatten().try_fold(nothing, |total, term| combine([total, *term], Fraction::add)).map(Ok)
}
