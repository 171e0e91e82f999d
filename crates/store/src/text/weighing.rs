//! One term's weighted frequencies in all visible passages, and around them.

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
        for (values, having) in self.fields.iter_mut().zip(&mut self.having) {
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

    /// Adds what the index has.
    pub(crate) fn add_postings(&mut self, postings: &Postings) {
        let positions = &self.visible.sealed[postings.segment];
        let weights = &self.visible.weights[postings.field];
        let (values, having) = (&mut self.fields[postings.field], &mut self.having[postings.field]);
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
    }

    /// To be called when everything is added: makes out which passages the term reaches.
    pub(crate) fn finish(&mut self, reaches_neighbours: bool) {
        self.having.iter().for_each(|having| self.own.extend(having));
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

    /// The passages that have the term in any field.
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
        self.having[Field::Text as usize].count_with(&self.having[Field::Headings as usize])
    }

    /// Sets the saturated frequencies of the passages that the term reaches; what is set for others has no meaning.
    pub(crate) fn saturate(&self, saturated: &mut [f64]) {
        let parameters = Bm25fParameters::STANDARD;
        if self.is_dense() {
            // Where many have it, all are reckoned at once, without looking which: the others get 0.
            let [text, headings, pinpoint, title] = &self.fields;
            let fields = text.iter().zip(headings).zip(pinpoint).zip(title);
            for (saturated, (((text, headings), pinpoint), title)) in saturated.iter_mut().zip(fields) {
                *saturated = parameters.saturated(text + headings + pinpoint + title);
            }
            return;
        }
        for position in self.reached.numbers() {
            saturated[position] = parameters.saturated(self.weighted(position).sum());
        }
    }

    /// Adds to `scores` what the term adds to each, `weight` times what [`Weighing::saturate`] set.
    pub(crate) fn add_to(&self, scores: &mut [f64], weight: f64, saturated: &[f64]) {
        if self.is_dense() {
            scores.iter_mut().zip(saturated).for_each(|(score, saturated)| *score += weight * saturated);
            return;
        }
        self.reached.numbers().for_each(|position| scores[position] += weight * saturated[position]);
    }

    /// The term's weighted frequency in the passage at `position`.
    pub(crate) fn weighted(&self, position: usize) -> Weighted {
        let mut weighted = Weighted::default();
        for field in 0..FIELD_COUNT {
            weighted.fields[field] = self.fields[field][position];
        }
        if self.reaches_neighbours {
            let text = &self.fields[Field::Text as usize];
            let neighbour_weight = Bm25fParameters::STANDARD.neighbour_weight;
            if !self.visible.starts.contains(position) {
                weighted.neighbours += neighbour_weight * text[position - 1];
            }
            if position + 1 < text.len() && !self.visible.starts.contains(position + 1) {
                weighted.neighbours += neighbour_weight * text[position + 1];
            }
        }
        weighted
    }
}
