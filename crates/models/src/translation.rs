//! Which words of a passage make a question ask with which words.

use crate::collection::{Collection, Lists, PassageIndex, TermId};
use crate::question::{AskedTerms, each_once};

/// Different terms of a passage that take part.
const PASSAGE_TERMS_MAX: usize = 150;
const ITERATION_COUNT: usize = 5;
/// So many headings and titles teach enough.
const HEADING_COUNT_MAX: usize = 6_000;
/// Keeps rare terms of passages from explaining everything.
const DENOMINATOR_EXTRA: f64 = 0.05;
/// So many translations are kept, those that say most, so that a model stays small.
const ENTRY_COUNT_MAX: usize = 3_000_000;
/// Less likely translations are dropped.
const PROBABILITY_MIN: f32 = 1e-4;
/// Share of the translated and repeated question in what is expected of a passage; the rest is the collection's.
const PASSAGE_SHARE: f32 = 0.7;
/// Share of translation against repetition.
const TRANSLATED_SHARE: f32 = 0.5;
/// For each term of questions, the terms of passages that bring it, with their probabilities, likeliest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Translation {
    pub(crate) rows: Lists<(TermId, f32)>,
}

/// The bits of `f32` that a kept probability leaves out: all of the fraction but its first four.
const BITS_LEFT_OUT: u32 = 19;
/// What stands for 2 to the power of -14, below [`PROBABILITY_MIN`], in front of the bits left out.
const KEPT_FIRST: u32 = (127 - 14) << 4;

/// A probability of at least [`PROBABILITY_MIN`] as a model keeps it: at most 3 in 100 off.
pub(crate) fn kept(probability: f32) -> u8 {
    (probability.to_bits() >> BITS_LEFT_OUT).saturating_sub(KEPT_FIRST).min(u32::from(u8::MAX)) as u8
}

/// A probability as it is reckoned with.
pub(crate) fn lengthened(kept: u8) -> f32 {
    // The middle of what is kept alike.
    let half = 1 << (BITS_LEFT_OUT - 1);
    f32::from_bits(((KEPT_FIRST + u32::from(kept)) << BITS_LEFT_OUT) | half).min(1.0)
}

/// Questions and passages as numbered pairs of terms.
struct Alignments {
    /// Each pair of a passage's term (`NULL` too) and a question's term that met, those of a passage's term together.
    pairs: Vec<(TermId, TermId)>,
    /// For each question with one gold passage: how many terms the passage has, and the numbers of the pairs, all of the
    /// question's first term, then of its second.
    meetings: Vec<(usize, Vec<u32>)>,
}

/// The term of every passage that explains what nothing else does.
const NULL: TermId = TermId::MAX;

impl Translation {
    /// Learns from questions and their gold passages by expectation maximisation.
    ///
    /// IBM model 1 over different terms: Brown et al., *The Mathematics of Statistical Machine Translation*, 1993, section
    /// 4.1; for retrieval, Berger and Lafferty, *Information Retrieval as Statistical Translation*, 1999.
    ///
    /// Headings and titles are questions too, about what stands under them: without them, terms that no question had so far
    /// would have no translation.
    pub(crate) fn fit(collection: &Collection, questions: &[(&[TermId], &[PassageIndex])]) -> Self {
        let headings = headings_as_questions(collection);
        let under = headings.iter().map(|(terms, passage)| (&terms[..], std::slice::from_ref(passage)));
        let all: Vec<(&[TermId], &[PassageIndex])> = questions.iter().copied().chain(under).collect();
        let alignments = Alignments::new(collection, &all);
        let mut probabilities = vec![1.0; alignments.pairs.len()];
        for _ in 0..ITERATION_COUNT {
            probabilities = alignments.improved(&probabilities, DENOMINATOR_EXTRA).0;
        }
        let entries = alignments.pairs.iter().zip(&probabilities);
        let entries: Vec<(usize, (TermId, f32))> = entries
            .filter(|((source, _), probability)| *source != NULL && **probability >= f64::from(PROBABILITY_MIN))
            .map(|((source, asked), probability)| (*asked as usize, (*source, *probability as f32)))
            .collect();
        let entries = strongest(collection, entries);
        // Rounded to what a model keeps, so that it ranks as what is judged.
        let rounded =
            |(asked, (source, chance)): &(usize, (TermId, f32))| (*asked, (*source, lengthened(kept(*chance))));
        Self::new(collection, &entries.iter().map(rounded).collect::<Vec<_>>())
    }

