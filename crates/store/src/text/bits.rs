//! A set of positions, one bit each: read in order however it was filled.

/// A set of numbers below a count fixed when it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// The empty set of numbers below `count`.
    pub(crate) fn none(count: usize) -> Self {
        Self { words: vec![0; count.div_ceil(64)] }
    }

    /// Adds a number.
    pub(crate) fn insert(&mut self, number: usize) {
        self.words[number / 64] |= 1 << (number % 64);
    }

    /// Whether the number is there.
    pub(crate) fn contains(&self, number: usize) -> bool {
        self.words[number / 64] & (1 << (number % 64)) != 0
    }

    /// Adds every number of a set of the same count.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    /// Removes every number.
    pub(crate) fn clear(&mut self) {
        self.words.fill(0);
    }

    /// How many numbers there are.
    pub(crate) fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// How many numbers there are in this set, in another, or in both.
    pub(crate) fn count_with(&self, other: &Self) -> u64 {
        self.words.iter().zip(&other.words).map(|(word, other)| u64::from((word | other).count_ones())).sum()
    }

    /// Its numbers, in order.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(at, word)| Ones { word: *word, first: at * 64 })
    }

    /// Adds, of each number of `others`, the one before where that number is not in `starts`, and the one after where the one after is not.
    pub(crate) fn extend_with_neighbours(&mut self, others: &Self, starts: &Self) {
        let word = |set: &Self, at: Option<usize>| at.and_then(|at| set.words.get(at)).copied().unwrap_or_default();
        for at in 0..self.words.len() {
            let (own, own_starts) = (others.words[at], starts.words[at]);
            let after = own << 1 | word(others, at.checked_sub(1)) >> 63;
            let next = word(others, Some(at + 1)) & !word(starts, Some(at + 1));
            let before = (own & !own_starts) >> 1 | next << 63;
            self.words[at] |= after & !own_starts | before;
        }
    }

    /// Removes what is not below `count`.
    pub(crate) fn truncate(&mut self, count: usize) {
        if !count.is_multiple_of(64)
            && let Some(last) = self.words.get_mut(count / 64)
        {
            *last &= (1 << (count % 64)) - 1;
        }
    }
}

/// The numbers of one word.
struct Ones {
    word: u64,
    first: usize,
}

impl Iterator for Ones {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.word == 0 {
            return None;
        }
        let bit = self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        Some(self.first + bit)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn bits(numbers: &BTreeSet<usize>, count: usize) -> Bits {
        let mut bits = Bits::none(count);
        numbers.iter().for_each(|number| bits.insert(*number));
        bits
    }

    proptest! {
        #[test]
        fn sets_of_bits_are_sets(
            a in prop::collection::btree_set(0_usize..200, 0..200),
            b in prop::collection::btree_set(0_usize..200, 0..200),
            starts in prop::collection::btree_set(0_usize..200, 0..200),
        ) {
            let (bits_a, bits_b, bits_starts) = (bits(&a, 200), bits(&b, 200), bits(&starts, 200));
            prop_assert_eq!(bits_a.numbers().collect::<BTreeSet<_>>(), a.clone());
            prop_assert_eq!(bits_a.count_with(&bits_b), a.union(&b).count() as u64);
            let mut both = bits_a.clone();
            both.extend(&bits_b);
            prop_assert_eq!(both, bits(&a.union(&b).copied().collect(), 200));
            let mut around = bits_a.clone();
            around.extend_with_neighbours(&bits_b, &bits_starts);
            around.truncate(200);
            let is_around = |number: &usize| {
                a.contains(number)
                    || (number.checked_sub(1).is_some_and(|before| b.contains(&before)) && !starts.contains(number))
                    || (b.contains(&(number + 1)) && !starts.contains(&(number + 1)))
            };
            prop_assert_eq!(around.numbers().collect::<Vec<_>>(), (0..200).filter(is_around).collect::<Vec<_>>());
            prop_assert!((0..200).all(|number| bits_a.contains(number) == a.contains(&number)));
        }
    }
}
