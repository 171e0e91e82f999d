//! A linear classifier: for each class a weight for each word and for each number of a text's vector.

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
/// Prices of errors, times the one that is asked for, at which words alone are learned from too.
const PRICES_OF_WORDS: [f64; 2] = [1.0, 0.3];
/// With so many texts to learn from, each classifier of words alone is heard as much as that of words and vectors; with fewer, less.
const TRUSTED_COUNT: f64 = 200.0;

/// The trained weights. What a class's score is: the sum of its words' weights times theirs in the text, of the vector's, and its own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Linear {
    pub(crate) class_count: usize,
    /// The words that texts of the training had, in order.
    pub(crate) words: Vec<u32>,
    /// For each class: one weight for each of `words`, [`DIMENSION`] for the vector, and one more.
    pub(crate) weights: Vec<f32>,
}

impl Linear {
    /// Learns from texts and the numbers of their classes, below `class_count`: the weighted mean of three classifiers, one of words and vectors and
    /// two of words alone. Few texts say less of words than vectors do, which are learned without labels; many say more, and most where they are
    /// unlike the texts that the vectors were learned from.
    pub(crate) fn train(texts: &[(&Represented, usize)], class_count: usize, settings: LinearSettings) -> Self {
        let mut words: Vec<u32> = texts.iter().flat_map(|(text, _)| text.words.iter().map(|(word, _)| *word)).collect();
        words.sort_unstable();
        words.dedup();
        let trust = (texts.len() as f64 / TRUSTED_COUNT).powi(2).min(1.0);
        let of_words = |price| (LinearSettings { cost: settings.cost * price, vector_weight: 0.0 }, trust);
        let heard = [(settings, 1.0)].into_iter().chain(PRICES_OF_WORDS.map(of_words));
        let total: f64 = heard.clone().map(|(_, weight)| weight).sum();
        let mut mean = vec![0.0; class_count * (words.len() + DIMENSION + 1)];
        for (settings, weight) in heard {
            let own = minimum(texts, class_count, &words, settings);
            mean.iter_mut().zip(own).for_each(|(mean, own)| *mean += own * weight / total);
        }
        let weights = mean.into_iter().map(|weight| weight as f32).collect();
        Self { class_count, words, weights }
    }

    /// Each class's score of a text.
    pub(crate) fn scores(&self, text: &Represented) -> Vec<f64> {
        let row = row(text, &self.words, 1.0);
        let score = |own: &[f32]| row.iter().map(|(at, value)| f64::from(own[*at]) * value).sum();
        self.weights.chunks_exact(self.width()).map(score).collect()
    }

    /// How many weights a class has.
    pub(crate) fn width(&self) -> usize {
        self.words.len() + DIMENSION + 1
    }

    /// What each of a text's words adds to the score of a class by itself, and the class's weights for vectors.
    pub(crate) fn of_class(&self, class: usize, text: &Represented) -> (Vec<f32>, &[f32]) {
        let own = &self.weights[class * self.width()..(class + 1) * self.width()];
        let place = |word: &u32| self.words.binary_search(word).ok();
        let known = text.words.iter().filter(|(word, _)| place(word).is_some());
        let length = length_of(known.map(|(_, weight)| *weight));
        let add = |(word, weight): &(u32, f32)| place(word).map_or(0.0, |at| own[at] * weight / length);
        (text.words.iter().map(add).collect(), &own[self.words.len()..self.words.len() + DIMENSION])
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.list(&self.words, |writer, word| writer.u32(*word));
        writer.f32s(&self.weights);
    }

    /// Reads what was written of a classifier with so many classes and known words.
    pub(crate) fn read(reader: &mut Reader<'_>, class_count: usize, word_count: usize) -> Result<Self, ModelsError> {
        let words = reader.list(4, Reader::u32)?;
        let weights = reader.f32s()?;
        let linear = Self { class_count, words, weights };
        let fits = linear.weights.len() == linear.width().saturating_mul(class_count)
            && linear.words.is_sorted()
            && linear.words.iter().all(|word| (*word as usize) < word_count);
        if fits { Ok(linear) } else { Err(ModelsError::DamagedModel { what: "its parts do not fit" }) }
    }
}

