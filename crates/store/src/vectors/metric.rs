//! How far two vectors are apart: exact, and the same on every machine.

use fearless_simd::{Level, Simd, dispatch, f32x16, f64x8, prelude::*};

use super::nearest::Nearest;

/// How far two vectors are apart; smaller is nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// One less the cosine of the angle between them. A vector without a direction is as far as one at a right angle.
    Cosine,
    /// The length of their difference.
    Euclidean,
    /// The negative of the dot product.
    Dot,
}

/// Sums that are carried side by side: in an order that does not depend on the machine, and fast on all of them.
const LANE_COUNT: usize = 8;

/// More than rounding makes of a cosine.
const COSINE_MARGIN: f64 = 1e-12;

/// Distances from one vector, in 64-bit arithmetic in a fixed order of adding: the same numbers on every processor.
#[derive(Clone, Debug)]
pub struct DistanceFrom {
    metric: Metric,
    vector: Vec<f64>,
    norm: f64,
}

impl DistanceFrom {
    /// Distances from `vector` by `metric`.
    pub fn new(metric: Metric, vector: &[f32]) -> Self {
        let mut distance = Self { metric, vector: vector.iter().copied().map(f64::from).collect(), norm: 0.0 };
        distance.norm =
            dispatch!(Level::new(), simd => distance.sums(simd, vector, |other, _| [other * other])[0]).sqrt();
        distance
    }

    /// How far `other`, which has as many numbers, is.
    pub fn to(&self, other: &[f32]) -> f64 {
        dispatch!(Level::new(), simd => self.distance(simd, other))
    }

