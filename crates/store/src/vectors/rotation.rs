//! A rotation drawn once: after it, what a vector has of length is spread evenly over its numbers.

use fearless_simd::{Level, dispatch};

use super::random::Random;

/// Rounds of changed signs and Hadamard transforms. Three mix well; the fourth is for lengths that are no power of two.
const ROUND_COUNT: usize = 4;

/// A rotation, the same for the same length everywhere.
///
/// Signs at random and fast Hadamard transforms in turn (Ailon and Chazelle 2009), over the first and the last numbers in turn where the length is no
/// power of two. Adding and subtracting in a fixed order: the same on every processor.
#[derive(Clone, Debug)]
pub(super) struct Rotation {
    length: usize,
    signs: Vec<f32>,
}

impl Rotation {
    pub(super) fn new(length: usize) -> Self {
        let mut random = Random::new(0x6772_6F75_6E64_7301);
        let signs = (0..ROUND_COUNT * length).map(|_| if random.next() >> 63 == 0 { 1.0 } else { -1.0 }).collect();
        Self { length, signs }
    }

    /// `vector`, filled up with zeros to the length of the rotation, rotated.
    pub(super) fn apply(&self, vector: &[f32]) -> Vec<f32> {
        let mut numbers = vec![0.0; self.length];
        numbers[..vector.len()].copy_from_slice(vector);
        dispatch!(Level::new(), _simd => self.rotate(&mut numbers));
        numbers
    }

    #[inline(always)]
    fn rotate(&self, numbers: &mut [f32]) {
        let part_length = 1 << self.length.ilog2();
        let scale = 1.0 / (part_length as f32).sqrt();
        for (round, signs) in self.signs.chunks_exact(self.length).enumerate() {
            for (number, sign) in numbers.iter_mut().zip(signs) {
                *number *= sign;
            }
            let start = if round % 2 == 0 { 0 } else { self.length - part_length };
            hadamard(&mut numbers[start..start + part_length], scale);
        }
    }
}

#[inline(always)]
fn hadamard(numbers: &mut [f32], scale: f32) {
    let mut half = 1;
    while half < numbers.len() {
        for pair in numbers.chunks_exact_mut(2 * half) {
            let (low, high) = pair.split_at_mut(half);
            for (low, high) in low.iter_mut().zip(high) {
                (*low, *high) = (*low + *high, *low - *high);
            }
        }
        half *= 2;
    }
    numbers.iter_mut().for_each(|number| *number *= scale);
}
