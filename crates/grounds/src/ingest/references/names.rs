//! What the documents of the workspace are called in texts.

use std::collections::HashMap;

use grounds_core::{Document, DocumentId};

use super::tokens::{Token, tokens};

/// Shorter names match too much.
const NAME_BYTES_MIN: usize = 2;

/// Put before the titles of Chinese laws.
const STATE: &str = "中华人民共和国";

/// The names of documents, to be found in texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    documents: Vec<Document>,
    /// By the first token: the other tokens, and whose name it is. Longest first.
    by_first: HashMap<String, Vec<(Vec<String>, usize)>>,
    /// By name, short title and title.
    by_name: HashMap<String, usize>,
    /// "2016/679"
    by_number: HashMap<String, usize>,
}

impl Names {
    /// The names of `documents`; of two with one name the first is meant.
    pub(crate) fn new(documents: Vec<Document>) -> Self {
        let mut names = Self::default();
        for (index, document) in documents.iter().enumerate() {
            for name in document.short_titles.iter().chain([&document.title, &document.id.0]) {
                names.by_name.entry(name.clone()).or_insert(index);
            }
            let printed = document.short_titles.iter().chain([&document.title, &document.id.0]);
            for name in printed.filter(|name| name.len() >= NAME_BYTES_MIN) {
                let mut words =
                    tokens(name, 0..name.len()).into_iter().map(|token| name[token.start..token.end].to_owned());
                let Some(first) = words.next() else { continue };
                names.by_first.entry(first).or_default().push((words.collect(), index));
            }
            if let Some(number) = document.metadata.get("number") {
                names.by_number.entry(number.clone()).or_insert(index);
            }
        }
        // Chinese laws are cited without the state that is a part of their titles.
        for (index, document) in documents.iter().enumerate() {
            if let Some(name) = document.title.strip_prefix(STATE).filter(|name| !name.is_empty()) {
                names.by_name.entry(name.to_owned()).or_insert(index);
            }
        }
        for list in names.by_first.values_mut() {
            list.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        names.documents = documents;
        names
    }

    pub(crate) fn document(&self, index: usize) -> &Document {
        &self.documents[index]
    }

    /// The position of a document given by its name, short title, title or number.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).or_else(|| self.by_number.get(name)).copied()
    }

    pub(crate) fn position_of(&self, id: &DocumentId) -> Option<usize> {
        self.documents.iter().position(|document| document.id == *id)
    }

    /// The document whose act number this is: "2016/679", or "679/2016" as it was once written.
    pub(crate) fn numbered(&self, first: &str, second: &str) -> Option<usize> {
        let found = self.by_number.get(&format!("{first}/{second}"));
        found.or_else(|| self.by_number.get(&format!("{second}/{first}"))).copied()
    }

    /// The name that begins at token `at`: the document and the token after it.
    pub(crate) fn named_at(&self, text: &str, tokens: &[Token<'_>], at: usize) -> Option<(usize, usize)> {
        let first = tokens.get(at)?;
        let candidates = self.by_first.get(&text[first.start..first.end])?;
        candidates.iter().find_map(|(words, document)| {
            let matches = words.iter().enumerate().all(|(offset, word)| {
                tokens.get(at + 1 + offset).is_some_and(|token| text[token.start..token.end] == **word)
            });
            matches.then_some((*document, at + 1 + words.len()))
        })
    }
}
