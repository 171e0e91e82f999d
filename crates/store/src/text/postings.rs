//! Where terms and pairs of terms stand in a generation.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, Term};

use crate::StoreError;
use crate::error::TextContext;
use crate::text::analyse::Language;
use crate::text::bm25f::{Field, PASSAGE_FIELD_COUNT};
use crate::text::generation::Generation;
use crate::text::splitter::index_term;

/// The fields in which neighbours are known.
const PLACED_FIELDS: [usize; 2] = [Field::Text as usize, Field::Headings as usize];

/// Where something occurs: segment, document, field, and how often there.
pub(crate) type Occurrence = (usize, u32, usize, u32);

impl Generation {
    /// Hands every occurrence of `term` to `visit`.
    pub(crate) fn visit_term(
        &self,
        language: Language,
        term: &str,
        mut visit: impl FnMut(Occurrence),
    ) -> Result<(), StoreError> {
        let stored = index_term(language, term);
        for segment in 0..self.segments.len() {
            for field in 0..PASSAGE_FIELD_COUNT {
                let Some(mut postings) = self.postings(segment, field, &stored, IndexRecordOption::WithFreqs)? else {
                    continue;
                };
                let mut document = postings.doc();
                while document != TERMINATED {
                    visit((segment, document, field, postings.term_freq()));
                    document = postings.advance();
                }
            }
        }
        Ok(())
    }

    /// Hands every occurrence of `second` right after `first` to `visit`.
    ///
    /// Cost: the documents of the rarer term, and their places.
    pub(crate) fn visit_pair(
        &self,
        language: Language,
        (first, second): (&str, &str),
        mut visit: impl FnMut(Occurrence),
    ) -> Result<(), StoreError> {
        let (first, second) = (index_term(language, first), index_term(language, second));
        let (mut places, mut places_after) = (Vec::new(), Vec::new());
        for segment in 0..self.segments.len() {
            for field in PLACED_FIELDS {
                let placed = IndexRecordOption::WithFreqsAndPositions;
                let Some(mut postings) = self.postings(segment, field, &first, placed)? else { continue };
                let Some(mut after) = self.postings(segment, field, &second, placed)? else { continue };
                while let Some(document) = next_common(&mut postings, &mut after) {
                    postings.positions_with_offset(1, &mut places);
                    after.positions(&mut places_after);
                    let count = common_count(&places, &places_after);
                    if count > 0 {
                        visit((segment, document, field, count));
                    }
                    postings.advance();
                }
            }
        }
        Ok(())
    }

    fn postings(
        &self,
        segment: usize,
        field: usize,
        stored: &str,
        option: IndexRecordOption,
    ) -> Result<Option<SegmentPostings>, StoreError> {
        let term = Term::from_field_text(self.fields.terms[field], stored);
        let postings = self.segments[segment].inverted[field].read_postings(&term, option);
        postings.map_err(tantivy::TantivyError::from).while_("reading the text index")
    }
}

/// The next document that both have, from where they stand; both stand there then.
fn next_common(a: &mut SegmentPostings, b: &mut SegmentPostings) -> Option<u32> {
    let mut wanted = a.doc();
    loop {
        if wanted == TERMINATED {
            return None;
        }
        let found = if b.doc() < wanted { b.seek(wanted) } else { b.doc() };
        if found == wanted {
            return Some(wanted);
        }
        wanted = if found == TERMINATED { TERMINATED } else { a.seek(found) };
        if wanted == found && wanted != TERMINATED {
            return Some(wanted);
        }
    }
}

/// How many numbers two sorted lists share.
fn common_count(a: &[u32], b: &[u32]) -> u32 {
    let (mut at, mut count) = (0, 0);
    for wanted in a {
        while b.get(at).is_some_and(|number| number < wanted) {
            at += 1;
        }
        count += u32::from(b.get(at) == Some(wanted));
    }
    count
}
