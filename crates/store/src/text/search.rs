//! Scores what is visible by the terms of queries, and keeps the best.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use grounds_core::{PassageRow, VersionId};
use jiff::civil::Date;

use crate::text::bits::Bits;
use crate::text::bm25f::Bm25fParameters;
use crate::text::context::{best_in_context, of_document, of_surroundings};
use crate::text::explain::{ScoreParts, TermPart};
use crate::text::generation::Generation;
use crate::text::lookup::{FoundTerm, Purpose, visit_terms};
use crate::text::query::{QueryTerm, query_terms};
use crate::text::visible::Visible;
use crate::text::{TermStatistics, TextHit, TextQuery, TextResult};
use crate::{Reader, StoreError, Stored};

/// So many scores are kept at once at most, but for those of one query: 32 MiB.
const SCORE_COUNT_MAX: usize = 4 << 20;

/// The results of searches before their passages are read.
pub(crate) struct Rankings {
    visible: Arc<Visible>,
    rankings: Vec<Ranking>,
}

/// One of them.
#[derive(Default)]
struct Ranking {
    /// Score and position, best first.
    best: Vec<(f64, u32)>,
    terms: Vec<TermStatistics>,
    /// For each term the passages that contain it.
    matches: Vec<Rc<Bits>>,
}

impl Rankings {
    /// Reads the passages, each once.
    pub(crate) fn into_results(self, reader: &Reader, as_of: Date) -> Result<Vec<TextResult>, StoreError> {
        let visible = self.visible;
        let mut passages: HashMap<u32, Stored<PassageRow>> = HashMap::new();
        let mut results = Vec::with_capacity(self.rankings.len());
        for Ranking { best, terms, matches } in self.rankings {
            let mut hits = Vec::with_capacity(best.len());
            for (score, position) in best {
                let passage = match passages.get(&position) {
                    Some(passage) => passage.clone(),
                    None => {
                        let passage = reader.passage_on(&visible.key(position), as_of)?;
                        passages.entry(position).or_insert(passage).clone()
                    }
                };
                let matched = terms.iter().zip(&matches).filter(|(_, having)| having.contains(position as usize));
                let matched = matched.map(|(term, _)| term.surface.clone()).collect();
                hits.push(TextHit { passage, score, matched });
            }
            results.push(TextResult { hits, terms, passage_count: visible.passages.len() as u64 });
        }
        Ok(results)
    }
}

/// For each query scores every visible passage that contains a word of it, and keeps the best.
pub(crate) fn rank(
    queries: &[TextQuery],
    visible: Arc<Visible>,
    generation: Option<&Generation>,
) -> Result<Rankings, StoreError> {
    let at_once = (SCORE_COUNT_MAX / visible.passages.len().max(1)).max(1);
    let mut rankings = Vec::with_capacity(queries.len());
    for queries in queries.chunks(at_once) {
        rankings.extend(rank_at_once(queries, &visible, generation)?);
    }
    Ok(Rankings { visible, rankings })
}

fn rank_at_once(
    queries: &[TextQuery],
    visible: &Visible,
    generation: Option<&Generation>,
) -> Result<Vec<Ranking>, StoreError> {
    let passage_count = visible.passages.len();
    let terms: Vec<Vec<QueryTerm>> = queries.iter().map(|query| query_terms(query, &visible.languages)).collect();
    let mut scratch = visible.scratch.take();
    let mut scores: Vec<Vec<f64>> = queries.iter().map(|_| scratch.take_scores(passage_count)).collect();
    let mut matching = vec![Bits::none(passage_count); queries.len()];
    let mut rankings: Vec<Vec<(usize, TermStatistics, Rc<Bits>)>> = vec![Vec::new(); queries.len()];
    visit_terms(&terms, visible, generation, (&mut scratch, Purpose::Scores), |places, found| {
        let FoundTerm { weighing, document_frequency, idf } = found;
        let mut own = None;
        for (query, place) in places {
            let term = &terms[*query][*place];
            weighing.add_to(&mut scores[*query], term.factor * idf);
            if term.is_word {
                let own = own.get_or_insert_with(|| Rc::new(weighing.own().clone()));
                matching[*query].extend(own);
                let (surface, document_frequency) = (term.surface.clone(), *document_frequency);
                let statistics = TermStatistics { surface, document_frequency, idf: *idf };
                rankings[*query].push((*place, statistics, Rc::clone(own)));
            }
        }
    })?;
    let ranking = |(at, mut found): (usize, Vec<(usize, TermStatistics, Rc<Bits>)>)| {
        // Terms that an earlier query has too were found before the others.
        found.sort_by_key(|(place, _, _)| *place);
        let mut ranking =
            Ranking { best: best_in_context(&queries[at], visible, &scores[at], &matching[at]), ..Ranking::default() };
        for (_, statistics, having) in found {
            ranking.terms.push(statistics);
            ranking.matches.push(having);
        }
        ranking
    };
    let rankings = rankings.into_iter().enumerate().map(ranking).collect();
    scores.into_iter().for_each(|scores| scratch.give_scores(scores));
    visible.scratch.give(scratch);
    Ok(rankings)
}

/// What the scores of these passages, by version and ordinal, are made of; `None` for one that is not visible.
pub(crate) fn explain(
    query: &TextQuery,
    visible: &Visible,
    generation: Option<&Generation>,
    passages: &[(VersionId, u32)],
) -> Result<Vec<Option<ScoreParts>>, StoreError> {
    let mut scratch = visible.scratch.take();
    let mut scores = scratch.take_scores(visible.passages.len());
    let positions: Vec<Option<usize>> =
        passages.iter().map(|(version, ordinal)| visible.position(version, *ordinal)).collect();
    let mut parts: Vec<ScoreParts> = vec![ScoreParts::default(); passages.len()];
    let terms = [query_terms(query, &visible.languages)];
    visit_terms(&terms, visible, generation, (&mut scratch, Purpose::Parts), |places, found| {
        let FoundTerm { weighing, idf, .. } = found;
        for (_, place) in places {
            let term = &terms[0][*place];
            weighing.add_to(&mut scores, term.factor * idf);
            for (parts, position) in parts.iter_mut().zip(&positions) {
                let Some(position) = position else { continue };
                let weighted = weighing.weighted(*position);
                if weighted.sum() > 0.0 {
                    let score = term.factor * idf * Bm25fParameters::STANDARD.saturated(weighted.sum());
                    parts.terms.push(TermPart::new(&term.surface, term.is_word, score, &weighted));
                }
            }
        }
    })?;
    let of_documents = |position: usize| {
        let document = &visible.documents[visible.passages[position].document as usize];
        of_document(&document.passages, &scores).0
    };
    let whole = |(parts, position): (ScoreParts, Option<usize>)| {
        let position = position?;
        let surroundings = of_surroundings(visible, &scores, position);
        Some(ScoreParts { document: of_documents(position), surroundings, ..parts })
    };
    Ok(parts.into_iter().zip(positions).map(whole).collect())
}
