//! Where the files of one document go among its versions.

use std::sync::Arc;

use grounds_core::{Change, DocumentId, Validity, VersionId};
use jiff::civil::Date;

use super::super::ImportError;
use super::super::parsed::Parsed;
use super::super::report::Outcome;
use super::super::timeline::{Placed, Text, Timeline};
use super::KnownVersion;
use crate::locate::UnitTree;

/// The versions of one document while files are added to them.
pub(super) struct Place<'p> {
    id: &'p DocumentId,
    /// All files of the import.
    files: &'p [Parsed],
    versions: Vec<&'p KnownVersion>,
    timeline: Timeline,
    /// The units of the version of a document in force on a date.
    units: &'p dyn Fn(&DocumentId, Date) -> Option<Arc<UnitTree>>,
    /// The last ordinal given.
    ordinal: u32,
    /// File and ordinal of each new version.
    added: Vec<(usize, u32)>,
}

impl<'p> Place<'p> {
    /// `versions` are the known ones of the document.
    pub(super) fn new(
        id: &'p DocumentId,
        files: &'p [Parsed],
        versions: Vec<&'p KnownVersion>,
        units: &'p dyn Fn(&DocumentId, Date) -> Option<Arc<UnitTree>>,
    ) -> Self {
        let in_force = versions.iter().filter_map(|version| Some((version.id.clone(), version.validity?)));
        let timeline = Timeline::new(in_force);
        let ordinal = versions.iter().map(|version| version.ordinal).max().unwrap_or(0);
        Self { id, files, versions, timeline, units, ordinal, added: Vec::new() }
    }

    /// Adds a file.
    pub(super) fn put(&mut self, file: usize) -> Result<Outcome, ImportError> {
        let parsed = &self.files[file];
        if let Some(version) = self.known_text(parsed)? {
            return Ok(Outcome::Unchanged { version });
        }
        let is_first = self.ordinal == 0;
        self.ordinal += 1;
        self.added.push((file, self.ordinal));
        let version = VersionId::new(self.id, self.ordinal);
        Ok(match self.timeline.put(file, parsed.valid_from, parsed.valid_to) {
            Placed::Replaced(Text::Known(replaces)) => Outcome::Corrected { version, replaces },
            _ if is_first => Outcome::New { version },
            _ => Outcome::NewVersion { version },
        })
    }

    /// The version that already has this text for this interval.
    fn known_text(&self, parsed: &Parsed) -> Result<Option<VersionId>, ImportError> {
        let Some((text, to)) = self.timeline.starting(parsed.valid_from) else { return Ok(None) };
        let next = self.timeline.next_start(parsed.valid_from);
        let ends_alike = parsed.valid_to.is_none_or(|end| to == Some(next.map_or(end, |next| next.min(end))));
        match text {
            Text::Known(id) => {
                let is_same = |version: &&&KnownVersion| {
                    version.id == *id
                        && (version.original_hash == parsed.original_hash || version.text_hash == parsed.text_hash)
                };
                let is_kept = ends_alike && !(parsed.reads_again && self.reads_otherwise(parsed));
                let same = self.versions.iter().find(is_same).filter(|_| is_kept);
                Ok(same.map(|version| version.id.clone()))
            }
            Text::New(other) => {
                let other_parsed = &self.files[*other];
                let ordinal = self.added.iter().find(|(file, _)| file == other).map(|(_, ordinal)| *ordinal);
                if let Some(ordinal) = ordinal.filter(|_| other_parsed.text_hash == parsed.text_hash) {
                    return Ok(Some(VersionId::new(self.id, ordinal)));
                }
                Err(ImportError::TwoTexts {
                    file: parsed.file_name.clone(),
                    other: other_parsed.file_name.clone(),
                    document: self.id.to_string(),
                    date: parsed.valid_from,
                })
            }
        }
    }

    /// Whether the text is divided into other units than the version that the workspace has from the same day.
    fn reads_otherwise(&self, parsed: &Parsed) -> bool {
        let known = (self.units)(self.id, parsed.valid_from);
        known.is_none_or(|known| {
            let known = known.units().iter().map(|unit| (&unit.id, unit.kind, unit.span, unit.body));
            !known.eq(parsed.units.iter().map(|unit| (&unit.id, unit.kind, unit.span, unit.body)))
        })
    }

    /// How known versions end because of the new ones, where they end otherwise than before.
    pub(super) fn closed(&self) -> Vec<Change> {
        let closing = |version: &&KnownVersion| {
            let before = version.validity?;
            let from = match self.timeline.validity(&Text::Known(version.id.clone())) {
                None => before.from,
                Some(after) if after.to != before.to => after.to?,
                Some(_) => return None,
            };
            Some(Change::CloseVersion { version: version.id.clone(), from })
        };
        self.versions.iter().filter_map(closing).collect()
    }

    /// File, ordinal and validity of each new version.
    pub(super) fn placed(&self) -> Vec<(usize, u32, Validity)> {
        let place = |(file, ordinal): &(usize, u32)| {
            let validity = self.timeline.validity(&Text::New(*file))?;
            Some((*file, *ordinal, validity))
        };
        self.added.iter().filter_map(place).collect()
    }
}
