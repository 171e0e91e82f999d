//! The law as the rule compiler sees it: units of versions, by citation and time.

mod copy;

use grounds_core::{DocumentId, Pinpoint, Validity, VersionId};
use grounds_reason::{CitedText, CitedUnit};

use crate::view::View;

pub use copy::{CitableUnit, LawCopy};

/// Answers the rule compiler's questions from a view. Errors of the store show as missing text: the caller has read the same rows before.
pub(crate) struct Law<'a>(pub(crate) &'a View);

impl CitedText for Law<'_> {
    fn resolve(&self, document: &str) -> Option<DocumentId> {
        self.0.document_called(document).map(|document| document.id.clone())
    }

    fn label(&self, document: &DocumentId) -> String {
        self.0.document(document).map_or_else(|| document.0.clone(), |document| document.label().to_owned())
    }

    fn unit_versions(&self, document: &DocumentId, pinpoint: &Pinpoint, validity: Validity) -> Vec<CitedUnit> {
        let label = self.label(document);
        let mut found = Vec::new();
        for (version, in_force) in self.versions_in(document, validity) {
            let Ok(Some(text)) = self.0.text(&version) else { continue };
            let Some(unit) = text.tree.find(pinpoint) else { continue };
            found.push(CitedUnit {
                version,
                unit: unit.id.clone(),
                in_force,
                start: unit.span.start,
                text: text.words(unit).to_owned(),
                hash: unit.hash.clone(),
                pinpoint: format!("{label} {}", unit.pinpoint),
            });
        }
        found
    }

    fn versions_in(&self, document: &DocumentId, validity: Validity) -> Vec<(VersionId, Validity)> {
        let versions = self.0.versions(document).unwrap_or_default();
        versions
            .into_iter()
            .filter(|stored| stored.validity.overlaps(validity))
            .map(|stored| (stored.row.id, stored.validity))
            .collect()
    }
}
