//! From files that were read to one batch: versions, units, passages and links.

mod place;
mod link;
mod relink;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use grounds_core::{
    Batch, Change, Document, DocumentId, Link, OriginalRow, PassageRow, Row, Unit, Validity, Version, VersionId,
};
use grounds_store::map_in_parallel;
use jiff::civil::Date;

use super::ImportError;
use super::parsed::Parsed;
use super::passages::passages;
use super::references::{Names, TargetIndex, find};
use super::report::{ImportReport, Outcome};
use crate::locate::UnitTree;

/// Fewer texts are read by one thread.
const ALONE_BELOW: usize = 8;

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
    /// The links of a version; asked of those that are read again.
    pub links: &'k dyn Fn(&VersionId) -> Vec<Link>,
}

/// A file that becomes a version.
pub(crate) struct NewVersion {
    pub(crate) parsed: Parsed,
    pub(crate) id: VersionId,
    pub(crate) ordinal: u32,
    pub(crate) validity: Validity,
    pub(crate) tree: Arc<UnitTree>,
}

/// Where each file goes among the versions of its document, before anything is made of its text.
pub(crate) struct Arrangement {
    /// All documents as they are after the import.
    documents: Vec<Document>,
    /// Descriptions of documents, and the ends of versions.
    changes: Vec<Change>,
    /// What becomes of each file.
    outcomes: Vec<Option<Outcome>>,
    /// File, ordinal and validity of each new version.
    placed: Vec<(usize, u32, Validity)>,
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
    let arrangement = arrange(&parsed, known)?;
    Ok(assemble(parsed, arrangement, known))
}

/// The first half of [`plan`], which alone can fail: gives each text its place.
///
/// Cost: that of sorting files and known versions by document.
pub(crate) fn arrange(parsed: &[Parsed], known: &Known<'_>) -> Result<Arrangement, ImportError> {
    check_languages(parsed, known)?;
    let documents = documents_after(parsed, known);
    let known_documents: HashMap<&DocumentId, &Document> =
        known.documents.iter().map(|document| (&document.id, document)).collect();
    let described: HashMap<&DocumentId, &Document> =
        documents.iter().map(|document| (&document.id, document)).collect();
    let mut known_versions: HashMap<&DocumentId, Vec<&KnownVersion>> = HashMap::new();
    for version in &known.versions {
        known_versions.entry(&version.document).or_default().push(version);
    }
    let mut of_document: BTreeMap<&DocumentId, Vec<usize>> = BTreeMap::new();
    for (index, file) in parsed.iter().enumerate() {
        of_document.entry(&file.document.id).or_default().push(index);
    }
    let mut changes = Vec::new();
    let mut outcomes: Vec<Option<Outcome>> = parsed.iter().map(|_| None).collect();
    let mut placed = Vec::new();
    for (id, mut files) in of_document {
        files.sort_by_key(|file| parsed[*file].valid_from);
        let described = described.get(id).filter(|document| known_documents.get(id) != Some(document));
        if let Some(document) = described {
            let row = Row::Document((*document).clone());
            changes.push(Change::Put { row, validity: Validity::always() });
        }
        let mut place = place::Place::new(id, parsed, known_versions.remove(id).unwrap_or_default(), known.units);
        for file in files {
            outcomes[file] = Some(place.put(file)?);
        }
        changes.extend(place.closed());
        placed.extend(place.placed());
    }
    drop(described);
    Ok(Arrangement { documents, changes, outcomes, placed })
}