/// The weights of logistic regression with the squares of all weights but the classes' own held back (Hastie, Tibshirani and Friedman, *The Elements
/// of Statistical Learning*, 2009, section 18.3.2), for vectors of length 1. Each class counts as much as any other, however many texts it has.
fn minimum(texts: &[(&Represented, usize)], class_count: usize, words: &[u32], settings: LinearSettings) -> Vec<f64> {
    let rows: Vec<Vec<(usize, f64)>> = texts.iter().map(|(text, _)| row(text, words, settings.vector_weight)).collect();
    let mut counts = vec![0_usize; class_count];
    texts.iter().for_each(|(_, class)| counts[*class] += 1);
    let present = counts.iter().filter(|count| **count > 0).count().max(1);
    let share = |class: usize| texts.len() as f64 / (present * counts[class].max(1)) as f64;
    let width = words.len() + DIMENSION + 1;
    let mut weights = minimise(class_count * width, STEP_COUNT_MAX, |weights, gradient| {
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
    let vector_weight = f64::from(settings.vector_weight);
    for own in weights.chunks_exact_mut(width) {
        own[words.len()..words.len() + DIMENSION].iter_mut().for_each(|weight| *weight *= vector_weight);
    }
    weights
}

/// A text's numbers at their places: words, vector, one. Words that no text of the training had count for nothing, not even for the text's length:
/// the texts of the training had none of them.
fn row(text: &Represented, words: &[u32], vector_weight: f32) -> Vec<(usize, f64)> {
    let known = text.words.iter().filter_map(|(word, weight)| Some((words.binary_search(word).ok()?, *weight)));
    let length = length_of(known.clone().map(|(_, weight)| weight));
    let known = known.map(|(at, weight)| (at, f64::from(weight / length)));
    // Words alone are learned from without a look at vectors.
    let vector: &[f32] = if vector_weight > 0.0 { &text.vector } else { &[] };
    let vector = vector.iter().enumerate();
    let vector = vector.map(|(at, number)| (words.len() + at, f64::from(number * vector_weight)));
    known.chain(vector).chain([(words.len() + DIMENSION, 1.0)]).collect()
}

/// The length of a list of weights, above 0.
fn length_of(weights: impl Iterator<Item = f32>) -> f32 {
    weights.map(|weight| weight * weight).sum::<f32>().sqrt().max(f32::MIN_POSITIVE)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_no_label_had_change_nothing_and_contributions_add_up_to_scores() {
        let text = |words: &[(u32, f32)], first: f32| {
            let mut vector = vec![0.0; DIMENSION];
            vector[0] = first;
            Represented { words: words.to_vec(), vector, length: 1.0 }
        };
        let (one, other) = (text(&[(1, 0.8), (3, 0.6)], 1.0), text(&[(3, 0.6), (4, 0.8)], -1.0));
        let examples = [(&one, 0), (&other, 1), (&one, 0), (&other, 1)];
        let linear = Linear::train(&examples, 2, LinearSettings { cost: 3.0, vector_weight: 1.0 });
        assert_eq!(linear.words, [1, 3, 4]);
        let known = linear.scores(&text(&[(1, 0.4), (3, 0.3)], 0.5));
        assert!(known[0] > known[1], "{known:?}");
        let unlike = linear.scores(&text(&[(0, 0.7), (1, 0.4), (3, 0.3), (9, 0.5)], 0.5));
        assert_eq!(known, unlike);
        let nothing = linear.scores(&text(&[(9, 1.0)], 0.0));
        assert!(nothing.iter().all(|score| score.is_finite()), "{nothing:?}");
        for (class, score) in known.iter().enumerate() {
            let asked = text(&[(0, 0.7), (1, 0.4), (3, 0.3)], 0.5);
            let (of_words, of_vector) = linear.of_class(class, &asked);
            let own = linear.weights[(class + 1) * linear.width() - 1];
            let sum = of_words.iter().sum::<f32>() + 0.5 * of_vector[0] + own;
            assert!((f64::from(sum) - score).abs() < 1e-5, "{sum} {score}");
        }
    }
}
