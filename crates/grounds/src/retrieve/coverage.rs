//! How much of a question its best hit has: the measure by which it is in scope or not.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

use grounds_store::TermStatistics;

/// Everyday English words that say little about what a question is about.
const COMMON_WORDS: &str = include_str!("common_words.txt");

/// What a common word counts beside one that names a subject. Measured, see `bench/README.md`.
const COMMON_WEIGHT: f64 = 0.25;

/// Whether `word` is an everyday word.
pub(crate) fn is_common(word: &str) -> bool {
    static WORDS: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    let words = WORDS.get_or_init(|| COMMON_WORDS.split_whitespace().collect());
    let word = word.to_lowercase();
    words.contains(word.trim_end_matches("n't")) || words.contains(word.as_str())
}

/// The greatest share of the question's words, weighted by how rare they are, that one passage contains, of the words that each `matched`: 0 to 1.
pub(crate) fn coverage(matched: &[&Vec<String>], terms: &[TermStatistics]) -> f64 {
    let weight = |term: &TermStatistics| term.idf * if is_common(&term.surface) { COMMON_WEIGHT } else { 1.0 };
    let weights: Vec<f64> = terms.iter().map(weight).collect();
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return 0.0;
    }
    let places: HashMap<&str, usize> = terms.iter().map(|term| term.surface.as_str()).zip(0..).collect();
    let mut has = vec![false; terms.len()];
    let mut best = 0.0f64;
    for matched in matched {
        has.fill(false);
        matched.iter().filter_map(|word| places.get(word.as_str())).for_each(|place| has[*place] = true);
        let share: f64 = weights.iter().zip(&has).filter(|(_, has)| **has).map(|(weight, _)| weight).sum();
        best = best.max(share / total);
    }
    best
}

/// Words of the question that are not common and that no passage contains.
pub(crate) fn unknown_words(matched: &[&Vec<String>], terms: &[TermStatistics]) -> Vec<String> {
    let contained: HashSet<&str> = matched.iter().flat_map(|matched| matched.iter().map(String::as_str)).collect();
    let is_unknown = |term: &&TermStatistics| !contained.contains(term.surface.as_str()) && !is_common(&term.surface);
    terms.iter().filter(is_unknown).map(|term| term.surface.clone()).collect()
}
