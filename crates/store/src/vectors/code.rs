//! What is kept of a vector beside its list's centre: a bit a dimension to leave most out by, and four bits to order the rest by.
//!
//! The bits are those of RaBitQ (Gao and Long, SIGMOD 2024): after a random rotation, the signs of the difference from the centre. With the length of the
//! difference and how well its signs point in its direction, they give an estimate of the distance from any question that is right on average, and whose error
//! is known. Four bits a dimension are the same thought with sixteen steps instead of two.

use super::rotation::Rotation;
use super::sums::dot;

/// So many vectors stand side by side in a block.
pub(super) const BLOCK_ROW_COUNT: usize = 32;
/// Codes have so many dimensions or a multiple of it; what a vector lacks is zero.
const CODE_LENGTH_STEP: usize = 64;
/// Four numbers of 32 bits for each row of a block, and one more where lengths differ.
const FACTOR_BYTE_COUNT: usize = 4 * BLOCK_ROW_COUNT;

/// How many bytes what takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CodeShape {
    /// Dimensions of a code.
    pub(super) length: usize,
    /// Whether the lengths of vectors differ, so that blocks hold them.
    pub(super) has_norms: bool,
}

impl CodeShape {
    pub(super) fn new(dimension_count: usize, has_norms: bool) -> Self {
        Self { length: dimension_count.next_multiple_of(CODE_LENGTH_STEP), has_norms }
    }

    /// That of the codes of lists' centres.
    pub(super) fn of_lists(self) -> Self {
        Self { has_norms: false, ..self }
    }

    /// Bytes of the signs of a block.
    pub(super) fn sign_byte_count(self) -> usize {
        self.length * BLOCK_ROW_COUNT / 8
    }

    /// Where in a block the numbers of `factor` begin.
    pub(super) fn factor_start(self, factor: Factor) -> usize {
        self.sign_byte_count() + factor as usize * FACTOR_BYTE_COUNT
    }

    pub(super) fn block_byte_count(self) -> usize {
        self.sign_byte_count() + FACTOR_BYTE_COUNT * if self.has_norms { 5 } else { 4 }
    }

    /// Bytes of the four bits a dimension of a row.
    pub(super) fn fine_byte_count(self) -> usize {
        self.length / 2
    }
}

/// The numbers that turn sums over codes into distances: squared distance = that of the centre + add + scale × sum.
#[derive(Clone, Copy, Debug)]
pub(super) enum Factor {
    SignAdd,
    SignScale,
    FineAdd,
    FineScale,
    Norm,
}

/// A vector, coded.
pub(super) struct Coded {
    /// Whether each number of the rotated difference is positive.
    signs: Vec<bool>,
    /// Each number in sixteen steps.
    steps: Vec<u8>,
    /// By [`Factor`], all but the norm.
    factors: [f32; 4],
    /// How far the vector is from the centre.
    pub(super) radius: f32,
}

impl Coded {
    /// Codes `vector`; `centre` is that of its list, rotated.
    pub(super) fn of(vector: &[f32], centre: &[f32], rotation: &Rotation) -> Self {
        let mut rest = rotation.apply(vector);
        rest.iter_mut().zip(centre).for_each(|(number, centre)| *number -= centre);
        let square = dot(&rest, &rest);
        let signs: Vec<bool> = rest.iter().map(|number| *number >= 0.0).collect();
        let directions: Vec<f32> = signs.iter().map(|is_positive| if *is_positive { 1.0 } else { -1.0 }).collect();
        let (sign_add, sign_scale) = factors(square, &directions, &rest, centre);
        let steps = steps(&rest, (square / rest.len() as f32).sqrt());
        let centred: Vec<f32> = steps.iter().map(|step| f32::from(*step) - STEP_MIDDLE).collect();
        let (fine_add, fine_scale) = factors(square, &centred, &rest, centre);
        Self { signs, steps, factors: [sign_add, sign_scale, fine_add, fine_scale], radius: square.sqrt() }
    }

    /// Writes it as row `at` of a zeroed block, and its four bits a dimension.
    pub(super) fn write(&self, at: usize, shape: CodeShape, block: &mut [u8], fine: &mut [u8]) {
        for (dimension, _) in self.signs.iter().enumerate().filter(|(_, is_positive)| **is_positive) {
            // Four dimensions a table; the rows of a table in 16 bytes, the first half of the block in the low bits, each half with its second eight between.
            let (table, half, within) = (dimension / 4, at / 16, at % 16);
            let byte = table * 16 + if within < 8 { 2 * within } else { 2 * (within - 8) + 1 };
            block[byte] |= 1 << (dimension % 4 + 4 * half);
        }
        for (factor, value) in
            [Factor::SignAdd, Factor::SignScale, Factor::FineAdd, Factor::FineScale].into_iter().zip(self.factors)
        {
            write_factor(block, shape, factor, at, value);
        }
        // The low bits hold the first 32 of 64 dimensions, the high bits the second.
        for (bytes, steps) in fine.chunks_exact_mut(32).zip(self.steps.chunks_exact(64)) {
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = steps[at] | steps[at + 32] << 4;
            }
        }
    }
}

pub(super) fn write_factor(block: &mut [u8], shape: CodeShape, factor: Factor, at: usize, value: f32) {
    let start = shape.factor_start(factor) + 4 * at;
    block[start..start + 4].copy_from_slice(&value.to_le_bytes());
}

/// The middle of sixteen steps.
pub(super) const STEP_MIDDLE: f32 = 7.5;

/// Each number in sixteen steps of the width that points best in the direction of all.
fn steps(numbers: &[f32], deviation: f32) -> Vec<u8> {
    let with_width = |width: f32| -> Vec<u8> {
        let step =
            |number: &f32| if width > 0.0 { (number / width + STEP_MIDDLE).round().clamp(0.0, 15.0) as u8 } else { 8 };
        numbers.iter().map(step).collect()
    };
    let cosine = |steps: &[u8]| {
        let centred: Vec<f32> = steps.iter().map(|step| f32::from(*step) - STEP_MIDDLE).collect();
        dot(&centred, numbers) / dot(&centred, &centred).sqrt()
    };
    // About the best width for numbers of a normal distribution is a third of its deviation (Max 1960).
    let tried = [0.26, 0.30, 0.34, 0.38].map(|share| with_width(share * deviation));
    let [first, rest @ ..] = tried;
    rest.into_iter().fold(first, |best, other| if cosine(&other) > cosine(&best) { other } else { best })
}

/// What is added and by what a sum over `code` times the rotated question is multiplied.
///
/// |q - x|² = |q - c|² + |x - c|² - 2 <q - c, x - c>, and <q - c, x - c> is about |x - c|² / <code, x - c> × <code, q - c>.
fn factors(square: f32, code: &[f32], rest: &[f32], centre: &[f32]) -> (f32, f32) {
    let agreement = dot(code, rest);
    let scale = if agreement > 0.0 { square / agreement } else { 0.0 };
    (square + 2.0 * scale * dot(code, centre), -2.0 * scale)
}
