//! Exact arithmetic on fractions of 128-bit integers.

use std::cmp::Ordering;

use grounds_core::{Rational, RoundingMode};

/// The result does not fit: the one way in which arithmetic fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overflow;

fn fraction(numerator: i128, denominator: i128) -> Result<Rational, Overflow> {
    Rational::new(numerator, denominator).map_err(|_| Overflow)
}

fn common_divisor(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i128::try_from(a.max(1)).unwrap_or(1)
}

pub(crate) fn negate(value: Rational) -> Result<Rational, Overflow> {
    fraction(value.numerator().checked_neg().ok_or(Overflow)?, value.denominator())
}

pub(crate) fn add(left: Rational, right: Rational) -> Result<Rational, Overflow> {
    // Over the least common denominator, so that intermediate results are no larger than they must be.
    let shared = common_divisor(left.denominator(), right.denominator());
    let left_factor = right.denominator() / shared;
    let right_factor = left.denominator() / shared;
    let above = left.numerator().checked_mul(left_factor).ok_or(Overflow)?;
    let above = above.checked_add(right.numerator().checked_mul(right_factor).ok_or(Overflow)?).ok_or(Overflow)?;
    fraction(above, left.denominator().checked_mul(left_factor).ok_or(Overflow)?)
}

pub(crate) fn subtract(left: Rational, right: Rational) -> Result<Rational, Overflow> {
    add(left, negate(right)?)
}

pub(crate) fn multiply(left: Rational, right: Rational) -> Result<Rational, Overflow> {
    // Crosswise in lowest terms first, so that it overflows only where the result does.
    let (a, b) =
        (common_divisor(left.numerator(), right.denominator()), common_divisor(right.numerator(), left.denominator()));
    let above = (left.numerator() / a).checked_mul(right.numerator() / b).ok_or(Overflow)?;
    let below = (left.denominator() / b).checked_mul(right.denominator() / a).ok_or(Overflow)?;
    fraction(above, below)
}

/// Compares without multiplying, so that it never overflows: whole parts first, then the rests turned upside down.
pub(crate) fn compare(left: Rational, right: Rational) -> Ordering {
    let (mut a, mut b) = (left.numerator(), left.denominator());
    let (mut c, mut d) = (right.numerator(), right.denominator());
    let mut reversed = false;
    loop {
        let order = a.div_euclid(b).cmp(&c.div_euclid(d));
        let (rest_left, rest_right) = (a.rem_euclid(b), c.rem_euclid(d));
        let order = match (order, rest_left, rest_right) {
            (Ordering::Equal, 0, 0) => Ordering::Equal,
            (Ordering::Equal, 0, _) => Ordering::Less,
            (Ordering::Equal, _, 0) => Ordering::Greater,
            (Ordering::Equal, ..) => {
                // rest/b against rest/d is d/rest against b/rest, the other way round.
                (a, b, c, d) = (b, rest_left, d, rest_right);
                reversed = !reversed;
                continue;
            }
            (unequal, ..) => unequal,
        };
        return if reversed { order.reverse() } else { order };
    }
}

/// The multiple of `step` (more than zero) that `value` is rounded to.
pub(crate) fn round(value: Rational, mode: RoundingMode, step: Rational) -> Result<Rational, Overflow> {
    let inverse = fraction(step.denominator(), step.numerator())?;
    let steps = multiply(value, inverse)?;
    let below = steps.numerator().div_euclid(steps.denominator());
    let rest = fraction(steps.numerator().rem_euclid(steps.denominator()), steps.denominator())?;
    let half = fraction(1, 2)?;
    let goes_up = match mode {
        RoundingMode::Down => false,
        RoundingMode::Up => rest.numerator() != 0,
        RoundingMode::HalfUp => match compare(rest, half) {
            Ordering::Equal => steps.numerator() > 0,
            order => order == Ordering::Greater,
        },
        RoundingMode::HalfEven => match compare(rest, half) {
            Ordering::Equal => below.rem_euclid(2) == 1,
            order => order == Ordering::Greater,
        },
    };
    let whole = below.checked_add(i128::from(goes_up)).ok_or(Overflow)?;
    multiply(fraction(whole, 1)?, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Rational {
        Rational::parse(text).expect("a number")
    }

    #[test]
    fn rounding_goes_where_it_is_told() {
        for (value, down, up, half_up, half_even) in [
            ("2.5", "2", "3", "3", "2"),
            ("3.5", "3", "4", "4", "4"),
            ("-2.5", "-3", "-2", "-3", "-2"),
            ("-3.5", "-4", "-3", "-4", "-4"),
            ("2.4", "2", "3", "2", "2"),
            ("-2.6", "-3", "-2", "-3", "-3"),
            ("7", "7", "7", "7", "7"),
        ] {
            let rounded = |mode| round(number(value), mode, number("1"));
            assert_eq!(rounded(RoundingMode::Down), Ok(number(down)), "{value} down");
            assert_eq!(rounded(RoundingMode::Up), Ok(number(up)), "{value} up");
            assert_eq!(rounded(RoundingMode::HalfUp), Ok(number(half_up)), "{value} half up");
            assert_eq!(rounded(RoundingMode::HalfEven), Ok(number(half_even)), "{value} half even");
        }
        assert_eq!(round(number("149"), RoundingMode::HalfUp, number("100")), Ok(number("100")));
    }

    #[test]
    fn comparison_never_overflows() {
        let large = Rational::new(i128::MAX, 3).expect("a fraction");
        let larger = Rational::new(i128::MAX, 2).expect("a fraction");
        assert_eq!(compare(large, larger), Ordering::Less);
        assert_eq!(compare(number("1/3"), number("0.3333333")), Ordering::Greater);
        assert_eq!(compare(number("-1/3"), number("-1/3")), Ordering::Equal);
        assert_eq!(compare(number("-0.5"), number("0.25")), Ordering::Less);
    }

    #[test]
    fn overflow_is_said() {
        let large = Rational::new(i128::MAX, 1).expect("a number");
        assert_eq!(add(large, number("1")), Err(Overflow));
        assert_eq!(multiply(large, number("2")), Err(Overflow));
        assert_eq!(multiply(large, number("0.5")), Ok(Rational::new(i128::MAX, 2).expect("a fraction")));
    }
}
