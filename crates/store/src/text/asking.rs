//! English words that say little of what is asked about: those that ask for details, examples or explanations of whatever else is named; and what any
//! sentence may have, of pronouns, quantifiers, prepositions, conjunctions and adverbs, and verbs that mean little by themselves ("take", "make").
//!
//! In provisions these are rarer than in questions, so that their rarity would let a question find what has its manner instead of its matter.

use std::collections::HashSet;
use std::sync::OnceLock;

const WORDS: &str = include_str!("asking_words.txt");

/// All of them.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    WORDS.split_whitespace()
}

/// Whether `word`, in lower case, is one of them.
pub(crate) fn is_word(word: &str) -> bool {
    static KNOWN: OnceLock<HashSet<&'static str>> = OnceLock::new();
    KNOWN.get_or_init(|| words().collect()).contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::analyse::analyse;

    #[test]
    fn each_word_stands_once_and_is_one_term() {
        let all: Vec<&str> = words().collect();
        assert!(all.is_sorted_by(|a, b| a < b));
        for word in all {
            assert_eq!(analyse(word, "en").len(), 1, "{word}");
        }
    }
}
