//! One term's weighted frequencies in all visible passages, and around them.

use std::sync::Arc;

use crate::text::bits::Bits;
use crate::text::bm25f::{Bm25fParameters, FIELD_COUNT, Field, PerField};
use crate::text::postings::Postings;
use crate::text::visible::{HIDDEN, Visible};

/// Where at least one passage of so many has a term, all are reckoned.
const DENSE_RATIO: u64 = 8;

/// A term's weighted frequency in one passage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Weighted {
    pub(crate) fields: PerField<f64>,
    /// In the passages before and after.
    pub(crate) neighbours: f64,
}

impl Weighted {
    pub(crate) fn sum(&self) -> f64 {
        let [text, headings, pinpoint, title] = self.fields;
        text + headings + pinpoint + title + self.neighbours
    }
}

/// Where a term occurs. Filled for one term after another, so that the memory is made once for each search.
pub(crate) struct Weighing<'v> {
    visible: &'v Visible,
    /// For each visible passage; 0 where the field does not have the term.
    fields: PerField<Vec<f64>>,
    /// The passages whose field has it.
    having: PerField<Bits>,
    /// Whether any does.
    is_had: PerField<bool>,
    /// Instead of all this, where the term stands in texts only, and nothing but scores is wanted.
    plain: Vec<Arc<Vec<Postings>>>,
    /// Those that have it in any field.
    own: Bits,
    /// Those and, where they count, those around.
    reached: Bits,
    reached_count: u64,
    /// Whether the passages around one whose text has the term get a part of it.
    reaches_neighbours: bool,
}

/// Whether going through all of `all` numbers is less work than through `count` of them one by one.
fn is_dense(count: u64, all: usize) -> bool {
    count * DENSE_RATIO >= all as u64
}

impl<'v> Weighing<'v> {
    /// Of no term yet; `values` are empty, or 0 for each visible passage.
    pub(crate) fn new(visible: &'v Visible, mut values: PerField<Vec<f64>>) -> Self {
        let count = visible.passages.len();
        values.iter_mut().for_each(|values| values.resize(count, 0.0));
        Self {
            visible,
            fields: values,
            having: std::array::from_fn(|_| Bits::none(count)),
            is_had: [false; FIELD_COUNT],
            plain: Vec::new(),
            own: Bits::none(count),
            reached: Bits::none(count),
            reached_count: 0,
            reaches_neighbours: false,
        }
    }

    /// The memory, all 0 again.
    pub(crate) fn into_values(mut self) -> PerField<Vec<f64>> {
        self.clear();
        self.fields
    }

    /// Forgets the term.
    pub(crate) fn clear(&mut self) {
        self.plain.clear();
        for ((values, having), is_had) in self.fields.iter_mut().zip(&mut self.having).zip(&mut self.is_had) {
            if !std::mem::take(is_had) {
                continue;
            }
            match is_dense(having.count(), values.len()) {
                true => values.fill(0.0),
                false => having.numbers().for_each(|position| values[position] = 0.0),
            }
            having.clear();
        }
        self.reached_count = 0;
        self.own.clear();
        self.reached.clear();
    }

    /// Takes all that the index has of a term that reaches no passages around, if that is in texts only; whether it did.
    pub(crate) fn take_plain(&mut self, found: &[Arc<Vec<Postings>>]) -> bool {
        let is_plain = found.iter().flat_map(|postings| postings.iter()).all(|list| list.field == Field::Text as usize);
        if is_plain {
            self.plain.extend(found.iter().cloned());
        }
        is_plain
    }

    /// Hands the visible passages of a plain term to `visit`, with how often each has it.
    fn for_each_plain(&self, mut visit: impl FnMut(usize, u32)) {
        for postings in self.plain.iter().flat_map(|postings| postings.iter()) {
            let positions = &self.visible.sealed[postings.segment];
            for (document, frequency) in postings.documents.iter().zip(&postings.frequencies) {
                let position = positions[*document as usize];
                if position != HIDDEN {
                    visit(position as usize, *frequency);
                }
            }
        }
    }

    /// Adds what the index has.
    pub(crate) fn add_postings(&mut self, postings: &Postings) {
        let positions = &self.visible.sealed[postings.segment];
        let weights = &self.visible.weights[postings.field];
        let (values, having) = (&mut self.fields[postings.field], &mut self.having[postings.field]);
        self.is_had[postings.field] |= !postings.documents.is_empty();
        for (document, frequency) in postings.documents.iter().zip(&postings.frequencies) {
            let position = positions[*document as usize];
            if position != HIDDEN {
                values[position as usize] += f64::from(*frequency) * weights[position as usize];
                having.insert(position as usize);
            }
        }
    }

