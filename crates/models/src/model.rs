//! A trained model as bytes: with names for terms and keys for passages, so that it fits other collections than its own.

use crate::bytes::{Reader, Writer, checksum};
use crate::candidates::Components;
use crate::collection::{Collection, Lists, PassageVectors, TermId};
use crate::cosine::UnitVectors;
use crate::embeddings::{Embeddings, NO_ROW};
use crate::error::ModelsError;
use crate::heads::Heads;
use crate::likeness::Directions;
use crate::memory::{Memory, Past};
use crate::parallel::both;
use crate::set_stage::set_row_length;
use crate::stages::{read_blend, read_embeddings, write_blend, write_embeddings};
use crate::translation::{Translation, kept, lengthened};
use crate::vectors::row_length;

const MAGIC: &[u8; 8] = b"GRNDSMDL";
/// The version of the bytes, and of what they were learned from: raised also when a collection weighs terms otherwise. Models of other versions are refused, but
/// for the next.
pub(crate) const FORMAT_VERSION: u32 = 8;
/// The version of models that hear an embedding model, which earlier builds cannot use.
const HEARING_FORMAT_VERSION: u32 = 9;

/// What was learned. Made by [`crate::train()`]; it ranks through a [`crate::Ranker`].
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The terms that something was learned about.
    names: Vec<Box<str>>,
    /// A factor for each.
    weights: Vec<f32>,
    /// How much each makes people ask about a passage.
    inclinations: Vec<f32>,
    /// For each, the terms of passages that bring it, in order, with probabilities.
    translations: Lists<(TermId, u8)>,
    /// The places of terms in a space; without rows where none were learned.
    embeddings: Embeddings,
    /// The terms of past questions, and the keys of the passages that answered them.
    questions: Lists<TermId>,
    gold: Lists<u64>,
    /// The embedding model that it hears, and the vectors of past questions by it.
    heard: Option<PassageVectors>,
    pub(crate) heads: Heads,
}

impl Model {
    pub(crate) fn new(collection: &Collection, components: &Components, heads: Heads) -> Self {
        let memory = &components.memory;
        let rows = &components.translation.rows;
        let mut numbers: Vec<Option<TermId>> = vec![None; collection.term_count()];
        let mut mark = |term: TermId| numbers[term as usize] = Some(0);
        memory.questions.items().iter().for_each(|term| mark(*term));
        rows.items().iter().for_each(|(term, _)| mark(*term));
        let is_weighted = |term: usize| components.term_weights[term].to_bits() != 1.0f32.to_bits();
        (0..collection.term_count()).filter(|term| is_weighted(*term)).for_each(|term| mark(term as TermId));
        let placed = components.embeddings.rows.iter().zip(0..).filter(|(row, _)| **row != NO_ROW);
        placed.for_each(|(_, term)| mark(term));
        let named: Vec<usize> = (0..numbers.len()).filter(|term| numbers[*term].is_some()).collect();
        for (number, term) in named.iter().enumerate() {
            numbers[*term] = Some(number as TermId);
        }
        let number = |term: TermId| numbers[term as usize];
        let mut model = Self {
            names: named.iter().map(|term| collection.names[*term].clone()).collect(),
            weights: named.iter().map(|term| components.term_weights[*term]).collect(),
            inclinations: named.iter().map(|term| components.inclinations[*term]).collect(),
            translations: Lists::default(),
            embeddings: components.embeddings.of_terms(named.iter().map(|term| Some(*term))),
            questions: Lists::default(),
            gold: Lists::default(),
            heard: collection
                .vectors
                .as_ref()
                .map(|embedded| PassageVectors { model: embedded.model.clone(), vectors: memory.vectors.clone() }),
            heads,
        };
        for term in &named {
            let row = rows.of(*term).iter();
            let mut row: Vec<_> = row.filter_map(|(source, chance)| Some((number(*source)?, kept(*chance)))).collect();
            row.sort_unstable();
            model.translations.push(row);
        }
        for at in 0..memory.questions.count() {
            model.questions.push(memory.questions.of(at).iter().filter_map(|term| number(*term)));
            model.gold.push(memory.gold.of(at).iter().map(|passage| collection.keys[*passage as usize]));
        }
        model
    }

