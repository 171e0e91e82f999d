//! The workspace that fixtures of the format hold: small, and with something of everything; and its content as text.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::Path;

use grounds_core::{
    AnswerRow, Batch, Change, LinkKind, MatterRow, OriginalRow, Pin, Row, RuleFileRow, Snapshot, Span, Table,
    TableChanges, TableId, UnitId, Validity, VersionId,
};
use grounds_store::{KeyRange, KnownTime, RowPiece, Store, StoreConfig};
use jiff::civil::Date;

use crate::support::{batch, document, link, noon, passage, people, person, put, put_always, query, unit, version};

/// Two states of an act in English, a German and a Chinese act.
const FIRST: &str = "1. The operator shall notify a breach.\n2. Breaches are recorded for five years.";
const SECOND: &str = "1. The operator shall notify a breach within 72 hours.\n2. Breaches are recorded for ten years.";
const GERMAN: &str = "§ 1 Der Betreiber meldet jede Verletzung unverzüglich.";
const CHINESE: &str = "第一条 经营者应当及时报告数据泄露。";
/// What was searched for when the fixture was made.
const QUERIES: [&str; 4] = ["operator notify breach", "recorded years", "Betreiber Verletzung", "经营者 报告"];

/// The day on which the second state of the act begins to hold.
fn change_of_law() -> Date {
    Date::constant(2021, 7, 1)
}

/// Makes the workspace, closed when this returns.
pub(crate) fn make(directory: &Path) {
    let store = Store::create(directory, StoreConfig::new()).expect("a new workspace");
    let commit = |message: &str, originals: Vec<OriginalRow>, changes: Vec<Change>| {
        let batch = Batch { message: message.to_owned(), changes, originals, ..Batch::default() };
        store.commit(&batch, noon()).expect("a good batch")
    };
    let in_force = Validity::from(Date::constant(2018, 5, 25));
    commit("import the act", vec![original(b"original"), original(&[0, 159, 146, 150])], act(1, FIRST, in_force));
    let mut others =
        vec![put_always(document("gesetz", "de", "Meldegesetz")), put_always(version("gesetz", 1, GERMAN))];
    others.push(put_always(passage("gesetz", 1, 0, Span::new(0, GERMAN.len()), "Meldung")));
    others.push(put_always(document("fa", "zh", "数据安全法")));
    others.push(put_always(version("fa", 1, CHINESE)));
    others.push(put_always(passage("fa", 1, 0, Span::new(0, CHINESE.len()), "第一章")));
    commit("import two more", Vec::new(), others);
    let mut second = vec![Change::CloseVersion { version: VersionId("act@1".to_owned()), from: change_of_law() }];
    second.extend(act(2, SECOND, Validity::from(change_of_law())));
    commit("import the second state", Vec::new(), second);
    store.seal().expect("sealed");
    commit("add rules, a matter and an answer", Vec::new(), kept());
    commit("correct the matter for one year", Vec::new(), vec![put(matter("facts: none"), year_2020())]);
    let rows = vec![person(1, "first", Validity::always()), person(2, "only in 2020", year_2020())];
    let tables = vec![TableChanges { table: TableId(1), rows }];
    let declared =
        Batch { message: "declare a table".to_owned(), tables, ..batch(vec![put_always(Row::Table(people()))]) };
    store.commit(&declared, noon()).expect("a good batch");
    let tables = vec![TableChanges { table: TableId(1), rows: vec![person(1, "corrected", year_2020())] }];
    store
        .commit(&Batch { message: "correct a row".to_owned(), tables, ..batch(vec![]) }, noon())
        .expect("a good batch");
    commit("rename the act", Vec::new(), vec![put_always(document("act", "en", "The Notification Act"))]);
}

fn original(bytes: &[u8]) -> OriginalRow {
    OriginalRow { hash: blake3::hash(bytes).to_hex().to_string(), bytes: bytes.to_vec() }
}

fn year_2020() -> Validity {
    Validity { from: Date::constant(2020, 1, 1), to: Some(Date::constant(2021, 1, 1)) }
}

