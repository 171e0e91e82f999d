//! A table from rows of codes to positions: open addressing, with a fixed hash, so that nothing depends on the machine or the run.

use super::value::Code;

/// Hashes with the positions they stand for. The caller keeps the keys; a key of one or two columns is its hash, spread out.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyTable {
    /// Zero: free. The length is a power of two, or zero.
    hashes: Vec<u64>,
    positions: Vec<u32>,
    count: u32,
}

/// Where a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Found(u32),
    /// New, at the position that is the number of keys there were before.
    Inserted(u32),
}

const SLOT_COUNT_MIN: usize = 8;

impl KeyTable {
    pub(crate) fn len(&self) -> u32 {
        self.count
    }

    pub(crate) fn clear(&mut self) {
        if (self.count as usize) < self.hashes.len() / 8 {
            // One large round may be followed by thousands of small ones: a table is not cleared for longer than it was filled.
            *self = Self::default();
        }
        self.hashes.fill(0);
        self.count = 0;
    }

    pub(crate) fn bytes(&self) -> usize {
        self.hashes.capacity() * (size_of::<u64>() + size_of::<u32>())
    }

    /// Makes room for this many keys in all.
    pub(crate) fn reserve(&mut self, key_count: usize) {
        let wanted = (key_count + key_count / 2 + 1).next_power_of_two().max(SLOT_COUNT_MIN);
        if wanted > self.hashes.len() {
            self.resize(wanted);
        }
    }

    /// The position of a key. `is_at` says whether a longer key with this hash is the one at a position.
    #[inline]
    pub(crate) fn find(&self, key: &[Code], is_at: impl Fn(u32) -> bool) -> Option<u32> {
        if self.hashes.is_empty() {
            return None;
        }
        let hash = hash(key);
        let mask = self.hashes.len() - 1;
        let mut slot = self.first_slot(hash);
        loop {
            match self.hashes[slot] {
                0 => return None,
                found if found == hash && (key.len() <= 2 || is_at(self.positions[slot])) => {
                    return Some(self.positions[slot]);
                }
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    #[inline]
    pub(crate) fn find_or_insert(&mut self, key: &[Code], is_at: impl Fn(u32) -> bool) -> Slot {
        // At most two thirds full.
        if (self.count as usize + 1) * 3 > self.hashes.len() * 2 {
            self.resize((self.hashes.len() * 2).max(SLOT_COUNT_MIN));
        }
        let hash = hash(key);
        let mask = self.hashes.len() - 1;
        let mut slot = self.first_slot(hash);
        loop {
            match self.hashes[slot] {
                0 => {
                    self.hashes[slot] = hash;
                    self.positions[slot] = self.count;
                    self.count += 1;
                    return Slot::Inserted(self.count - 1);
                }
                found if found == hash && (key.len() <= 2 || is_at(self.positions[slot])) => {
                    return Slot::Found(self.positions[slot]);
                }
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    #[inline]
    fn first_slot(&self, hash: u64) -> usize {
        // The high bits depend on all of the key.
        (hash >> (64 - self.hashes.len().trailing_zeros())) as usize
    }

    fn resize(&mut self, slot_count: usize) {
        let old = std::mem::replace(&mut self.hashes, vec![0; slot_count]);
        let old_positions = std::mem::replace(&mut self.positions, vec![0; slot_count]);
        let mask = slot_count - 1;
        for (hash, position) in old.into_iter().zip(old_positions) {
            if hash == 0 {
                continue;
            }
            let mut slot = self.first_slot(hash);
            while self.hashes[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.hashes[slot] = hash;
            self.positions[slot] = position;
        }
    }
}

/// Never zero. One to one for keys of one and two columns: no code is `u32::MAX`, so that `!key` is never zero, nor is what it is mixed into.
#[inline]
fn hash(key: &[Code]) -> u64 {
    match *key {
        [] => 1,
        [only] => mix(!u64::from(only)),
        [first, second] => mix(!(u64::from(first) << 32 | u64::from(second))),
        ref longer => {
            let mut hash = 0;
            for pair in longer.chunks(2) {
                let bits = u64::from(pair[0]) << 32 | u64::from(*pair.last().unwrap_or(&0));
                hash = mix(hash ^ !bits).rotate_left(23);
            }
            hash.max(1)
        }
    }
}

/// A bijection that spreads every bit (the finaliser of SplitMix64, by Steele, Lea and Flood, without its first step).
#[inline]
fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
