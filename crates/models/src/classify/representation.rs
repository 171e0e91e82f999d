//! What the workspace's own text says of words: which there are, how rare they are, and which are used alike.

use std::collections::HashMap;

use crate::bytes::{Reader, Writer};
use crate::collection::Lists;
use crate::error::ModelsError;
use crate::spectrum::directions;

/// A word is known that stands in so many texts.
const TEXT_COUNT_MIN: u32 = 2;
/// Of more words, those that labelled texts have and then the commonest are known.
const WORD_COUNT_MAX: usize = 30_000;
/// Numbers of a word's vector.
pub(crate) const DIMENSION: usize = 128;
/// Where the search for directions begins.
const SEED: u64 = 0x7772_6473;

/// Words with their weights and vectors, learned from texts without labels.
///
/// A text is a list of weights, `(1 + ln tf) * idf` of its words with length 1, and a vector: the sum of its words' vectors by these weights, with length 1. The vectors are those of [`directions`]; they are kept with 8 bits a number.
///
/// How rare a word is, labelled texts say as much as all others together: a word that every question has is rare in provisions, and tells no question from another.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Representation {
    /// In order.
    names: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
    idf: Vec<f32>,
    /// [`DIMENSION`] for each word; times the word's scale they are its vector.
    vectors: Vec<i8>,
    scales: Vec<f32>,
}

/// A text as numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Represented {
    /// Words with their weights, in order of word.
    pub(crate) words: Vec<(u32, f32)>,
    /// [`DIMENSION`] numbers; zeros where no word is known.
    pub(crate) vector: Vec<f32>,
    /// The length of the vector before it was made 1.
    pub(crate) length: f32,
}

/// Collects texts to learn from.
#[derive(Debug, Default)]
pub struct RepresentationBuilder {
    numbers: HashMap<Box<str>, u32>,
    texts: Lists<(u32, u32)>,
}

impl RepresentationBuilder {
    /// Adds the terms of a text.
    pub fn push<S: AsRef<str>>(&mut self, terms: &[S]) {
        let mut found: Vec<u32> = Vec::with_capacity(terms.len());
        for term in terms {
            let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
            let number = match self.numbers.get(term.as_ref()) {
                Some(number) => *number,
                None => *self.numbers.entry(term.as_ref().into()).or_insert(next),
            };
            found.push(number);
        }
        found.sort_unstable();
        self.texts
            .push(found.chunk_by(|a, b| a == b).map(|same| (same[0], u32::try_from(same.len()).unwrap_or(u32::MAX))));
    }

    /// How many texts were added.
    pub fn text_count(&self) -> usize {
        self.texts.count()
    }

    /// Learns from the texts. Those from `unlabelled_count` on are labelled.
    pub(crate) fn finish(self, unlabelled_count: usize, threads: usize) -> Representation {
        let Self { numbers, texts } = self;
        let mut text_counts = vec![0_u32; numbers.len()];
        texts.items().iter().for_each(|(term, _)| text_counts[*term as usize] += 1);
        let mut labelled_counts = vec![0_u32; numbers.len()];
        for at in unlabelled_count..texts.count() {
            texts.of(at).iter().for_each(|(term, _)| labelled_counts[*term as usize] += 1);
        }
        let mut known: Vec<(Box<str>, u32)> =
            numbers.into_iter().filter(|(_, number)| text_counts[*number as usize] >= TEXT_COUNT_MIN).collect();
        // Of equally common ones the first by name.
        let worth =
            |(_, number): &(Box<str>, u32)| (labelled_counts[*number as usize] > 0, text_counts[*number as usize]);
        known.sort_unstable_by(|a, b| worth(b).cmp(&worth(a)).then_with(|| a.0.cmp(&b.0)));
        known.truncate(WORD_COUNT_MAX);
        known.sort_unstable();
        let mut places: Vec<Option<u32>> = vec![None; text_counts.len()];
        for (at, (_, number)) in (0_u32..).zip(&known) {
            places[*number as usize] = Some(at);
        }
        let count = texts.count() as f32;
        let idf =
            |(_, number): &(Box<str>, u32)| ((1.0 + count) / (1.0 + text_counts[*number as usize] as f32)).ln() + 1.0;
        let idf: Vec<f32> = known.iter().map(idf).collect();
        let mut weighted = Lists::default();
        for at in 0..texts.count() {
            let words = texts.of(at).iter().filter_map(|(term, count)| Some((places[*term as usize]?, *count)));
            weighted.push(weights(words, &idf));
        }
        let (vectors, scales) = shortened(&directions::<DIMENSION>(&weighted, known.len(), SEED, threads));
        let labelled_count = (texts.count() - unlabelled_count) as f32;
        let others = if unlabelled_count == 0 { 0.0 } else { labelled_count };
        let idf = |(_, number): &(Box<str>, u32)| {
            let labelled = labelled_counts[*number as usize];
            let share = (text_counts[*number as usize] - labelled) as f32 / unlabelled_count.max(1) as f32;
            ((1.0 + labelled_count + others) / (1.0 + labelled as f32 + others * share)).ln() + 1.0
        };
        let idf = known.iter().map(idf).collect();
        let names: Vec<Box<str>> = known.into_iter().map(|(name, _)| name).collect();
        Representation { numbers: numbered(&names), names, idf, vectors, scales }
    }
}

