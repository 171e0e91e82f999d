//! What an amendment touches: the lock, stale rules, tests and assessments.

use std::path::Path;

use crate::bench_workspace::{grounds, json, repository, stdout, workspace};

/// Imports the act of 2023 anew, with some words changed.
fn amend(folder: &Path, from: &str, to: &str) {
    let path = repository().join("corpus/law/securities-code-2023.md");
    let text = std::fs::read_to_string(path).expect("UTF-8");
    let amended = text.replace(from, to);
    assert_ne!(text, amended);
    std::fs::write(folder.join("securities-code-2023.md"), amended).expect("written");
    let output = grounds(folder, &["add", "securities-code-2023.md"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

const QUESTION: &str =
    "Within what time must an operator of a market submit an initial notification of a significant incident?";

#[test]
fn an_amendment_is_found_with_what_rests_on_it() {
    let folder = workspace();
    let run = |arguments: &[&str]| grounds(folder.path(), arguments);
    let assessed = run(&["assess", "corpus/matters/late-incident-report.md", "--as-of", "2024-01-01"]);
    assert_ne!(assessed.status.code(), Some(2));
    let ask = |question: &str, as_of: &str| json(&run(&["ask", question, "--as-of", as_of, "--json"]));
    let asked = ask(QUESTION, "2024-01-01");
    assert!(asked["claims"].to_string().contains("initial notification"), "{asked}");
    ask(QUESTION, "2016-01-01");
    ask("Who may be a manager of a market operator?", "2024-01-01");
    assert!(run(&["rules", "lock"]).status.success());
    assert_eq!(run(&["rules", "stale", "--as-of", "2024-01-01"]).status.code(), Some(0));
    // Words that no rule quotes, in a provision that rules cite.
    amend(folder.path(), "market shall submit an initial", "market (wherever established) shall submit an initial");

    let output = run(&["rules", "stale", "--as-of", "2024-01-01", "--json"]);
    assert_eq!(output.status.code(), Some(3));
    let stale = json(&output);
    let named = |list: &str, member: &str| -> Vec<String> {
        let list = stale[list].as_array().expect("a list");
        list.iter().map(|one| one[member].as_str().unwrap_or_default().to_owned()).collect()
    };
    let rules = named("stale", "rule");
    assert!(rules.contains(&"art51-applies".to_owned()) || rules.contains(&"art51-1-late".to_owned()), "{rules:?}");
    for rule in stale["stale"].as_array().expect("a list") {
        assert!(rule["pinpoint"].as_str().is_some_and(|pinpoint| pinpoint.contains("art. 51")), "{rule}");
        assert!(rule["source"].as_str().is_some_and(|source| source.contains("cites")), "{rule}");
        assert_eq!(rule["changed_on"], "2023-01-01", "{rule}");
        let inserted =
            |edit: &serde_json::Value| edit["kind"] == "inserted" && edit["text"] == "(wherever established)";
        assert!(rule["difference"].as_array().is_some_and(|edits| edits.iter().any(inserted)), "{rule}");
    }
    let tests = stale["tests"].as_array().expect("a list");
    assert!(!tests.is_empty(), "tests as of days since the amendment rest on it");
    assert!(tests.iter().all(|test| test["as_of"].as_str() >= Some("2023-01-01")), "and none of the days before");
    let assessments = stale["assessments"].as_array().expect("a list");
    assert_eq!(assessments.len(), 1, "{assessments:?}");
    assert_eq!(assessments[0]["as_of"], "2024-01-01");

    let answers = stale["answers"].as_array().expect("a list");
    assert_eq!(answers.len(), 1, "not what was asked of earlier law, nor what quotes other provisions: {answers:?}");
    assert_eq!((&answers[0]["question"], &answers[0]["as_of"]), (&QUESTION.into(), &"2024-01-01".into()));
    let quote = &answers[0]["quotes"][0];
    assert!(quote["pinpoint"].as_str().is_some_and(|pinpoint| pinpoint.contains("art. 51(1)")), "{quote}");
    assert!(quote["difference"].as_array().is_some_and(|edits| edits.iter().any(|edit| edit["kind"] == "inserted")));

    let text = stdout(&run(&["rules", "stale", "--as-of", "2024-01-01"]));
    assert!(text.contains("Answers that quote what has changed") && text.contains("\"Within what time must"), "{text}");
    assert!(text.contains("{+(wherever") && text.contains("Tests that rest on them"), "{text}");
    let checked = run(&["rules", "check", "--locked"]);
    assert_eq!(checked.status.code(), Some(3));
    assert!(stdout(&checked).contains("has other words than those locked"), "{}", stdout(&checked));
    let lock = json(&run(&["rules", "check", "--locked", "--json"]));
    assert!(lock["lock"].as_array().is_some_and(|differences| {
        !differences.is_empty() && differences.iter().all(|one| one["kind"] == "other_words")
    }));
    assert!(run(&["rules", "lock"]).status.success());
    assert_eq!(run(&["rules", "check", "--locked"]).status.code(), Some(0));
}

#[test]
fn white_space_and_new_versions_with_the_same_words_touch_nothing() {
    let folder = workspace();
    let run = |arguments: &[&str]| grounds(folder.path(), arguments);
    assert!(run(&["rules", "lock"]).status.success());
    let before = std::fs::read_to_string(folder.path().join("grounds.rules.lock")).expect("UTF-8");
    assert!(run(&["ask", QUESTION, "--as-of", "2024-01-01"]).status.success());
    amend(folder.path(), "shall submit an initial notification of", "shall submit  an initial\nnotification of");
    assert_eq!(run(&["rules", "stale", "--as-of", "2024-01-01"]).status.code(), Some(0));
    assert_eq!(run(&["rules", "check", "--locked"]).status.code(), Some(0));
    let path = repository().join("corpus/law/securities-code-2023.md");
    let later = std::fs::read_to_string(path).expect("UTF-8").replace("in_force: 2023-01-01", "in_force: 2025-01-01");
    std::fs::write(folder.path().join("securities-code-2025.md"), later).expect("written");
    assert!(run(&["add", "securities-code-2025.md"]).status.success());
    assert_eq!(run(&["rules", "check", "--locked"]).status.code(), Some(0));
    assert!(run(&["rules", "lock"]).status.success());
    assert_eq!(std::fs::read_to_string(folder.path().join("grounds.rules.lock")).expect("UTF-8"), before);
}

#[test]
fn a_lock_that_cannot_be_read_says_what_to_do() {
    let folder = workspace();
    let check = || grounds(folder.path(), &["rules", "check", "--locked"]);
    let error = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let absent = check();
    assert_eq!(absent.status.code(), Some(2));
    assert!(error(&absent).contains("grounds rules lock"), "{}", error(&absent));
    std::fs::write(folder.path().join("grounds.rules.lock"), "<<<<<<< ours\n").expect("written");
    let torn = check();
    assert_eq!(torn.status.code(), Some(2));
    assert!(error(&torn).contains("merge conflict"), "{}", error(&torn));
}
