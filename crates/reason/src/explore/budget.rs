//! How many cases an exploration may still try.

use crate::explore::ExploreSettings;

/// Counts cases down, and asks the caller before each whether to go on.
pub(super) struct Budget<'s> {
    left: usize,
    spent: usize,
    /// Whether the caller ended it.
    ended: bool,
    go_on: &'s dyn Fn() -> bool,
}

impl<'s> Budget<'s> {
    pub(super) fn new(settings: ExploreSettings<'s>) -> Self {
        Self { left: settings.case_count_max, spent: 0, ended: false, go_on: settings.go_on }
    }

    /// Takes one case from the budget, where there is one.
    pub(super) fn take(&mut self) -> bool {
        self.ended = self.ended || !(self.go_on)();
        let may = self.left > 0 && !self.ended;
        if may {
            self.left -= 1;
            self.spent += 1;
        }
        may
    }

    /// An equal part of what is left, for the next of `count` tasks.
    pub(super) fn share(&self, count: usize) -> Self {
        Self { left: self.left / count.max(1), spent: 0, ended: self.ended, go_on: self.go_on }
    }

    /// As much as it takes, at most `count`, whatever is left: what was found is made presentable at any rate.
    pub(super) fn beyond(&self, count: usize) -> Self {
        Self { left: count, spent: 0, ended: self.ended, go_on: self.go_on }
    }

    /// Counts what a task has spent.
    pub(super) fn settle(&mut self, task: &Self) {
        self.left = self.left.saturating_sub(task.spent);
        self.spent += task.spent;
        self.ended |= task.ended;
    }

    /// How many cases were tried.
    pub(super) fn spent(&self) -> usize {
        self.spent
    }

    /// Whether the caller ended it.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }
}
