//! What is known about candidates beside the others: filled into their rows when each has been described by itself.

use crate::collection::Collection;
use crate::features::{FEATURE_COUNT, FeatureTable, MEMORY_SIGNAL_FIRST, SIGNAL_COUNT, VICINITY_FIRST, strongest};
use crate::vectors::{AROUND_FIRST, VECTOR_SIGNAL, VECTOR_VICINITY_FIRST, column, is_memory_signal, signal_count};
use crate::vicinity::{FUSED_NUMBERS, Ranks, SIGNAL_NUMBERS, Vicinity};

/// The best so many candidates of a document count.
const DOCUMENT_COUNT: usize = 50;
/// The signals that say something about documents.
const DOCUMENT_SIGNALS: [usize; 6] = [6, 7, 8, 9, MEMORY_SIGNAL_FIRST, MEMORY_SIGNAL_FIRST + 2];

/// Compares the candidates of a question with each other. The first of them are found without memory, and only they are compared with in numbers that
/// need no memory.
pub(crate) fn compare(collection: &Collection, uses_memory: bool, table: &mut FeatureTable) {
    add_distances_and_ranks(table);
    add_documents(collection, table);
    if uses_memory {
        add_vicinity(collection, table);
    }
}

/// What the best candidates say about the documents they are in.
fn add_documents(collection: &Collection, table: &mut FeatureTable) {
    let FeatureTable { passages, plain_count, width, values } = table;
    let raw = |values: &[f32], at: usize| values[at * *width + 3 * 6];
    let mut order: Vec<usize> = (0..*plain_count).collect();
    order.sort_by(|a, b| raw(values, *b).total_cmp(&raw(values, *a)).then(a.cmp(b)));
    let top = &order[..order.len().min(DOCUMENT_COUNT)];
    let best = top.first().map_or(0.0, |at| raw(values, *at));
    let gap = best - order.get(9).map_or(0.0, |at| raw(values, *at));
    let total: f32 = top.iter().map(|at| raw(values, *at)).sum();
    let mut documents: Vec<(u32, f32)> =
        top.iter().map(|at| (collection.place(passages[*at]).document, raw(values, *at))).collect();
    documents.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    for (row, passage) in values.chunks_exact_mut(*width).zip(passages) {
        let document = collection.place(*passage).document;
        let start = documents.partition_point(|one| one.0 < document);
        let own = documents[start..].iter().take_while(|one| one.0 == document);
        let (count, sum) = own.fold((0.0, 0.0), |(count, sum), one| (count + 1.0, sum + one.1));
        let other = &mut row[3 * SIGNAL_COUNT..];
        other[13] = documents.get(start).filter(|one| one.0 == document).map_or(0.0, |one| one.1) - best;
        other[14] = sum / total.max(f32::MIN_POSITIVE);
        other[15] = count / top.len().max(1) as f32;
        other[30] = best;
        other[31] = gap;
    }
}

/// What the candidates of the same document, parent and surroundings say by some signals, and by some together.
fn add_vicinity(collection: &Collection, table: &mut FeatureTable) {
    let vicinity = Vicinity::new(collection, &table.passages);
    let hears_vectors = table.hears_vectors();
    let alone: Vec<_> = DOCUMENT_SIGNALS.iter().map(|signal| vicinity.of_signal(&ranks(table, *signal))).collect();
    let by_vectors = hears_vectors.then(|| vicinity.of_signal(&ranks(table, VECTOR_SIGNAL)));
    let together = [false, true].map(|uses_memory| {
        let strongest = strongest(uses_memory, hears_vectors).iter();
        vicinity.of_signals(&strongest.map(|signal| ranks(table, *signal)).collect::<Vec<_>>())
    });
    for (at, row) in table.values.chunks_exact_mut(table.width.max(1)).enumerate() {
        if let Some(numbers) = &by_vectors {
            row[VECTOR_VICINITY_FIRST..][..SIGNAL_NUMBERS].copy_from_slice(&numbers[at]);
        }
        let (pairs, triples) = row[VICINITY_FIRST..FEATURE_COUNT].split_at_mut(DOCUMENT_SIGNALS.len() * SIGNAL_NUMBERS);
        for (numbers, cells) in alone.iter().zip(pairs.chunks_exact_mut(SIGNAL_NUMBERS)) {
            cells.copy_from_slice(&numbers[at]);
        }
        for (numbers, cells) in together.iter().zip(triples.chunks_exact_mut(FUSED_NUMBERS)) {
            cells.copy_from_slice(&numbers[at]);
        }
    }
}

/// The ranks of candidates in a signal.
fn ranks(table: &FeatureTable, signal: usize) -> Ranks {
    let column = column(signal);
    let rank = |row: &[f32]| if row[column] > 0.0 { row[column + 2].exp() } else { f32::INFINITY };
    table.values.chunks_exact(table.width.max(1)).map(rank).collect()
}

/// Fills in, for each signal, the distance to the best candidate and the logarithm of the rank.
///
/// Signals that need no memory are compared only with the candidates that are found without it.
fn add_distances_and_ranks(table: &mut FeatureTable) {
    let hears_vectors = table.hears_vectors();
    let FeatureTable { passages, plain_count, width, values } = table;
    for signal in 0..signal_count(hears_vectors) {
        let column = column(signal);
        let compared = if is_memory_signal(signal) { passages.len() } else { *plain_count };
        let mut sorted: Vec<f32> = (0..compared).map(|at| values[at * *width + column]).collect();
        sorted.sort_unstable_by(|a, b| b.total_cmp(a));
        let best = sorted.first().copied().unwrap_or_default();
        for row in values.chunks_exact_mut(*width) {
            // Equal ones share a rank, so that a signal that says nothing ranks nothing.
            let better = sorted.partition_point(|other| *other > row[column]);
            row[column + 1] = row[column] - best;
            row[column + 2] = (1.0 + better as f32).ln();
        }
    }
    // What the passages around score is compared with the best candidate too.
    let others = |range: std::ops::Range<usize>| 3 * SIGNAL_COUNT + range.start..3 * SIGNAL_COUNT + range.end;
    let by_vectors = hears_vectors.then_some((VECTOR_SIGNAL, AROUND_FIRST..VECTOR_VICINITY_FIRST));
    for (signal, numbers) in [(0, others(9..13)), (7, others(21..24))].into_iter().chain(by_vectors) {
        let best = (0..*plain_count).map(|at| values[at * *width + column(signal)]).fold(0.0, f32::max);
        for row in values.chunks_exact_mut(*width) {
            row[numbers.clone()].iter_mut().for_each(|value| *value -= best);
        }
    }
}
