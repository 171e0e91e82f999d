//! Files into one atomic commit.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use grounds_core::{Batch, DocumentId, Instant, Link, VersionId};
use grounds_store::map_in_parallel;
use jiff::civil::Date;

use crate::error::GroundsError;
use crate::ingest::{
    ImportError, ImportReport, Known, KnownVersion, Overrides, Parsed, SourceFile, arrange, assemble, parse,
};
use crate::locate::UnitTree;
use crate::view::View;
use crate::workspace::{Workspace, counted};

/// Fewer files are read by one thread.
const PARSED_ALONE_BELOW: usize = 8;

/// A file to import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upload {
    /// Its name, without its folder.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What is known of this file besides; see [`Overrides::metadata`].
    pub metadata: BTreeMap<String, String>,
}

/// A file that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddFailure {
    /// The file.
    pub file: String,
    /// Why.
    pub error: ImportError,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddOutcome {
    /// One for each file that was taken, in the order given.
    pub reports: Vec<ImportReport>,
    /// One for each file that was not.
    pub failures: Vec<AddFailure>,
}

impl Workspace {
    /// Imports files in one atomic, durable commit; `at` is when. A file that cannot be read is left out whole, and the rest goes on.
    ///
    /// A file that is known already changes nothing; if all are, no commit is made. Cost: linear in the files' size, which are read on all processors, plus one look-up of the
    /// units of every document they refer to.
    ///
    /// # Errors
    /// Those of the store; mistakes in files are in [`AddOutcome::failures`].
    pub fn add(&self, uploads: &[Upload], overrides: &Overrides, at: Instant) -> Result<AddOutcome, GroundsError> {
        let mut outcome = AddOutcome::default();
        let mut parsed = Vec::new();
        let read = map_in_parallel(uploads, PARSED_ALONE_BELOW, |upload| {
            let mut overrides = overrides.clone();
            overrides.metadata.extend(upload.metadata.clone());
            parse(&SourceFile { name: &upload.name, bytes: &upload.bytes }, &overrides)
        });
        for (upload, file) in uploads.iter().zip(read) {
            match file {
                Ok(file) => parsed.push(file),
                Err(error) => outcome.failures.push(AddFailure { file: upload.name.clone(), error }),
            }
        }
        // Answers that were kept do not matter to an import, but every commit does: the view must be of the very latest.
        let view = self.view(Some(self.store().latest()?))?;
        let mut batch = plan_what_fits(&view, parsed, &mut outcome)?;
        drop(view);
        if batch.changes.is_empty() {
            return Ok(outcome);
        }
        if batch.message.is_empty() {
            batch.message = format!("import {}", counted(outcome.reports.len(), "file"));
        }
        self.store().commit(&batch, at)?;
        Ok(outcome)
    }
}

/// Plans the files together, leaving out each one that cannot go with the others.
fn plan_what_fits(view: &View, mut parsed: Vec<Parsed>, outcome: &mut AddOutcome) -> Result<Batch, GroundsError> {
    let units = |document: &DocumentId, as_of: Date| -> Option<Arc<UnitTree>> {
        let text = view.text_in_force(document, as_of).ok().flatten()?;
        Some(Arc::clone(&text.tree))
    };
    let versions = known_versions(view)?;
    let again: HashSet<&DocumentId> =
        parsed.iter().filter(|parsed| parsed.reads_again).map(|parsed| &parsed.document.id).collect();
    let mut links: HashMap<VersionId, Vec<Link>> = HashMap::new();
    for version in versions.iter().filter(|version| again.contains(&version.document)) {
        let of_version = view.reader().links_from(&version.id)?.into_iter().map(|stored| stored.row);
        links.insert(version.id.clone(), of_version.collect());
    }
    let links_of = |version: &VersionId| links.get(version).cloned().unwrap_or_default();
    let known = Known { documents: view.documents().to_vec(), versions, units: &units, links: &links_of };
    loop {
        let error = match arrange(&parsed, &known) {
            Ok(arrangement) => {
                let (batch, reports) = assemble(parsed, arrangement, &known);
                outcome.reports = reports;
                return Ok(batch);
            }
            Err(error) => error,
        };
        let file = error.file().to_owned();
        let position = parsed.iter().position(|parsed| parsed.file_name == file);
        outcome.failures.push(AddFailure { file, error });
        // An error that names no file of this import concerns all of them.
        match position {
            Some(position) => drop(parsed.remove(position)),
            None => return Ok(Batch::default()),
        }
    }
}

fn known_versions(view: &View) -> Result<Vec<KnownVersion>, GroundsError> {
    let mut known: Vec<KnownVersion> = Vec::new();
    for document in view.documents() {
        for stored in view.versions(&document.id)? {
            let version = stored.row;
            known.push(KnownVersion {
                id: version.id,
                document: version.document,
                ordinal: version.ordinal,
                validity: Some(stored.validity),
                text_hash: version.text_hash,
                original_hash: version.original_hash,
            });
        }
    }
    Ok(known)
}
