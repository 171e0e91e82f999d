//! The score of rows by the words of their text columns, counted over exactly the rows that are visible.

use std::collections::BTreeMap;

use crate::text::analyse::Language;
use crate::text::words::for_each_word;
use crate::{Bm25fParameters, analyse};

/// A search in the text columns of a declared table.
#[derive(Clone, Debug)]
pub struct RowQuery {
    /// Positions of the columns, each with its language.
    columns: Vec<(usize, String)>,
    /// For each column the terms of the query in its language, and their numbers. A term that is the same in two columns of one language has one number.
    terms: Vec<BTreeMap<String, usize>>,
    term_count: usize,
}

impl RowQuery {
    /// Searches for `words` in `columns`: their positions in the table and their languages (BCP 47), as declared.
    pub fn new(words: &str, columns: Vec<(usize, String)>) -> Self {
        let mut numbers: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut terms = Vec::with_capacity(columns.len());
        for (_, language) in &columns {
            let mut own = BTreeMap::new();
            for token in analyse(words, language) {
                let next = numbers.len();
                let number = *numbers.entry((language.clone(), token.term.clone())).or_insert(next);
                own.insert(token.term, number);
            }
            terms.push(own);
        }
        Self { columns, terms, term_count: numbers.len() }
    }

    /// The columns, in the order in which they were given.
    pub fn columns(&self) -> &[(usize, String)] {
        &self.columns
    }

    /// The terms of the column at this place of [`RowQuery::columns`], with their numbers.
    pub(crate) fn terms(&self, place: usize) -> &BTreeMap<String, usize> {
        &self.terms[place]
    }
}

/// Ranks rows: takes in every visible row, then knows the best.
#[derive(Clone, Debug)]
pub struct RowRanking<'q, T> {
    query: &'q RowQuery,
    row_count: u64,
    length_sum: u64,
    document_frequencies: Vec<u64>,
    rows: Vec<RankedRow<T>>,
}

/// A row with some word of the query.
#[derive(Clone, Debug)]
struct RankedRow<T> {
    row: T,
    length: u32,
    /// How often it has each term, in order of their numbers.
    frequencies: Vec<(usize, u32)>,
}

impl<'q, T> RowRanking<'q, T> {
    /// No rows yet.
    pub fn new(query: &'q RowQuery) -> Self {
        let document_frequencies = vec![0; query.term_count];
        Self { query, row_count: 0, length_sum: 0, document_frequencies, rows: Vec::new() }
    }

    /// Takes in a visible row, whose text in a column `text` tells; `row` makes what stands for it in the result.
    pub fn add<'t>(&mut self, text: impl Fn(usize) -> Option<&'t str>, row: impl FnOnce() -> T) {
        let (mut length, mut frequencies) = (0, BTreeMap::new());
        for (place, (column, language)) in self.query.columns.iter().enumerate() {
            let (language, terms) = (Language::of(language), self.query.terms(place));
            for_each_word(text(*column).unwrap_or_default(), |word| {
                let Some(term) = language.term(&word) else { return };
                length += 1;
                if let Some(number) = terms.get(term.as_ref()) {
                    *frequencies.entry(*number).or_default() += 1;
                }
            });
        }
        self.count(1, u64::from(length));
        if !frequencies.is_empty() {
            self.add_counted(length, frequencies.into_iter().collect(), row());
        }
    }

    /// Takes in visible rows: how many, and how many words they have together. Those that have words of the query are added besides.
    pub(crate) fn count(&mut self, row_count: u64, length_sum: u64) {
        self.row_count += row_count;
        self.length_sum += length_sum;
    }

    /// Adds a row that was counted, with how often it has each term, in order of their numbers.
    pub(crate) fn add_counted(&mut self, length: u32, frequencies: Vec<(usize, u32)>, row: T) {
        frequencies.iter().for_each(|(term, _)| self.document_frequencies[*term] += 1);
        self.rows.push(RankedRow { row, length, frequencies });
    }

    /// The `count` rows with the highest scores, and those whose score is the same as the last one's, in no particular order.
    ///
    /// The score is that of passages, [`Bm25fParameters`], with the columns together as one text.
    pub fn best(self, count: usize) -> Vec<(f64, T)> {
        let parameters = Bm25fParameters::STANDARD;
        let average = self.length_sum as f64 / (self.row_count.max(1)) as f64;
        let idf = |frequency: &u64| parameters.idf(self.row_count, *frequency);
        let idf: Vec<f64> = self.document_frequencies.iter().map(idf).collect();
        let score = |row: &RankedRow<T>| {
            let norm = 1.0 - parameters.text_b + parameters.text_b * f64::from(row.length) / average;
            // In order of term: sums of floating point numbers depend on it.
            let of_term = |(term, frequency): &(usize, u32)| {
                let frequency = parameters.text_weight * f64::from(*frequency) / norm;
                idf[*term] * frequency * (parameters.k1 + 1.0) / (parameters.k1 + frequency)
            };
            row.frequencies.iter().map(of_term).fold(0.0, |sum, part| sum + part)
        };
        let mut best: Vec<(f64, T)> = self.rows.into_iter().map(|row| (score(&row), row.row)).collect();
        if count == 0 || best.len() <= count {
            best.truncate(if count == 0 { 0 } else { best.len() });
            return best;
        }
        let (_, (least, _), _) = best.select_nth_unstable_by(count - 1, |a, b| b.0.total_cmp(&a.0));
        let least = *least;
        best.retain(|(score, _)| *score >= least);
        best
    }
}
