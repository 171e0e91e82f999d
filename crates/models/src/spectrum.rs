//! Where terms stand by the company they keep, before any label is seen.

use crate::collection::{Collection, Lists, PassageIndex, TermId};
use crate::parallel::map_blocks;
use crate::random::Random;

/// Rounds; more change little.
const ROUND_COUNT: usize = 6;
/// Texts worked on at a time.
const TEXT_BLOCK: usize = 512;

/// Places of `row_count` terms, of length 1, by the bodies of a collection: see [`directions`].
///
/// `row_of` gives the row of each term, [`u32::MAX`] for none. Cost: a pass over all bodies each round.
pub(crate) fn places<const WIDTH: usize>(
    collection: &Collection,
    row_of: &[u32],
    row_count: usize,
    seed: u64,
) -> Vec<f32> {
    let mut texts = Lists::default();
    for passage in 0..collection.passage_count() as PassageIndex {
        texts.push(passage_vector(collection, passage, row_of));
    }
    let mut places = Vec::with_capacity(row_count * WIDTH);
    for row in directions::<WIDTH>(&texts, row_count, seed, 1) {
        let length = row.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-12);
        places.extend(row.map(|value| value / length));
    }
    places
}

/// For each of `row_count` terms its place along the main directions of texts, which are vectors of weights of terms; scaled by the square root of
/// the directions' strength (latent semantic analysis: Deerwester et al., *Indexing by Latent Semantic Analysis*, 1990). Found by
/// orthogonal iteration (Golub and Van Loan, *Matrix Computations*, section 7.3.2). The same for any number of threads.
pub(crate) fn directions<const WIDTH: usize>(
    texts: &Lists<(u32, f32)>,
    row_count: usize,
    seed: u64,
    threads: usize,
) -> Vec<[f32; WIDTH]> {
    let mut random = Random::new(seed);
    let mut basis: Vec<[f32; WIDTH]> = (0..row_count).map(|_| std::array::from_fn(|_| random.normal())).collect();
    let mut strengths = [0.0f32; WIDTH];
    for _ in 0..ROUND_COUNT {
        basis = multiplied(texts, &basis, threads);
        strengths = orthonormalise(&mut basis);
    }
    for row in &mut basis {
        // The strength of the product is the square of a singular value.
        row.iter_mut().zip(&strengths).for_each(|(value, strength)| *value *= strength.sqrt().sqrt());
    }
    basis
}

/// The basis times the matrix of texts and its transpose.
fn multiplied<const WIDTH: usize>(
    texts: &Lists<(u32, f32)>,
    basis: &[[f32; WIDTH]],
    threads: usize,
) -> Vec<[f32; WIDTH]> {
    let blocks = map_blocks(
        texts.count(),
        TEXT_BLOCK,
        threads,
        || (),
        |(), range| {
            let along = |text| {
                let mut along = [0.0f32; WIDTH];
                for (row, weight) in texts.of(text) {
                    along.iter_mut().zip(&basis[*row as usize]).for_each(|(sum, value)| *sum += weight * value);
                }
                along
            };
            range.map(along).collect::<Vec<[f32; WIDTH]>>()
        },
    );
    let mut product = vec![[0.0f32; WIDTH]; basis.len()];
    for (text, along) in blocks.iter().flatten().enumerate() {
        for (row, weight) in texts.of(text) {
            product[*row as usize].iter_mut().zip(along).for_each(|(sum, value)| *sum += weight * value);
        }
    }
    product
}

/// A body as a vector of length 1.
fn passage_vector(collection: &Collection, passage: PassageIndex, row_of: &[u32]) -> Vec<(u32, f32)> {
    let mut terms: Vec<TermId> = collection.body(passage).to_vec();
    terms.sort_unstable();
    let mut vector = Vec::with_capacity(terms.len());
    for same in terms.chunk_by(|a, b| a == b) {
        let row = row_of[same[0] as usize];
        if row != u32::MAX {
            vector.push((row, (1.0 + (same.len() as f32).ln()) * collection.idf[same[0] as usize]));
        }
    }
    let length = vector.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt().max(1e-12);
    vector.iter_mut().for_each(|(_, weight)| *weight /= length);
    vector
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
