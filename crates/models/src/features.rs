//! What is known about a candidate beside a question, as a row of numbers.

use crate::candidates::{Candidates, Components, Division, Hand, Scratch};
use crate::collection::{Collection, PassageIndex, TermId};
use crate::comparison;
use crate::inclination;
use crate::parallel::both;
use crate::places::{ShortPlace, cosines};
use crate::question::AskedTerms;
use crate::translation::log_one_more;
use crate::vectors::{VECTOR_SIGNAL, column, describe_vectors, is_memory_number, row_length};

/// Signals of which a row has the value, the distance to the question's best candidate, and the logarithm of the rank.
pub(crate) const SIGNAL_COUNT: usize = 15;
pub(crate) const MEMORY_SIGNAL_FIRST: usize = 10;
const SIGNAL_NAMES: [&str; SIGNAL_COUNT] = [
    "terms and pairs",
    "pairs",
    "body",
    "headings",
    "title",
    "last heading",
    "without labels",
    "weighted terms",
    "translation",
    "nearness",
    "memory of passages",
    "memory of questions",
    "closest question",
    "places of questions",
    "nearest question",
];
/// Everything else in a row.
const OTHER_NAMES: [&str; 69] = [
    "covered in body",
    "covered in any field",
    "covered by translation",
    "rarest uncovered",
    "longest run",
    "best window",
    "share of passage matched",
    "numbers in common",
    "terms matched",
    "terms of previous",
    "terms of next",
    "terms of parent",
    "terms of surroundings",
    "best in document",
    "sum in document",
    "document share",
    "length",
    "depth",
    "position",
    "document length",
    "has parts",
    "weighted of previous",
    "weighted of next",
    "weighted of parent",
    "translation of headings",
    "translation of previous",
    "translation of next",
    "lowest translation",
    "question length",
    "unknown terms",
    "best without labels",
    "gap without labels",
    "heading",
    "question coverage",
    "covered by likeness",
    "least covered by likeness",
    "covered by likeness in headings",
    "inclination",
    "inclination of headings",
    "covered and new",
    "covered before",
    "times asked",
    "times asked in document",
    "times asked nearby",
    "closest question of all",
    "close questions in document",
    "closest question in document",
    "close questions nearby",
    "closest question nearby",
    "like remembered",
    "most like remembered",
    "document without labels",
    "best other of document without labels",
    "document by weighted terms",
    "best other of document by weighted terms",
    "document by translation",
    "best other of document by translation",
    "document by nearness",
    "best other of document by nearness",
    "document by memory of passages",
    "best other of document by memory of passages",
    "document by closest question",
    "best other of document by closest question",
    "document by all",
    "parent by all",
    "surroundings by all",
    "document by all and memory",
    "parent by all and memory",
    "surroundings by all and memory",
];
/// Where what the other candidates around one say begins. It helps the ranker with memory only, and counts as memory.
pub(crate) const VICINITY_FIRST: usize = 3 * SIGNAL_COUNT + 51;
const MEMORY_OTHER_FIRST: usize = 41;
/// Numbers in a row where passages have no vectors; those of vectors follow.
pub(crate) const FEATURE_COUNT: usize = 3 * SIGNAL_COUNT + OTHER_NAMES.len();
/// The window in which a question's terms are looked for together.
const WINDOW_TERMS: usize = 25;
/// How far the surroundings of a passage reach to each side.
const SURROUNDINGS: u32 = 3;

/// The names of the signals, for people; the value of each is the first of its three numbers in a row.
pub(crate) fn signal_names() -> &'static [&'static str; SIGNAL_COUNT] {
    &SIGNAL_NAMES
}

/// How often the row's passage was asked about: a number above 0 where it was.
pub(crate) fn times_asked(row: &[f32]) -> f32 {
    row[3 * SIGNAL_COUNT + MEMORY_OTHER_FIRST]
}

/// How much past questions that the row's passage answered have of this one: 0 where there are none.
pub(crate) fn memory_of_passage(row: &[f32]) -> f32 {
    row[column(MEMORY_SIGNAL_FIRST)]
}

