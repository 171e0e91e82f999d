//! What a passage's surroundings add to its score: the words of its neighbours, and how well its document and the passages around answer.

use crate::text::bm25f::{Bm25fParameters, DOCUMENT_BEST_COUNT, FIELD_COUNT, Field, PerField, SURROUNDING_COUNT};
use crate::text::visible::Visible;

/// Where one term of a query occurs.
pub(crate) struct Occurrences<'a> {
    /// The passages that have it, in order.
    pub(crate) positions: &'a [u32],
    /// For each visible passage.
    pub(crate) frequencies: &'a [PerField<u32>],
}

/// A term's weighted frequency in one passage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Weighted {
    pub(crate) fields: PerField<f64>,
    /// In the passages before and after.
    pub(crate) neighbours: f64,
}

impl Weighted {
    pub(crate) fn sum(&self) -> f64 {
        self.fields.iter().sum::<f64>() + self.neighbours
    }
}

impl Occurrences<'_> {
    /// Hands each passage that has the term, or where `reaches_neighbours` whose neighbour has it in its text, to `visit` once, in order.
    pub(crate) fn weigh(&self, visible: &Visible, reaches_neighbours: bool, mut visit: impl FnMut(usize, Weighted)) {
        let mut next = 0;
        for position in self.positions {
            let at = *position as usize;
            let around = match reaches_neighbours && self.frequencies[at][Field::Text as usize] > 0 {
                true => (at.saturating_sub(1).max(next), at + 1),
                false => (at, at),
            };
            for passage in around.0..=around.1 {
                if passage >= next && (passage == at || are_of_one_version(visible, at, passage)) {
                    visit(passage, self.weighted(visible, passage, reaches_neighbours));
                    next = passage + 1;
                }
            }
        }
    }

    /// The term's weighted frequency in the passage at `position`.
    pub(crate) fn weighted(&self, visible: &Visible, position: usize, reaches_neighbours: bool) -> Weighted {
        let parameters = Bm25fParameters::STANDARD;
        let passage = &visible.passages[position];
        let frequencies = &self.frequencies[position];
        let mut weighted = Weighted::default();
        if *frequencies != [0; FIELD_COUNT] {
            let passage_count = visible.documents[passage.document as usize].passages.len();
            weighted.fields = parameters.frequencies(frequencies, &passage.lengths, &visible.averages, passage_count);
        }
        if reaches_neighbours {
            let before = position.checked_sub(1).filter(|before| are_of_one_version(visible, *before, position));
            let after = Some(position + 1).filter(|after| are_of_one_version(visible, position, *after));
            for neighbour in before.into_iter().chain(after) {
                let mut text = [0; FIELD_COUNT];
                text[Field::Text as usize] = self.frequencies[neighbour][Field::Text as usize];
                let lengths = &visible.passages[neighbour].lengths;
                let of_text = parameters.frequencies(&text, lengths, &visible.averages, 1)[Field::Text as usize];
                weighted.neighbours += parameters.neighbour_weight * of_text;
            }
        }
        weighted
    }
}

/// Whether two positions are passages of one version; the second may be one past the last.
fn are_of_one_version(visible: &Visible, first: usize, second: usize) -> bool {
    visible.passages.get(second).is_some_and(|passage| passage.version == visible.passages[first].version)
}

/// The scores of the matching passages with what their documents and surroundings add, and their positions.
pub(crate) fn in_context(visible: &Visible, scores: &[f64], is_match: &[bool]) -> Vec<(f64, u32)> {
    let of_documents: Vec<f64> =
        visible.documents.iter().map(|document| of_document(&document.passages, scores)).collect();
    let matching = (0..scores.len()).filter(|position| is_match[*position]);
    let total = |position: usize| {
        let of_document = of_documents[visible.passages[position].document as usize];
        scores[position] + of_document + of_surroundings(visible, scores, position)
    };
    matching.map(|position| (total(position), crate::text::catalogue::index(position))).collect()
}

/// What each passage of a document gets for the document's best passages.
pub(crate) fn of_document(passages: &[u32], scores: &[f64]) -> f64 {
    let mut best = [0.0_f64; DOCUMENT_BEST_COUNT];
    for position in passages {
        let score = scores[*position as usize];
        if score > best[DOCUMENT_BEST_COUNT - 1] {
            let at = best.iter().position(|known| score > *known).unwrap_or(DOCUMENT_BEST_COUNT - 1);
            best[at..].rotate_right(1);
            best[at] = score;
        }
    }
    Bm25fParameters::STANDARD.document_share * best.iter().sum::<f64>() / DOCUMENT_BEST_COUNT as f64
}

/// What a passage gets for the best one around it.
pub(crate) fn of_surroundings(visible: &Visible, scores: &[f64], position: usize) -> f64 {
    let first = position.saturating_sub(SURROUNDING_COUNT);
    let last = (position + SURROUNDING_COUNT).min(scores.len() - 1);
    let around = (first..=last).filter(|other| *other != position && are_of_one_version(visible, position, *other));
    Bm25fParameters::STANDARD.surroundings_share * around.map(|other| scores[other]).fold(0.0, f64::max)
}
