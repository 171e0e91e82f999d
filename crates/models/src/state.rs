//! What a training has learned so far as bytes, to go on from.

use crate::bytes::{Reader, Writer, checksum};
use crate::error::ModelsError;
use crate::model::FORMAT_VERSION;
use crate::set_stage::set_row_length;
use crate::stages::{read_blend, read_embeddings, write_blend, write_embeddings};
use crate::training::{Fitted, Stage, Training};
use crate::vectors::row_length;

const MAGIC: &[u8; 8] = b"GRNDSTRN";

impl Training<'_> {
    /// What tells this training from any other.
    fn fingerprint(&self) -> u64 {
        let mut writer = Writer::default();
        writer.u32(FORMAT_VERSION);
        writer.u64(self.settings.seed);
        writer.u32(u32::from(self.settings.embeddings));
        // Another version may have others.
        writer.count(self.jobs.len());
        writer.count(self.collection.passage_count());
        writer.lists(&self.collection.bodies, |writer, term| writer.u32(*term));
        for question in &self.questions {
            writer.list(&question.terms, |writer, term| writer.0.extend(term.as_bytes()));
            writer.list(&question.gold, |writer, gold| writer.u32(*gold));
        }
        if let Some(embedded) = &self.collection.vectors {
            writer.0.extend(embedded.model.as_bytes());
            writer.f32s(embedded.vectors.numbers());
            self.questions.iter().for_each(|question| writer.f32s(&question.vector));
        }
        checksum(&writer.0)
    }

    /// What jobs brought so far.
    pub(crate) fn state(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.0.extend(MAGIC);
        writer.u64(self.fingerprint());
        for (_, fitted) in &self.jobs {
            writer.u32(u32::from(fitted.is_some()));
            match fitted {
                Some(Fitted::Embeddings(embeddings)) => write_embeddings(&mut writer, embeddings),
                Some(Fitted::First(stage)) => write_blend(&mut writer, stage),
                Some(Fitted::Set(stage)) => write_blend(&mut writer, stage),
                None => {}
            }
        }
        writer.u64(checksum(&writer.0));
        writer.0
    }

    /// Takes over what an earlier training brought.
    pub(crate) fn resume(&mut self, state: &[u8]) -> Result<(), ModelsError> {
        let (body, sum) = state.split_last_chunk::<8>().ok_or(ModelsError::ForeignState)?;
        let mut reader = Reader(body.strip_prefix(MAGIC).ok_or(ModelsError::ForeignState)?);
        if checksum(body) != u64::from_le_bytes(*sum) {
            return Err(ModelsError::DamagedModel { what: "its checksum differs" });
        }
        if reader.u64()? != self.fingerprint() {
            return Err(ModelsError::ForeignState);
        }
        let hears_vectors = self.hears_vectors();
        for (job, fitted) in &mut self.jobs {
            *fitted = match (reader.u32()?, job.stage) {
                (0, _) => None,
                (_, Stage::Embeddings) => Some(Fitted::Embeddings(read_embeddings(&mut reader)?)),
                (_, Stage::First(_)) => Some(Fitted::First(read_blend(&mut reader, row_length(hears_vectors))?)),
                (_, Stage::Set) => Some(Fitted::Set(read_blend(&mut reader, set_row_length(hears_vectors))?)),
            };
        }
        Ok(())
    }
}
