//! The texts in force with the terms of their passages, divided on all processors.

use std::rc::Rc;

use grounds_core::{Document, PassageRow, UnitId};
use grounds_models::{CollectionBuilder, TermId};
use grounds_store::{Analyser, TermNumber, map_in_parallel};
use jiff::civil::Date;

use crate::error::GroundsError;
use crate::view::{Text, View};

/// Fewer bytes of text are not worth a thread.
const PART_BYTES_MIN: usize = 100_000;

/// The text of a document in force, with its passages in reading order.
pub(crate) struct TextInForce<'v> {
    pub(crate) document: &'v Document,
    pub(crate) text: Rc<Text>,
    pub(crate) passages: Vec<PassageRow>,
}

/// The texts in force on `as_of`, in order of their documents.
pub(crate) fn texts_in_force(view: &View, as_of: Date) -> Result<Vec<TextInForce<'_>>, GroundsError> {
    let mut texts = Vec::with_capacity(view.documents().len());
    for document in view.documents() {
        let Some(text) = view.text_in_force(&document.id, as_of)? else { continue };
        let passages = view.reader().passages(&text.version.id)?.into_iter().map(|stored| stored.row).collect();
        texts.push(TextInForce { document, text, passages });
    }
    Ok(texts)
}

/// The terms of a passage, as the analyser of its part numbers them.
pub(crate) struct PassageTermNumbers {
    pub(crate) body: Vec<TermNumber>,
    pub(crate) headings: Vec<TermNumber>,
    pub(crate) pinpoint: Vec<TermNumber>,
}

/// The terms of all passages, one after the other.
#[derive(Default)]
pub(crate) struct AnalysedPassages {
    parts: std::vec::IntoIter<(Analyser, Vec<PassageTermNumbers>)>,
    analyser: Analyser,
    /// Of the part at hand, those still to come.
    passages: std::vec::IntoIter<PassageTermNumbers>,
    /// The numbers of the analyser's terms in a collection, as far as they were asked for.
    numbers: Vec<Option<TermId>>,
}

impl AnalysedPassages {
    /// The terms of the next passage.
    pub(crate) fn next(&mut self) -> Option<PassageTermNumbers> {
        loop {
            if let Some(passage) = self.passages.next() {
                return Some(passage);
            }
            let (analyser, passages) = self.parts.next()?;
            (self.analyser, self.passages) = (analyser, passages.into_iter());
            self.numbers.clear();
        }
    }

    /// What a collection in the making calls terms of this passage; those new to it get the next numbers, in order.
    pub(crate) fn numbered(&mut self, terms: &[TermNumber], builder: &mut CollectionBuilder) -> Vec<TermId> {
        let one = |term: &TermNumber| {
            let at = *term as usize;
            if at >= self.numbers.len() {
                self.numbers.resize(at + 1, None);
            }
            *self.numbers[at].get_or_insert_with(|| builder.term(self.analyser.term(*term)))
        };
        terms.iter().map(one).collect()
    }
}

type Passage<'p> = (&'p Document, &'p Text, &'p PassageRow);

/// The terms of the passages of `texts`, in order.
pub(crate) fn analysed(texts: &[TextInForce<'_>]) -> AnalysedPassages {
    let mut passages: Vec<Passage<'_>> = Vec::new();
    for of in texts {
        passages.extend(of.passages.iter().map(|passage| (of.document, &*of.text, passage)));
    }
    let parts = map_in_parallel(&parts(&passages), 2, |part| {
        let mut analyser = Analyser::default();
        let one = |(document, text, passage): &Passage<'_>| {
            let mut terms = |words: &str| analyser.analyse_with_characters(words, &document.language);
            let body = terms(passage.span.of(&text.version.text).unwrap_or_default());
            let headings = terms(&headings(text, &passage.unit));
            PassageTermNumbers { body, headings, pinpoint: terms(&passage.pinpoint) }
        };
        let passages = part.iter().map(one).collect();
        (analyser, passages)
    });
    AnalysedPassages { parts: parts.into_iter(), ..AnalysedPassages::default() }
}

/// One part for each processor, of about as many bytes; each meets every common word once, so more parts would be more work.
fn parts<'p, 's>(passages: &'s [Passage<'p>]) -> Vec<&'s [Passage<'p>]> {
    let bytes = |passages: &[Passage<'_>]| passages.iter().map(|(_, _, passage)| passage.span.len()).sum::<usize>();
    let thread_count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let part_bytes = bytes(passages).div_ceil(thread_count).max(PART_BYTES_MIN);
    let mut so_far = 0;
    passages
        .chunk_by(|(_, _, passage), _| {
            so_far += passage.span.len();
            let is_full = so_far >= part_bytes;
            if is_full {
                so_far = 0;
            }
            !is_full
        })
        .collect()
}

/// The headings of a unit and of those above it, from the top.
fn headings(text: &Text, unit: &UnitId) -> String {
    let Some(unit) = text.tree.get(unit) else { return String::new() };
    let mut headings: Vec<&str> = text.tree.ancestry(unit).map(|unit| unit.heading.as_str()).collect();
    headings.reverse();
    headings.join(" ")
}
