//! `grounds rules format`, `read`, `coverage` and `draft` as a user runs them.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::bench_workspace::{grounds, json, repository, stdout, workspace};

const UNEVEN: &str = "entity   Firm\nclaim Known( Firm )\nsay \"{Firm} is known\"\n";
const EVEN: &str = "entity Firm\nclaim Known(Firm)\n  say \"{Firm} is known\"\n";

#[test]
fn files_are_laid_out_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("below")).expect("made");
    for (name, text) in [("below/a.rules", UNEVEN), ("b.rules", EVEN), ("c.rules", "claim claim\n"), ("d.txt", UNEVEN)]
    {
        std::fs::write(path(name), text).expect("written");
    }
    let read = |name: &str| std::fs::read_to_string(path(name)).expect("readable");

    let checked = grounds(folder.path(), &["rules", "format", "--check", "below", "b.rules"]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(stdout(&checked).contains("below/a.rules is not formatted"), "{}", stdout(&checked));
    assert!(!stdout(&checked).contains("b.rules is not"), "{}", stdout(&checked));
    assert_eq!(read("below/a.rules"), UNEVEN);

    let all = grounds(folder.path(), &["rules", "format"]);
    assert_eq!(all.status.code(), Some(2), "one file cannot be read");
    assert!(stdout(&all).contains("capital-expected") || stdout(&all).contains("error["), "{}", stdout(&all));
    assert_eq!([read("below/a.rules"), read("b.rules")], [EVEN, EVEN]);
    assert_eq!([read("c.rules"), read("d.txt")], ["claim claim\n", UNEVEN]);

    let again = json(&grounds(folder.path(), &["rules", "format", "--check", "below", "--json"]));
    assert_eq!(again["files"][0]["state"], "formatted");
    assert_eq!(grounds(folder.path(), &["rules", "format", "d.txt"]).status.code(), Some(0), "a file named is taken");
    assert_eq!(read("d.txt"), EVEN);
}

