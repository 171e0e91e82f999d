//! Known texts that are read again: their links become those that they would get if they were new.

use std::collections::BTreeMap;
use std::sync::Arc;

use grounds_core::{Change, Link, Row, Table, Validity};

use super::super::parsed::Parsed;
use super::super::references::{Names, TargetIndex, find};
use super::super::report::{ImportReport, Outcome};
use super::link::Linker;
use super::{Known, NewVersion, tree_of};
use crate::locate::UnitTree;

/// File, ordinal and validity of each version that the workspace has and that is read again, with its units.
pub(super) fn known_again(
    parsed: &[Parsed],
    reports: &[ImportReport],
    known: &Known<'_>,
) -> Vec<((usize, u32, Validity), Arc<UnitTree>)> {
    let again = |(file, (parsed, report)): (usize, (&Parsed, &ImportReport))| {
        let Outcome::Unchanged { version } = &report.outcome else { return None };
        let known = known.versions.iter().find(|known| parsed.reads_again && known.id == *version)?;
        Some(((file, known.ordinal, known.validity?), tree_of(parsed, known.ordinal)))
    };
    parsed.iter().zip(reports).enumerate().filter_map(again).collect()
}

/// What makes the links of a known version those that it would get now. Its outcome and its references are entered in the report.
pub(super) fn changes(
    version: &NewVersion,
    names: &Names,
    linker: &Linker<'_>,
    known: &Known<'_>,
    report: &mut ImportReport,
) -> Vec<Change> {
    let index = TargetIndex::new(Arc::clone(&version.tree));
    let links = linker.links(version, &find(&version.parsed, names), &index, report);
    let by_key = |links: Vec<Link>| -> BTreeMap<String, Link> {
        links.into_iter().map(|link| (Row::Link(link.clone()).key(), link)).collect()
    };
    let (before, now) = (by_key((known.links)(&version.id)), by_key(links));
    let removed = before.keys().filter(|key| !now.contains_key(*key)).cloned();
    let removed = removed.map(|key| Change::Delete { table: Table::Links, key, validity: version.validity });
    let mut changes: Vec<Change> = removed.collect();
    let removed = changes.len();
    let added = now.into_iter().filter(|(key, link)| before.get(key) != Some(link));
    changes.extend(added.map(|(_, link)| Change::Put { row: Row::Link(link), validity: version.validity }));
    if !changes.is_empty() {
        let version = version.id.clone();
        report.outcome = Outcome::Relinked { version, added: changes.len() - removed, removed };
    }
    changes
}
