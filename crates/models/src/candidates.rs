//! Which passages are worth a closer look: the best of each way to find them.

use crate::collection::{Collection, PassageIndex, TermId};
use crate::embeddings::Embeddings;
use crate::lexical::{LexicalSums, Scored, Sums};
use crate::likeness::{Directions, Likenesses};
use crate::memory::{Memory, Recollection};
use crate::novelty::Had;
use crate::parallel::both;
use crate::places::{PassagePlaces, ShortPlace};
use crate::question::AskedTerms;
use crate::translation::{Expectation, ExpectationTable, Translation, log_one_more};
use crate::vectors::nearest_by_vectors;

/// How many candidates ranking without labels gives.
const LEXICAL_COUNT: usize = 120;
/// How many each learned way gives besides.
const LEARNED_COUNT: usize = 60;
/// So many places of terms in passages are looked at for translations, that of the last term besides.
const IMPACT_COUNT_MAX: usize = 250_000;
/// So many of the best of each way bring the passages that answered past questions together with them.
const COMPANY_COUNT: usize = 5;
/// A question's term looks for so many of its translations.
const TRANSLATIONS_MAX: usize = 16;

/// What is learned, besides the rankers.
#[derive(Clone, Debug)]
pub(crate) struct Components {
    /// A factor for each term.
    pub(crate) term_weights: Vec<f32>,
    /// How much each term of a passage makes people ask about it.
    pub(crate) inclinations: Vec<f32>,
    pub(crate) translation: Translation,
    pub(crate) memory: Memory,
    /// Without rows where none were learned.
    pub(crate) embeddings: Embeddings,
    pub(crate) places: PassagePlaces,
    pub(crate) directions: Directions,
    /// Whether the vectors of an embedding model count, which the collection has then.
    pub(crate) hears_vectors: bool,
}

/// What of a question two threads do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Division {
    #[default]
    Nothing,
    /// They describe half of the candidates each, and score them by different rankers.
    Candidates,
    /// And they look for candidates in different ways.
    Everything,
}

/// Room for the sums of one question, kept between questions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) division: Division,
    pub(crate) lexical: LexicalSums,
    /// What ranking without labels finds, best first.
    pub(crate) by_words: Vec<Scored>,
    pub(crate) weighted: Sums,
    pub(crate) translated: Sums,
    /// The question's place; none where nothing was learned about nearness.
    pub(crate) place: Option<ShortPlace>,
    roughly_near: Vec<i32>,
    one_term: Sums,
    pub(crate) recollection: Recollection,
    /// For each passage, how near its vector is to the question's; empty where there are no vectors.
    pub(crate) cosines: Vec<f32>,
    pub(crate) table: ExpectationTable,
    pub(crate) slots: Slots,
    /// Which terms of the question each passage has.
    pub(crate) had: Had,
    pub(crate) hands: [Hand; 2],
}

/// Room to describe candidates, for one thread.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hand {
    pub(crate) likenesses: Likenesses,
    /// For each term of the question, what a field says for it.
    pub(crate) sums: Vec<f32>,
}

/// For each term of the collection, its place in the question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots {
    /// One more than the place; 0 for other terms.
    places: Vec<u16>,
    touched: Vec<u32>,
}

impl Slots {
    pub(crate) fn fill(&mut self, term_count: usize, asked: &AskedTerms) {
        if self.places.len() != term_count {
            *self = Self { places: vec![0; term_count], touched: Vec::new() };
        }
        for term in self.touched.drain(..) {
            self.places[term as usize] = 0;
        }
        for (at, term) in asked.unique.iter().take(usize::from(u16::MAX) - 1).enumerate() {
            self.places[*term as usize] = at as u16 + 1;
            self.touched.push(*term);
        }
    }

    pub(crate) fn of(&self, term: u32) -> Option<usize> {
        match self.places[term as usize] {
            0 => None,
            place => Some(usize::from(place) - 1),
        }
    }
}

/// Passages worth a closer look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidates {
    /// Each once: first those that some other way than memory finds, in order, then those that only memory finds, in order.
    pub(crate) passages: Vec<PassageIndex>,
    /// How many are found without memory.
    pub(crate) plain_count: usize,
}

