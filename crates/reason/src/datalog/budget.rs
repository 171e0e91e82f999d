//! What an evaluation may use, and the meter that watches it.

/// What an evaluation may use. What is exceeded stops it with an error that says so; nothing is concluded then.
pub struct Budget<'c> {
    /// The most rows that may be derived, over all relations; never more than 2^31.
    pub fact_count_max: usize,
    /// The most bytes that rows and indexes may take, facts included. What one round adds to the indexes is seen after the round.
    pub memory_bytes_max: usize,
    /// Asked every few thousand steps; `true` stops the evaluation. This is where the caller limits time.
    pub is_stopped: &'c mut dyn FnMut() -> bool,
}

/// Why an evaluation halts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    Overflow,
    /// A part of a sum that only grows.
    Negative(i128),
    Facts,
    Memory,
    Stopped,
}

/// Where an evaluation halted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halted {
    pub(crate) halt: Halt,
    /// What was being derived.
    pub(crate) relation: usize,
    /// By which rule, if by one.
    pub(crate) rule: Option<u32>,
}

/// Counts against a budget.
pub(crate) struct Meter<'m, 'c> {
    budget: &'m mut Budget<'c>,
    /// Rows derived so far, in this evaluation and before it.
    fact_count: usize,
    /// Of all relations, but not of the rows of this round.
    bytes: usize,
    /// Until the next look.
    step_count: u32,
}

/// Rows are numbered by 32 bits; facts and derived rows of one relation may both be so many.
pub(crate) const ROW_COUNT_MAX: usize = (1 << 31) - 1;
/// Steps between two looks at memory and the caller.
const STEP_COUNT: u32 = 1 << 14;

impl<'m, 'c> Meter<'m, 'c> {
    pub(crate) fn new(budget: &'m mut Budget<'c>, fact_count: usize, bytes: usize) -> Self {
        Self { budget, fact_count, bytes, step_count: STEP_COUNT }
    }

    /// Counts one step of a loop; `fresh_bytes` is what this round has derived so far.
    #[inline]
    pub(crate) fn step(&mut self, fresh_bytes: impl FnOnce() -> usize) -> Result<(), Halt> {
        self.step_count -= 1;
        if self.step_count == 0 {
            self.step_count = STEP_COUNT;
            return self.look(fresh_bytes());
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn derived(&mut self) -> Result<(), Halt> {
        self.fact_count += 1;
        if self.fact_count > self.budget.fact_count_max.min(ROW_COUNT_MAX) { Err(Halt::Facts) } else { Ok(()) }
    }

    /// Notes that rows that were derived are no longer there.
    pub(crate) fn undone(&mut self, count: usize) {
        self.fact_count = self.fact_count.saturating_sub(count);
    }

    /// The most facts, and the most bytes.
    pub(crate) fn limits(&self) -> (usize, usize) {
        (self.budget.fact_count_max, self.budget.memory_bytes_max)
    }

    /// Notes how much memory some relations took before, and take now.
    pub(crate) fn resized(&mut self, before: usize, after: usize) -> Result<(), Halt> {
        self.bytes = (self.bytes + after).saturating_sub(before);
        self.look(0)
    }

    fn look(&mut self, fresh_bytes: usize) -> Result<(), Halt> {
        if self.bytes + fresh_bytes > self.budget.memory_bytes_max {
            return Err(Halt::Memory);
        }
        if (self.budget.is_stopped)() { Err(Halt::Stopped) } else { Ok(()) }
    }
}
