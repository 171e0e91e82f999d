//! Arithmetic of lengths of time: each unit by itself, for a month is not a number of days.

use std::cmp::Ordering;

use grounds_core::{Duration, Rational};

/// The two together, the second times `sign`. `None` where a count does not fit.
pub(crate) fn plus(left: Duration, right: Duration, sign: i64) -> Option<Duration> {
    let sum = |left: i64, right: i64| left.checked_add(right.checked_mul(sign)?);
    Some(Duration {
        months: sum(left.months, right.months)?,
        days: sum(left.days, right.days)?,
        working_days: sum(left.working_days, right.working_days)?,
        seconds: sum(left.seconds, right.seconds)?,
    })
}

/// `number` times as long; `None` where that is no whole count of each unit, or does not fit.
pub(crate) fn times(duration: Duration, number: Rational) -> Option<Duration> {
    let product = |count: i64| {
        let above = i128::from(count).checked_mul(number.numerator())?;
        let whole = (above % number.denominator() == 0).then(|| above / number.denominator())?;
        i64::try_from(whole).ok()
    };
    Some(Duration {
        months: product(duration.months)?,
        days: product(duration.days)?,
        working_days: product(duration.working_days)?,
        seconds: product(duration.seconds)?,
    })
}

/// The order of two lengths of time, where it is the same from whichever day they run: a year has 365 or 366 days, a month that makes no
/// year 28 to 31, a day 24 hours. `None` where it depends on the day.
pub(crate) fn order(left: Duration, right: Duration) -> Option<Ordering> {
    const DAY_SECONDS: i128 = 86_400;
    let months = i128::from(left.months) - i128::from(right.months);
    let clock = |duration: Duration| i128::from(duration.days) * DAY_SECONDS + i128::from(duration.seconds);
    let rest = clock(left) - clock(right);
    let (years, more) = (months.abs() / 12, months.abs() % 12);
    let (shortest, longest) = ((365 * years + 28 * more) * DAY_SECONDS, (366 * years + 31 * more) * DAY_SECONDS);
    let (least, most) = if months < 0 { (rest - longest, rest - shortest) } else { (rest + shortest, rest + longest) };
    match (least.cmp(&0), most.cmp(&0)) {
        (Ordering::Greater, _) => Some(Ordering::Greater),
        (_, Ordering::Less) => Some(Ordering::Less),
        (Ordering::Equal, Ordering::Equal) => Some(Ordering::Equal),
        _ => None,
    }
}

/// Whether two lengths of time are equal: as many months, and as much time besides, a day being 24 hours.
pub(crate) fn equal(left: Duration, right: Duration) -> bool {
    order(left, right) == Some(Ordering::Equal)
}

/// A length of time `by` units away, in the smallest unit it is stated in.
pub(crate) fn beside(duration: Duration, by: i64) -> Duration {
    let Duration { months, days, seconds, .. } = duration;
    match (seconds != 0, days != 0) {
        (true, _) => Duration { seconds: seconds.saturating_add(by.saturating_mul(60)), ..duration },
        (false, true) => Duration { days: days.saturating_add(by), ..duration },
        (false, false) => Duration { months: months.saturating_add(by), ..duration },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{days_between, shift_date};

    fn of(months: i64, days: i64, seconds: i64) -> Duration {
        Duration { months, days, seconds, working_days: 0 }
    }

    #[test]
    fn a_length_of_time_has_an_order_where_no_month_can_change_it() {
        for (left, right, expected) in [
            (of(1, 0, 0), of(2, 0, 0), Some(Ordering::Less)),
            (of(1, 3, 0), of(1, 2, 0), Some(Ordering::Greater)),
            (of(1, 0, 0), of(1, 2, 60), Some(Ordering::Less)),
            (of(12, 0, 0), of(12, 0, 0), Some(Ordering::Equal)),
            (of(4, 0, 0), of(2, 3, 0), Some(Ordering::Greater)),
            (of(12, 0, 0), of(0, 364, 0), Some(Ordering::Greater)),
            (of(12, 0, 0), of(0, 365, 0), None),
            (of(12, 0, 0), of(0, 367, 0), Some(Ordering::Less)),
            (of(1, 0, 0), of(0, 28, 0), None),
            (of(1, 0, 0), of(0, 30, 0), None),
            (of(1, 0, 0), of(0, 27, 86_399), Some(Ordering::Greater)),
            (of(1, 0, 0), of(0, 32, 0), Some(Ordering::Less)),
            (of(0, 1, 0), of(0, 0, 86_400), Some(Ordering::Equal)),
        ] {
            assert_eq!(order(left, right), expected, "{left} and {right}");
            assert_eq!(order(right, left), expected.map(Ordering::reverse), "{right} and {left}");
        }
    }

    /// The bounds that the order goes by, against the calendar: from every day of a leap cycle, for every count of months.
    #[test]
    fn the_order_is_that_of_the_calendar() {
        let mut day: jiff::civil::Date = "2019-01-01".parse().expect("a date");
        for _ in 0..4 * 365 + 1 {
            for months in 1..50 {
                let end = shift_date(day, of(months, 0, 0), false, None).expect("in range");
                let days = days_between(day, end);
                for (beside, never) in [(days - 1, Ordering::Less), (days + 1, Ordering::Greater)] {
                    let found = order(of(months, 0, 0), of(0, beside, 0));
                    assert_ne!(found, Some(never), "{months} months from {day} and {beside} days");
                }
                assert!(!equal(of(months, 0, 0), of(0, days, 0)));
            }
            day = day.tomorrow().expect("in range");
        }
    }

    #[test]
    fn units_stay_whole_and_apart() {
        let half = Rational::parse("0.5").expect("a number");
        assert_eq!(times(of(6, 2, 0), half), Some(of(3, 1, 0)));
        assert_eq!(times(of(1, 0, 0), half), None);
        assert_eq!(times(of(i64::MAX, 0, 0), Rational::integer(2)), None);
        assert_eq!(plus(of(12, 0, 0), of(0, 14, 0), -1), Some(of(12, -14, 0)));
        assert_eq!(plus(of(i64::MAX, 0, 0), of(1, 0, 0), 1), None);
        assert_eq!(beside(of(3, 0, 0), -1), of(2, 0, 0));
        assert_eq!(beside(of(0, 0, 3_600), 1), of(0, 0, 3_660));
    }
}
