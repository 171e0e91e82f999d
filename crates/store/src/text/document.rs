//! One passage as the search sees it: how often each term and each pair stands in each of its fields, and how long they are.

use std::collections::HashMap;

use grounds_core::{Document, PassageRow};

use crate::text::analyse::Language;
use crate::text::bm25f::{Field, PASSAGE_FIELD_COUNT};
use crate::text::places::for_each_term_and_pair;

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
    /// Of terms, and by their names of pairs of neighbours.
    pub(crate) frequencies: HashMap<String, [u32; PASSAGE_FIELD_COUNT]>,
    /// Numbers of terms.
    pub(crate) lengths: [u32; PASSAGE_FIELD_COUNT],
}

impl AnalysedPassage {
    /// Analyses the words of `passage` in the text of its version.
    pub(crate) fn new(passage: &PassageRow, version_text: &str, language: Language) -> Self {
        let mut analysed = Self::default();
        for (field, text) in field_texts(passage, version_text).into_iter().enumerate() {
            let has_pairs = field != Field::Pinpoint as usize;
            for_each_term_and_pair(text, language, |name, is_pair| {
                if is_pair && !has_pairs {
                    return;
                }
                match analysed.frequencies.get_mut(name) {
                    Some(frequencies) => frequencies[field] += 1,
                    None => analysed.frequencies.entry(name.to_owned()).or_default()[field] += 1,
                }
                analysed.lengths[field] += u32::from(!is_pair);
            });
        }
        analysed
    }
}

/// The texts of a passage's fields, in the order of [`Field`].
///
/// A span outside the text counts as no words; `examine` reports it.
pub(crate) fn field_texts<'p>(passage: &'p PassageRow, version_text: &'p str) -> [&'p str; PASSAGE_FIELD_COUNT] {
    let mut texts = [""; PASSAGE_FIELD_COUNT];
    texts[Field::Text as usize] = passage.span.of(version_text).unwrap_or_default();
    texts[Field::Headings as usize] = &passage.headings;
    texts[Field::Pinpoint as usize] = &passage.pinpoint;
    texts
}

/// The titles of a document, analysed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AnalysedTitle {
    /// Of terms, and by their names of pairs of neighbours.
    pub(crate) frequencies: HashMap<String, u32>,
    /// The number of terms.
    pub(crate) length: u32,
}

impl AnalysedTitle {
    /// Analyses the title and the short titles of `document`.
    pub(crate) fn new(document: &Document, language: Language) -> Self {
        let mut analysed = Self::default();
        for title in std::iter::once(&document.title).chain(&document.short_titles) {
            for_each_term_and_pair(title, language, |name, is_pair| {
                *analysed.frequencies.entry(name.to_owned()).or_default() += 1;
                analysed.length += u32::from(!is_pair);
            });
        }
        analysed
    }
}
