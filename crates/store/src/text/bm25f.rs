//! The score: BM25F over four fields, with every constant in one place.

/// The fields of a passage, in the order in which their parts of a score are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Text,
    Headings,
    Pinpoint,
    /// The document's title and short titles: part of the score, but not of the index, for they belong to the document's row.
    Title,
}

/// How many fields there are.
pub(crate) const FIELD_COUNT: usize = 4;
/// How many of them are kept with the passage: all but the title.
pub(crate) const PASSAGE_FIELD_COUNT: usize = 3;

/// A number for each field, in the order of [`Field`].
pub(crate) type PerField<T> = [T; FIELD_COUNT];

/// The constants of the score.
///
/// For a passage and a term, the weighted frequency is the sum over fields of `weight * tf / (1 - b + b * length / average)`,
/// and the score is the sum over the query's terms of `idf * frequency * (k1 + 1) / (k1 + frequency)`, with
/// `idf = ln(1 + (N - df + 0.5) / (df + 0.5))`, where `N` counts the visible passages and `df` those with the term in their
/// text or headings.
/// Source: Robertson and Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond*, 2009, section 3.6; the values
/// of `k1` and `b` are its usual ones; the field weights say that other fields than the text only tip the balance.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Bm25fParameters {
    /// How fast repetition stops to count.
    pub k1: f64,
    /// Weight of the passage's words.
    pub text_weight: f64,
    /// Weight of the headings above it.
    pub headings_weight: f64,
    /// Weight of the document's title and short titles.
    pub title_weight: f64,
    /// Weight of its citation.
    pub pinpoint_weight: f64,
    /// How much the length of the passage's words counts, 0 to 1.
    pub text_b: f64,
    /// How much the lengths of the other fields count, 0 to 1.
    pub other_b: f64,
}

impl Bm25fParameters {
    /// The values in use.
    pub const STANDARD: Bm25fParameters = Bm25fParameters {
        k1: 1.2,
        text_weight: 1.0,
        headings_weight: 0.35,
        title_weight: 0.1,
        pinpoint_weight: 0.1,
        text_b: 0.75,
        other_b: 0.6,
    };

    /// The weight of a term that `document_frequency` of `passage_count` passages contain.
    pub(crate) fn idf(&self, passage_count: u64, document_frequency: u64) -> f64 {
        let (count, frequency) = (passage_count as f64, document_frequency as f64);
        (1.0 + (count - frequency + 0.5) / (frequency + 0.5)).ln()
    }

    /// What one term adds to a passage's score.
    pub(crate) fn score(
        &self,
        idf: f64,
        frequencies: &PerField<u32>,
        lengths: &PerField<u32>,
        averages: &PerField<f64>,
    ) -> f64 {
        let weights = [self.text_weight, self.headings_weight, self.pinpoint_weight, self.title_weight];
        let mut frequency = 0.0;
        for field in 0..FIELD_COUNT {
            // A field with a term in it has a length, so its average is not 0.
            if frequencies[field] > 0 {
                let b = if field == Field::Text as usize { self.text_b } else { self.other_b };
                let norm = 1.0 - b + b * f64::from(lengths[field]) / averages[field];
                frequency += weights[field] * f64::from(frequencies[field]) / norm;
            }
        }
        idf * frequency * (self.k1 + 1.0) / (self.k1 + frequency)
    }
}
