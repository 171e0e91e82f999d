//! When the rows of a file hold and are known, as far as one can tell without reading them.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::{max, min};
use arrow::datatypes::{ArrowPrimitiveType, Date32Type, Int64Type};
use grounds_core::{Snapshot, days_of};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::columns::schema::{SYSTEM_FROM, SYSTEM_TO, VALID_FROM, VALID_TO};

/// How many of a file's rows meet a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// None of them.
    Nothing,
    /// One has to look.
    Unknown,
    /// All of them.
    Everything,
}

/// The least and greatest value of a column, and whether it is absent in some row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// `None` where every row lacks a value.
    pub range: Option<(i64, i64)>,
    /// Whether some row lacks a value.
    pub has_absent: bool,
}

impl Bounds {
    fn add(&mut self, other: Bounds) {
        self.has_absent |= other.has_absent;
        self.range = match (self.range, other.range) {
            (Some((least, greatest)), Some((from, to))) => Some((least.min(from), greatest.max(to))),
            (own, other) => own.or(other),
        };
    }

    /// Whether the value is at most `end`, where an absent one is less than every other.
    fn starts_by(&self, end: i64) -> Share {
        match self.range {
            None => Share::Everything,
            Some((_, greatest)) if greatest <= end => Share::Everything,
            Some((least, _)) if least > end && !self.has_absent => Share::Nothing,
            Some(_) => Share::Unknown,
        }
    }

    /// Whether the value is greater than `start`, where an absent one is greater than every other.
    fn ends_after(&self, start: i64) -> Share {
        match self.range {
            None => Share::Everything,
            Some((least, _)) if least > start => Share::Everything,
            Some((_, greatest)) if greatest <= start && !self.has_absent => Share::Nothing,
            Some(_) => Share::Unknown,
        }
    }
}

/// The four time columns of a file. Dates are days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeBounds {
    /// From when rows hold; absent: always.
    pub valid_from: Bounds,
    /// Until when; absent: until further notice.
    pub valid_to: Bounds,
    /// Which snapshots wrote them.
    pub system_from: Bounds,
    /// Which closed them; absent: still known when the file was written.
    pub system_to: Bounds,
}

impl TimeBounds {
    /// Takes in the rows of a batch of a file's schema.
    pub(crate) fn add(&mut self, batch: &RecordBatch) {
        self.valid_from.add(bounds::<Date32Type>(batch, VALID_FROM));
        self.valid_to.add(bounds::<Date32Type>(batch, VALID_TO));
        self.system_from.add(bounds::<Int64Type>(batch, SYSTEM_FROM));
        self.system_to.add(bounds::<Int64Type>(batch, SYSTEM_TO));
    }

    /// How many rows hold on `date`.
    pub fn valid_on(&self, date: Date) -> Share {
        let day = i64::from(days_of(date));
        both(self.valid_from.starts_by(day), self.valid_to.ends_after(day))
    }

    /// How many rows hold on some day from `from` to before `to`.
    pub fn valid_during(&self, from: Date, to: Option<Date>) -> Share {
        let starts = to.map_or(Share::Everything, |to| self.valid_from.starts_by(i64::from(days_of(to)) - 1));
        both(starts, self.valid_to.ends_after(i64::from(days_of(from))))
    }

    /// How many rows were known at `snapshot`, as far as the file says.
    pub fn known_at(&self, snapshot: Snapshot) -> Share {
        let snapshot = i64::try_from(snapshot.0).unwrap_or(i64::MAX);
        both(self.system_from.starts_by(snapshot), self.system_to.ends_after(snapshot))
    }
}

fn both(a: Share, b: Share) -> Share {
    match (a, b) {
        (Share::Nothing, _) | (_, Share::Nothing) => Share::Nothing,
        (Share::Everything, Share::Everything) => Share::Everything,
        _ => Share::Unknown,
    }
}

fn bounds<T: ArrowPrimitiveType>(batch: &RecordBatch, column: &str) -> Bounds
where
    T::Native: Into<i64>,
{
    let Some(array) = batch.column_by_name(column).and_then(|column| column.as_primitive_opt::<T>()) else {
        return Bounds { range: Some((i64::MIN, i64::MAX)), has_absent: true };
    };
    let range = min(array).zip(max(array)).map(|(least, greatest)| (least.into(), greatest.into()));
    Bounds { range, has_absent: array.null_count() > 0 }
}

#[cfg(test)]
mod tests {
    use super::Share::{Everything, Nothing, Unknown};
    use super::*;

    #[test]
    fn bounds_prove_what_they_can() {
        let day = |day: i8| Date::constant(2020, 1, day);
        let number = |day: i8| i64::from(days_of(Date::constant(2020, 1, day)));
        let always = TimeBounds {
            valid_from: Bounds { range: None, has_absent: true },
            valid_to: Bounds { range: None, has_absent: true },
            system_from: Bounds { range: Some((3, 5)), has_absent: false },
            system_to: Bounds { range: None, has_absent: true },
        };
        assert_eq!(always.valid_on(day(1)), Everything);
        let known = |snapshot| always.known_at(Snapshot(snapshot));
        assert_eq!((known(2), known(3), known(5)), (Nothing, Unknown, Everything));
        let some = TimeBounds {
            valid_from: Bounds { range: Some((number(5), number(9))), has_absent: false },
            valid_to: Bounds { range: Some((number(12), number(20))), has_absent: false },
            ..always
        };
        let shares = [4, 5, 9, 12, 19, 20].map(|date| some.valid_on(day(date)));
        assert_eq!(shares, [Nothing, Unknown, Everything, Unknown, Unknown, Nothing]);
        assert_eq!(some.valid_during(day(1), Some(day(5))), Nothing);
        assert_eq!(some.valid_during(day(1), Some(day(10))), Everything);
        assert_eq!(some.valid_during(day(20), None), Nothing);
    }
}