    /// The translations of a question's term, its number first, in any order.
    pub(crate) fn new(collection: &Collection, entries: &[(usize, (TermId, f32))]) -> Self {
        let grouped = Lists::grouped(collection.term_count(), entries.iter().copied());
        let mut rows = Lists::default();
        for term in 0..grouped.count() {
            let mut row = grouped.of(term).to_vec();
            row.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            rows.push(row);
        }
        Self { rows }
    }

    /// What a question expects of passages.
    pub(crate) fn expectations(&self, collection: &Collection, asked: &AskedTerms) -> Vec<Expectation<'_>> {
        let total = collection.bodies.items().len().max(1) as f32;
        let expectation = |term: &TermId| {
            // A term only in other fields is as rare as one that occurs once.
            let common = collection.occurrences[*term as usize].max(1) as f32 / total;
            let scale = PASSAGE_SHARE / (1.0 - PASSAGE_SHARE) / common;
            let row = if self.rows.count() == 0 { &[] } else { self.rows.of(*term as usize) };
            Expectation {
                term: *term,
                row,
                factor: scale * TRANSLATED_SHARE,
                itself: scale * (1.0 - TRANSLATED_SHARE),
                is_in_row: row.iter().any(|one| one.0 == *term),
            }
        };
        asked.unique.iter().map(expectation).collect()
    }
}

/// For a term of a question: what each occurrence of a passage's term, over the passage's length, says for it.
///
/// A passage's score is the sum over the question's terms of `ln(1 + sum of what its terms say)`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expectation<'t> {
    term: TermId,
    /// Terms with the probability that they are translated so, likeliest first.
    row: &'t [(TermId, f32)],
    /// By which a probability is multiplied.
    factor: f32,
    /// What the term says for itself, besides.
    itself: f32,
    is_in_row: bool,
}

impl Expectation<'_> {
    /// Terms with what they say, likeliest first; the term itself last where it is no translation of itself.
    pub(crate) fn sources(&self) -> impl DoubleEndedIterator<Item = (TermId, f32)> {
        let own = if self.is_in_row { None } else { Some((self.term, self.itself)) };
        let says = |(source, probability): &(TermId, f32)| {
            let itself = if *source == self.term { self.itself } else { 0.0 };
            (*source, self.factor * probability + itself)
        };
        self.row.iter().map(says).chain(own)
    }

    /// How many terms say something.
    pub(crate) fn source_count(&self) -> usize {
        self.row.len() + usize::from(!self.is_in_row)
    }
}

/// The entries without those that say least, where there are too many. An entry says as much as it makes its term likelier than
/// the collection does. Of those that say the same all are kept or none.
fn strongest(collection: &Collection, mut entries: Vec<(usize, (TermId, f32))>) -> Vec<(usize, (TermId, f32))> {
    if entries.len() > ENTRY_COUNT_MAX {
        let says = |entry: &(usize, (TermId, f32))| entry.1.1 / collection.occurrences[entry.0].max(1) as f32;
        let mut strengths: Vec<f32> = entries.iter().map(says).collect();
        let (_, bound, _) = strengths.select_nth_unstable_by(ENTRY_COUNT_MAX, |a, b| b.total_cmp(a));
        let bound = *bound;
        entries.retain(|entry| says(entry) > bound);
    }
    entries
}

/// The headings and titles of passages, each different term once, with a passage under each; evenly taken from all.
fn headings_as_questions(collection: &Collection) -> Vec<(Vec<TermId>, PassageIndex)> {
    let mut found = Vec::new();
    for passage in 0..collection.passage_count() as PassageIndex {
        if collection.body(passage).len() <= collection.settings.heading_terms_max {
            continue;
        }
        let heading = collection.place(passage).heading.map_or(&[][..], |heading| collection.body(heading));
        for terms in [heading, collection.titles.of(passage as usize)] {
            if !terms.is_empty() {
                found.push((each_once(terms.iter().copied()), passage));
            }
        }
    }
    let step = found.len().div_ceil(HEADING_COUNT_MAX).max(1);
    found.into_iter().step_by(step).collect()
}

impl Alignments {
    fn new(collection: &Collection, questions: &[(&[TermId], &[PassageIndex])]) -> Self {
        let mut texts: Vec<(&[TermId], Vec<TermId>)> = Vec::new();
        let mut seen = vec![usize::MAX; collection.term_count()];
        for (asked, gold) in questions {
            for passage in *gold {
                let number = texts.len();
                let mut sources = Vec::new();
                for term in collection.body(*passage) {
                    let last = &mut seen[*term as usize];
                    if *last != number && sources.len() < PASSAGE_TERMS_MAX {
                        *last = number;
                        sources.push(*term);
                    }
                }
                sources.push(NULL);
                texts.push((asked, sources));
            }
        }
        Self::numbered(collection.term_count(), &texts)
    }

