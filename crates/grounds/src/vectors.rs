//! Vectors of texts by an embedding model, kept by what the texts say: a text that comes back, in another version or another workspace, has its vector.

mod kept;
mod asked;

use std::collections::{HashMap, HashSet};

use grounds_core::{Embed, EmbedRole};

use crate::error::GroundsError;

pub(crate) use asked::QuestionEmbedder;
pub use kept::{VECTORS_MODEL, VectorsOrigin};

/// What a file of vectors begins with; the last byte is the version of the format.
const MAGIC: &[u8; 8] = b"GRNDVEC\x01";
/// So many texts are embedded before their vectors are handed over.
const BLOCK_TEXT_COUNT: usize = 128;
/// A model's name is not longer, and a vector has not more numbers.
const HEADER_PART_MAX: u32 = 1 << 16;
const KEY_BYTES: usize = 16;
const CHECK_BYTES: usize = 8;

/// The first bytes of a hash of a text.
type Key = [u8; KEY_BYTES];

/// Vectors that one model made.
#[derive(Clone, Debug, PartialEq)]
pub struct TextVectors {
    model: String,
    dimension: usize,
    /// In the order in which they came.
    keys: Vec<Key>,
    places: HashMap<Key, usize>,
    numbers: Vec<f32>,
}

/// How far embedding is, with what is new since it was told the last time.
#[derive(Clone, Copy, Debug)]
pub struct EmbedStep<'b> {
    /// How many texts have their vectors, those that had them before apart.
    pub done: usize,
    /// How many had none.
    pub total: usize,
    /// What the new vectors are in [`TextVectors::to_bytes`]: to be appended to those before.
    pub bytes: &'b [u8],
}

impl TextVectors {
    /// None yet, of this model.
    pub fn new(model: &dyn Embed) -> Self {
        Self::of_model(model.id().to_owned(), model.dimension())
    }

    fn of_model(model: String, dimension: usize) -> Self {
        Self { model, dimension, keys: Vec::new(), places: HashMap::new(), numbers: Vec::new() }
    }

