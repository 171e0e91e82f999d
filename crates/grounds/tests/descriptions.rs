//! What decisions and interpretations say where they cite a provision leads to it, for whoever sees them.

use grounds::{Overrides, Upload, View, Workspace, retrieve};
use grounds_core::{AsOf, Batch, Change, Evidence, FoundBy, PrincipalRow, Question, Row, SourceKind, Validity};
use jiff::civil::{Date, date};

use crate::corpus;

const LAW: &str = "---\ndocument: storage-act\ntitle: Storage Act\nshort: SA\nkind: regulation\nlanguage: en\nin_force: 2015-01-01\nlabels: open\n---
# Storage Act

### Article 1 — Access

1. The keeper shall hand out a copy of all records.

### Article 2 — Erasure

1. The keeper shall erase records without delay, and at the latest within thirty days, where the registered person so requires.

### Article 3 — Duration

1. The keeper shall destroy records when ten years have passed.
";

const GUIDE: &str = "---\ndocument: guide\ntitle: Guide for shops\nkind: interpretation\nlanguage: en\nin_force: 2016-01-01\nlabels: open\ncites: storage-act\n---
# Guide for shops

1. Opening hours and prices are nobody's secret.

2. A list of customers is kept in a drawer, Article 3 of the Storage Act.
";

const DECISION: &str = "---\ndocument: decision\ntitle: Decision on a gym\nkind: precedent\nlanguage: en\nin_force: 2018-01-01\nlabels: inner\ncites: storage-act\n---
# Decision on a gym

1. The member wanted the gym to wipe his membership, and the gym refused to wipe it. That infringed Article 2 of the Storage Act.
";

/// A workspace with a law, a guide that says nothing of gyms, and a decision that only those who hold `inner` see.
fn workspace() -> (Workspace, tempfile::TempDir) {
    workspace_of(&[("law", LAW), ("guide", GUIDE), ("decision", DECISION)])
}

/// A workspace with documents by name, and principals who hold `open`, or `inner` and `open`.
pub(crate) fn workspace_of(files: &[(&str, &str)]) -> (Workspace, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let grounds = Workspace::create(&folder.path().join(".grounds")).expect("created");
    let upload = |(name, text): (&str, &str)| Upload {
        name: format!("{name}.md"),
        bytes: text.as_bytes().to_vec(),
        ..Upload::default()
    };
    for file in files {
        let outcome = grounds.add(&[upload(*file)], &Overrides::default(), corpus::noon()).expect("imported");
        assert!(outcome.failures.is_empty());
    }
    let principal = |name: &str, labels: &[&str]| {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        Change::Put {
            row: Row::Principal(PrincipalRow { name: name.to_owned(), labels }),
            validity: Validity::always(),
        }
    };
    let changes = vec![principal("outer", &["open"]), principal("inner", &["inner", "open"])];
    grounds
        .store()
        .commit(&Batch { message: "principals".to_owned(), changes, ..Batch::default() }, corpus::noon())
        .expect("committed");
    (grounds, folder)
}

fn asked(view: &View, as_of: Date) -> Evidence {
    let question = Question {
        text: "Can I make the gym wipe records of membership?".to_owned(),
        at: AsOf { as_of, known_at: view.known_at() },
        kinds: vec![SourceKind::Regulation],
        documents: Vec::new(),
        hit_count_max: 10,
    };
    retrieve(view, &question).expect("retrieved")
}

/// The provisions found, with the passages that led to them.
fn found(evidence: &Evidence) -> Vec<(String, Vec<String>)> {
    let from = |way: &FoundBy| match way {
        FoundBy::Link { from, .. } => Some(from.clone()),
        _ => None,
    };
    let hits = evidence.hits.iter();
    hits.map(|hit| (hit.pinpoint.clone(), hit.found_by.iter().filter_map(from).collect())).collect()
}

#[test]
fn words_beside_citations_lead_to_what_is_cited() {
    let (grounds, _folder) = workspace();
    let view = grounds.view(None).expect("readable");
    let hits = found(&asked(&view, date(2020, 1, 1)));
    assert_eq!(hits[0].0, "SA art. 2(1)", "{hits:?}");
    assert!(hits[0].1.contains(&"decision point 1".to_owned()), "{hits:?}");
}

#[test]
fn what_is_not_visible_describes_nothing() {
    let (grounds, folder) = workspace();
    let view = |principal: &str| grounds.view_for(None, Some(principal)).expect("readable");
    let on = date(2020, 1, 1);
    assert_eq!(found(&asked(&view("inner"), on))[0].0, "SA art. 2(1)");
    assert_ne!(found(&asked(&view("outer"), on))[0].0, "SA art. 2(1)");
    assert_ne!(found(&asked(&view("inner"), date(2017, 1, 1)))[0].0, "SA art. 2(1)", "before the decision");
    let outer = Workspace::create(&folder.path().join("other")).expect("created");
    for (name, text) in [("law", LAW), ("guide", GUIDE)] {
        let upload = Upload { name: format!("{name}.md"), bytes: text.as_bytes().to_vec(), ..Upload::default() };
        outer.add(&[upload], &Overrides::default(), corpus::noon()).expect("imported");
    }
    let scores = |view: &View| {
        let mut question = asked(view, on).question;
        question.text = "A list of customers is destroyed when?".to_owned();
        let hits = retrieve(view, &question).expect("retrieved").hits;
        hits.into_iter().map(|hit| (hit.pinpoint, hit.score.to_bits())).collect::<Vec<_>>()
    };
    let only = outer.view(None).expect("readable");
    assert!(!scores(&only).is_empty());
    assert_eq!(scores(&view("outer")), scores(&only), "hidden documents change no score");
}
