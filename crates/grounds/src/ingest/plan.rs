//! From files that were read to one batch: versions, units, passages and links.

mod place;
mod link;

use std::collections::BTreeMap;
use std::sync::Arc;

use grounds_core::{
    Batch, Change, Document, DocumentId, OriginalRow, PassageRow, Row, Unit, Validity, Version, VersionId,
};
use jiff::civil::Date;

use super::ImportError;
use super::parsed::Parsed;
use super::passages::passages;
use super::references::{Names, find};
use super::report::ImportReport;
use crate::locate::UnitTree;
use crate::parallel::in_parallel;

/// A version that the workspace has.
#[derive(Clone, Debug)]
pub struct KnownVersion {
    /// Its name.
    pub id: VersionId,
    /// The work it is a text of.
    pub document: DocumentId,
    /// Its ordinal among the work's versions.
    pub ordinal: u32,
    /// When it is in force as known now; `None` where a correction took its place.
    pub validity: Option<Validity>,
    /// BLAKE3 of its text.
    pub text_hash: String,
    /// BLAKE3 of its bytes.
    pub original_hash: String,
}

/// What the workspace has, as far as an import must know.
pub struct Known<'k> {
    /// All documents, with the titles that texts cite them by.
    pub documents: Vec<Document>,
    /// All versions of all documents.
    pub versions: Vec<KnownVersion>,
    /// The units of the version of a document in force on a date.
    pub units: &'k dyn Fn(&DocumentId, Date) -> Option<Arc<UnitTree>>,
}

/// A file that becomes a version.
pub(crate) struct NewVersion {
    pub(crate) parsed: Arc<Parsed>,
    pub(crate) id: VersionId,
    pub(crate) ordinal: u32,
    pub(crate) validity: Validity,
    pub(crate) tree: Arc<UnitTree>,
}

/// Plans one commit for files that were read: gives each text its place among the versions of its document, closes the
/// one before it, divides texts into passages and follows their references, also between files of the same import.
///
/// The reports are in the order of `parsed`. A text that is already known adds nothing to the batch; if all are, the
/// batch is empty.
///
/// # Errors
/// [`ImportError::TwoTexts`] and [`ImportError::Language`] name the file that cannot be imported with the others.
pub fn plan(parsed: Vec<Parsed>, known: &Known<'_>) -> Result<(Batch, Vec<ImportReport>), ImportError> {
    plan_shared(&parsed.into_iter().map(Arc::new).collect::<Vec<_>>(), known)
}

/// As [`plan`], of files that may be planned again without one that does not fit.
pub(crate) fn plan_shared(
    parsed: &[Arc<Parsed>],
    known: &Known<'_>,
) -> Result<(Batch, Vec<ImportReport>), ImportError> {
    let mut reports: Vec<ImportReport> = parsed.iter().map(|file| file.report.clone()).collect();
    check_languages(parsed, known)?;
    let documents = documents_after(parsed, known);
    let mut of_document: BTreeMap<DocumentId, Vec<usize>> = BTreeMap::new();
    for (index, file) in parsed.iter().enumerate() {
        of_document.entry(file.document.id.clone()).or_default().push(index);
    }
    let mut batch = Batch::default();
    let mut slots: Vec<Option<Arc<Parsed>>> = parsed.iter().cloned().map(Some).collect();
    let mut new_versions: Vec<(usize, NewVersion)> = Vec::new();
    for (id, mut files) in of_document {
        files.sort_by_key(|file| slots[*file].as_ref().map(|parsed| parsed.valid_from));
        let described = documents.iter().find(|document| document.id == id);
        if let Some(document) = described.filter(|document| !known.documents.contains(document)) {
            batch.changes.push(Change::Put { row: Row::Document(document.clone()), validity: Validity::always() });
        }
        let mut place = place::Place::new(&id, &slots, known);
        for file in files {
            if let Some(outcome) = place.put(file)? {
                reports[file].outcome = outcome;
            }
        }
        batch.changes.extend(place.closed());
        for (file, ordinal, validity) in place.placed() {
            if let Some(parsed) = slots[file].take() {
                new_versions.push((file, new_version(parsed, ordinal, validity)));
            }
        }
    }
    let names = Names::new(documents);
    let references = in_parallel(&new_versions, |(_, version)| find(&version.parsed, &names));
    let linker = link::Linker::new(names, &new_versions, known);
    for ((file, version), references) in new_versions.iter().zip(&references) {
        let links = linker.links(version, references, &mut reports[*file]);
        put_version(&mut batch, version, links);
    }
    batch.message = message(&new_versions, &batch);
    Ok((batch, reports))
}