    /// How many questions it remembers.
    pub fn question_count(&self) -> usize {
        self.questions.count()
    }

    /// The id of the embedding model that it hears: passages and questions must come with its vectors.
    pub fn embedding_model(&self) -> Option<&str> {
        self.heard.as_ref().map(|heard| heard.model.as_str())
    }

    /// What was learned, in the numbers of a collection. Terms and passages that it does not have are left out.
    pub(crate) fn components(&self, collection: &Collection) -> Components {
        let terms: Vec<Option<TermId>> = self.names.iter().map(|name| collection.term(name)).collect();
        let term = |number: TermId| terms[number as usize];
        let mut term_weights = vec![1.0; collection.term_count()];
        let mut inclinations = vec![0.0; collection.term_count()];
        let mut places: Vec<Option<TermId>> = vec![None; collection.term_count()];
        let mut entries: Vec<(usize, (TermId, f32))> = Vec::with_capacity(self.translations.items().len());
        for (number, own) in terms.iter().enumerate() {
            let Some(own) = own else { continue };
            term_weights[*own as usize] = self.weights[number];
            inclinations[*own as usize] = self.inclinations[number];
            places[*own as usize] = Some(number as TermId);
            let row = self.translations.of(number).iter();
            entries.extend(
                row.filter_map(|(source, chance)| Some((*own as usize, (term(*source)?, lengthened(*chance))))),
            );
        }
        let mut keys: Vec<(u64, u32)> = collection.keys.iter().copied().zip(0..).collect();
        keys.sort_unstable();
        let passage = |key: &u64| keys.binary_search_by_key(key, |one| one.0).ok().map(|at| keys[at].1);
        let remembered = (0..self.questions.count()).map(|at| {
            let terms = self.questions.of(at).iter().filter_map(|number| term(*number)).collect();
            let vector = self.heard.as_ref().map_or(&[][..], |heard| heard.vectors.of(at)).to_vec();
            Past { terms, gold: self.gold.of(at).iter().filter_map(passage).collect(), vector }
        });
        let embeddings = self.embeddings.of_terms(places.iter().map(|number| number.map(|number| number as usize)));
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let (places, (translation, memory)) = both(
            threads > 1,
            || embeddings.passages(collection, threads),
            || (Translation::new(collection, &entries), Memory::new(collection, &embeddings, remembered)),
        );
        Components {
            directions: Directions::new(&embeddings),
            places,
            term_weights,
            inclinations,
            translation,
            memory,
            embeddings,
            hears_vectors: self.heard.is_some(),
        }
    }

