//! The two time axes, and instants that carry their own offset.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A position on system time: the number of the last commit that is seen. 0 is the empty workspace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Snapshot(pub u64);

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A position on both axes: what was in force on `as_of`, as known at `known_at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOf {
    /// The valid date.
    pub as_of: Date,
    /// The snapshot.
    pub known_at: Snapshot,
}

/// A half-open interval of civil dates `[from, to)`; `to` absent means "until further notice".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Validity {
    /// The first day.
    pub from: Date,
    /// The first day no longer included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
}

impl Validity {
    /// From `from` until further notice.
    pub fn from(from: Date) -> Self {
        Self { from, to: None }
    }

    /// Always: from the earliest date there is.
    pub fn always() -> Self {
        Self::from(Date::MIN)
    }

    /// Whether `date` is inside.
    pub fn contains(self, date: Date) -> bool {
        self.from <= date && self.to.is_none_or(|to| date < to)
    }

    /// Whether the two intervals share a day.
    pub fn overlaps(self, other: Validity) -> bool {
        self.to.is_none_or(|to| other.from < to) && other.to.is_none_or(|to| self.from < to)
    }
}

impl fmt::Display for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == Date::MIN {
            write!(f, "..")?;
        } else {
            write!(f, "{} ..", self.from)?;
        }
        match self.to {
            Some(to) => write!(f, " {to} (exclusive)"),
            None => Ok(()),
        }
    }
}

/// A moment with the offset it was stated in, to the second.
///
/// Two instants are compared by the moment alone; the offset says on which civil day it falls. No time zone database
/// is consulted: a source that states local time must state its offset.
#[derive(Clone, Copy, Debug)]
pub struct Instant {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub unix_seconds: i64,
    /// Minutes east of UTC, -1,080 to 1,080.
    pub offset_minutes: i16,
}

impl Instant {
    /// The civil date and time shown by a clock at this instant's offset, or `None` outside years -9999 to 9999.
    pub fn civil(self) -> Option<DateTime> {
        let seconds = self.unix_seconds.checked_add(i64::from(self.offset_minutes) * 60)?;
        let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
        epoch.checked_add(jiff::SignedDuration::from_secs(seconds)).ok()
    }

    /// The instant a clock at `offset_minutes` shows as `civil`.
    pub fn from_civil(civil: DateTime, offset_minutes: i16) -> Self {
        let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
        let seconds = civil.duration_since(epoch).as_secs();
        Self { unix_seconds: seconds - i64::from(offset_minutes) * 60, offset_minutes }
    }
}

impl PartialEq for Instant {
    fn eq(&self, other: &Self) -> bool {
        self.unix_seconds == other.unix_seconds
    }
}

impl Eq for Instant {}

impl PartialOrd for Instant {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Instant {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.unix_seconds.cmp(&other.unix_seconds)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(civil) = self.civil() else { return write!(f, "@{}", self.unix_seconds) };
        write!(f, "{}T{:02}:{:02}", civil.date(), civil.hour(), civil.minute())?;
        if civil.second() != 0 {
            write!(f, ":{:02}", civil.second())?;
        }
        if self.offset_minutes == 0 {
            return write!(f, "Z");
        }
        let sign = if self.offset_minutes < 0 { '-' } else { '+' };
        let minutes = self.offset_minutes.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// Why a text is not an instant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InstantError {
    /// The text has no offset, so it names no moment. The author of the text can add one.
    #[error("`{text}` has no offset: write for example {text}+01:00, or {text}Z for UTC")]
    NoOffset {
        /// The text as found.
        text: String,
    },
    /// The text is not `YYYY-MM-DDTHH:MM[:SS]` followed by `Z` or `±HH:MM`.
    #[error("`{text}` is not an instant: write for example 2021-03-01T09:00+01:00")]
    Malformed {
        /// The text as found.
        text: String,
    },
}

impl FromStr for Instant {
    type Err = InstantError;

    /// Reads RFC 3339 (section 5.6), with the seconds optional and without fractions of a second.
    fn from_str(text: &str) -> Result<Self, InstantError> {
        let malformed = || InstantError::Malformed { text: text.to_owned() };
        let Some((date, time)) = text.split_once('T') else { return Err(malformed()) };
        let zone_start = time.find(['Z', '+', '-']).ok_or_else(|| InstantError::NoOffset { text: text.to_owned() })?;
        let (clock, zone) = time.split_at(zone_start);
        let offset_minutes = parse_offset(zone).ok_or_else(malformed)?;
        let date: Date =
            if date.len() == 10 { date.parse().map_err(|_| malformed())? } else { return Err(malformed()) };
        let parts: Vec<&str> = clock.split(':').collect();
        let (hour, minute, second) = match parts.as_slice() {
            [hour, minute] => (two_digits(hour), two_digits(minute), Some(0)),
            [hour, minute, second] => (two_digits(hour), two_digits(minute), two_digits(second)),
            _ => return Err(malformed()),
        };
        let (Some(hour), Some(minute), Some(second)) = (hour, minute, second) else { return Err(malformed()) };
        let time = jiff::civil::Time::new(hour, minute, second, 0).map_err(|_| malformed())?;
        Ok(Self::from_civil(date.to_datetime(time), offset_minutes))
    }
}

fn two_digits(text: &str) -> Option<i8> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn parse_offset(zone: &str) -> Option<i16> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes) = (i16::from(two_digits(hours)?), i16::from(two_digits(minutes)?));
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

impl Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_and_written_alike() {
        for text in ["2021-03-01T09:00+01:00", "2020-02-29T23:59:59Z", "1969-12-31T00:00-05:30"] {
            let instant: Instant = text.parse().expect("well-formed");
            assert_eq!(instant.to_string(), text);
        }
    }

    #[test]
    fn offsets_change_the_day_but_not_the_moment() {
        let here: Instant = "2021-03-01T00:30+01:00".parse().expect("well-formed");
        let there: Instant = "2021-02-28T23:30Z".parse().expect("well-formed");
        assert_eq!(here, there);
        assert_ne!(here.civil().map(DateTime::date), there.civil().map(DateTime::date));
    }

    #[test]
    fn bad_instants_say_what_to_write() {
        let message = |text: &str| text.parse::<Instant>().expect_err("malformed").to_string();
        assert!(message("2021-03-01T09:00").contains("no offset"));
        for text in
            ["2021-03-01", "2021-13-01T09:00Z", "2021-03-01T9:00Z", "2021-03-01T25:00Z", "x", "2021-03-01T09:00+25:00"]
        {
            assert!(message(text).contains("is not an instant"), "{text}");
        }
    }
}
