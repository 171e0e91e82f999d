//! New texts among the versions that are known.

use std::collections::BTreeMap;
use std::sync::Arc;

use grounds::UnitTree;
use grounds::ingest::{
    DifferenceKind, EditKind, ImportReport, Known, KnownVersion, Outcome, Overrides, Parsed, diff, plan,
};
use grounds_core::{Batch, Change, Document, Link, Row, SourceKind, Table, Unit, UnitId, Validity, VersionId};

use super::support::{assert_batch_sound, read, read_with};

/// The least that a workspace is: what batches left behind.
#[derive(Default)]
struct Workspace {
    documents: Vec<Document>,
    versions: Vec<KnownVersion>,
    units: Vec<Unit>,
    links: BTreeMap<String, Link>,
}

impl Workspace {
    fn import(&mut self, files: Vec<Parsed>) -> (Batch, Vec<ImportReport>) {
        let units = self.units.clone();
        let versions = self.versions.clone();
        let look_up = move |document: &grounds_core::DocumentId, date: jiff::civil::Date| {
            let version = versions.iter().find(|version| {
                version.document == *document && version.validity.is_some_and(|validity| validity.contains(date))
            })?;
            let units = units.iter().filter(|unit| unit.version == version.id).cloned().collect();
            Some(Arc::new(UnitTree::new(units)))
        };
        let links = self.links.clone();
        let links_of =
            move |version: &VersionId| links.values().filter(|link| link.from_version == *version).cloned().collect();
        let (documents, versions) = (self.documents.clone(), self.versions.clone());
        let known = Known { documents, versions, units: &look_up, links: &links_of };
        let (batch, reports) = plan(files, &known).expect("the files go together");
        assert_batch_sound(&batch);
        for change in &batch.changes {
            self.apply(change);
        }
        (batch, reports)
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::Put { row: Row::Document(document), .. } => {
                self.documents.retain(|known| known.id != document.id);
                self.documents.push(document.clone());
            }
            Change::Put { row: Row::Version(version), validity } => self.versions.push(KnownVersion {
                id: version.id.clone(),
                document: version.document.clone(),
                ordinal: version.ordinal,
                validity: Some(*validity),
                text_hash: version.text_hash.clone(),
                original_hash: version.original_hash.clone(),
            }),
            Change::Put { row: Row::Unit(unit), .. } => self.units.push(unit.clone()),
            Change::Put { row: Row::Link(link), .. } => {
                self.links.insert(Row::Link(link.clone()).key(), link.clone());
            }
            Change::Delete { table: Table::Links, key, .. } => drop(self.links.remove(key)),
            Change::Put { .. } | Change::Delete { .. } => {}
            Change::CloseVersion { version, from } => {
                let known = self
                    .versions
                    .iter_mut()
                    .find(|known| known.id == *version)
                    .expect("only known versions are closed");
                let before = known.validity.expect("only versions in force are closed");
                known.validity = (before.from < *from).then_some(Validity { from: before.from, to: Some(*from) });
            }
        }
    }

    fn shown(&self) -> String {
        let show = |version: &KnownVersion| match version.validity {
            Some(validity) => format!("{} {validity}", version.id),
            None => format!("{} never", version.id),
        };
        self.versions.iter().map(show).collect::<Vec<_>>().join("\n")
    }
}

fn text(from: &str, words: &str) -> Parsed {
    read("code.md", &format!("---\ndocument: code\nshort: C\nin_force: {from}\n---\n### Article 1\n\n{words}\n"))
}

#[test]
fn a_changed_text_is_a_new_version_from_its_date_on() {
    let mut workspace = Workspace::default();
    let (_, reports) = workspace.import(vec![text("2015-01-01", "one")]);
    assert_eq!(reports[0].outcome, Outcome::New { version: VersionId("code@1".to_owned()) });
    let (_, reports) = workspace.import(vec![text("2019-01-01", "two")]);
    assert_eq!(reports[0].outcome, Outcome::NewVersion { version: VersionId("code@2".to_owned()) });
    assert_eq!(workspace.shown(), "code@1 2015-01-01 .. 2019-01-01 (exclusive)\ncode@2 2019-01-01 ..");
}

