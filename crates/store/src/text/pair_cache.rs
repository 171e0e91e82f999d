//! Pairs of terms that were looked up lately: the index has only the places of single terms, and comparing these takes most of a search.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::text::analyse::Language;
use crate::text::postings::Postings;
use crate::text::query::Probe;

/// What a pair takes beside its lists: its place in the cache, its terms, and what counts who reads it.
const OVERHEAD_BYTES: usize = 256;

/// What is looked up in a language.
type Key = (Language, Probe);

/// Where pairs stand in one generation, which never changes, within a number of bytes.
pub(crate) struct PairCache {
    pairs: Cache<Key, Arc<Vec<Postings>>, ByteCount>,
}

impl PairCache {
    /// Keeps `bytes_max` bytes; with 0 none.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { pairs: Cache::with_weighter(bytes_max / 1024, bytes_max as u64, ByteCount) }
    }

    /// Where a pair stands, if that was found out lately.
    pub(crate) fn get(&self, pair: &Key) -> Option<Arc<Vec<Postings>>> {
        self.pairs.get(pair)
    }

    /// Keeps where a pair stands; no more memory than that takes.
    pub(crate) fn keep(&self, pair: &Key, found: &[Postings]) -> Arc<Vec<Postings>> {
        let exact = found.iter().filter(|postings| !postings.documents.is_empty()).map(|postings| Postings {
            segment: postings.segment,
            field: postings.field,
            documents: postings.documents.as_slice().to_vec(),
            frequencies: postings.frequencies.as_slice().to_vec(),
        });
        let found = Arc::new(exact.collect::<Vec<Postings>>());
        self.pairs.insert(pair.clone(), Arc::clone(&found));
        found
    }
}

#[derive(Clone)]
struct ByteCount;

impl Weighter<Key, Arc<Vec<Postings>>> for ByteCount {
    fn weight(&self, _: &Key, lists: &Arc<Vec<Postings>>) -> u64 {
        let bytes = lists.iter().map(|list| (list.documents.len() + list.frequencies.len()) * size_of::<u32>());
        (bytes.sum::<usize>() + OVERHEAD_BYTES) as u64
    }
}