/// Scores all passages in each way, and returns those that some way finds; `scratch` keeps the sums.
pub(crate) fn candidates(
    collection: &Collection,
    components: &Components,
    asked: &AskedTerms,
    uses_memory: bool,
    scratch: &mut Scratch,
) -> Candidates {
    let Scratch {
        division,
        lexical,
        by_words,
        weighted,
        translated,
        place,
        roughly_near,
        one_term,
        recollection,
        cosines,
        table,
        slots,
        ..
    } = scratch;
    slots.fill(collection.term_count(), asked);
    // Each does about half of the work.
    let by_learned = || {
        let expectations = components.translation.expectations(collection, asked);
        table.fill(collection.term_count(), &expectations);
        add_translations(collection, asked, &expectations, translated, one_term);
        *place = (!components.embeddings.rows.is_empty()).then(|| components.embeddings.question_place(asked));
        let near = place.as_ref().map(|place| components.places.nearest(place, LEARNED_COUNT, roughly_near));
        (translated.best(LEARNED_COUNT), near.unwrap_or_default())
    };
    let (learned, weighted) = both(*division == Division::Everything, by_learned, || {
        *by_words = lexical.ask_weighted(collection, asked, &components.term_weights, weighted);
        if uses_memory {
            components.memory.recall(collection, &components.embeddings, asked, recollection);
        }
        weighted.best(LEARNED_COUNT)
    });
    let (translated, near) = learned;
    let mut found: Vec<Scored> = by_words.iter().take(LEXICAL_COUNT).copied().collect();
    let lexical_count = found.len();
    found.extend(weighted);
    let weighted_count = found.len() - lexical_count;
    found.extend(translated);
    found.extend(near);
    if components.hears_vectors {
        found.extend(nearest_by_vectors(collection, asked, cosines, LEARNED_COUNT));
    }
    // The best of each way but nearness.
    let best: Vec<PassageIndex> = [0, lexical_count, lexical_count + weighted_count]
        .into_iter()
        .flat_map(|start| found[start.min(found.len())..].iter().take(COMPANY_COUNT))
        .map(|one| one.passage)
        .collect();
    let mut passages: Vec<PassageIndex> = found.into_iter().map(|one| one.passage).collect();
    passages.sort_unstable();
    passages.dedup();
    let plain_count = passages.len();
    if uses_memory {
        let remembered = recollection.frequent.best(LEARNED_COUNT).into_iter().map(|one| one.passage);
        let company = components.memory.partners(best.into_iter());
        let remembered = remembered.chain(company);
        let mut remembered: Vec<_> = remembered.filter(|one| passages.binary_search(one).is_err()).collect();
        remembered.sort_unstable();
        remembered.dedup();
        passages.extend(remembered);
    }
    Candidates { passages, plain_count }
}

/// Scores passages by the likeliest translations only, and those of the question's rarest terms only where it has many that are
/// common: exact enough to find candidates, which are scored exactly later.
fn add_translations(
    collection: &Collection,
    asked: &AskedTerms,
    expectations: &[Expectation<'_>],
    translated: &mut Sums,
    one_term: &mut Sums,
) {
    translated.clear(collection.passage_count());
    let mut order: Vec<(TermId, &Expectation<'_>)> = asked.unique.iter().copied().zip(expectations).collect();
    order.sort_by(|a, b| collection.idf[b.0 as usize].total_cmp(&collection.idf[a.0 as usize]));
    let mut left = IMPACT_COUNT_MAX;
    for (_, expectation) in order {
        one_term.clear(collection.passage_count());
        // The term itself, which may stand last, counts too.
        let likeliest = expectation.sources().take(TRANSLATIONS_MAX);
        let itself = expectation.sources().next_back().filter(|_| expectation.source_count() > TRANSLATIONS_MAX);
        for (source, says) in likeliest.chain(itself) {
            let impacts = collection.shares.of(source as usize);
            one_term.add(impacts, says);
            left = left.saturating_sub(impacts.len());
        }
        for passage in one_term.touched() {
            translated.add_one(*passage, log_one_more(one_term.of(*passage)));
        }
        if left == 0 {
            break;
        }
    }
}