    /// Hands `take` the distance of each of `others`.
    ///
    /// A single thread reads memory about as fast as it can add up what it reads.
    pub(super) fn to_all<'a, T>(&self, others: impl Iterator<Item = (T, &'a [f32])>, mut take: impl FnMut(T, f64)) {
        dispatch!(Level::new(), simd => {
            for (at, other) in others {
                take(at, self.distance(simd, other));
            }
        });
    }

    /// Offers `nearest` all rows, of which vector and length are known.
    pub(super) fn offer_all<'a>(&self, rows: impl Iterator<Item = (u32, &'a [f32], f64)>, nearest: &mut Nearest) {
        if self.metric != Metric::Cosine {
            return self.to_all(rows.map(|(row, other, _)| (row, other)), |row, distance| nearest.offer(distance, row));
        }
        dispatch!(Level::new(), simd => {
            let mut least = self.least_product(nearest.farthest());
            for (row, other, length) in rows {
                let [product] = self.sums(simd, other, |other, own| [other * own]);
                // Dividing takes longer than adding up half a vector, and hardly any row is near enough.
                if product < least * length {
                    continue;
                }
                nearest.offer(self.cosine(product, length), row);
                least = self.least_product(nearest.farthest());
            }
        });
    }

    /// Below this, times its length, the product with a vector makes it surely farther than `farthest`, whatever is rounded.
    #[inline(always)]
    fn least_product(&self, farthest: f64) -> f64 {
        (1.0 - farthest - COSINE_MARGIN) * self.norm
    }

    /// The length of a vector, as it counts in the cosine.
    pub(super) fn length(vector: &[f32]) -> f64 {
        DistanceFrom::new(Metric::Cosine, vector).norm
    }

    #[inline(always)]
    fn cosine(&self, product: f64, length: f64) -> f64 {
        let norms = length * self.norm;
        if norms > 0.0 { 1.0 - product / norms } else { 1.0 }
    }

    #[inline(always)]
    pub(super) fn distance<S: Simd>(&self, simd: S, other: &[f32]) -> f64 {
        match self.metric {
            Metric::Dot => -self.sums(simd, other, |other, own| [other * own])[0],
            Metric::Euclidean => self.sums(simd, other, |other, own| [(other - own) * (other - own)])[0].sqrt(),
            Metric::Cosine => {
                let [product, square] = self.sums(simd, other, |other, own| [other * own, other * other]);
                self.cosine(product, square.sqrt())
            }
        }
    }

    /// The sums of `terms` over the pairs of numbers.
    #[inline(always)]
    fn sums<S: Simd, const N: usize>(
        &self,
        simd: S,
        other: &[f32],
        terms: impl Fn(f64x8<S>, f64x8<S>) -> [f64x8<S>; N],
    ) -> [f64; N] {
        let (chunks, rest) = other.as_chunks::<{ 2 * LANE_COUNT }>();
        let (own_chunks, own_rest) = self.vector.as_chunks::<{ 2 * LANE_COUNT }>();
        let mut sums = [f64x8::splat(simd, 0.0); N];
        for (chunk, own) in chunks.iter().zip(own_chunks) {
            let (first, second) = f32x16::from_slice(simd, chunk).widen();
            let first = terms(first, f64x8::from_slice(simd, &own[..LANE_COUNT]));
            let second = terms(second, f64x8::from_slice(simd, &own[LANE_COUNT..]));
            for at in 0..N {
                sums[at] = sums[at] + first[at] + second[at];
            }
        }
        // Filled up with zeros, which add nothing.
        for (rest, own_rest) in rest.chunks(LANE_COUNT).zip(own_rest.chunks(LANE_COUNT)) {
            let (mut other, mut own) = ([0.0; LANE_COUNT], [0.0; LANE_COUNT]);
            other.iter_mut().zip(rest).for_each(|(to, from)| *to = f64::from(*from));
            own[..own_rest.len()].copy_from_slice(own_rest);
            let terms = terms(f64x8::from_slice(simd, &other), f64x8::from_slice(simd, &own));
            for at in 0..N {
                sums[at] += terms[at];
            }
        }
        sums.map(|sum| sum.as_slice().iter().sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_definition_whatever_the_length() {
        for length in [0_usize, 1, 7, 8, 9, 15, 16, 17, 31, 384] {
            let a: Vec<f32> = (0..length).map(|at| (at % 13) as f32 - 6.0).collect();
            let b: Vec<f32> = (0..length).map(|at| (at % 7) as f32 - 2.0).collect();
            // Whole numbers: every order of adding gives the same.
            let plain: f64 = a.iter().zip(&b).map(|(a, b)| f64::from(a * b)).sum();
            assert!((DistanceFrom::new(Metric::Dot, &b).to(&a) + plain).abs() < f64::EPSILON, "{length}");
            let squares: f64 = a.iter().zip(&b).map(|(a, b)| f64::from((a - b) * (a - b))).sum();
            assert!((DistanceFrom::new(Metric::Euclidean, &b).to(&a) - squares.sqrt()).abs() < 1e-12, "{length}");
            let cosine = DistanceFrom::new(Metric::Cosine, &b);
            let mut nearest = Nearest::new(1);
            cosine.offer_all([(0, a.as_slice(), DistanceFrom::length(&a))].into_iter(), &mut nearest);
            assert_eq!(nearest.finish()[0].0.to_bits(), cosine.to(&a).to_bits(), "{length}");
        }
    }

    #[test]
    fn rows_that_are_not_divided_are_none_of_the_nearest() {
        // Few directions, so that many are equally far, or at right angles, or have none; of lengths far apart, or not numbers.
        let mut state = 7_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for round in 0..200 {
            let scales = [1.0_f32, 1e-20, 1e18, if round % 10 == 0 { f32::NAN } else { 3.0 }];
            let mut vector = || {
                let scale = scales[next(4) as usize];
                (0..3).map(|_| (next(3) as f32 - 1.0) * scale).collect::<Vec<f32>>()
            };
            let from = DistanceFrom::new(Metric::Cosine, &vector());
            let rows: Vec<Vec<f32>> = (0..60).map(|_| vector()).collect();
            for count in [0, 1, 5, 60] {
                let (mut offered, mut plain) = (Nearest::new(count), Nearest::new(count));
                let with_length = (0..).zip(&rows).map(|(at, row)| (at, row.as_slice(), DistanceFrom::length(row)));
                from.offer_all(with_length, &mut offered);
                from.to_all((0..).zip(rows.iter().map(Vec::as_slice)), |row, distance| plain.offer(distance, row));
                let bits = |nearest: Nearest| -> Vec<(u64, u32)> {
                    nearest.finish().into_iter().map(|(distance, row)| (distance.to_bits(), row)).collect()
                };
                assert_eq!(bits(offered), bits(plain), "round {round}, {count}");
            }
        }
    }

    #[test]
    fn adding_is_in_the_order_of_eight_lanes() {
        let number = |at: usize| (at as f32 * 0.37).sin();
        let (a, b): (Vec<f32>, Vec<f32>) = (0..45).map(|at| (number(at), number(at + 100))).unzip();
        let mut lanes = [0.0_f64; 8];
        a.iter().zip(&b).enumerate().for_each(|(at, (a, b))| lanes[at % 8] += f64::from(*a) * f64::from(*b));
        let product: f64 = lanes.iter().sum();
        assert_eq!(DistanceFrom::new(Metric::Dot, &a).to(&b).to_bits(), (-product).to_bits());
    }

    #[test]
    fn a_vector_without_a_direction_is_at_a_right_angle() {
        let (zero, one) = ([0.0_f32, 0.0], [1.0_f32, 0.0]);
        let cosine = |from: &[f32], to: &[f32]| DistanceFrom::new(Metric::Cosine, from).to(to);
        assert!((cosine(&one, &zero) - 1.0).abs() < f64::EPSILON);
        assert!(cosine(&one, &one).abs() < f64::EPSILON);
    }
}
