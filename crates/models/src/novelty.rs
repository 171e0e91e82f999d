//! What a passage has of a question that those before it do not: what a text says of a matter first is mostly its rule, and what follows is detail.

use crate::collection::{Collection, PassageIndex};
use crate::question::AskedTerms;

/// So many passages before one, in its document, say what is new in it.
const BEFORE_COUNT: u32 = 5;

/// Which of a question's first terms the body of each passage has: a bit each. Of more terms than bits nothing is said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Had {
    masks: Vec<u128>,
}

impl Had {
    /// Looks the terms of a question up, by their postings: a few passages of many have most terms.
    pub(crate) fn fill(&mut self, collection: &Collection, asked: &AskedTerms) {
        self.masks.clear();
        self.masks.resize(collection.passage_count(), 0);
        for (slot, term) in asked.unique.iter().take(u128::BITS as usize).enumerate() {
            for share in collection.shares.of(*term as usize) {
                self.masks[share.passage as usize] |= 1 << slot;
            }
        }
    }

    /// The share of the question's weight that a passage has and none of those right before it, and the share that these have. `weights` are those of the
    /// question's terms, in order; `total` is their sum.
    pub(crate) fn new_and_before(
        &self,
        collection: &Collection,
        passage: PassageIndex,
        weights: &[f32],
        total: f32,
    ) -> (f32, f32) {
        let before_count = collection.place(passage).position.min(BEFORE_COUNT);
        let at = passage as usize;
        let before = self.masks[at - before_count as usize..at].iter().fold(0, |all, mask| all | mask);
        let own = self.masks[at];
        let (mut new, mut old) = (0.0, 0.0);
        for (slot, weight) in weights.iter().take(u128::BITS as usize).enumerate() {
            let bit = 1 << slot;
            if before & bit != 0 {
                old += weight;
            } else if own & bit != 0 {
                new += weight;
            }
        }
        (new / total, old / total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::PassageTerms;
    use crate::lexical::LexicalSettings;

    #[test]
    fn what_stood_before_in_the_document_is_not_new() {
        let mut builder = Collection::builder(LexicalSettings::STANDARD);
        let texts = ["breach", "breach notice", "fine", "fine", "fine", "fine", "fine", "breach", "notice breach"];
        for (document, text) in [0, 0, 0, 0, 0, 0, 0, 0, 1].into_iter().zip(texts) {
            let body = builder.terms(&text.split(' ').collect::<Vec<_>>());
            assert!(builder.push(&PassageTerms { document, body: &body, ..PassageTerms::default() }).is_ok());
        }
        let collection = builder.finish(1);
        let mut had = Had::default();
        had.fill(&collection, &AskedTerms::new(&collection, &["fine"]));
        had.fill(&collection, &AskedTerms::new(&collection, &["breach", "notice"]));
        let of = |passage| had.new_and_before(&collection, passage, &[1.0, 3.0], 4.0);
        assert_eq!(of(0), (0.25, 0.0));
        assert_eq!(of(1), (0.75, 0.25), "the breach was known");
        assert_eq!(of(6), (0.0, 1.0), "five passages before it are looked at, the first of which has both");
        assert_eq!(of(7), (0.25, 0.0), "what stood six passages before it is new again");
        assert_eq!(of(8), (1.0, 0.0), "another document");
    }

    #[test]
    fn questions_of_more_terms_than_bits_are_looked_up_as_far_as_these_go() {
        let names: Vec<String> = (0..200).map(|at| format!("w{at}")).collect();
        let mut builder = Collection::builder(LexicalSettings::STANDARD);
        let body = builder.terms(&names);
        assert!(builder.push(&PassageTerms { body: &body, ..PassageTerms::default() }).is_ok());
        let collection = builder.finish(1);
        let mut had = Had::default();
        had.fill(&collection, &AskedTerms::new(&collection, &names));
        assert_eq!(had.new_and_before(&collection, 0, &[1.0; 200], 200.0), (0.64, 0.0));
    }
}
