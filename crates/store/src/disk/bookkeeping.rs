//! The engine's own trees: which pages are free, which a commit still needs. Verified before the engine relies on them.
//!
//! Meeting a damaged page there, redb 4.6 panics within a commit, and a second time while that panic unwinds: the process would abort, out of
//! reach of [`contain`](crate::error::contain). Those trees are a few pages even of a large file, so they are always checked.
//!
//! Format: version 3 of redb's files, `docs/design.md` of that crate and its `page_store/header.rs`, `btree_base.rs`.

use grounds_core::DiskFile;
use std::io;
use std::path::Path;
use xxhash_rust::xxh3::xxh3_128;

use crate::StoreError;
use crate::error::IoContext;

const PAGE_BYTES: u64 = 4096;
const HEADER_BYTES: usize = 320;
const SLOT_BYTES: usize = 128;
const SLOT_CHECKED_BYTES: usize = SLOT_BYTES - 16;
/// Bits of the byte after the magic number.
const SECOND_SLOT: u8 = 1;
const RECOVERY_REQUIRED: u8 = 2;
const TWO_PHASE_COMMIT: u8 = 4;

/// Where a tree begins, and what its first page hashes to.
struct Root {
    page: u64,
    checksum: u128,
}

/// How wide keys and values of a tree are; `None` where each has a width of its own.
#[derive(Clone, Copy)]
struct Widths {
    key: Option<usize>,
    value: Option<usize>,
}

struct Pages<'a> {
    file: &'a dyn DiskFile,
    byte_count: u64,
    region_bytes: u64,
    region_header_bytes: u64,
    path: &'a Path,
    checked_count: usize,
}

/// Verifies the pages of the engine's own trees in a file that was closed, or whose last commit was in two phases; returns how many those
/// are. Of any other file none is looked at: the engine verifies every page before it recovers one.
///
/// # Errors
/// [`StoreError::Corrupt`] with the place of the first damaged page (restore a copy), [`StoreError::Io`].
pub(crate) fn check_bookkeeping(file: &dyn DiskFile, byte_count: u64, path: &Path) -> Result<usize, StoreError> {
    let mut header = [0; HEADER_BYTES];
    if byte_count < HEADER_BYTES as u64 {
        return Ok(0);
    }
    file.read_at(0, &mut header).on("read", path)?;
    let flags = header[9];
    let slot_at = 64 + if flags & SECOND_SLOT == 0 { 0 } else { SLOT_BYTES };
    let slot = &header[slot_at..slot_at + SLOT_BYTES];
    // What the engine refuses or recovers by itself, with every page verified.
    let is_settled = flags & RECOVERY_REQUIRED == 0 || flags & TWO_PHASE_COMMIT != 0;
    let is_whole = number_at(slot, SLOT_CHECKED_BYTES) == Some(xxh3_128(&slot[..SLOT_CHECKED_BYTES]));
    if !is_settled || !is_whole || slot[2] == 0 {
        return Ok(0);
    }
    let count_at =
        |at: usize| header.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
    let region_header_bytes = u64::from(count_at(16)) * PAGE_BYTES;
    let region_bytes = region_header_bytes + u64::from(count_at(20)) * PAGE_BYTES;
    let mut pages = Pages { file, byte_count, region_bytes, region_header_bytes, path, checked_count: 0 };
    let mut tables = Vec::new();
    if let Some(root) = root_at(slot, 40) {
        pages.check_tree(&root, Widths { key: None, value: None }, &mut |value| tables.push(value.to_vec()))?;
    }
    for table in tables {
        if let Some((root, widths)) = table_at(&table) {
            pages.check_tree(&root, widths, &mut |_| ())?;
        }
    }
    Ok(pages.checked_count)
}

fn number_at(bytes: &[u8], at: usize) -> Option<u128> {
    Some(u128::from_le_bytes(bytes.get(at..at + 16)?.try_into().ok()?))
}

fn root_at(bytes: &[u8], at: usize) -> Option<Root> {
    Some(Root {
        page: u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?),
        checksum: number_at(bytes, at + 8)?,
    })
}

/// Root and widths in the definition of a table; `None` of an empty one.
fn table_at(definition: &[u8]) -> Option<(Root, Widths)> {
    let width_at = |at: usize| {
        let bytes = definition.get(at + 1..at + 5)?;
        (definition[at] != 0).then(|| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize)
    };
    // Type, number of entries, whether there is a root, root.
    let root = (*definition.get(9)? != 0).then(|| root_at(definition, 10)).flatten()?;
    Some((root, Widths { key: width_at(42), value: width_at(47) }))
}

