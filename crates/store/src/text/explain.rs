//! What a score is made of, for whoever wants to know why a passage ranks where it does.

use crate::text::bm25f::Field;
use crate::text::weighing::Weighted;

/// What the score of one passage is made of: the sum of everything here, but for rounding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoreParts {
    /// What each word and pair of the query adds, in the order in which they are added up.
    pub terms: Vec<TermPart>,
    /// What the best passages of its document add.
    pub document: f64,
    /// What the best passage around it adds.
    pub surroundings: f64,
}

/// What one word or pair of neighbours adds to a score, divided among the fields in which it stands by their weighted frequencies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TermPart {
    /// As the query has it.
    pub surface: String,
    /// Whether it is a word, not a pair of words or a character beside others.
    pub is_word: bool,
    /// From the passage's text.
    pub text: f64,
    /// From the headings above it.
    pub headings: f64,
    /// From its citation.
    pub pinpoint: f64,
    /// From its document's title.
    pub title: f64,
    /// From the text of the passages before and after it.
    pub neighbours: f64,
}

impl TermPart {
    pub(crate) fn new(surface: &str, is_word: bool, score: f64, weighted: &Weighted) -> Self {
        let share = |frequency: f64| score * frequency / weighted.sum();
        let field = |field: Field| share(weighted.fields[field as usize]);
        Self {
            surface: surface.to_owned(),
            is_word,
            text: field(Field::Text),
            headings: field(Field::Headings),
            pinpoint: field(Field::Pinpoint),
            title: field(Field::Title),
            neighbours: share(weighted.neighbours),
        }
    }

    /// All of it.
    pub fn score(&self) -> f64 {
        self.text + self.headings + self.pinpoint + self.title + self.neighbours
    }
}

impl ScoreParts {
    /// All of it.
    pub fn score(&self) -> f64 {
        self.terms.iter().map(TermPart::score).sum::<f64>() + self.document + self.surroundings
    }
}
