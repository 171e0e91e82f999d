//! `grounds labels`, `train` and `predict` as a user runs them.

use crate::bench_workspace::{grounds, json, stdout, workspace};

/// Texts of two kinds, as people note outcomes.
fn outcomes() -> String {
    let mut lines = String::new();
    for number in 0..24 {
        let (text, class) = if number % 2 == 0 {
            (format!("case {number}: the firm paid a fine of {number} thousand for late notification"), "fine")
        } else {
            (format!("case {number}: the officer was warned and promised training for staff"), "warning")
        };
        lines.push_str(&serde_json::json!({ "text": text, "class": class }).to_string());
        lines.push('\n');
    }
    lines
}

#[test]
fn classes_are_learned_from_labels_and_predicted_with_sets() {
    let folder = workspace();
    let run = |arguments: &[&str]| grounds(folder.path(), arguments);
    assert_eq!(stdout(&run(&["labels", "list"])), "There are no labels. Next: grounds labels add FILE\n");
    std::fs::write(folder.path().join("outcomes.jsonl"), outcomes()).expect("written");
    let added = json(&run(&["labels", "add", "outcomes.jsonl", "--task", "outcome", "--json"]));
    assert_eq!((&added["labels"], &added["task"]), (&24.into(), &"outcome".into()));
    let again = json(&run(&["labels", "add", "outcomes.jsonl", "--task", "outcome", "--json"]));
    assert_eq!(again["labels"], 24);
    assert_eq!(json(&run(&["labels", "list", "--json"]))["outcome"], 24, "a text is labelled once");

    assert_eq!(run(&["predict", "outcome", "a fine"]).status.code(), Some(2), "nothing was trained yet");
    let trained = json(&run(&["train", "classify", "outcome", "--json"]));
    assert_eq!((&trained["is_better"], &trained["model"]), (&true.into(), &"classify outcome".into()), "{trained}");
    assert_eq!(trained["figures"]["examples"], 24);
    assert_eq!(trained["lineage"]["labels"], 24);
    let predicted = json(&run(&["predict", "outcome", "the firm paid a large fine", "--json"]));
    assert_eq!(predicted[0]["classes"][0]["class"], "fine", "{predicted}");
    assert_eq!(predicted[0]["set"], serde_json::json!(["fine"]));
    let shown = stdout(&run(&["predict", "outcome", "staff were warned and trained", "--error-rate", "0.2"]));
    assert!(shown.starts_with("warning (") && shown.contains("in 80 of 100 texts it is one of: warning"), "{shown}");
    assert_eq!(run(&["predict", "outcome", "a fine", "--error-rate", "2"]).status.code(), Some(2));

    let sql = |statement: &str| run(&["sql", statement, "--format", "csv"]);
    let asked = "SELECT predict('outcome', text) AS class, predict_probability('outcome', text, 'fine') > 0.5 AS is_fine,
        predict_set('outcome', text, 0.1) AS among FROM (VALUES ('the firm paid a large fine'), (NULL), ('staff were warned')) AS t (text)";
    assert_eq!(
        stdout(&sql(asked)),
        "class,is_fine,among\nfine,true,\"[\"\"fine\"\"]\"\n,,\nwarning,false,\"[\"\"warning\"\"]\"\n"
    );
    let snapshot = trained["kept_at"].as_u64().expect("kept");
    for (statement, expected) in [
        ("SELECT predict('outcome')".to_owned(), "it is used as predict('outcome', text)"),
        ("SELECT predict_set('outcome', 'a', 2)".to_owned(), "the rate of errors is above 0 and below 1"),
        ("SELECT predict('other', 'a')".to_owned(), "grounds train classify other"),
        (format!("SET system_time = {}; SELECT predict('outcome', 'a')", snapshot - 1), "no classifier is called"),
    ] {
        let output = sql(&statement);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains(expected), "{statement}: {said}");
    }

    std::fs::write(folder.path().join("more.txt"), "the firm paid\n\nthe firm was warned and fined\nstaff training\n")
        .expect("written");
    let next = json(&run(&["labels", "next", "more.txt", "--task", "outcome", "-n", "2", "--json"]));
    assert_eq!(next.as_array().map(Vec::len), Some(2));
    assert!(stdout(&run(&["labels", "next", "more.txt", "--task", "outcome", "-n", "1"])).contains("\"class\":\"\""));
}