/// The strongest signals.
pub(crate) fn strongest(uses_memory: bool, hears_vectors: bool) -> &'static [usize] {
    const FUSED: [usize; 6] = [VECTOR_SIGNAL, 6, 7, 8, 9, MEMORY_SIGNAL_FIRST];
    &FUSED[usize::from(!hears_vectors)..if uses_memory { 6 } else { 5 }]
}

/// How high a row stands in the strongest signals, by reciprocal ranks (Cormack et al., *Reciprocal Rank Fusion*, 2009).
pub(crate) fn fused_rank(row: &[f32], uses_memory: bool) -> f32 {
    let strongest = strongest(uses_memory, row.len() > FEATURE_COUNT);
    strongest.iter().map(|signal| 1.0 / (10.0 + row[column(*signal) + 2].exp())).sum()
}

/// Whether a number of a row comes from past questions, or is otherwise for the ranker with memory only.
pub(crate) fn is_memory(feature: usize) -> bool {
    if feature >= FEATURE_COUNT {
        return is_memory_number(feature);
    }
    match feature.checked_sub(3 * SIGNAL_COUNT) {
        None => feature / 3 >= MEMORY_SIGNAL_FIRST,
        Some(other) => other >= MEMORY_OTHER_FIRST,
    }
}

/// A row for each candidate of a question.
#[derive(Clone, Debug, Default)]
pub(crate) struct FeatureTable {
    pub(crate) passages: Vec<PassageIndex>,
    /// The first so many are found without memory, and their plain numbers are as if there were no others.
    pub(crate) plain_count: usize,
    /// Numbers in a row.
    pub(crate) width: usize,
    /// The rows, one after the other.
    pub(crate) values: Vec<f32>,
}

impl FeatureTable {
    /// Whether rows say what vectors do.
    pub(crate) fn hears_vectors(&self) -> bool {
        self.width > FEATURE_COUNT
    }

    /// The row of a candidate.
    pub(crate) fn row(&self, at: usize) -> &[f32] {
        &self.values[at * self.width..(at + 1) * self.width]
    }

    /// The rows of all candidates, or of those found without memory.
    pub(crate) fn rows(&self, uses_memory: bool) -> Vec<&[f32]> {
        let count = if uses_memory { self.passages.len() } else { self.plain_count };
        self.values.chunks_exact(self.width.max(1)).take(count).collect()
    }
}

/// Describes candidates; `scratch` holds the question's sums.
pub(crate) fn describe(
    collection: &Collection,
    components: &Components,
    asked: &AskedTerms,
    candidates: Candidates,
    uses_memory: bool,
    scratch: &mut Scratch,
) -> FeatureTable {
    let Candidates { passages, plain_count } = candidates;
    scratch.had.fill(collection, asked);
    let width = row_length(components.hears_vectors);
    let mut values = vec![0.0; passages.len() * width];
    let remembered = if uses_memory { &scratch.recollection.remembered[..] } else { &[] };
    let describer = Describer::new(collection, components, asked, remembered, uses_memory);
    let mut hands = std::mem::take(&mut scratch.hands);
    let [hand, other_hand] = &mut hands;
    let is_divided = scratch.division != Division::Nothing;
    let half = if is_divided { passages.len() / 2 } else { passages.len() };
    let (rows, other_rows) = values.split_at_mut(half * width);
    both(
        is_divided,
        || describer.describe_all(&passages[half..], scratch, other_hand, other_rows),
        || describer.describe_all(&passages[..half], scratch, hand, rows),
    );
    scratch.hands = hands;
    let mut table = FeatureTable { passages, plain_count, width, values };
    comparison::compare(collection, uses_memory, &mut table);
    table
}

/// What is the same for all candidates of a question.
struct Describer<'q> {
    collection: &'q Collection,
    components: &'q Components,
    asked: &'q AskedTerms,
    idf: Vec<f32>,
    idf_total: f32,
    is_number: Vec<bool>,
    uses_memory: bool,
    /// Where the passages are that close questions were answered with, and the cube roots of how close those are.
    remembered: Vec<ShortPlace>,
    remembered_roots: Vec<f32>,
}