fn numbered(names: &[Box<str>]) -> HashMap<Box<str>, u32> {
    names.iter().cloned().zip(0..).collect()
}

/// Words with `(1 + ln tf) * idf`, made length 1.
fn weights(words: impl Iterator<Item = (u32, u32)>, idf: &[f32]) -> Vec<(u32, f32)> {
    let weight = |(word, count): (u32, u32)| (word, (1.0 + (count as f32).ln()) * idf[word as usize]);
    let mut words: Vec<(u32, f32)> = words.map(weight).collect();
    words.sort_unstable_by_key(|(word, _)| *word);
    let length = words.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
    if length > 0.0 {
        words.iter_mut().for_each(|(_, weight)| *weight /= length);
    }
    words
}

impl Representation {
    /// How many words it knows.
    pub(crate) fn word_count(&self) -> usize {
        self.names.len()
    }

    /// The word with this number.
    pub(crate) fn name(&self, word: u32) -> &str {
        &self.names[word as usize]
    }

    /// A text by its terms. Cost: one look-up for each term, and [`DIMENSION`] additions for each different one.
    pub(crate) fn of<S: AsRef<str>>(&self, terms: &[S]) -> Represented {
        let mut found: Vec<u32> = terms.iter().filter_map(|term| self.numbers.get(term.as_ref()).copied()).collect();
        found.sort_unstable();
        let counted =
            found.chunk_by(|a, b| a == b).map(|same| (same[0], u32::try_from(same.len()).unwrap_or(u32::MAX)));
        let words = weights(counted, &self.idf);
        let mut vector = vec![0.0_f32; DIMENSION];
        for (word, weight) in &words {
            let scale = weight * self.scales[*word as usize];
            vector.iter_mut().zip(self.row(*word)).for_each(|(sum, number)| *sum += scale * f32::from(*number));
        }
        let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
        if length > 0.0 {
            vector.iter_mut().for_each(|number| *number /= length);
        }
        Represented { words, vector, length }
    }

    /// The product of a word's vector with another.
    pub(crate) fn along(&self, word: u32, other: &[f32]) -> f32 {
        let sum: f32 = self.row(word).iter().zip(other).map(|(number, other)| f32::from(*number) * other).sum();
        sum * self.scales[word as usize]
    }

    fn row(&self, word: u32) -> &[i8] {
        &self.vectors[word as usize * DIMENSION..(word as usize + 1) * DIMENSION]
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.list(&self.names, |writer, name| writer.list(name.as_bytes(), |writer, byte| writer.0.push(*byte)));
        writer.f32s(&self.idf);
        writer.f32s(&self.scales);
        writer.0.extend(self.vectors.iter().map(|number| number.cast_unsigned()));
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, ModelsError> {
        let damaged = |what| ModelsError::DamagedModel { what };
        let names = reader.list(8, |reader| {
            let count = reader.count(1)?;
            let name = std::str::from_utf8(reader.bytes(count)?).map_err(|_| damaged("a word is not text"))?;
            Ok(Box::from(name))
        })?;
        let (idf, scales) = (reader.f32s()?, reader.f32s()?);
        if idf.len() != names.len() || scales.len() != names.len() || !names.is_sorted() {
            return Err(damaged("words and weights do not fit"));
        }
        let vectors = reader.bytes(names.len().saturating_mul(DIMENSION))?;
        let vectors = vectors.iter().map(|byte| byte.cast_signed()).collect();
        Ok(Self { numbers: numbered(&names), names, idf, vectors, scales })
    }
}

/// Each vector with 8 bits a number, and what these are to be multiplied by.
fn shortened(vectors: &[[f32; DIMENSION]]) -> (Vec<i8>, Vec<f32>) {
    let mut short = Vec::with_capacity(vectors.len() * DIMENSION);
    let mut scales = Vec::with_capacity(vectors.len());
    for vector in vectors {
        let greatest = vector.iter().fold(0.0_f32, |greatest, number| greatest.max(number.abs()));
        let scale = if greatest > 0.0 { greatest / 127.0 } else { 1.0 };
        short.extend(vector.iter().map(|number| (number / scale).round() as i8));
        scales.push(scale);
    }
    (short, scales)
}