#[test]
fn the_same_bytes_again_change_nothing() {
    let mut workspace = Workspace::default();
    let files = || vec![text("2015-01-01", "one"), text("2019-01-01", "two")];
    workspace.import(files());
    let before = workspace.shown();
    let (batch, reports) = workspace.import(files());
    assert_eq!(batch, Batch::default());
    assert_eq!(workspace.shown(), before);
    assert_eq!(reports[0].outcome, Outcome::Unchanged { version: VersionId("code@1".to_owned()) });
    assert_eq!(reports[1].outcome, Outcome::Unchanged { version: VersionId("code@2".to_owned()) });
}

#[test]
fn what_is_read_again_is_corrected_where_it_is_divided_otherwise() {
    let mut workspace = Workspace::default();
    let file = "---\ndocument: code\ntitle: Code\nkind: reference\nlanguage: zh\nin_force: 2015-01-01\n---\n第一条　甲。\n\n第二条　乙。\n";
    // As a build that knows no such articles would have read it.
    workspace.import(vec![read("code.md", file)]);
    let regulation = |reads_again| {
        let kind = Some(SourceKind::Regulation);
        vec![read_with("code.md", file, &Overrides { kind, reads_again, ..Overrides::default() })]
    };
    let (_, reports) = workspace.import(regulation(false));
    assert_eq!(reports[0].outcome, Outcome::Unchanged { version: VersionId("code@1".to_owned()) });
    let (_, reports) = workspace.import(regulation(true));
    let (version, replaces) = (VersionId("code@2".to_owned()), VersionId("code@1".to_owned()));
    assert_eq!(reports[0].outcome, Outcome::Corrected { version: version.clone(), replaces });
    let (batch, reports) = workspace.import(regulation(true));
    assert_eq!((batch, &reports[0].outcome), (Batch::default(), &Outcome::Unchanged { version }));
}

#[test]
fn what_is_read_again_refers_to_acts_that_came_later() {
    let mut workspace = Workspace::default();
    let decision = |reads_again| {
        let text = "---\ndocument: case\ntitle: Case\nkind: precedent\nlanguage: en\nin_force: 2016-01-01\n---\nThat infringes Article 1 of the Hive Code.\n";
        vec![read_with("case.md", text, &Overrides { reads_again, ..Overrides::default() })]
    };
    workspace.import(decision(false));
    assert_eq!(workspace.links.len(), 0);
    let act = "---\ndocument: hives\ntitle: Hive Code\nkind: regulation\nlanguage: en\nin_force: 2015-01-01\n---\n## Article 1\n\nCount.\n";
    workspace.import(vec![read("hives.md", act)]);
    let version = VersionId("case@1".to_owned());
    let (batch, reports) = workspace.import(decision(false));
    assert_eq!((batch, &reports[0].outcome), (Batch::default(), &Outcome::Unchanged { version: version.clone() }));
    let (batch, reports) = workspace.import(decision(true));
    assert_eq!(reports[0].outcome, Outcome::Relinked { version: version.clone(), added: 1, removed: 0 });
    assert_eq!((batch.changes.len(), reports[0].links_resolved), (1, 1));
    let to: Vec<String> =
        workspace.links.values().map(|link| format!("{}:{}", link.to_document, link.to_unit)).collect();
    assert_eq!(to, ["hives:art_1"]);
    let (batch, reports) = workspace.import(decision(true));
    assert_eq!((batch, &reports[0].outcome), (Batch::default(), &Outcome::Unchanged { version: version.clone() }));
    // A text that ends in the same import is linked until then only.
    let mut later = Workspace::default();
    later.import(decision(false));
    let newer = "---\ndocument: case\ntitle: Case\nkind: precedent\nlanguage: en\nin_force: 2018-01-01\n---\nIt does no more.\n";
    let (batch, _) = later.import([decision(true), vec![read("case.md", newer), read("hives.md", act)]].concat());
    let link = batch.changes.iter().find_map(|change| match change {
        Change::Put { row: Row::Link(_), validity } => Some(*validity),
        _ => None,
    });
    assert_eq!(link.and_then(|validity| validity.to), Some(jiff::civil::date(2018, 1, 1)));
    // What an earlier build linked wrongly.
    let (key, wrong) = workspace.links.pop_first().expect("a link");
    workspace.links.insert(format!("{key}_"), Link { to_unit: UnitId("art_9".to_owned()), ..wrong });
    let (_, reports) = workspace.import(decision(true));
    assert_eq!(reports[0].outcome, Outcome::Relinked { version, added: 1, removed: 1 });
}

