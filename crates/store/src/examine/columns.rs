//! The column generation: every file against its hash.

use super::Examination;
use crate::{GenerationKind, GenerationState, Store, StoreError};

fn is_unusable(store: &Store) -> Result<bool, StoreError> {
    Ok(store.inner().columns_status(store.latest()?).state == GenerationState::Unusable)
}

/// A generation that cannot be used is a finding; none is not.
pub(super) fn examine(store: &Store, examination: &mut Examination) -> Result<(), StoreError> {
    let unusable = is_unusable(store);
    if let Ok(true) = unusable {
        let place = store.directory().join(GenerationKind::Columns.name()).display().to_string();
        examination.derived("the column generation is damaged, or belongs to another truth file", place);
    }
    examination.note(unusable.map(|_| ()))
}

/// Builds the generation anew where it is damaged; says so.
pub(super) fn repair(store: &Store) -> Result<Option<String>, StoreError> {
    if !is_unusable(store)? {
        return Ok(None);
    }
    store.rebuild_columns()?;
    Ok(Some("built the column generation anew".to_owned()))
}
