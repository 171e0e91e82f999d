//! The words of one text column of one file: for each term the rows that have it and how often, and how long each row is.
//!
//! Numbers are little-endian. Eight bytes that name the format; rows and terms, how many of each (u32); the words of each row (u32); for each term, in
//! order, where its bytes end (u32) and where its rows end (u64); the terms' bytes; for each row of a term how far it is from the row
//! before (from −1 for the first) and how often it has the term, both as LEB128.

use std::collections::HashMap;

use bytes::Bytes;

use crate::text::analyse::Language;
use crate::text::words::for_each_word;

/// How such a file begins.
const MAGIC: &[u8; 8] = b"GRWORDS1";
const HEADER_BYTES: usize = 16;

/// Collects the words of rows, one row after the other.
pub(crate) struct WordsBuilder {
    language: Language,
    lengths: Vec<u32>,
    places: HashMap<Box<str>, usize>,
    postings: Vec<Posting>,
}

/// The rows of one term so far.
#[derive(Default)]
struct Posting {
    bytes: Vec<u8>,
    /// The last row that has it, plus one; how often it has it is not in `bytes` yet.
    last_row: u32,
    frequency: u32,
    /// The row before, plus one.
    row_before: u32,
}

impl WordsBuilder {
    pub(crate) fn new(language: &str) -> Self {
        Self { language: Language::of(language), lengths: Vec::new(), places: HashMap::new(), postings: Vec::new() }
    }

    /// Adds the next row; an absent text has no words.
    pub(crate) fn add(&mut self, text: Option<&str>) {
        let row = u32::try_from(self.lengths.len()).unwrap_or(u32::MAX);
        let mut length = 0;
        for_each_word(text.unwrap_or_default(), |word| {
            let Some(term) = self.language.term(&word) else { return };
            length += 1;
            let place = match self.places.get(term.as_ref()) {
                Some(place) => *place,
                None => {
                    self.postings.push(Posting::default());
                    self.places.insert(term.as_ref().into(), self.postings.len() - 1);
                    self.postings.len() - 1
                }
            };
            self.postings[place].count(row);
        });
        self.lengths.push(length);
    }

    /// Everything as bytes.
    pub(crate) fn finish(self) -> Vec<u8> {
        let Self { lengths, places, mut postings, .. } = self;
        let mut terms: Vec<(Box<str>, usize)> = places.into_iter().collect();
        terms.sort_unstable();
        let mut bytes = MAGIC.to_vec();
        push_u32(&mut bytes, lengths.len());
        push_u32(&mut bytes, terms.len());
        lengths.iter().for_each(|length| bytes.extend(length.to_le_bytes()));
        let (mut term_end, mut row_end) = (0, 0_u64);
        for (term, place) in &terms {
            postings[*place].end_row();
            term_end += term.len();
            row_end += postings[*place].bytes.len() as u64;
            push_u32(&mut bytes, term_end);
            bytes.extend(row_end.to_le_bytes());
        }
        terms.iter().for_each(|(term, _)| bytes.extend(term.as_bytes()));
        terms.iter().for_each(|(_, place)| bytes.extend(&postings[*place].bytes));
        bytes
    }
}

impl Posting {
    fn count(&mut self, row: u32) {
        if self.last_row != row + 1 {
            self.end_row();
            self.last_row = row + 1;
        }
        self.frequency += 1;
    }

    fn end_row(&mut self) {
        if self.frequency > 0 {
            push_number(&mut self.bytes, self.last_row - self.row_before);
            push_number(&mut self.bytes, self.frequency);
            (self.row_before, self.frequency) = (self.last_row, 0);
        }
    }
}

fn push_u32(bytes: &mut Vec<u8>, number: usize) {
    // A file of column data has fewer rows, and less text, than 32 bits count.
    bytes.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

fn push_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// What a [`WordsBuilder`] wrote.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    bytes: Bytes,
    row_count: usize,
    term_count: usize,
}

/// Bytes of what is known of a term: where it ends, and where its rows do.
const TERM_BYTES: usize = 12;

