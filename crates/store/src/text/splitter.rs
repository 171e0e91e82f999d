//! How terms that are already cut reach the index: joined into one text, and split again there without being looked at.
//!
//! The text begins with the language of all its terms, which the index keeps with each. Runs of scripts without spaces go as they are, and are cut
//! into characters only there: that takes half of the bytes.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::text::analyse::Language;
use crate::text::places::Places;

/// The name under which the index knows [`TermSplitter`].
pub(crate) const TOKENIZER: &str = "terms";

/// Begins a run of characters each of which is a term. No word has a control character in it.
const RUN: char = '\u{1d}';
/// Ends a term or a run.
const END: char = '\u{1e}';
/// Stands between a language and its terms.
const LANGUAGE_END: char = '\u{1f}';

/// The form of a term in the index: with its language, so that one language's words never match another's.
pub(crate) fn index_term(language: Language, term: &str) -> String {
    format!("{}{LANGUAGE_END}{term}", language.name())
}

/// Begins a text for [`TermSplitter`] anew.
pub(crate) fn begin_terms(text: &mut String, language: Language) {
    text.clear();
    text.push_str(language.name());
    text.push(LANGUAGE_END);
}

/// Adds a term.
pub(crate) fn push_term(text: &mut String, term: &str) {
    text.push_str(term);
    text.push(END);
}

/// Adds each character of `run`; returns how many there are.
pub(crate) fn push_run(text: &mut String, run: &str) -> u32 {
    text.push(RUN);
    text.push_str(run);
    text.push(END);
    u32::try_from(run.chars().count()).unwrap_or(u32::MAX)
}

/// Splits what [`push_term`] and [`push_run`] wrote.
#[derive(Clone, Default)]
pub(crate) struct TermSplitter {
    token: Token,
}

/// The terms of one text.
pub(crate) struct Terms<'a> {
    /// What is not split yet.
    rest: &'a str,
    /// What is left of a run.
    run: &'a str,
    places: Places,
    /// Every term begins with the language.
    language_bytes: usize,
    token: &'a mut Token,
}

impl Tokenizer for TermSplitter {
    type TokenStream<'a> = Terms<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Terms<'a> {
        self.token.reset();
        let language_bytes = text.find(LANGUAGE_END).map_or(0, |at| at + LANGUAGE_END.len_utf8());
        let (language, rest) = text.split_at(language_bytes);
        self.token.text.push_str(language);
        Terms { rest, run: "", places: Places::default(), language_bytes, token: &mut self.token }
    }
}

impl<'a> Terms<'a> {
    /// The next character of the run; `None` at its end.
    fn next_character(&mut self) -> Option<&'a str> {
        let (character, rest) = self.run.split_at(self.run.chars().next()?.len_utf8());
        self.run = rest;
        Some(character)
    }

    /// The next term with its place.
    fn next_term(&mut self) -> Option<(&'a str, u32)> {
        loop {
            if let Some(character) = self.next_character() {
                return Some((character, self.places.character()));
            }
            let (piece, rest) = self.rest.split_once(END)?;
            self.rest = rest;
            let Some(run) = piece.strip_prefix(RUN) else { return Some((piece, self.places.word())) };
            self.places.begin_run();
            self.run = run;
        }
    }
}

impl TokenStream for Terms<'_> {
    fn advance(&mut self) -> bool {
        let Some((term, place)) = self.next_term() else { return false };
        self.token.text.truncate(self.language_bytes);
        self.token.text.push_str(term);
        self.token.position = place as usize;
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}
