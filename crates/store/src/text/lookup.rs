//! Looks every term of some queries up once: in the generation, in the tail and in titles.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use crate::StoreError;
use crate::text::analyse::Language;
use crate::text::bm25f::{Bm25fParameters, FIELDS, Field};
use crate::text::generation::Generation;
use crate::text::postings::{Buffers, PlacedPostings, Postings, pair_postings};
use crate::text::query::{Probe, QueryTerm};
use crate::text::scratch::Scratch;
use crate::text::visible::Visible;
use crate::text::weighing::Weighing;

/// Queries with fewer terms are not worth a second thread.
const DIVIDED_TERM_COUNT_MIN: usize = 8;
/// Of ten terms the first so many are looked up by the thread that weighs all of them, the others by a second one meanwhile.
const OWN_TENTHS: usize = 3;
/// How many terms the second thread may be ahead: their postings are in memory.
const AHEAD_COUNT_MAX: usize = 64;

/// A term of one query: the query's position, and the term's among its terms.
pub(crate) type TermPlace = (usize, usize);

/// A term with everything that its scores need.
pub(crate) struct FoundTerm<'a> {
    pub(crate) weighing: &'a Weighing<'a>,
    /// How many visible passages have it in their text or headings.
    pub(crate) document_frequency: u64,
    pub(crate) idf: f64,
}

/// Where a term occurs in the generation, for each of its probes.
type FoundPostings = Vec<Arc<Vec<Postings>>>;

/// What a term is looked up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Only what it adds to scores, and of words which passages have them.
    Scores,
    /// Everything that is known about it.
    Parts,
}

/// Hands every term of these queries to `visit`, in the order in which scores are added up: once, with all its places.
///
/// Of large collections a second thread looks terms up while this one weighs others; what is visited does not depend on it.
pub(crate) fn visit_terms(
    queries: &[Vec<QueryTerm>],
    visible: &Visible,
    generation: Option<&Generation>,
    (scratch, purpose): (&mut Scratch, Purpose),
    mut visit: impl FnMut(&[TermPlace], &FoundTerm<'_>),
) -> Result<(), StoreError> {
    let plan = Plan::new(queries);
    let mut weighing = Weighing::new(visible, std::mem::take(&mut scratch.values));
    let mut weigh = |Planned { term, places }: &Planned<'_>, found: &FoundPostings| {
        let may_be_plain = purpose == Purpose::Scores && term.is_character && visible.tail.is_empty();
        if !(may_be_plain && weighing.take_plain(found)) {
            found.iter().flat_map(|postings| postings.iter()).for_each(|postings| weighing.add_postings(postings));
        }
        term.probes.iter().for_each(|(language, probe)| add_others(term, (*language, probe), visible, &mut weighing));
        weighing.finish(!term.is_character);
        let document_frequency = weighing.document_frequency();
        let idf = Bm25fParameters::STANDARD.idf(visible.passages.len() as u64, document_frequency);
        visit(places, &FoundTerm { weighing: &weighing, document_frequency, idf });
        weighing.clear();
    };
    let [buffers, others] = std::mem::take(&mut scratch.buffers);
    let is_divided = visible.is_divided && plan.terms.len() >= DIVIDED_TERM_COUNT_MIN;
    let own_count = if is_divided { plan.terms.len() * OWN_TENTHS / 10 } else { plan.terms.len() };
    let (own, later) = plan.terms.split_at(own_count);
    scratch.buffers = std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Result<FoundPostings, StoreError>>(AHEAD_COUNT_MAX);
        let second = (!later.is_empty()).then(|| {
            scope.spawn(move || {
                let mut known = KnownPostings::new(later, generation, others);
                // Whoever weighs may have given up.
                let _ = later.iter().try_for_each(|planned| sender.send(known.find(planned.term)));
                known.buffers
            })
        });
        let mut known = KnownPostings::new(own, generation, buffers);
        let mut weigh_all = || -> Result<(), StoreError> {
            for planned in own {
                weigh(planned, &known.find(planned.term)?);
            }
            // Ends early only where the second thread panics.
            for (planned, found) in later.iter().zip(&receiver) {
                weigh(planned, &found?);
            }
            Ok(())
        };
        let result = weigh_all();
        drop(receiver);
        let others = second.map(|second| second.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        result.map(|()| [known.buffers, others.unwrap_or_default()])
    })?;
    scratch.values = weighing.into_values();
    Ok(())
}

/// Adds what is not in the generation: the tail, and titles.
fn add_others(term: &QueryTerm, (language, probe): (Language, &Probe), visible: &Visible, weighing: &mut Weighing<'_>) {
    let name = probe.name();
    let is_of_language = |document: u32| visible.documents[document as usize].language == language;
    for (position, analysed) in &visible.tail {
        if !is_of_language(visible.passages[*position as usize].document) {
            continue;
        }
        let Some(found) = analysed.frequencies.get(&name) else { continue };
        for (field, frequency) in FIELDS.into_iter().zip(found).filter(|(_, frequency)| **frequency > 0) {
            weighing.add(*position, field, *frequency);
        }
    }
    if term.is_character {
        return;
    }
    for (document, frequency) in visible.titles.get(&name).into_iter().flatten() {
        if is_of_language(*document) {
            for position in &visible.documents[*document as usize].passages {
                weighing.add(*position, Field::Title, *frequency);
            }
        }
    }
}