impl Words {
    /// `None` where the bytes are something else.
    pub(crate) fn open(bytes: Bytes) -> Option<Self> {
        if bytes.get(..MAGIC.len())? != MAGIC {
            return None;
        }
        let row_count = u32_at(&bytes, 8)? as usize;
        let term_count = u32_at(&bytes, 12)? as usize;
        let words = Self { bytes, row_count, term_count };
        let (term_end, row_end) = words.ends(term_count)?;
        (words.texts() + term_end + row_end == words.bytes.len()).then_some(words)
    }

    /// How many rows it has.
    pub(crate) fn row_count(&self) -> usize {
        self.row_count
    }

    /// How many words each row has.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = u32> {
        let (lengths, _) = self.bytes[HEADER_BYTES..HEADER_BYTES + 4 * self.row_count].as_chunks::<4>();
        lengths.iter().map(|length| u32::from_le_bytes(*length))
    }

    /// Hands the rows that have `term` to `visit`, in order, each with how often it has it. `None` where the bytes make no sense.
    pub(crate) fn visit(&self, term: &str, mut visit: impl FnMut(u32, u32)) -> Option<()> {
        let Some(place) = self.find(term)? else { return Some(()) };
        let texts = self.texts() + self.ends(self.term_count)?.0;
        let (start, end) = (self.ends(place)?.1, self.ends(place + 1)?.1);
        let mut rows = self.bytes.get(texts + start..texts + end)?;
        let mut row = 0_u32;
        while !rows.is_empty() {
            row = row.checked_add(take_number(&mut rows)?)?;
            let frequency = take_number(&mut rows)?;
            if row == 0 || row as usize > self.row_count {
                return None;
            }
            visit(row - 1, frequency);
        }
        Some(())
    }

    fn find(&self, term: &str) -> Option<Option<usize>> {
        let (mut from, mut to) = (0, self.term_count);
        while from < to {
            let middle = from.midpoint(to);
            let (start, end) = (self.ends(middle)?.0, self.ends(middle + 1)?.0);
            let own = self.bytes.get(self.texts() + start..self.texts() + end)?;
            match own.cmp(term.as_bytes()) {
                std::cmp::Ordering::Equal => return Some(Some(middle)),
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        Some(None)
    }

    /// Where the bytes, and the rows, of the first `count` terms end.
    fn ends(&self, count: usize) -> Option<(usize, usize)> {
        let Some(last) = count.checked_sub(1) else { return Some((0, 0)) };
        let at = HEADER_BYTES + 4 * self.row_count + TERM_BYTES * last;
        let row_end = self.bytes.get(at + 4..at + TERM_BYTES)?.try_into().ok()?;
        Some((u32_at(&self.bytes, at)? as usize, usize::try_from(u64::from_le_bytes(row_end)).ok()?))
    }

    /// Where the bytes of the terms begin.
    fn texts(&self) -> usize {
        HEADER_BYTES + 4 * self.row_count + TERM_BYTES * self.term_count
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn take_number(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u32;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(texts: &[Option<&str>]) -> Vec<u8> {
        let mut builder = WordsBuilder::new("en");
        texts.iter().for_each(|text| builder.add(*text));
        builder.finish()
    }

    fn rows(words: &Words, term: &str) -> Vec<(u32, u32)> {
        let mut rows = Vec::new();
        words.visit(term, |row, frequency| rows.push((row, frequency))).expect("sense");
        rows
    }

    #[test]
    fn terms_lead_to_their_rows() {
        let words = words(&[Some("late notices, late"), None, Some("A notice of the notices"), Some("")]);
        let words = Words::open(Bytes::from(words)).expect("words");
        assert_eq!(words.lengths().collect::<Vec<_>>(), [3, 0, 2, 0]);
        assert_eq!(rows(&words, "late"), [(0, 2)]);
        assert_eq!(rows(&words, "notic"), [(0, 1), (2, 2)]);
        assert_eq!(rows(&words, "zebra"), []);
    }

    #[test]
    fn what_is_cut_is_refused_and_what_is_damaged_does_not_panic() {
        let good = words(&[Some("one two three"), Some("two three four")]);
        for end in 0..good.len() {
            assert!(Words::open(Bytes::copy_from_slice(&good[..end])).is_none(), "{end}");
        }
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x55;
            if let Some(words) = Words::open(Bytes::from(bad)) {
                let _ = words.visit("two", |_, _| {});
            }
        }
    }
}
