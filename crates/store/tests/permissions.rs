//! What a principal sees equals what a store without the hidden documents shows, and every denial is kept.

use std::io::Write;

use grounds_core::{Change, DocumentId, LinkKind, Row, Snapshot, Table, UnitId, VersionId};
use grounds_store::{Denial, DeniedKind, Reader, StoreConfig, StoreError};

use crate::support::{
    Workspace, day, document, labelled, link, principal, put_always, query, small_document, unit, version,
};

/// A small document with labels, two units and a link to another document.
fn labelled_document(id: &str, labels: &[&str], to: &str, sentences: &[&str]) -> Vec<Change> {
    let mut changes = small_document(id, "en", sentences);
    changes[0] = put_always(labelled(document(id, "en", &format!("Title of {id}")), labels));
    changes.push(put_always(unit(id, 1, 0, "root", "")));
    changes.push(put_always(unit(id, 1, 1, "art_1", "Duty")));
    changes.push(put_always(link(id, 1, 0, to, "art_1", LinkKind::Cites)));
    changes
}

/// One commit with what the clerk may see and the clerk; a second with what is hidden, where `with_hidden`.
fn workspace(with_hidden: bool) -> Workspace {
    let workspace = Workspace::new();
    let mut changes = labelled_document("open", &["staff"], "open", &["the operator must notify", "a plan"]);
    changes.push(put_always(principal("clerk", &["staff"])));
    changes.push(put_always(principal("judge", &["bench", "staff"])));
    if with_hidden {
        changes.extend(labelled_document("secret", &["bench", "staff"], "open", &["notify the secret authority"]));
        changes.extend(labelled_document("bare", &[], "secret", &["notify nobody, operator"]));
        changes.push(put_always(link("open", 1, 2, "secret", "art_1", LinkKind::Cites)));
    }
    workspace.commit(changes);
    workspace
}

fn as_seen_by(workspace: &Workspace, name: &str) -> Reader {
    let reader = workspace.store.read(workspace.store.latest().expect("latest")).expect("it exists");
    reader.for_principal(name).expect("a principal")
}

/// Everything the public methods of a reader return, as text.
fn everything(reader: &Reader) -> String {
    let mut out = String::new();
    let mut add = |part: String| out.push_str(&format!("{part}\n"));
    add(format!("{:?}", reader.documents(None).expect("read")));
    add(format!("{:?}", reader.documents(Some(day(0))).expect("read")));
    add(format!("{:?}", reader.rule_files(None).expect("read")));
    add(format!("{:?}", reader.matters().expect("read")));
    add(format!("{:?}", reader.answers().expect("read")));
    for id in ["open", "secret", "bare", "absent"] {
        let document = DocumentId(id.to_owned());
        let version = VersionId::new(&document, 1);
        let article = UnitId("art_1".to_owned());
        add(format!("{:?}", reader.document(&document).expect("read")));
        add(format!("{:?}", reader.versions(&document).expect("read")));
        add(format!("{:?}", reader.version(&version).expect("read")));
        add(format!("{:?}", reader.version_in_force(&document, day(0)).expect("read")));
        add(format!("{:?}", reader.units(&version).expect("read")));
        add(format!("{:?}", reader.unit(&version, &article).expect("read")));
        add(format!("{:?}", reader.links_from(&version).expect("read")));
        add(format!("{:?}", reader.links_to(&document, &article, day(0)).expect("read")));
        add(format!("{:?}", reader.passages(&version).expect("read")));
        for table in Table::ALL {
            for key in [id.to_owned(), version.0.clone(), format!("{version}/00000000")] {
                add(format!("{:?}", reader.history(table, &key).expect("read")));
            }
        }
        let mut only = query("operator notify");
        only.documents.push(document);
        add(format!("{:?}", reader.search(&only, day(0)).expect("searched")));
    }
    for words in ["operator must notify", "secret authority", "nobody", "title of bare"] {
        add(format!("{:?}", reader.search(&query(words), day(0)).expect("searched")));
    }
    out
}

#[test]
fn a_principal_sees_what_a_store_without_the_hidden_would_show() {
    let (with, without) = (workspace(true), workspace(false));
    assert_eq!(everything(&as_seen_by(&with, "clerk")), everything(&as_seen_by(&without, "clerk")));
    with.store.seal().expect("sealed");
    without.store.seal().expect("sealed");
    assert_eq!(everything(&as_seen_by(&with, "clerk")), everything(&as_seen_by(&without, "clerk")));
    assert_eq!(as_seen_by(&with, "judge").documents(None).expect("read").len(), 2);
    assert_eq!(as_seen_by(&with, "judge").search(&query("notify"), day(0)).expect("searched").passage_count, 3);
}

#[test]
fn nobody_unknown_reads_and_nobody_reads_as_somebody_else() {
    let workspace = workspace(true);
    let read = || workspace.store.read(Snapshot(1)).expect("it exists");
    assert!(matches!(read().for_principal("thief"), Err(StoreError::UnknownPrincipal { .. })));
    assert!(as_seen_by(&workspace, "clerk").for_principal("judge").is_err());
    let before = workspace.store.read(Snapshot(0)).expect("it exists");
    assert!(before.for_principal("clerk").is_err(), "not yet a principal at that snapshot");
    let names: Vec<_> = workspace.store.denials().expect("read").into_iter().map(|denial| denial.principal).collect();
    assert_eq!(names, ["thief", "judge", "clerk"]);
}

