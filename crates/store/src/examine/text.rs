//! The text generation against truth.

use std::sync::Arc;

use super::Examination;
use crate::store::Inner;
use crate::text::check::{GenerationCheck, check_generation};
use crate::{Reader, StoreError};

/// Compares every sealed passage with its words in truth.
pub(super) fn examine(inner: &Arc<Inner>, reader: &Reader, examination: &mut Examination) -> Result<(), StoreError> {
    match check_generation(inner, reader) {
        Ok(GenerationCheck { passage_count, findings }) => {
            examination.sealed_passage_count = passage_count;
            for (what, place) in findings {
                examination.derived(what, place);
            }
            Ok(())
        }
        // Truth that cannot be read has its own findings; without it there is nothing to compare with.
        Err(StoreError::Corrupt { what, place }) => {
            examination.truth(what, place);
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Builds the generation anew where it is damaged or lacks something; says so.
pub(super) fn repair(inner: &Arc<Inner>) -> Result<Option<String>, StoreError> {
    let reader = inner.read_latest()?;
    if check_generation(inner, &reader)?.findings.is_empty() {
        return Ok(None);
    }
    drop(reader);
    inner.text.discard()?;
    inner.seal()?;
    Ok(Some("built the text generation anew".to_owned()))
}
