//! What expressions do with values, once all operands have one.

use std::cmp::Ordering;
use std::mem::discriminant;

use grounds_core::{Duration, Expression, RoundingMode};

use crate::arithmetic::Fraction;
use crate::calendar::{YEARS, civil, day_number, local_time, shift_day, unix_seconds};
use crate::context::Context;
use crate::error::{Cause, Result, ensure, error, refuse};
use crate::quantity::{Lack, Quantity, Valuation, strongest};

type Operator = fn(Fraction, Fraction) -> Option<Fraction>;
type Computed<'a> = Result<Quantity<'a>>;

/// The operands of an operation that has a value only where all of them have one.
pub(crate) fn operands(expression: &Expression) -> Vec<&Expression> {
    use Expression::{
        Add, DateOf, DayOfYear, DaysBetween, Divide, Multiply, Round, Shift, Subtract, YearOf, YearsBetween,
    };
    match expression {
        Add(left, right) | Subtract(left, right) | Multiply(left, right) | Divide(left, right) => vec![left, right],
        DaysBetween(from, to) | YearsBetween(from, to) => vec![from, to],
        Round(value, _) | DateOf(value) | YearOf(value) => vec![value],
        DayOfYear { year: value, .. } | Shift { start: value, .. } => vec![value],
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
    use Quantity::{Date, Instant, Money, Number};
    let value = match (expression, values) {
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
    match (value, like) {
        (Some(value), Quantity::Money(_, currency)) => Ok(Quantity::Money(value, currency)),
        (Some(value), _) => Ok(Quantity::Number(value)),
        (None, _) => refuse(Cause::Overflow, "a number within 128 bits", "an overflow"),
    }
}

fn within_years(value: Option<Quantity<'_>>) -> Computed<'_> {
    value.ok_or_else(|| error(Cause::OutOfYears, "a date in the years -9999 to 9999", "one outside"))
}

/// Refuses money with fractions of a minor unit.
pub(crate) fn rounded(value: Quantity<'_>) -> Computed<'_> {
    let is_rounded = !matches!(value, Quantity::Money(amount, _) if amount.denominator != 1);
    ensure(is_rounded, Cause::NotRounded, "a rounded amount", value).map(|()| value)
}

/// Refuses values that may not meet: of two types or currencies, or not rounded.
fn expect_alike(left: Quantity<'_>, right: Quantity<'_>) -> Result<()> {
    match (rounded(left)?, rounded(right)?) {
        (Quantity::Money(_, a), Quantity::Money(_, b)) if a != b => {
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
        (Quantity::Number(a), Quantity::Number(b)) | (Quantity::Money(a, _), Quantity::Money(b, _)) => Ok(a.compare(b)),
        (Quantity::Date(a), Quantity::Date(b)) | (Quantity::Instant(a, _), Quantity::Instant(b, _)) => Ok(a.cmp(&b)),
        _ => wrong_type("numbers, amounts, dates or instants", &[left, right]),
    }
}

/// Adds or subtracts.
pub(crate) fn combine<'a>([left, right]: [Quantity<'a>; 2], operation: Operator) -> Computed<'a> {
    expect_alike(left, right)?;
    match (left, right) {
        (Quantity::Number(a), Quantity::Number(b)) | (Quantity::Money(a, _), Quantity::Money(b, _)) => {
            within_range(operation(a, b), left)
        }
        _ => wrong_type("two numbers or two amounts", &[left, right]),
    }
}

fn multiply<'a>(left: Quantity<'a>, right: Quantity<'a>) -> Computed<'a> {
    match (left, right) {
        (Quantity::Number(a), Quantity::Number(b) | Quantity::Money(b, _)) => within_range(a.multiply(b), right),
        (Quantity::Money(a, _), Quantity::Number(b)) => within_range(a.multiply(b), left),
        _ => wrong_type("two numbers, or a number and an amount", &[left, right]),
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
            total = match (total, taxed) {
                (Quantity::Money(a, _), Quantity::Money(b, _)) => within_range(a.add(b), taxed)?,
                _ => return wrong_type("amounts", &[total, taxed]),
            };
        }
        from = to;
    }
    Ok(total)
}

fn round<'a>(value: Quantity<'a>, mode: RoundingMode, to: Option<Quantity<'a>>) -> Computed<'a> {
    let (number, to) = match (value, to) {
        (Quantity::Number(number) | Quantity::Money(number, _), None) => (number, Fraction::ONE),
        (Quantity::Number(number), Some(Quantity::Number(to))) => (number, to),
        (Quantity::Money(number, one), Some(Quantity::Money(to, other))) if one == other => (number, to),
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
        Quantity::Date(day) if by.seconds == 0 => shift_day(day, by, sign, calendar).map(Quantity::Date),
        Quantity::Instant(unix, offset) if by.working_days == 0 => (|| {
            let (day, second) = local_time(unix, offset)?;
            let moved = unix_seconds(shift_day(day, by, sign, None)?, second, offset);
            let moved = moved.checked_add(by.seconds.checked_mul(sign)?)?;
            local_time(moved, offset).map(|_| Quantity::Instant(moved, offset))
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
