//! What is known about candidates beside the others: filled into their rows when each has been described by itself.

use crate::collection::{Collection, PassageIndex};
use crate::features::{FEATURE_COUNT, MEMORY_SIGNAL_FIRST, SIGNAL_COUNT, VICINITY_FIRST, strongest};
use crate::vicinity::{FUSED_NUMBERS, Ranks, SIGNAL_NUMBERS, Vicinity};

/// The best so many candidates of a document count.
const DOCUMENT_COUNT: usize = 50;
/// The signals that say something about documents.
const DOCUMENT_SIGNALS: [usize; 6] = [6, 7, 8, 9, MEMORY_SIGNAL_FIRST, MEMORY_SIGNAL_FIRST + 2];

/// Compares the candidates of a question with each other. The first `plain_count` are found without memory, and only they are
/// compared with in numbers that need no memory.
pub(crate) fn compare(
    collection: &Collection,
    passages: &[PassageIndex],
    plain_count: usize,
    uses_memory: bool,
    values: &mut [f32],
) {
    add_distances_and_ranks(values, plain_count);
    add_documents(collection, passages, plain_count, values);
    if uses_memory {
        add_vicinity(collection, passages, values);
    }
}

/// What the best candidates say about the documents they are in.
fn add_documents(collection: &Collection, passages: &[PassageIndex], plain_count: usize, values: &mut [f32]) {
    let raw = |values: &[f32], at: usize| values[at * FEATURE_COUNT + 3 * 6];
    let mut order: Vec<usize> = (0..plain_count).collect();
    order.sort_by(|a, b| raw(values, *b).total_cmp(&raw(values, *a)).then(a.cmp(b)));
    let top = &order[..order.len().min(DOCUMENT_COUNT)];
    let best = top.first().map_or(0.0, |at| raw(values, *at));
    let gap = best - order.get(9).map_or(0.0, |at| raw(values, *at));
    let total: f32 = top.iter().map(|at| raw(values, *at)).sum();
    let mut documents: Vec<(u32, f32)> =
        top.iter().map(|at| (collection.place(passages[*at]).document, raw(values, *at))).collect();
    documents.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    for (at, passage) in passages.iter().enumerate() {
        let document = collection.place(*passage).document;
        let start = documents.partition_point(|one| one.0 < document);
        let own = documents[start..].iter().take_while(|one| one.0 == document);
        let (count, sum) = own.fold((0.0, 0.0), |(count, sum), one| (count + 1.0, sum + one.1));
        let other = &mut values[at * FEATURE_COUNT + 3 * SIGNAL_COUNT..(at + 1) * FEATURE_COUNT];
        other[13] = documents.get(start).filter(|one| one.0 == document).map_or(0.0, |one| one.1) - best;
        other[14] = sum / total.max(f32::MIN_POSITIVE);
        other[15] = count / top.len().max(1) as f32;
        other[30] = best;
        other[31] = gap;
    }
}

/// What the candidates of the same document, parent and surroundings say by some signals, and by some together.
fn add_vicinity(collection: &Collection, passages: &[PassageIndex], values: &mut [f32]) {
    let vicinity = Vicinity::new(collection, passages);
    let ranks = |signal: &usize| ranks(values, *signal);
    let alone: Vec<_> = DOCUMENT_SIGNALS.iter().map(|signal| vicinity.of_signal(&ranks(signal))).collect();
    let together = [false, true]
        .map(|uses_memory| vicinity.of_signals(&strongest(uses_memory).iter().map(ranks).collect::<Vec<_>>()));
    for (at, row) in values.chunks_exact_mut(FEATURE_COUNT).enumerate() {
        let (pairs, triples) = row[VICINITY_FIRST..].split_at_mut(DOCUMENT_SIGNALS.len() * SIGNAL_NUMBERS);
        for (numbers, cells) in alone.iter().zip(pairs.chunks_exact_mut(SIGNAL_NUMBERS)) {
            cells.copy_from_slice(&numbers[at]);
        }
        for (numbers, cells) in together.iter().zip(triples.chunks_exact_mut(FUSED_NUMBERS)) {
            cells.copy_from_slice(&numbers[at]);
        }
    }
}

/// The ranks of candidates in a signal.
fn ranks(values: &[f32], signal: usize) -> Ranks {
    let rank = |row: &[f32]| if row[3 * signal] > 0.0 { row[3 * signal + 2].exp() } else { f32::INFINITY };
    values.chunks_exact(FEATURE_COUNT).map(rank).collect()
}

/// Fills in, for each signal, the distance to the best candidate and the logarithm of the rank.
///
/// Signals that need no memory are compared with the first `plain_count` candidates only.
fn add_distances_and_ranks(values: &mut [f32], plain_count: usize) {
    let count = values.len() / FEATURE_COUNT;
    for signal in 0..SIGNAL_COUNT {
        let column = 3 * signal;
        let compared = if signal < MEMORY_SIGNAL_FIRST { plain_count } else { count };
        let mut sorted: Vec<f32> = (0..compared).map(|at| values[at * FEATURE_COUNT + column]).collect();
        sorted.sort_unstable_by(|a, b| b.total_cmp(a));
        let best = sorted.first().copied().unwrap_or_default();
        for row in values.chunks_exact_mut(FEATURE_COUNT) {
            // Equal ones share a rank, so that a signal that says nothing ranks nothing.
            let better = sorted.partition_point(|other| *other > row[column]);
            row[column + 1] = row[column] - best;
            row[column + 2] = (1.0 + better as f32).ln();
        }
    }
    // What the passages around score is compared with the best candidate too.
    for (signal, others) in [(0, 9..13), (7, 21..24)] {
        let best = (0..plain_count).map(|at| values[at * FEATURE_COUNT + 3 * signal]).fold(0.0, f32::max);
        for row in values.chunks_exact_mut(FEATURE_COUNT) {
            row[3 * SIGNAL_COUNT..][others.clone()].iter_mut().for_each(|value| *value -= best);
        }
    }
}
