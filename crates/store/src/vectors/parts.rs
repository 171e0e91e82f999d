//! The parts of a vector index, wherever their bytes lie.

use super::code::CodeShape;

/// How vectors are compared: the order in which an index answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// By squared distance.
    Square,
    /// By dot product, of vectors of different lengths.
    Dot,
    /// By the cosine, of vectors of different lengths.
    Cosine,
}

/// The parts of a vector index over the rows of one file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    pub(super) dimension_count: usize,
    pub(super) shape: CodeShape,
    /// The mean of the lists' centres, and the codes of the centres beside it.
    pub(super) mean: &'a [f32],
    pub(super) list_blocks: &'a [u8],
    /// The centre of each list.
    pub(super) centres: &'a [f32],
    /// Of each centre its squared length.
    pub(super) squares: &'a [f32],
    /// Of each list the mean distance of its vectors from the centre.
    pub(super) radii: &'a [f32],
    /// Where the blocks of each list begin, and where the last one ends.
    pub(super) starts: &'a [u32],
    pub(super) blocks: &'a [u8],
    pub(super) fine: &'a [u8],
    /// Which row each place in a block is; [`NO_ROW`] where there is none.
    pub(super) rows: &'a [u32],
    /// The vectors, in order of row.
    pub(super) vectors: &'a [f32],
}

/// Fills the places of a list's last block that hold no row.
pub(super) const NO_ROW: u32 = u32::MAX;

impl<'a> Parts<'a> {
    /// No lists.
    pub(super) fn empty(dimension_count: usize, vectors: &'a [f32]) -> Self {
        let shape = CodeShape::new(dimension_count, false);
        let (bytes, numbers, rows): (&[u8], &[f32], &[u32]) = (&[], &[], &[]);
        Self {
            dimension_count,
            shape,
            mean: numbers,
            list_blocks: bytes,
            centres: numbers,
            squares: numbers,
            radii: numbers,
            starts: rows,
            blocks: bytes,
            fine: bytes,
            rows,
            vectors,
        }
    }

    pub(super) fn list_count(&self) -> usize {
        self.radii.len()
    }

    pub(super) fn centre(&self, list: usize) -> &[f32] {
        &self.centres[list * self.dimension_count..(list + 1) * self.dimension_count]
    }

    #[inline(always)]
    pub(super) fn block(&self, block: usize) -> &[u8] {
        let length = self.shape.block_byte_count();
        &self.blocks[block * length..(block + 1) * length]
    }

    pub(super) fn vector(&self, row: usize) -> &[f32] {
        &self.vectors[row * self.dimension_count..(row + 1) * self.dimension_count]
    }
}