fn message(new_versions: &[(usize, NewVersion)], batch: &Batch) -> String {
    const NAMED_MAX: usize = 5;
    let mut names: Vec<String> =
        new_versions.iter().take(NAMED_MAX).map(|(_, version)| version.id.to_string()).collect();
    if new_versions.len() > NAMED_MAX {
        names.push(format!("and {} more", new_versions.len() - NAMED_MAX));
    }
    match (names.is_empty(), batch.changes.is_empty()) {
        (false, _) => format!("import {}", names.join(", ")),
        (true, false) => "import: descriptions of documents".to_owned(),
        (true, true) => String::new(),
    }
}

/// A text in another language is never a version of the same document.
fn check_languages(parsed: &[Arc<Parsed>], known: &Known<'_>) -> Result<(), ImportError> {
    let mut language_of: BTreeMap<&DocumentId, &str> =
        known.documents.iter().map(|document| (&document.id, document.language.as_str())).collect();
    for file in parsed {
        let language = file.document.language.as_str();
        let expected = *language_of.entry(&file.document.id).or_insert(language);
        if expected != language && expected != "und" && language != "und" {
            return Err(ImportError::Language {
                file: file.file_name.clone(),
                document: file.document.id.to_string(),
                language: language.to_owned(),
                known: expected.to_owned(),
            });
        }
    }
    Ok(())
}

/// All documents as they are after the import: the text that is in force last describes its document.
fn documents_after(parsed: &[Arc<Parsed>], known: &Known<'_>) -> Vec<Document> {
    let mut documents = known.documents.clone();
    let mut newest: BTreeMap<DocumentId, Date> = BTreeMap::new();
    for version in &known.versions {
        if let Some(validity) = version.validity {
            let date = newest.entry(version.document.clone()).or_insert(validity.from);
            *date = (*date).max(validity.from);
        }
    }
    for file in parsed {
        let document = &file.document;
        if newest.get(&document.id).is_some_and(|date| *date > file.valid_from) {
            continue;
        }
        newest.insert(document.id.clone(), file.valid_from);
        match documents.iter_mut().find(|known| known.id == document.id) {
            Some(known) => *known = document.clone(),
            None => documents.push(document.clone()),
        }
    }
    documents
}

fn new_version(parsed: Arc<Parsed>, ordinal: u32, validity: Validity) -> NewVersion {
    let id = VersionId::new(&parsed.document.id, ordinal);
    let units: Vec<Unit> = parsed
        .units
        .iter()
        .enumerate()
        .map(|(index, unit)| unit.to_unit(&parsed.document.id, &id, index as u32))
        .collect();
    NewVersion { parsed, id, ordinal, validity, tree: Arc::new(UnitTree::new(units)) }
}

fn put_version(batch: &mut Batch, version: &NewVersion, links: Vec<grounds_core::Link>) {
    let NewVersion { parsed, id, ordinal, validity, tree } = version;
    let document = &parsed.document.id;
    let row = Row::Version(Version {
        id: id.clone(),
        document: document.clone(),
        ordinal: *ordinal,
        text: parsed.text.clone(),
        text_hash: parsed.text_hash.clone(),
        original_hash: parsed.original_hash.clone(),
        file_name: parsed.file_name.clone(),
    });
    let units = tree.units().iter().cloned().map(Row::Unit);
    let label = parsed.document.label();
    let passages = passages(parsed).into_iter().enumerate().map(|(ordinal, passage)| {
        let unit = &parsed.units[passage.unit];
        Row::Passage(PassageRow {
            document: document.clone(),
            version: id.clone(),
            unit: unit.id.clone(),
            ordinal: ordinal as u32,
            span: passage.span,
            headings: passage.headings,
            pinpoint: [label, &unit.pinpoint].join(" ").trim().to_owned(),
        })
    });
    let links = links.into_iter().map(Row::Link);
    let rows = std::iter::once(row).chain(units).chain(passages).chain(links);
    batch.changes.extend(rows.map(|row| Change::Put { row, validity: *validity }));
    if !batch.originals.iter().any(|original| original.hash == parsed.original_hash) {
        batch.originals.push(OriginalRow { hash: parsed.original_hash.clone(), bytes: parsed.original.clone() });
    }
}
