//! A rectangle on the two time axes, in memory.

use grounds_core::Snapshot;
use jiff::civil::Date;

use crate::encoding::RowHead;

/// A rectangle on the two time axes. Both ends are half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) from: Date,
    /// `None`: until further notice.
    pub(crate) to: Option<Date>,
    pub(crate) known_from: u64,
    /// `u64::MAX`: still known.
    pub(crate) known_to: u64,
}

impl Extent {
    /// Where a row holds.
    pub(crate) fn of(head: &RowHead) -> Self {
        Self {
            from: head.validity.from,
            to: head.validity.to,
            known_from: head.known_from.0,
            known_to: head.known_to.map_or(u64::MAX, |snapshot| snapshot.0),
        }
    }

    /// The points with this date (any where `None`) and this snapshot.
    pub(crate) fn window(as_of: Option<Date>, known_at: Snapshot) -> Self {
        let (from, to) = match as_of {
            // The last date there is has no next one.
            Some(date) => (date, date.tomorrow().ok()),
            None => (Date::MIN, None),
        };
        Self { from, to, known_from: known_at.0, known_to: known_at.0.saturating_add(1) }
    }

    /// Every date, and every snapshot up to this one.
    pub(crate) fn up_to(known_at: Snapshot) -> Self {
        Self { from: Date::MIN, to: None, known_from: 0, known_to: known_at.0.saturating_add(1) }
    }

    /// Whether the rectangle holds this point.
    pub(crate) fn holds(&self, as_of: Date, known_at: Snapshot) -> bool {
        self.is_known_at(known_at) && self.from <= as_of && self.to.is_none_or(|to| as_of < to)
    }

    /// Whether a reader at this snapshot knows it.
    pub(crate) fn is_known_at(&self, known_at: Snapshot) -> bool {
        self.known_from <= known_at.0 && known_at.0 < self.known_to
    }

    /// Whether it begins at or before `snapshot`.
    pub(crate) fn is_known_by(&self, snapshot: Snapshot) -> bool {
        self.known_from <= snapshot.0
    }

    /// The rectangle both have, where they share a point.
    pub(crate) fn intersection(&self, other: &Extent) -> Option<Extent> {
        let to = match (self.to, other.to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let both = Extent {
            from: self.from.max(other.from),
            to,
            known_from: self.known_from.max(other.known_from),
            known_to: self.known_to.min(other.known_to),
        };
        (both.known_from < both.known_to && both.to.is_none_or(|to| both.from < to)).then_some(both)
    }
}
