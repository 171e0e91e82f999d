//! A question with the passages that answer it.

use std::collections::HashSet;
use std::hash::Hash;

use crate::collection::{Collection, PassageIndex, TermId};
use crate::error::ModelsError;

/// A labelled question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// Its terms in order, analysed as the passages were.
    pub terms: Vec<String>,
    /// The passages that answer it: each once, in any order, at least one.
    pub gold: Vec<PassageIndex>,
    /// Its vector by the embedding model that the collection's passages have theirs by; empty where they have none.
    pub vector: Vec<f32>,
}

/// A question's terms as the collection knows them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AskedTerms {
    /// Terms of the collection, each once, in order of their first use.
    pub(crate) unique: Vec<TermId>,
    /// Neighbouring terms, both of the collection, each pair once.
    pub(crate) pairs: Vec<(TermId, TermId)>,
    /// How many terms of the question the collection does not have, each once.
    pub(crate) unknown_count: usize,
    /// Terms of the question, repeated ones too.
    pub(crate) length: usize,
    /// The question's vector; empty for none.
    pub(crate) vector: Vec<f32>,
}

impl AskedTerms {
    /// A question of terms that the collection has; without pairs.
    pub(crate) fn of_terms(terms: &[TermId]) -> Self {
        Self {
            unique: each_once(terms.iter().copied()),
            pairs: Vec::new(),
            unknown_count: 0,
            length: terms.len(),
            vector: Vec::new(),
        }
    }

    /// Looks the terms of a question up.
    pub(crate) fn new<S: AsRef<str>>(collection: &Collection, terms: &[S]) -> Self {
        let ids: Vec<Option<TermId>> = terms.iter().map(|term| collection.term(term.as_ref())).collect();
        let unique = each_once(ids.iter().copied().flatten());
        let pairs = each_once(ids.windows(2).filter_map(|pair| pair[0].zip(pair[1])));
        let mut unknown: Vec<&str> =
            terms.iter().zip(&ids).filter(|(_, id)| id.is_none()).map(|(term, _)| term.as_ref()).collect();
        unknown.sort_unstable();
        unknown.dedup();
        Self { unique, pairs, unknown_count: unknown.len(), length: terms.len(), vector: Vec::new() }
    }

    /// The same with the question's vector.
    pub(crate) fn with_vector(self, vector: &[f32]) -> Self {
        Self { vector: vector.to_vec(), ..self }
    }
}

/// What comes, each once, in the order of first coming.
pub(crate) fn each_once<T: Copy + Eq + Hash>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut known = HashSet::new();
    all.filter(|one| known.insert(*one)).collect()
}

/// Refuses gold passages that are not there.
pub(crate) fn check_gold(collection: &Collection, questions: &[Question]) -> Result<(), ModelsError> {
    let passage_count = collection.passage_count();
    for (at, question) in questions.iter().enumerate() {
        if let Some(passage) = question.gold.iter().find(|gold| **gold as usize >= passage_count) {
            return Err(ModelsError::UnknownGold { question: at, passage: *passage, passage_count });
        }
    }
    Ok(())
}
