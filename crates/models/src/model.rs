//! A trained model as bytes: with names for terms and keys for passages, so that it fits other collections than its own.

use crate::bytes::{Reader, Writer, checksum};
use crate::candidates::Components;
use crate::collection::{Collection, Lists, TermId};
use crate::embeddings::{Embeddings, NO_ROW};
use crate::error::ModelsError;
use crate::heads::Heads;
use crate::memory::Memory;
use crate::set_stage::SET_FEATURE_COUNT;
use crate::stages::{read_embeddings, read_first, read_trees, write_embeddings, write_first, write_trees};
use crate::translation::Translation;

const MAGIC: &[u8; 8] = b"GRNDSMDL";
/// The version of the bytes; models of other versions are refused.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// What was learned. Made by [`crate::train()`]; it ranks through a [`crate::Ranker`].
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The terms that something was learned about.
    names: Vec<Box<str>>,
    /// A factor for each.
    weights: Vec<f32>,
    /// For each, the terms of passages that bring it, with probabilities.
    translations: Lists<(TermId, f32)>,
    /// The places of terms in a space; without rows where none were learned.
    embeddings: Embeddings,
    /// The terms of past questions, and the keys of the passages that answered them.
    questions: Lists<TermId>,
    gold: Lists<u64>,
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
        let kept: Vec<usize> = (0..numbers.len()).filter(|term| numbers[*term].is_some()).collect();
        for (number, term) in kept.iter().enumerate() {
            numbers[*term] = Some(number as TermId);
        }
        let number = |term: TermId| numbers[term as usize];
        let mut model = Self {
            names: kept.iter().map(|term| collection.names[*term].clone()).collect(),
            weights: kept.iter().map(|term| components.term_weights[*term]).collect(),
            translations: Lists::default(),
            embeddings: components.embeddings.of_terms(kept.iter().map(|term| Some(*term))),
            questions: Lists::default(),
            gold: Lists::default(),
            heads,
        };
        for term in &kept {
            let row = rows.of(*term).iter().filter_map(|(source, chance)| Some((number(*source)?, *chance)));
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

    /// What was learned, in the numbers of a collection. Terms and passages that it does not have are left out.
    pub(crate) fn components(&self, collection: &Collection) -> Components {
        let terms: Vec<Option<TermId>> = self.names.iter().map(|name| collection.term(name)).collect();
        let term = |number: TermId| terms[number as usize];
        let mut term_weights = vec![1.0; collection.term_count()];
        let mut places: Vec<Option<TermId>> = vec![None; collection.term_count()];
        let mut rows: Vec<(usize, (TermId, f32))> = Vec::with_capacity(self.translations.items().len());
        for (number, own) in terms.iter().enumerate() {
            let Some(own) = own else { continue };
            term_weights[*own as usize] = self.weights[number];
            places[*own as usize] = Some(number as TermId);
            let row = self.translations.of(number).iter();
            rows.extend(row.filter_map(|(source, chance)| Some((*own as usize, (term(*source)?, *chance)))));
        }
        let mut keys: Vec<(u64, u32)> = collection.keys.iter().copied().zip(0..).collect();
        keys.sort_unstable();
        let passage = |key: &u64| keys.binary_search_by_key(key, |one| one.0).ok().map(|at| keys[at].1);
        let remembered = (0..self.questions.count()).map(|at| {
            let terms = self.questions.of(at).iter().filter_map(|number| term(*number)).collect();
            (terms, self.gold.of(at).iter().filter_map(passage).collect())
        });
        let embeddings = self.embeddings.of_terms(places.iter().map(|number| number.map(|number| number as usize)));
        Components {
            places: embeddings.passages(collection, 1),
            embeddings,
            term_weights,
            translation: Translation { rows: Lists::grouped(collection.term_count(), rows.iter().copied()) },
            memory: Memory::new(collection, remembered),
        }
    }

    /// The model as bytes: magic, version, contents, and a checksum of all before it; numbers little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.0.extend(MAGIC);
        writer.u32(FORMAT_VERSION);
        writer.list(&self.names, |writer, name| {
            writer.count(name.len());
            writer.0.extend(name.as_bytes());
        });
        writer.f32s(&self.weights);
        writer.lists(&self.translations, |writer, (source, chance)| {
            writer.u32(*source);
            writer.f32(*chance);
        });
        write_embeddings(&mut writer, &self.embeddings);
        writer.lists(&self.questions, |writer, term| writer.u32(*term));
        writer.lists(&self.gold, |writer, key| writer.u64(*key));
        write_first(&mut writer, &self.heads.plain);
        write_first(&mut writer, &self.heads.remembering);
        write_trees(&mut writer, &self.heads.set);
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
        if found != FORMAT_VERSION {
            return Err(ModelsError::ModelVersion { found, readable: FORMAT_VERSION });
        }
        let (body, sum) =
            bytes.split_last_chunk::<8>().ok_or(ModelsError::DamagedModel { what: "it ends too early" })?;
        if checksum(body) != u64::from_le_bytes(*sum) {
            return Err(ModelsError::DamagedModel { what: "its checksum differs" });
        }
        let model = Self::read(&mut reader)?;
        if reader.0.len() == sum.len() {
            Ok(model)
        } else {
            Err(ModelsError::DamagedModel { what: "it goes on after its end" })
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, ModelsError> {
        let names = reader.list(8, |reader| {
            let length = reader.count(1)?;
            let name = std::str::from_utf8(reader.bytes(length)?);
            name.map(Into::into).map_err(|_| ModelsError::DamagedModel { what: "a term is not text" })
        })?;
        let weights = reader.f32s()?;
        let term = |reader: &mut Reader<'_>| {
            let number = reader.u32()?;
            let unknown = ModelsError::DamagedModel { what: "a term is not among its terms" };
            if (number as usize) < names.len() { Ok(number) } else { Err(unknown) }
        };
        let translations = reader.lists(8, |reader| Ok((term(reader)?, reader.f32()?)))?;
        let embeddings = read_embeddings(reader)?;
        let questions = reader.lists(4, term)?;
        let gold = reader.lists(8, Reader::u64)?;
        if weights.len() != names.len()
            || translations.count() != names.len()
            || questions.count() != gold.count()
            || ![0, names.len()].contains(&embeddings.rows.len())
        {
            return Err(ModelsError::DamagedModel { what: "its parts are of different lengths" });
        }
        let heads = Heads {
            plain: read_first(reader)?,
            remembering: read_first(reader)?,
            set: read_trees(reader, SET_FEATURE_COUNT)?,
        };
        Ok(Self { names, weights, translations, embeddings, questions, gold, heads })
    }
}
