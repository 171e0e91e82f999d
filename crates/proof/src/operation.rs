//! What expressions do with values, once all operands have one.

use std::cmp::Ordering;
use std::mem::discriminant;

use grounds_core::{Calendar, Duration, RoundingMode};

use crate::arithmetic::Fraction;
use crate::calendar::{YEARS, civil, day_number, local_time, shift_day, unix_seconds};
use crate::error::{Cause, Result, error, refuse};
use crate::quantity::{Lack, Quantity, Valuation, strongest};

type Operator = fn(Fraction, Fraction) -> Option<Fraction>;
type Computed<'a> = Result<Quantity<'a>>;

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
    match value {
        Quantity::Money(amount, _) if amount.denominator != 1 => refuse(Cause::NotRounded, "a rounded amount", value),
        _ => Ok(value),
    }
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

pub(crate) fn multiply<'a>([left, right]: [Quantity<'a>; 2]) -> Computed<'a> {
    match (left, right) {
        (Quantity::Number(a), Quantity::Number(b) | Quantity::Money(b, _)) => within_range(a.multiply(b), right),
        (Quantity::Money(a, _), Quantity::Number(b)) => within_range(a.multiply(b), left),
        _ => wrong_type("two numbers, or a number and an amount", &[left, right]),
    }
}

/// The ratio, or nothing where the divisor is 0.
pub(crate) fn divide<'a>([left, right]: [Quantity<'a>; 2]) -> Result<Valuation<'a>> {
    let (above, below, like) = match (left, right) {
        (Quantity::Number(above) | Quantity::Money(above, _), Quantity::Number(below)) => (above, below, left),
        (Quantity::Money(above, one), Quantity::Money(below, other)) if one == other => {
            (above, below, Quantity::Number(above))
        }
        _ => return wrong_type("numbers, an amount and a number, or two amounts of one currency", &[left, right]),
    };
    if below.numerator == 0 {
        return Ok(Err(Lack::None));
    }
    let sign = below.numerator.signum();
    let inverse = Fraction { numerator: sign * below.denominator, denominator: sign * below.numerator };
    within_range(above.multiply(inverse), like).map(Ok)
}

/// What slices of an amount come to, each a rate and where it ends.
pub(crate) fn brackets<'a>(whole: Valuation<'a>, parts: &[[Valuation<'a>; 2]]) -> Result<Valuation<'a>> {
    if let Some(lack) = parts.iter().flatten().chain([&whole]).filter_map(|part| part.err()).max() {
        return Ok(Err(lack));
    }
    let values = whole.into_iter().chain(parts.iter().flatten().copied().flatten()).collect::<Vec<_>>();
    let zero = combine([values[0], values[0]], Fraction::subtract)?;
    let (mut total, mut from) = (zero, zero);
    for part in values[1..].chunks_exact(2) {
        let end = if compare([values[0], part[1]])?.is_lt() { values[0] } else { part[1] };
        if compare([end, from])?.is_gt() {
            let taxed = multiply([part[0], combine([end, from], Fraction::subtract)?])?;
            total = match (total, taxed) {
                (Quantity::Money(a, _), Quantity::Money(b, _)) => within_range(a.add(b), taxed)?,
                _ => return wrong_type("amounts", &[total, taxed]),
            };
        }
        from = part[1];
    }
    Ok(Ok(total))
}

pub(crate) fn round<'a>(value: Quantity<'a>, mode: RoundingMode, to: Option<Quantity<'a>>) -> Computed<'a> {
    let (number, to) = match (value, to) {
        (Quantity::Number(number) | Quantity::Money(number, _), None) => (number, Fraction::ONE),
        (Quantity::Number(number), Some(Quantity::Number(to))) => (number, to),
        (Quantity::Money(number, one), Some(Quantity::Money(to, other))) if one == other => (number, to),
        (_, to) => return wrong_type("a number or amount, and such a one to round to", &[value, to.unwrap_or(value)]),
    };
    if to.numerator <= 0 {
        return refuse(Cause::NotNormal, "rounding to what is above zero", "zero or less");
    }
    within_range(number.round(mode, to), value)
}

pub(crate) fn shift<'a>(start: Quantity<'a>, by: Duration, sign: i64, calendar: Option<&Calendar>) -> Computed<'a> {
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

pub(crate) fn date_of([value]: [Quantity<'_>; 1]) -> Computed<'_> {
    match value {
        Quantity::Instant(unix, offset) => within_years(local_time(unix, offset).map(|(day, _)| Quantity::Date(day))),
        _ => wrong_type("an instant", &[value]),
    }
}

pub(crate) fn year_of([value]: [Quantity<'_>; 1]) -> Computed<'_> {
    match value {
        Quantity::Date(day) => Ok(Quantity::Number(Fraction::whole(civil(day).0))),
        _ => wrong_type("a date", &[value]),
    }
}

pub(crate) fn day_of_year(year: Quantity<'_>, last: bool) -> Computed<'_> {
    let (month, day) = if last { (12, 31) } else { (1, 1) };
    match year {
        Quantity::Number(Fraction { numerator, denominator }) => within_years(
            i64::try_from(numerator)
                .ok()
                .filter(|year| denominator == 1 && YEARS.contains(year))
                .map(|year| Quantity::Date(day_number(year, month, day))),
        ),
        _ => wrong_type("a year", &[year]),
    }
}

/// Completed years, those before the first date counted backwards.
pub(crate) fn years_between<'a>([from, to]: [Quantity<'a>; 2]) -> Computed<'a> {
    let (Quantity::Date(first), Quantity::Date(last)) = (from, to) else { return wrong_type("two dates", &[from, to]) };
    let (early, late, sign) = if last < first { (last, first, -1) } else { (first, last, 1) };
    let years = civil(late).0 - civil(early).0;
    let anniversary = shift_day(early, Duration { months: years * 12, ..Duration::default() }, 1, None);
    Ok(Quantity::Number(Fraction::whole(sign * (years - i64::from(anniversary.is_some_and(|day| day > late))))))
}

pub(crate) fn days_between<'a>([from, to]: [Quantity<'a>; 2]) -> Computed<'a> {
    match (from, to) {
        (Quantity::Date(from), Quantity::Date(to)) => Ok(Quantity::Number(Fraction::whole(to - from))),
        _ => wrong_type("two dates", &[from, to]),
    }
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
