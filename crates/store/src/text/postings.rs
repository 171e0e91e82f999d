//! Where terms and pairs of terms stand in a generation, decoded block by block.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

use tantivy::Term;
use tantivy::positions::PositionReader;
use tantivy::schema::IndexRecordOption;

use crate::StoreError;
use crate::error::TextContext;
use crate::text::analyse::Language;
use crate::text::bm25f::PASSAGE_FIELD_COUNT;
use crate::text::catalogue::index;
use crate::text::generation::{Generation, Segment};
use crate::text::splitter::index_term;

/// Places are written in blocks of so many.
const PLACE_BLOCK: usize = 128;

/// One list is searched for the entries of another that is so much shorter; else both are walked.
const GALLOP_RATIO: usize = 16;

/// A term that at least one of so many documents has gets a table of where in its list each document is.
const TABLE_RATIO: usize = 16;

/// The documents of one segment that have a term, or a pair, in one field.
#[derive(Default)]
pub(crate) struct Postings {
    pub(crate) segment: usize,
    pub(crate) field: usize,
    /// In order.
    pub(crate) documents: Vec<u32>,
    /// How often each has it.
    pub(crate) frequencies: Vec<u32>,
}

/// Where a single term occurs, and at which places there.
pub(crate) struct PlacedPostings {
    pub(crate) lists: Arc<Vec<Postings>>,
    /// For each list; `None` in fields without places.
    places: Vec<Option<RefCell<TermPlaces>>>,
}

/// Lists of numbers that are used again: most of a search's memory is postings.
#[derive(Default)]
pub(crate) struct Buffers {
    free: Vec<Vec<u32>>,
    /// Those for places, which keep what is in them, so that nobody has to fill them with zeros.
    free_steps: Vec<Vec<u32>>,
    /// Those that somebody may still read.
    lent: VecDeque<Arc<Vec<Postings>>>,
}

/// More are given back to the system.
const BUFFER_COUNT_MAX: usize = 64;
/// Larger ones are too.
const BUFFER_LENGTH_MAX: usize = 1 << 18;

impl Buffers {
    /// An empty list.
    fn take(&mut self) -> Vec<u32> {
        self.free.pop().unwrap_or_default()
    }

    /// A list of at least so many numbers, whatever they are.
    fn take_steps(&mut self, count: usize) -> Vec<u32> {
        let mut steps = self.free_steps.pop().unwrap_or_default();
        if steps.len() < count {
            // Nothing in it is worth being moved.
            steps.clear();
            steps.resize(count, 0);
        }
        steps
    }

    fn give(&mut self, mut list: Vec<u32>) {
        if self.free.len() < BUFFER_COUNT_MAX && list.capacity() <= BUFFER_LENGTH_MAX {
            list.clear();
            self.free.push(list);
        }
    }

    fn give_steps(&mut self, list: Vec<u32>) {
        if self.free_steps.len() < BUFFER_COUNT_MAX && (1..=BUFFER_LENGTH_MAX).contains(&list.capacity()) {
            self.free_steps.push(list);
        }
    }

    /// Takes the memory of postings once nobody reads them any more.
    pub(crate) fn lend(&mut self, postings: Arc<Vec<Postings>>) {
        self.lent.push_back(postings);
        while let Some(oldest) = self.lent.pop_front() {
            match Arc::try_unwrap(oldest) {
                Ok(postings) => {
                    for Postings { documents, frequencies, .. } in postings {
                        self.give(documents);
                        self.give(frequencies);
                    }
                }
                Err(oldest) => {
                    self.lent.push_front(oldest);
                    break;
                }
            }
        }
    }

    /// Takes the memory of a term that no pair will ask for again.
    pub(crate) fn recycle(&mut self, postings: PlacedPostings) {
        for TermPlaces { starts, steps, table, .. } in postings.places.into_iter().flatten().map(RefCell::into_inner) {
            [starts, table].into_iter().filter(|list| list.capacity() > 0).for_each(|list| self.give(list));
            self.give_steps(steps);
        }
        self.lend(postings.lists);
    }
}

