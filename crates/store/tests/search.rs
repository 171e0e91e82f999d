//! Search at random points of both time axes, against a fresh store with only what is visible there.

use std::collections::BTreeMap;

use grounds_core::{Row, Snapshot, Table, VersionId};
use grounds_store::{Reader, StoreConfig, StoreError, TextHit, TextQuery, TextResult};
use proptest::prelude::*;

use crate::model::{DAY_COUNT, PRINCIPALS, State, labels_of, proptest_config, steps};
use crate::naive;
use crate::support::{Workspace, day, document, passage, put_always, query, small_document, version};
use crate::tables::{on, run};

proptest! {
    #![proptest_config(proptest_config(32))]

    #[test]
    fn the_past_is_ranked_as_a_fresh_index_would(
        steps in steps(),
        points in proptest::collection::vec((0..DAY_COUNT, any::<prop::sample::Index>()), 4),
        text in prop::sample::select(vec![
            "must the operator notify breaches of data", "fine", "authority hours penalty record plan", "act title nothing",
        ]),
    ) {
        let (workspace, model) = run(steps);
        for (number, at) in points {
            let snapshot = at.index(model.snapshots.len());
            let reader = workspace.store.read(Snapshot(snapshot as u64)).expect("it exists");
            let state = &model.snapshots[snapshot];
            let found = compare_with_fresh(&reader, number, &query(text), &fresh(state, number, None));
            for name in PRINCIPALS {
                let reader = workspace.store.read(Snapshot(snapshot as u64)).expect("it exists");
                let is_known = !on(&model.snapshots[snapshot], Table::Principals, 0).is_empty();
                let reader = match reader.for_principal(name) {
                    Ok(reader) => reader,
                    Err(error) => {
                        let is_unknown = matches!(error, StoreError::UnknownPrincipal { .. });
                        prop_assert!(!is_known && is_unknown);
                        continue;
                    }
                };
                compare_with_fresh(&reader, number, &query(text), &fresh(state, number, Some(labels_of(name))));
            }
            let naive = naive::ranking(&model.snapshots[snapshot], number, text);
            prop_assert_eq!(found.hits.len(), naive.len());
            let scores: BTreeMap<String, f64> = naive.iter().cloned().collect();
            for (hit, (_, score)) in found.hits.iter().zip(&naive) {
                // Passages whose scores differ only by rounding may change places.
                prop_assert!((hit.score - score).abs() < 1e-9);
                prop_assert!((hit.score - scores[&Row::Passage(hit.passage.row.clone()).key()]).abs() < 1e-9);
            }
            // The same again from the caches, and after a seal.
            prop_assert_eq!(&reader.search(&query(text), day(number)).expect("searched"), &found);
            workspace.store.seal().expect("sealed");
            prop_assert_eq!(&reader.search(&query(text), day(number)).expect("searched"), &found);
        }
    }
}

proptest! {
    #![proptest_config(proptest_config(48))]

    /// With lists of places and a second thread, with what was kept of earlier searches, and for few hits as for all: what words of passages in memory give.
    #[test]
    fn shorter_ways_lead_to_the_same_hits(
        texts in proptest::collection::vec(proptest::collection::vec("[数据保护法国人网]{1,14}( data)?", 1..6), 1..16),
        later in proptest::collection::vec("[数据保护法国人网]{1,14}", 0..2),
        questions in proptest::collection::vec("[数据保护法国人网]{1,9}( data)?", 1..4),
        pair_cache_bytes_max in proptest::sample::select(vec![0, 1 << 10, StoreConfig::PAIR_CACHE_BYTES_MAX]),
    ) {
        let plain = Workspace::with(StoreConfig { divided_passage_count_min: usize::MAX, ..StoreConfig::new() });
        let short = Workspace::with(StoreConfig { divided_passage_count_min: 0, pair_cache_bytes_max, ..StoreConfig::new() });
        let commit = |name: String, sentences: &[String]| {
            let sentences: Vec<&str> = sentences.iter().map(String::as_str).collect();
            plain.commit(small_document(&name, "zh", &sentences));
            short.commit(small_document(&name, "zh", &sentences));
        };
        for (at, sentences) in texts.iter().enumerate() {
            commit(format!("d{at}"), sentences);
        }
        short.store.seal().expect("sealed");
        if !later.is_empty() {
            commit("later".to_owned(), &later);
        }
        let whole = questions.join("。");
        let queries: Vec<TextQuery> = std::iter::once(&whole).chain(&questions).map(|text| query(text)).collect();
        let results = |workspace: &Workspace, queries: &[TextQuery]| {
            let reader = workspace.store.read(workspace.store.latest().expect("latest")).expect("it exists");
            reader.search_each(queries, day(0)).expect("searched")
        };
        let expected: Vec<TextResult> = results(&plain, &queries);
        prop_assert_eq!(&results(&short, &queries), &expected);
        for hit_count in [1, 3, 100] {
            let few: Vec<TextQuery> =
                queries.iter().map(|query| TextQuery { passage_count_max: hit_count, ..query.clone() }).collect();
            for (found, all) in results(&short, &few).iter().zip(&expected) {
                prop_assert_eq!(&found.hits[..], &all.hits[..hit_count.min(all.hits.len())]);
            }
        }
    }
}