#[test]
fn classifiers_are_judged_on_texts_that_did_not_teach_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| grounds(folder.path(), arguments);
    for name in ["outcomes", "others"] {
        std::fs::create_dir(folder.path().join(name)).expect("made");
        std::fs::write(folder.path().join(name).join("labels.jsonl"), outcomes()).expect("written");
    }
    std::fs::write(folder.path().join("outcomes/corpus.jsonl"), "{\"text\": \"a fine is paid\"}\n{\"_id\": 7}\n")
        .expect("written");
    let divided = json(&run(&["eval", "classify", "outcomes", "--json"]));
    assert_eq!((&divided["texts"], &divided["examples"], &divided["classes"]), (&24.into(), &19.into(), &2.into()));
    assert!(divided["accuracy"].as_f64() > Some(0.9) && divided["macro_f1"].as_f64() > Some(0.9), "{divided}");
    assert_eq!(divided["sets"].as_array().map(Vec::len), Some(2), "{divided}");
    let taught = json(&run(&["eval", "classify", "others", "--train", "outcomes", "--error-rate", "0.3", "--json"]));
    assert_eq!((&taught["examples"], &taught["sets"][0]["error_rate"]), (&24.into(), &0.3.into()), "{taught}");
    let shown = stdout(&run(&["eval", "classify", "others", "--train", "outcomes"]));
    assert!(shown.contains("sets that may miss 0.1:") && shown.contains("macro_f1"), "{shown}");

    std::fs::write(folder.path().join("others/labels.jsonl"), "{\"text\": \"a\", \"class\": \"b\"}\n")
        .expect("written");
    for (arguments, expected) in [
        (["eval", "classify", "others"].as_slice(), "training needs 10"),
        (&["eval", "classify", "absent"], "labels.jsonl"),
        (&["eval", "classify", "outcomes", "--error-rate", "1"], "--error-rate is a share"),
    ] {
        let output = run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains(expected), "{said}");
    }
}