    /// Numbers the pairs of terms that met in a text: all of one passage's term together.
    fn numbered(term_count: usize, texts: &[(&[TermId], Vec<TermId>)]) -> Self {
        let null = term_count as TermId;
        let met = texts.iter().flat_map(|(asked, sources)| {
            asked.iter().flat_map(move |term| sources.iter().map(move |source| ((*source).min(null) as usize, *term)))
        });
        let places = met.enumerate().map(|(place, (source, term))| (source, (term, place as u32)));
        let by_source: Lists<(TermId, u32)> = Lists::grouped(term_count + 1, places);
        let mut numbers = vec![0u32; by_source.items().len()];
        let mut pairs: Vec<(TermId, TermId)> = Vec::new();
        // For each term of questions its number with the passage's term at hand, and which one that is.
        let mut latest = vec![(usize::MAX, 0u32); term_count];
        for source in 0..by_source.count() {
            for (term, place) in by_source.of(source) {
                let latest = &mut latest[*term as usize];
                if latest.0 != source {
                    *latest = (source, pairs.len() as u32);
                    pairs.push((if source == term_count { NULL } else { source as TermId }, *term));
                }
                numbers[*place as usize] = latest.1;
            }
        }
        let mut rest = &numbers[..];
        let mut meetings = Vec::with_capacity(texts.len());
        for (asked, sources) in texts {
            let (own, others) = rest.split_at(asked.len() * sources.len());
            meetings.push((sources.len(), own.to_vec()));
            rest = others;
        }
        Self { pairs, meetings }
    }

    /// One iteration: better probabilities, and the logarithm of the likelihood under the ones given (up to a constant).
    fn improved(&self, probabilities: &[f64], denominator_extra: f64) -> (Vec<f64>, f64) {
        let mut counts = vec![0.0; self.pairs.len()];
        let mut likelihood = 0.0;
        for (width, numbers) in &self.meetings {
            for column in numbers.chunks_exact(*width) {
                let total: f64 = column.iter().map(|number| probabilities[*number as usize]).sum();
                likelihood += total.max(f64::MIN_POSITIVE).ln() - (*width as f64).ln();
                for number in column {
                    counts[*number as usize] += probabilities[*number as usize] / total.max(f64::MIN_POSITIVE);
                }
            }
        }
        let mut start = 0;
        for same in self.pairs.chunk_by(|a, b| a.0 == b.0) {
            let counts = &mut counts[start..start + same.len()];
            let total = counts.iter().sum::<f64>() + denominator_extra;
            counts.iter_mut().for_each(|count| *count /= total);
            start += same.len();
        }
        (counts, likelihood)
    }
}

/// `ln(1 + value)` for values from 0, to four digits, the same on every machine: the logarithm of the exponent, and of the rest by
/// the series of the area tangent.
pub(crate) fn log_one_more(value: f32) -> f32 {
    let bits = (1.0 + value).to_bits();
    let exponent = (bits >> 23) as i32 - 127;
    let rest = f32::from_bits((bits & 0x007f_ffff) | 0x3f80_0000);
    let ratio = (rest - std::f32::consts::SQRT_2) / (rest + std::f32::consts::SQRT_2);
    let square = ratio * ratio;
    let series = 2.0 * ratio * (1.0 + square * (1.0 / 3.0 + square * 0.2));
    (exponent as f32 + 0.5) * std::f32::consts::LN_2 + series
}

/// Looks up what the terms of passages say for a question's terms.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExpectationTable {
    /// For each term of the collection: where its entries begin and end.
    ranges: Vec<(u32, u32)>,
    touched: Vec<TermId>,
    /// The number of the question's term, and what is said for it.
    entries: Vec<(u32, f32)>,
    term_count: usize,
}

impl ExpectationTable {
    /// Begins a question.
    pub(crate) fn fill(&mut self, term_count: usize, expectations: &[Expectation<'_>]) {
        if self.ranges.len() != term_count {
            *self = Self { ranges: vec![(0, 0); term_count], ..Self::default() };
        }
        for term in self.touched.drain(..) {
            self.ranges[term as usize] = (0, 0);
        }
        for one in expectations {
            for (source, _) in one.sources() {
                let range = &mut self.ranges[source as usize];
                if range.1 == 0 {
                    self.touched.push(source);
                }
                range.1 += 1;
            }
        }
        let mut total = 0;
        for term in &self.touched {
            let range = &mut self.ranges[*term as usize];
            let count = range.1;
            *range = (total, total);
            total += count;
        }
        self.entries.clear();
        self.entries.resize(total as usize, (0, 0.0));
        for (number, one) in expectations.iter().enumerate() {
            for (source, says) in one.sources() {
                let range = &mut self.ranges[source as usize];
                self.entries[range.1 as usize] = (number as u32, says);
                range.1 += 1;
            }
        }
        self.term_count = expectations.len();
    }

    /// For each term of the question, what the terms of a passage say for it in all.
    pub(crate) fn sums<'s>(&self, body: &[TermId], sums: &'s mut Vec<f32>) -> &'s [f32] {
        sums.clear();
        sums.resize(self.term_count, 0.0);
        for term in body {
            let (start, end) = self.ranges[*term as usize];
            for (number, says) in &self.entries[start as usize..end as usize] {
                sums[*number as usize] += says;
            }
        }
        let length = body.len().max(1) as f32;
        sums.iter_mut().for_each(|sum| *sum /= length);
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::PassageTerms;
    use crate::lexical::LexicalSettings;
    use crate::random::Random;

