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
    /// Words that are none of them, for they decide in provisions, but name nothing by themselves either.
    deciding: &'static str,
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
    "all cannot except may might must never no nobody none not nothing shall unless until without",
);
static GERMAN: AskingWords = AskingWords::new(
    include_str!("asking/de.txt"),
    None,
    "außer bis darf durfte durften dürfen kein keine keinem keinen keiner keines muss musste mussten muß müssen müsste \
    nicht nichts nie niemals niemand ohne soll sollen sollte sollten weder",
);
static FRENCH: AskingWords = AskingWords::new(
    include_str!("asking/fr.txt"),
    None,
    "aucun aucune doit doivent dois devez devons jamais ne ni nul nulle pas rien sans sauf",
);

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
    const fn new(text: &'static str, ambiguous: Option<&'static [&'static str]>, deciding: &'static str) -> Self {
        Self { text, ambiguous, deciding, known: OnceLock::new() }
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
        known.contains(elided(word))
    }

    /// Whether `word`, in lower case, is one that decides and names nothing.
    pub(crate) fn has_deciding(&self, word: &str) -> bool {
        self.deciding.split_whitespace().any(|deciding| deciding == elided(word))
    }
}

/// The word without an elided one before it.
fn elided(word: &str) -> &str {
    word.rsplit(['\'', '\u{2019}']).next().unwrap_or(word)
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
        for words in [&ENGLISH, &GERMAN, &FRENCH] {
            for word in words.deciding.split_whitespace() {
                assert!(!words.has(word) && words.has_deciding(word), "{word} decides");
            }
        }
        assert!(
            FRENCH.has("d'un")
                && FRENCH.has_deciding("n'aucun")
                && FRENCH.has("qu\u{2019}est")
                && !FRENCH.has("l'autorit\u{e9}")
        );
    }
}