#[test]
fn mistakes_in_labels_are_told_with_their_line_and_nothing_is_kept() {
    let folder = workspace();
    let run = |arguments: &[&str]| grounds(folder.path(), arguments);
    for (content, expected) in [
        ("{\"text\": \"a\", \"class\": \"b\"}\nnot json\n", "labels.jsonl:2"),
        ("{\"text\": \"\", \"class\": \"b\"}\n", "labels.jsonl:1: a label needs a text"),
        ("{\"text\": \"a\", \"class\": [\"b\", \"c\"]}\n", "a text is of one class"),
        ("\n", "labels.jsonl has no labels"),
    ] {
        std::fs::write(folder.path().join("labels.jsonl"), content).expect("written");
        let output = run(&["labels", "add", "labels.jsonl", "--task", "kind"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{said}");
    }
    std::fs::write(folder.path().join("labels.jsonl"), "{\"question\": \"when?\", \"gold\": \"SMC art. 999\"}\n")
        .expect("written");
    assert_eq!(run(&["labels", "add", "labels.jsonl"]).status.code(), Some(2), "there is no such article");
    assert_eq!(json(&run(&["labels", "list", "--json"])), serde_json::json!({}));
    let too_few = run(&["train", "retrieval"]);
    assert_eq!(too_few.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&too_few.stderr).contains("training needs 40"));
    assert_eq!(run(&["train", "classify", "retrieval"]).status.code(), Some(2));
}

#[test]
fn a_ranking_is_learned_from_questions_with_citations_and_used_by_search() {
    let folder = workspace();
    let run = |arguments: &[&str]| grounds(folder.path(), &[arguments, &["--as-of", "2024-01-01"][..]].concat());
    // Words that other articles are about: only labels say where they lead.
    let line = |number: usize| {
        let (article, word) = [("SMC art. 51", "register"), ("SMC art. 52", "licence")][number % 2];
        format!("{{\"question\": \"the {word} question, number {number}, of firms\", \"gold\": [\"{article}\"]}}\n")
    };
    // A point is no passage of its own: its paragraph is.
    let point = "{\"question\": \"the patience question of firms\", \"gold\": [\"SMC art. 18(1)(a)\"]}\n".to_owned();
    let lines = (0..44).map(line).chain([point]).collect::<String>();
    std::fs::write(folder.path().join("questions.jsonl"), lines).expect("written");
    assert_eq!(run(&["labels", "add", "questions.jsonl"]).status.code(), Some(0));
    let labels = json(&run(&["labels", "list", "--task", "retrieval", "--json"]));
    assert!(labels[0]["gold"][0].as_str().is_some_and(|place| place.contains("/art_5")), "{}", labels[0]);
    let trained = json(&run(&["train", "retrieval", "--no-embeddings", "--json", "--state", "training.state"]));
    assert_eq!(trained["is_better"], true, "{trained}");
    assert_eq!(trained["labels_left_out"], serde_json::json!([]));
    assert!(!folder.path().join("training.state").exists(), "a finished training needs no state");
    for (word, article) in [("register", "art_51"), ("licence", "art_52")] {
        let found = json(&run(&["search", &format!("the {word} question of firms"), "-k", "3", "--json"]));
        let units: Vec<&str> =
            found["hits"].as_array().into_iter().flatten().filter_map(|hit| hit["unit"].as_str()).collect();
        assert!(units.iter().any(|unit| unit.starts_with(article)), "{word}: {units:?}");
    }
}

/// A model that no folder holds.
#[derive(Debug)]
struct Constant;

impl grounds_core::Embed for Constant {
    fn id(&self) -> &str {
        "constant"
    }

    fn dimension(&self) -> usize {
        2
    }

    fn embed(&self, texts: &[&str], _role: grounds_core::EmbedRole) -> Result<Vec<Vec<f32>>, grounds_core::EmbedError> {
        Ok(vec![vec![1.0, 0.0]; texts.len()])
    }
}

#[test]
fn where_the_model_of_the_vectors_cannot_be_read_words_rank_and_a_note_says_so() {
    let folder = workspace();
    let run = |arguments: &[&str]| grounds(folder.path(), &[arguments, &["--as-of", "2024-01-01"][..]].concat());
    let question = ["search", "late notification of an incident", "--json"];
    let before = run(&question);
    assert!(before.stderr.is_empty());
    {
        let grounds = grounds::Workspace::open(&folder.path().join(".grounds")).expect("opened");
        let view = grounds.view(None).expect("readable");
        let mut vectors = grounds::TextVectors::new(&Constant);
        let texts = view.texts_to_embed().expect("readable");
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        vectors.embed(&Constant, &texts, &mut |_| Ok(())).expect("embedded");
        let at = "2026-01-01T12:00Z".parse().expect("well-formed");
        grounds.keep_vectors(&view, vectors, "absent-folder", at).expect("kept");
    }
    let after = run(&question);
    let note = String::from_utf8_lossy(&after.stderr).into_owned();
    assert!(note.starts_with("note: words alone rank") && note.contains("absent-folder"), "{note}");
    assert_eq!(json(&after)["hits"], json(&before)["hits"]);
    let log = stdout(&run(&["log"]));
    assert!(log.contains("embed passages"), "{log}");
    // A ranking learns without them, and is not told of what it was asked to leave out.
    let told = |arguments: &[&str]| String::from_utf8_lossy(&run(arguments).stderr).into_owned();
    let note = told(&["train", "retrieval"]);
    assert!(note.starts_with("note: the ranking learns without vectors") && note.contains("absent-folder"), "{note}");
    let silent = told(&["train", "retrieval", "--no-vectors"]);
    assert!(!silent.contains("note: ") && silent.contains("training needs 40"), "{silent}");
}

#[test]
fn a_folder_that_holds_no_model_is_told() {
    let folder = workspace();
    std::fs::create_dir(folder.path().join("empty")).expect("made");
    // Before anything that takes long.
    for arguments in [&["embed", "empty"][..], &["eval", "retrieval", "absent", "--embed", "empty"]] {
        let output = grounds(folder.path(), arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("hint: ") && said.contains("empty"), "{said}");
    }
}
