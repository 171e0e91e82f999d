//! The public data of `GROUNDS_DATA` (a folder with `gdpr/`), where it is there. None of it is part of the project.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use grounds::ingest::{Overrides, Parsed, SourceFile, diff, parse};
use grounds_core::{SourceKind, Unit, UnitKind, VersionId};

use super::support::{assert_batch_sound, assert_sound, of_kind, plan_new};

fn folder(name: &str) -> Option<PathBuf> {
    let data = std::env::var_os("GROUNDS_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let folder = data.join("gdpr").join(name);
    if !folder.is_dir() {
        println!("skipped: {} is not there; set GROUNDS_DATA to the folder that holds gdpr/", folder.display());
        return None;
    }
    Some(folder)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

fn import(path: &Path, overrides: &Overrides) -> Parsed {
    let bytes = std::fs::read(path).expect("the file can be read");
    let name = path.file_name().and_then(|name| name.to_str()).expect("names are UTF-8");
    let parsed = parse(&SourceFile { name, bytes: &bytes }, overrides).unwrap_or_else(|error| panic!("{error}"));
    assert_sound(&parsed);
    parsed
}

fn count(parsed: &Parsed, kind: UnitKind) -> usize {
    parsed.report.unit_counts.get(&kind).copied().unwrap_or(0)
}

#[test]
fn the_regulation_has_all_its_provisions() {
    let Some(folder) = folder("regulation") else { return };
    for name in ["gdpr-2016-en", "gdpr-2016-de", "gdpr-2016-fr", "gdpr-2018-consolidated-en"] {
        let parsed = import(&folder.join(format!("{name}.formex.xml")), &Overrides::default());
        let counts = [UnitKind::Article, UnitKind::Recital, UnitKind::Paragraph, UnitKind::Chapter]
            .map(|kind| count(&parsed, kind));
        assert_eq!(counts, [99, 173, 372, 11], "{name}");
    }
}

#[test]
fn the_corrected_provisions_are_found_and_no_others() {
    let Some(folder) = folder("regulation") else { return };
    let read = |name: &str| import(&folder.join(name), &Overrides::default());
    let (old, new) = (read("gdpr-2016-en.formex.xml"), read("gdpr-2018-consolidated-en.formex.xml"));
    assert_eq!(old.document.id, new.document.id);
    assert_eq!(new.valid_from.to_string(), "2018-05-23");
    let units = |parsed: &Parsed| -> Vec<Unit> {
        let version = VersionId("x@1".to_owned());
        parsed
            .units
            .iter()
            .enumerate()
            .map(|(index, unit)| unit.to_unit(&parsed.document.id, &version, index as u32))
            .collect()
    };
    let differences = diff(&units(&old), &old.text, &units(&new), &new.text);
    let groups: BTreeSet<&str> = differences.iter().map(|difference| difference.group_pinpoint.as_str()).collect();
    let expected = [
        "art. 37",
        "art. 41",
        "art. 42",
        "art. 43",
        "art. 57",
        "art. 64",
        "art. 65",
        "art. 69",
        "art. 70",
        "recital 71",
        // The consolidated text leaves out place, date and signatures.
        "final",
    ];
    assert_eq!(groups, BTreeSet::from(expected));
}

#[test]
fn every_character_of_every_file_is_accounted_for() {
    let mut parsed = Vec::new();
    for (name, kind) in [
        ("regulation", None),
        ("decisions", Some(SourceKind::Precedent)),
        ("judgments", Some(SourceKind::Interpretation)),
        ("guides", Some(SourceKind::Interpretation)),
    ] {
        let Some(folder) = folder(name) else { return };
        let overrides = kind.map(of_kind).unwrap_or_default();
        parsed.extend(files(&folder).iter().map(|path| import(path, &overrides)));
    }
    let file_count = parsed.len();
    let (batch, reports) = plan_new(parsed);
    assert_batch_sound(&batch);
    assert_eq!(reports.len(), file_count);
    let of_regulation = reports.iter().find(|report| report.file == "gdpr-2016-en.formex.xml").expect("the regulation");
    assert_eq!(of_regulation.unresolved_references, []);
    assert!(of_regulation.links_resolved > 700, "{} links", of_regulation.links_resolved);
}