/// How a body matches the question.
#[derive(Default)]
struct Match {
    counts: Vec<u32>,
    covered: f32,
    longest_run: u32,
    best_window: f32,
    matched_mass: f32,
}

impl<'q> Describer<'q> {
    fn new(
        collection: &'q Collection,
        components: &'q Components,
        asked: &'q AskedTerms,
        remembered: &[(PassageIndex, f32)],
        uses_memory: bool,
    ) -> Self {
        let idf: Vec<f32> = asked.unique.iter().map(|term| collection.idf[*term as usize]).collect();
        let idf_total = idf.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let is_number =
            |term: &TermId| collection.names[*term as usize].bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let is_number = asked.unique.iter().map(is_number).collect();
        let remembered_roots = remembered.iter().map(|(_, weight)| weight.cbrt()).collect();
        let remembered = components.places.of(remembered.iter().map(|(passage, _)| *passage));
        Self { collection, components, asked, idf, idf_total, is_number, uses_memory, remembered, remembered_roots }
    }

    fn describe_all(&self, passages: &[PassageIndex], scratch: &Scratch, hand: &mut Hand, rows: &mut [f32]) {
        if passages.is_empty() {
            return;
        }
        hand.likenesses.clear(self.collection, &self.components.directions, self.asked);
        for (passage, row) in passages.iter().zip(rows.chunks_exact_mut(row_length(self.components.hears_vectors))) {
            self.describe(*passage, scratch, hand, row);
        }
    }

    fn describe(&self, passage: PassageIndex, scratch: &Scratch, hand: &mut Hand, row: &mut [f32]) {
        let collection = self.collection;
        let place = collection.place(passage);
        let at = passage as usize;
        let found = self.matched(collection.body(passage), scratch);
        let heading = place.heading.map_or(&[][..], |heading| collection.body(heading));
        let pairs = scratch.lexical.pairs.of(passage);
        let (translation, soft, lowest) = self.translation(collection.body(passage), scratch, hand);
        let headings = collection.headings.of(at);
        let in_context = scratch.lexical.in_context(collection, passage);
        let signals = [
            scratch.lexical.alone(collection, passage),
            pairs,
            self.field_score(&found.counts, collection.body(passage).len() as f32 / collection.body_length_average),
            self.other_score(headings, scratch),
            self.other_score(collection.titles.of(at), scratch),
            self.other_score(heading, scratch),
            in_context,
            scratch.weighted.of(passage),
            translation,
            scratch.place.as_ref().map_or(0.0, |place| self.components.places.nearness(place, passage)),
        ];
        for (at, signal) in signals.into_iter().enumerate() {
            row[3 * at] = signal;
        }
        let other = &mut row[3 * SIGNAL_COUNT..];
        self.describe_match(&found, passage, scratch, other);
        other[2] = soft / self.idf_total;
        other[27] = lowest;
        self.describe_surroundings(passage, scratch, other);
        other[24] = self.translation(headings, scratch, hand).0;
        (other[34], other[35]) = self.likeness(collection.body(passage), hand);
        other[36] = self.likeness(headings, hand).0;
        other[37] = inclination::mean(&self.components.inclinations, collection.body(passage));
        other[38] = inclination::mean(&self.components.inclinations, headings);
        (other[39], other[40]) = scratch.had.new_and_before(collection, passage, &self.idf, self.idf_total);
        self.describe_question(other);
        if self.components.hears_vectors {
            describe_vectors(collection, passage, scratch, self.uses_memory, row);
        }
        if self.uses_memory {
            self.describe_memory(passage, scratch, row);
        }
    }

