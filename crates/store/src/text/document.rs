//! One passage as the search sees it: how often each term stands in each of its fields, and how long they are.

use std::borrow::Cow;
use std::collections::HashMap;

use grounds_core::{Document, PassageRow};

use crate::text::analyse::{Language, for_each_word};
use crate::text::bm25f::{Field, PASSAGE_FIELD_COUNT};

/// Names what is indexed: the content of a passage, the content of the version whose text it cuts, and the treatment of
/// its language. None of these ever changes, so what is indexed once stays true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PassageText {
    pub(crate) version: u64,
    pub(crate) passage: u64,
    pub(crate) language: Language,
}

/// A passage, analysed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AnalysedPassage {
    pub(crate) frequencies: HashMap<String, [u32; PASSAGE_FIELD_COUNT]>,
    pub(crate) lengths: [u32; PASSAGE_FIELD_COUNT],
}

impl AnalysedPassage {
    /// Analyses the words of `passage` in the text of its version.
    pub(crate) fn new(passage: &PassageRow, version_text: &str, language: Language) -> Self {
        let mut analysed = Self::default();
        for_each_term(passage, version_text, language, |field, term| {
            match analysed.frequencies.get_mut(term.as_ref()) {
                Some(frequencies) => frequencies[field] += 1,
                None => analysed.frequencies.entry(term.into_owned()).or_default()[field] += 1,
            }
            analysed.lengths[field] += 1;
        });
        analysed
    }
}

/// Hands every term of a passage to `visit` with the number of its field, in the order in which they stand.
///
/// A span outside the text counts as no words; `examine` reports it.
pub(crate) fn for_each_term(
    passage: &PassageRow,
    version_text: &str,
    language: Language,
    mut visit: impl FnMut(usize, Cow<'_, str>),
) {
    let text = passage.span.of(version_text).unwrap_or_default();
    for (field, text) in
        [(Field::Text, text), (Field::Headings, &passage.headings), (Field::Pinpoint, &passage.pinpoint)]
    {
        for_each_word(text, |word| {
            if let Some(term) = language.term(&word) {
                visit(field as usize, term);
            }
        });
    }
}

/// The titles of a document, analysed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AnalysedTitle {
    pub(crate) frequencies: HashMap<String, u32>,
    pub(crate) length: u32,
}

impl AnalysedTitle {
    /// Analyses the title and the short titles of `document`.
    pub(crate) fn new(document: &Document, language: Language) -> Self {
        let mut analysed = Self::default();
        for title in std::iter::once(&document.title).chain(&document.short_titles) {
            for_each_word(title, |word| {
                let Some(term) = language.term(&word) else { return };
                *analysed.frequencies.entry(term.into_owned()).or_default() += 1;
                analysed.length += 1;
            });
        }
        analysed
    }
}
