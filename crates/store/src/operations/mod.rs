//! What is done with a workspace as a whole: copies of it, its content in open formats, and removing bytes for good.
//!
//! Each of them writes a complete new truth file under a name that nothing looks at, makes it durable, reads all of it back, and only then
//! gives it its name: a crash leaves the old state or the new one.

pub(crate) mod truth_file;
mod backup;
pub(crate) mod tombstone;
mod export;
mod erase;

pub use backup::BackupReport;
pub use erase::{EraseRequest, EraseTarget, Erasure, ErasureExtent};
pub use export::ExportReport;

/// How far a long operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, such as "copying".
    pub step: &'static str,
    /// How many entries of the truth are done in this step.
    pub done: u64,
    /// How many there are.
    pub total: u64,
}

/// Is told how far a long operation is, every few thousand entries.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress);

/// Counts entries, and tells of every few thousand.
pub(crate) struct Counter<'a> {
    step: &'static str,
    done: u64,
    total: u64,
    on_progress: OnProgress<'a>,
}

/// How many entries go by unsaid.
const REPORT_INTERVAL: u64 = 4096;

impl<'a> Counter<'a> {
    pub(crate) fn new(step: &'static str, total: u64, on_progress: OnProgress<'a>) -> Self {
        on_progress(Progress { step, done: 0, total });
        Self { step, done: 0, total, on_progress }
    }

    pub(crate) fn add_one(&mut self) {
        self.done += 1;
        if self.done.is_multiple_of(REPORT_INTERVAL) || self.done == self.total {
            (self.on_progress)(Progress { step: self.step, done: self.done, total: self.total });
        }
    }
}