#[test]
fn labels_count_as_they_were_at_the_snapshot() {
    let workspace = workspace(true);
    let granted = workspace.commit(vec![put_always(principal("clerk", &["bench", "staff"]))]);
    let hidden = workspace.commit(vec![put_always(labelled(document("open", "en", "Title of open"), &["bench", "x"]))]);
    let count = |snapshot: Snapshot| {
        let reader = workspace.store.read(snapshot).expect("it exists").for_principal("clerk").expect("a principal");
        let documents = reader.documents(None).expect("read");
        (documents.len(), reader.search(&query("notify"), day(0)).expect("searched").hits.len())
    };
    assert_eq!((count(Snapshot(1)), count(granted), count(hidden)), ((1, 1), (2, 2), (1, 1)));
    let gone =
        Change::Delete { table: Table::Principals, key: "clerk".into(), validity: grounds_core::Validity::always() };
    let gone = workspace.commit(vec![gone]);
    assert!(workspace.store.read(gone).expect("it exists").for_principal("clerk").is_err());
}

#[test]
fn denials_are_kept_once_for_each_reader_and_make_no_snapshot() {
    let workspace = workspace(true);
    let before = workspace.store.latest().expect("latest");
    let secret = DocumentId("secret".to_owned());
    let reader = as_seen_by(&workspace, "clerk");
    for _ in 0..3 {
        assert_eq!(reader.document(&secret).expect("read"), None);
        assert_eq!(reader.document(&DocumentId("absent".to_owned())).expect("read"), None);
    }
    assert_eq!(reader.version(&VersionId::new(&secret, 1)).expect("read"), None);
    reader
        .note_unknown_document("Title of BARE", |document| document.title.eq_ignore_ascii_case("title of bare"))
        .expect("noted");
    drop(reader);
    let denial = |kind, name: &str| Denial { principal: "clerk".into(), kind, name: name.into(), snapshot: before };
    let expected = [
        denial(DeniedKind::Document, "secret"),
        denial(DeniedKind::Version, "secret@1"),
        denial(DeniedKind::Document, "Title of BARE"),
    ];
    assert_eq!(workspace.store.denials().expect("read"), expected);
    assert_eq!(workspace.store.latest().expect("latest"), before);
    let workspace = workspace.reopened(StoreConfig::new());
    assert_eq!(workspace.store.denials().expect("read"), expected);
    assert_eq!(as_seen_by(&workspace, "clerk").document(&secret).expect("read"), None);
    assert_eq!(workspace.store.denials().expect("read").len(), 4);
}

#[test]
fn a_torn_denial_is_cut_and_a_changed_one_is_damage() {
    let workspace = workspace(true);
    let path = workspace.directory().join("denials");
    let ask = |workspace: &Workspace, id: &str| as_seen_by(workspace, "clerk").document(&DocumentId(id.to_owned()));
    ask(&workspace, "secret").expect("read");
    std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(b"0123 [{\"prin"))
        .expect("torn");
    let workspace = workspace.reopened(StoreConfig::new());
    assert_eq!(workspace.store.denials().expect("read").len(), 1);
    ask(&workspace, "bare").expect("read");
    assert_eq!(workspace.store.denials().expect("read").len(), 2);
    let written = std::fs::read_to_string(&path).expect("read").replacen("secret", "sacred", 1);
    std::fs::write(&path, written).expect("written");
    let workspace = workspace.reopened(StoreConfig::new());
    assert!(matches!(workspace.store.denials(), Err(StoreError::Corrupt { .. })));
    assert!(
        matches!(ask(&workspace, "bare"), Err(StoreError::Corrupt { .. })),
        "what cannot be recorded is not answered"
    );
    let findings = workspace.store.examine().expect("examined").findings;
    assert!(findings.iter().any(|finding| finding.place.contains("denials line 1")), "{findings:?}");
}

#[test]
fn what_has_no_document_is_seen_by_the_owner_alone() {
    let workspace = Workspace::new();
    workspace.commit(vec![
        put_always(version("orphan", 1, "words")),
        put_always(principal("clerk", &["staff"])),
        put_always(labelled(document("open", "en", "Open"), &["staff"])),
        put_always(version("open", 1, "words")),
        put_always(link("open", 1, 0, "elsewhere", "art_1", LinkKind::Cites)),
    ]);
    let reader = as_seen_by(&workspace, "clerk");
    assert_eq!(reader.version(&VersionId("orphan@1".to_owned())).expect("read"), None);
    assert!(reader.links_from(&VersionId("open@1".to_owned())).expect("read").is_empty());
    let rows = reader.documents(None).expect("read").into_iter().map(|stored| Row::Document(stored.row).key());
    assert_eq!(rows.collect::<Vec<_>>(), ["open"]);
}
