//! Moving dates and instants by months, days, working days and seconds.

use grounds_core::{Calendar, Duration, Holiday, Instant};
use jiff::SignedDuration;
use jiff::civil::Date;

/// Moves a date: months first, then days, then working days. `None` where the result leaves the years -9999 to 9999.
pub(crate) fn shift_date(date: Date, duration: Duration, backwards: bool, calendar: Option<&Calendar>) -> Option<Date> {
    let sign = if backwards { -1 } else { 1 };
    let date = add_months(date, duration.months.checked_mul(sign)?)?;
    let date = add_days(date, duration.days.checked_mul(sign)?)?;
    match calendar {
        Some(calendar) => add_working_days(date, duration.working_days, backwards, calendar),
        None => Some(date),
    }
}

/// Moves an instant: by the civil date at its own offset, keeping the clock; then by elapsed seconds.
pub(crate) fn shift_instant(instant: Instant, duration: Duration, backwards: bool) -> Option<Instant> {
    let civil = instant.civil()?;
    let date = shift_date(civil.date(), duration, backwards, None)?;
    let moved = Instant::from_civil(date.to_datetime(civil.time()), instant.offset_minutes);
    let sign = if backwards { -1 } else { 1 };
    let unix_seconds = moved.unix_seconds.checked_add(duration.seconds.checked_mul(sign)?)?;
    let moved = Instant { unix_seconds, offset_minutes: instant.offset_minutes };
    moved.civil().map(|_| moved)
}

/// Whole days from `first` to `second`.
pub(crate) fn days_between(first: Date, second: Date) -> i64 {
    second.duration_since(first).as_hours() / 24
}

/// Completed years from `first` to `second`; negative where the second is earlier.
pub(crate) fn years_between(first: Date, second: Date) -> i64 {
    if second < first {
        return -years_between(second, first);
    }
    let years = i64::from(second.year()) - i64::from(first.year());
    let anniversary = add_months(first, years * 12);
    years - i64::from(anniversary.is_some_and(|anniversary| anniversary > second))
}

fn add_months(date: Date, months: i64) -> Option<Date> {
    let counted = i64::from(date.year()) * 12 + i64::from(date.month()) - 1;
    let target = counted.checked_add(months)?;
    let year = i16::try_from(target.div_euclid(12)).ok()?;
    let month = i8::try_from(target.rem_euclid(12) + 1).ok()?;
    let first = Date::new(year, month, 1).ok()?;
    Date::new(year, month, date.day().min(first.days_in_month())).ok()
}

fn add_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(SignedDuration::from_secs(days.checked_mul(86_400)?)).ok()
}

fn add_working_days(date: Date, count: i64, backwards: bool, calendar: &Calendar) -> Option<Date> {
    let mut date = date;
    let mut left = count;
    while left > 0 {
        date = if backwards { date.yesterday() } else { date.tomorrow() }.ok()?;
        if is_working_day(date, calendar) {
            left -= 1;
        }
    }
    Some(date)
}

fn is_working_day(date: Date, calendar: &Calendar) -> bool {
    let is_weekend = calendar.weekend.contains(&date.weekday().to_monday_one_offset());
    let is_holiday = calendar.holidays.iter().any(|holiday| match holiday {
        Holiday::Yearly { month, day } => date.month() == *month && date.day() == *day,
        Holiday::Once(once) => *once == date,
    });
    !is_weekend && !is_holiday
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().expect("a date")
    }

    #[test]
    fn months_end_where_they_end() {
        let month = Duration { months: 1, ..Duration::default() };
        for (from, to) in [("2021-01-31", "2021-02-28"), ("2020-01-31", "2020-02-29"), ("2021-12-15", "2022-01-15")] {
            assert_eq!(shift_date(date(from), month, false, None), Some(date(to)));
        }
        assert_eq!(shift_date(date("2021-03-31"), month, true, None), Some(date("2021-02-28")));
        assert_eq!(shift_date(date("9999-12-31"), month, false, None), None);
    }

    #[test]
    fn working_days_step_over_weekends_and_holidays() {
        let calendar = Calendar {
            name: "varenia".to_owned(),
            cites: Vec::new(),
            weekend: vec![6, 7],
            holidays: vec![Holiday::Yearly { month: 1, day: 1 }, Holiday::Once(date("2021-01-04"))],
        };
        let moved = |from: &str, working_days, backwards| {
            let duration = Duration { working_days, ..Duration::default() };
            shift_date(date(from), duration, backwards, Some(&calendar)).expect("in range").to_string()
        };
        assert_eq!(moved("2020-12-31", 1, false), "2021-01-05");
        assert_eq!(moved("2021-01-05", 1, true), "2020-12-31");
        assert_eq!(moved("2021-01-02", 0, false), "2021-01-02");
    }

    #[test]
    fn instants_keep_their_clock_and_offset() {
        let instant: Instant = "2021-01-31T23:30+01:00".parse().expect("an instant");
        let month = Duration { months: 1, ..Duration::default() };
        let hours = Duration { seconds: 3600, ..Duration::default() };
        assert_eq!(shift_instant(instant, month, false).expect("in range").to_string(), "2021-02-28T23:30+01:00");
        assert_eq!(shift_instant(instant, hours, false).expect("in range").to_string(), "2021-02-01T00:30+01:00");
        assert_eq!(days_between(date("2021-03-01"), date("2021-02-27")), -2);
    }
}