impl Generation {
    /// Where `term` occurs.
    ///
    /// Cost: decodes its documents; its places wait until a pair asks for them.
    pub(crate) fn term_postings(
        &self,
        (language, term): (Language, &str),
        buffers: &mut Buffers,
    ) -> Result<PlacedPostings, StoreError> {
        let stored = index_term(language, term);
        let (mut lists, mut places) = (Vec::new(), Vec::new());
        for (number, segment) in self.segments.iter().enumerate() {
            for field in 0..PASSAGE_FIELD_COUNT {
                let term = Term::from_field_text(self.fields.terms[field], &stored);
                let postings = segment.postings(field, &term, buffers).map_err(tantivy::TantivyError::from);
                let postings = postings.while_("reading the text index")?;
                let Some((documents, frequencies, of_list)) = postings else { continue };
                lists.push(Postings { segment: number, field, documents, frequencies });
                places.push(of_list.map(RefCell::new));
            }
        }
        Ok(PlacedPostings { lists: Arc::new(lists), places })
    }
}

/// Documents, frequencies and places.
type Decoded = (Vec<u32>, Vec<u32>, Option<TermPlaces>);

impl Segment {
    fn postings(&self, field: usize, term: &Term, buffers: &mut Buffers) -> std::io::Result<Option<Decoded>> {
        let inverted = &self.inverted[field];
        let Some(info) = inverted.get_term_info(term)? else { return Ok(None) };
        let mut blocks = inverted.read_block_postings_from_terminfo(&info, IndexRecordOption::WithFreqs)?;
        let count = info.doc_freq as usize;
        let (mut documents, mut frequencies) = (buffers.take(), buffers.take());
        documents.reserve(count);
        frequencies.reserve(count);
        while documents.len() < count && blocks.block_len() > 0 {
            documents.extend_from_slice(&blocks.docs()[..blocks.block_len()]);
            frequencies.extend_from_slice(&blocks.freqs()[..blocks.block_len()]);
            blocks.advance();
        }
        let places = match &self.places[field] {
            Some(places) => {
                let reader = PositionReader::open(places.read_bytes_slice(info.positions_range)?)?;
                Some(TermPlaces::new(reader))
            }
            None => None,
        };
        Ok(Some((documents, frequencies, places)))
    }
}

/// Where a term stands in each of its documents; filled when a pair first asks.
struct TermPlaces {
    reader: PositionReader,
    /// Where each document's places begin, and where the last one's end.
    starts: Vec<u32>,
    /// Of each document its first place, then the distances, `step_count` in all; as far as `is_read` says.
    steps: Vec<u32>,
    step_count: usize,
    /// For each block.
    is_read: Vec<bool>,
    /// For each document of the segment one more than its position in the list, or 0; empty where too few have the term.
    table: Vec<u32>,
}

impl TermPlaces {
    fn new(reader: PositionReader) -> Self {
        Self { reader, starts: Vec::new(), steps: Vec::new(), step_count: 0, is_read: Vec::new(), table: Vec::new() }
    }

    /// Makes room for the places of these documents of a segment that has so many.
    fn prepare(&mut self, (documents, frequencies): (&[u32], &[u32]), document_count: usize, buffers: &mut Buffers) {
        if !self.starts.is_empty() {
            return;
        }
        let mut end = 0_u32;
        self.starts = buffers.take();
        self.starts.push(0);
        self.starts.extend(frequencies.iter().map(|frequency| {
            end = end.saturating_add(*frequency);
            end
        }));
        self.step_count = end as usize;
        self.steps = buffers.take_steps(self.step_count);
        self.is_read.resize(self.step_count.div_ceil(PLACE_BLOCK), false);
        if documents.len() * TABLE_RATIO >= document_count {
            self.table = buffers.take();
            self.table.resize(document_count, 0);
            for (document, number) in documents.iter().zip(1..) {
                self.table[*document as usize] = number;
            }
        }
    }

