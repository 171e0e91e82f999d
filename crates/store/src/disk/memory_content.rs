//! The bytes of a file in memory: pages that copies share until one of them is written.

use std::io;
use std::sync::Arc;

/// Bytes of a page.
const PAGE_BYTES: usize = 4096;

/// A file's bytes; pages never written read as zeros and take no memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pages: Vec<Option<Arc<[u8; PAGE_BYTES]>>>,
    byte_count: u64,
}

/// One change that was not synced, with what it takes to undo it and to do it again.
#[derive(Clone, Debug)]
pub(super) struct Unsynced {
    pub(super) byte_count_before: u64,
    pub(super) byte_count_after: u64,
    pub(super) offset: u64,
    /// The bytes from `offset` on as they were, as far as the file went.
    pub(super) before: Arc<[u8]>,
    /// The bytes from `offset` on as written; none where only the length changed.
    pub(super) after: Arc<[u8]>,
}

impl Content {
    pub(super) fn byte_count(&self) -> u64 {
        self.byte_count
    }

    pub(super) fn read(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        if offset.checked_add(bytes.len() as u64).is_none_or(|end| end > self.byte_count) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.visit(offset, bytes.len(), |content, page, within, at| {
            let target = &mut bytes[at..at + within.len()];
            match &content.pages[page] {
                Some(page) => target.copy_from_slice(&page[within]),
                None => target.fill(0),
            }
        });
        Ok(())
    }

    pub(super) fn write(&mut self, offset: u64, bytes: &[u8]) -> Unsynced {
        let byte_count_before = self.byte_count;
        let kept = self.byte_count.saturating_sub(offset).min(bytes.len() as u64);
        let before = self.copy(offset, kept);
        self.put(offset, bytes);
        Unsynced { byte_count_before, byte_count_after: self.byte_count, offset, before, after: bytes.into() }
    }

    pub(super) fn set_len(&mut self, byte_count: u64) -> Unsynced {
        let byte_count_before = self.byte_count;
        let before = self.copy(byte_count, byte_count_before.saturating_sub(byte_count));
        self.resize(byte_count);
        Unsynced { byte_count_before, byte_count_after: byte_count, offset: byte_count, before, after: [].into() }
    }

    /// Takes a change back; those made after it have been taken back.
    pub(super) fn undo(&mut self, change: &Unsynced) {
        self.resize(change.byte_count_before);
        if !change.before.is_empty() {
            self.put(change.offset, &change.before);
        }
    }

    /// Writes without remembering.
    pub(super) fn put(&mut self, offset: u64, bytes: &[u8]) {
        let end = if bytes.is_empty() { 0 } else { offset + bytes.len() as u64 };
        if end > self.byte_count {
            self.resize(end);
        }
        let mut at = 0;
        while at < bytes.len() {
            let (page, start) = place(offset + at as u64);
            let count = (PAGE_BYTES - start).min(bytes.len() - at);
            let page = self.pages[page].get_or_insert_with(|| Arc::new([0; PAGE_BYTES]));
            Arc::make_mut(page)[start..start + count].copy_from_slice(&bytes[at..at + count]);
            at += count;
        }
    }

    /// Cuts, or adds zeros.
    pub(super) fn resize(&mut self, byte_count: u64) {
        let page_count = usize::try_from(byte_count.div_ceil(PAGE_BYTES as u64)).unwrap_or(usize::MAX);
        self.pages.resize(page_count, None);
        let (_, start) = place(byte_count);
        // What is cut off a page must read as zeros when the file grows again.
        if byte_count < self.byte_count
            && start > 0
            && let Some(Some(page)) = self.pages.last_mut()
        {
            Arc::make_mut(page)[start..].fill(0);
        }
        self.byte_count = byte_count;
    }

    fn copy(&self, offset: u64, byte_count: u64) -> Arc<[u8]> {
        if byte_count == 0 {
            return [].into();
        }
        let mut bytes = vec![0; usize::try_from(byte_count).unwrap_or(usize::MAX)];
        self.read(offset, &mut bytes).expect("the bytes asked for are in the file");
        bytes.into()
    }

    /// Calls `visit` with each page of a range: its number, the range within it, and where that is in the whole.
    fn visit(
        &self,
        offset: u64,
        byte_count: usize,
        mut visit: impl FnMut(&Self, usize, std::ops::Range<usize>, usize),
    ) {
        let mut at = 0;
        while at < byte_count {
            let (page, start) = place(offset + at as u64);
            let count = (PAGE_BYTES - start).min(byte_count - at);
            visit(self, page, start..start + count, at);
            at += count;
        }
    }
}

/// The page of an offset, and where in the page it is.
fn place(offset: u64) -> (usize, usize) {
    let page_bytes = PAGE_BYTES as u64;
    let page = usize::try_from(offset / page_bytes).expect("a file in memory is no longer than memory");
    let start = usize::try_from(offset % page_bytes).expect("less than a page");
    (page, start)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same in a plain vector.
    fn plain_write(bytes: &mut Vec<u8>, offset: usize, written: &[u8]) {
        bytes.resize(bytes.len().max(offset + written.len()), 0);
        bytes[offset..offset + written.len()].copy_from_slice(written);
    }

    fn all(content: &Content) -> Vec<u8> {
        content.copy(0, content.byte_count()).to_vec()
    }

    #[test]
    fn it_reads_as_a_plain_vector_and_undoes_to_the_first_byte() {
        let (mut content, mut plain) = (Content::default(), Vec::new());
        let mut changes = Vec::new();
        let mut states = vec![plain.clone()];
        let mut random: u64 = 7;
        let mut next = |end: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(random >> 33).expect("31 bits") % end
        };
        for number in 0..300 {
            if next(4) == 0 {
                let byte_count = next(20_000);
                plain.resize(byte_count, 0);
                changes.push(content.set_len(byte_count as u64));
            } else {
                let written = vec![u8::try_from(number % 251).expect("a byte") + 1; next(9_000)];
                let offset = next(20_000);
                if !written.is_empty() {
                    plain_write(&mut plain, offset, &written);
                    changes.push(content.write(offset as u64, &written));
                } else {
                    continue;
                }
            }
            assert_eq!(all(&content), plain, "change {number}");
            states.push(plain.clone());
        }
        for change in changes.iter().rev() {
            assert_eq!(all(&content), states.pop().expect("one state a change"));
            content.undo(change);
        }
        assert_eq!(content.byte_count(), 0);
    }
}