/// A store holding only the visible rows; to whoever holds `held`, or to the owner.
fn fresh(state: &State, number: u16, held: Option<&[&str]>) -> Workspace {
    let mut documents = on(state, Table::Documents, number);
    documents.retain(|row| {
        let Row::Document(document) = row else { return false };
        held.is_none_or(|held| {
            !document.labels.is_empty() && document.labels.iter().all(|label| held.contains(&label.as_str()))
        })
    });
    let versions: Vec<Row> = on(state, Table::Versions, number)
        .into_iter()
        .filter(|row| matches!(row, Row::Version(version) if documents.iter().any(|document| document.key() == version.document.0)))
        .collect();
    let passages: Vec<Row> = on(state, Table::Passages, number)
        .into_iter()
        .filter(|row| matches!(row, Row::Passage(passage) if versions.iter().any(|version| version.key() == passage.version.0)))
        .collect();
    let fresh = Workspace::new();
    fresh.commit(documents.into_iter().chain(versions).chain(passages).map(put_always).collect());
    fresh
}

/// Checks that `reader` finds on a day what a store holding only the visible rows finds.
fn compare_with_fresh(reader: &Reader, number: u16, query: &TextQuery, fresh: &Workspace) -> TextResult {
    let of_fresh = fresh.store.read(fresh.store.latest().expect("latest")).expect("it exists");
    let found = reader.search(query, day(number)).expect("searched");
    compare(&found, &of_fresh.search(query, day(0)).expect("searched"));
    let places = reader.word_places(query, day(number)).expect("looked up");
    assert_eq!(places, of_fresh.word_places(query, day(0)).expect("looked up"));
    let passages: Vec<(VersionId, u32)> =
        found.hits.iter().map(|hit| (hit.passage.row.version.clone(), hit.passage.row.ordinal)).collect();
    let numbered = reader.passage_places(day(number), &passages).expect("looked up");
    assert_eq!(numbered, of_fresh.passage_places(day(0), &passages).expect("looked up"));
    // What has a word in its text or headings is a hit that matches it.
    let number_of: BTreeMap<u32, &TextHit> = numbered.iter().flatten().copied().zip(&found.hits).collect();
    for word in places {
        assert!(word.places.is_sorted() && word.places.len() as u64 == word.statistics.document_frequency);
        let matches = |place: &u32| number_of[place].matched.contains(&word.statistics.surface);
        assert!(word.places.iter().all(matches));
    }
    found
}

fn compare(found: &TextResult, fresh: &TextResult) {
    assert_eq!(found.passage_count, fresh.passage_count);
    assert_eq!(found.terms, fresh.terms);
    let short = |result: &TextResult| {
        let hits = result.hits.iter();
        hits.map(|hit| (hit.passage.row.clone(), hit.score.to_bits(), hit.matched.clone())).collect::<Vec<_>>()
    };
    assert_eq!(short(found), short(fresh));
}

fn search(workspace: &Workspace, query: &TextQuery) -> TextResult {
    let reader = workspace.store.read(workspace.store.latest().expect("latest")).expect("it exists");
    reader.search(query, day(0)).expect("searched")
}

fn keys(result: &TextResult) -> Vec<String> {
    result.hits.iter().map(|hit| Row::Passage(hit.passage.row.clone()).key()).collect()
}

