//! A small neural network that scores the candidates of a question, learned from whole lists.

use fearless_simd::{Level, dispatch};

use crate::adam::Adam;
use crate::random::Random;
use crate::term_weights::softmax;

/// Width of the first hidden layer.
const WIDE: usize = 64;
/// Width of the second.
const NARROW: usize = 32;
/// Standardised inputs are cut here.
const INPUT_MAX: f32 = 5.0;

/// How a network is fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct NetworkSettings {
    pub(crate) epoch_count: usize,
    /// Questions a step.
    pub(crate) batch: usize,
    pub(crate) rate: f32,
    pub(crate) decay: f32,
    /// Share of hidden values left out while learning.
    pub(crate) dropout: f32,
}

impl NetworkSettings {
    pub(crate) const STANDARD: NetworkSettings =
        NetworkSettings { epoch_count: 10, batch: 32, rate: 3e-3, decay: 0.01, dropout: 0.2 };

    /// For the best candidates beside each other.
    pub(crate) const SET_STAGE: NetworkSettings = NetworkSettings { epoch_count: 8, ..Self::STANDARD };
}

/// The candidates of one question: rows of inputs, and which are gold.
#[derive(Clone, Debug, Default)]
pub(crate) struct RankedList<'t> {
    pub(crate) rows: Vec<&'t [f32]>,
    pub(crate) is_gold: Vec<bool>,
}

/// A perceptron with two hidden layers of rectified units, over standardised inputs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Network {
    pub(crate) means: Vec<f32>,
    /// One over the deviation; 0 for an input that is not looked at.
    pub(crate) scales: Vec<f32>,
    /// Weights and offsets of the layers, one after the other; of a layer's weights, those of one input together.
    pub(crate) weights: Vec<f32>,
}

/// Where the weights of the layers stand.
#[derive(Clone, Copy)]
struct Layout {
    input_count: usize,
}

impl Layout {
    fn first_offsets(self) -> usize {
        self.input_count * WIDE
    }
    fn second(self) -> usize {
        self.first_offsets() + WIDE
    }
    fn second_offsets(self) -> usize {
        self.second() + WIDE * NARROW
    }
    fn last(self) -> usize {
        self.second_offsets() + NARROW
    }
    /// There is no last offset: a softmax over a list would not feel it.
    fn total(self) -> usize {
        self.last() + NARROW
    }
}

/// What one row passes through.
struct Pass {
    inputs: Vec<f32>,
    wide: [f32; WIDE],
    narrow: [f32; NARROW],
    score: f32,
}

/// What dropout multiplies the hidden values of a row with.
type Masks = ([f32; WIDE], [f32; NARROW]);
const NO_MASKS: Masks = ([1.0; WIDE], [1.0; NARROW]);

impl Network {
    /// How many weights a network with so many inputs has.
    fn weight_count(input_count: usize) -> usize {
        Layout { input_count }.total()
    }

