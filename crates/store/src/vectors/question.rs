//! A vector that is looked for, in the forms in which codes are compared with it.

use fearless_simd::{Level, Simd, dispatch, f32x16, prelude::*, u8x32, u8x64, u16x8, u16x16, u16x32, u32x16};

use super::code::{BLOCK_ROW_COUNT, CodeShape, Factor, STEP_MIDDLE};
use super::rotation::Rotation;

/// The largest number of a table: four of them add up to less than 256.
const ENTRY_MAX: f32 = 63.0;

/// A vector that is looked for.
#[derive(Debug, Default)]
pub(super) struct Question {
    /// For every four dimensions the 16 sums that four signs can make, as whole numbers.
    tables: Vec<u8>,
    /// sum = offset + unit × whole number.
    offset: f32,
    unit: f32,
    /// The rotated vector in 256 steps: number = least + width × step.
    steps: Vec<u8>,
    least: f32,
    width: f32,
    /// The sum of the rotated vector's numbers, times the middle of the steps of a code.
    middle: f32,
}

impl Question {
    pub(super) fn new(vector: &[f32], rotation: &Rotation) -> Self {
        let rotated = rotation.apply(vector);
        let mut question = Self::default();
        dispatch!(Level::new(), _simd => {
            question.make_tables(&rotated);
            question.make_steps(&rotated);
        });
        question
    }

    #[inline(always)]
    fn make_tables(&mut self, rotated: &[f32]) {
        let tables = rotated.as_chunks::<4>().0;
        let (mut widest, mut total) = (0.0_f32, 0.0);
        for numbers in tables {
            widest = widest.max(reach(numbers));
            total += reach(numbers);
        }
        // Sixteen bits hold the sum of all tables.
        let entry_max = ENTRY_MAX.min((f32::from(u16::MAX) / tables.len() as f32).floor());
        self.unit = 2.0 * widest / entry_max;
        let per_unit = if self.unit > 0.0 { 1.0 / self.unit } else { 0.0 };
        self.offset = -total;
        self.tables = vec![0; tables.len() * 16];
        for (entries, numbers) in self.tables.as_chunks_mut::<16>().0.iter_mut().zip(tables) {
            // Counted from the least sum: twice the numbers whose signs are positive, and those that are negative.
            let mut sums = [reach(numbers) - numbers[0] - numbers[1] - numbers[2] - numbers[3]; 16];
            for (bit, number) in numbers.iter().enumerate() {
                for (signs, sum) in sums.iter_mut().enumerate() {
                    *sum += 2.0 * number * (signs >> bit & 1) as f32;
                }
            }
            for (entry, sum) in entries.iter_mut().zip(sums) {
                *entry = (sum * per_unit + 0.5) as u8;
            }
        }
    }

    #[inline(always)]
    fn make_steps(&mut self, rotated: &[f32]) {
        self.least = rotated.iter().copied().fold(f32::INFINITY, f32::min);
        let greatest = rotated.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        self.width = (greatest - self.least) / 255.0;
        let per_width = if self.width > 0.0 { 1.0 / self.width } else { 0.0 };
        self.steps = rotated.iter().map(|number| ((number - self.least) * per_width + 0.5) as u8).collect();
        self.middle = STEP_MIDDLE * rotated.iter().sum::<f32>();
    }

    /// The sums of a block's rows over their signs, as whole numbers.
    #[inline(always)]
    fn sign_sums<S: Simd>(&self, simd: S, signs: &[u8]) -> (u32x16<S>, u32x16<S>) {
        let (low_bits, low_bytes) = (u8x64::splat(simd, 15), u16x32::splat(simd, 255));
        let mut sums = [u16x32::splat(simd, 0); 4];
        for (signs, tables) in signs.as_chunks::<256>().0.iter().zip(self.tables.as_chunks::<256>().0) {
            let mut firsts = u8x64::splat(simd, 0);
            let mut seconds = firsts;
            for (signs, tables) in signs.as_chunks::<64>().0.iter().zip(tables.as_chunks::<64>().0) {
                let (signs, tables) = (u8x64::from_slice(simd, signs), u8x64::from_slice(simd, tables));
                firsts += tables.swizzle_dyn_within_blocks(signs & low_bits);
                seconds += tables.swizzle_dyn_within_blocks((signs >> 4) & low_bits);
            }
            let (firsts, seconds): (u16x32<S>, u16x32<S>) = (firsts.bitcast(), seconds.bitcast());
            sums[0] += firsts & low_bytes;
            sums[1] += firsts >> 8;
            sums[2] += seconds & low_bytes;
            sums[3] += seconds >> 8;
        }
        let firsts: u16x16<S> = folded(sums[0]).combine(folded(sums[1]));
        firsts.combine(folded(sums[2]).combine(folded(sums[3]))).widen()
    }

