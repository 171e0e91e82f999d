//! Words that say little of what is asked about: those that ask for details, examples or explanations of whatever else is named; and what any sentence may
//! have, of articles, pronouns, quantifiers, prepositions, conjunctions, auxiliaries and adverbs, and verbs that mean little by themselves ("take", "make").
//!
//! In provisions these are rarer than in questions, so that their rarity would let a question find what has its manner instead of its matter. Words for
//! "must", "not", "without" and "until" are none of them: in provisions they decide. So does "may"; but "kann" and "peut" are what one asks with as well.

use std::collections::HashSet;
use std::sync::OnceLock;

use frostem::Algorithm;

/// The words of one language.
pub(crate) struct AskingWords {
    text: &'static str,
    /// Those whose term words with a meaning of their own have too ("directly" and "directive"): by terms they are not told from these. `None` where nobody
    /// looked; some are, such as "sich" and "Sicherheit".
    ambiguous: Option<&'static [&'static str]>,
    known: OnceLock<HashSet<&'static str>>,
}

static ENGLISH: AskingWords = AskingWords::new(
    include_str!("asking/en.txt"),
    Some(&[
        "actually",
        "completely",
        "directly",
        "exactly",
        "like",
        "relate",
        "relates",
        "relating",
        "several",
        "unlike",
    ]),
);
static GERMAN: AskingWords = AskingWords::new(include_str!("asking/de.txt"), None);
static FRENCH: AskingWords = AskingWords::new(include_str!("asking/fr.txt"), None);

/// The words of a language that is stemmed by `algorithm`, where they are known.
pub(crate) fn of(algorithm: Option<Algorithm>) -> Option<&'static AskingWords> {
    match algorithm? {
        Algorithm::English => Some(&ENGLISH),
        Algorithm::German => Some(&GERMAN),
        Algorithm::French => Some(&FRENCH),
        _ => None,
    }
}

impl AskingWords {
    const fn new(text: &'static str, ambiguous: Option<&'static [&'static str]>) -> Self {
        Self { text, ambiguous, known: OnceLock::new() }
    }

    /// All of them, in lower case.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static str> {
        self.text.split_whitespace()
    }

    /// Those that are known to be told by their terms.
    pub(crate) fn unambiguous(&self) -> impl Iterator<Item = &'static str> {
        self.all().filter(|word| self.ambiguous.is_some_and(|ambiguous| !ambiguous.contains(word)))
    }

    /// Whether `word`, in lower case, is one of them, with or without an elided word before it ("d'un", "qu'est").
    pub(crate) fn has(&self, word: &str) -> bool {
        let known = self.known.get_or_init(|| self.all().collect());
        known.contains(word.rsplit(['\'', '\u{2019}']).next().unwrap_or(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::analyse::analyse;

    #[test]
    fn each_word_stands_once_and_is_one_term() {
        for (language, words) in [("en", &ENGLISH), ("de", &GERMAN), ("fr", &FRENCH)] {
            let all: Vec<&str> = words.all().collect();
            assert!(all.is_sorted_by(|a, b| a < b), "{language}");
            for word in all {
                assert_eq!(analyse(word, language).len(), 1, "{language} {word}");
                assert!(words.has(word));
            }
            assert!(words.ambiguous.unwrap_or_default().iter().all(|word| words.has(word)), "{language}");
        }
        let decides = "may must shall can not no none nothing never without unless except until \
            darf muss soll nicht kein keine nichts ohne weder au\u{df}er doit ne pas aucun aucune rien sans ni sauf";
        for word in decides.split_whitespace() {
            assert!(![&ENGLISH, &GERMAN, &FRENCH].iter().any(|words| words.has(word)), "{word} decides");
        }
        assert!(FRENCH.has("d'un") && FRENCH.has("qu\u{2019}est") && !FRENCH.has("l'autorit\u{e9}"));
    }
}
