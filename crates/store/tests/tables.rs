//! Tables at random points of both time axes, against the model.

use grounds_core::{Change, DocumentId, MatterRow, Row, Snapshot, Table, UnitId, Validity, VersionId};
use grounds_store::{Reader, StoreConfig, Stored};
use proptest::prelude::*;

use crate::model::{DAY_COUNT, Model, State, Step, proptest_config, steps};
use crate::support::{Workspace, batch, day, document, noon, put, put_always, query, unit, version};

proptest! {
    #![proptest_config(proptest_config(48))]

    #[test]
    fn every_point_reads_as_the_model_says(steps in steps()) {
        let (workspace, model) = run(steps);
        for (snapshot, state) in model.snapshots.iter().enumerate() {
            let reader = workspace.store.read(Snapshot(snapshot as u64)).expect("the snapshot exists");
            compare(&reader, state);
        }
        let examination = workspace.store.examine().expect("examined");
        let findings: Vec<_> =
            examination.findings.iter().filter(|finding| !is_from_the_generator(&finding.what)).collect();
        prop_assert!(findings.is_empty(), "{:?}", findings);
    }
}

/// Random histories have parts without versions, and no originals.
fn is_from_the_generator(what: &str) -> bool {
    what.contains("which is not stored") || what.contains("an original is missing")
}

/// Runs a history on a store and on the model.
pub(crate) fn run(steps: Vec<Step>) -> (Workspace, Model) {
    let mut workspace = Workspace::new();
    let mut model = Model::new();
    for step in steps {
        match step {
            Step::Commit(changes) => {
                let snapshot = workspace.store.commit(&batch(changes.clone()), noon()).expect("a good batch");
                // Changes that undo each other may leave a row in other pieces than before, which is a snapshot, or as it was, which is none.
                let is_cut = model.are_undone(&changes) && snapshot.0 == model.snapshots.len() as u64;
                let expected = if is_cut { model.repeat() } else { model.commit(&changes) };
                assert_eq!(snapshot, Snapshot(expected));
            }
            Step::Seal => workspace.store.seal().expect("sealed"),
            Step::Search => {
                let reader = workspace.store.read(workspace.store.latest().expect("latest")).expect("it exists");
                reader.search(&query("notify"), day(3)).expect("searched");
            }
            Step::Reopen => workspace = workspace.reopened(StoreConfig::new()),
        }
    }
    (workspace, model)
}

/// The rows of `table` that hold on day `number`, in order of key.
pub(crate) fn on(state: &State, table: Table, number: u16) -> Vec<Row> {
    let rows = state.iter().filter(|((of, _), _)| *of == table);
    rows.filter_map(|(_, days)| days.get(&number).cloned()).collect()
}

fn latest(state: &State, table: Table, prefix: &str) -> Vec<Row> {
    let rows = state.iter().filter(|((of, key), _)| *of == table && key.starts_with(prefix));
    rows.filter_map(|(_, days)| days.values().next_back().cloned()).collect()
}

fn rows<T>(stored: Vec<Stored<T>>, row: impl Fn(T) -> Row) -> Vec<Row> {
    stored.into_iter().map(|stored| row(stored.row)).collect()
}

fn compare(reader: &Reader, state: &State) {
    for number in 0..DAY_COUNT {
        let documents = reader.documents(Some(day(number))).expect("read");
        assert_eq!(rows(documents, Row::Document), on(state, Table::Documents, number));
        for target in ["act", "act-b", "note"] {
            let target = DocumentId(target.to_owned());
            let links = reader.links_to(&target, &UnitId("art_1".to_owned()), day(number)).expect("read");
            let mut expected = on(state, Table::Links, number);
            expected.retain(|row| matches!(row, Row::Link(link) if link.to_document == target));
            assert_eq!(rows(links, Row::Link), expected);
            let in_force = reader.version_in_force(&target, day(number)).expect("read");
            let mut expected = on(state, Table::Versions, number);
            expected.retain(|row| matches!(row, Row::Version(version) if version.document == target));
            match in_force {
                Some(version) => assert!(expected.contains(&Row::Version(version.row))),
                None => assert!(expected.is_empty()),
            }
            let versions = reader.versions(&target).expect("read");
            assert!(versions.is_sorted_by_key(|version| version.validity));
            let on_day = versions.into_iter().filter(|version| version.validity.contains(day(number))).collect();
            let mut on_day = rows(on_day, Row::Version);
            on_day.sort_by_key(Row::key);
            assert_eq!(on_day, expected);
        }
    }
    for document in ["act", "act-b", "note"] {
        let document = DocumentId(document.to_owned());
        for ordinal in 1..3 {
            let id = VersionId::new(&document, ordinal);
            let version = reader.version(&id).expect("read").map(|stored| Row::Version(stored.row));
            let days = state.get(&(Table::Versions, id.0.clone()));
            assert_eq!(version, days.and_then(|days| days.values().next_back().cloned()));
            let prefix = format!("{id}/");
            let units = rows(reader.units(&id).expect("read"), Row::Unit);
            assert_eq!(units, latest(state, Table::Units, &prefix));
            assert_eq!(
                rows(reader.passages(&id).expect("read"), Row::Passage),
                latest(state, Table::Passages, &prefix)
            );
            assert_eq!(rows(reader.links_from(&id).expect("read"), Row::Link), latest(state, Table::Links, &prefix));
            for name in ["art_0", "art_1", "art_2"] {
                let found = reader.unit(&id, &UnitId(name.to_owned())).expect("read");
                let exists = state.iter().any(|((table, key), days)| {
                    let is_it = |row: &Row| matches!(row, Row::Unit(unit) if unit.id.0 == name);
                    *table == Table::Units && key.starts_with(&prefix) && days.values().any(is_it)
                });
                assert_eq!(found.is_some(), exists);
                assert!(found.is_none_or(|unit| unit.row.id.0 == name));
            }
        }
    }
}

