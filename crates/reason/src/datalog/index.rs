//! An index: for each choice of values in some columns, the other columns of the rows that have them.

use super::hash::{KeyTable, Slot};
use super::rows::{RowNumber, Rows};
use super::value::Code;

/// Rows of a relation by some of its columns, never all. Entries stand in the order of their rows.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    /// The columns of the key, ascending.
    key: Vec<usize>,
    /// The other columns, ascending: what an entry holds.
    rest: Vec<usize>,
    keys: Keys,
    /// Keys of three columns and more, one after the other; the hash alone does not tell those apart.
    long_keys: Vec<Code>,
    postings: Vec<Posting>,
    /// Blocks of entries.
    pool: Vec<Code>,
    /// Rows from here on are not yet in it.
    end: RowNumber,
    /// How often rows were added: tells whether the mark in a posting is of the last time.
    epoch: u32,
}

/// From a key to its posting.
#[derive(Clone, Debug)]
enum Keys {
    Hashed(KeyTable),
    /// One column of small codes: the posting's number plus one, at the place of the code.
    Direct(Vec<u32>),
}

/// The entries of one key: a block of the pool.
#[derive(Clone, Copy, Debug, Default)]
struct Posting {
    start: usize,
    count: u32,
    capacity: u32,
    /// How many entries there were before those of `epoch` came.
    old_count: u32,
    epoch: u32,
}

/// Which rows of a relation a look-up sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All that there are as the round begins.
    All,
    /// Those that were there a round before.
    Old,
}

/// A table by code may have this many times as many places as there are keys.
const SPARSENESS_MAX: usize = 8;

impl Index {
    pub(crate) fn new(width: usize, key: &[usize]) -> Self {
        let rest: Vec<usize> = (0..width).filter(|column| !key.contains(column)).collect();
        Self {
            key: key.to_vec(),
            rest,
            keys: Keys::Hashed(KeyTable::default()),
            long_keys: Vec::new(),
            postings: Vec::new(),
            pool: Vec::new(),
            end: 0,
            epoch: 0,
        }
    }

    pub(crate) fn key(&self) -> &[usize] {
        &self.key
    }

    pub(crate) fn rest(&self) -> &[usize] {
        &self.rest
    }

    /// Rows from here on are not yet in it.
    pub(crate) fn end(&self) -> RowNumber {
        self.end
    }

    pub(crate) fn key_count(&self) -> usize {
        self.postings.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        let keys = match &self.keys {
            Keys::Hashed(table) => table.bytes(),
            Keys::Direct(places) => places.capacity() * size_of::<u32>(),
        };
        keys + (self.long_keys.capacity() + self.pool.capacity()) * size_of::<Code>()
            + self.postings.capacity() * size_of::<Posting>()
    }

    /// Takes in the rows that have come; they are recent until the next call.
    pub(crate) fn extend(&mut self, rows: &Rows) {
        self.epoch += 1;
        if self.end == 0 {
            self.build(rows);
        } else {
            let mut key = Vec::with_capacity(self.key.len());
            for number in self.end..rows.len() {
                let row = rows.row(number);
                key.clear();
                key.extend(self.key.iter().map(|column| row[*column]));
                let posting = self.posting_of(&key);
                self.push(posting, row);
            }
        }
        self.end = rows.len();
    }

    /// From nothing: counts first, so that every block has the length it needs and stands in the order of keys' first rows.
    fn build(&mut self, rows: &Rows) {
        let mut key = Vec::with_capacity(self.key.len());
        let mut posting_of_row = Vec::with_capacity(rows.len() as usize);
        for number in 0..rows.len() {
            let row = rows.row(number);
            key.clear();
            key.extend(self.key.iter().map(|column| row[*column]));
            let posting = self.posting_of(&key);
            self.postings[posting].capacity += 1;
            posting_of_row.push(posting as u32);
        }
        let mut start = 0;
        for posting in &mut self.postings {
            posting.start = start;
            start += posting.capacity as usize * self.rest.len();
        }
        self.pool = vec![0; start];
        for (number, posting) in posting_of_row.into_iter().enumerate() {
            self.push(posting as usize, rows.row(number as RowNumber));
        }
    }

    /// The posting of a key, made where there is none.
    fn posting_of(&mut self, key: &[Code]) -> usize {
        let next = self.postings.len();
        match &mut self.keys {
            Keys::Direct(places) => {
                let place = key[0] as usize;
                if place >= places.len() {
                    if place > (next + 1024) * SPARSENESS_MAX * 2 {
                        self.hash_keys();
                        return self.posting_of(key);
                    }
                    places.resize((place + 1).max(places.len() * 2), 0);
                }
                if places[place] == 0 {
                    places[place] = next as u32 + 1;
                    self.postings.push(Posting::default());
                }
                places[place] as usize - 1
            }
            Keys::Hashed(table) => {
                let (long_keys, length) = (&self.long_keys, key.len());
                let is_at = |number: u32| &long_keys[number as usize * length..(number as usize + 1) * length] == key;
                match table.find_or_insert(key, is_at) {
                    Slot::Found(number) => number as usize,
                    Slot::Inserted(number) => {
                        if length != 2 {
                            self.long_keys.extend_from_slice(key);
                        }
                        self.postings.push(Posting::default());
                        if length == 1 && (number + 1).is_power_of_two() && number >= 7 {
                            self.place_keys();
                        }
                        number as usize
                    }
                }
            }
        }
    }

