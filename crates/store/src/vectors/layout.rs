//! The bytes of a file of vectors: the vectors of one column of one file of column data, and the index over them where they are many.
//!
//! Numbers are little-endian. Eight bytes that name the format; how many dimensions, rows, lists, blocks, whether lengths differ (0 or 1), measured efforts and
//! rows apart, u64 each; each measured effort (order, reach, deviations, recall, recall at least; 4 bytes each). Then, each from the next multiple of 64 bytes on:
//! the vectors in order of row (f32, zeros where a row has none); the length of each (f64); bits of the rows that have one (u64); rows that are in no list,
//! because a number is not finite (u32); and of the index the mean of the centres, the centres, their squared lengths, the mean distance of each list's vectors
//! from its centre (f32), where each list's blocks begin and the last one's end (u32), the codes of the centres, the row of each place (u32), the blocks, the
//! four bits a dimension of each place.

use arrow::buffer::{Buffer, ScalarBuffer};
use arrow::datatypes::{ArrowNativeType, ToByteSlice};
use bytes::Bytes;

use super::bits::RowBits;
use super::build::Built;
use super::calibrate::Measured;
use super::code::{BLOCK_ROW_COUNT, CodeShape};
use super::parts::{NO_ROW, Order, Parts};
use super::probe::Effort;
use super::rotation::Rotation;

/// Changes whenever the same vectors would be written differently.
pub(crate) const VECTORS_FORMAT: u32 = 1;

const MAGIC: &[u8; 8] = b"GRVECTO1";
const HEADER_NUMBER_COUNT: usize = 7;
const ALIGNMENT: usize = 64;
/// What a sum over sixteen steps of each dimension may count to.
const DIMENSION_COUNT_MAX: usize = 1 << 16;

/// An open file of vectors.
#[derive(Debug)]
pub(crate) struct VectorFile {
    pub(super) dimension_count: usize,
    pub(super) row_count: usize,
    shape: CodeShape,
    pub(super) efforts: Vec<Measured>,
    pub(super) rotation: Rotation,
    pub(super) vectors: ScalarBuffer<f32>,
    pub(super) lengths: ScalarBuffer<f64>,
    /// The rows that have a vector.
    pub(super) present: RowBits,
    pub(super) apart: ScalarBuffer<u32>,
    mean: ScalarBuffer<f32>,
    centres: ScalarBuffer<f32>,
    squares: ScalarBuffer<f32>,
    radii: ScalarBuffer<f32>,
    starts: ScalarBuffer<u32>,
    list_blocks: Buffer,
    rows: ScalarBuffer<u32>,
    blocks: Buffer,
    fine: Buffer,
}

/// Hands the bytes of a file to `put`, part by part. `built` is the index over those of `vectors` that are in lists.
pub(super) fn write<E>(
    vectors: &[f32],
    dimension_count: usize,
    lengths: &[f64],
    present: &[u64],
    apart: &[u32],
    index: Option<(&Built, &[Measured])>,
    mut put: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let empty = Parts::empty(dimension_count, vectors);
    let (parts, efforts) = index.map_or((empty, &[][..]), |(built, efforts)| (built.parts(vectors), efforts));
    let mut header = MAGIC.to_vec();
    let block_count = parts.rows.len() / BLOCK_ROW_COUNT;
    let counts = [
        dimension_count,
        lengths.len(),
        parts.list_count(),
        block_count,
        usize::from(parts.shape.has_norms),
        efforts.len(),
        apart.len(),
    ];
    counts.iter().for_each(|count| header.extend((*count as u64).to_le_bytes()));
    for measured in efforts {
        header.extend((measured.order as u32).to_le_bytes());
        let numbers =
            [measured.effort.reach, measured.effort.deviation_count, measured.recall, measured.recall_at_least];
        numbers.iter().for_each(|number| header.extend(number.to_le_bytes()));
    }
    let mut sections = Sections { put: &mut put };
    sections.bytes(&header)?;
    sections.numbers(vectors)?;
    sections.numbers(lengths)?;
    sections.numbers(present)?;
    sections.numbers(apart)?;
    sections.numbers(parts.mean)?;
    sections.numbers(parts.centres)?;
    sections.numbers(parts.squares)?;
    sections.numbers(parts.radii)?;
    sections.numbers(parts.starts)?;
    sections.bytes(parts.list_blocks)?;
    sections.numbers(parts.rows)?;
    sections.bytes(parts.blocks)?;
    sections.bytes(parts.fine)
}

