//! Building a vector index: centres, lists, codes. The same bytes for the same vectors on any number of threads.

use super::calibrate::questions;
use super::cluster::Clusters;
use super::code::{BLOCK_ROW_COUNT, CodeShape, Coded, Factor, write_factor};
use super::parts::{NO_ROW, Parts};
use super::rotation::Rotation;
use super::sums::dot;
use crate::parallel::map_in_parallel;

/// The parts of an index that are made of its vectors.
#[derive(Debug)]
pub(super) struct Built {
    dimension_count: usize,
    shape: CodeShape,
    mean: Vec<f32>,
    list_blocks: Vec<u8>,
    centres: Vec<f32>,
    squares: Vec<f32>,
    radii: Vec<f32>,
    starts: Vec<u32>,
    blocks: Vec<u8>,
    fine: Vec<u8>,
    rows: Vec<u32>,
}

/// Vectors are of one length where their squared lengths are within this of 1.
const UNIT_TOLERANCE: f32 = 1e-4;

/// Lists for each square root of the number of rows.
const LISTS_PER_ROOT: usize = 4;

/// A list while it is made.
struct List {
    blocks: Vec<u8>,
    fine: Vec<u8>,
    rows: Vec<u32>,
    radius: f32,
}

impl Built {
    /// Builds an index over those of `vectors` (of `dimension_count` numbers, one after the other) whose rows are in `present`, in order, at least one.
    pub(super) fn of(vectors: &[f32], dimension_count: usize, present: &[u32]) -> Self {
        let vector = |row: u32| &vectors[row as usize * dimension_count..(row as usize + 1) * dimension_count];
        let is_unit = |row: &u32| (dot(vector(*row), vector(*row)) - 1.0).abs() <= UNIT_TOLERANCE;
        let shape = CodeShape::new(dimension_count, !present.iter().all(is_unit));
        let rotation = Rotation::new(shape.length);
        let questions = questions(present);
        let placing = present.iter().filter(|row| questions.binary_search(row).is_err());
        let placing: Vec<&[f32]> = placing.map(|row| vector(*row)).collect();
        let clusters = Clusters::of(&placing, dimension_count, (present.len().isqrt() * LISTS_PER_ROOT).max(1));
        let nearest = map_in_parallel(present, 256, |row| clusters.nearest(vector(*row)));
        let mut members = vec![Vec::new(); clusters.count()];
        for (row, list) in present.iter().zip(nearest) {
            members[list].push(*row);
        }
        let centres: Vec<&[f32]> = clusters.centres.chunks_exact(dimension_count).collect();
        let numbered: Vec<(usize, &Vec<u32>)> = members.iter().enumerate().collect();
        let lists = map_in_parallel(&numbered, 0, |(at, rows)| {
            List::of(rows, &vector, &rotation.apply(centres[*at]), &rotation, shape)
        });
        let count = centres.len() as f64;
        let mean_at = |at: usize| (centres.iter().map(|centre| f64::from(centre[at])).sum::<f64>() / count) as f32;
        let mean: Vec<f32> = (0..dimension_count).map(mean_at).collect();
        let numbers: Vec<u32> = (0..centres.len() as u32).collect();
        let list_codes =
            List::of(&numbers, &|list| centres[list as usize], &rotation.apply(&mean), &rotation, shape.of_lists());
        let squares = centres.iter().map(|centre| dot(centre, centre)).collect();
        let mut built = Self {
            dimension_count,
            shape,
            mean,
            list_blocks: list_codes.blocks,
            centres: Vec::new(),
            squares,
            radii: Vec::new(),
            starts: vec![0],
            blocks: Vec::new(),
            fine: Vec::new(),
            rows: Vec::new(),
        };
        for list in lists {
            built.blocks.extend(list.blocks);
            built.fine.extend(list.fine);
            built.rows.extend(list.rows);
            built.radii.push(list.radius);
            built.starts.push((built.rows.len() / BLOCK_ROW_COUNT) as u32);
        }
        built.centres = clusters.centres;
        built
    }

    pub(super) fn parts<'a>(&'a self, vectors: &'a [f32]) -> Parts<'a> {
        Parts {
            dimension_count: self.dimension_count,
            shape: self.shape,
            mean: &self.mean,
            list_blocks: &self.list_blocks,
            centres: &self.centres,
            squares: &self.squares,
            radii: &self.radii,
            starts: &self.starts,
            blocks: &self.blocks,
            fine: &self.fine,
            rows: &self.rows,
            vectors,
        }
    }
}

impl List {
    fn of<'a>(
        rows: &[u32],
        vector: &impl Fn(u32) -> &'a [f32],
        centre: &[f32],
        rotation: &Rotation,
        shape: CodeShape,
    ) -> Self {
        let place_count = rows.len().next_multiple_of(BLOCK_ROW_COUNT);
        let mut blocks = vec![0; place_count / BLOCK_ROW_COUNT * shape.block_byte_count()];
        let mut fine = vec![0; place_count * shape.fine_byte_count()];
        let mut radii = 0.0_f64;
        for (place, row) in rows.iter().enumerate() {
            let coded = Coded::of(vector(*row), centre, rotation);
            let block = &mut blocks[place / BLOCK_ROW_COUNT * shape.block_byte_count()..][..shape.block_byte_count()];
            let own_fine = &mut fine[place * shape.fine_byte_count()..][..shape.fine_byte_count()];
            coded.write(place % BLOCK_ROW_COUNT, shape, block, own_fine);
            if shape.has_norms {
                write_factor(
                    block,
                    shape,
                    Factor::Norm,
                    place % BLOCK_ROW_COUNT,
                    dot(vector(*row), vector(*row)).sqrt(),
                );
            }
            radii += f64::from(coded.radius);
        }
        let mut rows = rows.to_vec();
        let radius = (radii / rows.len().max(1) as f64) as f32;
        rows.resize(place_count, NO_ROW);
        Self { blocks, fine, rows, radius }
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;

    #[test]
    fn vectors_that_cannot_be_added_up_place_no_list() {
        let mut random = Random::new(5);
        let mut vectors: Vec<f32> = (0..4_000).map(|_| random.below(1000) as f32).collect();
        vectors[..8].fill(f32::INFINITY);
        let present: Vec<u32> = (2..1_000).collect();
        let built = Built::of(&vectors, 4, &present);
        assert!(built.centres.iter().chain(&built.mean).all(|number| number.is_finite()));
    }
}
