//! Which passages have each word of a query: for whoever counts passages together that the index keeps apart.

use std::collections::HashMap;

use grounds_core::VersionId;

use crate::StoreError;
use crate::text::catalogue::index;
use crate::text::generation::Generation;
use crate::text::lookup::{FoundTerm, Purpose, visit_terms};
use crate::text::query::{QueryTerm, query_terms};
use crate::text::visible::Visible;
use crate::text::{TermStatistics, TextQuery};

/// A word of a query and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct WordPlaces {
    /// The word, how many visible passages have it, and its weight.
    pub statistics: TermStatistics,
    /// What it counts beside other words: below 1 for an asking word.
    pub factor: f64,
    /// The passages that have it in their text or in the headings above it, ascending, as [`Reader::passage_places`](crate::Reader::passage_places)
    /// numbers them.
    pub places: Vec<u32>,
}

/// Where each word of `query` stands, in the query's order; pairs of words are no words.
pub(crate) fn word_places(
    query: &TextQuery,
    visible: &Visible,
    generation: Option<&Generation>,
) -> Result<Vec<WordPlaces>, StoreError> {
    let mut terms = query_terms(query, &visible.languages);
    terms.retain(|term| term.is_word);
    let terms: [Vec<QueryTerm>; 1] = [terms];
    let mut scratch = visible.scratch.take();
    let mut found = Vec::with_capacity(terms[0].len());
    visit_terms(&terms, visible, generation, (&mut scratch, Purpose::Parts), |places, term| {
        let FoundTerm { weighing, document_frequency, idf } = term;
        let having: Vec<u32> = weighing.in_text_or_headings().numbers().map(index).collect();
        for (_, place) in places {
            let term = &terms[0][*place];
            let (surface, document_frequency) = (term.surface.clone(), *document_frequency);
            let statistics = TermStatistics { surface, document_frequency, idf: *idf };
            found.push(WordPlaces { statistics, factor: term.factor, places: having.clone() });
        }
    })?;
    visible.scratch.give(scratch);
    Ok(found)
}

/// The positions of passages, by version and ordinal; `None` for one that is not visible.
pub(crate) fn passage_places(visible: &Visible, passages: &[(VersionId, u32)]) -> Vec<Option<u32>> {
    // Passages of one version mostly come together.
    let mut versions: HashMap<&VersionId, Option<u32>> = HashMap::new();
    let mut places = Vec::with_capacity(passages.len());
    for (version, ordinal) in passages {
        let version = *versions.entry(version).or_insert_with(|| visible.version(version));
        places.push(version.and_then(|version| visible.passage(version, *ordinal)).map(index));
    }
    places
}
