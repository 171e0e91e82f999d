//! What a passage has of a question that those before it do not: what a text says of a matter first is mostly its rule, and what follows is detail.

use crate::candidates::Slots;
use crate::collection::{Collection, PassageIndex};

/// So many passages before one, in its document, say what is new in it.
const BEFORE_COUNT: usize = 5;

/// The share of a question's weight that a passage has and none of those right before it, and the share that these have.
///
/// `terms` are the weight of each term of the question and how often the passage has it, in the order of `slots`; `total` is the sum of weights.
pub(crate) fn new_and_before(
    collection: &Collection,
    passage: PassageIndex,
    slots: &Slots,
    (weights, counts): (&[f32], &[u32]),
    total: f32,
) -> (f32, f32) {
    let mut is_before = vec![false; weights.len()];
    let before = std::iter::successors(collection.previous(passage), |one| collection.previous(*one));
    for body in before.take(BEFORE_COUNT).map(|one| collection.body(one)) {
        body.iter().filter_map(|term| slots.of(*term)).for_each(|slot| is_before[slot] = true);
    }
    let (mut new, mut old) = (0.0, 0.0);
    for ((weight, count), is_before) in weights.iter().zip(counts).zip(is_before) {
        match is_before {
            true => old += weight,
            false if *count > 0 => new += weight,
            false => {}
        }
    }
    (new / total, old / total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::PassageTerms;
    use crate::lexical::LexicalSettings;
    use crate::question::AskedTerms;

    #[test]
    fn what_stood_before_in_the_document_is_not_new() {
        let mut builder = Collection::builder(LexicalSettings::STANDARD);
        let texts = ["breach", "breach notice", "fine", "fine", "fine", "fine", "fine", "breach", "notice breach"];
        for (document, text) in [0, 0, 0, 0, 0, 0, 0, 0, 1].into_iter().zip(texts) {
            let body = builder.terms(&text.split(' ').collect::<Vec<_>>());
            assert!(builder.push(&PassageTerms { document, body: &body, ..PassageTerms::default() }).is_ok());
        }
        let collection = builder.finish(1);
        let asked = AskedTerms::new(&collection, &["breach", "notice"]);
        let mut slots = Slots::default();
        slots.fill(collection.term_count(), &asked);
        let of = |passage: PassageIndex| {
            let body = collection.body(passage);
            let counts: Vec<u32> = asked.unique.iter().map(|term| u32::from(body.contains(term))).collect();
            new_and_before(&collection, passage, &slots, (&[1.0, 3.0], &counts), 4.0)
        };
        assert_eq!(of(0), (0.25, 0.0));
        assert_eq!(of(1), (0.75, 0.25), "the breach was known");
        assert_eq!(of(6), (0.0, 1.0), "five passages before it are looked at, the first of which has both");
        assert_eq!(of(7), (0.25, 0.0), "what stood six passages before it is new again");
        assert_eq!(of(8), (1.0, 0.0), "another document");
    }
}
