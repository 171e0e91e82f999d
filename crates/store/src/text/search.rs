//! Walks the postings of a query's terms in generation and tail, and scores what is visible.

use std::sync::Arc;

use grounds_core::VersionId;
use jiff::civil::Date;

use crate::text::bm25f::{Bm25fParameters, FIELD_COUNT, Field, PerField};
use crate::text::context::{Occurrences, Weighted, in_context, of_document, of_surroundings};
use crate::text::explain::{ScoreParts, TermPart};
use crate::text::generation::Generation;
use crate::text::postings::Occurrence;
use crate::text::query::{Probe, QueryTerm, query_terms};
use crate::text::visible::{HIDDEN, Visible};
use crate::text::{TermStatistics, TextHit, TextQuery, TextResult};
use crate::{Reader, StoreError};

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

/// Scores every visible passage that contains a word of the query, and keeps the best.
pub(crate) fn rank(
    query: &TextQuery,
    visible: Arc<Visible>,
    generation: Option<&Generation>,
) -> Result<Ranking, StoreError> {
    let parameters = Bm25fParameters::STANDARD;
    let passage_count = visible.passages.len();
    let mut scores = vec![0.0_f64; passage_count];
    let mut is_match = vec![false; passage_count];
    let (mut terms, mut matches) = (Vec::new(), Vec::new());
    visit_terms(query, &visible, generation, |found| {
        let FoundTerm { term, occurrences, idf, .. } = found;
        occurrences.weigh(&visible, !term.is_character, |position, weighted| {
            scores[position] += parameters.score(term.factor, *idf, weighted.sum());
        });
        if term.is_word {
            occurrences.positions.iter().for_each(|position| is_match[*position as usize] = true);
            let surface = term.surface.clone();
            terms.push(TermStatistics { surface, document_frequency: found.document_frequency, idf: *idf });
            matches.push(occurrences.positions.to_vec());
        }
    })?;
    let candidates = in_context(&visible, &scores, &is_match);
    let best = best(query, &visible, candidates);
    Ok(Ranking { visible, best, terms, matches })
}

/// What the scores of these passages, by version and ordinal, are made of; `None` for one that is not visible.
pub(crate) fn explain(
    query: &TextQuery,
    visible: &Visible,
    generation: Option<&Generation>,
    passages: &[(VersionId, u32)],
) -> Result<Vec<Option<ScoreParts>>, StoreError> {
    let parameters = Bm25fParameters::STANDARD;
    let mut scores = vec![0.0_f64; visible.passages.len()];
    let positions: Vec<Option<usize>> =
        passages.iter().map(|(version, ordinal)| visible.position(version, *ordinal)).collect();
    let mut parts: Vec<ScoreParts> = vec![ScoreParts::default(); passages.len()];
    visit_terms(query, visible, generation, |found| {
        let FoundTerm { term, occurrences, idf, .. } = found;
        let score = |weighted: &Weighted| parameters.score(term.factor, *idf, weighted.sum());
        occurrences.weigh(visible, !term.is_character, |position, weighted| scores[position] += score(&weighted));
        for (parts, position) in parts.iter_mut().zip(&positions) {
            let Some(position) = position else { continue };
            let weighted = occurrences.weighted(visible, *position, !term.is_character);
            if weighted.sum() > 0.0 {
                parts.terms.push(TermPart::new(&term.surface, term.is_word, score(&weighted), &weighted));
            }
        }
    })?;
    let of_documents = |position: usize| {
        let document = &visible.documents[visible.passages[position].document as usize];
        of_document(&document.passages, &scores)
    };
    let whole = |(parts, position): (ScoreParts, Option<usize>)| {
        let position = position?;
        let surroundings = of_surroundings(visible, &scores, position);
        Some(ScoreParts { document: of_documents(position), surroundings, ..parts })
    };
    Ok(parts.into_iter().zip(positions).map(whole).collect())
}

/// A term of the query with everything that its score needs.
struct FoundTerm<'a> {
    term: &'a QueryTerm,
    occurrences: Occurrences<'a>,
    document_frequency: u64,
    idf: f64,
}

/// Hands every term of the query to `visit`, in the order in which scores are added up.
fn visit_terms(
    query: &TextQuery,
    visible: &Visible,
    generation: Option<&Generation>,
    mut visit: impl FnMut(&FoundTerm<'_>),
) -> Result<(), StoreError> {
    let passage_count = visible.passages.len();
    let mut frequencies: Vec<PerField<u32>> = vec![[0; FIELD_COUNT]; passage_count];
    for term in &query_terms(query, &visible.languages) {
        let mut positions = find(term, visible, generation, &mut frequencies)?;
        positions.sort_unstable();
        // A title stands above every passage of its document: it tells documents apart, and says nothing of how rare a word is.
        let has_own = |position: &&u32| {
            let found = &frequencies[**position as usize];
            found[Field::Text as usize] > 0 || found[Field::Headings as usize] > 0
        };
        let document_frequency = positions.iter().filter(has_own).count() as u64;
        let idf = Bm25fParameters::STANDARD.idf(passage_count as u64, document_frequency);
        let occurrences = Occurrences { positions: &positions, frequencies: &frequencies };
        visit(&FoundTerm { term, occurrences, document_frequency, idf });
        positions.iter().for_each(|position| frequencies[*position as usize] = [0; FIELD_COUNT]);
    }
    Ok(())
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
    for (language, probe) in &term.probes {
        if let Some(generation) = generation {
            let visit = |(segment, document, field, frequency): Occurrence| {
                let position = visible.sealed[segment][document as usize];
                if position != HIDDEN {
                    count(position, field, frequency);
                }
            };
            match probe {
                Probe::Term(term) => generation.visit_term(*language, term, visit)?,
                Probe::Pair(first, second) => generation.visit_pair(*language, (first, second), visit)?,
            }
        }
        let name = probe.name();
        for (position, analysed) in &visible.tail {
            let document = visible.passages[*position as usize].document;
            if visible.documents[document as usize].language != *language {
                continue;
            }
            let Some(found) = analysed.frequencies.get(&name) else { continue };
            for (field, frequency) in found.iter().enumerate().filter(|(_, frequency)| **frequency > 0) {
                count(*position, field, *frequency);
            }
        }
        if term.is_character {
            continue;
        }
        for document in visible.documents.iter().filter(|document| document.language == *language) {
            let Some(frequency) = document.title.frequencies.get(&name) else { continue };
            for position in &document.passages {
                count(*position, Field::Title as usize, *frequency);
            }
        }
    }
    Ok(positions)
}

/// The passages with the highest scores that the query lets through.
fn best(query: &TextQuery, visible: &Visible, candidates: Vec<(f64, u32)>) -> Vec<(f64, u32)> {
    let mut best = candidates;
    best.retain(|(_, position)| {
        let document = &visible.documents[visible.passages[*position as usize].document as usize];
        (query.kinds.is_empty() || query.kinds.contains(&document.kind))
            && (query.documents.is_empty() || query.documents.contains(&document.id))
    });
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