/// A term with every query that has it.
struct Planned<'q> {
    term: &'q QueryTerm,
    places: Vec<TermPlace>,
}

/// What is looked up for a term, and whether it is a character beside others.
type PlanKey<'q> = (&'q [(Language, Probe)], bool);

/// The distinct terms of some queries.
struct Plan<'q> {
    terms: Vec<Planned<'q>>,
}

impl<'q> Plan<'q> {
    fn new(queries: &'q [Vec<QueryTerm>]) -> Self {
        let mut terms: Vec<Planned<'q>> = Vec::new();
        let mut known: HashMap<PlanKey<'q>, usize> = HashMap::new();
        for (query, of_query) in queries.iter().enumerate() {
            for (place, term) in of_query.iter().enumerate() {
                // The same character may stand alone in one query and beside others in another.
                let at = *known.entry((&term.probes, term.is_character)).or_insert(terms.len());
                if at == terms.len() {
                    terms.push(Planned { term, places: Vec::new() });
                }
                terms[at].places.push((query, place));
            }
        }
        Self { terms }
    }
}

/// A single term.
#[derive(Default)]
struct KnownTerm {
    /// How often it will be asked for.
    use_count: usize,
    postings: Option<Rc<PlacedPostings>>,
}

/// Postings of single terms, kept as long as pairs will ask for them.
struct KnownPostings<'q, 'g> {
    generation: Option<&'g Generation>,
    terms: HashMap<(Language, &'q str), KnownTerm>,
    /// Those that somebody asked for lately.
    pairs: HashMap<&'q (Language, Probe), Arc<Vec<Postings>>>,
    buffers: Buffers,
    /// Reused from pair to pair.
    shared: Vec<(u32, u32)>,
}

impl<'q, 'g> KnownPostings<'q, 'g> {
    /// Of what `planned` will ask for.
    fn new(planned: &[Planned<'q>], generation: Option<&'g Generation>, buffers: Buffers) -> Self {
        let mut terms: HashMap<(Language, &'q str), KnownTerm> = HashMap::new();
        let mut pairs: HashMap<&'q (Language, Probe), Arc<Vec<Postings>>> = HashMap::new();
        for probe in planned.iter().flat_map(|planned| &planned.term.probes) {
            let is_pair = matches!(probe.1, Probe::Pair(..));
            if let Some(found) = generation.filter(|_| is_pair).and_then(|generation| generation.pairs.get(probe)) {
                pairs.insert(probe, found);
                continue;
            }
            for term in probe.1.terms() {
                terms.entry((probe.0, term)).or_default().use_count += 1;
            }
        }
        Self { generation, terms, pairs, buffers, shared: Vec::new() }
    }

    /// Where a term occurs.
    fn find(&mut self, term: &'q QueryTerm) -> Result<FoundPostings, StoreError> {
        let Some(generation) = self.generation else { return Ok(Vec::new()) };
        let find = |probe: &'q (Language, Probe)| match (&probe.1, probe.0) {
            (Probe::Term(term), language) => {
                let placed = self.take(generation, (language, term))?;
                let lists = Arc::clone(&placed.lists);
                self.give(placed);
                Ok(lists)
            }
            (Probe::Pair(first, second), language) => {
                if let Some(found) = self.pairs.get(probe) {
                    return Ok(Arc::clone(found));
                }
                let first = self.take(generation, (language, first))?;
                let second = self.take(generation, (language, second))?;
                let found = pair_postings(generation, (&first, &second), &mut self.shared, &mut self.buffers);
                self.give(first);
                self.give(second);
                let kept = generation.pairs.keep(probe, &found);
                self.buffers.lend(Arc::new(found));
                Ok(kept)
            }
        };
        term.probes.iter().map(find).collect()
    }

    fn take(
        &mut self,
        generation: &Generation,
        (language, term): (Language, &'q str),
    ) -> Result<Rc<PlacedPostings>, StoreError> {
        let known = self.terms.entry((language, term)).or_default();
        known.use_count = known.use_count.saturating_sub(1);
        let postings = match known.postings.take() {
            Some(postings) => postings,
            None => Rc::new(generation.term_postings((language, term), &mut self.buffers)?),
        };
        known.postings = (known.use_count > 0).then(|| Rc::clone(&postings));
        Ok(postings)
    }

    /// Takes the memory of a term that nobody will ask for again.
    fn give(&mut self, postings: Rc<PlacedPostings>) {
        if let Some(postings) = Rc::into_inner(postings) {
            self.buffers.recycle(postings);
        }
    }
}
