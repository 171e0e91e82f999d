//! The text index of what a large commit brings, built while its rows are written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Scope;

use grounds_core::PassageRow;

use crate::error::contain;
use crate::store::Inner;
use crate::text::build::{IndexBuild, Place};
use crate::text::document::PassageText;
use crate::text::generation::read_manifest;

/// Fewer passages are indexed after the commit.
const PREPARED_PASSAGE_COUNT_MIN: usize = 1_024;

/// A passage that a commit brings, with the numbers that it will have.
pub(crate) struct NewPassage<'b> {
    pub(crate) text: PassageText,
    pub(crate) row: &'b PassageRow,
    pub(crate) version_text: &'b str,
}

/// An index begun for a commit, which may yet be refused: the next one then gives its numbers to other passages.
pub(crate) struct Prepared {
    index: IndexBuild,
    is_committed: Arc<AtomicBool>,
}

impl Prepared {
    /// The index, if the commit it was begun for is in truth.
    pub(crate) fn committed(self) -> Option<IndexBuild> {
        self.is_committed.load(Ordering::Acquire).then_some(self.index)
    }
}

impl Inner {
    /// Begins to index `passages` on a thread of `scope`, for the seal that will follow a commit after which truth has
    /// `passage_content_count` contents of passages. The seal takes it where `is_committed` was set by then.
    ///
    /// The index is derived: where it cannot be built now, the seal builds it from truth, and it takes nothing from here that truth does not have.
    pub(crate) fn prepare_text<'s, 'b: 's>(
        self: &'s Arc<Self>,
        scope: &'s Scope<'s, '_>,
        (passages, passage_content_count): (Vec<NewPassage<'b>>, u64),
        is_committed: Arc<AtomicBool>,
    ) {
        if passages.len() < PREPARED_PASSAGE_COUNT_MIN {
            return;
        }
        let manifest = read_manifest(self.disk.as_ref(), self.text.directory());
        let sealed = manifest.map_or(0, |manifest| manifest.passage_content_count);
        if passage_content_count.saturating_sub(sealed) <= self.config.tail_passage_count_max as u64 {
            return;
        }
        scope.spawn(move || {
            // Whoever holds it is building a generation in the only place there is for it.
            let Ok(mut sealing) = self.text.sealing.try_lock() else { return };
            // What an earlier commit prepared and nobody took is gone before this begins in its place; the seal reads those passages.
            *sealing = None;
            let built = contain("the text index", || {
                let previous = self.current_generation();
                let place = Place { disk: &self.disk, directory: self.text.directory() };
                let mut index = IndexBuild::begin(place, previous.as_deref(), passages.len())?;
                for passage in &passages {
                    index.add(passage.text, passage.row, passage.version_text)?;
                }
                // While the commit waits for the disk.
                index.write_out()?;
                Ok(index)
            });
            *sealing = built.ok().map(|index| Prepared { index, is_committed });
        });
    }

    /// Gives up what was prepared for a commit that was refused.
    pub(crate) fn forget_prepared_text(&self) {
        // Where somebody is sealing, it was taken already.
        if let Ok(mut sealing) = self.text.sealing.try_lock() {
            *sealing = None;
        }
    }
}