    /// Adds occurrences in one field of one passage.
    pub(crate) fn add(&mut self, position: u32, field: Field, frequency: u32) {
        let (position, field) = (position as usize, field as usize);
        self.fields[field][position] += f64::from(frequency) * self.visible.weights[field][position];
        self.having[field].insert(position);
        self.is_had[field] = true;
    }

    /// To be called when everything is added: makes out which passages the term reaches.
    pub(crate) fn finish(&mut self, reaches_neighbours: bool) {
        let having = self.having.iter().zip(self.is_had).filter(|(_, is_had)| *is_had);
        having.for_each(|(having, _)| self.own.extend(having));
        self.reached.extend(&self.own);
        self.reaches_neighbours = reaches_neighbours;
        if reaches_neighbours {
            self.reached.extend_with_neighbours(&self.having[Field::Text as usize], &self.visible.starts);
            self.reached.truncate(self.visible.passages.len());
        }
        self.reached_count = self.reached.count();
    }

    fn is_dense(&self) -> bool {
        !self.reaches_neighbours && is_dense(self.reached_count, self.visible.passages.len())
    }

    /// The passages that have the term in any field; nothing of a plain term.
    pub(crate) fn own(&self) -> &Bits {
        &self.own
    }

    /// The passages that have it in their text or headings.
    pub(crate) fn in_text_or_headings(&self) -> Bits {
        let mut having = self.having[Field::Text as usize].clone();
        having.extend(&self.having[Field::Headings as usize]);
        having
    }

    /// How many passages have it in their text or headings. A title stands above every passage of its document: it tells documents apart, and says
    /// nothing of how rare a word is.
    pub(crate) fn document_frequency(&self) -> u64 {
        if !self.plain.is_empty() {
            let mut count = 0;
            self.for_each_plain(|_, _| count += 1);
            return count;
        }
        self.having[Field::Text as usize].count_with(&self.having[Field::Headings as usize])
    }

    /// Whether no field but the text has the term.
    fn is_of_texts(&self) -> bool {
        self.is_had.iter().enumerate().all(|(field, is_had)| !is_had || field == Field::Text as usize)
    }

    /// Adds to each of `scores` what the term adds, its saturated frequency times `weight`.
    pub(crate) fn add_to(&self, scores: &mut [f64], weight: f64) {
        let parameters = Bm25fParameters::STANDARD;
        let [text, headings, pinpoint, title] = &self.fields;
        if !self.plain.is_empty() {
            let weights = &self.visible.weights[Field::Text as usize];
            self.for_each_plain(|position, frequency| {
                let frequency = f64::from(frequency) * weights[position];
                scores[position] += weight * parameters.saturated(frequency);
            });
        } else if !self.is_dense() {
            self.for_each_reached(|position, saturated| scores[position] += weight * saturated);
        } else if self.is_of_texts() {
            // Where many have it, all are reckoned at once, without looking which: the others get 0.
            for (score, text) in scores.iter_mut().zip(text) {
                *score += weight * parameters.saturated(*text);
            }
        } else {
            let fields = text.iter().zip(headings).zip(pinpoint).zip(title);
            for (score, (((text, headings), pinpoint), title)) in scores.iter_mut().zip(fields) {
                *score += weight * parameters.saturated(text + headings + pinpoint + title);
            }
        }
    }

    /// Hands the passages that the term reaches to `visit`, with its saturated frequencies.
    fn for_each_reached(&self, mut visit: impl FnMut(usize, f64)) {
        let parameters = Bm25fParameters::STANDARD;
        if !self.is_of_texts() {
            self.reached.numbers().for_each(|at| visit(at, parameters.saturated(self.weighted(at).sum())));
            return;
        }
        let text = &self.fields[Field::Text as usize];
        for position in self.reached.numbers() {
            visit(position, parameters.saturated(text[position] + self.of_neighbours(text, position)));
        }
    }

    /// The term's weighted frequency in the passage at `position`.
    pub(crate) fn weighted(&self, position: usize) -> Weighted {
        let mut weighted = Weighted::default();
        for field in 0..FIELD_COUNT {
            weighted.fields[field] = self.fields[field][position];
        }
        weighted.neighbours = self.of_neighbours(&self.fields[Field::Text as usize], position);
        weighted
    }

    /// What the passages before and after a position give, of whose texts these are the weighted frequencies.
    fn of_neighbours(&self, text: &[f64], position: usize) -> f64 {
        let mut neighbours = 0.0;
        if self.reaches_neighbours {
            let neighbour_weight = Bm25fParameters::STANDARD.neighbour_weight;
            if !self.visible.starts.contains(position) {
                neighbours += neighbour_weight * text[position - 1];
            }
            if position + 1 < text.len() && !self.visible.starts.contains(position + 1) {
                neighbours += neighbour_weight * text[position + 1];
            }
        }
        neighbours
    }
}
