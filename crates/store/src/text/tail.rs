//! What the text generation does not have: passages analysed in memory, each once per open store.

use std::collections::HashMap;
use std::sync::Arc;

use grounds_core::{PassageRow, Version};

use crate::text::document::{AnalysedPassage, PassageText};
use crate::{Reader, StoreError};

/// A passage that is wanted, and where to read it.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) text: PassageText,
    pub(crate) version_key: String,
    pub(crate) ordinal: u32,
}

impl Wanted {
    /// The key of the passage.
    pub(crate) fn key(&self) -> String {
        passage_key(&self.version_key, self.ordinal)
    }
}

/// The key of the passage at `ordinal` of a version; see `grounds_core::Row::key`.
pub(crate) fn passage_key(version: &str, ordinal: u32) -> String {
    format!("{version}/{ordinal:08}")
}

/// Reads and analyses `wanted`, which should be in order of version so that each text is read once; hands each to `visit`.
pub(crate) fn analyse_each(
    reader: &Reader,
    wanted: &[Wanted],
    mut visit: impl FnMut(&Wanted, AnalysedPassage) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    read_each(reader, wanted, |passage, row, text| {
        visit(passage, AnalysedPassage::new(row, text, passage.text.language))
    })
}

/// Reads `wanted`, which should be in order of version so that each text is read once; hands each to `visit` with the text of its version.
pub(crate) fn read_each(
    reader: &Reader,
    wanted: &[Wanted],
    mut visit: impl FnMut(&Wanted, &PassageRow, &str) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut text: Option<(u64, Version)> = None;
    for passage in wanted {
        let content = passage.text.version;
        if text.as_ref().is_none_or(|(held, _)| *held != content) {
            text = Some((content, reader.row_with_content(&passage.version_key, content)?));
        }
        let (_, version) = text.as_ref().expect("set just above");
        let row: PassageRow = reader.row_with_content(&passage.key(), passage.text.passage)?;
        visit(passage, &row, &version.text)?;
    }
    Ok(())
}

/// Analysed passages by what they are.
#[derive(Default)]
pub(crate) struct Tail {
    passages: HashMap<PassageText, Arc<AnalysedPassage>>,
}

impl Tail {
    /// Analyses what is not there yet.
    pub(crate) fn add(&mut self, reader: &Reader, wanted: &[Wanted]) -> Result<(), StoreError> {
        let missing: Vec<Wanted> =
            wanted.iter().filter(|passage| !self.passages.contains_key(&passage.text)).cloned().collect();
        analyse_each(reader, &missing, |passage, analysed| {
            self.passages.insert(passage.text, Arc::new(analysed));
            Ok(())
        })
    }

    /// What was added.
    pub(crate) fn get(&self, text: &PassageText) -> Option<&Arc<AnalysedPassage>> {
        self.passages.get(text)
    }

    /// Forgets what a new generation holds.
    pub(crate) fn clear(&mut self) {
        self.passages.clear();
    }
}
