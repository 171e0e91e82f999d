//! Many texts into terms, each different word considered once.

use std::collections::HashMap;
use std::sync::Arc;

use crate::text::analyse::Language;
use crate::text::words::{Piece, Run, for_each_piece};

/// The number of a term: terms are counted from 0, as they are met.
pub type TermNumber = u32;

/// Splits texts into the terms of [`analyse_with_characters`](crate::analyse_with_characters), as numbers.
///
/// A word is looked at the first time it is met in a language: whether it is left out, and what its stem is. Over many texts that is a small part of
/// the work. Memory: each different word and term.
///
/// # Examples
/// ```
/// let mut analyser = grounds_store::Analyser::default();
/// let numbers = analyser.analyse_with_characters("The notification notifies", "en");
/// let terms: Vec<&str> = numbers.iter().map(|number| analyser.term(*number)).collect();
/// assert_eq!(terms, grounds_store::analyse_with_characters("The notification notifies", "en"));
/// ```
#[derive(Debug, Default)]
pub struct Analyser {
    /// Those of one treatment are the same.
    languages: HashMap<Language, Words>,
    terms: Terms,
    /// Pairs and single characters of scripts without spaces, which every language has alike.
    pairs: HashMap<(char, char), TermNumber>,
    characters: HashMap<char, TermNumber>,
    /// Of the run at hand.
    run: Vec<char>,
}

/// The words of a language that were met, and which term each is; `None` where the language leaves it out.
type Words = HashMap<Box<str>, Option<TermNumber>>;

#[derive(Debug, Default)]
struct Terms {
    numbers: HashMap<Arc<str>, TermNumber>,
    names: Vec<Arc<str>>,
}

impl Terms {
    fn number(&mut self, term: &str) -> TermNumber {
        if let Some(number) = self.numbers.get(term) {
            return *number;
        }
        let number = TermNumber::try_from(self.names.len()).unwrap_or(TermNumber::MAX);
        let name: Arc<str> = Arc::from(term);
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }
}

impl Analyser {
    /// The numbers of the terms of `text`, in order.
    pub fn analyse_with_characters(&mut self, text: &str, language: &str) -> Vec<TermNumber> {
        let language = Language::of(language);
        let mut found = Vec::new();
        let Self { languages, terms, pairs, characters, run: run_characters } = self;
        let words = languages.entry(language).or_default();
        for_each_piece(text, |piece| match piece {
            Piece::Word(word) => match words.get(word.normal.as_ref()) {
                Some(known) => found.extend(known),
                None => {
                    let term = language.term(&word).map(|term| terms.number(&term));
                    words.insert(Box::from(word.normal.as_ref()), term);
                    found.extend(term);
                }
            },
            Piece::Run(run) => {
                read(&run, run_characters);
                found.extend(run_characters.windows(2).map(|pair| {
                    let new = || terms.number(&String::from_iter(pair));
                    *pairs.entry((pair[0], pair[1])).or_insert_with(new)
                }));
                found.extend(run_characters.iter().map(|character| {
                    let new = || terms.number(character.encode_utf8(&mut [0; 4]));
                    *characters.entry(*character).or_insert_with(new)
                }));
            }
        });
        found
    }

    /// The term with this number.
    ///
    /// # Panics
    /// Where this analyser gave no term that number.
    pub fn term(&self, number: TermNumber) -> &str {
        &self.terms.names[number as usize]
    }
}

/// The characters of a run as they are compared.
fn read(run: &Run<'_>, characters: &mut Vec<char>) {
    characters.clear();
    characters.extend(run.normal(run.text).chars());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::analyse::analyse_with_characters;

    proptest! {
        #[test]
        fn terms_are_those_of_each_text_alone(
            texts in proptest::collection::vec(
                ("([a-zA-Z]{1,3}|[Tt]he|notif(y|ies)|Meldung(en)?|[一-丏]{1,4}|か|\u{2019}s|[0-9]|[ .,，]){0,12}",
                    prop_oneof![Just("en"), Just("de"), Just("zh"), Just("und")]),
                1..8),
        ) {
            let mut analyser = Analyser::default();
            let numbers: Vec<Vec<TermNumber>> =
                texts.iter().map(|(text, language)| analyser.analyse_with_characters(text, language)).collect();
            for ((text, language), numbers) in texts.iter().zip(numbers) {
                let terms: Vec<&str> = numbers.iter().map(|number| analyser.term(*number)).collect();
                prop_assert_eq!(terms, analyse_with_characters(text, language));
            }
        }
    }
}
