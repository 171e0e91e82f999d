//! Civil dates as days since 1970-01-01, and the steps that durations take. `None` is outside the years -9999 to 9999.
//!
//! The two conversions are those of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"
//! (<https://howardhinnant.github.io/date_algorithms.html>), `days_from_civil` and `civil_from_days`.

use std::ops::RangeInclusive;

use grounds_core::{Calendar, Duration, Holiday};

/// The years that there are.
pub(crate) const YEARS: RangeInclusive<i64> = -9999..=9999;
const DAY_SECONDS: i64 = 86_400;

/// The day number of a date of the proleptic Gregorian calendar.
pub(crate) fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a day number.
pub(crate) fn civil(number: i64) -> (i64, i64, i64) {
    let shifted = number + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// `number`, if it is within the years that there are.
fn within_years(number: i64) -> Option<i64> {
    (day_number(*YEARS.start(), 1, 1)..=day_number(*YEARS.end(), 12, 31)).contains(&number).then_some(number)
}

/// The civil day, and the second of that day, that a clock shows `offset_minutes` east of UTC.
pub(crate) fn local_time(unix_seconds: i64, offset_minutes: i16) -> Option<(i64, i64)> {
    let local = unix_seconds.checked_add(i64::from(offset_minutes) * 60)?;
    Some((within_years(local.div_euclid(DAY_SECONDS))?, local.rem_euclid(DAY_SECONDS)))
}

/// The reverse of [`local_time`].
pub(crate) fn unix_seconds(day: i64, second_of_day: i64, offset_minutes: i16) -> i64 {
    day * DAY_SECONDS + second_of_day - i64::from(offset_minutes) * 60
}

/// Moves a day by the months, then the days, then the working days of `by`, each times `sign`.
pub(crate) fn shift_day(number: i64, by: Duration, sign: i64, calendar: Option<&Calendar>) -> Option<i64> {
    let number = add_months(number, by.months.checked_mul(sign)?)?;
    let number = within_years(number.checked_add(by.days.checked_mul(sign)?)?)?;
    calendar.map_or(Some(number), |calendar| add_working_days(number, by.working_days.checked_mul(sign)?, calendar))
}

/// The same day of the month, or the last day of a shorter month.
fn add_months(number: i64, months: i64) -> Option<i64> {
    let (year, month, day) = civil(number);
    let index = (year * 12 + month - 1).checked_add(months)?;
    let first_of = |index: i64| day_number(index.div_euclid(12), index.rem_euclid(12) + 1, 1);
    let last_day = || first_of(index + 1) - first_of(index);
    YEARS.contains(&index.div_euclid(12)).then(|| first_of(index) + day.min(last_day()) - 1)
}

/// Counts working days from the next day, or back from the day before; ends with the years at the latest.
fn add_working_days(number: i64, days: i64, calendar: &Calendar) -> Option<i64> {
    let (mut number, mut left) = (number, days.unsigned_abs());
    while left > 0 {
        number = within_years(number + days.signum())?;
        left -= u64::from(is_working_day(number, calendar));
    }
    Some(number)
}

fn is_working_day(number: i64, calendar: &Calendar) -> bool {
    // 1970-01-01 was a Thursday, the fourth day of the week.
    let weekday = (number + 3).rem_euclid(7) + 1;
    let (_, month, day) = civil(number);
    let is_holiday = calendar.holidays.iter().any(|holiday| match holiday {
        Holiday::Yearly { month: m, day: d } => (i64::from(*m), i64::from(*d)) == (month, day),
        Holiday::Once(date) => day_number(date.year().into(), date.month().into(), date.day().into()) == number,
    });
    !is_holiday && !calendar.weekend.iter().any(|weekend| i64::from(*weekend) == weekday)
}

#[cfg(test)]
mod tests;
