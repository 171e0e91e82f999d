//! Folders of questions with gold that are not tidy: each is judged as it should be, or refused with the place of the mistake.

use std::path::Path;
use std::sync::Arc;

use grounds::models::{Memory, TrainingSettings};
use grounds::{LearnedRanking, RetrievalSet, Workspace};
use tempfile::TempDir;

use crate::corpus;

const CORPUS: &str = r#"{"_id":"a","title":"1 1.","text":"The firm must notify the regulator of a breach within three days."}
{"_id":"b","title":"1 2.","text":"A branch keeps its records for six years after the end of the year."}
{"_id":"c","title":"","text":"Nothing here."}
"#;
const QUERIES: &str = r#"{"_id":"q1","text":"When must a breach be notified?"}
{"_id":"q2","text":"How long are records kept?"}
"#;
const GOLD: &str = "query-id\tcorpus-id\tscore\nq1\ta\t1\nq2\tb\t1\n";

fn folder(corpus: &str, queries: &str, gold: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in [("corpus.jsonl", corpus), ("queries.jsonl", queries), ("qrels.tsv", gold)] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

/// Questions judged, entries, recall, and each oddity in the order of its field.
fn judged(folder: &Path) -> Result<(usize, usize, f64, [usize; 5]), String> {
    let set = RetrievalSet::read(folder).map_err(|error| error.to_string())?;
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let workspace = Workspace::create(&temporary.path().join(".grounds")).expect("created");
    set.import(&workspace, corpus::noon()).expect("imported");
    let view = workspace.view(None).expect("readable");
    let ranking = |question| set.ranking(&view, question, 10, None).expect("ranked");
    let rankings: Vec<_> = (0..set.question_count()).map(ranking).collect();
    let odd = set.oddities;
    let oddities = [
        odd.questions_without_gold,
        odd.gold_of_unknown_questions,
        odd.gold_missing_in_corpus,
        odd.empty_entries,
        odd.repeated_entries,
    ];
    Ok((set.question_count(), set.entry_count(), set.figures(&rankings, |_| true).recall.mean, oddities))
}

#[test]
fn forms_of_files_are_read_alike() {
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let gold = |gold: &str| (CORPUS.to_owned(), QUERIES.to_owned(), gold.to_owned());
    let cases = [
        ("tidy", gold(GOLD)),
        ("with a mark of byte order and lines of Windows", (windows(CORPUS), windows(QUERIES), windows(GOLD))),
        ("with lines of nothing", (format!("\n\n{CORPUS}"), format!("{QUERIES}\n"), format!("{GOLD}\n\n"))),
        ("gold without headings", gold("q1\ta\t1\nq2\tb\t1\n")),
        ("gold as trec_eval has it", gold("q1\t0\ta\t1\nq2\t0\tb\t2\n")),
        ("gold without scores", gold("q1\ta\nq2\tb\n")),
        ("gold without scores under headings", gold("query-id\tcorpus-id\nq1\ta\nq2\tb\n")),
        ("gold twice", gold(&format!("{GOLD}q1\ta\t1\n"))),
        ("with scores that are not gold", gold("q1\ta\t1\nq1\tb\t0\nq2\tb\t0.5\nq2\tc\t-1\n")),
    ];
    for (what, (corpus, queries, gold)) in cases {
        let folder = folder(&corpus, &queries, &gold);
        assert_eq!(judged(folder.path()), Ok((2, 3, 1.0, [0; 5])), "{what}");
    }
}

#[test]
fn what_a_folder_lacks_or_repeats_is_counted() {
    let with = |text: &str, more: &str| format!("{text}{more}");
    let empty =
        "{\"_id\":\"d\",\"title\":\"\",\"text\":\"\"}\n{\"_id\":\"e\"}\n{\"_id\":\"f\",\"title\":null,\"text\":null}\n";
    let of_nothing = "{\"_id\":\"q3\",\"text\":\"\"}\n{\"_id\":\"q4\",\"text\":\"\\u0000 \\ud83d\\ude00\"}\n";
    let (c, q) = (CORPUS, QUERIES);
    let cases: [(&str, &str, &str, &str, _); 11] = [
        ("an empty corpus", "", q, GOLD, (2, 0, 0.0, [0, 0, 2, 0, 0])),
        ("a question without gold", c, q, "q1\ta\t1\n", (1, 3, 1.0, [1, 0, 0, 0, 0])),
        ("a question without gold but a score of 0", c, q, "q1\ta\t1\nq2\ta\t0\n", (1, 3, 1.0, [1, 0, 0, 0, 0])),
        ("unknown gold, unknown question", c, q, &with(GOLD, "q1\tz\t1\nq9\ta\t1\n"), (2, 3, 0.75, [0, 1, 1, 0, 0])),
        ("unknown gold twice", c, q, &with(GOLD, "q1\tz\t1\nq1\tz\t1\n"), (2, 3, 0.75, [0, 0, 1, 0, 0])),
        ("entries twice", &with(c, c), q, GOLD, (2, 3, 1.0, [0, 0, 0, 0, 3])),
        ("questions twice", c, &with(q, q), GOLD, (2, 3, 1.0, [2, 0, 0, 0, 0])),
        ("gold without text", &with(c, empty), q, &with(GOLD, "q1\td\t1\n"), (2, 6, 0.75, [0, 0, 0, 3, 0])),
        ("no text at all", "{\"_id\":\"a\",\"text\":\"\"}\n", q, "q1\ta\t1\n", (1, 1, 0.0, [1, 0, 0, 1, 0])),
        ("questions of nothing", c, &with(q, of_nothing), &with(GOLD, "q3\ta\t1\nq4\ta\t1\n"), (4, 3, 0.5, [0; 5])),
        (
            "ids that are numbers",
            "{\"_id\":1,\"text\":\"a breach\"}",
            "{\"_id\":7,\"text\":\"breach\"}",
            "7\t1\t1",
            (1, 1, 1.0, [0; 5]),
        ),
    ];
    for (what, corpus, queries, gold, expected) in cases {
        let folder = folder(corpus, queries, gold);
        assert_eq!(judged(folder.path()), Ok(expected), "{what}");
    }
}

#[test]
fn mistakes_in_folders_are_told_with_their_place() {
    let missing = tempfile::tempdir().expect("a temporary folder");
    let told = judged(missing.path()).expect_err("there is nothing to read");
    assert!(told.contains("corpus.jsonl"), "{told}");
    let cases = [
        (format!("{CORPUS}{{\"_id\":\n"), QUERIES.to_owned(), GOLD.to_owned(), "corpus.jsonl:4"),
        (format!("{CORPUS}{{\"text\":\"x\"}}\n"), QUERIES.into(), GOLD.into(), "corpus.jsonl:4: missing field `_id`"),
        (
            format!("[{}]", CORPUS.trim().replace('\n', ",\n")),
            QUERIES.into(),
            GOLD.into(),
            "corpus.jsonl:1: it is one JSON array",
        ),
        (CORPUS.into(), format!("{QUERIES}{{\"_id\":\"q3\"}}\n"), GOLD.into(), "queries.jsonl:3: missing field `text`"),
        (CORPUS.into(), QUERIES.into(), format!("{GOLD}q1\tb\tmany\n"), "qrels.tsv:4: its score is not a number"),
        (
            CORPUS.into(),
            QUERIES.into(),
            format!("{GOLD}q1\n"),
            "qrels.tsv:4: it is not a question, an entry and a score",
        ),
        (CORPUS.into(), QUERIES.into(), "q1 0 a 1\n".into(), "qrels.tsv:1: it is not a question, an entry and a score"),
        (CORPUS.into(), QUERIES.into(), String::new(), "no question has gold"),
        (CORPUS.into(), QUERIES.into(), "q1\ta\t0\n".into(), "no question has gold"),
    ];
    for (corpus, queries, gold, expected) in cases {
        let folder = folder(&corpus, &queries, &gold);
        let told = judged(folder.path()).expect_err(expected);
        assert!(told.contains(expected), "{told}");
    }
    std::fs::write(missing.path().join("corpus.jsonl"), [0xff, 0xfe]).expect("written");
    let told = judged(missing.path()).expect_err("bytes that are no text");
    assert!(told.contains("corpus.jsonl: it is not UTF-8"), "{told}");
}

/// Entries and questions about them, of other words where `word` differs.
fn generated(word: &str, entry_count: usize) -> TempDir {
    let letter = |number: usize| char::from(b'a' + (number % 26) as u8);
    let rare = |number: usize| format!("{word}{}{}", letter(number / 26), letter(number));
    let (mut corpus, mut queries, mut gold) = (String::new(), String::new(), String::new());
    for number in 0..entry_count {
        let text = format!("The firm keeps {} and {} for the regulator.", rare(number), rare(number * 3 + 1));
        corpus.push_str(&format!("{{\"_id\":\"{word}{number}\",\"text\":\"{text}\"}}\n"));
        queries.push_str(&format!("{{\"_id\":\"q{number}\",\"text\":\"Who keeps {}?\"}}\n", rare(number)));
        gold.push_str(&format!("q{number}\t{word}{number}\t1\n"));
    }
    folder(&corpus, &queries, &gold)
}

#[test]
fn a_model_of_another_corpus_ranks_and_too_few_questions_teach_none() {
    let read = |folder: &TempDir| RetrievalSet::read(folder.path()).expect("well-formed");
    let (set, other, few) = (read(&generated("mor", 30)), read(&generated("vel", 60)), read(&generated("mor", 10)));
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let passages = |set: &RetrievalSet, name: &str| {
        let workspace = Workspace::create(&temporary.path().join(name)).expect("created");
        set.import(&workspace, corpus::noon()).expect("imported");
        let view = workspace.view(None).expect("readable");
        (Arc::new(set.collection(&view).expect("collected")), view, workspace)
    };
    let mut settings = TrainingSettings::STANDARD;
    settings.embeddings = false;
    let of_few = few.train(&passages(&few, "few").0, &settings, &mut ()).expect_err("ten questions are too few");
    assert!(of_few.to_string().contains("training needs 40"), "{of_few}");
    let trained = other.train(&passages(&other, "other").0, &settings, &mut ()).expect("enough questions");
    let (own, view, _workspace) = passages(&set, "own");
    let learned = LearnedRanking::new(own, &trained.model, Memory::On).expect("it hears no vectors");
    let ranking = |question| set.ranking(&view, question, 10, Some(&learned)).expect("ranked");
    let rankings: Vec<_> = (0..set.question_count()).map(ranking).collect();
    assert_eq!(set.unseen(&other), vec![true; 30]);
    let found = set.figures(&rankings, |_| true).recall.mean;
    assert!(found >= 1.0, "a word that one or two entries have leads to them: {found}");
}
