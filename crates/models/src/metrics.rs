//! How good rankings are: recall, precision, gain and completeness among the first ten, with intervals.

use crate::collection::PassageIndex;
use crate::random::Random;

/// How many hits of a ranking count.
pub const CUT: usize = 10;
/// How many samples an interval comes from.
const SAMPLE_COUNT: usize = 1_000;

/// How well one question was answered; each from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The share of the gold passages among the first ten.
    pub recall: f64,
    /// Average precision among the first ten, over all gold passages.
    pub average_precision: f64,
    /// Discounted cumulative gain among the first ten, over the best possible (Järvelin and Kekäläinen, 2002).
    pub ndcg: f64,
    /// 1 where every gold passage is among the first ten.
    pub all_gold: f64,
    /// Whether the question has several gold passages.
    pub is_multi: bool,
}

impl Outcome {
    /// Judges a ranking, best first, by the question's gold passages, each named once.
    pub fn of(ranking: &[PassageIndex], gold: &[PassageIndex]) -> Self {
        let (mut found, mut precision, mut gain) = (0usize, 0.0, 0.0);
        let mut ideal = 0.0;
        for (at, passage) in ranking.iter().take(CUT).enumerate() {
            if gold.contains(passage) {
                found += 1;
                precision += found as f64 / (at + 1) as f64;
                gain += discount(at);
            }
        }
        for at in 0..gold.len().min(CUT) {
            ideal += discount(at);
        }
        let count = gold.len().max(1) as f64;
        Self {
            recall: found as f64 / count,
            average_precision: precision / count,
            ndcg: if ideal > 0.0 { gain / ideal } else { 0.0 },
            all_gold: f64::from(u8::from(!gold.is_empty() && found == gold.len())),
            is_multi: gold.len() > 1,
        }
    }
}

fn discount(at: usize) -> f64 {
    1.0 / (at as f64 + 2.0).log2()
}

/// A mean with its 95% bootstrap interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// The mean over the questions.
    pub mean: f64,
    /// 2.5% of the means of samples lie below.
    pub low: f64,
    /// 2.5% of the means of samples lie above.
    pub high: f64,
}

impl Estimate {
    /// The mean of `values`, with percentiles of the means of 1,000 samples drawn from them with replacement (Efron, 1979);
    /// the same for the same values. Zeros without values.
    pub fn of(values: &[f64]) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let count = values.len() as f64;
        let mut random = Random::new(0x626f_6f74);
        let mut means: Vec<f64> = (0..SAMPLE_COUNT)
            .map(|_| values.iter().map(|_| values[random.below(values.len())]).sum::<f64>() / count)
            .collect();
        means.sort_by(f64::total_cmp);
        let at = |share: f64| means[((SAMPLE_COUNT - 1) as f64 * share).round() as usize];
        Self { mean: values.iter().sum::<f64>() / count, low: at(0.025), high: at(0.975) }
    }
}

/// What a set of questions says about a ranking.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// How many questions.
    pub question_count: usize,
    /// How many of them have several gold passages.
    pub multi_count: usize,
    /// Recall at ten.
    pub recall: Estimate,
    /// Mean average precision at ten.
    pub map: Estimate,
    /// Normalised discounted cumulative gain at ten.
    pub ndcg: Estimate,
    /// The share of questions with every gold passage among the first ten.
    pub all_gold: Estimate,
    /// The same, of questions with several gold passages.
    pub all_gold_multi: Estimate,
}

impl Figures {
    /// Sums up what questions' outcomes say.
    pub fn of(outcomes: &[Outcome]) -> Self {
        let estimate = |of: fn(&Outcome) -> f64| Estimate::of(&outcomes.iter().map(of).collect::<Vec<_>>());
        let multi: Vec<f64> = outcomes.iter().filter(|one| one.is_multi).map(|one| one.all_gold).collect();
        Self {
            question_count: outcomes.len(),
            multi_count: multi.len(),
            recall: estimate(|one| one.recall),
            map: estimate(|one| one.average_precision),
            ndcg: estimate(|one| one.ndcg),
            all_gold: estimate(|one| one.all_gold),
            all_gold_multi: Estimate::of(&multi),
        }
    }
}
