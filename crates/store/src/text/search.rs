//! Walks the postings of a query's terms in generation and tail, and scores what is visible.

use std::sync::Arc;

use jiff::civil::Date;

use crate::text::analyse::Language;
use crate::text::bm25f::{Bm25fParameters, FIELD_COUNT, Field, PerField};
use crate::text::generation::Generation;
use crate::text::visible::{HIDDEN, Visible};
use crate::text::words::{Word, for_each_word};
use crate::text::{TermStatistics, TextHit, TextQuery, TextResult};
use crate::{Reader, StoreError};

/// A word of the query, and what it is in each language of the visible documents.
struct QueryTerm {
    surface: String,
    terms: Vec<(Language, String)>,
}

/// A search's result before its passages are read.
pub(crate) struct Ranking {
    visible: Arc<Visible>,
    /// Score and position, best first.
    best: Vec<(f64, u32)>,
    terms: Vec<TermStatistics>,
    /// For each term, the positions of the passages that contain it, in order.
    matches: Vec<Vec<u32>>,
}

impl Ranking {
    /// Reads the passages.
    pub(crate) fn into_result(self, reader: &Reader, as_of: Date) -> Result<TextResult, StoreError> {
        let mut hits = Vec::with_capacity(self.best.len());
        for (score, position) in self.best {
            let passage = reader.passage_on(&self.visible.key(position), as_of)?;
            let matched = self.terms.iter().zip(&self.matches);
            let matched = matched.filter(|(_, positions)| positions.binary_search(&position).is_ok());
            let matched = matched.map(|(term, _)| term.surface.clone()).collect();
            hits.push(TextHit { passage, score, matched });
        }
        Ok(TextResult { hits, terms: self.terms, passage_count: self.visible.passages.len() as u64 })
    }
}

/// Scores every visible passage that contains a term of the query, and keeps the best.
pub(crate) fn rank(
    query: &TextQuery,
    visible: Arc<Visible>,
    generation: Option<&Generation>,
) -> Result<Ranking, StoreError> {
    let parameters = Bm25fParameters::STANDARD;
    let passage_count = visible.passages.len();
    let mut scores = vec![0.0_f64; passage_count];
    let mut frequencies: Vec<PerField<u32>> = vec![[0; FIELD_COUNT]; passage_count];
    let (mut terms, mut matches) = (Vec::new(), Vec::new());
    for term in query_terms(query, &visible.languages) {
        let mut positions = find(&term, &visible, generation, &mut frequencies)?;
        positions.sort_unstable();
        // A title stands above every passage of its document: it tells documents apart, and says nothing of how rare a word is.
        let has_own = |position: &&u32| {
            let found = &frequencies[**position as usize];
            found[Field::Text as usize] > 0 || found[Field::Headings as usize] > 0
        };
        let document_frequency = positions.iter().filter(has_own).count() as u64;
        let idf = parameters.idf(passage_count as u64, document_frequency);
        for position in &positions {
            let at = *position as usize;
            scores[at] += parameters.score(idf, &frequencies[at], &visible.passages[at].lengths, &visible.averages);
            frequencies[at] = [0; FIELD_COUNT];
        }
        terms.push(TermStatistics { surface: term.surface, document_frequency, idf });
        matches.push(positions);
    }
    let best = best(query, &visible, &scores, &matches);
    Ok(Ranking { visible, best, terms, matches })
}

/// Counts a term's occurrences into `frequencies`, and lists the positions of the passages that have any, each once.
fn find(
    term: &QueryTerm,
    visible: &Visible,
    generation: Option<&Generation>,
    frequencies: &mut [PerField<u32>],
) -> Result<Vec<u32>, StoreError> {
    let mut positions = Vec::new();
    let mut count = |position: u32, field: usize, frequency: u32| {
        let frequencies = &mut frequencies[position as usize];
        if *frequencies == [0; FIELD_COUNT] {
            positions.push(position);
        }
        frequencies[field] += frequency;
    };
    for (language, term) in &term.terms {
        if let Some(generation) = generation {
            generation.visit_postings(*language, term, |segment, document, field, frequency| {
                let position = visible.sealed[segment][document as usize];
                if position != HIDDEN {
                    count(position, field, frequency);
                }
            })?;
        }
        for (position, analysed) in &visible.tail {
            let document = visible.passages[*position as usize].document;
            if visible.documents[document as usize].language != *language {
                continue;
            }
            let Some(found) = analysed.frequencies.get(term) else { continue };
            for (field, frequency) in found.iter().enumerate().filter(|(_, frequency)| **frequency > 0) {
                count(*position, field, *frequency);
            }
        }
        for document in visible.documents.iter().filter(|document| document.language == *language) {
            let Some(frequency) = document.title.frequencies.get(term) else { continue };
            for position in &document.passages {
                count(*position, Field::Title as usize, *frequency);
            }
        }
    }
    Ok(positions)
}

/// The passages with the highest scores that the query lets through.
fn best(query: &TextQuery, visible: &Visible, scores: &[f64], matches: &[Vec<u32>]) -> Vec<(f64, u32)> {
    let mut candidates: Vec<u32> = matches.iter().flatten().copied().collect();
    candidates.sort_unstable();
    candidates.dedup();
    candidates.retain(|position| {
        let document = &visible.documents[visible.passages[*position as usize].document as usize];
        (query.kinds.is_empty() || query.kinds.contains(&document.kind))
            && (query.documents.is_empty() || query.documents.contains(&document.id))
    });
    let mut best: Vec<(f64, u32)> =
        candidates.into_iter().map(|position| (scores[position as usize], position)).collect();
    let order = |a: &(f64, u32), b: &(f64, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if query.passage_count_max == 0 {
        return Vec::new();
    }
    if query.passage_count_max < best.len() {
        best.select_nth_unstable_by(query.passage_count_max - 1, order);
        best.truncate(query.passage_count_max);
    }
    best.sort_unstable_by(order);
    best
}

/// The distinct words of the query that are not stop words, each with its terms.
///
/// A term belongs to the first word that has it in a language, so that no word counts twice; a word whose every term belongs
/// to earlier ones is left out.
fn query_terms(query: &TextQuery, languages: &[Language]) -> Vec<QueryTerm> {
    let of_query = query.language.as_deref().map(Language::of);
    // Where nothing is visible there is no language to analyse in; the words are still reported.
    let fallback = [of_query.unwrap_or_else(|| Language::of("und"))];
    let languages = if languages.is_empty() { fallback.as_slice() } else { languages };
    let mut found: Vec<QueryTerm> = Vec::new();
    for_each_word(&query.text, |word: Word<'_>| {
        if of_query.is_some_and(|language| language.is_stop_word(&word)) {
            return;
        }
        let terms = languages.iter().filter_map(|language| Some((*language, language.term(&word)?.into_owned())));
        let is_new = |pair: &(Language, String)| !found.iter().any(|earlier| earlier.terms.contains(pair));
        let terms: Vec<_> = terms.filter(is_new).collect();
        if !terms.is_empty() {
            found.push(QueryTerm { surface: query.text[word.start..word.end].to_owned(), terms });
        }
    });
    found
}
