//! How terms that are already cut reach the index: joined into one text, and split again there without being looked at.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::text::analyse::Language;

/// The name under which the index knows [`TermSplitter`].
pub(crate) const TOKENIZER: &str = "terms";

/// Stands between terms. No word has a control character in it.
const END: char = '\u{1e}';
/// Stands between a language and a term.
const LANGUAGE_END: char = '\u{1f}';

/// The form of a term in the index: with its language, so that one language's words never match another's.
pub(crate) fn index_term(language: Language, term: &str) -> String {
    format!("{}{LANGUAGE_END}{term}", language.name())
}

/// Adds the form of a term in the index to a text for [`TermSplitter`].
pub(crate) fn push_term(text: &mut String, language: Language, term: &str) {
    text.push_str(language.name());
    text.push(LANGUAGE_END);
    text.push_str(term);
    text.push(END);
}

/// Splits what [`push_term`] wrote.
#[derive(Clone, Default)]
pub(crate) struct TermSplitter {
    token: Token,
}

/// The terms of one text.
pub(crate) struct Terms<'a> {
    rest: &'a str,
    token: &'a mut Token,
}

impl Tokenizer for TermSplitter {
    type TokenStream<'a> = Terms<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Terms<'a> {
        self.token.reset();
        Terms { rest: text, token: &mut self.token }
    }
}

impl TokenStream for Terms<'_> {
    fn advance(&mut self) -> bool {
        let Some((term, rest)) = self.rest.split_once(END) else { return false };
        self.rest = rest;
        self.token.text.clear();
        self.token.text.push_str(term);
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}
