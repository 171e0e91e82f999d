//! The nearest rows of a table at a date and a snapshot.

use std::sync::Arc;

use grounds_core::{Cell, TableDefinition};
use jiff::civil::Date;

use super::bits::RowBits;
use super::layout::VectorFile;
use super::look::VectorQuery;
use super::metric::DistanceFrom;
use super::nearest::Nearest;
use crate::built_in::TableRef;
use crate::cells::RowPiece;
use crate::columns::{ColumnFile, RowPlace, Share, Tail, visible_rows};
use crate::{Reader, StoreError};

/// The vectors of a column as they are valid on one date and known at one snapshot.
#[derive(Debug)]
pub struct VectorSearch {
    column: usize,
    files: Vec<SearchedFile>,
    tail: Arc<Tail>,
    /// Positions in the tail that may be found.
    tail_rows: Vec<u32>,
}

/// One file, and which of its rows may be found: all where nothing is said.
#[derive(Debug)]
struct SearchedFile {
    file: Arc<ColumnFile>,
    vectors: Arc<VectorFile>,
    visible: Option<Arc<RowBits>>,
}

/// What is read for a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VectorAccess {
    /// Rows that are compared exactly, all of them.
    pub read_row_count: usize,
    /// Rows that are looked up in indexes.
    pub indexed_row_count: usize,
    /// The least share of the nearest that one of these indexes found when it was measured.
    pub recall: Option<f32>,
}

impl Reader {
    /// The vectors of the column at position `column` of `table`, as they are valid on `as_of` and known at the reader's snapshot. `None` where there is no
    /// column generation that has the table with its vectors, as for [`Reader::column_scan`]: then every row must be read.
    ///
    /// Cost: of files that hold rows of other times, four columns, once for each date and snapshot asked for of late. The first search of an open store compares
    /// each file of vectors with its hash.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Io`], [`StoreError::Engine`]: truth cannot be read.
    pub fn vector_search(
        &self,
        table: &TableDefinition,
        column: usize,
        as_of: Date,
    ) -> Result<Option<VectorSearch>, StoreError> {
        let Some(scan) = self.column_scan(TableRef::Declared(table))? else { return Ok(None) };
        let mut files = Vec::with_capacity(scan.files.len());
        for scanned in &scan.files {
            let valid = scanned.file.times().valid_on(as_of);
            if valid == Share::Nothing {
                continue;
            }
            let opened = scanned.file.vectors(column).and_then(|vectors| {
                let Some(vectors) = vectors else { return Ok(None) };
                let is_everything = (valid, scanned.known) == (Share::Everything, Share::Everything);
                let visible = match is_everything && scanned.masked.is_empty() {
                    true => None,
                    false => Some(visible_rows(scanned, self, as_of)?),
                };
                Ok(Some(SearchedFile { file: Arc::clone(&scanned.file), vectors, visible }))
            });
            match opened {
                Ok(Some(file)) => files.push(file),
                Ok(None) => return Ok(None),
                Err(_) => {
                    if let Some(generation) = self.inner().column_generation() {
                        self.inner().columns.discard(&generation);
                    }
                    return Ok(None);
                }
            }
        }
        let opened = scan.tail.delta.opened.iter().zip(0..);
        let is_visible = |piece: &RowPiece| piece.known_to.is_none() && piece.validity.contains(as_of);
        let tail_rows = opened.filter(|(piece, _)| is_visible(piece)).map(|(_, at)| at).collect();
        Ok(Some(VectorSearch { column, files, tail: scan.tail, tail_rows }))
    }
}

impl VectorSearch {
    /// Leaves out rows of files that `is_in` does not have, and rows newer than these that `is_tail_in` refuses.
    ///
    /// # Errors
    /// Whatever `is_in` returns.
    pub fn filter<E>(
        &mut self,
        mut is_in: impl FnMut(&ColumnFile) -> Result<RowBits, E>,
        is_tail_in: impl Fn(&RowPiece) -> Result<bool, E>,
    ) -> Result<(), E> {
        for searched in &mut self.files {
            let wanted = is_in(&searched.file)?;
            let visible = searched.visible.as_ref().map_or_else(|| wanted.clone(), |visible| visible.and(&wanted));
            searched.visible = Some(Arc::new(visible));
        }
        let mut tail_rows = Vec::with_capacity(self.tail_rows.len());
        for at in &self.tail_rows {
            if is_tail_in(&self.tail.delta.opened[*at as usize])? {
                tail_rows.push(*at);
            }
        }
        self.tail_rows = tail_rows;
        Ok(())
    }

    /// What [`VectorSearch::nearest`] would read.
    pub fn access(&self, query: &VectorQuery) -> VectorAccess {
        let mut access = VectorAccess { read_row_count: self.tail_rows.len(), indexed_row_count: 0, recall: None };
        for searched in &self.files {
            let count = searched.visible.as_ref().map_or(searched.vectors.present.count(), |visible| visible.count());
            match searched.vectors.effort(query, count) {
                Some(measured) => {
                    access.indexed_row_count += count;
                    access.recall = Some(access.recall.map_or(measured.recall, |recall| recall.min(measured.recall)));
                }
                None => access.read_row_count += count,
            }
        }
        access
    }

    /// The rows nearest to `query`, nearest first, with their distances: as many as are asked for, and where all rows were read those as far as the last one.
    /// Distances are exact. Rows without a vector are not found.
    ///
    /// Cost: without an index all vectors are read, on all processors; with one, a small part, on one.
    pub fn nearest(&self, query: &VectorQuery) -> Vec<(f64, RowPlace)> {
        self.nearest_places(query).into_iter().map(|(distance, file, row)| (distance, self.place(file, row))).collect()
    }

    /// As [`VectorSearch::nearest`]: the number of the file, or of the tail after them, and the position there.
    fn nearest_places(&self, query: &VectorQuery) -> Vec<(f64, usize, u32)> {
        let mut found = Vec::new();
        for (at, searched) in self.files.iter().enumerate().filter(|(_, searched)| searched.vectors.fits(query)) {
            let nearest = searched.vectors.nearest(query, searched.visible.as_deref());
            found.extend(nearest.into_iter().map(|(distance, row)| (distance, at, row)));
        }
        let distance = DistanceFrom::new(query.metric(), query.vector());
        let mut nearest = Nearest::new(query.count());
        for row in &self.tail_rows {
            if let Some(Cell::Vector(vector)) = self.tail.delta.opened[*row as usize].cells.get(self.column)
                && vector.len() == query.vector().len()
            {
                nearest.offer(distance.to(vector), *row);
            }
        }
        found.extend(nearest.finish().into_iter().map(|(distance, row)| (distance, self.files.len(), row)));
        found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
        if let Some((last, _, _)) = query.count().checked_sub(1).and_then(|at| found.get(at)).copied() {
            let end = found.partition_point(|(distance, _, _)| distance.total_cmp(&last).is_le());
            found.truncate(end);
        }
        found
    }

    fn place(&self, file: usize, row: u32) -> RowPlace {
        match self.files.get(file) {
            Some(searched) => RowPlace::File(Arc::clone(&searched.file), row),
            None => RowPlace::Tail(self.tail.delta.opened[row as usize].clone()),
        }
    }
}