/// Writes parts, each filled up to the alignment.
struct Sections<'a, P> {
    put: &'a mut P,
}

impl<E, P: FnMut(&[u8]) -> Result<(), E>> Sections<'_, P> {
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), E> {
        (self.put)(bytes)?;
        (self.put)(&[0; ALIGNMENT][..bytes.len().next_multiple_of(ALIGNMENT) - bytes.len()])
    }

    fn numbers<T: ArrowNativeType>(&mut self, numbers: &[T]) -> Result<(), E> {
        self.bytes(numbers.to_byte_slice())
    }
}

/// Takes parts one after the other.
struct Cursor {
    buffer: Buffer,
    at: usize,
}

impl Cursor {
    fn bytes(&mut self, length: usize) -> Option<Buffer> {
        let start = self.at.next_multiple_of(ALIGNMENT);
        let end = start.checked_add(length).filter(|end| *end <= self.buffer.len())?;
        self.at = end;
        Some(self.buffer.slice_with_length(start, length))
    }

    fn numbers<T: ArrowNativeType>(&mut self, count: usize) -> Option<ScalarBuffer<T>> {
        let buffer = self.bytes(count.checked_mul(size_of::<T>())?)?;
        Some(ScalarBuffer::new(buffer, 0, count))
    }

    fn number(&mut self) -> Option<usize> {
        let bytes = self.buffer.get(self.at..self.at + 8)?;
        self.at += 8;
        usize::try_from(u64::from_le_bytes(bytes.try_into().ok()?)).ok()
    }

    fn word(&mut self) -> Option<[u8; 4]> {
        let bytes = self.buffer.get(self.at..self.at + 4)?;
        self.at += 4;
        bytes.try_into().ok()
    }
}

impl VectorFile {
    /// `None` where the bytes are something else, or the processor's numbers are.
    pub(crate) fn open(bytes: Bytes) -> Option<Self> {
        if cfg!(target_endian = "big") || bytes.get(..MAGIC.len())? != MAGIC {
            return None;
        }
        let mapped = Buffer::from(bytes);
        let is_aligned = mapped.as_ptr().align_offset(size_of::<u64>()) == 0;
        let buffer = if is_aligned { mapped } else { Buffer::from_slice_ref(mapped.as_slice()) };
        let mut cursor = Cursor { buffer, at: MAGIC.len() };
        let mut counts = [0; HEADER_NUMBER_COUNT];
        for count in &mut counts {
            *count = cursor.number()?;
        }
        let [dimension_count, row_count, list_count, block_count, has_norms, effort_count, apart_count] = counts;
        if dimension_count == 0 || dimension_count > DIMENSION_COUNT_MAX {
            return None;
        }
        let mut efforts = Vec::new();
        for _ in 0..effort_count {
            efforts.push(effort(&mut cursor)?);
        }
        let shape = CodeShape::new(dimension_count, has_norms == 1);
        let indexed = usize::from(list_count > 0);
        let times = |count: usize, length: usize| count.checked_mul(length);
        let file = Self {
            dimension_count,
            row_count,
            shape,
            efforts,
            rotation: Rotation::new(shape.length),
            vectors: cursor.numbers(times(row_count, dimension_count)?)?,
            lengths: cursor.numbers(row_count)?,
            present: RowBits::from_words(cursor.numbers::<u64>(row_count.div_ceil(64))?.to_vec()),
            apart: cursor.numbers(apart_count)?,
            mean: cursor.numbers(dimension_count * indexed)?,
            centres: cursor.numbers(times(list_count, dimension_count)?)?,
            squares: cursor.numbers(list_count)?,
            radii: cursor.numbers(list_count)?,
            starts: cursor.numbers(list_count.checked_add(indexed)?)?,
            list_blocks: cursor
                .bytes(times(list_count.div_ceil(BLOCK_ROW_COUNT), shape.of_lists().block_byte_count())?)?,
            rows: cursor.numbers(times(block_count, BLOCK_ROW_COUNT)?)?,
            blocks: cursor.bytes(times(block_count, shape.block_byte_count())?)?,
            fine: cursor.bytes(times(block_count, BLOCK_ROW_COUNT * shape.fine_byte_count())?)?,
        };
        file.makes_sense(block_count).then_some(file)
    }