#[test]
fn a_back_filled_text_ends_where_the_next_begins() {
    let mut workspace = Workspace::default();
    workspace.import(vec![text("2015-01-01", "one")]);
    workspace.import(vec![text("2019-01-01", "three")]);
    workspace.import(vec![text("2017-01-01", "two"), text("2010-01-01", "zero")]);
    assert_eq!(
        workspace.shown(),
        "\
code@1 2015-01-01 .. 2017-01-01 (exclusive)
code@2 2019-01-01 ..
code@3 2010-01-01 .. 2015-01-01 (exclusive)
code@4 2017-01-01 .. 2019-01-01 (exclusive)"
    );
}

#[test]
fn another_text_from_the_same_day_is_a_correction() {
    let mut workspace = Workspace::default();
    workspace.import(vec![text("2015-01-01", "one"), text("2019-01-01", "two")]);
    let (batch, reports) = workspace.import(vec![text("2015-01-01", "won")]);
    assert_eq!(
        reports[0].outcome,
        Outcome::Corrected { version: VersionId("code@3".to_owned()), replaces: VersionId("code@1".to_owned()) }
    );
    assert_eq!(workspace.shown(), "code@1 never\ncode@2 2019-01-01 ..\ncode@3 2015-01-01 .. 2019-01-01 (exclusive)");
    let described = batch.changes.iter().any(|change| matches!(change, Change::Put { row: Row::Document(_), .. }));
    assert!(!described, "an older text does not describe the document");
}

#[test]
fn originals_are_kept_under_their_hash() {
    let (batch, _) = Workspace::default().import(vec![text("2015-01-01", "one")]);
    assert_eq!(batch.originals.len(), 1);
    assert_eq!(batch.originals[0].hash, blake3::hash(&batch.originals[0].bytes).to_hex().to_string());
    assert_eq!(batch.message, "import code@1");
}

#[test]
fn a_comparison_names_the_smallest_unit() {
    let law =
        |points: &str, more: &str| format!("Intro:\n\n(a) alpha;\n\n{points}\n\n### Article 2\n\n1. Same.\n\n{more}");
    let old = text("2015-01-01", &law("(b) beta gamma.", "2. Gone."));
    let new = text("2019-01-01", &law("(b) beta delta;\n\n(c) new.", "### Article 3\n\nNew.\n"));
    let units = |parsed: &Parsed| -> Vec<Unit> {
        let version = VersionId("code@1".to_owned());
        parsed
            .units
            .iter()
            .enumerate()
            .map(|(index, unit)| unit.to_unit(&parsed.document.id, &version, index as u32))
            .collect()
    };
    let differences = diff(&units(&old), &old.text, &units(&new), &new.text);
    let shown: Vec<String> = differences
        .iter()
        .map(|difference| {
            let kind = match difference.kind {
                DifferenceKind::Added => "+",
                DifferenceKind::Removed => "-",
                DifferenceKind::Changed => "~",
            };
            let edits = difference.edits.iter().map(|edit| match edit.kind {
                EditKind::Kept => edit.text.clone(),
                EditKind::Deleted => format!("[-{}-]", edit.text),
                EditKind::Inserted => format!("{{+{}+}}", edit.text),
            });
            format!(
                "{kind} {} in {}: {}",
                difference.pinpoint,
                difference.group_pinpoint,
                edits.collect::<Vec<_>>().join(" ")
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "~ art. 1(b) in art. 1: (b) beta [-gamma.-] {+delta;+}",
            "+ art. 1(c) in art. 1: {+(c) new.+}",
            "- art. 2(2) in art. 2: [-2. Gone.-]",
            "+ art. 3 in art. 3: {+Article 3 New.+}",
        ]
    );
    assert_eq!(diff(&units(&old), &old.text, &units(&old), &old.text), []);
}
