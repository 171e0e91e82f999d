//! The score: BM25F over four fields and the passages around, with every constant in one place.

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

/// Every field, in order.
pub(crate) const FIELDS: PerField<Field> = [Field::Text, Field::Headings, Field::Pinpoint, Field::Title];

/// The constants of the score.
///
/// The question's terms are its words, the characters of scripts written without spaces, and pairs of neighbours among these. For a
/// passage and a term, the weighted frequency is the sum over fields of `weight * tf / (1 - b + b * length / average)`, where a title
/// weighs `title_weight / sqrt(passages of its document)`, and of `neighbour_weight` times the text's part in the passages before and after
/// it (words and pairs). What the term adds is `factor * idf * frequency * (k1 + 1) / (k1 + frequency)`, with
/// `idf = ln(1 + (N - df + 0.5) / (df + 0.5))`, where `N` counts the visible passages and `df` those with the term in their text or headings.
/// To the sum over terms come `document_share` of a fifth of the five best such sums in the passage's document, and
/// `surroundings_share` of the best such sum among the five passages at either side: where much answers, each answers more probably.
///
/// Source: Robertson and Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond*, 2009, section 3.6; pairs as in Metzler and Croft, *A
/// Markov Random Field Model for Term Dependencies*, 2005. The values are measured, see `docs/retrieval.md`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Bm25fParameters {
    /// How fast repetition stops to count.
    pub k1: f64,
    /// Weight of the passage's words.
    pub text_weight: f64,
    /// Weight of the headings above it.
    pub headings_weight: f64,
    /// Weight of the document's title and short titles where the document is one passage.
    pub title_weight: f64,
    /// Weight of its citation.
    pub pinpoint_weight: f64,
    /// Weight of the words of the passage before it, and of those of the passage after it.
    pub neighbour_weight: f64,
    /// How much the length of the passage's words counts, 0 to 1.
    pub text_b: f64,
    /// How much the lengths of the other fields count, 0 to 1.
    pub other_b: f64,
    /// Factor of a character that stands beside others, of which each pair counts 1.
    pub character_factor: f64,
    /// Factor of a pair of words, of which each counts 1.
    pub word_pair_factor: f64,
    /// Factor of an asking word ("explain", "rather").
    pub asking_factor: f64,
    /// How much of the average of its document's five best passages a passage gets.
    pub document_share: f64,
    /// How much of the score of the best passage around it a passage gets.
    pub surroundings_share: f64,
}

/// So many of a document's best passages say how much it is about the question.
pub(crate) const DOCUMENT_BEST_COUNT: usize = 5;

/// So many passages at either side surround one.
pub(crate) const SURROUNDING_COUNT: usize = 5;

impl Bm25fParameters {
    /// The values in use.
    pub const STANDARD: Bm25fParameters = Bm25fParameters {
        k1: 0.8,
        text_weight: 1.0,
        headings_weight: 0.35,
        title_weight: 1.0,
        pinpoint_weight: 0.1,
        neighbour_weight: 0.1,
        text_b: 0.6,
        other_b: 0.6,
        character_factor: 0.8,
        word_pair_factor: 0.3,
        asking_factor: 0.2,
        document_share: 0.4,
        surroundings_share: 0.15,
    };

    /// The weight of a term that `document_frequency` of `passage_count` passages contain.
    pub(crate) fn idf(&self, passage_count: u64, document_frequency: u64) -> f64 {
        let (count, frequency) = (passage_count as f64, document_frequency as f64);
        (1.0 + (count - frequency + 0.5) / (frequency + 0.5)).ln()
    }

    /// What one occurrence of a term weighs in a field of this length, where fields have this one on average, in a passage whose document has
    /// `passage_count` visible passages.
    pub(crate) fn weight(&self, field: Field, length: u32, average: f64, passage_count: usize) -> f64 {
        // No term can occur where every field is empty.
        if average == 0.0 {
            return 0.0;
        }
        let (weight, b) = match field {
            Field::Text => (self.text_weight, self.text_b),
            Field::Headings => (self.headings_weight, self.other_b),
            Field::Pinpoint => (self.pinpoint_weight, self.other_b),
            Field::Title => (self.title_weight / (passage_count as f64).sqrt(), self.other_b),
        };
        weight / (1.0 - b + b * f64::from(length) / average)
    }

    /// What a term with this weighted frequency adds to a score for each unit of its factor and idf.
    pub fn saturated(&self, frequency: f64) -> f64 {
        frequency * (self.k1 + 1.0) / (self.k1 + frequency)
    }
}
