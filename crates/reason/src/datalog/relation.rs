//! A relation while it is evaluated: its rows in the order of arrival, what they came from, and its indexes.

use super::index::Index;
use super::rows::{RowNumber, Rows};

/// The rows of a relation. Facts come first; then, round by round and in each round rule by rule, what was derived.
///
/// So the rule and the round of a row follow from its number: provenance is one [`Run`] for each rule and round, and none for a row.
#[derive(Clone, Debug)]
pub(crate) struct Relation {
    pub(crate) rows: Rows,
    /// Rows below this number are facts.
    pub(crate) fact_count: RowNumber,
    pub(crate) runs: Vec<Run>,
    pub(crate) indexes: Vec<Index>,
}

/// Consecutive rows of one origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The number of the first row.
    pub(crate) start: RowNumber,
    /// The rule that derived them.
    pub(crate) rule: u32,
    /// The round in which they were derived, from 1.
    pub(crate) round: u32,
}

/// The most rows that are looked at to guess how many values a column has.
const SAMPLE_MAX: u32 = 1024;

impl Relation {
    pub(crate) fn new(width: usize) -> Self {
        Self { rows: Rows::new(width), fact_count: 0, runs: Vec::new(), indexes: Vec::new() }
    }

    pub(crate) fn bytes(&self) -> usize {
        let indexes: usize = self.indexes.iter().map(Index::bytes).sum();
        self.rows.bytes() + self.runs.capacity() * size_of::<Run>() + indexes
    }

    /// How many rows are no facts.
    pub(crate) fn derived_count(&self) -> usize {
        (self.rows.len() - self.fact_count) as usize
    }

    /// The origin of a row; `None` for a fact.
    pub(crate) fn origin(&self, number: RowNumber) -> Option<Run> {
        if number < self.fact_count {
            return None;
        }
        let after = self.runs.partition_point(|run| run.start <= number);
        after.checked_sub(1).map(|run| self.runs[run])
    }

    /// A relation with the facts of this one and nothing else.
    pub(crate) fn facts(&self) -> Relation {
        let mut relation = Relation::new(self.rows.width());
        relation.rows.reserve(self.fact_count);
        for number in 0..self.fact_count {
            relation.rows.insert(self.rows.row(number));
        }
        relation.fact_count = self.fact_count;
        relation
    }

    /// Whether both hold the same rows, whatever their origin and order.
    pub(crate) fn has_same_rows(&self, other: &Relation) -> bool {
        let mut numbers = 0..self.rows.len();
        self.rows.len() == other.rows.len() && numbers.all(|number| other.rows.find(self.rows.row(number)).is_some())
    }

    /// The place of the index with this key among the indexes; it is made where there is none, and has all rows.
    pub(crate) fn index(&mut self, key: &[usize]) -> usize {
        let place = match self.indexes.iter().position(|index| index.key() == key) {
            Some(place) => place,
            None => {
                self.indexes.push(Index::new(self.rows.width(), key));
                self.indexes.len() - 1
            }
        };
        if self.indexes[place].end() < self.rows.len() {
            self.indexes[place].extend(&self.rows);
        }
        place
    }

    /// Takes in what a round derived, with the origins of the rows by their numbers among the new ones.
    pub(crate) fn append(&mut self, fresh: &mut Rows, origins: &mut Vec<Run>) {
        let before = self.rows.len();
        self.runs.extend(origins.drain(..).map(|run| Run { start: run.start + before, ..run }));
        if before == 0 {
            std::mem::swap(&mut self.rows, fresh);
        } else {
            self.rows.reserve(fresh.len());
            for number in 0..fresh.len() {
                self.rows.insert(fresh.row(number));
            }
        }
        fresh.clear();
        for index in &mut self.indexes {
            index.extend(&self.rows);
        }
    }

    /// About how many rows have one choice of values in these columns.
    pub(crate) fn rows_per_key(&self, columns: &[usize]) -> u64 {
        let count = u64::from(self.rows.len());
        if let Some(index) = self.indexes.iter().find(|index| index.key() == columns) {
            return count.div_ceil((index.key_count() as u64).max(1));
        }
        let distinct = columns.iter().fold(1u64, |product, column| product.saturating_mul(self.distinct(*column)));
        count.div_ceil(distinct.max(1))
    }

    /// About how many values a column has, from rows at even distances.
    fn distinct(&self, column: usize) -> u64 {
        let count = self.rows.len();
        let sampled = count.min(SAMPLE_MAX);
        let at = |sample: u32| (u64::from(sample) * u64::from(count) / u64::from(sampled)) as RowNumber;
        let mut values: Vec<u32> = (0..sampled).map(|sample| self.rows.row(at(sample))[column]).collect();
        values.sort_unstable();
        values.dedup();
        let found = values.len() as u64;
        // Nearly all different: probably so in the whole column.
        if found * 10 >= u64::from(sampled) * 9 { u64::from(count) * found / u64::from(sampled.max(1)) } else { found }
    }
}