#[test]
fn the_score_is_bm25f_computed_by_hand() {
    let workspace = Workspace::new();
    workspace.commit(vec![
        put_always(document("a", "und", "Alpha")),
        put_always(version("a", 1, "red blue blue\ngreen")),
        put_always(passage("a", 1, 0, grounds_core::Span::new(0, 13), "")),
        put_always(passage("a", 1, 1, grounds_core::Span::new(14, 19), "blue")),
    ]);
    let result = search(&workspace, &query("blue"));
    // N = 2, df = 2; text lengths 3 and 1 (average 2), headings 0 and 1 (average 0.5).
    let idf = (1.0_f64 + 0.5 / 2.5).ln();
    let score = |frequency: f64| idf * frequency * 1.8 / (0.8 + frequency);
    let in_text = 2.0 / (0.4 + 0.6 * 3.0 / 2.0);
    let first = score(in_text);
    // The second has it in its heading, and in the passage before it.
    let second = score(0.35 / (0.4 + 0.6 * 1.0 / 0.5) + 0.1 * in_text);
    let of_document = 0.4 * (first + second) / 5.0;
    let (first, second) = (first + of_document + 0.15 * second, second + of_document + 0.15 * first);
    assert_eq!(keys(&result), ["a@1/00000000", "a@1/00000001"]);
    assert!((result.hits[0].score - first).abs() < 1e-12);
    assert!((result.hits[1].score - second).abs() < 1e-12);
    assert_eq!(result.terms.len(), 1);
    assert!((result.terms[0].idf - idf).abs() < 1e-12);
}

#[test]
fn filters_choose_hits_and_leave_scores_alone() {
    let workspace = Workspace::new();
    let mut changes = small_document("a", "en", &["the operator must notify", "a plan"]);
    changes.extend(small_document("b", "en", &["operators notify the authority"]));
    workspace.commit(changes);
    let all = search(&workspace, &query("Who must notify?"));
    assert_eq!(keys(&all), ["a@1/00000000", "b@1/00000000"]);
    assert_eq!(all.hits[0].matched, ["must", "notify"]);
    let only_b = TextQuery { documents: vec![grounds_core::DocumentId("b".to_owned())], ..query("Who must notify?") };
    let filtered = search(&workspace, &only_b);
    assert_eq!(filtered.hits, all.hits[1..]);
    assert_eq!(filtered.terms, all.terms);
    let other_kind = TextQuery { kinds: vec![grounds_core::SourceKind::Precedent], ..query("notify") };
    assert!(search(&workspace, &other_kind).hits.is_empty());
    assert_eq!(search(&workspace, &TextQuery { passage_count_max: 1, ..query("notify") }).hits.len(), 1);
    assert!(search(&workspace, &TextQuery { passage_count_max: 0, ..query("notify") }).hits.is_empty());
}

#[test]
fn ties_are_broken_by_version_and_position() {
    let workspace = Workspace::new();
    let mut changes = small_document("b", "en", &["same words", "same words"]);
    changes.extend(small_document("a-b", "en", &["same words"]));
    changes.extend(small_document("a", "en", &["same words"]));
    workspace.commit(changes);
    // A document with two such passages is more about them.
    let ordered = ["b@1/00000000", "b@1/00000001", "a-b@1/00000000", "a@1/00000000"];
    assert_eq!(keys(&search(&workspace, &query("words"))), ordered);
    workspace.store.seal().expect("sealed");
    assert_eq!(keys(&search(&workspace, &query("words"))), ordered);
}

#[test]
fn each_document_is_searched_in_its_own_language() {
    let workspace = Workspace::new();
    let mut changes = small_document("en", "en", &["the operator notifies breaches"]);
    changes.extend(small_document("de", "de", &["die Meldungen der Betreiber"]));
    changes.extend(small_document("zh", "zh", &["数据保护法", "网络安全"]));
    workspace.commit(changes);
    for sealed in [false, true] {
        if sealed {
            workspace.store.seal().expect("sealed");
        }
        assert_eq!(keys(&search(&workspace, &query("breach"))), ["en@1/00000000"]);
        assert_eq!(keys(&search(&workspace, &query("Meldung"))), ["de@1/00000000"]);
        assert_eq!(keys(&search(&workspace, &query("数据"))), ["zh@1/00000000"]);
        let unknown = search(&workspace, &query("breach zebra"));
        assert_eq!(unknown.terms[1].document_frequency, 0);
    }
}