    /// The model as bytes: magic, version, contents, and a checksum of all before it; numbers little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.0.extend(MAGIC);
        writer.u32(if self.heard.is_some() { HEARING_FORMAT_VERSION } else { FORMAT_VERSION });
        writer.list(&self.names, |writer, name| {
            writer.count(name.len());
            writer.0.extend(name.as_bytes());
        });
        writer.f32s(&self.weights);
        writer.f32s(&self.inclinations);
        write_translations(&mut writer, &self.translations);
        write_embeddings(&mut writer, &self.embeddings);
        writer.lists(&self.questions, |writer, term| writer.u32(*term));
        writer.lists(&self.gold, |writer, key| writer.u64(*key));
        if let Some(heard) = &self.heard {
            write_heard(&mut writer, heard);
        }
        write_blend(&mut writer, &self.heads.plain);
        write_blend(&mut writer, &self.heads.remembering);
        write_blend(&mut writer, &self.heads.set);
        writer.u64(checksum(&writer.0));
        writer.0
    }

    /// Reads a model.
    ///
    /// # Errors
    /// `ForeignModel` (the caller's bytes), `ModelVersion` (train again), `DamagedModel` (restore, or train again).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelsError> {
        let mut reader = Reader(bytes.strip_prefix(MAGIC).ok_or(ModelsError::ForeignModel)?);
        let found = reader.u32()?;
        if ![FORMAT_VERSION, HEARING_FORMAT_VERSION].contains(&found) {
            return Err(ModelsError::ModelVersion { found, readable: HEARING_FORMAT_VERSION });
        }
        let (body, sum) =
            bytes.split_last_chunk::<8>().ok_or(ModelsError::DamagedModel { what: "it ends too early" })?;
        if checksum(body) != u64::from_le_bytes(*sum) {
            return Err(ModelsError::DamagedModel { what: "its checksum differs" });
        }
        let model = Self::read(&mut reader, found == HEARING_FORMAT_VERSION)?;
        if reader.0.len() == sum.len() {
            Ok(model)
        } else {
            Err(ModelsError::DamagedModel { what: "it goes on after its end" })
        }
    }

    fn read(reader: &mut Reader<'_>, hears_vectors: bool) -> Result<Self, ModelsError> {
        let names = reader.list(8, |reader| {
            let length = reader.count(1)?;
            let name = std::str::from_utf8(reader.bytes(length)?);
            name.map(Into::into).map_err(|_| ModelsError::DamagedModel { what: "a term is not text" })
        })?;
        let weights = reader.f32s()?;
        let inclinations = reader.f32s()?;
        let term = |reader: &mut Reader<'_>| {
            let number = reader.u32()?;
            let unknown = ModelsError::DamagedModel { what: "a term is not among its terms" };
            if (number as usize) < names.len() { Ok(number) } else { Err(unknown) }
        };
        let translations = read_translations(reader, names.len())?;
        let embeddings = read_embeddings(reader)?;
        let questions = reader.lists(4, term)?;
        let gold = reader.lists(8, Reader::u64)?;
        let heard = if hears_vectors { Some(read_heard(reader)?) } else { None };
        let heard_count = heard.as_ref().map_or(questions.count(), |heard| heard.vectors.count());
        if weights.len() != names.len()
            || inclinations.len() != names.len()
            || translations.count() != names.len()
            || questions.count() != gold.count()
            || questions.count() != heard_count
            || ![0, names.len()].contains(&embeddings.rows.len())
        {
            return Err(ModelsError::DamagedModel { what: "its parts are of different lengths" });
        }
        let heads = Heads {
            plain: read_blend(reader, row_length(hears_vectors))?,
            remembering: read_blend(reader, row_length(hears_vectors))?,
            set: read_blend(reader, set_row_length(hears_vectors))?,
        };
        Ok(Self { names, weights, inclinations, translations, embeddings, questions, gold, heard, heads })
    }
}

fn write_heard(writer: &mut Writer, heard: &PassageVectors) {
    writer.count(heard.model.len());
    writer.0.extend(heard.model.as_bytes());
    writer.count(heard.vectors.width());
    writer.f32s(heard.vectors.numbers());
}

fn read_heard(reader: &mut Reader<'_>) -> Result<PassageVectors, ModelsError> {
    let damaged = |what| ModelsError::DamagedModel { what };
    let length = reader.count(1)?;
    let model = std::str::from_utf8(reader.bytes(length)?).map_err(|_| damaged("its embedding model is not text"))?;
    let vectors = UnitVectors::from_parts(reader.u64()? as usize, reader.f32s()?);
    let vectors = vectors.ok_or(damaged("the vectors of past questions are cut off"))?;
    Ok(PassageVectors { model: model.to_owned(), vectors })
}

/// Rows as the distances between their terms, which stand in order, and a byte each.
fn write_translations(writer: &mut Writer, translations: &Lists<(TermId, u8)>) {
    writer.count(translations.count());
    for number in 0..translations.count() {
        let row = translations.of(number);
        writer.short(row.len() as u32);
        let mut before = 0;
        for (source, chance) in row {
            writer.short(source - before);
            writer.0.push(*chance);
            before = *source;
        }
    }
}

fn read_translations(reader: &mut Reader<'_>, term_count: usize) -> Result<Lists<(TermId, u8)>, ModelsError> {
    let mut translations = Lists::default();
    for _ in 0..reader.count(1)? {
        let count = reader.short()?;
        let mut row = Vec::new();
        let mut source: TermId = 0;
        for _ in 0..count {
            let unknown = ModelsError::DamagedModel { what: "a term is not among its terms" };
            source =
                source.checked_add(reader.short()?).filter(|source| (*source as usize) < term_count).ok_or(unknown)?;
            row.push((source, reader.u8()?));
        }
        translations.push(row);
    }
    Ok(translations)
}