    /// Whether what says where something is says so within bounds.
    fn makes_sense(&self, block_count: usize) -> bool {
        let are_rows = |rows: &[u32]| rows.iter().all(|row| *row == NO_ROW || (*row as usize) < self.row_count);
        let ends = self.starts.last().is_none_or(|last| *last as usize == block_count);
        let is_number = |number: &f32| number.is_finite();
        self.starts.is_sorted()
            && ends
            && are_rows(&self.rows)
            && self.apart.iter().all(|row| (*row as usize) < self.row_count)
            && self.present.rows().last().is_none_or(|last| last < self.row_count)
            && self.radii.iter().chain(self.squares.iter()).all(is_number)
            && self.efforts.is_empty() == self.radii.is_empty()
    }

    pub(super) fn parts(&self) -> Parts<'_> {
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
            vectors: &self.vectors,
        }
    }

    pub(super) fn has_norms(&self) -> bool {
        self.shape.has_norms
    }
}

fn effort(cursor: &mut Cursor) -> Option<Measured> {
    let order = match u32::from_le_bytes(cursor.word()?) {
        0 => Order::Square,
        1 => Order::Dot,
        2 => Order::Cosine,
        _ => return None,
    };
    let mut number = || cursor.word().map(f32::from_le_bytes);
    let effort = Effort { reach: number()?, deviation_count: number()? };
    Some(Measured { order, effort, recall: number()?, recall_at_least: number()? })
}

#[cfg(test)]
mod tests {
    use super::super::calibrate::calibrate;
    use super::super::look::VectorQuery;
    use super::super::metric::Metric;
    use super::super::random::Random;
    use super::*;
    use crate::parallel::THREAD_COUNT;

    const DIMENSION_COUNT: usize = 12;

    fn vectors(count: usize) -> Vec<f32> {
        let mut random = Random::new(7);
        (0..count * DIMENSION_COUNT).map(|at| (at / 300 % 5) as f32 + random.below(1000) as f32 / 500.0).collect()
    }

    fn written(vectors: &[f32]) -> Vec<u8> {
        let rows: Vec<u32> = (0..(vectors.len() / DIMENSION_COUNT) as u32).collect();
        let built = Built::of(vectors, DIMENSION_COUNT, &rows);
        let parts = built.parts(vectors);
        let efforts = calibrate(&parts, &Rotation::new(parts.shape.length), &rows);
        let lengths = vec![1.0; rows.len()];
        let present = vec![u64::MAX; rows.len() / 64];
        let mut bytes = Vec::new();
        let index = Some((&built, efforts.as_slice()));
        let put = |part: &[u8]| {
            bytes.extend_from_slice(part);
            Ok::<(), ()>(())
        };
        write(vectors, DIMENSION_COUNT, &lengths, &present, &[], index, put).expect("nothing fails");
        bytes
    }

    #[test]
    fn the_bytes_do_not_depend_on_the_number_of_threads() {
        let vectors = vectors(640);
        THREAD_COUNT.set(Some(1));
        let by_one = written(&vectors);
        THREAD_COUNT.set(Some(3));
        assert!(by_one == written(&vectors));
        THREAD_COUNT.set(None);
    }

    #[test]
    fn what_is_cut_is_refused_and_what_is_damaged_does_not_panic() {
        let vectors = vectors(256);
        let good = written(&vectors);
        assert!(VectorFile::open(Bytes::from(good.clone())).is_some());
        for end in (0..good.len()).step_by(97) {
            assert!(VectorFile::open(Bytes::copy_from_slice(&good[..end])).is_none(), "{end}");
        }
        let query = VectorQuery::new(vectors[..DIMENSION_COUNT].to_vec(), Metric::Euclidean, 3).with_recall(0.1);
        for at in (0..300).chain((300..good.len()).step_by(61)) {
            let mut bad = good.clone();
            bad[at] ^= 0x55;
            if let Some(file) = VectorFile::open(Bytes::from(bad)).filter(|file| file.fits(&query)) {
                let _ = file.nearest(&query, None);
            }
        }
    }
}