#[test]
fn neighbours_rank_higher_in_index_and_memory_alike() {
    let workspace = Workspace::new();
    let mut changes = small_document("a", "en", &["of data the breach, notified late", "a breach of data is notified"]);
    changes.extend(small_document("b", "zh", &["护卫数据", "数据保护。法", "保护数据法"]));
    workspace.commit(changes);
    let texts = ["breach of data", "数据保护", "数据法", "data 数据"];
    let before = texts.map(|text| search(&workspace, &query(text)));
    assert_eq!(keys(&before[0])[..2], ["a@1/00000001", "a@1/00000000"]);
    assert_eq!(keys(&before[1])[0], "b@1/00000001");
    // Punctuation divides characters: in the second passage these three do not follow each other.
    assert_eq!(keys(&before[2])[0], "b@1/00000002");
    let surfaces: Vec<&str> = before[2].terms.iter().map(|term| term.surface.as_str()).collect();
    assert_eq!(surfaces, ["数据", "据法"]);
    workspace.store.seal().expect("sealed");
    for (text, before) in texts.iter().zip(&before) {
        assert_eq!(&search(&workspace, &query(text)), before);
    }
}

#[test]
fn a_corrected_language_or_title_changes_only_later_snapshots() {
    let workspace = Workspace::new();
    let first = workspace.commit(small_document("a", "und", &["breaches of duty"]));
    workspace.store.seal().expect("sealed");
    let second = workspace.commit(vec![put_always(document("a", "en", "Renamed statute"))]);
    let count = |snapshot: Snapshot, text: &str| {
        let reader = workspace.store.read(snapshot).expect("it exists");
        reader.search(&query(text), day(0)).expect("searched").hits.len()
    };
    assert_eq!((count(first, "breach"), count(second, "breach")), (0, 1));
    assert_eq!((count(first, "statutes"), count(second, "statutes")), (0, 1));
    assert_eq!((count(first, "title"), count(second, "title")), (1, 0));
}

#[test]
fn nothing_visible_still_reports_the_words() {
    let workspace = Workspace::new();
    let reader = workspace.store.read(Snapshot(0)).expect("it exists");
    let result = reader.search(&TextQuery { language: Some("en".to_owned()), ..query("the breach") }, day(0));
    let result = result.expect("searched");
    assert_eq!(result.passage_count, 0);
    assert_eq!(result.terms.len(), 1);
    assert_eq!(result.terms[0].surface, "breach");
}

#[test]
fn a_long_tail_is_sealed_by_the_commit_that_makes_it_long() {
    let config = StoreConfig { tail_passage_count_max: 2, seals_in_background: false, ..StoreConfig::new() };
    let workspace = Workspace::with(config);
    let current = workspace.directory().join("text/current");
    workspace.commit(small_document("a", "en", &["one breach", "two breaches"]));
    assert!(!current.exists());
    workspace.commit(small_document("b", "en", &["three breaches"]));
    assert!(current.exists());
    let before = search(&workspace, &query("breach"));
    assert_eq!(before.hits.len(), 3);
    // Deleted: built again by the search that needs it.
    let workspace = {
        let directory = workspace.directory();
        std::fs::remove_dir_all(directory.join("text")).expect("removed");
        workspace.reopened(StoreConfig { tail_passage_count_max: 2, seals_in_background: false, ..StoreConfig::new() })
    };
    assert_eq!(search(&workspace, &query("breach")), before);
    assert!(current.exists());
}

#[test]
fn sealing_again_takes_over_the_generation_before_and_removes_it() {
    let workspace = Workspace::new();
    workspace.commit(small_document("a", "en", &["one breach", "two breaches"]));
    workspace.store.seal().expect("sealed");
    workspace.commit(small_document("b", "de", &["three breaches"]));
    workspace.store.seal().expect("sealed");
    let text = workspace.directory().join("text");
    let mut names: Vec<_> =
        std::fs::read_dir(&text).expect("listed").flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    assert_eq!(names, ["2", "current"]);
    let current = std::fs::read_to_string(text.join("current")).expect("read");
    assert!(current.contains("\"document_count\": 3"), "{current}");
    let workspace = workspace.reopened(StoreConfig::new());
    let examination = workspace.store.examine().expect("examined");
    assert_eq!(examination.sealed_passage_count, 3);
    assert!(examination.findings.iter().all(|finding| !finding.is_derived));
}
