//! The calendar against jiff, which this crate does not use outside its tests.

use grounds_core::Citation;
use jiff::ToSpan;
use jiff::civil::Date;
use proptest::prelude::*;

use super::*;

fn day(text: &str) -> i64 {
    number_of(text.parse().expect("a date"))
}

fn number_of(date: Date) -> i64 {
    day_number(date.year().into(), date.month().into(), date.day().into())
}

fn calendar(weekend: &[i8], holidays: Vec<Holiday>) -> Calendar {
    Calendar { name: "test".to_owned(), cites: Vec::<Citation>::new(), weekend: weekend.to_vec(), holidays }
}

#[test]
fn days_are_numbered_like_jiff_does() {
    // 100,000 days around the epoch, then a day of every week of all the years there are.
    let mut date: Date = "1833-01-01".parse().expect("a date");
    let start = date.until("1970-01-01".parse::<Date>().expect("a date")).expect("near").get_days();
    for offset in 0..100_000_i64 {
        assert_eq!(number_of(date), offset - i64::from(start));
        assert_eq!(civil(number_of(date)), (date.year().into(), date.month().into(), date.day().into()));
        date = date.tomorrow().expect("far from the end");
    }
    let mut date = Date::MIN;
    let mut number = number_of(date);
    while let Ok(next) = date.checked_add(7.days()) {
        (date, number) = (next, number + 7);
        assert_eq!(number_of(date), number);
        assert_eq!(civil(number), (date.year().into(), date.month().into(), date.day().into()));
    }
}

#[test]
fn the_years_end_where_they_end() {
    assert_eq!(within_years(number_of(Date::MIN)), Some(number_of(Date::MIN)));
    assert_eq!(within_years(number_of(Date::MIN) - 1), None);
    assert_eq!(within_years(number_of(Date::MAX)), Some(number_of(Date::MAX)));
    assert_eq!(within_years(number_of(Date::MAX) + 1), None);
    assert_eq!(add_months(day("9999-12-01"), 1), None);
    assert_eq!(add_months(0, i64::MAX), None);
    assert_eq!(local_time(i64::MAX, 60), None);
    assert_eq!(add_working_days(0, i64::MAX, &calendar(&[1, 2, 3, 4, 5, 6, 7], vec![])), None);
}

proptest! {
    #[test]
    fn months_are_added_like_jiff_does(offset in -3_000_000_i32..2_900_000, months in -239_976_i32..=239_976) {
        let date = "1970-01-01".parse::<Date>().expect("a date").checked_add(offset.days()).expect("in range");
        let expected = date.checked_add(months.months()).ok().map(number_of);
        prop_assert_eq!(add_months(number_of(date), months.into()), expected);
    }

    #[test]
    fn instants_fall_on_the_day_that_jiff_says(unix in -370_000_000_000_i64..250_000_000_000, offset in -1080_i16..=1080) {
        let civil = grounds_core::Instant { unix_seconds: unix, offset_minutes: offset }.civil();
        let expected = civil.map(|civil| {
            let second = i64::from(civil.hour()) * 3600 + i64::from(civil.minute()) * 60 + i64::from(civil.second());
            (number_of(civil.date()), second)
        });
        prop_assert_eq!(local_time(unix, offset), expected);
        if let Some((day, second)) = expected {
            prop_assert_eq!(unix_seconds(day, second, offset), unix);
        }
    }

    #[test]
    fn working_days_are_those_that_a_list_of_days_gives(start in -200_000_i64..200_000, count in 0_i64..40) {
        let weekend_and_holiday = calendar(&[6, 7], vec![Holiday::Yearly { month: 12, day: 25 }]);
        let is_working = |number: i64| {
            let date = Date::new(1970, 1, 1).expect("a date").checked_add(number.days()).expect("in range");
            !(date.weekday().to_monday_one_offset() > 5 || (date.month(), date.day()) == (12, 25))
        };
        let later = (start + 1..).filter(|number| is_working(*number)).take(usize::try_from(count).expect("small")).last();
        prop_assert_eq!(add_working_days(start, count, &weekend_and_holiday), Some(later.unwrap_or(start)));
        let earlier = (1..).map(|back| start - back).filter(|number| is_working(*number));
        let earlier = earlier.take(usize::try_from(count).expect("small")).last();
        prop_assert_eq!(add_working_days(start, -count, &weekend_and_holiday), Some(earlier.unwrap_or(start)));
    }
}

#[test]
fn holidays_and_weekends_are_passed_over_once() {
    let may_day = Holiday::Yearly { month: 5, day: 1 };
    let once = Holiday::Once("2021-05-04".parse().expect("a date"));
    let calendar = calendar(&[6, 7], vec![may_day, once]);
    for (start, count, end) in [
        ("2021-04-30", 0, "2021-04-30"), // A Friday: nothing to count.
        ("2021-05-01", 0, "2021-05-01"), // Not a working day, and it stays so.
        ("2021-04-30", 1, "2021-05-03"), // The holiday falls on the Saturday: no day more is lost.
        ("2021-04-30", 2, "2021-05-05"), // The 4th is a holiday of that year only.
        ("2022-05-03", 1, "2022-05-04"),
        ("2020-04-30", 1, "2020-05-04"), // The holiday is a Friday, then a weekend.
        ("2021-05-05", -1, "2021-05-03"),
        ("2021-05-02", -1, "2021-04-30"),
    ] {
        assert_eq!(add_working_days(day(start), count, &calendar), Some(day(end)), "{start} {count}");
    }
    let leap = Calendar { holidays: vec![Holiday::Yearly { month: 2, day: 29 }], ..calendar };
    assert_eq!(add_working_days(day("2024-02-28"), 1, &leap), Some(day("2024-03-01")));
    assert_eq!(add_working_days(day("2023-02-28"), 1, &leap), Some(day("2023-03-01")));
}

#[test]
fn a_shift_takes_months_first_and_checks_each_step() {
    let by = Duration { months: 1, days: 1, working_days: 0, seconds: 0 };
    assert_eq!(shift_day(day("2021-01-31"), by, 1, None), Some(day("2021-03-01")));
    assert_eq!(shift_day(day("2021-03-31"), by, -1, None), Some(day("2021-02-27")));
    let back = Duration { days: -60, ..by };
    assert_eq!(shift_day(day("9999-12-15"), back, 1, None), None);
    assert_eq!(shift_day(0, Duration { days: i64::MIN, ..by }, -1, None), None);
    let working = Duration { months: 0, days: 1, working_days: 1, seconds: 0 };
    // Friday, a Saturday, then the Monday.
    assert_eq!(shift_day(day("2021-04-30"), working, 1, Some(&calendar(&[6, 7], vec![]))), Some(day("2021-05-03")));
}
