//! What a passage's surroundings add to its score: how well its document and the passages around answer.

use crate::text::TextQuery;
use crate::text::bits::Bits;
use crate::text::bm25f::{Bm25fParameters, DOCUMENT_BEST_COUNT, SURROUNDING_COUNT};
use crate::text::visible::{Visible, VisibleDocument};

/// Whether two positions are passages of one version; the second may be one past the last.
fn are_of_one_version(visible: &Visible, first: usize, second: usize) -> bool {
    visible.passages.get(second).is_some_and(|passage| passage.version == visible.passages[first].version)
}

/// The best of the matching passages that the query lets through, with what their documents and surroundings add to their scores.
pub(crate) fn best_in_context(
    query: &TextQuery,
    visible: &Visible,
    scores: &[f64],
    is_match: &Bits,
) -> Vec<(f64, u32)> {
    let count = query.passage_count_max;
    if count == 0 {
        return Vec::new();
    }
    let documents = best_documents(query, visible, scores);
    let least = least_of_the_best(&documents, scores, is_match, count);
    let most = documents.first().map_or(0.0, |(best, _)| *best);
    let parameters = Bm25fParameters::STANDARD;
    // What surrounds a passage is of its document. Whoever is further behind the last of the best than that adds cannot catch up.
    let most_around = parameters.surroundings_share * most;
    let mut found: Vec<(f64, u32)> = Vec::new();
    for (best, document) in &documents {
        // No passage gets more from its document and from around it than its document's best would give it.
        if best * (1.0 + parameters.document_share + parameters.surroundings_share) * ROUNDED_UP < least {
            break;
        }
        let of_document = of_document(&document.passages, scores).0;
        let with_document = |position: &u32| (scores[*position as usize] + of_document, *position);
        let matching = document.passages.iter().filter(|position| is_match.contains(**position as usize));
        found.extend(matching.map(with_document).filter(|(score, _)| score + most_around >= least));
    }
    if found.len() > count {
        let (_, last, _) = found.select_nth_unstable_by(count - 1, |a, b| b.0.total_cmp(&a.0));
        let least = last.0;
        found.retain(|(score, _)| score + most_around >= least);
    }
    for (score, position) in &mut found {
        *score += of_surroundings(visible, scores, *position as usize);
    }
    let order = |a: &(f64, u32), b: &(f64, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if found.len() > count {
        found.select_nth_unstable_by(count - 1, order);
        found.truncate(count);
    }
    found.sort_unstable_by(order);
    found
}

/// More than sums and products of a few scores are off by rounding.
const ROUNDED_UP: f64 = 1.0 + 1e-9;

/// The documents that the query lets through, each with the score of its best passage, best first.
fn best_documents<'v>(query: &TextQuery, visible: &'v Visible, scores: &[f64]) -> Vec<(f64, &'v VisibleDocument)> {
    let fits = |document: &&VisibleDocument| {
        (query.kinds.is_empty() || query.kinds.contains(&document.kind))
            && (query.documents.is_empty() || query.documents.contains(&document.id))
    };
    let best = |document: &'v VisibleDocument| {
        let scores = document.passages.iter().map(|position| scores[*position as usize]);
        (scores.fold(0.0, f64::max), document)
    };
    let mut documents: Vec<(f64, &VisibleDocument)> = visible.documents.iter().filter(fits).map(best).collect();
    documents.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    documents
}

/// A score that `count` of the matching passages reach without their documents and surroundings; 0 where so many are not found in the best `count`
/// of the documents.
fn least_of_the_best(documents: &[(f64, &VisibleDocument)], scores: &[f64], is_match: &Bits, count: usize) -> f64 {
    let positions = documents.iter().take(count).flat_map(|(_, document)| &document.passages);
    let matching = positions.filter(|position| is_match.contains(**position as usize));
    let mut of_passages: Vec<f64> = matching.map(|position| scores[*position as usize]).collect();
    if of_passages.len() < count {
        return 0.0;
    }
    *of_passages.select_nth_unstable_by(count - 1, |a, b| b.total_cmp(a)).1
}

/// What each passage of a document gets for the document's best passages, and the score of the best.
pub(crate) fn of_document(passages: &[u32], scores: &[f64]) -> (f64, f64) {
    let mut best = [0.0_f64; DOCUMENT_BEST_COUNT];
    for position in passages {
        let score = scores[*position as usize];
        if score > best[DOCUMENT_BEST_COUNT - 1] {
            let at = best.iter().position(|known| score > *known).unwrap_or(DOCUMENT_BEST_COUNT - 1);
            best[at..].rotate_right(1);
            best[at] = score;
        }
    }
    let share = Bm25fParameters::STANDARD.document_share * best.iter().sum::<f64>() / DOCUMENT_BEST_COUNT as f64;
    (share, best[0])
}

/// What a passage gets for the best one around it.
pub(crate) fn of_surroundings(visible: &Visible, scores: &[f64], position: usize) -> f64 {
    let first = position.saturating_sub(SURROUNDING_COUNT);
    let last = (position + SURROUNDING_COUNT).min(scores.len() - 1);
    let around = (first..=last).filter(|other| *other != position && are_of_one_version(visible, position, *other));
    Bm25fParameters::STANDARD.surroundings_share * around.map(|other| scores[other]).fold(0.0, f64::max)
}