    /// The estimated squared distances of a block's rows, by their signs alone, less `margin` times what weighs a sum.
    #[inline(always)]
    pub(super) fn estimates<S: Simd>(
        &self,
        simd: S,
        shape: CodeShape,
        block: &[u8],
        centre_square: f32,
        margin: f32,
    ) -> [f32x16<S>; 2] {
        let (first, second) = self.sign_sums(simd, &block[..shape.sign_byte_count()]);
        let (offset, unit) = (f32x16::splat(simd, self.offset + margin), f32x16::splat(simd, self.unit));
        let base = f32x16::splat(simd, centre_square);
        let mut estimates = [base; 2];
        for (half, sums) in [first, second].into_iter().enumerate() {
            let add = half_of_factor(simd, shape, block, Factor::SignAdd, half);
            let scale = half_of_factor(simd, shape, block, Factor::SignScale, half);
            estimates[half] += add + scale * (offset + unit * sums.to_float::<f32x16<S>>());
        }
        estimates
    }

    /// The estimated squared distance of row `at` of a block by its four bits a dimension.
    #[inline(always)]
    pub(super) fn fine_estimate<S: Simd>(
        &self,
        simd: S,
        shape: CodeShape,
        block: &[u8],
        at: usize,
        fine: &[u8],
        centre_square: f32,
    ) -> f32 {
        let low_bits = u8x64::splat(simd, 15);
        let mut sums = (u32x16::splat(simd, 0), u16x32::splat(simd, 0));
        let (pairs, rest) = fine.as_chunks::<64>();
        let (step_pairs, step_rest) = self.steps.as_chunks::<128>();
        for (code, steps) in pairs.iter().zip(step_pairs) {
            let code = u8x64::from_slice(simd, code);
            let (low_first, low_second) = (code & low_bits).split();
            let (high_first, high_second) = ((code >> 4) & low_bits).split();
            add_products(simd, low_first.combine(high_first), &steps[..64], &mut sums);
            add_products(simd, low_second.combine(high_second), &steps[64..], &mut sums);
        }
        if let ([rest], []) = rest.as_chunks::<32>() {
            let (code, low_bits) = (u8x32::from_slice(simd, rest), low_bits.split().0);
            add_products(simd, (code & low_bits).combine((code >> 4) & low_bits), step_rest, &mut sums);
        }
        let (products, codes) = sums;
        let (low, high) = codes.widen();
        let (product, code) = (whole_sum(products), whole_sum(low + high));
        let sum = self.width * product as f32 + self.least * code as f32 - self.middle;
        centre_square + factor(shape, block, Factor::FineAdd, at) + factor(shape, block, Factor::FineScale, at) * sum
    }
}

/// The sum of what four numbers can reach.
#[inline(always)]
fn reach(numbers: &[f32; 4]) -> f32 {
    numbers[0].abs() + numbers[1].abs() + numbers[2].abs() + numbers[3].abs()
}

/// Each 16 bytes of a row of tables are a table of its own: their sum.
#[inline(always)]
fn folded<S: Simd>(sums: u16x32<S>) -> u16x8<S> {
    let (a, b) = sums.split();
    let (a, b) = (a + b).split();
    a + b
}

/// Adds to `sums` the products of 64 steps of a code and of the question, and the steps of the code.
#[inline(always)]
fn add_products<S: Simd>(simd: S, code: u8x64<S>, steps: &[u8], sums: &mut (u32x16<S>, u16x32<S>)) {
    let (low, high) = code.pairwise_dot_product(u8x64::from_slice(simd, steps)).widen();
    sums.0 += low + high;
    sums.1 += code.pairwise_dot_product(u8x64::splat(simd, 1));
}

#[inline(always)]
fn whole_sum<S: Simd>(numbers: u32x16<S>) -> u32 {
    numbers.as_slice().iter().sum()
}

/// The numbers of `factor` of the first or the second 16 rows of a block.
#[inline(always)]
pub(super) fn half_of_factor<S: Simd>(
    simd: S,
    shape: CodeShape,
    block: &[u8],
    factor: Factor,
    half: usize,
) -> f32x16<S> {
    let start = shape.factor_start(factor) + half * 2 * BLOCK_ROW_COUNT;
    u8x64::from_slice(simd, &block[start..start + 2 * BLOCK_ROW_COUNT]).bitcast()
}

/// The number of `factor` of row `at` of a block.
#[inline(always)]
pub(super) fn factor(shape: CodeShape, block: &[u8], factor: Factor, at: usize) -> f32 {
    let start = shape.factor_start(factor) + 4 * at;
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&block[start..start + 4]);
    f32::from_le_bytes(bytes)
}
