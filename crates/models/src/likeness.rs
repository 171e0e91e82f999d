//! How like a question's terms the terms of passages are, by their places.

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
    }

    /// For each of the question's rarest terms, its place in the question and how like it the most like of `terms` is, from 0 to
    /// 1; itself is 1. None where nothing was learned.
    pub(crate) fn highest(
        &mut self,
        directions: &Directions,
        asked: &AskedTerms,
        terms: &[TermId],
    ) -> impl Iterator<Item = (usize, f32)> {
        let width = self.counted.len();
        self.best.clear();
        let is_learned = !self.numbers.is_empty();
        self.best.resize(if is_learned { width } else { 0 }, 0.0);
        if is_learned {
            dispatch!(Level::new(), _simd => self.look(directions, asked, terms));
        }
        self.counted.iter().copied().zip(self.best.iter().copied())
    }

    #[inline(always)]
    fn look(&mut self, directions: &Directions, asked: &AskedTerms, terms: &[TermId]) {
        let width = self.counted.len();
        for term in terms {
            if self.numbers[*term as usize] == 0 {
                self.add(directions, asked, *term);
            }
            let start = (self.numbers[*term as usize] as usize - 1) * width;
            for (best, value) in self.best.iter_mut().zip(&self.values[start..start + width]) {
                *best = best.max(*value);
            }
        }
    }

    #[inline(always)]
    fn add(&mut self, directions: &Directions, asked: &AskedTerms, term: TermId) {
        let own = directions.of(term);
        let likeness = |other: &TermId| match (directions.of(*other), own) {
            _ if *other == term => 1.0,
            (Some(other), Some(own)) => short_dot(other, own).max(0.0),
            _ => 0.0,
        };
        for at in &self.counted {
            self.values.push(likeness(&asked.unique[*at]));
        }
        self.touched.push(term);
        self.numbers[term as usize] = self.touched.len() as u32;
    }
}
