//! From passages as they are added to a collection with exact statistics.

use std::collections::{HashMap, HashSet};

use crate::collection::{Collection, Impact, Lists, PassageIndex, PassageVectors, Place, TermId};
use crate::cosine::UnitVectors;
use crate::error::ModelsError;
use crate::lexical::LexicalSettings;
use crate::parallel::{both, map_blocks};

/// Passages that one thread handles at a time.
const PASSAGE_BLOCK: usize = 512;

/// A passage as it is added: its terms by field, analysed as questions will be and numbered by [`CollectionBuilder::term`], and its place in the
/// structure.
#[derive(Clone, Debug, Default)]
pub struct PassageTerms<'t> {
    /// What names the passage wherever it stands, the same in other collections: a model remembers passages by it.
    pub key: u64,
    /// The number of its document. A document's passages are added together, in reading order.
    pub document: u32,
    /// The passage it belongs to, which was added before: the article of a paragraph. None at the top.
    pub parent: Option<PassageIndex>,
    /// The terms of its text, in order.
    pub body: &'t [TermId],
    /// The terms of headings above it that are no passages themselves.
    pub headings: &'t [TermId],
    /// The terms of its document's title.
    pub title: &'t [TermId],
    /// The terms of its citation, such as its numbers.
    pub pinpoint: &'t [TermId],
    /// Its vector by the model of [`CollectionBuilder::embedded_by`]; empty for none, which is near nothing.
    pub vector: &'t [f32],
}

/// A collection in the making.
#[derive(Debug)]
pub struct CollectionBuilder {
    settings: LexicalSettings,
    names: Vec<Box<str>>,
    numbers: HashMap<Box<str>, TermId>,
    keys: Vec<u64>,
    places: Vec<Place>,
    documents: HashMap<u32, (PassageIndex, PassageIndex)>,
    bodies: Lists<TermId>,
    headings: Lists<TermId>,
    titles: Lists<TermId>,
    pinpoints: Lists<TermId>,
    asking: HashSet<Box<str>>,
    vectors: Option<PassageVectors>,
}

impl CollectionBuilder {
    pub(crate) fn new(settings: LexicalSettings) -> Self {
        Self {
            settings,
            names: Vec::new(),
            numbers: HashMap::new(),
            keys: Vec::new(),
            places: Vec::new(),
            documents: HashMap::new(),
            bodies: Lists::default(),
            headings: Lists::default(),
            titles: Lists::default(),
            pinpoints: Lists::default(),
            asking: HashSet::new(),
            vectors: None,
        }
    }

    /// Says which terms say little of what is asked about ("explain", "rather"): they count
    /// [`LexicalSettings::asking_weight`] of others, wherever they stand.
    pub fn asked_with<S: AsRef<str>>(&mut self, terms: &[S]) {
        self.asking.extend(terms.iter().map(|term| Box::from(term.as_ref())));
    }

    /// Says that passages come with vectors of `dimension` numbers, made by the embedding model with this id: rankings trained on the collection hear
    /// how near they are to those of questions. Passages added before have none.
    pub fn embedded_by(&mut self, model: &str, dimension: usize) {
        let mut vectors = UnitVectors::new(dimension);
        self.places.iter().for_each(|_| vectors.push(&[]));
        self.vectors = Some(PassageVectors { model: model.to_owned(), vectors });
    }

    /// The number of a term: the next one where it is new.
    pub fn term(&mut self, name: &str) -> TermId {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as TermId;
        self.names.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }

    /// The numbers of these terms, in order.
    pub fn terms<S: AsRef<str>>(&mut self, names: &[S]) -> Vec<TermId> {
        names.iter().map(|name| self.term(name.as_ref())).collect()
    }

    /// Adds the next passage and returns its place, counted from 0.
    ///
    /// # Errors
    /// `ScatteredDocument`, `LateParent` (the caller's order), `UnknownTerm` (a number of another collection), `TooLarge`. Nothing is added then.
    pub fn push(&mut self, passage: &PassageTerms<'_>) -> Result<PassageIndex, ModelsError> {
        let at = self.places.len();
        let index = PassageIndex::try_from(at)
            .ok()
            .filter(|index| *index < PassageIndex::MAX)
            .ok_or(ModelsError::TooLarge { count_max: PassageIndex::MAX as usize })?;
        let range = self.documents.get(&passage.document).copied();
        let first = match range {
            None => index,
            Some((first, end)) if end == index => first,
            Some(_) => return Err(ModelsError::ScatteredDocument { passage: at, document: passage.document }),
        };
        let depth = match passage.parent {
            None => 0,
            Some(parent) if (first..index).contains(&parent) => self.places[parent as usize].depth + 1,
            Some(parent) => return Err(ModelsError::LateParent { passage: at, parent }),
        };
        let fields = [passage.body, passage.headings, passage.title, passage.pinpoint];
        let term_count = self.names.len();
        if let Some(term) = fields.iter().copied().flatten().find(|term| **term as usize >= term_count) {
            return Err(ModelsError::UnknownTerm { passage: at, term: *term, term_count });
        }
        self.documents.insert(passage.document, (first, index + 1));
        let heading = self.last_heading(first, index);
        self.keys.push(passage.key);
        let (document, parent) = (passage.document, passage.parent);
        self.places.push(Place { document, parent, heading, depth, position: index - first });
        let mut headings = passage.headings.to_vec();
        self.add_ancestors(parent, &mut headings);
        self.bodies.push(passage.body.iter().copied());
        self.headings.push(headings);
        self.titles.push(passage.title.iter().copied());
        self.pinpoints.push(passage.pinpoint.iter().copied());
        if let Some(embedded) = &mut self.vectors {
            embedded.vectors.push(passage.vector);
        }
        Ok(index)
    }

