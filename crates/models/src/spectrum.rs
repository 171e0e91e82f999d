//! Where terms stand by the company they keep, before any label is seen.

use crate::collection::{Collection, PassageIndex, TermId};
use crate::random::Random;

/// Rounds; more change little.
const ROUND_COUNT: usize = 6;

/// Places of `rows` terms, of length 1: the main directions of passages as vectors of rarity, scaled by the square root of
/// their strength (latent semantic analysis: Deerwester et al., *Indexing by Latent Semantic Analysis*, 1990), found by
/// orthogonal iteration (Golub and Van Loan, *Matrix Computations*, section 7.3.2).
///
/// `row_of` gives the row of each term, [`u32::MAX`] for none. Cost: a pass over all bodies each round.
pub(crate) fn places<const WIDTH: usize>(
    collection: &Collection,
    row_of: &[u32],
    row_count: usize,
    seed: u64,
) -> Vec<f32> {
    let mut random = Random::new(seed);
    let mut basis: Vec<[f32; WIDTH]> = (0..row_count).map(|_| std::array::from_fn(|_| random.normal())).collect();
    let mut strengths = [0.0f32; WIDTH];
    for _ in 0..ROUND_COUNT {
        basis = multiplied(collection, row_of, &basis);
        strengths = orthonormalise(&mut basis);
    }
    let mut places = Vec::with_capacity(row_count * WIDTH);
    for mut row in basis {
        // The strength of the product is the square of a singular value.
        row.iter_mut().zip(&strengths).for_each(|(value, strength)| *value *= strength.sqrt().sqrt());
        let length = row.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-12);
        places.extend(row.map(|value| value / length));
    }
    places
}

/// The basis times the matrix of passages and its transpose.
fn multiplied<const WIDTH: usize>(
    collection: &Collection,
    row_of: &[u32],
    basis: &[[f32; WIDTH]],
) -> Vec<[f32; WIDTH]> {
    let mut product = vec![[0.0f32; WIDTH]; basis.len()];
    let mut vector: Vec<(usize, f32)> = Vec::new();
    for passage in 0..collection.passage_count() as PassageIndex {
        passage_vector(collection, passage, row_of, &mut vector);
        let mut along = [0.0f32; WIDTH];
        for (row, weight) in &vector {
            along.iter_mut().zip(&basis[*row]).for_each(|(sum, value)| *sum += weight * value);
        }
        for (row, weight) in &vector {
            product[*row].iter_mut().zip(&along).for_each(|(sum, value)| *sum += weight * value);
        }
    }
    product
}

/// A body as a vector of length 1.
fn passage_vector(collection: &Collection, passage: PassageIndex, row_of: &[u32], vector: &mut Vec<(usize, f32)>) {
    let mut terms: Vec<TermId> = collection.body(passage).to_vec();
    terms.sort_unstable();
    vector.clear();
    for same in terms.chunk_by(|a, b| a == b) {
        let row = row_of[same[0] as usize];
        if row != u32::MAX {
            vector.push((row as usize, (1.0 + (same.len() as f32).ln()) * collection.idf[same[0] as usize]));
        }
    }
    let length = vector.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt().max(1e-12);
    vector.iter_mut().for_each(|(_, weight)| *weight /= length);
}

/// Makes columns orthogonal and of length 1 (modified Gram-Schmidt), and returns how long each was.
fn orthonormalise<const WIDTH: usize>(basis: &mut [[f32; WIDTH]]) -> [f32; WIDTH] {
    let mut lengths = [0.0f32; WIDTH];
    for column in 0..WIDTH {
        let length = basis.iter().map(|row| f64::from(row[column]).powi(2)).sum::<f64>().sqrt().max(1e-30) as f32;
        lengths[column] = length;
        let mut along = [0.0f32; WIDTH];
        for row in basis.iter_mut() {
            row[column] /= length;
            let own = row[column];
            along.iter_mut().zip(row.iter()).skip(column + 1).for_each(|(sum, value)| *sum += own * value);
        }
        for row in basis.iter_mut() {
            let own = row[column];
            row.iter_mut().zip(&along).skip(column + 1).for_each(|(value, along)| *value -= own * along);
        }
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_orthogonal() {
        let mut random = Random::new(2);
        let mut basis: Vec<[f32; 5]> = (0..30).map(|_| std::array::from_fn(|_| random.normal())).collect();
        orthonormalise(&mut basis);
        for a in 0..5 {
            for b in 0..5 {
                let product: f32 = basis.iter().map(|row| row[a] * row[b]).sum();
                let expected = if a == b { 1.0 } else { 0.0 };
                assert!((product - expected).abs() < 1e-4, "{a} {b}: {product}");
            }
        }
    }
}
