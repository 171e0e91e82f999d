//! One record of the journal: what a group of commits wrote into the engine, twice.

use std::ops::Range;

use grounds_core::Snapshot;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::encoding::Hash;

/// What a record begins with.
const MAGIC: &[u8; 8] = b"grjournl";
/// The head: magic, length of the body, first and last snapshot, hash of the last log entry, checksum.
const HEAD_BYTES: usize = 72;
const CHECKSUM_AT: usize = 64;
/// Copies begin at multiples of this: no sector holds bytes of two.
pub(crate) const SECTOR_BYTES: usize = 512;

/// A group of commits, as it is written.
pub(crate) struct Record<'a> {
    /// The first and the last snapshot of the group.
    pub(crate) snapshots: (Snapshot, Snapshot),
    /// The hash of the last log entry.
    pub(crate) log_hash: Hash,
    /// What was written into the engine; see `truth::TruthTables::redo`.
    pub(crate) body: &'a [u8],
}

/// A record as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundRecord {
    pub(crate) snapshots: (u64, u64),
    pub(crate) log_hash: Hash,
    /// Where its body is among the bytes of the journal.
    pub(crate) body: Range<usize>,
}

impl Record<'_> {
    /// How many bytes it takes.
    pub(crate) fn byte_count(&self) -> u64 {
        2 * copy_byte_count(self.body.len()) as u64
    }

    /// The record twice. A write that was cut short leaves no whole copy, or all of one: where a copy is damaged later, the other is
    /// read, and where both are, what follows them tells that something is missing.
    pub(crate) fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.clear();
        bytes.extend(MAGIC);
        bytes.extend((self.body.len() as u64).to_le_bytes());
        bytes.extend(self.snapshots.0.0.to_le_bytes());
        bytes.extend(self.snapshots.1.0.to_le_bytes());
        bytes.extend(self.log_hash);
        bytes.extend(checksum(bytes, self.body).to_le_bytes());
        bytes.extend(self.body);
        bytes.resize(copy_byte_count(self.body.len()), 0);
        bytes.extend_from_within(..);
    }
}

/// The length of one copy.
fn copy_byte_count(body_byte_count: usize) -> usize {
    (HEAD_BYTES + body_byte_count).next_multiple_of(SECTOR_BYTES)
}

fn checksum(head: &[u8], body: &[u8]) -> u64 {
    xxh3_64_with_seed(body, xxh3_64(head))
}

/// The whole copies in the bytes of a journal, wherever they are.
pub(crate) fn find_records(journal: &[u8]) -> Vec<FoundRecord> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < journal.len() {
        match record_at(journal, at) {
            Some(record) => {
                at = record.body.end.next_multiple_of(SECTOR_BYTES);
                found.push(record);
            }
            None => at += SECTOR_BYTES,
        }
    }
    found
}

fn record_at(journal: &[u8], at: usize) -> Option<FoundRecord> {
    let head = journal.get(at..at.checked_add(HEAD_BYTES)?)?;
    if !head.starts_with(MAGIC) {
        return None;
    }
    let word = |from: usize| u64::from_le_bytes(head[from..from + 8].try_into().expect("eight bytes of the head"));
    let start = at + HEAD_BYTES;
    let body = start..start.checked_add(usize::try_from(word(8)).ok()?)?;
    let bytes = journal.get(body.clone())?;
    if word(CHECKSUM_AT) != checksum(&head[..CHECKSUM_AT], bytes) {
        return None;
    }
    let log_hash = head[32..CHECKSUM_AT].try_into().expect("32 bytes of the head");
    Some(FoundRecord { snapshots: (word(16), word(24)), log_hash, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> Vec<u8> {
        let mut journal = Vec::new();
        for (snapshot, byte_count) in [(1, 0), (2, 600), (3, 440), (4, 441)] {
            let body = vec![snapshot as u8; byte_count];
            let snapshots = (Snapshot(snapshot), Snapshot(snapshot));
            let record = Record { snapshots, log_hash: [7; 32], body: &body };
            let mut bytes = Vec::new();
            record.encode(&mut bytes);
            assert_eq!(bytes.len() as u64, record.byte_count());
            journal.extend(bytes);
        }
        journal
    }

    #[test]
    fn records_are_found_with_both_copies() {
        let journal = [journal(), vec![0; 3 * SECTOR_BYTES]].concat();
        let found = find_records(&journal);
        let snapshots: Vec<u64> = found.iter().map(|record| record.snapshots.0).collect();
        assert_eq!(snapshots, [1, 1, 2, 2, 3, 3, 4, 4]);
        assert!(
            found
                .iter()
                .all(|record| journal[record.body.clone()].iter().all(|byte| u64::from(*byte) == record.snapshots.0))
        );
    }

    #[test]
    fn a_flipped_bit_leaves_one_copy_of_each() {
        let journal = journal();
        for at in 0..journal.len() {
            let mut damaged = journal.clone();
            damaged[at] ^= 1 << (at % 8);
            let found = find_records(&damaged);
            for snapshot in 1..=4 {
                assert!(found.iter().any(|record| record.snapshots == (snapshot, snapshot)), "byte {at}");
            }
            assert!(
                found.iter().all(|record| damaged[record.body.clone()]
                    .iter()
                    .all(|byte| u64::from(*byte) == record.snapshots.0))
            );
        }
    }

    #[test]
    fn a_cut_journal_has_the_records_before_the_cut() {
        let journal = journal();
        for length in 0..journal.len() {
            let found = find_records(&journal[..length]);
            assert!(found.is_sorted_by_key(|record| record.snapshots.0));
        }
    }
}
