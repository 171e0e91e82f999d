//! What is left of a row that was erased: enough for the log to be checked, and none of its bytes.

use crate::StoreError;
use crate::encoding::Hash;
use crate::log::{CellsDigest, EffectsDigest};

/// One erased row piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tombstone {
    /// The snapshot of the erasure.
    pub(crate) erased_at: u64,
    /// The commit that wrote the row.
    pub(crate) known_from: u64,
    /// The commit that closed it, where one had.
    pub(crate) known_to: Option<u64>,
    /// Whether it was a row of a declared table.
    pub(crate) is_declared: bool,
    /// What the log's chain has of it.
    pub(crate) digest: Hash,
}

const BODY_BYTES: usize = 57;
const CHECKSUM_BYTES: usize = 8;
/// Stands for "not closed when it was erased".
const OPEN: u64 = u64::MAX;

impl Tombstone {
    /// The stored form: fields at fixed places, and a checksum that also covers the row's number.
    pub(crate) fn encode(&self, number: u64) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BODY_BYTES + CHECKSUM_BYTES);
        for field in [self.erased_at, self.known_from, self.known_to.unwrap_or(OPEN)] {
            bytes.extend(field.to_le_bytes());
        }
        bytes.push(u8::from(self.is_declared));
        bytes.extend(self.digest);
        let checksum = checksum(number, &bytes);
        bytes.extend(checksum);
        bytes
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where the checksum does not match.
    pub(crate) fn decode(number: u64, bytes: &[u8]) -> Result<Self, StoreError> {
        let damaged = || StoreError::corrupt("what is left of an erased row is not what was written", place(number));
        let (body, stored) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or_else(damaged)?;
        if body.len() != BODY_BYTES || checksum(number, body) != *stored {
            return Err(damaged());
        }
        let word = |at: usize| u64::from_le_bytes(body[at..at + 8].try_into().expect("eight bytes"));
        Ok(Self {
            erased_at: word(0),
            known_from: word(8),
            known_to: Some(word(16)).filter(|to| *to != OPEN),
            is_declared: body[24] == 1,
            digest: body[25..].try_into().expect("the rest is a hash"),
        })
    }
}

fn checksum(number: u64, body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&number.to_le_bytes());
    hasher.update(body);
    *hasher.finalize().as_bytes().first_chunk().expect("a hash has 32 bytes")
}

/// Where a tombstone is, for messages.
pub(crate) fn place(number: u64) -> String {
    format!("table erased_rows, row {number}")
}

/// What the log entry of an erasure says that it did: the rows in order of number, then the originals in order of hash.
pub(crate) fn effects<'a>(
    rows: impl Iterator<Item = (u64, &'a Hash)>,
    originals: impl Iterator<Item = &'a Hash>,
) -> String {
    let mut digest = EffectsDigest::new();
    rows.for_each(|(number, row)| digest.erased(number, row));
    originals.for_each(|hash| digest.erased_original(hash));
    digest.finish(CellsDigest::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_come_back_and_every_flipped_bit_is_seen() {
        let tombstone = Tombstone { erased_at: 9, known_from: 3, known_to: None, is_declared: true, digest: [7; 32] };
        for known_to in [None, Some(5)] {
            let tombstone = Tombstone { known_to, ..tombstone };
            let bytes = tombstone.encode(4);
            assert_eq!(Tombstone::decode(4, &bytes).expect("as written"), tombstone);
            assert!(Tombstone::decode(5, &bytes).is_err());
            for bit in 0..bytes.len() * 8 {
                let mut damaged = bytes.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                assert!(Tombstone::decode(4, &damaged).is_err(), "bit {bit}");
            }
        }
    }
}
