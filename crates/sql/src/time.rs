//! Which part of the two time axes is read.

use std::fmt;

use grounds_core::{Snapshot, Validity};
use jiff::civil::Date;

/// Which valid days a read is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValidTime {
    /// What holds on one day.
    AsOf(Date),
    /// What holds on any day from `from` to before `to`; without `to`, on any later day.
    Overlapping {
        /// The first day.
        from: Date,
        /// The first day no longer included.
        to: Option<Date>,
    },
    /// Everything, whenever it holds.
    All,
}

impl ValidTime {
    /// Whether a row that holds during `validity` is read.
    pub fn includes(self, validity: Validity) -> bool {
        match self {
            ValidTime::AsOf(date) => validity.contains(date),
            ValidTime::Overlapping { from, to } => validity.overlaps(Validity { from, to }),
            ValidTime::All => true,
        }
    }
}

impl fmt::Display for ValidTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValidTime::AsOf(date) => write!(f, "{date}"),
            ValidTime::Overlapping { from, to: Some(to) } => write!(f, "{from} to {to}"),
            ValidTime::Overlapping { from, to: None } => write!(f, "{from} on"),
            ValidTime::All => f.write_str("all"),
        }
    }
}

/// Which knowledge a read is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SystemTime {
    /// What is known at one snapshot.
    AsOf(Snapshot),
    /// What was known at any snapshot from `from` to before `to`, as known at `latest`.
    Overlapping {
        /// The first snapshot.
        from: Snapshot,
        /// The first snapshot no longer included; `None` for none.
        to: Option<Snapshot>,
        /// The snapshot from which history is seen.
        latest: Snapshot,
    },
    /// Everything ever known up to a snapshot.
    All(Snapshot),
}

impl SystemTime {
    /// Whether a row known from `from` and until `to` is read.
    pub fn includes(self, known_from: Snapshot, known_to: Option<Snapshot>) -> bool {
        match self {
            SystemTime::AsOf(snapshot) => known_from <= snapshot && known_to.is_none_or(|to| snapshot < to),
            SystemTime::Overlapping { from, to, latest } => {
                known_from <= latest
                    && to.is_none_or(|to| known_from < to)
                    && known_to.is_none_or(|known_to| from < known_to)
            }
            SystemTime::All(latest) => known_from <= latest,
        }
    }

    /// The snapshot whose reader answers.
    pub fn snapshot(self) -> Snapshot {
        match self {
            SystemTime::AsOf(snapshot) | SystemTime::All(snapshot) => snapshot,
            SystemTime::Overlapping { latest, .. } => latest,
        }
    }
}

impl fmt::Display for SystemTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SystemTime::AsOf(snapshot) => write!(f, "{snapshot}"),
            SystemTime::Overlapping { from, to: Some(to), .. } => write!(f, "{from} to {to}"),
            SystemTime::Overlapping { from, to: None, .. } => write!(f, "{from} on"),
            SystemTime::All(_) => f.write_str("all"),
        }
    }
}

/// A rectangle on the two axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeSelection {
    /// On the first axis.
    pub valid: ValidTime,
    /// On the second.
    pub system: SystemTime,
}
