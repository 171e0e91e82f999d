//! What the opener of a store may choose.

/// Choices for one [`Store`](crate::Store). None of them changes what any call returns, only when work is done; but that a query which asks for a share of the nearest vectors may find others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreConfig {
    /// When more passages than this are newer than the text generation, a commit has a new one sealed. Until then the
    /// first search of a process analyses them in memory: about 10 microseconds each.
    pub tail_passage_count_max: usize,
    /// When more rows than this are newer than the column generation, a commit has a new one sealed. Until then a scan reads them
    /// from truth: a few microseconds each.
    #[cfg(feature = "columns")]
    pub tail_row_count_max: usize,
    /// A file of column data with at least so many vectors has an index over them, for queries that ask for a share of the nearest; in smaller ones all are read.
    #[cfg(feature = "columns")]
    pub vector_index_row_count_min: usize,
    /// Truth files up to this size have every page verified when they are opened (about a gigabyte per second). Of larger ones only
    /// the engine's list of free pages is; they are verified as they are read: rows by their checksums, pages by `grounds doctor`.
    pub page_check_bytes_max: u64,
    /// Bytes of truth kept in memory at most.
    pub cache_bytes_max: usize,
    /// Bytes of rows of declared tables that were read by key, kept in memory at most, beside [`StoreConfig::cache_bytes_max`]. Reading such a row
    /// again is several times faster. Taken as rows are read; 0 keeps none.
    pub row_cache_bytes_max: usize,
    /// Bytes kept in memory at most of where pairs of neighbouring words and characters stand, as searches ask for them. Asking again for a pair is
    /// several times faster; 0 keeps none.
    pub pair_cache_bytes_max: usize,
    /// A search among at least so many passages looks words up on a second thread, where there is a processor for it.
    pub divided_passage_count_min: usize,
    /// The journal grows to this many bytes before the engine writes out everything itself. After a crash it is applied again: about 100
    /// megabytes per second.
    pub journal_bytes_max: u64,
    /// So many commits are in the journal before the engine writes out everything itself.
    pub journal_commit_count_max: u64,
    /// Whether generations that a commit makes due are built beside it, on a thread of the store's own; else the commit returns when they are
    /// built.
    pub seals_in_background: bool,
    /// Who opens it, for whoever finds it open: a process, a person, since when. The store knows neither.
    pub holder: Option<String>,
}

impl StoreConfig {
    /// The default of [`StoreConfig::tail_passage_count_max`].
    pub const TAIL_PASSAGE_COUNT_MAX: usize = 4_000;
    /// The default of [`StoreConfig::tail_row_count_max`].
    #[cfg(feature = "columns")]
    pub const TAIL_ROW_COUNT_MAX: usize = 50_000;
    /// The default of [`StoreConfig::vector_index_row_count_min`].
    #[cfg(feature = "columns")]
    pub const VECTOR_INDEX_ROW_COUNT_MIN: usize = 20_000;
    /// The default of [`StoreConfig::page_check_bytes_max`].
    pub const PAGE_CHECK_BYTES_MAX: u64 = 16 << 20;
    /// The default of [`StoreConfig::cache_bytes_max`].
    pub const CACHE_BYTES_MAX: usize = 256 << 20;
    /// The default of [`StoreConfig::row_cache_bytes_max`].
    pub const ROW_CACHE_BYTES_MAX: usize = 192 << 20;
    /// The default of [`StoreConfig::pair_cache_bytes_max`].
    pub const PAIR_CACHE_BYTES_MAX: usize = 32 << 20;
    /// The default of [`StoreConfig::divided_passage_count_min`].
    pub const DIVIDED_PASSAGE_COUNT_MIN: usize = 32_768;
    /// The default of [`StoreConfig::journal_bytes_max`].
    pub const JOURNAL_BYTES_MAX: u64 = 16 << 20;
    /// The default of [`StoreConfig::journal_commit_count_max`].
    pub const JOURNAL_COMMIT_COUNT_MAX: u64 = 4_096;

    /// The defaults.
    #[expect(clippy::new_without_default, reason = "a `Default` would hide the choice at the call")]
    pub fn new() -> Self {
        Self {
            tail_passage_count_max: Self::TAIL_PASSAGE_COUNT_MAX,
            #[cfg(feature = "columns")]
            tail_row_count_max: Self::TAIL_ROW_COUNT_MAX,
            #[cfg(feature = "columns")]
            vector_index_row_count_min: Self::VECTOR_INDEX_ROW_COUNT_MIN,
            page_check_bytes_max: Self::PAGE_CHECK_BYTES_MAX,
            cache_bytes_max: Self::CACHE_BYTES_MAX,
            row_cache_bytes_max: Self::ROW_CACHE_BYTES_MAX,
            pair_cache_bytes_max: Self::PAIR_CACHE_BYTES_MAX,
            divided_passage_count_min: Self::DIVIDED_PASSAGE_COUNT_MIN,
            journal_bytes_max: Self::JOURNAL_BYTES_MAX,
            journal_commit_count_max: Self::JOURNAL_COMMIT_COUNT_MAX,
            seals_in_background: true,
            holder: None,
        }
    }
}
