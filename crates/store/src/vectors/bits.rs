//! A bit for each row of a file.

/// Rows of a file, a bit each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowBits {
    words: Vec<u64>,
    count: usize,
}

impl RowBits {
    /// Those of `row_count` rows of which `is_in` says so.
    pub fn of(row_count: usize, is_in: impl Fn(usize) -> bool) -> Self {
        let mut words = vec![0_u64; row_count.div_ceil(64)];
        for row in (0..row_count).filter(|row| is_in(*row)) {
            words[row / 64] |= 1 << (row % 64);
        }
        Self::from_words(words)
    }

    pub(super) fn from_words(words: Vec<u64>) -> Self {
        let count = words.iter().map(|word| word.count_ones() as usize).sum();
        Self { words, count }
    }

    /// How many rows are in it.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether a row is in it.
    #[inline(always)]
    pub fn contains(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// The rows in it, in order.
    pub fn rows(&self) -> impl Iterator<Item = usize> {
        self.rows_of(0, self.words.len())
    }

    /// The rows in it of `word_count` times 64 from the word `start` on, in order.
    pub(super) fn rows_of(&self, start: usize, word_count: usize) -> impl Iterator<Item = usize> {
        let words = self.words.iter().enumerate().skip(start).take(word_count);
        words.flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                (rest != 0).then(|| {
                    rest &= rest - 1;
                    at * 64 + bit
                })
            })
        })
    }

    /// Those that are in `other` too.
    pub fn and(&self, other: &Self) -> Self {
        Self::from_words(self.words.iter().zip(&other.words).map(|(own, other)| own & other).collect())
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, row: usize) {
        self.count -= usize::from(self.contains(row));
        self.words[row / 64] &= !(1 << (row % 64));
    }

    /// Puts a row in.
    pub(super) fn insert(&mut self, row: usize) {
        self.count += usize::from(!self.contains(row));
        self.words[row / 64] |= 1 << (row % 64);
    }
}
