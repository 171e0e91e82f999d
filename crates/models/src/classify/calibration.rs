//! Probabilities that mean what they say, and sets of classes with a stated rate of errors.

use crate::classify::linear::{log_probability, probabilities};

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

/// For each held-out text how improbable its class was, in order: what sets are cut by.
pub(crate) fn strangeness(held: &[Held], temperature: f64) -> Vec<f32> {
    let of_text = |(scores, class): &Held| {
        let mut scores: Vec<f64> = scores.iter().map(|score| score / temperature).collect();
        probabilities(&mut scores);
        (1.0 - scores[*class]) as f32
    };
    let mut found: Vec<f32> = held.iter().map(of_text).collect();
    found.sort_unstable_by(f32::total_cmp);
    found
}

/// How improbable a class may be and still belong to the set that misses the right class at most so often: conformal prediction (Angelopoulos
/// and Bates, *Conformal Prediction: A Gentle Introduction*, 2023, section 1). 1 where there are too few texts to say.
pub(crate) fn threshold(strangeness: &[f32], error_rate: f64) -> f32 {
    let rank = ((strangeness.len() + 1) as f64 * (1.0 - error_rate)).ceil();
    if rank < 1.0 {
        return 0.0;
    }
    strangeness.get(rank as usize - 1).copied().unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overconfident_scores_are_cooled() {
        // Right in three of four, said with near certainty.
        let held: Vec<Held> = (0..400).map(|at| (vec![8.0, 0.0], usize::from(at % 4 == 0))).collect();
        let mut scores: Vec<f64> = vec![8.0 / temperature(&held), 0.0];
        probabilities(&mut scores);
        assert!((scores[0] - 0.75).abs() < 1e-3, "{scores:?}");
    }

    #[test]
    fn thresholds_leave_room_for_the_next_text() {
        let strangeness: Vec<f32> = (1..=9).map(|at| at as f32 / 10.0).collect();
        let is = |error_rate, expected: f32| threshold(&strangeness, error_rate).total_cmp(&expected).is_eq();
        assert!(is(0.5, 0.5) && is(0.1, 0.9) && is(0.05, 1.0) && is(1.0, 0.0));
        assert!(threshold(&[], 0.2).total_cmp(&1.0).is_eq());
    }
}