    /// Goes over to a table by code, if the codes of the keys so far are dense enough.
    fn place_keys(&mut self) {
        let largest = self.long_keys.iter().copied().max().unwrap_or(0) as usize;
        if largest <= self.long_keys.len() * SPARSENESS_MAX {
            let mut places = vec![0; largest + 1];
            for (number, key) in self.long_keys.drain(..).enumerate() {
                places[key as usize] = number as u32 + 1;
            }
            self.keys = Keys::Direct(places);
        }
    }

    /// Goes back to hashed keys: a code has come that is far from the others.
    fn hash_keys(&mut self) {
        let Keys::Direct(places) = &self.keys else { return };
        let mut keys = vec![0; self.postings.len()];
        for (code, number) in places.iter().enumerate().filter(|(_, number)| **number > 0) {
            keys[*number as usize - 1] = code as Code;
        }
        let mut table = KeyTable::default();
        for key in &keys {
            table.find_or_insert(&[*key], |_| true);
        }
        self.long_keys = keys;
        self.keys = Keys::Hashed(table);
    }

    fn push(&mut self, posting: usize, row: &[Code]) {
        let width = self.rest.len();
        let posting = &mut self.postings[posting];
        if posting.epoch != self.epoch {
            posting.old_count = posting.count;
            posting.epoch = self.epoch;
        }
        if posting.count == posting.capacity {
            // The old block is left behind: blocks double, so that at most half the pool is waste.
            let (start, used) = (posting.start, posting.count as usize * width);
            posting.capacity = (posting.capacity * 2).max(2);
            posting.start = self.pool.len();
            self.pool.extend_from_within(start..start + used);
            self.pool.resize(posting.start + posting.capacity as usize * width, 0);
        }
        let place = posting.start + posting.count as usize * width;
        for (cell, column) in self.pool[place..place + width].iter_mut().zip(&self.rest) {
            *cell = row[*column];
        }
        posting.count += 1;
    }

    #[inline]
    fn find(&self, key: &[Code]) -> Option<&Posting> {
        match &self.keys {
            Keys::Direct(places) => {
                let number = *places.get(key[0] as usize)?;
                (number > 0).then(|| &self.postings[number as usize - 1])
            }
            Keys::Hashed(table) => {
                let length = key.len();
                let is_at =
                    |number: u32| &self.long_keys[number as usize * length..(number as usize + 1) * length] == key;
                Some(&self.postings[table.find(key, is_at)? as usize])
            }
        }
    }

    /// The entries of a key, one after the other, each the other columns in their order.
    #[inline]
    pub(crate) fn entries(&self, key: &[Code], part: Part) -> &[Code] {
        let Some(posting) = self.find(key) else { return &[] };
        let is_marked = part == Part::Old && posting.epoch == self.epoch;
        let count = if is_marked { posting.old_count } else { posting.count };
        &self.pool[posting.start..posting.start + count as usize * self.rest.len()]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Keys that are dense at first, then far apart, then dense again, by every choice of key columns.
    #[test]
    fn every_key_has_its_rows_in_order_of_arrival() {
        let codes = (0..400).chain((0..20).map(|far| 1_000_000_000 + far * 50_000_000)).chain(400..900);
        let mut rows = Rows::new(3);
        let mut indexes: Vec<Index> =
            [&[0][..], &[1], &[2], &[0, 1], &[1, 2], &[]].into_iter().map(|key| Index::new(3, key)).collect();
        for (number, code) in codes.enumerate() {
            for part in 0..3 {
                rows.insert(&[code, part, number as u32 % 7]);
            }
            if number % 50 == 0 {
                indexes.iter_mut().for_each(|index| index.extend(&rows));
            }
        }
        for index in &mut indexes {
            let old_end = index.end();
            index.extend(&rows);
            let mut expected: BTreeMap<Vec<Code>, [Vec<Code>; 2]> = BTreeMap::new();
            for number in 0..rows.len() {
                let cells =
                    |columns: &[usize]| columns.iter().map(|column| rows.row(number)[*column]).collect::<Vec<_>>();
                let [all, old] = expected.entry(cells(index.key())).or_default();
                all.extend(cells(index.rest()));
                old.extend(if number < old_end { cells(index.rest()) } else { Vec::new() });
            }
            assert_eq!(index.key_count(), expected.len());
            for (key, [all, old]) in expected {
                assert_eq!(index.entries(&key, Part::All), all, "{:?} of {:?}", key, index.key());
                assert_eq!(index.entries(&key, Part::Old), old, "{:?} of {:?}", key, index.key());
            }
            let absent = vec![999_999_999; index.key().len()];
            assert!(absent.is_empty() || index.entries(&absent, Part::All).is_empty());
        }
    }
}
