//! What an embedding model says about a candidate beside a question: numbers that follow those of a row where passages have vectors.

use crate::candidates::Scratch;
use crate::collection::{Collection, PassageIndex};
use crate::cosine::UnitVectors;
use crate::features::{FEATURE_COUNT, MEMORY_SIGNAL_FIRST, SIGNAL_COUNT};
use crate::lexical::{Scored, best_of};
use crate::question::AskedTerms;

/// Signals, as those of words have them: the value, the distance to the best candidate, and the logarithm of the rank.
const SIGNAL_NAMES: [&str; 3] = ["vectors", "vectors of questions", "nearest question by vectors"];
/// The signal that needs no memory.
pub(crate) const VECTOR_SIGNAL: usize = SIGNAL_COUNT;
/// The cosines of the passages before, after and above, below that of the best candidate.
const AROUND_COUNT: usize = 3;
/// Where these stand.
pub(crate) const AROUND_FIRST: usize = FEATURE_COUNT + 3 * SIGNAL_NAMES.len();
/// What the vectors of the document's other candidates say, which is for the ranker with memory only.
pub(crate) const VECTOR_VICINITY_FIRST: usize = AROUND_FIRST + AROUND_COUNT;
/// Numbers in a row beyond those of words.
pub(crate) const VECTOR_FEATURE_COUNT: usize = 3 * SIGNAL_NAMES.len() + AROUND_COUNT + 2;

/// Numbers in a row.
pub(crate) fn row_length(hears_vectors: bool) -> usize {
    FEATURE_COUNT + if hears_vectors { VECTOR_FEATURE_COUNT } else { 0 }
}

/// The names of the signals of vectors, for people.
pub(crate) fn vector_signal_names() -> &'static [&'static str] {
    &SIGNAL_NAMES
}

/// How many signals rows have.
pub(crate) fn signal_count(hears_vectors: bool) -> usize {
    SIGNAL_COUNT + if hears_vectors { SIGNAL_NAMES.len() } else { 0 }
}

/// Where the numbers of a signal stand in a row.
pub(crate) fn column(signal: usize) -> usize {
    if signal < SIGNAL_COUNT { 3 * signal } else { FEATURE_COUNT + 3 * (signal - SIGNAL_COUNT) }
}

/// Whether a signal comes from past questions.
pub(crate) fn is_memory_signal(signal: usize) -> bool {
    signal >= MEMORY_SIGNAL_FIRST && signal != VECTOR_SIGNAL
}

/// Whether a number beyond those of words comes from past questions, or is otherwise for the ranker with memory only.
pub(crate) fn is_memory_number(feature: usize) -> bool {
    (FEATURE_COUNT + 3..AROUND_FIRST).contains(&feature) || feature >= VECTOR_VICINITY_FIRST
}

/// The `k` passages nearest to the question by vectors; those at right angles or beyond are none. `cosines` keeps how near each passage is.
pub(crate) fn nearest_by_vectors(
    collection: &Collection,
    asked: &AskedTerms,
    cosines: &mut Vec<f32>,
    k: usize,
) -> Vec<Scored> {
    if let Some(embedded) = &collection.vectors {
        *cosines = embedded.vectors.cosines(&asked.vector);
    }
    let near = (0..).zip(&*cosines).map(|(passage, cosine)| Scored { passage, score: *cosine });
    best_of(near.filter(|one| one.score > 0.0), k)
}

/// Fills in what vectors say about one candidate.
pub(crate) fn describe_vectors(
    collection: &Collection,
    passage: PassageIndex,
    scratch: &Scratch,
    uses_memory: bool,
    row: &mut [f32],
) {
    let near = |passage: PassageIndex| scratch.cosines.get(passage as usize).copied();
    row[column(VECTOR_SIGNAL)] = near(passage).unwrap_or_default();
    let around = [collection.previous(passage), collection.next(passage), collection.place(passage).parent];
    for (number, neighbour) in row[AROUND_FIRST..].iter_mut().zip(around) {
        *number = neighbour.and_then(near).unwrap_or_default();
    }
    if uses_memory {
        row[column(VECTOR_SIGNAL + 1)] = scratch.recollection.near_by_vectors.of(passage);
        row[column(VECTOR_SIGNAL + 2)] = scratch.recollection.nearest_by_vectors.of(passage);
    }
}

/// For each two passages, how near their vectors are.
pub(crate) fn between(vectors: &UnitVectors, passages: &[PassageIndex]) -> Vec<f32> {
    let mut own = UnitVectors::new(vectors.width());
    passages.iter().for_each(|passage| own.push(vectors.of(*passage as usize)));
    passages.iter().flat_map(|passage| own.cosines(vectors.of(*passage as usize))).collect()
}