    /// The last passage before `index` that reads like a heading, from `first` on.
    fn last_heading(&self, first: PassageIndex, index: PassageIndex) -> Option<PassageIndex> {
        let before = index.checked_sub(1).filter(|before| *before >= first)?;
        let length = self.bodies.of(before as usize).len();
        if (1..=self.settings.heading_terms_max).contains(&length) {
            return Some(before);
        }
        self.places[before as usize].heading
    }

    /// Adds the beginnings of the passages above to `headings`, nearest first.
    fn add_ancestors(&self, parent: Option<PassageIndex>, headings: &mut Vec<TermId>) {
        let mut above = parent;
        for _ in 0..self.settings.ancestor_count_max {
            let Some(passage) = above else { break };
            let body = self.bodies.of(passage as usize);
            headings.extend(&body[..body.len().min(self.settings.ancestor_terms_max)]);
            above = self.places[passage as usize].parent;
        }
    }

    /// Counts, and makes the collection ready to be asked, on `threads` threads; the result is the same for any number.
    pub fn finish(self, threads: usize) -> Collection {
        let term_count = self.names.len();
        let (document_frequencies, occurrences) = count_terms(&self.bodies, term_count);
        let passage_count = self.places.len() as f32;
        let idf: Vec<f32> = document_frequencies.iter().map(|df| idf(passage_count, *df as f32)).collect();
        let collection = Collection {
            settings: self.settings,
            body_length_average: self.bodies.items().len() as f32 / passage_count.max(1.0),
            names: self.names,
            numbers: self.numbers,
            keys: self.keys,
            places: self.places,
            documents: self.documents,
            bodies: self.bodies,
            headings: self.headings,
            titles: self.titles,
            pinpoints: self.pinpoints,
            occurrences,
            idf,
            impacts: Lists::default(),
            shares: Lists::default(),
            pairs: Vec::new(),
            pair_impacts: Lists::default(),
            vectors: self.vectors,
        };
        let read = &collection;
        let (impacts, (shares, (pairs, pair_impacts))) =
            both(threads > 1, || impacts(read, &self.asking, threads), || (shares(read), pair_impacts(read, threads)));
        Collection { impacts, shares, pairs, pair_impacts, ..collection }
    }
}

/// The weight of a term that `df` of `count` passages have.
fn idf(count: f32, df: f32) -> f32 {
    (1.0 + (count - df + 0.5) / (df + 0.5)).ln()
}

/// How many bodies have each term, and how often it occurs.
fn count_terms(bodies: &Lists<TermId>, term_count: usize) -> (Vec<u32>, Vec<u32>) {
    let (mut frequencies, mut occurrences) = (vec![0u32; term_count], vec![0u32; term_count]);
    let mut last = vec![usize::MAX; term_count];
    for passage in 0..bodies.count() {
        for term in bodies.of(passage) {
            let term = *term as usize;
            occurrences[term] += 1;
            if last[term] != passage {
                last[term] = passage;
                frequencies[term] += 1;
            }
        }
    }
    (frequencies, occurrences)
}

/// A field of a passage: its terms, its weight, and how its length counts.
struct Field<'c> {
    terms: &'c [TermId],
    weight: f32,
    b: f32,
    average: f32,
}

/// Average lengths of the fields, in the order of [`fields`].
fn averages(collection: &Collection) -> [f32; 7] {
    let mut totals = [0.0f64; 7];
    for passage in 0..collection.passage_count() as PassageIndex {
        let fields = fields(collection, &[1.0; 7], passage);
        for (total, field) in totals.iter_mut().zip(&fields) {
            *total += field.terms.len() as f64;
        }
    }
    totals.map(|total| (total / collection.passage_count().max(1) as f64) as f32)
}

/// The fields of a passage.
fn fields<'c>(collection: &'c Collection, averages: &[f32; 7], passage: PassageIndex) -> [Field<'c>; 7] {
    let settings = &collection.settings;
    let at = passage as usize;
    let beginning = |other: Option<PassageIndex>| {
        let body = other.map_or(&[][..], |other| collection.body(other));
        &body[..body.len().min(settings.neighbour_terms_max)]
    };
    let terms = [
        (collection.body(passage), settings.body_weight),
        (collection.headings.of(at), settings.headings_weight),
        (collection.titles.of(at), settings.title_weight),
        (collection.pinpoints.of(at), settings.pinpoint_weight),
        (beginning(collection.previous(passage)), settings.neighbour_weight),
        (beginning(collection.next(passage)), settings.neighbour_weight),
        (beginning(collection.place(passage).heading), settings.last_heading_weight),
    ];
    let mut at = 0;
    terms.map(|(terms, weight)| {
        let b = if at == 0 { settings.body_b } else { settings.other_b };
        at += 1;
        Field { terms, weight, b, average: averages[at - 1] }
    })
}