    /// A network with random weights (He et al., *Delving Deep into Rectifiers*, 2015) and the inputs' statistics; inputs for
    /// which `is_used` says no are not looked at.
    fn new(
        input_count: usize,
        lists: &[&RankedList<'_>],
        is_used: &dyn Fn(usize) -> bool,
        random: &mut Random,
    ) -> Self {
        let (means, scales) = statistics(input_count, lists, is_used);
        let layout = Layout { input_count };
        let mut weights = vec![0.0; layout.total()];
        let used_count = (0..input_count).filter(|input| is_used(*input)).count().max(1);
        let mut fill = |range: std::ops::Range<usize>, inputs: usize| {
            let deviation = (2.0 / inputs as f32).sqrt();
            weights[range].iter_mut().for_each(|weight| *weight = deviation * random.normal());
        };
        fill(0..layout.first_offsets(), used_count);
        fill(layout.second()..layout.second_offsets(), WIDE);
        fill(layout.last()..layout.total(), NARROW);
        Self { means, scales, weights }
    }

    /// A network from its parts, where these fit.
    pub(crate) fn from_parts(means: Vec<f32>, scales: Vec<f32>, weights: Vec<f32>) -> Option<Self> {
        let fits = means.len() == scales.len() && weights.len() == Self::weight_count(means.len());
        fits.then_some(Self { means, scales, weights })
    }

    /// Fits a network to lists, each of which has a gold candidate and another.
    ///
    /// The loss is that of a softmax over each list, the gold candidates sharing the target (Cao et al., *Learning to Rank*,
    /// 2007). Steps by AdamW with a rate that falls to 0 in a straight line.
    pub(crate) fn fit(
        input_count: usize,
        lists: &[&RankedList<'_>],
        is_used: &dyn Fn(usize) -> bool,
        settings: &NetworkSettings,
        seed: u64,
    ) -> Self {
        let mut random = Random::new(seed);
        let mut network = Self::new(input_count, lists, is_used, &mut random);
        let mut adam = Adam::new(network.weights.len());
        let mut order: Vec<usize> = (0..lists.len()).collect();
        let step_count = settings.epoch_count * lists.len().div_ceil(settings.batch);
        let mut gradient = vec![0.0; network.weights.len()];
        let mut step = 0;
        for _ in 0..settings.epoch_count {
            random.shuffle(&mut order);
            for batch in order.chunks(settings.batch) {
                gradient.fill(0.0);
                for list in batch {
                    let masks = drawn_masks(lists[*list].is_gold.len(), settings.dropout, &mut random);
                    network.add_slopes(lists[*list], &masks, 1.0 / batch.len() as f32, &mut gradient);
                }
                let rate = settings.rate * (1.0 - step as f32 / step_count as f32);
                adam.step(&mut network.weights, &gradient, rate, settings.decay);
                step += 1;
            }
        }
        network
    }

    /// The scores of rows.
    pub(crate) fn scores(&self, rows: &[&[f32]]) -> Vec<f32> {
        let mut scores = vec![0.0; rows.len()];
        dispatch!(Level::new(), _simd => self.score_each(rows, &mut scores));
        scores
    }

    #[inline(always)]
    fn score_each(&self, rows: &[&[f32]], scores: &mut [f32]) {
        let mut inputs = vec![0.0; self.means.len()];
        for (row, score) in rows.iter().zip(scores) {
            self.standardise(row, &mut inputs);
            *score = self.pass(&inputs, &NO_MASKS).2;
        }
    }

    #[inline(always)]
    fn standardise(&self, row: &[f32], inputs: &mut [f32]) {
        for (((input, value), mean), scale) in inputs.iter_mut().zip(row).zip(&self.means).zip(&self.scales) {
            *input = ((value - mean) * scale).clamp(-INPUT_MAX, INPUT_MAX);
        }
    }

    /// The values of both hidden layers, and the score.
    #[inline(always)]
    fn pass(&self, inputs: &[f32], masks: &Masks) -> ([f32; WIDE], [f32; NARROW], f32) {
        let layout = Layout { input_count: self.means.len() };
        let mut wide = [0.0; WIDE];
        wide.copy_from_slice(&self.weights[layout.first_offsets()..layout.second()]);
        for (input, weights) in inputs.iter().zip(self.weights.chunks_exact(WIDE)) {
            wide.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += input * weight);
        }
        wide.iter_mut().zip(&masks.0).for_each(|(value, mask)| *value = value.max(0.0) * mask);
        let mut narrow = [0.0; NARROW];
        narrow.copy_from_slice(&self.weights[layout.second_offsets()..layout.last()]);
        let second = self.weights[layout.second()..layout.second_offsets()].chunks_exact(NARROW);
        for (value, weights) in wide.iter().zip(second).filter(|(value, _)| **value != 0.0) {
            narrow.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += value * weight);
        }
        narrow.iter_mut().zip(&masks.1).for_each(|(value, mask)| *value = value.max(0.0) * mask);
        let score = narrow.iter().zip(&self.weights[layout.last()..]).map(|(value, weight)| value * weight).sum();
        (wide, narrow, score)
    }

    /// Adds the slopes of a list's loss times `share` to `gradient`, and returns the loss.
    fn add_slopes(&self, list: &RankedList<'_>, masks: &[Masks], share: f32, gradient: &mut [f32]) -> f32 {
        dispatch!(Level::new(), _simd => self.add_slopes_of_rows(list, masks, share, gradient))
    }

