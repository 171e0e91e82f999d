//! Text search that agrees with the tables: what is asked and found, and what a store keeps for it in memory.

pub(crate) mod words;
pub(crate) mod analyse;
pub(crate) mod analyser;
mod places;
pub(crate) mod bm25f;
mod catalogue;
mod document;
mod directory;
mod saved;
mod splitter;
pub(crate) mod generation;
mod build;
mod prepare;
mod seal;
mod postings;
mod pair_cache;
mod tail;
mod bits;
mod scratch;
mod visible;
mod chinese;
mod asking;
mod empty_words;
mod query;
mod weighing;
mod lookup;
mod explain;
mod context;
mod search;
mod word_places;
mod engine;
pub(crate) mod check;

use grounds_core::{DocumentId, PassageRow, SourceKind};

use crate::Stored;

pub(crate) use document::PassageText;
pub(crate) use engine::TextEngine;
pub use explain::{ScoreParts, TermPart};
pub(crate) use prepare::NewPassage;
pub use query::{QuestionWord, names_something, question_words};
pub use word_places::WordPlaces;

/// What is searched for, and among what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextQuery {
    /// The words, as a person writes them; their order and repetition do not matter.
    pub text: String,
    /// The language of the words, where it is known ("en"): its stop words are left out, and its asking words count less, whatever the documents' language.
    pub language: Option<String>,
    /// Only passages of documents of these kinds; empty means all. Does not change scores.
    pub kinds: Vec<SourceKind>,
    /// Only passages of these documents; empty means all. Does not change scores.
    pub documents: Vec<DocumentId>,
    /// At most this many hits; 0 asks for the statistics alone.
    pub passage_count_max: usize,
}

impl TextQuery {
    /// Asks for these words in whatever language the documents are, among all passages, and for no hit: for statistics and explanations.
    pub fn of_words(text: &str) -> Self {
        Self { text: text.to_owned(), language: None, kinds: Vec::new(), documents: Vec::new(), passage_count_max: 0 }
    }
}

/// One passage that shares words with the query.
#[derive(Clone, Debug, PartialEq)]
pub struct TextHit {
    /// The passage.
    pub passage: Stored<PassageRow>,
    /// Above 0; comparable within one result only.
    pub score: f64,
    /// The query's words that it contains in any field, as the query has them, in the query's order.
    pub matched: Vec<String>,
}

/// How a word of the query occurs in the visible passages.
#[derive(Clone, Debug, PartialEq)]
pub struct TermStatistics {
    /// The word as the query has it.
    pub surface: String,
    /// How many visible passages contain it in their text or the headings above it.
    pub document_frequency: u64,
    /// Its weight: ln(1 + (N - df + 0.5) / (df + 0.5)).
    pub idf: f64,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct TextResult {
    /// Best first.
    pub hits: Vec<TextHit>,
    /// One for each distinct word of the query that is not a stop word, in the query's order.
    pub terms: Vec<TermStatistics>,
    /// How many passages are visible.
    pub passage_count: u64,
}