    fn fixture() -> (Collection, Vec<AskedTerms>) {
        let mut random = Random::new(3);
        let names: Vec<String> = (0..12).map(|at| format!("w{at}")).collect();
        let mut drawn = |count: usize| -> Vec<&str> { (0..count).map(|_| names[random.below(12)].as_str()).collect() };
        let mut builder = Collection::builder(LexicalSettings::STANDARD);
        for document in 0..20 {
            let body = builder.terms(&drawn(9));
            let passage = PassageTerms { document, body: &body, ..PassageTerms::default() };
            assert!(builder.push(&passage).is_ok());
        }
        let collection = builder.finish(1);
        let asked = (0..20).map(|_| AskedTerms::new(&collection, &drawn(4))).collect();
        (collection, asked)
    }

    #[test]
    fn each_iteration_explains_the_questions_better() {
        let (collection, asked) = fixture();
        let gold: Vec<[u32; 1]> = (0..20).map(|at| [at]).collect();
        let pairs: Vec<_> = asked.iter().zip(&gold).map(|(asked, gold)| (&asked.unique[..], &gold[..])).collect();
        let alignments = Alignments::new(&collection, &pairs);
        let mut probabilities = alignments.improved(&vec![1.0; alignments.pairs.len()], 0.0).0;
        let mut last = f64::NEG_INFINITY;
        for _ in 0..8 {
            let (better, likelihood) = alignments.improved(&probabilities, 0.0);
            assert!(likelihood >= last - 1e-9, "{likelihood} after {last}");
            (probabilities, last) = (better, likelihood);
        }
        for same in alignments.pairs.iter().zip(&probabilities).collect::<Vec<_>>().chunk_by(|a, b| a.0.0 == b.0.0) {
            let total: f64 = same.iter().map(|(_, probability)| **probability).sum();
            assert!((total - 1.0).abs() < 1e-9, "{total}");
        }
    }

    #[test]
    fn kept_probabilities_are_nearly_the_same_and_kept_again_the_very_same() {
        for step in 0..1000 {
            let probability = PROBABILITY_MIN.powf(step as f32 / 999.0);
            let found = lengthened(kept(probability));
            assert!((found - probability).abs() <= 0.032 * probability, "{probability}: {found}");
            assert_eq!(kept(found), kept(probability));
        }
    }

    #[test]
    fn the_logarithm_is_one() {
        for step in 0..4000 {
            let value = 1e-4 * 1.006f32.powi(step);
            let (found, expected) = (log_one_more(value), value.ln_1p());
            assert!((found - expected).abs() <= 2e-5 * (1.0 + expected), "{value}: {found}, {expected}");
        }
    }

    #[test]
    fn the_table_says_what_the_expectations_say() {
        let (collection, asked) = fixture();
        let gold: Vec<[u32; 1]> = (0..20).map(|at| [at]).collect();
        let pairs: Vec<_> = asked.iter().zip(&gold).map(|(asked, gold)| (&asked.unique[..], &gold[..])).collect();
        let translation = Translation::fit(&collection, &pairs);
        let (mut table, mut sums) = (ExpectationTable::default(), Vec::new());
        for asked in &asked {
            let expectations = translation.expectations(&collection, asked);
            table.fill(collection.term_count(), &expectations);
            for passage in 0..20 {
                let body = collection.body(passage);
                for (expectation, found) in expectations.iter().zip(table.sums(body, &mut sums)) {
                    let says =
                        |term: &TermId| expectation.sources().find(|one| one.0 == *term).map_or(0.0, |one| one.1);
                    let expected = body.iter().map(says).sum::<f32>() / body.len() as f32;
                    assert!((found - expected).abs() <= 1e-4 * expected.max(1.0), "{found}, {expected}");
                }
            }
        }
    }
}