#[test]
fn standard_input_is_laid_out_to_standard_output() {
    for (input, expected, code) in [(UNEVEN, EVEN, 0), ("", "", 0), ("claim claim", "", 2)] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_grounds"))
            .args(["rules", "format", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!((stdout(&output).as_str(), output.status.code()), (expected, Some(code)));
    }
}

#[test]
fn rules_stand_beside_their_text_in_the_terminal_as_json_and_as_a_page() {
    let folder = workspace();
    let as_of = ["--as-of", "2024-01-01"];
    let run = |arguments: &[&str]| grounds(folder.path(), &[arguments, &as_of[..]].concat());
    let shown = stdout(&run(&["rules", "read", "SMC art. 51"]));
    for part in ["art51-1-deadline (rule)", "exception to art51-3-due", "Open questions", "Signature", "No rule quotes"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let page = json(&run(&["rules", "read", "SMC art. 51", "SMC art. 52", "--json"]));
    assert_eq!(page["provisions"].as_array().map(Vec::len), Some(2));
    assert_eq!(page["questions"][0]["number"], 1);
    let written = run(&["rules", "read", "SMC art. 51", "--out", "page.html"]);
    assert_eq!(stdout(&written), "page.html written\n");
    let html = std::fs::read_to_string(folder.path().join("page.html")).expect("written");
    assert!(html.contains("art51-1-deadline") && !html.contains("<script"), "{html}");
    assert_eq!(run(&["rules", "read", "SMC art. 999"]).status.code(), Some(2));
}

#[test]
fn coverage_counts_articles_and_names_rules_without_a_test() {
    let folder = workspace();
    std::fs::write(
        folder.path().join("more.rules"),
        "claim Ruled(Firm) say \"{Firm} is ruled\"\nentity Firm\nrule extra cites smc art 1(1) \"This Code governs\"\n  Ruled(f)\n",
    )
    .expect("written");
    let run = |arguments: &[&str]| grounds(folder.path(), &[arguments, &["--as-of", "2024-01-01"]].concat());
    let before = json(&run(&["rules", "coverage", "SMC", "--json"]));
    let after = json(&run(&["rules", "coverage", "SMC", "--rules", "more.rules", "--json"]));
    let count = |coverage: &serde_json::Value| coverage["documents"][0]["encoded_count"].as_u64();
    assert_eq!(count(&before).map(|count| count + 1), count(&after));
    let unexercised = after["unexercised"].as_array().expect("a list");
    assert!(unexercised.iter().any(|rule| rule["rule"] == "extra" && rule["file"] == "more.rules"), "{after}");
    let shown = stdout(&run(&["rules", "coverage", "SMC"]));
    assert!(shown.contains("SMC: no rule encodes\n  art. "), "{shown}");
    assert_eq!(run(&["rules", "coverage", "NOPE"]).status.code(), Some(2));
}

#[test]
fn a_draft_compiles_beside_the_stored_rules() {
    let folder = workspace();
    let as_of = ["--as-of", "2024-01-01"];
    let run = |arguments: &[&str]| grounds(folder.path(), &[arguments, &as_of[..]].concat());
    let drafted = stdout(&run(&["rules", "draft", "SMC art. 42"]));
    assert!(drafted.contains("`smc` is declared in common.rules"), "{drafted}");
    assert!(drafted.contains("exception art42-4-not-art42-3-not-art42-1 to art42-3-not-art42-1"), "{drafted}");
    std::fs::write(folder.path().join("draft.rules"), &drafted).expect("written");
    let checked = run(&["rules", "check", "draft.rules"]);
    assert!(checked.status.success(), "{}", stdout(&checked));
    assert!(run(&["rules", "test", "draft.rules"]).status.success());
    let shown = json(&run(&["rules", "draft", "SMC art. 42", "--json"]));
    assert_eq!(shown["rules"], drafted);
    assert_eq!(shown["pinpoint"], "SMC art. 42");
}

const LIMITED: &str = "\
source code = \"securities-code\"
entity Case
fact Case.count : number open ask \"How many does {Case} affect?\"
claim Large(Case) say \"{Case} is large\" say not \"{Case} is not large\"
rule large cites code art 1(1) \"This Code governs\"
  Large(c) when c.count >= 500
test \"far above\" as of 2020-01-01
  c : Case
  c.count = 900
  expect Large(c)
";

#[test]
fn exploration_proposes_tests_that_can_be_pasted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let law = repository().join("corpus/law/securities-code-2015.md");
    assert!(grounds(folder.path(), &["init"]).status.success());
    assert!(grounds(folder.path(), &["add", &law.to_string_lossy()]).status.success());
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    let run = |arguments: &[&str]| grounds(folder.path(), &[&["rules", "test", "limit.rules"], arguments].concat());
    write("limit.rules", LIMITED);
    let found = run(&["--explore"]);
    let shown = stdout(&found);
    assert_eq!(found.status.code(), Some(3), "{shown}");
    for part in
        ["large (limit.rules:5)", "c.count is at least 500\n  passes the same tests as\n    c.count is more than 500"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let report = json(&run(&["--explore", "--json"]));
    assert_eq!((&report["failed"], &report["thresholds"]["moved_count"]), (&0.into(), &3.into()));
    let tests = report["thresholds"]["tests"].as_array().expect("a list");
    let tests: String = tests.iter().filter_map(|proposed| proposed["test"].as_str()).collect();
    write("limit.rules", &format!("{LIMITED}{tests}"));
    let again = run(&["--explore"]);
    assert_eq!(again.status.code(), Some(0), "{}", stdout(&again));

    // Another version, under another name, and in a folder.
    write("older.rules", &LIMITED.replace(">= 500", "> 500"));
    std::fs::create_dir(folder.path().join("old")).expect("made");
    write("old/limit.rules", &LIMITED.replace(">= 500", "> 500"));
    for path in ["older.rules", "old"] {
        let differing = run(&["--explore", "--against", path]);
        let shown = stdout(&differing);
        assert_eq!(differing.status.code(), Some(3), "{shown}");
        assert!(shown.contains("The other version says") && shown.contains("count = 500"), "{shown}");
    }
    let alike = run(&["--explore", "--against", "limit.rules"]);
    assert_eq!((alike.status.code(), stdout(&alike).contains("decide alike")), (Some(0), true));
    write("older.rules", &LIMITED.replace("governs", "rules"));
    assert_eq!(run(&["--explore", "--against", "older.rules"]).status.code(), Some(2));
    assert_eq!(run(&["--against", "older.rules"]).status.code(), Some(2), "only with --explore");
    let failing = LIMITED.replace("expect Large(c)", "expect Large(c) does not hold");
    write("limit.rules", &failing);
    assert_eq!(run(&["--explore"]).status.code(), Some(1), "a test that fails comes first");
}
