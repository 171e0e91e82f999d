//! How like a question's terms the terms of passages are, by their places.

use crate::collection::TermId;
use crate::embeddings::{Embeddings, NO_ROW, WIDTH, short_dot, shortened};
use crate::question::AskedTerms;

/// For each term that comes up, how like each term of the question it is; reckoned once a question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Likenesses {
    /// For each term of the collection, one more than where its likenesses stand.
    numbers: Vec<u32>,
    touched: Vec<TermId>,
    values: Vec<f32>,
    asked: Vec<Option<[i16; WIDTH]>>,
    best: Vec<f32>,
}

impl Likenesses {
    /// Begins a question.
    pub(crate) fn clear(&mut self, embeddings: &Embeddings, asked: &AskedTerms) {
        if self.numbers.len() != embeddings.rows.len() {
            *self = Self { numbers: vec![0; embeddings.rows.len()], ..Self::default() };
        }
        for term in self.touched.drain(..) {
            self.numbers[term as usize] = 0;
        }
        self.values.clear();
        self.asked.clear();
        if !embeddings.rows.is_empty() {
            self.asked.extend(asked.unique.iter().map(|term| direction(embeddings, *term)));
        }
    }

    /// For each term of the question, how like it the most like of `terms` is, from 0 to 1; itself is 1.
    pub(crate) fn highest(&mut self, embeddings: &Embeddings, asked: &AskedTerms, terms: &[TermId]) -> &[f32] {
        let width = asked.unique.len();
        self.best.clear();
        self.best.resize(width, 0.0);
        if self.numbers.is_empty() || self.asked.len() != width {
            return &self.best;
        }
        for term in terms {
            if self.numbers[*term as usize] == 0 {
                self.add(embeddings, asked, *term);
            }
            let start = (self.numbers[*term as usize] as usize - 1) * width;
            for (best, value) in self.best.iter_mut().zip(&self.values[start..start + width]) {
                *best = best.max(*value);
            }
        }
        &self.best
    }

    fn add(&mut self, embeddings: &Embeddings, asked: &AskedTerms, term: TermId) {
        let own = direction(embeddings, term);
        for (other, place) in asked.unique.iter().zip(&self.asked) {
            self.values.push(match (place, &own) {
                _ if *other == term => 1.0,
                (Some(place), Some(own)) => short_dot(place, own).max(0.0),
                _ => 0.0,
            });
        }
        self.touched.push(term);
        self.numbers[term as usize] = self.touched.len() as u32;
    }
}

/// The place of a term at length 1; none for a term without a place.
fn direction(embeddings: &Embeddings, term: TermId) -> Option<[i16; WIDTH]> {
    let row = embeddings.rows[term as usize];
    if row == NO_ROW {
        return None;
    }
    let place = embeddings.place(row);
    let length = place.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-6);
    let mut direction = [0.0; WIDTH];
    direction.iter_mut().zip(place).for_each(|(own, value)| *own = value / length);
    Some(shortened(&direction))
}
