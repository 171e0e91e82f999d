//! What a passage's surroundings add to its score: how well its document and the passages around answer.

use crate::text::TextQuery;
use crate::text::bits::Bits;
use crate::text::bm25f::{Bm25fParameters, DOCUMENT_BEST_COUNT, SURROUNDING_COUNT};
use crate::text::catalogue::index;
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
    let fits = |document: &VisibleDocument| {
        (query.kinds.is_empty() || query.kinds.contains(&document.kind))
            && (query.documents.is_empty() || query.documents.contains(&document.id))
    };
    let mut most = 0.0_f64;
    // `None` for one that the query does not let through.
    let mut of_documents = Vec::with_capacity(visible.documents.len());
    for document in &visible.documents {
        of_documents.push(fits(document).then(|| {
            let (of_document, best) = of_document(&document.passages, scores);
            most = most.max(best);
            of_document
        }));
    }
    let with_document = |position: usize| {
        let of_document = of_documents[visible.passages[position].document as usize]?;
        Some((scores[position] + of_document, index(position)))
    };
    let mut found: Vec<(f64, u32)> = Vec::with_capacity(usize::try_from(is_match.count()).unwrap_or_default());
    found.extend(is_match.numbers().filter_map(with_document));
    if found.len() > count {
        // What surrounds a passage is of its document. Whoever is further behind the last of the best than that adds cannot catch up.
        let most = Bm25fParameters::STANDARD.surroundings_share * most;
        let (_, last, _) = found.select_nth_unstable_by(count - 1, |a, b| b.0.total_cmp(&a.0));
        let least = last.0;
        found.retain(|(score, _)| score + most >= least);
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
