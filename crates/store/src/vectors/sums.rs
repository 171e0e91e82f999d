//! Sums of 32-bit products in a fixed order, and the nearest of many centres.

use fearless_simd::{Level, Simd, dispatch, f32x16, prelude::*};

const LANE_COUNT: usize = 16;

#[inline(always)]
fn folded(mut lanes: [f32; LANE_COUNT]) -> f32 {
    for width in [8, 4, 2, 1] {
        for lane in 0..width {
            lanes[lane] += lanes[lane + width];
        }
    }
    lanes[0]
}

/// The dot product. Numbers beyond the last whole 16 go one by one into the first lanes.
#[inline(always)]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; LANE_COUNT];
    let ((a_chunks, a_rest), (b_chunks, b_rest)) = (a.as_chunks::<LANE_COUNT>(), b.as_chunks::<LANE_COUNT>());
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..LANE_COUNT {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    for (lane, (a, b)) in lanes.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *lane += a * b;
    }
    folded(lanes)
}

/// Centres for finding the nearest one: 16 side by side.
#[derive(Clone, Debug)]
pub(super) struct Centres {
    count: usize,
    dimension_count: usize,
    /// Blocks of 16 centres: 16 first numbers, 16 second numbers, and so on.
    numbers: Vec<f32>,
    /// Of each its squared length; infinite for those that only fill the last block.
    squares: Vec<f32>,
}

impl Centres {
    /// `centres` holds them one after the other.
    pub(super) fn new(centres: &[f32], dimension_count: usize) -> Self {
        let count = centres.len() / dimension_count;
        let block_count = count.div_ceil(LANE_COUNT);
        let mut numbers = vec![0.0; block_count * LANE_COUNT * dimension_count];
        let mut squares = vec![f32::INFINITY; block_count * LANE_COUNT];
        for (at, centre) in centres.chunks_exact(dimension_count).enumerate() {
            let (block, lane) = (at / LANE_COUNT, at % LANE_COUNT);
            for (dimension, number) in centre.iter().enumerate() {
                numbers[(block * dimension_count + dimension) * LANE_COUNT + lane] = *number;
            }
            squares[at] = dot(centre, centre);
        }
        Self { count, dimension_count, numbers, squares }
    }

    /// Replaces `distances` by the squared distance of each centre from `vector`, less the squared length of `vector`.
    pub(super) fn distances(&self, vector: &[f32], distances: &mut Vec<f32>) {
        dispatch!(Level::new(), simd => self.distances_by(simd, vector, distances));
        distances.truncate(self.count);
    }

    #[inline(always)]
    fn distances_by<S: Simd>(&self, simd: S, vector: &[f32], distances: &mut Vec<f32>) {
        distances.clear();
        let blocks = self.numbers.chunks_exact(LANE_COUNT * self.dimension_count);
        for (block, squares) in blocks.zip(self.squares.as_chunks::<LANE_COUNT>().0) {
            let mut sums = [f32x16::splat(simd, 0.0); 2];
            let (pairs, last) = block.as_chunks::<{ 2 * LANE_COUNT }>();
            let (wanted_pairs, wanted_last) = vector.as_chunks::<2>();
            for (numbers, wanted) in pairs.iter().zip(wanted_pairs) {
                sums[0] += f32x16::from_slice(simd, &numbers[..LANE_COUNT]) * wanted[0];
                sums[1] += f32x16::from_slice(simd, &numbers[LANE_COUNT..]) * wanted[1];
            }
            if let ([wanted], false) = (wanted_last, last.is_empty()) {
                sums[0] += f32x16::from_slice(simd, last) * *wanted;
            }
            let result = f32x16::from_slice(simd, squares) - (sums[0] + sums[1]) * 2.0;
            distances.extend_from_slice(result.as_slice());
        }
    }

    /// The nearest centre, the first of equals, and its squared distance less the squared length of `vector`.
    pub(super) fn nearest(&self, vector: &[f32], distances: &mut Vec<f32>) -> (usize, f32) {
        self.distances(vector, distances);
        let mut nearest = (0, f32::INFINITY);
        for (at, distance) in distances.iter().enumerate() {
            if *distance < nearest.1 {
                nearest = (at, *distance);
            }
        }
        nearest
    }
}