    #[inline(always)]
    fn add_slopes_of_rows(&self, list: &RankedList<'_>, masks: &[Masks], share: f32, gradient: &mut [f32]) -> f32 {
        let mut passes: Vec<Pass> = Vec::with_capacity(list.rows.len());
        for (row, masks) in list.rows.iter().zip(masks) {
            let mut inputs = vec![0.0; self.means.len()];
            self.standardise(row, &mut inputs);
            let (wide, narrow, score) = self.pass(&inputs, masks);
            passes.push(Pass { inputs, wide, narrow, score });
        }
        let mut shares: Vec<f32> = passes.iter().map(|pass| pass.score).collect();
        softmax(&mut shares);
        let gold_count = list.is_gold.iter().filter(|is_gold| **is_gold).count().max(1) as f32;
        let mut loss = 0.0;
        for (((pass, masks), expected), is_gold) in passes.iter().zip(masks).zip(&shares).zip(&list.is_gold) {
            let target = if *is_gold { 1.0 / gold_count } else { 0.0 };
            if *is_gold {
                loss -= target * expected.max(f32::MIN_POSITIVE).ln();
            }
            self.add_row_slopes(pass, masks, share * (expected - target), gradient);
        }
        loss
    }

    /// Adds the slopes of `slope` times a row's score.
    #[inline(always)]
    fn add_row_slopes(&self, pass: &Pass, masks: &Masks, slope: f32, gradient: &mut [f32]) {
        // Rows that are as good as decided change nothing that counts.
        if slope.abs() < 1e-7 {
            return;
        }
        let layout = Layout { input_count: self.means.len() };
        let (first, rest) = gradient.split_at_mut(layout.first_offsets());
        let (first_offsets, rest) = rest.split_at_mut(WIDE);
        let (second, rest) = rest.split_at_mut(WIDE * NARROW);
        let (second_offsets, last) = rest.split_at_mut(NARROW);
        let last_weights = &self.weights[layout.last()..];
        let mut narrow_slopes = [0.0f32; NARROW];
        for at in 0..NARROW {
            last[at] += slope * pass.narrow[at];
            narrow_slopes[at] = if pass.narrow[at] > 0.0 { slope * last_weights[at] * masks.1[at] } else { 0.0 };
            second_offsets[at] += narrow_slopes[at];
        }
        let second_weights = self.weights[layout.second()..layout.second_offsets()].chunks_exact(NARROW);
        let mut wide_slopes = [0.0f32; WIDE];
        for (at, (weights, slopes)) in second_weights.zip(second.chunks_exact_mut(NARROW)).enumerate() {
            if pass.wide[at] > 0.0 {
                let value = pass.wide[at];
                slopes.iter_mut().zip(&narrow_slopes).for_each(|(sum, slope)| *sum += value * slope);
                wide_slopes[at] = dot(weights, &narrow_slopes) * masks.0[at];
            }
        }
        first_offsets.iter_mut().zip(&wide_slopes).for_each(|(sum, slope)| *sum += slope);
        for (input, slopes) in pass.inputs.iter().zip(first.chunks_exact_mut(WIDE)).filter(|(input, _)| **input != 0.0)
        {
            slopes.iter_mut().zip(&wide_slopes).for_each(|(sum, slope)| *sum += input * slope);
        }
    }
}

/// The product of two rows, in eight sums that a processor adds at once.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for at in 0..8 {
            sums[at] += a[at] * b[at];
        }
    }
    sums.iter().sum()
}

fn drawn_masks(count: usize, dropout: f32, random: &mut Random) -> Vec<Masks> {
    if dropout <= 0.0 {
        return vec![NO_MASKS; count];
    }
    let kept = 1.0 / (1.0 - dropout);
    // Eight bits decide well enough, and eight values need one number.
    let bound = (dropout * 256.0) as u8;
    let mut fill = |values: &mut [f32]| {
        for eight in values.chunks_mut(8) {
            let bits = random.next().to_le_bytes();
            eight.iter_mut().zip(bits).for_each(|(value, bits)| *value = if bits < bound { 0.0 } else { kept });
        }
    };
    let mut masks = vec![NO_MASKS; count];
    for (wide, narrow) in &mut masks {
        fill(wide);
        fill(narrow);
    }
    masks
}

