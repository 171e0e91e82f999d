//! What the other candidates of a passage's document, under its parent and around it say for it.

use crate::collection::{Collection, PassageIndex};

/// How far the surroundings of a passage reach to each side.
const REACH: u32 = 3;
/// How soon the ranks after the first stop to count, in one signal and in several.
const RANK_OFFSET: f32 = 5.0;
const FUSED_RANK_OFFSET: f32 = 10.0;
/// Numbers for each signal: the share of the document's other candidates, and how high the best of them stands.
pub(crate) const SIGNAL_NUMBERS: usize = 2;
/// Numbers for several signals together: the shares of the others of the document, under the same parent, and near.
pub(crate) const FUSED_NUMBERS: usize = 3;

/// For each candidate its rank in a signal, from 1; infinite for those for which the signal does not speak.
pub(crate) type Ranks = Vec<f32>;

/// Candidates by the documents they are in.
pub(crate) struct Vicinity<'v> {
    passages: &'v [PassageIndex],
    /// For each candidate, the number of its document, and how many there are.
    documents: Vec<usize>,
    document_count: usize,
    parents: Vec<Option<PassageIndex>>,
    /// The candidates in the order of their passages.
    order: Vec<usize>,
}

impl<'v> Vicinity<'v> {
    pub(crate) fn new(collection: &Collection, passages: &'v [PassageIndex]) -> Self {
        let mut order: Vec<usize> = (0..passages.len()).collect();
        order.sort_unstable_by_key(|at| passages[*at]);
        let mut documents = vec![0; passages.len()];
        let mut document_count = 0;
        // The passages of a document stand together.
        for same in
            order.chunk_by(|a, b| collection.place(passages[*a]).document == collection.place(passages[*b]).document)
        {
            same.iter().for_each(|at| documents[*at] = document_count);
            document_count += 1;
        }
        let parents = passages.iter().map(|passage| collection.place(*passage).parent).collect();
        Self { passages, documents, document_count, parents, order }
    }

    /// For each candidate, what a signal says about the others of its document.
    pub(crate) fn of_signal(&self, ranks: &Ranks) -> Vec<[f32; SIGNAL_NUMBERS]> {
        let weights: Vec<f32> = ranks.iter().map(|rank| 1.0 / (RANK_OFFSET + rank)).collect();
        let total = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        // The two best of each document: one of them is another candidate.
        let mut documents = vec![(0.0f32, 0.0f32, 0.0f32); self.document_count];
        for (weight, document) in weights.iter().zip(&self.documents) {
            let (sum, first, second) = &mut documents[*document];
            *sum += weight;
            *second = second.max(weight.min(*first));
            *first = first.max(*weight);
        }
        let one = |(weight, document): (&f32, &usize)| {
            let (sum, first, second) = documents[*document];
            [(sum - weight).max(0.0) / total, RANK_OFFSET * if *weight >= first { second } else { first }]
        };
        weights.iter().zip(&self.documents).map(one).collect()
    }

    /// For each candidate, what signals together say about what is around it.
    pub(crate) fn of_signals(&self, signals: &[Ranks]) -> Vec<[f32; FUSED_NUMBERS]> {
        let weight = |at: usize| {
            let fused: f32 = signals.iter().map(|ranks| 1.0 / (FUSED_RANK_OFFSET + ranks[at])).sum();
            fused * fused
        };
        let weights: Vec<f32> = (0..self.passages.len()).map(weight).collect();
        let total = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let mut documents = vec![0.0f32; self.document_count];
        let mut parents: Vec<(PassageIndex, f32)> = Vec::new();
        for at in &self.order {
            documents[self.documents[*at]] += weights[*at];
            parents.extend(self.parents[*at].map(|parent| (parent, weights[*at])));
        }
        parents.sort_by_key(|one| one.0);
        parents.dedup_by(|later, kept| {
            let is_same = later.0 == kept.0;
            kept.1 += if is_same { later.1 } else { 0.0 };
            is_same
        });
        let under =
            |parent: PassageIndex| parents.binary_search_by_key(&parent, |one| one.0).map_or(0.0, |at| parents[at].1);
        let mut numbers = vec![[0.0; FUSED_NUMBERS]; self.passages.len()];
        for (place, at) in self.order.iter().enumerate() {
            let is_near = |other: &&usize| {
                self.documents[**other] == self.documents[*at]
                    && self.passages[**other].abs_diff(self.passages[*at]) <= REACH
            };
            let before = self.order[..place].iter().rev().take_while(is_near);
            let near: f32 =
                before.chain(self.order[place + 1..].iter().take_while(is_near)).map(|at| weights[*at]).sum();
            let siblings = self.parents[*at].map_or(0.0, |parent| (under(parent) - weights[*at]).max(0.0));
            let document = (documents[self.documents[*at]] - weights[*at]).max(0.0);
            numbers[*at] = [document, siblings, near].map(|sum| sum / total);
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::PassageTerms;
    use crate::lexical::LexicalSettings;

    #[test]
    fn what_is_around_a_candidate_speaks_for_it() {
        let mut builder = Collection::builder(LexicalSettings::STANDARD);
        let word = builder.terms(&["word"]);
        for (document, parent) in [(0, None), (0, Some(0)), (0, Some(0)), (0, None), (0, None), (0, None), (1, None)] {
            let passage = PassageTerms { document, parent, body: &word, ..PassageTerms::default() };
            assert!(builder.push(&passage).is_ok());
        }
        let collection = builder.finish(1);
        let passages = [5, 1, 2, 6];
        let ranks = vec![f32::INFINITY, 1.0, 2.0, 3.0];
        let vicinity = Vicinity::new(&collection, &passages);
        let weights = [0.0, 1.0 / 6.0, 1.0 / 7.0, 1.0 / 8.0];
        let total: f32 = weights.iter().sum();
        let expected = [
            [(weights[1] + weights[2]) / total, 5.0 / 6.0],
            [weights[2] / total, 5.0 / 7.0],
            [weights[1] / total, 5.0 / 6.0],
            [0.0, 0.0],
        ];
        for (found, expected) in vicinity.of_signal(&ranks).iter().flatten().zip(expected.iter().flatten()) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
        let weights = [0.0, 11.0, 12.0, 13.0].map(|rank: f32| if rank > 0.0 { (2.0 / rank).powi(2) } else { 0.0 });
        let total: f32 = weights.iter().sum();
        let expected = [
            [weights[1] + weights[2], 0.0, weights[2]],
            [weights[2], weights[2], weights[2]],
            [weights[1], weights[1], weights[1]],
            [0.0; 3],
        ];
        let found = vicinity.of_signals(&[ranks.clone(), ranks]);
        for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
            assert!((found - expected / total).abs() < 1e-6, "{found} {expected}");
        }
    }
}
