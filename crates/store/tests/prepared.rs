//! Large commits, whose passages are indexed while their rows are written, beside a store that builds its index afterwards.

use grounds_core::{Batch, Change, Span, TableChanges, TableId, Validity};
use grounds_store::{GenerationState, StoreConfig, StoreError};

use crate::support::{Workspace, batch, day, noon, passage, person, put_always, query, small_document, version};

/// Words of every kind of script, so that no two passages are alike.
fn documents(prefix: &str, count: usize) -> Vec<Change> {
    let mut changes = Vec::new();
    for number in 0..count {
        let language = if number % 3 == 0 { "zh" } else { "en" };
        let sentences: Vec<String> = (0..110)
            .map(|sentence| {
                format!(
                    "第{sentence}条 经营者应当报告{prefix}{number}。 The operators must report {sentence} breaches."
                )
            })
            .collect();
        let sentences: Vec<&str> = sentences.iter().map(String::as_str).collect();
        changes.extend(small_document(&format!("{prefix}-{number}"), language, &sentences));
    }
    changes
}

/// What both stores were told is in the index of the first, and found alike.
fn compare(prepared: &Workspace, plain: &Workspace, passage_count: u64) {
    let entries = |workspace: &Workspace| workspace.store.log().expect("read").last().map(|entry| entry.hash.clone());
    assert_eq!(entries(prepared), entries(plain));
    let status = prepared.store.generations().expect("read")[0];
    assert_eq!(status.state, GenerationState::Usable { behind_count: 0 });
    assert_eq!(status.row_count, passage_count);
    plain.store.seal().expect("sealed");
    for text in ["经营者应当报告", "operator reports 7", "第8条", "a3 title"] {
        let search = |workspace: &Workspace| {
            let reader = workspace.store.read_latest().expect("read");
            reader.search(&query(text), day(1)).expect("searched")
        };
        assert_eq!(search(prepared), search(plain), "{text}");
    }
    let examination = prepared.store.examine().expect("examined");
    assert_eq!(examination.sealed_passage_count as u64, passage_count);
    let derived: Vec<_> = examination.findings.iter().filter(|finding| finding.is_derived).collect();
    assert!(derived.is_empty(), "{derived:?}");
}

#[test]
fn what_is_indexed_while_rows_are_written_is_what_is_stored() {
    let config = |tail_passage_count_max| StoreConfig {
        tail_passage_count_max,
        seals_in_background: false,
        ..StoreConfig::new()
    };
    let (prepared, plain) = (Workspace::with(config(500)), Workspace::with(config(usize::MAX)));
    let both = |changes: &[Change]| {
        for workspace in [&prepared, &plain] {
            workspace.commit(changes.to_vec());
        }
    };
    both(&documents("a", 10));
    compare(&prepared, &plain, 1_100);

    // Refused after its passages were numbered: nothing of it may reach the index.
    let rows = vec![person(1, "nobody", Validity::always())];
    let tables = vec![TableChanges { table: TableId(77), rows }];
    let refused = Batch { tables, ..batch(documents("b", 10)) };
    for workspace in [&prepared, &plain] {
        let error = workspace.store.commit(&refused, noon()).expect_err("there is no such table");
        assert!(matches!(error, StoreError::UnknownTable { .. }), "{error}");
    }
    compare(&prepared, &plain, 1_100);

    // Passages that are indexed meanwhile, beside some of a document that is known, whose language the commit does not say.
    let text = "The operators may appeal.";
    let known = [version("a-1", 2, text), passage("a-1", 2, 0, Span::new(0, text.len()), "Appeals")].map(put_always);
    both(&documents("c", 10).into_iter().chain(known).collect::<Vec<_>>());
    compare(&prepared, &plain, 2_201);
}