/// For each term, what it is worth in each passage that has it in some field.
fn impacts(collection: &Collection, asking: &HashSet<Box<str>>, threads: usize) -> Lists<Impact> {
    let averages = averages(collection);
    let term_count = collection.term_count();
    let k1 = collection.settings.k1;
    let asks = |term: usize| asking.contains(&collection.names[term]);
    let factor = |term: usize| if asks(term) { collection.settings.asking_weight } else { 1.0 };
    let weights: Vec<f32> = (0..term_count).map(|term| collection.idf[term] * factor(term)).collect();
    let blocks = map_blocks(
        collection.passage_count(),
        PASSAGE_BLOCK,
        threads,
        || vec![0.0f32; term_count],
        |frequencies, block| {
            let mut entries: Vec<(TermId, Impact)> = Vec::new();
            let mut touched: Vec<TermId> = Vec::new();
            for passage in block.start as PassageIndex..block.end as PassageIndex {
                for field in fields(collection, &averages, passage).iter().filter(|field| field.weight > 0.0) {
                    let norm =
                        1.0 - field.b + field.b * field.terms.len() as f32 / field.average.max(f32::MIN_POSITIVE);
                    let step = field.weight / norm;
                    for term in field.terms {
                        let frequency = &mut frequencies[*term as usize];
                        if *frequency == 0.0 {
                            touched.push(*term);
                        }
                        *frequency += step;
                    }
                }
                for term in touched.drain(..) {
                    let frequency = std::mem::take(&mut frequencies[term as usize]);
                    let score = weights[term as usize] * frequency * (k1 + 1.0) / (k1 + frequency);
                    entries.push((term, Impact { passage, score }));
                }
            }
            entries
        },
    );
    Lists::grouped(term_count, blocks.iter().flatten().map(|(term, impact)| (*term as usize, *impact)))
}

/// For each term, its share of each body that has it.
fn shares(collection: &Collection) -> Lists<Impact> {
    let mut entries: Vec<(TermId, Impact)> = Vec::with_capacity(collection.bodies.items().len());
    let mut terms: Vec<TermId> = Vec::new();
    for passage in 0..collection.passage_count() as PassageIndex {
        terms.clear();
        terms.extend(collection.body(passage));
        terms.sort_unstable();
        let length = terms.len() as f32;
        for same in terms.chunk_by(|a, b| a == b) {
            entries.push((same[0], Impact { passage, score: same.len() as f32 / length }));
        }
    }
    Lists::grouped(collection.term_count(), entries.iter().map(|(term, impact)| (*term as usize, *impact)))
}

/// The pairs of neighbouring terms of bodies in order, and for each what it is worth in each passage that has it.
fn pair_impacts(collection: &Collection, threads: usize) -> (Vec<(TermId, TermId)>, Lists<Impact>) {
    let entries = (0..collection.passage_count()).flat_map(|passage| {
        let pairs = collection.bodies.of(passage).windows(2);
        pairs.map(move |pair| (pair[0] as usize, (pair[1], passage as PassageIndex)))
    });
    let by_first: Lists<(TermId, PassageIndex)> = Lists::grouped(collection.term_count(), entries);
    let settings = &collection.settings;
    let passage_count = collection.passage_count() as f32;
    let average = by_first.items().len() as f32 / passage_count.max(1.0);
    let blocks = map_blocks(
        collection.term_count(),
        PASSAGE_BLOCK,
        threads,
        || (),
        |(), block| {
            let mut pairs: Vec<(TermId, TermId)> = Vec::new();
            let mut lists: Lists<Impact> = Lists::default();
            for first in block {
                let mut followers = by_first.of(first).to_vec();
                followers.sort_unstable();
                for same in followers.chunk_by(|a, b| a.0 == b.0) {
                    let df = same.chunk_by(|a, b| a.1 == b.1).count() as f32;
                    pairs.push((first as TermId, same[0].0));
                    lists.push(same.chunk_by(|a, b| a.1 == b.1).map(|repeated| {
                        let passage = repeated[0].1;
                        let length = collection.body(passage).len() as f32 - 1.0;
                        let norm = 1.0 - settings.body_b + settings.body_b * length / average;
                        let frequency = repeated.len() as f32 / norm;
                        let score =
                            idf(passage_count, df) * frequency * (settings.k1 + 1.0) / (settings.k1 + frequency);
                        Impact { passage, score }
                    }));
                }
            }
            (pairs, lists)
        },
    );
    let mut pairs = Vec::new();
    let mut lists = Lists::default();
    for (block_pairs, block_lists) in blocks {
        pairs.extend(block_pairs);
        lists.append(block_lists);
    }
    (pairs, lists)
}
