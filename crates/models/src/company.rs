//! Which passages answered past questions together.

use crate::collection::PassageIndex;
use crate::memory::Memory;

/// What is said of a candidate's company.
const NAMES: [&str; 10] = [
    "company",
    "best company",
    "questions in common",
    "with first",
    "with second",
    "with third",
    "best past answer",
    "share of company",
    "company in close questions",
    "best company in close questions",
];
/// Numbers of a candidate's company.
pub(crate) const COMPANY_COUNT: usize = NAMES.len();

/// What past questions say of candidates beside each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Company {
    /// For each candidate, how much the others, by their shares, speak for it as passages that answered past questions together with it.
    pub(crate) numbers: Vec<[f32; COMPANY_COUNT]>,
    /// For each candidate, with how many past questions it and each other were answered both; 0 with itself.
    pub(crate) together: Vec<f32>,
}

/// The company of candidates, of which each has a share.
pub(crate) fn company(memory: &Memory, cosines: &[f32], passages: &[PassageIndex], shares: &[f32]) -> Company {
    let mut places: Vec<(PassageIndex, usize)> = passages.iter().copied().zip(0..).collect();
    places.sort_unstable();
    let place =
        |passage: PassageIndex| places.binary_search_by_key(&passage, |one| one.0).ok().map(|found| places[found].1);
    let asked = |passage: PassageIndex| memory.counts[passage as usize] as f32;
    let mut all_together = vec![0.0f32; passages.len() * passages.len()];
    let one = |(passage, together): (&PassageIndex, &mut [f32])| {
        let mut best_answer = 0.0f32;
        let (mut alone, mut close, mut closest) = (0.0, 0.0, 0.0f32);
        for question in memory.answered.of(*passage as usize) {
            let gold = memory.gold.of(*question as usize);
            let mut found = 0.0;
            for other in gold.iter().filter(|other| *other != passage).filter_map(|other| place(*other)) {
                together[other] += 1.0;
                found += shares[other];
            }
            alone += if gold.len() == 1 { 1.0 } else { 0.0 };
            let said = found * cosines.get(*question as usize).copied().unwrap_or_default();
            close += said;
            closest = closest.max(said);
            best_answer = best_answer.max(found / (gold.len().max(2) - 1) as f32);
        }
        let mut numbers = [0.0; COMPANY_COUNT];
        for (at, count) in together.iter().enumerate().filter(|(_, count)| **count > 0.0) {
            let chance = count / (1.0 + asked(passages[at]));
            numbers[0] += shares[at] * chance;
            numbers[1] = numbers[1].max(shares[at] * chance);
            numbers[2] += shares[at] * count;
            if at < 3 {
                numbers[3 + at] = chance;
            }
        }
        numbers[6] = best_answer;
        (numbers[8], numbers[9]) = (close, closest);
        numbers[7] = (asked(*passage) - alone) / asked(*passage).max(1.0);
        numbers
    };
    let rows = all_together.chunks_exact_mut(passages.len().max(1));
    let numbers = passages.iter().zip(rows).map(one).collect();
    Company { numbers, together: all_together }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::{Collection, PassageTerms};
    use crate::embeddings::Embeddings;
    use crate::lexical::LexicalSettings;
    use crate::memory::Past;

    #[test]
    fn passages_speak_for_those_they_answered_with() {
        let mut builder = Collection::builder(LexicalSettings::STANDARD);
        let word = builder.terms(&["word"]);
        for document in 0..5 {
            let passage = PassageTerms { document, body: &word, ..PassageTerms::default() };
            assert!(builder.push(&passage).is_ok());
        }
        let collection = builder.finish(1);
        let remembered = [vec![0, 1], vec![1, 0, 2], vec![3]].map(|gold| (vec![0], gold));
        let memory = Memory::new(
            &collection,
            &Embeddings::default(),
            remembered.into_iter().map(|(terms, gold)| Past { terms, gold, vector: Vec::new() }),
        );
        let found = company(&memory, &[1.0, 0.5, 0.0], &[0, 1, 2, 3, 4], &[0.4, 0.3, 0.2, 0.1, 0.0]);
        let cases = [
            // 1 was asked about twice and was with 0 both times; 2 once, and was once.
            (0, [0.3 * 2.0 / 3.0 + 0.2 / 2.0, 0.2, 0.8, 0.0, 2.0 / 3.0, 0.5, 0.3, 1.0, 0.3 + 0.25, 0.3]),
            (3, [0.0; 10]),
            (4, [0.0; 10]),
        ];
        for (candidate, expected) in cases {
            for (found, expected) in found.numbers[candidate].iter().zip(expected) {
                assert!((found - expected).abs() < 1e-6, "{candidate}: {found}, {expected}");
            }
        }
        let with_first: Vec<f32> = found.together.chunks(5).map(|row| row[0]).collect();
        assert_eq!(with_first, [0.0, 2.0, 1.0, 0.0, 0.0]);
    }
}
