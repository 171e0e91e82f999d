//! Known texts that are read again: their links become those that they would get if they were new.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use grounds_core::{Change, Link, Row, Table, Validity, VersionId};
use jiff::civil::Date;

use super::super::parsed::Parsed;
use super::super::report::{ImportReport, Outcome};
use super::{Known, KnownVersion, NewVersion, tree_of};
use crate::locate::UnitTree;

/// File, ordinal and validity of each version that the workspace has and that is read again, with its units; one file for each, and none for those that
/// `changes` close before they begin.
pub(super) fn known_again(
    parsed: &[Parsed],
    reports: &[ImportReport],
    known: &Known<'_>,
    changes: &[Change],
) -> Vec<((usize, u32, Validity), Arc<UnitTree>)> {
    let mut files: HashMap<&VersionId, usize> = HashMap::new();
    for (file, (parsed, report)) in parsed.iter().zip(reports).enumerate() {
        if let (true, Outcome::Unchanged { version }) = (parsed.reads_again, &report.outcome) {
            files.entry(version).or_insert(file);
        }
    }
    if files.is_empty() {
        return Vec::new();
    }
    let closing = changes.iter().filter_map(|change| match change {
        Change::CloseVersion { version, from } => Some((version, *from)),
        _ => None,
    });
    let closed: HashMap<&VersionId, Date> = closing.collect();
    let again = |version: &KnownVersion| {
        let file = *files.get(&version.id)?;
        let before = version.validity?;
        let to = closed.get(&version.id).copied().or(before.to);
        let validity = Validity { to, ..before };
        let is_any = to.is_none_or(|to| before.from < to);
        is_any.then(|| ((file, version.ordinal, validity), tree_of(&parsed[file], version.ordinal)))
    };
    known.versions.iter().filter_map(again).collect()
}

/// Whether a change puts or removes a link.
pub(super) fn is_of_link(change: &Change) -> bool {
    matches!(change, Change::Put { row: Row::Link(_), .. } | Change::Delete { table: Table::Links, .. })
}

/// What makes the links of a known version those that it would get now: `links`. Its outcome is entered in the report.
pub(super) fn changes(
    version: &NewVersion,
    links: Vec<Link>,
    known: &Known<'_>,
    report: &mut ImportReport,
) -> Vec<Change> {
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
