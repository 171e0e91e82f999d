//! How like a question's terms the terms of passages are, by their places.

use std::hint::black_box;

use fearless_simd::{Level, dispatch};

use crate::collection::{Collection, TermId};
use crate::embeddings::{Embeddings, NO_ROW, WIDTH};
use crate::places::{ShortPlace, short_dot, shortened};
use crate::question::AskedTerms;

/// So many of a question's terms are compared, the rarest: of Chinese, every character is a term.
const TERM_COUNT_MAX: usize = 20;

/// For each term of a collection, its place at length 1; none for a term without a place. Empty where nothing was learned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directions {
    rows: Vec<u32>,
    places: Vec<ShortPlace>,
}

impl Directions {
    pub(crate) fn new(embeddings: &Embeddings) -> Self {
        let direction = |place: &[f32]| {
            let length = place.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-6);
            let mut direction = [0.0; WIDTH];
            direction.iter_mut().zip(place).for_each(|(own, value)| *own = value / length);
            shortened(&direction)
        };
        let places = embeddings.places.chunks_exact(WIDTH).map(direction).collect();
        Self { rows: embeddings.rows.clone(), places }
    }

    fn of(&self, term: TermId) -> Option<&ShortPlace> {
        match self.rows[term as usize] {
            NO_ROW => None,
            row => Some(&self.places[row as usize]),
        }
    }
}

/// For each term that comes up, how like each term of the question it is; reckoned once a question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Likenesses {
    /// For each term of the collection, one more than where its likenesses stand.
    numbers: Vec<u32>,
    touched: Vec<TermId>,
    /// For each of them, the likenesses of the question's terms that count.
    values: Vec<f32>,
    /// The places of these in the question, in order.
    counted: Vec<usize>,
    /// These terms, and where they are; nowhere is like nothing.
    terms: Vec<TermId>,
    places: Vec<ShortPlace>,
    best: Vec<f32>,
}

impl Likenesses {
    /// Begins a question.
    pub(crate) fn clear(&mut self, collection: &Collection, directions: &Directions, asked: &AskedTerms) {
        if self.numbers.len() != directions.rows.len() {
            *self = Self { numbers: vec![0; directions.rows.len()], ..Self::default() };
        }
        for term in self.touched.drain(..) {
            self.numbers[term as usize] = 0;
        }
        self.values.clear();
        self.counted.clear();
        self.counted.extend(0..asked.unique.len());
        let idf = |at: &usize| collection.idf[asked.unique[*at] as usize];
        self.counted.sort_by(|a, b| idf(b).total_cmp(&idf(a)));
        self.counted.truncate(TERM_COUNT_MAX);
        self.counted.sort_unstable();
        self.terms.clear();
        self.terms.extend(self.counted.iter().map(|at| asked.unique[*at]));
        self.places.clear();
        if !self.numbers.is_empty() {
            let place = |term: &TermId| directions.of(*term).copied().unwrap_or([0; WIDTH]);
            self.places.extend(self.terms.iter().map(place));
        }
    }

    /// For each of the question's rarest terms, its place in the question and how like it the most like of `terms` is, from 0 to
    /// 1; itself is 1. None where nothing was learned.
    pub(crate) fn highest(&mut self, directions: &Directions, terms: &[TermId]) -> impl Iterator<Item = (usize, f32)> {
        let width = self.counted.len();
        self.best.clear();
        let is_learned = !self.numbers.is_empty();
        self.best.resize(if is_learned { width } else { 0 }, 0.0);
        if is_learned {
            dispatch!(Level::new(), _simd => self.look(directions, terms));
        }
        self.counted.iter().copied().zip(self.best.iter().copied())
    }

    #[inline(always)]
    fn look(&mut self, directions: &Directions, terms: &[TermId]) {
        let width = self.counted.len();
        let known_count = self.touched.len();
        for term in terms {
            let number = &mut self.numbers[*term as usize];
            if *number == 0 {
                self.touched.push(*term);
                *number = self.touched.len() as u32;
            }
        }
        // Places are all over the memory: asked for one after the other, without doing anything with them, they come together.
        let places = self.touched[known_count..].iter().filter_map(|term| directions.of(*term));
        black_box(places.fold(0, |sum, place| sum ^ place[0] ^ place[32] ^ place[64] ^ place[96]));
        self.values.resize(self.touched.len() * width, 0.0);
        for at in known_count..self.touched.len() {
            self.compare(directions, at);
        }
        for term in terms {
            let start = (self.numbers[*term as usize] as usize - 1) * width;
            for (best, value) in self.best.iter_mut().zip(&self.values[start..start + width]) {
                *best = best.max(*value);
            }
        }
    }

    /// Reckons how like the question's terms one is that came up.
    #[inline(always)]
    fn compare(&mut self, directions: &Directions, at: usize) {
        let (term, width) = (self.touched[at], self.counted.len());
        let values = &mut self.values[at * width..(at + 1) * width];
        if let Some(own) = directions.of(term) {
            for (value, place) in values.iter_mut().zip(&self.places) {
                *value = short_dot(place, own).max(0.0);
            }
        }
        for (value, other) in values.iter_mut().zip(&self.terms) {
            if *other == term {
                *value = 1.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::PassageTerms;
    use crate::lexical::LexicalSettings;
    use crate::random::Random;

    #[test]
    fn the_likest_are_found_by_comparing_all_with_all() {
        let mut random = Random::new(5);
        let names: Vec<String> = (0..40).map(|at| format!("w{at}")).collect();
        let mut builder = Collection::builder(LexicalSettings::STANDARD);
        for document in 0..30 {
            let body: Vec<&str> = (0..12).map(|_| names[random.below(40)].as_str()).collect();
            let body = builder.terms(&body);
            assert!(builder.push(&PassageTerms { document, body: &body, ..PassageTerms::default() }).is_ok());
        }
        let collection = builder.finish(1);
        let mut directions = Directions::new(&Embeddings::unlabelled(&collection, 1));
        // One that nothing was learned about.
        directions.rows[3] = NO_ROW;
        let mut likenesses = Likenesses::default();
        for _ in 0..8 {
            let question: Vec<&str> = (0..30).map(|_| names[random.below(40)].as_str()).collect();
            let asked = AskedTerms::new(&collection, &question);
            likenesses.clear(&collection, &directions, &asked);
            for passage in 0..30 {
                let body = collection.body(passage);
                let found: Vec<(usize, f32)> = likenesses.highest(&directions, body).collect();
                assert_eq!(found.len(), asked.unique.len().min(TERM_COUNT_MAX));
                for (slot, highest) in found {
                    let asked = asked.unique[slot];
                    let like = |term: &TermId| match (directions.of(asked), directions.of(*term)) {
                        _ if *term == asked => 1.0,
                        (Some(a), Some(b)) => short_dot(a, b).max(0.0),
                        _ => 0.0,
                    };
                    let expected = body.iter().map(like).fold(0.0, f32::max);
                    assert_eq!(highest.to_bits(), expected.to_bits());
                }
            }
        }
    }
}
