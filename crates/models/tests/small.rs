//! Small collections to test on.

use grounds_models::{Collection, LexicalSettings, PassageTerms};

/// A passage in words: its document, its parent, its text and its title.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) document: u32,
    pub(crate) parent: Option<u32>,
    pub(crate) text: String,
    pub(crate) title: String,
}

/// The words of a text.
pub(crate) fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// The collection of these passages.
pub(crate) fn collection(passages: &[Written], threads: usize) -> Collection {
    let mut builder = Collection::builder(LexicalSettings::STANDARD);
    for (at, passage) in passages.iter().enumerate() {
        let (body, title) = (builder.terms(&words(&passage.text)), builder.terms(&words(&passage.title)));
        let terms = PassageTerms {
            key: at as u64,
            document: passage.document,
            parent: passage.parent,
            body: &body,
            title: &title,
            ..PassageTerms::default()
        };
        builder.push(&terms).expect("passages are in order");
    }
    builder.finish(threads)
}