impl Pages<'_> {
    /// Verifies every page of a tree, and shows the values of its leaves.
    fn check_tree(&mut self, root: &Root, widths: Widths, show: &mut dyn FnMut(&[u8])) -> Result<(), StoreError> {
        let mut open = vec![Root { ..*root }];
        while let Some(next) = open.pop() {
            let (page, at) = self.read(next.page)?;
            let Some(used) = used_bytes(&page, widths).filter(|used| xxh3_128(used) == next.checksum) else {
                return Err(self.damage("a page of the engine's bookkeeping is damaged", at));
            };
            self.checked_count += 1;
            if used[0] == BRANCH {
                open.extend(children(used));
            } else {
                values(used, widths).for_each(&mut *show);
            }
        }
        Ok(())
    }

    /// The bytes of a page and where they stand in the file. A page's number has 20 bits of index, 20 of region, and its order in the top 5.
    fn read(&self, number: u64) -> Result<(Vec<u8>, u64), StoreError> {
        let order = number >> 59;
        let index = number & (0xf_ffff_u64.checked_shr(u32::try_from(order).unwrap_or(u32::MAX)).unwrap_or(0));
        let page_bytes = PAGE_BYTES << order;
        let region = (number >> 20) & 0xf_ffff;
        let at = PAGE_BYTES + region * self.region_bytes + self.region_header_bytes + index * page_bytes;
        if at.checked_add(page_bytes).is_none_or(|end| end > self.byte_count) {
            return Err(self.damage("the engine's bookkeeping points beyond the end", at));
        }
        let mut page = vec![0; usize::try_from(page_bytes).map_err(|_| self.damage("a page is too large", at))?];
        match self.file.read_at(at, &mut page) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(self.damage("the file ends early", at)),
            result => result.on("read", self.path).map(|()| (page, at)),
        }
    }

    fn damage(&self, what: &str, at: u64) -> StoreError {
        StoreError::corrupt(what, format!("{} at byte {at}", self.path.display()))
    }
}

const LEAF: u8 = 1;
const BRANCH: u8 = 2;

fn count_of(page: &[u8]) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes([*page.get(2)?, *page.get(3)?]))).filter(|count| *count > 0)
}

fn offset_at(page: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_le_bytes(page.get(at..at + 4)?.try_into().ok()?) as usize)
}

/// The part of a page that its checksum covers; `None` where it is no page.
fn used_bytes(page: &[u8], widths: Widths) -> Option<&[u8]> {
    let count = count_of(page)?;
    let end = match *page.first()? {
        BRANCH => {
            let keys_at = 8 + 24 * (count + 1);
            match widths.key {
                Some(width) => keys_at + width * count,
                None => offset_at(page, keys_at + 4 * (count - 1))?,
            }
        }
        LEAF => value_ends(page, widths, count - 1)?,
        _ => return None,
    };
    page.get(..end).filter(|used| used.len() > 4)
}

/// Where the value of the entry `n` of a leaf ends.
fn value_ends(page: &[u8], widths: Widths, n: usize) -> Option<usize> {
    let count = count_of(page)?;
    let key_ends_bytes = if widths.key.is_none() { 4 * count } else { 0 };
    let Some(value_width) = widths.value else { return offset_at(page, 4 + key_ends_bytes + 4 * n) };
    let keys_end = match widths.key {
        Some(width) => 4 + width * count,
        None => offset_at(page, 4 + 4 * (count - 1))?,
    };
    Some(keys_end + value_width * (n + 1))
}

fn children(branch: &[u8]) -> Vec<Root> {
    let count = count_of(branch).map_or(0, |count| count + 1);
    let child = |n: usize| {
        let page_at = 8 + 16 * count + 8 * n;
        let page = u64::from_le_bytes(branch.get(page_at..page_at + 8)?.try_into().ok()?);
        Some(Root { page, checksum: number_at(branch, 8 + 16 * n)? })
    };
    (0..count).filter_map(child).collect()
}

/// The values of a leaf of entries without a fixed width.
fn values(leaf: &[u8], widths: Widths) -> impl Iterator<Item = &[u8]> {
    let count = count_of(leaf).filter(|_| widths.key.is_none() && widths.value.is_none()).unwrap_or(0);
    (0..count).filter_map(move |n| {
        let start = match n.checked_sub(1) {
            Some(before) => value_ends(leaf, widths, before)?,
            None => offset_at(leaf, 4 + 4 * (count - 1))?,
        };
        leaf.get(start..value_ends(leaf, widths, n)?)
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use grounds_core::{Disk, OpenMode};
    use redb::{Database, TableDefinition};

    use super::{PAGE_BYTES, check_bookkeeping};
    use crate::disk::{EngineFile, MemoryDisk, read_file};

    #[test]
    fn damage_to_any_page_of_the_bookkeeping_is_told_with_its_place() {
        let (disk, path) = (MemoryDisk::new(), Path::new("/engine"));
        let database = Database::builder()
            .create_with_backend(EngineFile::new(disk.open(path, OpenMode::CreateNew).expect("memory")))
            .expect("a new file");
        let table: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("values");
        // Enough for trees of several pages.
        for commit in 0..40_u64 {
            let transaction = database.begin_write().expect("one writer");
            {
                let mut table = transaction.open_table(table).expect("a table");
                for key in 0..40 {
                    table.insert(commit % 7 * 40 + key, vec![1; 900].as_slice()).expect("a row");
                }
            }
            transaction.commit().expect("memory");
        }
        drop(database);
        let file = disk.open(path, OpenMode::Write).expect("it is there");
        let byte_count = file.len().expect("memory");
        let page_count = check_bookkeeping(file.as_ref(), byte_count, path).expect("nothing is damaged");
        assert!(page_count > 2, "{page_count}");
        let mut told_count = 0;
        for at in (PAGE_BYTES..byte_count).step_by(4096) {
            let sound = read_file(&disk, path).expect("memory")[usize::try_from(at).expect("small")];
            file.write_at(at, &[sound ^ 4]).expect("memory");
            if let Err(error) = check_bookkeeping(file.as_ref(), byte_count, path) {
                assert!(error.to_string().contains(&format!("/engine at byte {at}")), "{error}");
                told_count += 1;
            }
            file.write_at(at, &[sound]).expect("memory");
        }
        assert_eq!(told_count, page_count, "a flipped bit in each page of those trees, and in no other");
    }
}