    /// Counts a body's matches.
    fn matched(&self, body: &[TermId], scratch: &Scratch) -> Match {
        let mut found = Match { counts: vec![0; self.idf.len()], ..Match::default() };
        let (mut run, mut before) = (0, usize::MAX);
        let mut in_window = vec![0u32; self.idf.len()];
        let mut window = 0.0;
        for (at, term) in body.iter().enumerate() {
            if let Some(old) = at.checked_sub(WINDOW_TERMS).and_then(|old| scratch.slots.of(body[old])) {
                in_window[old] -= 1;
                if in_window[old] == 0 {
                    window -= self.idf[old];
                }
            }
            let Some(slot) = scratch.slots.of(*term) else {
                run = 0;
                before = usize::MAX;
                continue;
            };
            if found.counts[slot] == 0 {
                found.covered += self.idf[slot];
            }
            found.counts[slot] += 1;
            found.matched_mass += self.idf[slot];
            run = if before != usize::MAX && slot == before + 1 { run + 1 } else { 1 };
            before = slot;
            found.longest_run = found.longest_run.max(run);
            if in_window[slot] == 0 {
                window += self.idf[slot];
            }
            in_window[slot] += 1;
            found.best_window = found.best_window.max(window);
        }
        found
    }

    /// BM25 of counts in a field whose length is `length` times the average.
    fn field_score(&self, counts: &[u32], length: f32) -> f32 {
        let settings = &self.collection.settings;
        let norm = 1.0 - settings.body_b + settings.body_b * length;
        let scores = counts.iter().zip(&self.idf).filter(|(count, _)| **count > 0).map(|(count, idf)| {
            let frequency = *count as f32 / norm;
            idf * frequency * (settings.k1 + 1.0) / (settings.k1 + frequency)
        });
        scores.sum()
    }

    /// The weight of the question's terms that a field has, discounted by the field's length.
    fn other_score(&self, terms: &[TermId], scratch: &Scratch) -> f32 {
        let mut seen = 0u64;
        let mut score = 0.0;
        for slot in terms.iter().filter_map(|term| scratch.slots.of(*term)) {
            let bit = 1u64 << (slot % 64);
            if seen & bit == 0 {
                seen |= bit;
                score += self.idf[slot];
            }
        }
        score / (1.0 + (1.0 + terms.len() as f32).ln())
    }

    /// The translation score of terms, the weight of what it covers, and the lowest of the question's terms.
    fn translation(&self, terms: &[TermId], scratch: &Scratch, hand: &mut Hand) -> (f32, f32, f32) {
        if terms.is_empty() {
            return (0.0, 0.0, 0.0);
        }
        let (mut score, mut soft, mut lowest) = (0.0, 0.0, f32::INFINITY);
        for (says, idf) in scratch.table.sums(terms, &mut hand.sums).iter().zip(&self.idf) {
            let one = log_one_more(*says);
            score += one;
            soft += idf * (1.0 - 1.0 / (1.0 + says));
            lowest = lowest.min(one);
        }
        (score, soft, if lowest.is_finite() { lowest } else { 0.0 })
    }

    /// How well the question's terms are covered by the terms most like them, weighted by rarity, and the lowest.
    fn likeness(&self, terms: &[TermId], hand: &mut Hand) -> (f32, f32) {
        let (mut sum, mut total, mut least) = (0.0, f32::MIN_POSITIVE, 1.0f32);
        for (slot, best) in hand.likenesses.highest(&self.components.directions, terms) {
            sum += best * self.idf[slot];
            total += self.idf[slot];
            least = least.min(best);
        }
        (sum / total, least)
    }

    fn describe_match(&self, found: &Match, passage: PassageIndex, scratch: &Scratch, other: &mut [f32]) {
        let collection = self.collection;
        let body = collection.body(passage);
        other[0] = found.covered / self.idf_total;
        let at = passage as usize;
        let mut covered: Vec<bool> = found.counts.iter().map(|count| *count > 0).collect();
        for terms in [collection.headings.of(at), collection.titles.of(at), collection.pinpoints.of(at)] {
            for slot in terms.iter().filter_map(|term| scratch.slots.of(*term)) {
                covered[slot] = true;
            }
        }
        let weight = |is_covered: &bool, idf: &f32| if *is_covered { *idf } else { 0.0 };
        other[1] = covered.iter().zip(&self.idf).map(|(one, idf)| weight(one, idf)).sum::<f32>() / self.idf_total;
        let uncovered = found.counts.iter().zip(&self.idf).filter(|(count, _)| **count == 0);
        other[3] = uncovered.map(|(_, idf)| *idf).fold(0.0, f32::max);
        other[4] = found.longest_run as f32;
        other[5] = found.best_window / self.idf_total;
        let mass: f32 = body.iter().map(|term| collection.idf[*term as usize]).sum();
        other[6] = found.matched_mass / mass.max(f32::MIN_POSITIVE);
        let numbers = self.is_number.iter().zip(&covered).filter(|(is_number, covered)| **is_number && **covered);
        other[7] = numbers.count() as f32;
        other[8] = found.counts.iter().filter(|count| **count > 0).count() as f32;
        other[32] = f32::from(u8::from(body.len() <= collection.settings.heading_terms_max));
    }