/// The second half of [`plan`]: makes the rows. Texts are read side by side.
pub(crate) fn assemble(parsed: Vec<Parsed>, arrangement: Arrangement, known: &Known<'_>) -> (Batch, Vec<ImportReport>) {
    let Arrangement { documents, changes, outcomes, placed } = arrangement;
    let mut reports: Vec<ImportReport> = parsed.iter().map(|file| file.report.clone()).collect();
    for (report, outcome) in reports.iter_mut().zip(outcomes) {
        report.outcome = outcome.unwrap_or(Outcome::Parsed);
    }
    let read_again = relink::known_again(&parsed, &reports, known, &changes);
    let trees = map_in_parallel(&placed, ALONE_BELOW, |(file, ordinal, _)| tree_of(&parsed[*file], *ordinal));
    let mut files: Vec<Option<Parsed>> = parsed.into_iter().map(Some).collect();
    let mut version_of = |(file, ordinal, validity): (usize, u32, Validity), tree| {
        let parsed = files[file].take()?;
        let id = VersionId::new(&parsed.document.id, ordinal);
        Some((file, NewVersion { parsed, id, ordinal, validity, tree }))
    };
    let new_versions: Vec<(usize, NewVersion)> =
        placed.into_iter().zip(trees).filter_map(|(placed, tree)| version_of(placed, tree)).collect();
    let read_again: Vec<(usize, NewVersion)> =
        read_again.into_iter().filter_map(|(placed, tree)| version_of(placed, tree)).collect();
    let names = Names::new(documents);
    let look = |version: &NewVersion| (find(&version.parsed, &names), TargetIndex::new(Arc::clone(&version.tree)));
    let made = map_in_parallel(&new_versions, ALONE_BELOW, |(_, version)| (look(version), version_changes(version)));
    let made_again = map_in_parallel(&read_again, ALONE_BELOW, |(_, version)| look(version));
    let mut batch = Batch { changes, ..Batch::default() };
    let linker = link::Linker::new(&names, &new_versions, known);
    for ((file, version), ((references, index), changes)) in new_versions.iter().zip(made) {
        let links = linker.links(version, &references, &index, &mut reports[*file]);
        batch.changes.extend(changes);
        let put = |link| Change::Put { row: Row::Link(link), validity: version.validity };
        batch.changes.extend(links.into_iter().map(put));
    }
    for ((file, version), (references, index)) in read_again.iter().zip(made_again) {
        let links = linker.links(version, &references, &index, &mut reports[*file]);
        batch.changes.extend(relink::changes(version, links, known, &mut reports[*file]));
    }
    drop(linker);
    batch.message = message(&new_versions, &batch);
    let mut kept: HashSet<String> = HashSet::with_capacity(new_versions.len());
    for (_, NewVersion { parsed, .. }) in new_versions {
        if kept.insert(parsed.original_hash.clone()) {
            batch.originals.push(OriginalRow { hash: parsed.original_hash, bytes: parsed.original });
        }
    }
    (batch, reports)
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
        (true, false) if batch.changes.iter().any(relink::is_of_link) => "import: what known texts refer to".to_owned(),
        (true, false) => "import: descriptions of documents".to_owned(),
        (true, true) => String::new(),
    }
}

/// A text in another language is never a version of the same document.
fn check_languages(parsed: &[Parsed], known: &Known<'_>) -> Result<(), ImportError> {
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
fn documents_after(parsed: &[Parsed], known: &Known<'_>) -> Vec<Document> {
    let mut documents = known.documents.clone();
    let mut newest: BTreeMap<DocumentId, Date> = BTreeMap::new();
    for version in &known.versions {
        if let Some(validity) = version.validity {
            let date = newest.entry(version.document.clone()).or_insert(validity.from);
            *date = (*date).max(validity.from);
        }
    }
    let mut places: HashMap<DocumentId, usize> =
        documents.iter().enumerate().map(|(place, document)| (document.id.clone(), place)).collect();
    for file in parsed {
        let document = &file.document;
        if newest.get(&document.id).is_some_and(|date| *date > file.valid_from) {
            continue;
        }
        newest.insert(document.id.clone(), file.valid_from);
        match places.get(&document.id) {
            Some(place) => documents[*place] = document.clone(),
            None => {
                places.insert(document.id.clone(), documents.len());
                documents.push(document.clone());
            }
        }
    }
    documents
}

fn tree_of(parsed: &Parsed, ordinal: u32) -> Arc<UnitTree> {
    let id = VersionId::new(&parsed.document.id, ordinal);
    let units = parsed.units.iter().enumerate();
    let units: Vec<Unit> = units.map(|(index, unit)| unit.to_unit(&parsed.document.id, &id, index as u32)).collect();
    Arc::new(UnitTree::new(units))
}

/// The rows of a version but for its links.
fn version_changes(version: &NewVersion) -> Vec<Change> {
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
    let rows = std::iter::once(row).chain(units).chain(passages);
    rows.map(|row| Change::Put { row, validity: *validity }).collect()
}