/// One state of the act: two paragraphs, each a unit and a passage, the second citing the first.
fn act(ordinal: u32, text: &str, validity: Validity) -> Vec<Change> {
    let end_of_first = text.find('\n').expect("two lines");
    let spans = [Span::new(0, end_of_first), Span::new(end_of_first + 1, text.len())];
    let mut rows = vec![document("act", "en", "Act on Notifications"), version("act", ordinal, text)];
    for (at, span) in (0..).zip(spans) {
        rows.push(unit("act", ordinal, at, &format!("art_{at}"), "Duties"));
        rows.push(passage("act", ordinal, at, span, "Duties"));
    }
    rows.push(link("act", ordinal, end_of_first + 2, "act", "art_0", LinkKind::Cites));
    rows.into_iter().map(|row| put(row, validity)).collect()
}

fn matter(source: &str) -> Row {
    Row::Matter(MatterRow { name: "late-notice".to_owned(), source: source.to_owned() })
}

fn kept() -> Vec<Change> {
    let pin = Pin {
        rule: "notify".to_owned(),
        document: grounds_core::DocumentId("act".to_owned()),
        version: VersionId("act@2".to_owned()),
        unit: UnitId("art_0".to_owned()),
        hash: blake3::hash(SECOND.as_bytes()).to_hex().to_string(),
        span: Span::new(3, 15),
    };
    let rules = RuleFileRow { name: "act.rules".to_owned(), source: "rule notify\n".to_owned(), pins: vec![pin] };
    let answer = AnswerRow {
        name: "0123456789abcdef".to_owned(),
        question: "When must a breach be notified?".to_owned(),
        verdict: "verified".to_owned(),
        json: "{\"claims\":[\"within 72 hours\"]}".to_owned(),
    };
    [Row::RuleFile(rules), matter("facts: late"), Row::Answer(answer)].into_iter().map(put_always).collect()
}

/// Everything a reader can see of the workspace, as text: the log, every key's history, rows and searches at points of both axes.
pub(crate) fn describe(store: &Store) -> String {
    let mut out = String::new();
    let log = store.log().expect("a whole log");
    for entry in &log {
        let _ = writeln!(
            out,
            "log {} {} {} {} {}",
            entry.snapshot, entry.at, entry.change_count, entry.message, entry.hash
        );
    }
    let latest = store.latest().expect("read");
    for bytes in [&b"original"[..], &[0, 159, 146, 150]] {
        let hash = blake3::hash(bytes).to_hex().to_string();
        let held = store.original(&hash).expect("read").is_some_and(|held| held == bytes);
        let _ = writeln!(out, "original {hash} {held}");
    }
    for snapshot in (1..=latest.0).map(Snapshot) {
        let reader = store.read(snapshot).expect("it exists");
        for (table, key) in [(Table::Documents, "act"), (Table::Versions, "act@1"), (Table::Matters, "late-notice")] {
            for piece in reader.history(table, key).expect("read") {
                let known_to = piece.known_to.map_or("still".to_owned(), |to| to.to_string());
                let hash = blake3::hash(piece.json.as_bytes()).to_hex();
                let (validity, known_from) = (piece.validity, piece.known_from);
                let _ = writeln!(out, "@{snapshot} {} {key} {validity} {known_from} {known_to} {hash}", table.name());
            }
        }
        for table in reader.tables().expect("read") {
            let mut visit = |piece: RowPiece| {
                let RowPiece { key, number, validity, known_from, known_to, cells } = piece;
                let _ = writeln!(
                    out,
                    "@{snapshot} {} {key:?} {number} {validity} {known_from} {known_to:?} {cells:?}",
                    table.name
                );
                Ok(ControlFlow::Continue(()))
            };
            reader.visit_rows(&table, KeyRange::All, KnownTime::All, &mut visit).expect("read");
        }
        for as_of in [Date::constant(2019, 1, 1), Date::constant(2020, 6, 1), change_of_law()] {
            for row in reader.documents(Some(as_of)).expect("read") {
                let _ = writeln!(out, "@{snapshot} {as_of} document {} {}", row.row.id, row.row.title);
            }
            for text in QUERIES {
                for hit in reader.search(&query(text), as_of).expect("searched").hits {
                    let (passage, score) = (&hit.passage.row, hit.score);
                    let _ = writeln!(
                        out,
                        "@{snapshot} {as_of} search {text}: {} {} {score:.6}",
                        passage.version, passage.pinpoint
                    );
                }
            }
        }
    }
    let examination = store.examine().expect("examined");
    for finding in &examination.findings {
        let _ = writeln!(out, "finding: {}: {}", finding.place, finding.what);
    }
    let (rows, originals) = (examination.row_count, examination.original_count);
    let _ = writeln!(out, "doctor: {rows} rows, {originals} originals, {} findings", examination.findings.len());
    out
}
