//! Probabilities that mean what they say, and sets of classes with a stated rate of errors.

use crate::classify::linear::{Linear, log_probability, probabilities};
use crate::classify::representation::Represented;

/// How often the interval of temperatures is cut.
const CUT_COUNT: usize = 60;

/// Scores of a text that the classifier was not trained on, and the text's class.
pub(crate) type Held = (Vec<f64>, usize);

/// What scores are divided by before they become probabilities, so that held-out texts are most likely (Guo et al., *On Calibration of Modern
/// Neural Networks*, 2017, section 4.2).
pub(crate) fn temperature(held: &[Held]) -> f64 {
    let likelihood = |logarithm: f64| -> f64 {
        let divisor = logarithm.exp();
        let of_text = |(scores, class): &Held| {
            let scores: Vec<f64> = scores.iter().map(|score| score / divisor).collect();
            log_probability(&scores, *class)
        };
        held.iter().map(of_text).sum()
    };
    // It has one top in the logarithm of the temperature: golden section (Kiefer, 1953).
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-4.0_f64, 4.0_f64);
    for _ in 0..CUT_COUNT {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if likelihood(left) < likelihood(right) {
            low = left;
        } else {
            high = right;
        }
    }
    low.midpoint(high).exp()
}

/// What was learned from the examples outside a fold, and how strange it found those in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fold {
    pub(crate) linear: Linear,
    /// For each example of the fold how improbable its class was, in order.
    pub(crate) strangeness: Vec<f32>,
}

impl Fold {
    pub(crate) fn new(linear: Linear, held: &[&Held], temperature: f32) -> Self {
        let mut strangeness: Vec<f32> =
            held.iter().map(|(scores, class)| strangeness(scores.clone(), temperature)[*class]).collect();
        strangeness.sort_unstable_by(f32::total_cmp);
        Self { linear, strangeness }
    }
}

/// How improbable each class is.
fn strangeness(mut scores: Vec<f64>, temperature: f32) -> Vec<f32> {
    scores.iter_mut().for_each(|score| *score /= f64::from(temperature));
    probabilities(&mut scores);
    scores.into_iter().map(|probability| (1.0 - probability) as f32).collect()
}

/// For each class the share of examples, the text as one of them, that are as strange as the text would be if it were of that class: each example
/// is compared with the text by a classifier that learned from neither (Vovk, *Cross-Conformal Predictors*, 2015, section 2). A set of all classes
/// with a share above a rate misses the right one about as often as the rate says, at most; one classifier of all examples with what those of
/// the folds found strange misses more often, for it is surer of itself than they are.
pub(crate) fn p_values(folds: &[Fold], text: &Represented, temperature: f32, class_count: usize) -> Vec<f64> {
    let mut stranger = vec![1_usize; class_count];
    for fold in folds {
        let strangeness = strangeness(fold.linear.scores(text), temperature);
        for (count, of_class) in stranger.iter_mut().zip(&strangeness) {
            let below = fold.strangeness.partition_point(|of_example| of_example < of_class);
            *count += fold.strangeness.len() - below;
        }
    }
    let example_count: usize = folds.iter().map(|fold| fold.strangeness.len()).sum();
    stranger.into_iter().map(|count| count as f64 / (example_count + 1) as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::representation::DIMENSION;

    #[test]
    fn overconfident_scores_are_cooled() {
        // Right in three of four, said with near certainty.
        let held: Vec<Held> = (0..400).map(|at| (vec![8.0, 0.0], usize::from(at % 4 == 0))).collect();
        let mut scores: Vec<f64> = vec![8.0 / temperature(&held), 0.0];
        probabilities(&mut scores);
        assert!((scores[0] - 0.75).abs() < 1e-3, "{scores:?}");
    }

    #[test]
    fn a_text_is_compared_with_examples_by_who_learned_from_neither() {
        // Both know only how common the two classes are: the first finds them equally probable, the second the first one three times as probable.
        let fold = |first: f32, strangeness: &[f32]| {
            let mut weights = vec![0.0; 2 * (DIMENSION + 1)];
            weights[DIMENSION] = first;
            let linear = Linear { class_count: 2, words: Vec::new(), weights };
            Fold { linear, strangeness: strangeness.to_vec() }
        };
        let folds = [fold(0.0, &[0.1, 0.2, 0.5, 0.9]), fold(3.0_f32.ln(), &[0.1, 0.2, 0.3, 0.76, 0.8])];
        let text = Represented { vector: vec![0.0; DIMENSION], ..Represented::default() };
        // The first class is as strange as .5 and .25: two examples of the first fold are, and three of the second. The second, as .5 and .75.
        let expected = [(1.0 + 2.0 + 3.0) / 10.0, (1.0 + 2.0 + 2.0) / 10.0];
        for (found, expected) in p_values(&folds, &text, 1.0, 2).into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
        assert_eq!(p_values(&[], &text, 1.0, 2), [1.0, 1.0]);
    }
}
