//! The law of some documents in memory, for whoever compiles rules again and again and must not keep the workspace open.

use std::collections::BTreeMap;
use std::rc::Rc;

use grounds_core::{Document, DocumentId, Pinpoint, Unit, UnitKind, Validity, VersionId};
use grounds_reason::{CitedText, CitedUnit, Compiled, Diagnostic, RuleFile, compile};
use jiff::civil::Date;

use crate::error::GroundsError;
use crate::view::{Text, View, document_called};
use crate::workspace::Workspace;

/// Every version of some documents, and the names of all. It answers as the workspace did when it was copied.
#[derive(Clone, Debug, Default)]
pub struct LawCopy {
    documents: Vec<Document>,
    /// The versions of the documents copied, in order of validity.
    texts: BTreeMap<DocumentId, Vec<Rc<Text>>>,
}

/// A provision that a citation can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CitableUnit {
    /// As people write it, without the document: "art. 33(1)".
    pub pinpoint: String,
    /// Its heading, or that of what it is part of.
    pub heading: String,
    /// Its words.
    pub text: String,
}

impl Workspace {
    /// Copies the documents people call `names` out of a view; names that no document has are left out.
    ///
    /// Cost: one read of every version of these documents, all of which stay in memory.
    ///
    /// # Errors
    /// Those of the store.
    pub fn copy_law(&self, view: &View, names: &[&str]) -> Result<LawCopy, GroundsError> {
        let mut copy = LawCopy { documents: view.documents().to_vec(), texts: BTreeMap::new() };
        for name in names {
            let Some(document) = view.document_called(name).map(|document| document.id.clone()) else { continue };
            if copy.texts.contains_key(&document) {
                continue;
            }
            let mut texts = Vec::new();
            for stored in view.versions(&document)? {
                let Some(text) = view.text(&stored.row.id)? else { continue };
                // A version whose validity was split is in force in each of the pieces.
                texts.push(Rc::new(Text { validity: stored.validity, ..(*text).clone() }));
            }
            copy.texts.insert(document, texts);
        }
        Ok(copy)
    }
}

impl LawCopy {
    /// Whether the document people call `name` has been copied.
    pub fn has(&self, name: &str) -> bool {
        document_called(&self.documents, name).is_some_and(|document| self.texts.contains_key(&document.id))
    }

    /// The names by which documents are known: ids and short titles.
    pub fn document_names(&self) -> Vec<&str> {
        let names = self.documents.iter().flat_map(|document| {
            std::iter::once(document.id.0.as_str()).chain(document.short_titles.iter().map(String::as_str))
        });
        names.collect()
    }

    /// Compiles rule files, given as names and texts, against the copy.
    ///
    /// # Errors
    /// Every mistake, in the order of the files.
    pub fn compile(&self, files: &[(String, String)]) -> Result<Compiled, Vec<Diagnostic>> {
        let files: Vec<RuleFile<'_>> = files.iter().map(|(name, source)| RuleFile { name, source }).collect();
        compile(&files, self)
    }

    /// The states of the unit that a pinpoint names in a document, in order of validity, each as the compiler sees it.
    pub fn states(&self, document: &str, pinpoint: &str) -> Vec<CitedUnit> {
        let Some(document) = self.resolve(document) else { return Vec::new() };
        match Pinpoint::parse(pinpoint) {
            Ok(pinpoint) => self.unit_versions(&document, &pinpoint, Validity::always()),
            Err(_) => Vec::new(),
        }
    }

    /// The provisions of a document in force on a date, else of its last version, in document order.
    pub fn citable_units(&self, document: &str, as_of: Date) -> Vec<CitableUnit> {
        let texts = self.resolve(document).and_then(|document| self.texts.get(&document));
        let Some(texts) = texts else { return Vec::new() };
        let in_force = texts.iter().find(|text| text.validity.contains(as_of)).or(texts.last());
        let Some(text) = in_force else { return Vec::new() };
        let is_citable = |unit: &&Unit| !unit.pinpoint.is_empty() && unit.kind != UnitKind::Note;
        let heading = |unit: &Unit| {
            let own = text.tree.ancestry(unit).find(|unit| !unit.heading.is_empty());
            own.map_or(String::new(), |unit| unit.heading.clone())
        };
        let units = text.tree.units().iter().filter(is_citable);
        let citable = |unit: &Unit| CitableUnit {
            pinpoint: unit.pinpoint.clone(),
            heading: heading(unit),
            text: text.words(unit).to_owned(),
        };
        units.map(citable).collect()
    }
}

impl CitedText for LawCopy {
    fn resolve(&self, document: &str) -> Option<DocumentId> {
        document_called(&self.documents, document).map(|document| document.id.clone())
    }

    fn label(&self, document: &DocumentId) -> String {
        let known = self.documents.iter().find(|known| known.id == *document);
        known.map_or_else(|| document.0.clone(), |document| document.label().to_owned())
    }

    fn unit_versions(&self, document: &DocumentId, pinpoint: &Pinpoint, validity: Validity) -> Vec<CitedUnit> {
        let label = self.label(document);
        let texts = self.texts.get(document).into_iter().flatten();
        let cited = |text: &Rc<Text>| {
            let unit = text.tree.find(pinpoint)?;
            Some(CitedUnit {
                version: text.version.id.clone(),
                unit: unit.id.clone(),
                in_force: text.validity,
                start: unit.span.start,
                text: text.words(unit).to_owned(),
                hash: unit.hash.clone(),
                pinpoint: format!("{label} {}", unit.pinpoint),
            })
        };
        texts.filter(|text| text.validity.overlaps(validity)).filter_map(cited).collect()
    }

    fn versions_in(&self, document: &DocumentId, validity: Validity) -> Vec<(VersionId, Validity)> {
        let texts = self.texts.get(document).into_iter().flatten().filter(|text| text.validity.overlaps(validity));
        texts.map(|text| (text.version.id.clone(), text.validity)).collect()
    }
}