    /// Reads the blocks in which the places of these documents are, which are positions in order.
    fn read(&mut self, documents: impl ExactSizeIterator<Item = usize>) {
        if documents.len() >= self.is_read.len() {
            (0..self.is_read.len()).for_each(|block| self.read_block(block));
            return;
        }
        for document in documents {
            let (from, to) = (self.starts[document] as usize, self.starts[document + 1] as usize);
            (from / PLACE_BLOCK..to.div_ceil(PLACE_BLOCK)).for_each(|block| self.read_block(block));
        }
    }

    fn read_block(&mut self, block: usize) {
        if !self.is_read[block] {
            let start = block * PLACE_BLOCK;
            let end = (start + PLACE_BLOCK).min(self.step_count);
            self.reader.read(start as u64, &mut self.steps[start..end]);
            self.is_read[block] = true;
        }
    }

    fn of(&self, document: u32) -> &[u32] {
        let document = document as usize;
        &self.steps[self.starts[document] as usize..self.starts[document + 1] as usize]
    }
}

/// Where the term of `second` stands right after that of `first`.
///
/// Cost: a walk over the documents of both, or a search for those of a much rarer one in the other's; the places in the documents they share.
pub(crate) fn pair_postings(
    generation: &Generation,
    (first, second): (&PlacedPostings, &PlacedPostings),
    shared: &mut Vec<(u32, u32)>,
    buffers: &mut Buffers,
) -> Vec<Postings> {
    let mut found = Vec::new();
    for (a, places) in first.lists.iter().zip(&first.places) {
        let same = |(b, _): &(&Postings, _)| b.segment == a.segment && b.field == a.field;
        let Some((b, places_after)) = second.lists.iter().zip(&second.places).find(same) else { continue };
        let (Some(places), Some(places_after)) = (places, places_after) else { continue };
        let document_count = generation.segments[a.segment].lengths.len();
        places.borrow_mut().prepare((&a.documents, &a.frequencies), document_count, buffers);
        places_after.borrow_mut().prepare((&b.documents, &b.frequencies), document_count, buffers);
        common((&a.documents, &places.borrow().table), (&b.documents, &places_after.borrow().table), shared);
        places.borrow_mut().read(shared.iter().map(|(at, _)| *at as usize));
        places_after.borrow_mut().read(shared.iter().map(|(_, at)| *at as usize));
        let (places, places_after) = (places.borrow(), places_after.borrow());
        let (mut documents, mut frequencies) = (buffers.take(), buffers.take());
        for (at, at_after) in shared.iter() {
            let count = neighbour_count(places.of(*at), places_after.of(*at_after));
            if count > 0 {
                documents.push(a.documents[*at as usize]);
                frequencies.push(count);
            }
        }
        found.push(Postings { segment: a.segment, field: a.field, documents, frequencies });
    }
    found
}

/// A sorted list, and its table of [`TermPlaces`] where it has one.
type Listed<'a> = (&'a [u32], &'a [u32]);

/// Where in both lists the numbers are that both have, in order.
fn common((a, table_a): Listed<'_>, (b, table_b): Listed<'_>, shared: &mut Vec<(u32, u32)>) {
    shared.clear();
    match (table_a.is_empty(), table_b.is_empty()) {
        (_, false) if table_a.is_empty() || a.len() <= b.len() => {
            look_up(a, table_b, shared, |at_a, at_b| (at_a, at_b));
        }
        (false, _) => look_up(b, table_a, shared, |at_b, at_a| (at_a, at_b)),
        _ if a.len() > b.len() * GALLOP_RATIO => search_each(b, a, |at_b, at_a| shared.push((at_a, at_b))),
        _ if b.len() > a.len() * GALLOP_RATIO => search_each(a, b, |at_a, at_b| shared.push((at_a, at_b))),
        _ => walk_both(a, b, shared),
    }
}

/// Finds the numbers of a list by the table of another.
fn look_up(list: &[u32], table: &[u32], shared: &mut Vec<(u32, u32)>, pair: impl Fn(u32, u32) -> (u32, u32)) {
    shared.resize(list.len(), (0, 0));
    let mut count = 0;
    for (at, number) in (0..).zip(list) {
        // Without a branch: whether a document has both cannot be foreseen.
        let found = table[*number as usize];
        shared[count] = pair(at, found.wrapping_sub(1));
        count += usize::from(found > 0);
    }
    shared.truncate(count);
}

