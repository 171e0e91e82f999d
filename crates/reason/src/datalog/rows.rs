//! A set of rows of codes, each with the number of its arrival.

use super::hash::{KeyTable, Slot};
use super::value::Code;

/// A set of rows of one width. The first row is number 0, and no row leaves.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    width: usize,
    /// Row after row: a scan reads memory in order.
    cells: Vec<Code>,
    table: KeyTable,
}

/// The number of a row's arrival.
pub(crate) type RowNumber = u32;

impl Rows {
    pub(crate) fn new(width: usize) -> Self {
        Self { width, cells: Vec::new(), table: KeyTable::default() }
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn len(&self) -> RowNumber {
        self.table.len()
    }

    #[inline]
    pub(crate) fn row(&self, number: RowNumber) -> &[Code] {
        let start = number as usize * self.width;
        &self.cells[start..start + self.width]
    }

    /// The cells of the rows from one number up to another, row after row.
    pub(crate) fn cells(&self, start: RowNumber, end: RowNumber) -> &[Code] {
        &self.cells[start as usize * self.width..end as usize * self.width]
    }

    #[inline]
    pub(crate) fn find(&self, row: &[Code]) -> Option<RowNumber> {
        self.table.find(row, |number| self.row(number) == row)
    }

    /// Adds a row; whether it is new.
    #[inline]
    pub(crate) fn insert(&mut self, row: &[Code]) -> bool {
        self.find_or_insert(row).1
    }

    /// The number of a row, which is added where there is none; whether it is new.
    #[inline]
    pub(crate) fn find_or_insert(&mut self, row: &[Code]) -> (RowNumber, bool) {
        let (cells, width) = (&self.cells, self.width);
        let is_at = |number: u32| &cells[number as usize * width..(number as usize + 1) * width] == row;
        match self.table.find_or_insert(row, is_at) {
            Slot::Found(number) => (number, false),
            Slot::Inserted(number) => {
                self.cells.extend_from_slice(row);
                (number, true)
            }
        }
    }

    pub(crate) fn reserve(&mut self, more: RowNumber) {
        self.table.reserve(self.table.len() as usize + more as usize);
    }

    pub(crate) fn clear(&mut self) {
        self.cells.clear();
        self.table.clear();
    }

    pub(crate) fn bytes(&self) -> usize {
        self.cells.capacity() * size_of::<Code>() + self.table.bytes()
    }
}
