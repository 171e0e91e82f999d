//! Looking for the nearest in one file: through its index, or through all of it.

use std::borrow::Cow;

use super::bits::RowBits;
use super::calibrate::Measured;
use super::layout::VectorFile;
use super::metric::{DistanceFrom, Metric};
use super::nearest::Nearest;
use super::parts::Order;
use super::probe;
use crate::parallel::map_in_parallel;

/// Up to so many numbers, of the rows that may be found, all are read: an index would have to look through too many lists to meet enough of these rows.
const READ_NUMBER_COUNT_MAX: usize = 3_000_000;
/// Where more than one row in so many is asked for, all are read too.
const ROWS_PER_NEIGHBOUR_MIN: usize = 20;
/// Rows that one thread reads at a time; a multiple of 64.
const PART_ROW_COUNT: usize = 1 << 14;
/// Fewer numbers are not worth a second thread.
const TOGETHER_NUMBER_COUNT_MIN: usize = 1 << 20;

/// What is looked for.
#[derive(Clone, Debug)]
pub struct VectorQuery {
    vector: Vec<f32>,
    metric: Metric,
    count: usize,
    recall: Option<f32>,
}

impl VectorQuery {
    /// The `count` rows that are nearest to `vector`: exactly these.
    pub fn new(vector: Vec<f32>, metric: Metric, count: usize) -> Self {
        Self { vector, metric, count, recall: None }
    }

    /// Lets an index answer where there is one that found at least this share (0 to 1) of the nearest when it was measured.
    #[must_use]
    pub fn with_recall(self, recall: f32) -> Self {
        Self { recall: Some(recall), ..self }
    }

    /// The metric.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    pub(super) fn vector(&self) -> &[f32] {
        &self.vector
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }
}

impl VectorFile {
    /// Whether `query` can be asked of it.
    pub(super) fn fits(&self, query: &VectorQuery) -> bool {
        self.dimension_count == query.vector.len()
    }

    /// The nearest of the rows in `visible`, or of all, nearest first, equals in order of row: at least as many as are asked for, where there are as many.
    pub(super) fn nearest(&self, query: &VectorQuery, visible: Option<&RowBits>) -> Vec<(f64, u32)> {
        match self.effort(query, visible.unwrap_or(&self.present).count()) {
            Some(measured) => self.look_up(query, visible, measured),
            None => self.read_all(query, visible),
        }
    }

    /// How the index would be used for `query`; `None` where all rows are read instead.
    pub(super) fn effort(&self, query: &VectorQuery, visible_count: usize) -> Option<&Measured> {
        let recall = query.recall?;
        let order = match (self.has_norms(), query.metric) {
            (false, _) | (true, Metric::Euclidean) => Order::Square,
            (true, Metric::Dot) => Order::Dot,
            (true, Metric::Cosine) => Order::Cosine,
        };
        let length = DistanceFrom::length(&query.vector);
        let few = READ_NUMBER_COUNT_MAX.min(self.vectors.len() / 10);
        let are_few =
            visible_count * self.dimension_count <= few || visible_count / ROWS_PER_NEIGHBOUR_MIN < query.count;
        if are_few || !length.is_normal() {
            return None;
        }
        self.efforts.iter().find(|measured| measured.order == order && measured.recall_at_least >= recall)
    }

    fn look_up(&self, query: &VectorQuery, visible: Option<&RowBits>, measured: &Measured) -> Vec<(f64, u32)> {
        // The order by an angle, or by a dot product, does not depend on the length of the question, but rounding does.
        let scale = match query.metric {
            Metric::Euclidean => 1.0,
            Metric::Cosine | Metric::Dot => (1.0 / DistanceFrom::length(&query.vector)) as f32,
        };
        let looked_for: Vec<f32> = query.vector.iter().map(|number| number * scale).collect();
        let distance = DistanceFrom::new(query.metric, &query.vector);
        let parts = self.parts();
        let (mut found, _) = probe::nearest(
            &parts,
            &self.rotation,
            &looked_for,
            (&distance, measured.order),
            query.count,
            measured.effort,
            visible,
        );
        for row in self.apart.iter().filter(|row| visible.is_none_or(|visible| visible.contains(**row as usize))) {
            found.push((distance.to(parts.vector(*row as usize)), *row));
        }
        if !self.apart.is_empty() {
            found.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
            found.truncate(query.count);
        }
        found
    }

    fn read_all(&self, query: &VectorQuery, visible: Option<&RowBits>) -> Vec<(f64, u32)> {
        let distance = DistanceFrom::new(query.metric, &query.vector);
        let parts = self.parts();
        let with_length = |row: usize| (row as u32, parts.vector(row), self.lengths[row]);
        let all_are_present = self.present.count() == self.row_count;
        let chosen = match visible {
            None if all_are_present => None,
            None => Some(Cow::Borrowed(&self.present)),
            Some(visible) if all_are_present => Some(Cow::Borrowed(visible)),
            Some(visible) => Some(Cow::Owned(visible.and(&self.present))),
        };
        let number_count = chosen.as_ref().map_or(self.row_count, |chosen| chosen.count()) * self.dimension_count;
        let alone_below = if number_count < TOGETHER_NUMBER_COUNT_MIN { usize::MAX } else { 0 };
        let starts: Vec<usize> = (0..self.row_count).step_by(PART_ROW_COUNT).collect();
        let found = map_in_parallel(&starts, alone_below, |start| {
            let mut nearest = Nearest::new(query.count);
            match &chosen {
                None => {
                    let rows = *start..self.row_count.min(start + PART_ROW_COUNT);
                    distance.offer_all(rows.map(with_length), &mut nearest);
                }
                Some(chosen) => {
                    let rows = chosen.rows_of(start / 64, PART_ROW_COUNT / 64);
                    distance.offer_all(rows.map(with_length), &mut nearest);
                }
            }
            nearest.finish()
        });
        let mut nearest = Nearest::new(query.count);
        found.into_iter().flatten().for_each(|(distance, row)| nearest.offer(distance, row));
        nearest.finish()
    }
}
