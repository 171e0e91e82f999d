//! Byte ranges into canonical text.

use serde::{Deserialize, Serialize};

/// A half-open byte range `[start, end)` in the canonical text of one version.
///
/// Offsets are UTF-8 bytes, always on character boundaries, at most `u32::MAX` (a version's text is below 4 GiB).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Makes the span `[start, end)`.
    ///
    /// # Panics
    /// When `start > end`: a caller's bug.
    pub fn new(start: usize, end: usize) -> Self {
        assert!(start <= end, "a span ends before it starts");
        let narrow = |offset: usize| u32::try_from(offset).expect("canonical texts are below 4 GiB");
        Self { start: narrow(start), end: narrow(end) }
    }

    /// The number of bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies inside this span.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The bytes of `text` in this span, or `None` where the span is outside the text or splits a character.
    pub fn of(self, text: &str) -> Option<&str> {
        text.get(self.start as usize..self.end as usize)
    }
}
