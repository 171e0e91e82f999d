//! What the law writes out and people abbreviate is found by what other texts explain the abbreviation with, for whoever sees them.

use grounds::{AnswerFile, AskRequest, View, ask, check, retrieve, verify_answer};
use grounds_core::{AsOf, Evidence, Question, SourceKind, WrittenOut};
use jiff::civil::{Date, date};

use crate::descriptions::workspace_of;

const LAW: &str = "---\ndocument: storage-act\ntitle: Storage Act\nshort: SA\nkind: regulation\nlanguage: en\nin_force: 2015-01-01\nlabels: open\n---
# Storage Act

### Article 1 — Access

1. The keeper shall hand out a copy of all records.

### Article 2 — Officer

1. The keeper shall appoint a storage protection officer, who may be dismissed for grave reasons only.

### Article 3 — Duration

1. The keeper shall destroy records when ten years have passed.
";

const GUIDE: &str = "---\ndocument: guide\ntitle: Guide for shops\nkind: interpretation\nlanguage: en\nin_force: 2016-01-01\nlabels: inner\ncites: storage-act\n---
# Guide for shops

1. A shop of more than ten people has a storage protection officer (SPO). The SPO is told of each loss.

2. The SPO (set price of origin) of goods is another thing.

3. A storage protection officer (\"SPO\") reads the list of customers.
";

fn asked(view: &View, as_of: Date, text: &str) -> Evidence {
    let at = AsOf { as_of, known_at: view.known_at() };
    let kinds = vec![SourceKind::Regulation];
    let question = Question { text: text.to_owned(), at, kinds, documents: Vec::new(), hit_count_max: 10 };
    retrieve(view, &question).expect("retrieved")
}

#[test]
fn abbreviations_are_looked_for_by_what_they_stand_for() {
    let (grounds, _folder) = workspace_of(&[("law", LAW), ("guide", GUIDE)]);
    let view = grounds.view(None).expect("readable");
    for text in ["Can we fire our spo?", "May SPOs be dismissed?", "Who appoints an SPO?"] {
        let evidence = asked(&view, date(2020, 1, 1), text);
        assert_eq!(evidence.hits[0].pinpoint, "SA art. 2(1)", "{text}");
        assert_eq!(evidence.question.text, text);
        let [written_out] = &evidence.written_out[..] else { panic!("{text}: {:?}", evidence.written_out) };
        assert_eq!((&*written_out.words, &*written_out.pinpoint), ("storage protection officer", "guide para. 1"));
    }
    for text in ["Can we fire the storage protection officer?", "Which records are destroyed?", "Who appoints an xyz?"]
    {
        assert_eq!(asked(&view, date(2020, 1, 1), text).written_out, [], "{text}");
    }
    let request = AskRequest {
        text: "Can we fire our SPO?".to_owned(),
        as_of: date(2020, 1, 1),
        kinds: vec![SourceKind::Regulation],
        documents: Vec::new(),
        hit_count_max: 10,
    };
    let draft = ask(&view, &request).expect("answered");
    assert_eq!((&draft.refusal, draft.written_out.len()), (&None, 1));
    // The answer says how it read the question, and that is checked as all else is.
    let verdict = verify_answer(&view, draft).expect("verified");
    let file = verdict.file().clone();
    assert!(!verdict.is_refused());
    assert_eq!(check(&file, Some(&view)).expect("readable"), []);
    let json = serde_json::to_string(&file).expect("JSON");
    assert_eq!(AnswerFile::parse("answer.json", &json).expect("its own form"), file);
    let damaged = |damage: fn(&mut WrittenOut)| {
        let mut file = file.clone();
        damage(&mut file.written_out[0]);
        file.seal = file.computed_seal().expect("a seal");
        let with_view = check(&file, Some(&view)).expect("readable");
        let alone = check(&file, None).expect("readable");
        [with_view, alone].map(|failures| failures.iter().map(|failure| failure.message.clone()).collect::<Vec<_>>())
    };
    let unexplained = "no text in force explains it so".to_owned();
    let unknown = "the question has no such word".to_owned();
    assert_eq!(damaged(|one| one.words = "shop opening".to_owned()), [vec![unexplained.clone()], vec![]]);
    assert_eq!(damaged(|one| one.pinpoint = "SA art. 2(1)".to_owned()), [vec![unexplained.clone()], vec![]]);
    assert_eq!(damaged(|one| one.abbreviation = "CFO".to_owned()), [vec![unknown.clone(), unexplained], vec![unknown]]);
}

#[test]
fn what_is_not_visible_explains_nothing() {
    let (grounds, _folder) = workspace_of(&[("law", LAW), ("guide", GUIDE)]);
    let (text, on) = ("Can we fire our SPO?", date(2020, 1, 1));
    let view = |principal: &str| grounds.view_for(None, Some(principal)).expect("readable");
    assert_eq!(asked(&view("inner"), on, text).written_out.len(), 1);
    assert_eq!(asked(&view("outer"), on, text).written_out, []);
    assert_eq!(asked(&view("inner"), date(2015, 6, 1), text).written_out, [], "before the guide");
}