    /// The id of the model that made them.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// How many numbers each has.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.keys.len()
    }

    /// The vector of a text.
    pub fn of(&self, text: &str) -> Option<&[f32]> {
        let place = *self.places.get(&key(text))?;
        self.numbers.get(place * self.dimension..(place + 1) * self.dimension)
    }

    /// How many different of these texts have no vector.
    pub fn missing_count<'t>(&self, texts: impl Iterator<Item = &'t str>) -> usize {
        texts.map(key).filter(|key| !self.places.contains_key(key)).collect::<HashSet<Key>>().len()
    }

    /// Keeps only the vectors of these texts.
    pub fn retain<'t>(&mut self, texts: impl Iterator<Item = &'t str>) {
        let wanted: HashSet<Key> = texts.map(key).collect();
        let mut kept = Self::of_model(self.model.clone(), self.dimension);
        for (key, vector) in self.keys.iter().zip(self.numbers.chunks(self.dimension.max(1))) {
            if wanted.contains(key) {
                kept.push(*key, vector);
            }
        }
        *self = kept;
    }

    /// Embeds those of `texts` that have no vector, as passages, and tells `on_step` after some hundred each time. Long texts come first: texts of like
    /// length together are fastest, and the time left is never underestimated.
    ///
    /// # Errors
    /// [`GroundsError::OtherEmbedding`]: another model's vectors are here; those of the model; those of `on_step`, which ends the work; what was
    /// told before is whole.
    pub fn embed(
        &mut self,
        model: &dyn Embed,
        texts: &[&str],
        on_step: &mut dyn FnMut(EmbedStep<'_>) -> Result<(), GroundsError>,
    ) -> Result<(), GroundsError> {
        self.check(model)?;
        let mut seen = HashSet::new();
        let mut missing: Vec<(Key, &str)> = texts.iter().map(|text| (key(text), *text)).collect();
        missing.retain(|(key, _)| !self.places.contains_key(key) && seen.insert(*key));
        missing.sort_by_key(|(_, text)| std::cmp::Reverse(text.len()));
        let total = missing.len();
        on_step(EmbedStep { done: 0, total, bytes: &[] })?;
        let mut done = 0;
        for block in missing.chunks(BLOCK_TEXT_COUNT) {
            let texts: Vec<&str> = block.iter().map(|(_, text)| *text).collect();
            let mut bytes = Vec::new();
            for ((key, _), vector) in block.iter().zip(model.embed(&texts, EmbedRole::Passage)?) {
                if self.push(*key, &vector) {
                    add_record(key, &vector, &mut bytes);
                }
            }
            done += block.len();
            on_step(EmbedStep { done, total, bytes: &bytes })?;
        }
        Ok(())
    }

    /// Takes in those of `others` that are not here.
    ///
    /// # Errors
    /// [`GroundsError::OtherEmbedding`]: another model made them.
    pub fn take_in(&mut self, others: Self) -> Result<(), GroundsError> {
        if (&self.model, self.dimension) != (&others.model, others.dimension) {
            return Err(GroundsError::OtherEmbedding { theirs: others.model, ours: self.model.clone() });
        }
        for (key, vector) in others.keys.iter().zip(others.numbers.chunks(others.dimension.max(1))) {
            self.push(*key, vector);
        }
        Ok(())
    }

    /// Whether `model` made these.
    ///
    /// # Errors
    /// [`GroundsError::OtherEmbedding`] where it did not.
    pub fn check(&self, model: &dyn Embed) -> Result<(), GroundsError> {
        if self.model == model.id() && self.dimension == model.dimension() {
            return Ok(());
        }
        Err(GroundsError::OtherEmbedding { theirs: self.model.clone(), ours: model.id().to_owned() })
    }

    /// What says of which model the vectors are; with no vectors these are all bytes.
    pub fn header(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for part in [self.dimension, self.model.len()] {
            bytes.extend(u32::try_from(part).unwrap_or(u32::MAX).to_le_bytes());
        }
        bytes.extend(self.model.as_bytes());
        bytes
    }

    /// All of them: the header, then of each the key, its numbers (32 bits, little-endian) and a check of both.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.header();
        for (key, vector) in self.keys.iter().zip(self.numbers.chunks(self.dimension.max(1))) {
            add_record(key, vector, &mut bytes);
        }
        bytes
    }

    /// Reads what was written, up to the first vector that is not whole: a file may have been cut off while it grew. With it, how many bytes are whole.
    ///
    /// # Errors
    /// [`GroundsError::ForeignVectors`]: the header is not whole, or not one.
    pub fn from_bytes(bytes: &[u8]) -> Result<(Self, usize), GroundsError> {
        let foreign = |what: &'static str| GroundsError::ForeignVectors { what };
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| foreign("they begin otherwise"))?;
        let cut = || foreign("they end in the header");
        let (dimension, rest) = number(rest).ok_or_else(cut)?;
        let (length, rest) = number(rest).ok_or_else(cut)?;
        if dimension == 0 || dimension > HEADER_PART_MAX || length > HEADER_PART_MAX {
            return Err(foreign("the header has sizes that no model has"));
        }
        let model = rest.get(..length as usize).ok_or_else(cut)?;
        let model = std::str::from_utf8(model).map_err(|_| foreign("the model's name is no text"))?;
        let mut vectors = Self::of_model(model.to_owned(), dimension as usize);
        let mut whole = MAGIC.len() + 8 + model.len();
        let record_bytes = KEY_BYTES + 4 * vectors.dimension + CHECK_BYTES;
        for record in bytes[whole..].chunks_exact(record_bytes) {
            let (content, check) = record.split_at(record_bytes - CHECK_BYTES);
            if check != check_of(content) {
                break;
            }
            let (key, numbers) = content.split_at(KEY_BYTES);
            let numbers =
                numbers.chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
            let vector: Vec<f32> = numbers.collect();
            let mut name = [0; KEY_BYTES];
            name.copy_from_slice(key);
            vectors.push(name, &vector);
            whole += record_bytes;
        }
        Ok((vectors, whole))
    }

    /// Whether the vector is new and of the right width, and was taken in.
    fn push(&mut self, key: Key, vector: &[f32]) -> bool {
        if vector.len() != self.dimension || self.places.contains_key(&key) {
            return false;
        }
        self.places.insert(key, self.keys.len());
        self.keys.push(key);
        self.numbers.extend(vector);
        true
    }
}

fn key(text: &str) -> Key {
    let mut key = [0; KEY_BYTES];
    key.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..KEY_BYTES]);
    key
}

fn add_record(key: &Key, vector: &[f32], bytes: &mut Vec<u8>) {
    let start = bytes.len();
    bytes.extend(key);
    vector.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    let check = check_of(&bytes[start..]);
    bytes.extend(check);
}

fn check_of(content: &[u8]) -> [u8; CHECK_BYTES] {
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&blake3::hash(content).as_bytes()[..CHECK_BYTES]);
    check
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (first, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*first), rest))
}