#[test]
fn a_batch_that_changes_nothing_leaves_no_trace() {
    let workspace = Workspace::new();
    let first = workspace.commit(vec![put_always(document("act", "en", "Act"))]);
    assert_eq!(workspace.commit(vec![put_always(document("act", "en", "Act"))]), first);
    assert_eq!(workspace.commit(Vec::new()), first);
    let inside = Validity { from: day(3), to: Some(day(5)) };
    assert_eq!(workspace.commit(vec![put(document("act", "en", "Act"), inside)]), first);
    // A batch that undoes its own change.
    let there_and_back = vec![put_always(document("act", "en", "Other")), put_always(document("act", "en", "Act"))];
    assert_eq!(workspace.commit(there_and_back), first);
    assert_eq!(workspace.store.log().expect("log").len(), 1);
}

#[test]
fn an_empty_interval_is_refused_and_nothing_is_written() {
    let workspace = Workspace::new();
    let never = Validity { from: day(3), to: Some(day(3)) };
    let changes = vec![put_always(document("act", "en", "Act")), put(document("b", "en", "B"), never)];
    let error = workspace.store.commit(&batch(changes), noon()).expect_err("an empty interval");
    assert!(error.to_string().contains("valid on no day"), "{error}");
    assert_eq!(workspace.store.latest().expect("latest"), Snapshot(0));
}

#[test]
fn history_knows_only_what_its_snapshot_knew() {
    let workspace = Workspace::new();
    let matter = |source: &str| Row::Matter(MatterRow { name: "m".to_owned(), source: source.to_owned() });
    workspace.commit(vec![put_always(matter("one"))]);
    workspace.commit(vec![put(matter("two"), Validity::from(day(5)))]);
    let pieces = |snapshot: u64| {
        let reader = workspace.store.read(Snapshot(snapshot)).expect("it exists");
        let history = reader.history(Table::Matters, "m").expect("history");
        history.into_iter().map(|piece| (piece.known_from.0, piece.known_to.map(|to| to.0))).collect::<Vec<_>>()
    };
    assert_eq!(pieces(0), []);
    assert_eq!(pieces(1), [(1, None)]);
    assert_eq!(pieces(2), [(1, Some(2)), (2, None), (2, None)]);
    let reader = workspace.store.read(Snapshot(2)).expect("it exists");
    let json: Vec<String> =
        reader.history(Table::Matters, "m").expect("history").into_iter().map(|piece| piece.json).collect();
    assert!(json[0].contains("one") && json[1].contains("one") && json[2].contains("two"));
    assert_eq!(reader.matters().expect("matters").len(), 1);
    assert_eq!(reader.matters().expect("matters")[0].row.source, "two");
}

#[test]
fn closing_a_version_closes_its_parts_and_no_others() {
    let workspace = Workspace::new();
    // "act@1" must not reach "act@10".
    workspace.commit(vec![
        put_always(version("act", 1, "one")),
        put_always(unit("act", 1, 0, "root", "")),
        put_always(version("act", 10, "ten")),
        put_always(unit("act", 10, 0, "root", "")),
    ]);
    let act = DocumentId("act".to_owned());
    let closing = Change::CloseVersion { version: VersionId::new(&act, 1), from: day(4) };
    let snapshot = workspace.commit(vec![closing.clone()]);
    let reader = workspace.store.read(snapshot).expect("it exists");
    let ends = |ordinal: u32| {
        let units = reader.units(&VersionId::new(&act, ordinal)).expect("units");
        (
            units[0].validity.to,
            reader.version(&VersionId::new(&act, ordinal)).expect("read").expect("there").validity.to,
        )
    };
    assert_eq!(ends(1), (Some(day(4)), Some(day(4))));
    assert_eq!(ends(10), (None, None));
    assert_eq!(workspace.commit(vec![closing]), snapshot);
}

#[test]
fn rows_that_contradict_their_text_are_refused() {
    let workspace = Workspace::new();
    let Row::Version(mut wrong) = version("act", 1, "text") else { unreachable!("version() makes versions") };
    wrong.text_hash = "0".repeat(64);
    let error = workspace.store.commit(&batch(vec![put_always(Row::Version(wrong))]), noon());
    assert!(error.expect_err("a wrong hash").to_string().contains("BLAKE3"));
    let outside = crate::support::passage("act", 1, 0, grounds_core::Span::new(2, 9), "");
    let changes = vec![put_always(version("act", 1, "text")), put_always(outside)];
    let error = workspace.store.commit(&batch(changes), noon()).expect_err("a span outside");
    assert!(error.to_string().contains("span outside"), "{error}");
}
