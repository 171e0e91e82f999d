//! What the tests of ingest share.

use std::collections::{BTreeMap, HashMap, HashSet};

use grounds::ingest::{ImportReport, Known, Overrides, Parsed, SourceFile, parse, plan};
use grounds_core::{Batch, Change, Link, PassageRow, Row, SourceKind, Span, UnitId};

/// Reads a file that is well-formed.
pub(crate) fn read(name: &str, text: &str) -> Parsed {
    read_with(name, text, &Overrides::default())
}

pub(crate) fn read_with(name: &str, text: &str, overrides: &Overrides) -> Parsed {
    let parsed = parse(&SourceFile { name, bytes: text.as_bytes() }, overrides)
        .unwrap_or_else(|error| panic!("{name} is well-formed: {error}"));
    assert_sound(&parsed);
    parsed
}

/// The error of a file that is not.
pub(crate) fn error(name: &str, bytes: &[u8]) -> String {
    parse(&SourceFile { name, bytes }, &Overrides::default()).expect_err("the file is malformed").to_string()
}

/// Overrides that say what kind of source a file is.
pub(crate) fn of_kind(kind: SourceKind) -> Overrides {
    Overrides { kind: Some(kind), language: Some("en".to_owned()), ..Overrides::default() }
}

/// An empty workspace.
pub(crate) fn nothing_known() -> Known<'static> {
    Known { documents: Vec::new(), versions: Vec::new(), units: &|_, _| None, links: &|_| Vec::new() }
}

/// Plans files for an empty workspace.
pub(crate) fn plan_new(parsed: Vec<Parsed>) -> (Batch, Vec<ImportReport>) {
    plan(parsed, &nothing_known()).unwrap_or_else(|error| panic!("the files go together: {error}"))
}

/// The units, one a line, indented by depth: kind, citation, heading.
pub(crate) fn outline(parsed: &Parsed) -> String {
    let mut depth_of: HashMap<&UnitId, usize> = HashMap::new();
    let mut lines = Vec::new();
    for unit in &parsed.units {
        let depth = unit.parent.as_ref().map_or(0, |parent| depth_of[parent] + 1);
        depth_of.insert(&unit.id, depth);
        let citation = if unit.pinpoint.is_empty() { "(root)" } else { unit.pinpoint.as_str() };
        let heading = if unit.heading.is_empty() { String::new() } else { format!(" \"{}\"", unit.heading) };
        lines.push(format!("{}{citation}{heading}", "  ".repeat(depth)));
    }
    lines.join("\n")
}

/// The text of the unit with this citation.
pub(crate) fn text_of<'p>(parsed: &'p Parsed, pinpoint: &str) -> &'p str {
    let unit = parsed.units.iter().find(|unit| unit.pinpoint == pinpoint);
    let unit = unit.unwrap_or_else(|| panic!("there is {pinpoint} in\n{}", outline(parsed)));
    unit.span.of(&parsed.text).expect("spans are inside the text")
}

pub(crate) fn links(batch: &Batch) -> Vec<Link> {
    let link = |change: &Change| match change {
        Change::Put { row: Row::Link(link), .. } => Some(link.clone()),
        _ => None,
    };
    batch.changes.iter().filter_map(link).collect()
}

pub(crate) fn passages(batch: &Batch) -> Vec<PassageRow> {
    let passage = |change: &Change| match change {
        Change::Put { row: Row::Passage(passage), .. } => Some(passage.clone()),
        _ => None,
    };
    batch.changes.iter().filter_map(passage).collect()
}

/// Checks what holds of every file that can be read.
pub(crate) fn assert_sound(parsed: &Parsed) {
    let Parsed { report, text, units, .. } = parsed;
    assert!(report.is_complete(), "every character of {} is accounted for", report.file);
    assert!(report.dropped.iter().all(|dropped| dropped.reason != "not recognised"), "{:?}", report.dropped);
    let visible = |text: &str| text.chars().filter(|character| !character.is_whitespace()).count();
    assert!(report.used + 1 >= visible(text).min(report.used + 1));
    let mut names = HashSet::new();
    let mut span_of: BTreeMap<&UnitId, (Span, u32)> = BTreeMap::new();
    assert_eq!(units[0].id, UnitId::root());
    assert_eq!(units[0].span, Span::new(0, text.len()));
    for unit in units {
        assert!(names.insert(&unit.id), "{} is there twice", unit.id);
        assert!(unit.span.of(text).is_some() && unit.body.of(text).is_some(), "{} has its text", unit.id);
        assert!(unit.span.contains(unit.body), "{} holds its body", unit.id);
        assert_eq!(unit.hash.len(), 64);
        if let Some(parent) = &unit.parent {
            let (span, last_end) =
                span_of.get_mut(parent).unwrap_or_else(|| panic!("{parent} comes before {}", unit.id));
            assert!(span.contains(unit.span), "{} lies inside {parent}", unit.id);
            assert!(*last_end <= unit.span.start, "{} comes after its siblings", unit.id);
            *last_end = unit.span.end;
        }
        span_of.insert(&unit.id, (unit.span, unit.span.start));
    }
}

/// Checks what holds of every batch.
pub(crate) fn assert_batch_sound(batch: &Batch) {
    let mut texts = HashMap::new();
    let mut keys = HashSet::new();
    for change in &batch.changes {
        let Change::Put { row, validity } = change else { continue };
        assert!(keys.insert((row.table(), row.key())), "{} is put twice", row.key());
        assert!(validity.to.is_none_or(|to| validity.from < to));
        match row {
            Row::Version(version) => {
                texts.insert(version.id.clone(), version.text.clone());
            }
            Row::Passage(passage) => {
                let text = passage.span.of(&texts[&passage.version]).expect("passages are inside their text");
                assert_eq!(text.trim(), text);
                assert!(!text.is_empty());
            }
            // Of a known text that is read again, only links are put.
            Row::Link(link) => {
                assert!(texts.get(&link.from_version).is_none_or(|text| link.span.of(text).is_some()));
            }
            _ => {}
        }
    }
}
