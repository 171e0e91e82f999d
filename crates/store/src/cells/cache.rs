//! Rows that were read by key lately, so that reading them again needs no walk through the pages of the truth.

use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

use grounds_core::Snapshot;
use quick_cache::Weighter;
use quick_cache::sync::{Cache, DefaultLifecycle};
use xxhash_rust::xxh3::xxh3_64;

/// A row with more bytes than this, history included, is read where it is.
const ROW_BYTES_MAX: usize = 4 << 10;

/// What a row takes beside its bytes: its place in the cache and what counts who reads it.
const OVERHEAD_BYTES: u64 = 64;

/// So many changed rows at once are not worth being looked for one by one.
const FORGOTTEN_COUNT_MAX: usize = 100_000;

/// Every piece of a row, the newest first: what the truth has under one key, whose checksums were right when it was read.
///
/// Pieces end at a later snapshot than a reader's or begin there as they do in the truth, so that one entry serves readers of every snapshot.
pub(crate) struct CachedRow(Arc<[u8]>);

/// Bytes of rows by fingerprint.
type Rows = Cache<u64, Arc<[u8]>, ByteCount, AsIs, DefaultLifecycle<u64, Arc<[u8]>>>;

/// Rows by what their engine keys begin with, within a number of bytes.
pub(crate) struct RowCache {
    rows: Rows,
    /// The last snapshot whose changed rows are being forgotten: who read before it may not add what it read.
    forgetting: RwLock<Snapshot>,
}

impl RowCache {
    /// Keeps rows of `bytes_max` bytes together; with 0 none.
    pub(crate) fn new(bytes_max: usize) -> Self {
        let estimate = bytes_max / 256;
        let rows = Cache::with(estimate, bytes_max as u64, ByteCount, AsIs, DefaultLifecycle::default());
        Self { rows, forgetting: RwLock::new(Snapshot(0)) }
    }

    /// The row whose engine keys begin with `prefix`, if it was read lately.
    pub(crate) fn get(&self, prefix: &[u8]) -> Option<CachedRow> {
        let bytes = self.rows.get(&fingerprint(prefix))?;
        // Two keys may have one fingerprint.
        (bytes.get(4..4 + prefix.len()) == Some(prefix) && length(&bytes) == Some(prefix.len()))
            .then_some(CachedRow(bytes))
    }

    /// Keeps what a reader whose transaction began at `latest` found; the row's builder has all of its pieces.
    pub(crate) fn keep(&self, row: RowBuilder, latest: Snapshot) {
        let Some(bytes) = row.bytes else { return };
        // Held until the row is there: whoever forgets it waits, and finds it.
        let forgetting = self.forgetting.read().unwrap_or_else(PoisonError::into_inner);
        if *forgetting <= latest {
            self.rows.insert(row.fingerprint, bytes.into());
        }
    }

    /// Forgets rows that `snapshot` changes; to be called before any reader sees that snapshot.
    pub(crate) fn forget(&self, fingerprints: &[u64], snapshot: Snapshot) {
        {
            let mut forgetting = self.forgetting.write().unwrap_or_else(PoisonError::into_inner);
            *forgetting = (*forgetting).max(snapshot);
        }
        if fingerprints.len() > FORGOTTEN_COUNT_MAX {
            self.rows.clear();
        } else {
            for fingerprint in fingerprints {
                self.rows.remove(fingerprint);
            }
        }
    }
}

/// Under which number a row is kept.
pub(crate) fn fingerprint(prefix: &[u8]) -> u64 {
    xxh3_64(prefix)
}

fn length(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk::<4>().map(|length| u32::from_le_bytes(*length) as usize)
}

impl CachedRow {
    /// The row number and the stored bytes of each piece, the newest first.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let start = length(&self.0).map_or(self.0.len(), |length| 4 + length);
        let mut rest = self.0.get(start..).unwrap_or_default();
        std::iter::from_fn(move || {
            let (number, others) = rest.split_first_chunk::<8>()?;
            let (length, others) = others.split_first_chunk::<4>()?;
            let (piece, others) = others.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            rest = others;
            Some((u64::from_le_bytes(*number), piece))
        })
    }
}

/// A row as it is being read.
pub(crate) struct RowBuilder {
    fingerprint: u64,
    /// `None` once it is too long to be kept.
    bytes: Option<Vec<u8>>,
}

impl RowBuilder {
    pub(crate) fn new(prefix: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(4 + prefix.len() + 128);
        bytes.extend((prefix.len() as u32).to_le_bytes());
        bytes.extend(prefix);
        Self { fingerprint: fingerprint(prefix), bytes: Some(bytes) }
    }

    /// Adds the next older piece.
    pub(crate) fn push(&mut self, number: u64, piece: &[u8]) {
        let Some(bytes) = &mut self.bytes else { return };
        if bytes.len() + piece.len() > ROW_BYTES_MAX {
            self.bytes = None;
            return;
        }
        bytes.extend(number.to_le_bytes());
        bytes.extend((piece.len() as u32).to_le_bytes());
        bytes.extend(piece);
    }

    /// Whether it will be kept; if not, reading on is in vain.
    pub(crate) fn fits(&self) -> bool {
        self.bytes.is_some()
    }
}

#[derive(Clone)]
struct ByteCount;

impl Weighter<u64, Arc<[u8]>> for ByteCount {
    fn weight(&self, _: &u64, bytes: &Arc<[u8]>) -> u64 {
        bytes.len() as u64 + OVERHEAD_BYTES
    }
}

/// Fingerprints are hashes already.
#[derive(Clone, Default)]
struct AsIs;

struct AsIsHasher(u64);

impl BuildHasher for AsIs {
    type Hasher = AsIsHasher;

    fn build_hasher(&self) -> AsIsHasher {
        AsIsHasher(0)
    }
}

impl Hasher for AsIsHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
