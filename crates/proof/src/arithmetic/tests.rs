//! Fractions against the schoolbook: cross multiplication on numbers small enough never to overflow.

use proptest::prelude::*;

use super::*;

fn fraction(numerator: i128, denominator: i128) -> Fraction {
    let common = divisor(numerator, denominator) * denominator.signum();
    Fraction { numerator: numerator / common, denominator: denominator / common }
}

fn any_fraction() -> impl Strategy<Value = Fraction> {
    (-2000_i128..2000, 1_i128..300).prop_map(|(numerator, denominator)| fraction(numerator, denominator))
}

/// Rounds by trying multiples of `to` from far below.
fn round_naively(value: Fraction, mode: RoundingMode, to: Fraction) -> Fraction {
    let multiple = |count: i128| fraction(count * to.numerator, to.denominator);
    let is_below = |count| multiple(count).compare(value).is_le();
    let mut floor = -1_000_000_i128;
    let mut step = 1_048_576_i128;
    while step > 0 {
        if is_below(floor + step) {
            floor += step;
        }
        step /= 2;
    }
    if multiple(floor) == value {
        return value;
    }
    let distance = |count: i128| {
        let gap = value.subtract(multiple(count)).expect("small");
        fraction(gap.numerator.abs(), gap.denominator)
    };
    let nearer_up = distance(floor + 1).compare(distance(floor));
    let is_up = match mode {
        RoundingMode::Down => false,
        RoundingMode::Up => true,
        RoundingMode::HalfUp => nearer_up.is_lt() || (nearer_up.is_eq() && value.numerator > 0),
        RoundingMode::HalfEven => nearer_up.is_lt() || (nearer_up.is_eq() && (floor + 1) % 2 == 0),
    };
    multiple(if is_up { floor + 1 } else { floor })
}

proptest! {
    #[test]
    fn operations_agree_with_the_schoolbook(a in any_fraction(), b in any_fraction()) {
        let (p, q, r, s) = (a.numerator, a.denominator, b.numerator, b.denominator);
        prop_assert_eq!(a.add(b), Some(fraction(p * s + r * q, q * s)));
        prop_assert_eq!(a.subtract(b), Some(fraction(p * s - r * q, q * s)));
        prop_assert_eq!(a.multiply(b), Some(fraction(p * r, q * s)));
        prop_assert_eq!(a.compare(b), (p * s).cmp(&(r * q)));
    }

    #[test]
    fn rounding_agrees_with_trying(value in any_fraction(), to in (1_i128..60, 1_i128..60), mode in 0..4) {
        let modes = [RoundingMode::Down, RoundingMode::Up, RoundingMode::HalfUp, RoundingMode::HalfEven];
        let (mode, to) = (modes[usize::try_from(mode).expect("small")], fraction(to.0, to.1));
        prop_assert_eq!(value.round(mode, to), Some(round_naively(value, mode, to)));
    }

    #[test]
    fn any_numbers_give_a_result_in_lowest_terms_or_an_overflow(
        a in (any::<i128>(), 1..i128::MAX), b in (any::<i128>(), 1..i128::MAX), mode in 0..4,
    ) {
        prop_assume!(a.0 != i128::MIN && b.0 != i128::MIN);
        let (a, b) = (fraction(a.0, a.1), fraction(b.0, b.1));
        let modes = [RoundingMode::Down, RoundingMode::Up, RoundingMode::HalfUp, RoundingMode::HalfEven];
        let mode = modes[usize::try_from(mode).expect("small")];
        let rounded = if b.numerator > 0 { a.round(mode, b) } else { None };
        for result in [a.add(b), a.subtract(b), a.multiply(b), rounded].into_iter().flatten() {
            prop_assert!(result.numerator != i128::MIN && result.denominator > 0);
            prop_assert_eq!(divisor(result.numerator, result.denominator), 1);
        }
        prop_assert_eq!(a.compare(b), b.compare(a).reverse());
    }
}

#[test]
fn the_modes_of_rounding_differ_where_they_should() {
    let modes = [RoundingMode::Down, RoundingMode::Up, RoundingMode::HalfUp, RoundingMode::HalfEven];
    for (value, expected) in [
        (fraction(5, 2), [2, 3, 3, 2]),
        (fraction(7, 2), [3, 4, 4, 4]),
        (fraction(-5, 2), [-3, -2, -3, -2]),
        (fraction(-7, 3), [-3, -2, -2, -2]),
        (fraction(4, 1), [4, 4, 4, 4]),
    ] {
        for (mode, expected) in modes.into_iter().zip(expected) {
            assert_eq!(value.round(mode, Fraction::ONE), Some(Fraction::whole(expected)));
        }
    }
}

#[test]
fn what_does_not_fit_is_an_overflow_and_comparing_is_not() {
    let huge = Fraction { numerator: i128::MAX, denominator: 1 };
    let tiny = Fraction { numerator: 1, denominator: i128::MAX };
    let smaller = Fraction { numerator: 1, denominator: i128::MAX - 1 };
    assert_eq!(huge.add(Fraction::ONE), None);
    assert_eq!(huge.multiply(huge), None);
    assert_eq!(huge.multiply(tiny), Some(Fraction::ONE));
    assert_eq!(tiny.add(smaller), None);
    assert_eq!(tiny.compare(smaller), Ordering::Less);
    assert_eq!(huge.compare(tiny), Ordering::Greater);
    assert_eq!(huge.round(RoundingMode::Up, tiny), None);
}