/// Finds the numbers of `few` in `many`.
fn search_each(few: &[u32], many: &[u32], mut visit: impl FnMut(u32, u32)) {
    let mut at = 0;
    for (position, wanted) in few.iter().enumerate() {
        let mut step = 1;
        while many.get(at + step).is_some_and(|number| number < wanted) {
            at += step;
            step *= 2;
        }
        let rest = &many[at..many.len().min(at + step + 1)];
        at += rest.partition_point(|number| number < wanted);
        if many.get(at) == Some(wanted) {
            visit(index(position), index(at));
        }
    }
}

/// Without branches but for the end: which number is smaller cannot be foreseen.
fn walk_both(a: &[u32], b: &[u32], shared: &mut Vec<(u32, u32)>) {
    shared.resize(a.len().min(b.len()), (0, 0));
    let (mut at_a, mut at_b, mut count) = (0_u32, 0_u32, 0);
    while let (Some(number_a), Some(number_b)) = (a.get(at_a as usize), b.get(at_b as usize)) {
        shared[count] = (at_a, at_b);
        count += usize::from(number_a == number_b);
        at_a += u32::from(number_a <= number_b);
        at_b += u32::from(number_b <= number_a);
    }
    shared.truncate(count);
}

/// How many places of `after` follow one of `places` directly; both hold a first place, then distances.
fn neighbour_count(places: &[u32], after: &[u32]) -> u32 {
    let (mut at, mut count) = (0, 0);
    let mut place_after = after.first().copied().unwrap_or_default();
    let mut place = 0_u32;
    for step in places {
        place = place.wrapping_add(*step);
        let wanted = place.wrapping_add(1);
        while place_after < wanted {
            at += 1;
            let Some(step) = after.get(at) else { return count };
            place_after = place_after.wrapping_add(*step);
        }
        count += u32::from(place_after == wanted);
    }
    count
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn steps(places: &BTreeSet<u32>) -> Vec<u32> {
        let mut before = 0;
        places.iter().map(|place| place - std::mem::replace(&mut before, *place)).collect()
    }

    proptest! {
        #[test]
        fn lists_share_what_sets_share(
            a in prop::collection::btree_set(0_u32..600, 0..300),
            b in prop::collection::btree_set(0_u32..600, 0..20),
            (has_table_a, has_table_b) in any::<(bool, bool)>(),
        ) {
            let (list_a, list_b): (Vec<u32>, Vec<u32>) = (a.iter().copied().collect(), b.iter().copied().collect());
            let table = |list: &[u32], has_table: bool| {
                let mut table = vec![0; if has_table { 600 } else { 0 }];
                (1..).zip(list.iter().filter(|_| has_table)).for_each(|(at, number)| table[*number as usize] = at);
                table
            };
            let (table_a, table_b) = (table(&list_a, has_table_a), table(&list_b, has_table_b));
            let expected: Vec<u32> = a.intersection(&b).copied().collect();
            for is_swapped in [false, true] {
                let (listed_a, listed_b) = ((&list_a[..], &table_a[..]), (&list_b[..], &table_b[..]));
                let (listed_a, listed_b) = if is_swapped { (listed_b, listed_a) } else { (listed_a, listed_b) };
                let mut shared = vec![(7, 7)];
                common(listed_a, listed_b, &mut shared);
                prop_assert_eq!(shared.iter().map(|(at, _)| listed_a.0[*at as usize]).collect::<Vec<_>>(), expected.clone());
                prop_assert_eq!(shared.iter().map(|(_, at)| listed_b.0[*at as usize]).collect::<Vec<_>>(), expected.clone());
            }
        }

        #[test]
        fn neighbours_are_counted_as_in_sets(
            a in prop::collection::btree_set(1_u32..60, 0..30),
            b in prop::collection::btree_set(1_u32..60, 0..30),
        ) {
            let expected = a.iter().filter(|place| b.contains(&(*place + 1))).count();
            prop_assert_eq!(neighbour_count(&steps(&a), &steps(&b)) as usize, expected);
        }
    }
}
