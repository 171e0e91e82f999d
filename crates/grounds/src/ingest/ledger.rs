//! The account of every source character.

use std::ops::Range;

use super::report::Dropped;

const UNSEEN: u8 = 0;
const USED: u8 = 1;
const STRUCTURAL: u8 = 2;
const FIRST_REASON: u8 = 3;
/// Stands in a report only if a parser forgot part of its source; the tests look for it.
pub(crate) const NOT_RECOGNISED: &str = "not recognised";
const EXAMPLE_CHARACTERS_MAX: usize = 60;

/// One mark for each byte of the source, set while the source is read. The last mark wins.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    marks: Vec<u8>,
    reasons: Vec<&'static str>,
}

/// The sums of a [`Ledger`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    pub(crate) character_count: usize,
    pub(crate) used: usize,
    pub(crate) structural: usize,
    pub(crate) dropped: Vec<Dropped>,
}

impl Ledger {
    pub(crate) fn new(source: &str) -> Self {
        Self { marks: vec![UNSEEN; source.len()], reasons: Vec::new() }
    }

    /// These characters appear in the canonical text.
    pub(crate) fn used(&mut self, range: Range<usize>) {
        self.mark(range, USED);
    }

    /// These characters are markup or layout.
    pub(crate) fn structural(&mut self, range: Range<usize>) {
        self.mark(range, STRUCTURAL);
    }

    /// These characters are left out, and `reason` says why. There are a handful of reasons.
    pub(crate) fn dropped(&mut self, range: Range<usize>, reason: &'static str) {
        let index = self.reasons.iter().position(|known| *known == reason).unwrap_or_else(|| {
            self.reasons.push(reason);
            self.reasons.len() - 1
        });
        let mark = u8::try_from(index).expect("parsers have a handful of reasons") + FIRST_REASON;
        self.mark(range, mark);
    }

    fn mark(&mut self, range: Range<usize>, mark: u8) {
        self.marks[range].fill(mark);
    }

    /// Adds up.
    pub(crate) fn settle(&self, source: &str) -> Account {
        let mut account = Account::default();
        let mut counts = vec![0_usize; self.reasons.len() + 1];
        let mut examples = vec![String::new(); self.reasons.len() + 1];
        let mut example_lengths = vec![0_usize; self.reasons.len() + 1];
        for (position, character) in source.char_indices() {
            account.character_count += 1;
            let slot = match self.marks[position] {
                USED => {
                    account.used += 1;
                    continue;
                }
                STRUCTURAL => {
                    account.structural += 1;
                    continue;
                }
                UNSEEN => self.reasons.len(),
                mark => usize::from(mark - FIRST_REASON),
            };
            counts[slot] += 1;
            if example_lengths[slot] < EXAMPLE_CHARACTERS_MAX {
                examples[slot].push(character);
                example_lengths[slot] += 1;
            }
        }
        let reasons = self.reasons.iter().copied().chain([NOT_RECOGNISED]);
        for ((reason, count), example) in reasons.zip(counts).zip(examples) {
            if count > 0 {
                account.dropped.push(Dropped { reason: reason.to_owned(), count, example });
            }
        }
        account
    }
}