/// Means, and one over deviations, of inputs over all rows.
fn statistics(input_count: usize, lists: &[&RankedList<'_>], is_used: &dyn Fn(usize) -> bool) -> (Vec<f32>, Vec<f32>) {
    let (mut sums, mut squares) = (vec![0.0f64; input_count], vec![0.0f64; input_count]);
    let mut count = 0.0;
    for row in lists.iter().flat_map(|list| &list.rows) {
        count += 1.0;
        for ((sum, square), value) in sums.iter_mut().zip(&mut squares).zip(*row) {
            *sum += f64::from(*value);
            *square += f64::from(*value) * f64::from(*value);
        }
    }
    let count = f64::max(count, 1.0);
    let mut scales = Vec::with_capacity(input_count);
    for (input, (sum, square)) in sums.iter_mut().zip(&squares).enumerate() {
        *sum /= count;
        let deviation = (square / count - *sum * *sum).max(0.0).sqrt();
        // An input that never changes says nothing.
        scales.push(if is_used(input) && deviation > 1e-6 { (1.0 / deviation) as f32 } else { 0.0 });
    }
    (sums.iter().map(|sum| *sum as f32).collect(), scales)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INPUTS: usize = 6;

    /// Rows whose first input decides, beside noise, and which row is gold.
    fn fixture(count: usize, random: &mut Random) -> Vec<(Vec<[f32; INPUTS]>, usize)> {
        let list = |_| {
            let rows: Vec<[f32; INPUTS]> = (0..8).map(|_| std::array::from_fn(|_| random.normal())).collect();
            let gold = (0..8).reduce(|a, b| if rows[b][0] > rows[a][0] { b } else { a }).unwrap_or_default();
            (rows, gold)
        };
        (0..count).map(list).collect()
    }

    fn lists(fixture: &[(Vec<[f32; INPUTS]>, usize)]) -> Vec<RankedList<'_>> {
        let mut lists = Vec::new();
        for (rows, gold) in fixture {
            let is_gold = (0..rows.len()).map(|at| at == *gold).collect();
            lists.push(RankedList { rows: rows.iter().map(|row| &row[..]).collect(), is_gold });
        }
        lists
    }

    #[test]
    fn slopes_are_those_of_the_loss() {
        let mut random = Random::new(5);
        let fixture = fixture(4, &mut random);
        let lists = lists(&fixture);
        let lists: Vec<&RankedList<'_>> = lists.iter().collect();
        let mut network = Network::new(INPUTS, &lists, &|_| true, &mut random);
        let masks = drawn_masks(8, 0.2, &mut random);
        for list in lists {
            let mut gradient = vec![0.0; network.weights.len()];
            network.add_slopes(list, &masks, 1.0, &mut gradient);
            let direction: Vec<f32> = gradient.iter().map(|_| random.normal()).collect();
            let slope: f32 = gradient.iter().zip(&direction).map(|(a, b)| a * b).sum();
            let step = 1e-4;
            let weights = network.weights.clone();
            let mut loss_at = |step: f32| {
                network.weights = weights.iter().zip(&direction).map(|(weight, by)| weight + step * by).collect();
                network.add_slopes(list, &masks, 1.0, &mut vec![0.0; weights.len()])
            };
            let measured = (loss_at(step) - loss_at(-step)) / (2.0 * step);
            network.weights = weights;
            assert!((measured - slope).abs() < 0.02 * slope.abs().max(1.0), "{measured}, {slope}");
        }
    }

    #[test]
    fn what_decides_is_learned_and_what_is_not_used_is_not_looked_at() {
        let mut random = Random::new(6);
        let (train, test) = (fixture(200, &mut random), fixture(100, &mut random));
        let lists = lists(&train);
        let lists: Vec<&RankedList<'_>> = lists.iter().collect();
        let share_right = |is_used: &dyn Fn(usize) -> bool| {
            let network = Network::fit(INPUTS, &lists, is_used, &NetworkSettings::STANDARD, 1);
            let right = test.iter().filter(|(rows, gold)| {
                let scores = network.scores(&rows.iter().map(|row| &row[..]).collect::<Vec<_>>());
                let score = |at: &usize| scores[*at];
                (0..8).max_by(|a, b| score(a).total_cmp(&score(b))) == Some(*gold)
            });
            right.count()
        };
        assert!(share_right(&|_| true) > 80);
        assert!(share_right(&|input| input != 0) < 40);
    }
}
