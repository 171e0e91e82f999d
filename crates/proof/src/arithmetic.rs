//! Exact fractions of 128-bit integers. `None` is an overflow.

use std::cmp::Ordering;
use std::fmt;

use grounds_core::RoundingMode;

/// A fraction in lowest terms with a positive denominator; neither part is `i128::MIN`, so both can be negated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fraction {
    pub(crate) numerator: i128,
    pub(crate) denominator: i128,
}

impl Fraction {
    pub(crate) const ONE: Fraction = Fraction { numerator: 1, denominator: 1 };

    pub(crate) fn whole(value: i64) -> Self {
        Self { numerator: i128::from(value), denominator: 1 }
    }

    pub(crate) fn add(self, other: Self) -> Option<Self> {
        // Knuth, The Art of Computer Programming 2, 4.5.1: keeps what is between small, and is in lowest terms.
        let common = divisor(self.denominator, other.denominator);
        let left = self.numerator.checked_mul(other.denominator / common)?;
        let sum = left.checked_add(other.numerator.checked_mul(self.denominator / common)?)?;
        let sum = Some(sum).filter(|sum| *sum != i128::MIN)?;
        let rest = divisor(sum, common);
        let denominator = (self.denominator / common).checked_mul(other.denominator / rest)?;
        Some(Self { numerator: sum / rest, denominator })
    }

    pub(crate) fn subtract(self, other: Self) -> Option<Self> {
        self.add(Self { numerator: -other.numerator, denominator: other.denominator })
    }

    pub(crate) fn multiply(self, other: Self) -> Option<Self> {
        // Reduced crosswise first, the products are in lowest terms: this overflows only where the result does.
        let first = divisor(self.numerator, other.denominator);
        let second = divisor(other.numerator, self.denominator);
        let numerator = (self.numerator / first).checked_mul(other.numerator / second)?;
        let denominator = (self.denominator / second).checked_mul(other.denominator / first)?;
        (numerator != i128::MIN).then_some(Self { numerator, denominator })
    }

    /// Of what is not zero.
    pub(crate) fn inverse(self) -> Self {
        let sign = self.numerator.signum();
        Self { numerator: sign * self.denominator, denominator: sign * self.numerator }
    }

    /// Compares by continued fractions, which cannot overflow.
    pub(crate) fn compare(self, other: Self) -> Ordering {
        let (mut a, mut b, mut c, mut d) = (self.numerator, self.denominator, other.numerator, other.denominator);
        loop {
            match (a.div_euclid(b).cmp(&c.div_euclid(d)), a.rem_euclid(b), c.rem_euclid(d)) {
                (Ordering::Equal, 0, 0) => return Ordering::Equal,
                (Ordering::Equal, 0, _) => return Ordering::Less,
                (Ordering::Equal, _, 0) => return Ordering::Greater,
                // p/b < q/d if and only if d/q < b/p.
                (Ordering::Equal, p, q) => (a, b, c, d) = (d, q, b, p),
                (order, _, _) => return order,
            }
        }
    }

    /// The multiple of `to` that `mode` chooses; `to` is above zero.
    pub(crate) fn round(self, mode: RoundingMode, to: Self) -> Option<Self> {
        let quotient = self.multiply(Self { numerator: to.denominator, denominator: to.numerator })?;
        let floor = quotient.numerator.div_euclid(quotient.denominator);
        let above = quotient.numerator.rem_euclid(quotient.denominator);
        let to_next = above.cmp(&(quotient.denominator - above));
        let is_up = match mode {
            RoundingMode::Down => false,
            RoundingMode::Up => above > 0,
            RoundingMode::HalfUp => to_next.is_gt() || to_next.is_eq() && quotient.numerator > 0,
            RoundingMode::HalfEven => to_next.is_gt() || to_next.is_eq() && floor % 2 != 0,
        };
        Self { numerator: floor.checked_add(i128::from(is_up))?, denominator: 1 }.multiply(to)
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1 { self.numerator.fmt(f) } else { write!(f, "{}/{}", self.numerator, self.denominator) }
    }
}

/// The greatest common divisor of two numbers that are not both zero, neither of them `i128::MIN`.
fn divisor(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests;
