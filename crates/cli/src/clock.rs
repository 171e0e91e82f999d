//! The machine's clock, read here only.

use std::time::{SystemTime, UNIX_EPOCH};

use grounds_core::Instant;
use jiff::civil::Date;

/// Now, in UTC.
pub(crate) fn now() -> Instant {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    Instant { unix_seconds: i64::try_from(seconds).unwrap_or(i64::MAX), offset_minutes: 0 }
}

/// Today in UTC: the machine's time zone changes no answer.
pub(crate) fn today() -> Date {
    now().civil().map_or(Date::MIN, |now| now.date())
}
