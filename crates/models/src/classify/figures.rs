//! How good classes are that were named for texts whose classes are known.

use crate::metrics::Estimate;
use crate::random::Random;

/// How many samples the interval of macro-F1 comes from.
const SAMPLE_COUNT: usize = 1_000;
/// Into how many bins probabilities are put.
const BIN_COUNT: usize = 10;

/// What was named for one text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassifyOutcome {
    /// The number of its class.
    pub right: usize,
    /// The number of the class that was named.
    pub named: usize,
    /// How probable that was said to be, from 0 to 1.
    pub probability: f64,
}

/// What texts with known classes say of a classifier.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassifyFigures {
    /// The share of texts whose class was named.
    pub accuracy: Estimate,
    /// The mean over the classes that texts have of the harmonic mean of precision and recall.
    pub macro_f1: Estimate,
    /// How far probabilities are from shares that came true, on average: expected calibration error over ten bins (Guo et al. 2017, section 2).
    pub calibration_error: f64,
}

impl ClassifyFigures {
    /// Sums up outcomes; classes are numbered below `class_count`.
    ///
    /// Cost: a thousand samples of the outcomes for each interval.
    pub fn of(outcomes: &[ClassifyOutcome], class_count: usize) -> Self {
        let right: Vec<f64> = outcomes.iter().map(|one| f64::from(u8::from(one.named == one.right))).collect();
        Self {
            accuracy: Estimate::of(&right),
            macro_f1: macro_f1(outcomes, class_count),
            calibration_error: calibration_error(outcomes),
        }
    }
}

/// Macro-F1, with percentiles over samples of the texts drawn with replacement (Efron, 1979); the same for the same outcomes.
fn macro_f1(outcomes: &[ClassifyOutcome], class_count: usize) -> Estimate {
    if outcomes.is_empty() {
        return Estimate::default();
    }
    let mut random = Random::new(0x6d61_6372);
    let of_sample =
        |random: &mut Random| f1(outcomes.iter().map(|_| &outcomes[random.below(outcomes.len())]), class_count);
    let mut sampled: Vec<f64> = (0..SAMPLE_COUNT).map(|_| of_sample(&mut random)).collect();
    sampled.sort_by(f64::total_cmp);
    let at = |share: f64| sampled[((SAMPLE_COUNT - 1) as f64 * share).round() as usize];
    Estimate { mean: f1(outcomes.iter(), class_count), low: at(0.025), high: at(0.975) }
}

fn f1<'o>(outcomes: impl Iterator<Item = &'o ClassifyOutcome>, class_count: usize) -> f64 {
    let (mut hits, mut named, mut there) =
        (vec![0_usize; class_count], vec![0_usize; class_count], vec![0_usize; class_count]);
    for one in outcomes {
        hits[one.right] += usize::from(one.named == one.right);
        named[one.named] += 1;
        there[one.right] += 1;
    }
    let classes = || (0..class_count).filter(|class| there[*class] > 0);
    let sum: f64 = classes().map(|class| 2.0 * hits[class] as f64 / (named[class] + there[class]) as f64).sum();
    sum / classes().count().max(1) as f64
}

fn calibration_error(outcomes: &[ClassifyOutcome]) -> f64 {
    let mut bins = [(0.0_f64, 0.0_f64); BIN_COUNT];
    for one in outcomes {
        let bin = &mut bins[((one.probability * BIN_COUNT as f64) as usize).min(BIN_COUNT - 1)];
        bin.0 += one.probability;
        bin.1 += f64::from(u8::from(one.named == one.right));
    }
    bins.iter().map(|(said, came)| (said - came).abs()).sum::<f64>() / outcomes.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome((right, named): (usize, usize)) -> ClassifyOutcome {
        ClassifyOutcome { right, named, probability: 0.75 }
    }

    #[test]
    fn classes_count_alike_however_many_texts_they_have() {
        // Of class 0 three of four are named, of class 1 the only one, of class 2 there is none.
        let outcomes = [(0, 0), (0, 0), (0, 0), (0, 1), (1, 1)].map(outcome);
        let figures = ClassifyFigures::of(&outcomes, 3);
        let expected = (6.0 / 7.0 + 2.0 / 3.0) / 2.0;
        assert!((figures.macro_f1.mean - expected).abs() < 1e-12, "{figures:?}");
        assert!(figures.macro_f1.low < expected && expected < figures.macro_f1.high, "{figures:?}");
        assert!((figures.accuracy.mean - 0.8).abs() < 1e-12 && (figures.calibration_error - 0.05).abs() < 1e-12);
        assert_eq!(ClassifyFigures::of(&[], 3), ClassifyFigures::default());
    }
}
