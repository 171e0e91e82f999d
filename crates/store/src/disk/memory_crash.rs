//! What a crash leaves of a disk in memory: anything that the contract of a disk allows.

use super::memory::{Files, Node};
use super::memory_content::{Content, Unsynced};

/// Bytes that a device writes wholly or not at all.
const SECTOR_BYTES: usize = 512;

/// Takes away what was not synced, or parts of it.
pub(super) fn crash(files: &mut Files, seed: u64) {
    let mut chance = Chance { seed, state: seed };
    let changes = std::mem::take(&mut files.unsynced_names);
    for set in changes.iter().rev().flat_map(|change| change.names.iter().rev()) {
        files.set_name(set.directory, &set.name, set.before);
    }
    for change in &changes {
        if chance.survives() {
            for set in &change.names {
                files.set_name(set.directory, &set.name, set.after);
            }
        }
    }
    for node in files.nodes.values_mut() {
        let Node::File(file) = node else { continue };
        let unsynced = std::mem::take(&mut file.unsynced);
        unsynced.iter().rev().for_each(|change| file.content.undo(change));
        for change in &unsynced {
            redo(&mut file.content, change, &mut chance);
        }
    }
}

/// Does a change again, or as much of it as survives.
fn redo(content: &mut Content, change: &Unsynced, chance: &mut Chance) {
    let is_length = change.after.is_empty();
    match chance.fate() {
        Fate::Lost => {}
        Fate::Whole | Fate::Sectors | Fate::Before | Fate::After if is_length => {
            content.resize(change.byte_count_after);
        }
        Fate::Whole => content.put(change.offset, &change.after),
        Fate::Length => {
            if change.byte_count_after > content.byte_count() {
                content.resize(change.byte_count_after);
            }
        }
        Fate::Before => content.put(change.offset, &change.after[..chance.below(change.after.len())]),
        Fate::After => {
            let start = chance.below(change.after.len());
            content.put(change.offset + start as u64, &change.after[start..]);
        }
        Fate::Sectors => {
            let mut at = 0;
            while at < change.after.len() {
                let within = usize::try_from((change.offset + at as u64) % SECTOR_BYTES as u64).expect("below 512");
                let end = (at + SECTOR_BYTES - within).min(change.after.len());
                if chance.below(2) == 0 {
                    content.put(change.offset + at as u64, &change.after[at..end]);
                }
                at = end;
            }
        }
    }
}

/// What becomes of one write.
enum Fate {
    Lost,
    Whole,
    /// The file is as long as the write made it, but the bytes are not there.
    Length,
    /// Some of its sectors.
    Sectors,
    /// The bytes before some point.
    Before,
    /// The bytes from some point on.
    After,
}

struct Chance {
    seed: u64,
    state: u64,
}

impl Chance {
    fn survives(&mut self) -> bool {
        match self.seed {
            0 => false,
            1 => true,
            _ => self.below(2) == 0,
        }
    }

    fn fate(&mut self) -> Fate {
        match self.seed {
            0 => Fate::Lost,
            1 => Fate::Whole,
            _ => match self.below(8) {
                0..=2 => Fate::Lost,
                3 | 4 => Fate::Whole,
                5 if self.below(2) == 0 => Fate::Length,
                5 => Fate::After,
                6 => Fate::Sectors,
                _ => Fate::Before,
            },
        }
    }

    /// A number from 0 to `end`, exclusive; SplitMix64.
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let number = usize::try_from((mixed ^ (mixed >> 31)) >> 1).unwrap_or(usize::MAX);
        number % end.max(1)
    }
}
