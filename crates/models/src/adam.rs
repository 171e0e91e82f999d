//! Steps down a gradient.

/// The state of AdamW over some numbers (Loshchilov and Hutter, *Decoupled Weight Decay Regularization*, 2019, algorithm 2).
#[derive(Clone, Debug)]
pub(crate) struct Adam {
    means: Vec<f32>,
    squares: Vec<f32>,
    step: i32,
}

/// How fast the mean of gradients forgets.
const MEAN_DECAY: f32 = 0.9;
/// How fast the mean of squares forgets.
const SQUARE_DECAY: f32 = 0.999;
const EPSILON: f32 = 1e-8;

impl Adam {
    /// Begins for `count` numbers.
    pub(crate) fn new(count: usize) -> Self {
        Self { means: vec![0.0; count], squares: vec![0.0; count], step: 0 }
    }

    /// Moves `values` against `gradient`, and towards 0 by `decay`.
    pub(crate) fn step(&mut self, values: &mut [f32], gradient: &[f32], rate: f32, decay: f32) {
        self.step += 1;
        let mean_scale = 1.0 / (1.0 - MEAN_DECAY.powi(self.step));
        let square_scale = 1.0 / (1.0 - SQUARE_DECAY.powi(self.step));
        let state = self.means.iter_mut().zip(&mut self.squares);
        for ((value, slope), (mean, square)) in values.iter_mut().zip(gradient).zip(state) {
            *mean += (1.0 - MEAN_DECAY) * (slope - *mean);
            *square += (1.0 - SQUARE_DECAY) * (slope * slope - *square);
            let direction = *mean * mean_scale / ((*square * square_scale).sqrt() + EPSILON);
            *value -= rate * (direction + decay * *value);
        }
    }
}
