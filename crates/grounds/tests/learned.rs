//! Retrieval by a trained model: its order stands, and a question's words are known as without it.

use std::fmt::Write as _;
use std::sync::Arc;

use grounds::models::{Memory, TrainingSettings};
use grounds::{LearnedRanking, RetrievalSet, RetrieveParameters, Workspace, retrieve_by};
use grounds_core::{AsOf, FoundBy, Question};
use jiff::civil::date;

use crate::corpus;

const ENTRY_COUNT: usize = 90;
const ASKED_COUNT: usize = 50;

/// A word that no other number has.
fn word(stem: &str, number: usize) -> String {
    let letter = |digit: usize| char::from(b'a' + (digit % 10) as u8);
    format!("{stem}{}{}x", letter(number / 10), letter(number))
}

/// A folder of entries and questions; each question's words are another entry's, and only its gold says where it leads.
fn set() -> RetrievalSet {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut corpus, mut queries, mut gold) =
        (String::new(), String::new(), String::from("query-id\tcorpus-id\tscore\n"));
    for number in 0..ENTRY_COUNT {
        let text = format!("The rule of {} and of {} for firms.", word("mor", number), word("vel", number / 3));
        writeln!(corpus, r#"{{"_id": "e{number}", "title": "", "text": "{text}"}}"#).expect("written");
    }
    for number in 0..ASKED_COUNT {
        let text = format!("What of {} for firms?", word("vel", number % 30));
        writeln!(queries, r#"{{"_id": "q{number}", "text": "{text}"}}"#).expect("written");
        writeln!(gold, "q{number}\te{}\t1", number % 30 * 3 + 2).expect("written");
    }
    for (name, text) in [("corpus.jsonl", corpus), ("queries.jsonl", queries), ("qrels.tsv", gold)] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    RetrievalSet::read(folder.path()).expect("well-formed")
}

#[test]
fn what_a_model_ranks_stands_in_its_order_and_words_are_known_as_without_it() {
    let set = set();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let workspace = Workspace::create(&folder.path().join(".grounds")).expect("created");
    set.import(&workspace, corpus::noon()).expect("imported");
    let view = workspace.view(None).expect("readable");
    let passages = Arc::new(set.collection(&view).expect("collected"));
    let mut settings = TrainingSettings::STANDARD;
    settings.embeddings = false;
    let trained = set.train(&passages, &settings, &mut ()).expect("enough questions");
    let learned = LearnedRanking::new(passages, &trained.model, Memory::On).expect("it hears no vectors");
    let at = AsOf { as_of: date(2026, 1, 1), known_at: view.known_at() };
    let answers = |text: &str, learned: Option<&LearnedRanking>| {
        let question =
            Question { text: text.to_owned(), at, kinds: Vec::new(), documents: Vec::new(), hit_count_max: 5 };
        retrieve_by(&view, &question, RetrieveParameters::DEFAULT, learned).expect("retrieved")
    };
    let (asked, other) = (word("vel", 7), word("mor", 80));
    let questions = [
        format!("What of {asked} for firms?"),
        format!("What of {asked} and {other} and nothing else?"),
        format!("What of {asked} for firms? It is late. There is {other} too. Nobody knows more."),
    ];
    for question in &questions {
        let (by_words, by_model) = (answers(question, None), answers(question, Some(&learned)));
        assert_eq!(by_model.unknown_words, by_words.unknown_words, "{question}");
        assert!((by_model.coverage - by_words.coverage).abs() < 1e-12, "{question}: {by_model:?} {by_words:?}");
        let ranks: Vec<usize> = by_model
            .hits
            .iter()
            .map(|hit| match hit.found_by[..] {
                [FoundBy::Learned { rank }] => rank,
                _ => panic!("{question}: {hit:?}"),
            })
            .collect();
        assert!(ranks.len() >= 4 && ranks.iter().copied().eq(1..=ranks.len()), "{question}: {ranks:?}");
    }
    // As many hits as there can be are all of them.
    let at_most = |hit_count_max| {
        let text = questions[0].clone();
        let question = Question { text, at, kinds: Vec::new(), documents: Vec::new(), hit_count_max };
        [None, Some(&learned)].map(|learned| {
            retrieve_by(&view, &question, RetrieveParameters::DEFAULT, learned).expect("retrieved").hits.len()
        })
    };
    assert_eq!(at_most(usize::MAX), at_most(10 * ENTRY_COUNT));
    let first = answers(&questions[0], Some(&learned)).hits.remove(0);
    assert!(first.text.contains(&word("mor", 23)), "{}", first.text);
}
