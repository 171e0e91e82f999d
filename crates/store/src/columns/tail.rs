//! What happened to a table since the generation, and what was computed of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::cells::TableDelta;
use crate::columns::words::Words;
use crate::store::lock;

/// The changes to a table between the generation's snapshot and a reader's.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    pub(crate) delta: TableDelta,
    /// Of text columns that were searched, by their position: the words of the rows opened since.
    words: Mutex<HashMap<usize, Arc<Words>>>,
}

impl Tail {
    pub(crate) fn new(delta: TableDelta) -> Self {
        Self { delta, words: Mutex::default() }
    }

    /// The words of the text column at this position, made by `divide` when they are first asked for.
    pub(crate) fn words(&self, column: usize, divide: impl FnOnce() -> Option<Words>) -> Option<Arc<Words>> {
        let mut kept = lock(&self.words);
        if let Some(words) = kept.get(&column) {
            return Some(Arc::clone(words));
        }
        let words = Arc::new(divide()?);
        kept.insert(column, Arc::clone(&words));
        Some(words)
    }
}
