//! Values of the oracle's tables: as SQL writes them, and as results show them.

use std::cmp::Ordering;

/// Days of valid time are counted from here; day 0 stands for "always before" and [`OPEN`] for "until further notice".
const FIRST_DAY: jiff::civil::Date = jiff::civil::Date::constant(2020, 1, 1);

/// The end of a piece that has none.
pub(crate) const OPEN: i32 = i32::MAX;

/// The date of a day after 0.
pub(crate) fn date(day: i32) -> jiff::civil::Date {
    FIRST_DAY.checked_add(jiff::Span::new().days(i64::from(day))).expect("few days")
}

/// A cell of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Text(String),
    /// Hundredths.
    Money(i64),
    Day(i32),
}

impl Value {
    /// As a literal.
    pub(crate) fn sql(&self) -> String {
        match self {
            Value::Null => "NULL".to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Value::Money(hundredths) => shown_money(*hundredths),
            Value::Day(day) => format!("DATE '{}'", date(*day)),
        }
    }

    /// As a result shows it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Value::Null => "NULL".to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => text.clone(),
            Value::Money(hundredths) => shown_money(*hundredths),
            Value::Day(day) => date(*day).to_string(),
        }
    }

    /// Compares as SQL does: with an absent value there is no answer.
    pub(crate) fn compare(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Null, _) | (_, Value::Null) => None,
            _ => Some(self.cmp(other)),
        }
    }
}

fn shown_money(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100)
}

/// A generator of numbers that is the same everywhere (xorshift64*, Vigna 2016).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number from 0 up to `end`, exclusive.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }

    /// Whether something that happens once in `times` happens.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        let at = usize::try_from(self.below(among.len() as u64)).expect("a position");
        &among[at]
    }

    pub(crate) fn integer(&mut self, end: u64) -> i64 {
        i64::try_from(self.below(end)).expect("a small number")
    }

    pub(crate) fn day(&mut self, from: i32, end: i32) -> i32 {
        from + i32::try_from(self.integer(u64::from((end - from).unsigned_abs()))).expect("few days")
    }
}