    fn describe_surroundings(&self, passage: PassageIndex, scratch: &Scratch, other: &mut [f32]) {
        let collection = self.collection;
        let place = collection.place(passage);
        let (first, end) = collection.documents[&place.document];
        let around = [collection.previous(passage), collection.next(passage), place.parent];
        for (at, neighbour) in around.into_iter().enumerate() {
            let Some(neighbour) = neighbour else { continue };
            other[9 + at] = scratch.lexical.terms.of(neighbour);
            other[21 + at] = scratch.weighted.of(neighbour);
            if at < 2 {
                other[25 + at] = scratch.translated.of(neighbour);
            }
        }
        let best = collection.surroundings(passage, SURROUNDINGS).map(|near| scratch.lexical.terms.of(near));
        other[12] = best.fold(0.0, f32::max);
        other[16] = (1.0 + collection.body(passage).len() as f32).ln();
        other[17] = place.depth as f32;
        other[18] = place.position as f32 / (end - first) as f32;
        other[19] = ((end - first) as f32).ln();
        let next = collection.next(passage);
        let has_parts = next.is_some_and(|next| collection.place(next).parent == Some(passage));
        other[20] = f32::from(u8::from(has_parts));
    }

    fn describe_question(&self, other: &mut [f32]) {
        other[28] = (1.0 + self.asked.length as f32).ln();
        other[29] = self.asked.unknown_count as f32;
        other[33] = self.idf_total / self.idf.len().max(1) as f32;
    }

    fn describe_memory(&self, passage: PassageIndex, scratch: &Scratch, row: &mut [f32]) {
        let recollection = &scratch.recollection;
        let signals = [
            &recollection.frequent,
            &recollection.close,
            &recollection.closest,
            &recollection.near,
            &recollection.nearest,
        ];
        for (at, signal) in signals.into_iter().enumerate() {
            row[3 * (MEMORY_SIGNAL_FIRST + at)] = signal.of(passage);
        }
        let memory = &self.components.memory;
        let other = &mut row[3 * SIGNAL_COUNT + MEMORY_OTHER_FIRST..];
        let count = |passage: PassageIndex| memory.counts[passage as usize] as f32;
        let place = self.collection.place(passage);
        other[0] = count(passage).ln_1p();
        other[1] = memory.document_shares.get(&place.document).copied().unwrap_or_default();
        other[2] = self.collection.surroundings(passage, SURROUNDINGS).map(count).sum::<f32>().ln_1p();
        other[3] = recollection.best;
        let document = recollection.documents.get(&place.document).copied().unwrap_or_default();
        other[4] = document.0;
        other[5] = document.1;
        for near in self.collection.surroundings(passage, SURROUNDINGS) {
            other[6] += recollection.close.of(near);
            other[7] = other[7].max(recollection.closest.of(near));
        }
        let mut total = f32::MIN_POSITIVE;
        let mut likenesses = Vec::new();
        for place in self.components.places.of(std::iter::once(passage)) {
            cosines(&place, &self.remembered, &mut likenesses);
        }
        for (at, (_, weight)) in recollection.remembered.iter().enumerate().filter(|(_, one)| one.0 != passage) {
            let likeness = likenesses.get(at).map_or(0.0, |likeness: &f32| likeness.max(0.0));
            total += weight;
            other[8] += weight * likeness;
            other[9] = other[9].max(likeness * self.remembered_roots[at]);
        }
        other[8] /= total;
    }
}
