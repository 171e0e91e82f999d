//! Looks every term of some queries up once: in the generation, in the tail and in titles.

use std::collections::HashMap;
use std::rc::Rc;

use crate::StoreError;
use crate::text::analyse::Language;
use crate::text::bm25f::{Bm25fParameters, FIELDS, Field};
use crate::text::generation::Generation;
use crate::text::postings::{Buffers, Postings, pair_postings};
use crate::text::query::{Probe, QueryTerm};
use crate::text::scratch::Scratch;
use crate::text::visible::Visible;
use crate::text::weighing::Weighing;

/// A term of one query: the query's position, and the term's among its terms.
pub(crate) type TermPlace = (usize, usize);

/// A term with everything that its scores need.
pub(crate) struct FoundTerm<'a> {
    pub(crate) weighing: &'a Weighing<'a>,
    /// How many visible passages have it in their text or headings.
    pub(crate) document_frequency: u64,
    pub(crate) idf: f64,
}

/// Hands every term of these queries to `visit`, in the order in which scores are added up: once, with all its places.
pub(crate) fn visit_terms(
    queries: &[Vec<QueryTerm>],
    visible: &Visible,
    generation: Option<&Generation>,
    scratch: &mut Scratch,
    mut visit: impl FnMut(&[TermPlace], &FoundTerm<'_>),
) -> Result<(), StoreError> {
    let plan = Plan::new(queries);
    let mut known = KnownPostings::new(&plan, generation, std::mem::take(&mut scratch.buffers));
    let mut weighing = Weighing::new(visible, std::mem::take(&mut scratch.values));
    for Planned { term, places } in &plan.terms {
        for (language, probe) in &term.probes {
            known.add(*language, probe, &mut weighing)?;
            add_others(term, (*language, probe), visible, &mut weighing);
        }
        weighing.finish(!term.is_character);
        let document_frequency = weighing.document_frequency();
        let idf = Bm25fParameters::STANDARD.idf(visible.passages.len() as u64, document_frequency);
        visit(places, &FoundTerm { weighing: &weighing, document_frequency, idf });
        weighing.clear();
    }
    (scratch.values, scratch.buffers) = (weighing.into_values(), known.buffers);
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
    postings: Option<Rc<Vec<Postings>>>,
}

/// Postings of single terms, kept as long as pairs will ask for them.
struct KnownPostings<'q, 'g> {
    generation: Option<&'g Generation>,
    terms: HashMap<(Language, &'q str), KnownTerm>,
    buffers: Buffers,
    /// Reused from pair to pair.
    shared: Vec<(u32, u32)>,
}

impl<'q, 'g> KnownPostings<'q, 'g> {
    fn new(plan: &Plan<'q>, generation: Option<&'g Generation>, buffers: Buffers) -> Self {
        let mut terms: HashMap<(Language, &'q str), KnownTerm> = HashMap::new();
        for (language, probe) in plan.terms.iter().flat_map(|planned| &planned.term.probes) {
            for term in probe.terms() {
                terms.entry((*language, term)).or_default().use_count += 1;
            }
        }
        Self { generation, terms, buffers, shared: Vec::new() }
    }

    fn add(&mut self, language: Language, probe: &'q Probe, weighing: &mut Weighing<'_>) -> Result<(), StoreError> {
        let Some(generation) = self.generation else { return Ok(()) };
        match probe {
            Probe::Term(term) => {
                let postings = self.take(generation, (language, term))?;
                postings.iter().for_each(|postings| weighing.add_postings(postings));
                self.done(postings);
            }
            Probe::Pair(first, second) => {
                let first = self.take(generation, (language, first))?;
                let second = self.take(generation, (language, second))?;
                let postings = pair_postings(generation, (&first, &second), &mut self.shared, &mut self.buffers);
                postings.iter().for_each(|postings| weighing.add_postings(postings));
                self.buffers.recycle(postings);
                self.done(first);
                self.done(second);
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        generation: &Generation,
        (language, term): (Language, &'q str),
    ) -> Result<Rc<Vec<Postings>>, StoreError> {
        let known = self.terms.entry((language, term)).or_default();
        known.use_count = known.use_count.saturating_sub(1);
        let postings = match known.postings.take() {
            Some(postings) => postings,
            None => Rc::new(generation.term_postings((language, term), &mut self.buffers)?),
        };
        known.postings = (known.use_count > 0).then(|| Rc::clone(&postings));
        Ok(postings)
    }

    /// Takes the memory of postings that nobody will ask for again.
    fn done(&mut self, postings: Rc<Vec<Postings>>) {
        if let Some(postings) = Rc::into_inner(postings) {
            self.buffers.recycle(postings);
        }
    }
}
