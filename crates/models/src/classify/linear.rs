//! A linear classifier: for each class a weight for each word and for each number of a text's vector.

use std::collections::HashMap;

use crate::bytes::{Reader, Writer};
use crate::classify::minimise::minimise;
use crate::classify::representation::{DIMENSION, Represented};
use crate::error::ModelsError;

/// How strongly weights are held back, and how much vectors count beside words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LinearSettings {
    /// The price of errors beside that of large weights; above 0.
    pub(crate) cost: f64,
    /// What a text's vector is multiplied by.
    pub(crate) vector_weight: f32,
}

/// Steps of training at most.
const STEP_COUNT_MAX: usize = 200;

/// The trained weights. What a class's score is: the sum of its words' weights times theirs in the text, of the vector's, and its own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Linear {
    pub(crate) class_count: usize,
    /// The words that texts of the training had, in order.
    pub(crate) words: Vec<u32>,
    pub(crate) vector_weight: f32,
    /// For each class: one weight for each of `words`, [`DIMENSION`] for the vector, and one more.
    pub(crate) weights: Vec<f32>,
}

impl Linear {
    /// Learns from texts and the numbers of their classes, below `class_count`: logistic regression with the squares of all weights but the
    /// classes' own held back (Hastie, Tibshirani and Friedman, *The Elements of Statistical Learning*, 2009, section 18.3.2). Each class
    /// counts as much as any other, however many texts it has.
    pub(crate) fn train(texts: &[(&Represented, usize)], class_count: usize, settings: LinearSettings) -> Self {
        let mut words: Vec<u32> = texts.iter().flat_map(|(text, _)| text.words.iter().map(|(word, _)| *word)).collect();
        words.sort_unstable();
        words.dedup();
        let places: HashMap<u32, usize> = words.iter().copied().zip(0..).collect();
        let rows: Vec<Vec<(usize, f64)>> =
            texts.iter().map(|(text, _)| row(text, |word| places.get(&word).copied(), words.len(), settings)).collect();
        let mut counts = vec![0_usize; class_count];
        texts.iter().for_each(|(_, class)| counts[*class] += 1);
        let present = counts.iter().filter(|count| **count > 0).count().max(1);
        let share = |class: usize| texts.len() as f64 / (present * counts[class].max(1)) as f64;
        let width = words.len() + DIMENSION + 1;
        let weights = minimise(class_count * width, STEP_COUNT_MAX, |weights, gradient| {
            gradient.fill(0.0);
            let mut loss = 0.0;
            let mut scores = vec![0.0; class_count];
            for (row, (_, class)) in rows.iter().zip(texts) {
                for (score, own) in scores.iter_mut().zip(weights.chunks_exact(width)) {
                    *score = row.iter().map(|(at, value)| own[*at] * value).sum();
                }
                let price = settings.cost * share(*class);
                loss -= price * log_probability(&scores, *class);
                probabilities(&mut scores);
                for (at, (probability, own)) in scores.iter().zip(gradient.chunks_exact_mut(width)).enumerate() {
                    let error = price * (probability - f64::from(u8::from(at == *class)));
                    row.iter().for_each(|(at, value)| own[*at] += error * value);
                }
            }
            for (own, gradient) in weights.chunks_exact(width).zip(gradient.chunks_exact_mut(width)) {
                for (weight, slope) in own[..width - 1].iter().zip(gradient) {
                    loss += 0.5 * weight * weight;
                    *slope += weight;
                }
            }
            loss
        });
        let weights = weights.into_iter().map(|weight| weight as f32).collect();
        Self { class_count, words, vector_weight: settings.vector_weight, weights }
    }

    /// Each class's score of a text.
    pub(crate) fn scores(&self, text: &Represented) -> Vec<f64> {
        let settings = LinearSettings { cost: 1.0, vector_weight: self.vector_weight };
        let row = row(text, |word| self.words.binary_search(&word).ok(), self.words.len(), settings);
        let score = |own: &[f32]| row.iter().map(|(at, value)| f64::from(own[*at]) * value).sum();
        self.weights.chunks_exact(self.width()).map(score).collect()
    }

    /// How many weights a class has.
    pub(crate) fn width(&self) -> usize {
        self.words.len() + DIMENSION + 1
    }

    /// The weight of a class for a word, and those for vectors.
    pub(crate) fn of_class(&self, class: usize, word: u32) -> (f32, &[f32]) {
        let own = &self.weights[class * self.width()..(class + 1) * self.width()];
        let of_word = self.words.binary_search(&word).map_or(0.0, |at| own[at]);
        (of_word, &own[self.words.len()..self.words.len() + DIMENSION])
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.list(&self.words, |writer, word| writer.u32(*word));
        writer.f32(self.vector_weight);
        writer.f32s(&self.weights);
    }

    /// Reads what was written of a classifier with so many classes and known words.
    pub(crate) fn read(reader: &mut Reader<'_>, class_count: usize, word_count: usize) -> Result<Self, ModelsError> {
        let words = reader.list(4, Reader::u32)?;
        let (vector_weight, weights) = (reader.f32()?, reader.f32s()?);
        let linear = Self { class_count, words, vector_weight, weights };
        let fits = linear.weights.len() == linear.width().saturating_mul(class_count)
            && linear.words.is_sorted()
            && linear.words.iter().all(|word| (*word as usize) < word_count);
        if fits { Ok(linear) } else { Err(ModelsError::DamagedModel { what: "its parts do not fit" }) }
    }
}

/// A text's numbers at their places: words, vector, one.
fn row(
    text: &Represented,
    place: impl Fn(u32) -> Option<usize>,
    word_count: usize,
    settings: LinearSettings,
) -> Vec<(usize, f64)> {
    let words = text.words.iter().filter_map(|(word, weight)| Some((place(*word)?, f64::from(*weight))));
    let vector = text.vector.iter().enumerate();
    let vector = vector.map(|(at, number)| (word_count + at, f64::from(number * settings.vector_weight)));
    words.chain(vector).chain([(word_count + DIMENSION, 1.0)]).collect()
}

/// Scores into probabilities.
pub(crate) fn probabilities(scores: &mut [f64]) {
    let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores.iter_mut().for_each(|score| *score = (*score - greatest).exp());
    let sum: f64 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
}

/// The logarithm of the probability of a class.
pub(crate) fn log_probability(scores: &[f64], class: usize) -> f64 {
    let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores[class] - greatest - scores.iter().map(|score| (score - greatest).exp()).sum::<f64>().ln()
}
