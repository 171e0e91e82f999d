//! Exit codes, JSON shapes, and what the commands promise.

use crate::bench_workspace::{grounds, json, link_corpus, stdout, workspace};

#[test]
fn exit_codes_say_how_it_ended() {
    let folder = workspace();
    let code = |arguments: &[&str]| grounds(folder.path(), arguments).status.code();
    assert_eq!(code(&["ask", "When must a significant incident be notified?", "--as-of", "2021-06-01"]), Some(0));
    assert_eq!(code(&["ask", "Which wine goes with grilled fish?", "--as-of", "2021-06-01"]), Some(3));
    assert_eq!(code(&["show", "SMC art. 999"]), Some(2));
    assert_eq!(code(&["search"]), Some(2));
    assert_eq!(code(&["search", "notice", "--known-at", "9999"]), Some(2));
    assert_eq!(code(&["add", "no-such-file.md"]), Some(2));
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    assert_eq!(grounds(elsewhere.path(), &["list"]).status.code(), Some(2));
}

#[test]
fn every_command_has_help_with_an_example() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for command in [
        &["init"][..],
        &["add"],
        &["list"],
        &["show"],
        &["history"],
        &["diff"],
        &["search"],
        &["ask"],
        &["assess"],
        &["rules", "check"],
        &["rules", "test"],
        &["rules", "format"],
        &["rules", "read"],
        &["rules", "coverage"],
        &["rules", "draft"],
        &["rules", "why"],
        &["rules", "why-not"],
        &["rules", "what-if"],
        &["rules", "needs"],
        &["rules", "explain"],
        &["rules", "lock"],
        &["rules", "stale"],
        &["rules", "serve"],
        &["verify"],
        &["doctor"],
        &["backup"],
        &["restore"],
        &["export"],
        &["import"],
        &["erase"],
        &["log"],
        &["principals", "add"],
        &["demo"],
    ] {
        let arguments: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
        let output = grounds(folder.path(), &arguments);
        assert!(output.status.success());
        assert!(stdout(&output).contains("Example"), "{command:?} has no example");
    }
}

#[test]
fn search_and_answers_have_the_documented_shape() {
    let folder = workspace();
    let found =
        json(&grounds(folder.path(), &["search", "late notification", "--json", "--as-of", "2021-06-01", "-k", "3"]));
    assert_eq!(found["hits"].as_array().map(Vec::len), Some(3));
    for member in
        ["document", "title", "kind", "unit", "pinpoint", "version", "start", "end", "text", "score", "found_by"]
    {
        assert!(!found["hits"][0][member].is_null(), "hits have {member}");
    }
    let cited = json(&grounds(folder.path(), &["search", "SMC art. 51(1)", "--json", "--as-of", "2021-06-01"]));
    assert_eq!(cited["hits"][0]["pinpoint"], "SMC art. 51(1)");
    assert!(
        cited["hits"][0]["found_by"].as_array().is_some_and(|ways| ways.iter().any(|way| way["way"] == "pinpoint"))
    );

    let answer = json(&grounds(
        folder.path(),
        &["ask", "When must a significant incident be notified?", "--json", "--as-of", "2021-06-01"],
    ));
    assert_eq!(answer["verdict"], "verified");
    assert_eq!(answer["claims"][0]["grounds"][0]["kind"], "quote");
    assert!(answer["reason"].is_null());
    assert_eq!(answer["as_of"], "2021-06-01");

    let assessed = json(&grounds(folder.path(), &["assess", "corpus/matters/late-incident-report.md", "--json"]));
    for member in
        ["claims_by_status", "elements", "sanction", "precedents", "claims", "questions", "evidence", "snapshot"]
    {
        assert!(!assessed[member].is_null(), "assessments have {member}");
    }
    for status in ["holds", "does_not_hold", "undetermined", "conflict"] {
        assert!(assessed["claims_by_status"][status].is_array());
    }
}

#[test]
fn a_saved_answer_verifies_anywhere_until_it_is_changed() {
    let folder = workspace();
    let saved = &["assess", "corpus/matters/late-incident-report.md", "--save", "a.json", "--report", "a.html"];
    assert_eq!(grounds(folder.path(), saved).status.code(), Some(0));
    assert_eq!(grounds(folder.path(), &["verify", "a.json"]).status.code(), Some(0));
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let text = std::fs::read_to_string(folder.path().join("a.json")).expect("saved");
    std::fs::write(elsewhere.path().join("a.json"), &text).expect("written");
    assert_eq!(grounds(elsewhere.path(), &["verify", "a.json"]).status.code(), Some(0));
    let changed = text.replacen("2021", "2022", 1);
    assert_ne!(text, changed);
    std::fs::write(elsewhere.path().join("a.json"), changed).expect("written");
    assert_eq!(grounds(elsewhere.path(), &["verify", "a.json"]).status.code(), Some(3));
    std::fs::write(elsewhere.path().join("a.json"), "{}").expect("written");
    assert_eq!(grounds(elsewhere.path(), &["verify", "a.json"]).status.code(), Some(2));

    let html = std::fs::read_to_string(folder.path().join("a.html")).expect("saved");
    assert!(html.contains("<mark") && html.contains("</html>"));
    let told = "<div class=\"why\">\n<p>";
    assert!(html.contains(told) && html.contains("It rests on this: ") && html.contains("Step by step"), "{html}");
    for external in ["src=\"http", "href=\"http", "@import", "url("] {
        assert!(!html.contains(external), "the report loads nothing: {external}");
    }
}

#[test]
fn asking_twice_prints_the_same_bytes() {
    let folder = workspace();
    let ask = || {
        grounds(folder.path(), &["ask", "Who must draw up an insider list?", "--json", "--as-of", "2021-06-01"]).stdout
    };
    assert_eq!(ask(), ask());
}

#[test]
fn a_bad_file_leaves_the_rest_of_the_batch() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    link_corpus(folder.path());
    assert!(grounds(folder.path(), &["init"]).status.success());
    std::fs::write(folder.path().join("bad.xml"), "<?xml version=\"1.0\"?><ACT><TITLE></ACT>").expect("written");
    std::fs::write(folder.path().join("picture.txt"), [0_u8, 159, 146, 150, 0, 1, 2]).expect("written");
    let output =
        grounds(folder.path(), &["add", "bad.xml", "picture.txt", "corpus/law/working-days-order.md", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report = json(&output);
    assert_eq!(report["errors"].as_array().map(Vec::len), Some(2));
    assert_eq!(report["files"].as_array().map(Vec::len), Some(1));
    assert!(grounds(folder.path(), &["doctor"]).status.success());
}

#[test]
fn a_rule_with_a_wrong_quotation_points_into_its_file() {
    let folder = workspace();
    let rule = "source smc = \"securities-code\"\nentity Thing\nclaim Odd(Thing) say \"{Thing} is odd\"\nrule odd\n  cites smc art 51(1) \"within 73 hours\"\n  Odd(t)\n";
    std::fs::write(folder.path().join("odd.rules"), rule).expect("written");
    let output = grounds(folder.path(), &["rules", "check", "odd.rules"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains("odd.rules:5:"), "{}", stdout(&output));
    assert_eq!(grounds(folder.path(), &["add", "odd.rules"]).status.code(), Some(2));
    assert!(!stdout(&grounds(folder.path(), &["list"])).contains("odd.rules"));
}

#[test]
fn a_principal_reads_what_its_labels_allow_and_denials_are_kept() {
    let folder = workspace();
    let run = |arguments: &[&str]| grounds(folder.path(), arguments);
    let add = |name: &str, arguments: &[&str]| {
        let text = format!(
            "---\ndocument: {name}\nkind: regulation\n---\n# {name} order\n\n### Article 1 — Duty\n\n1. Keepers shall feed the zebras.\n"
        );
        std::fs::write(folder.path().join(format!("{name}.md")), text).expect("written");
        assert!(run(&[&["add", &format!("{name}.md")], arguments].concat()).status.success());
    };
    add("open", &["--labels", "staff"]);
    add("secret", &["--labels", "staff,bench"]);
    assert!(run(&["principals", "add", "clerk", "--labels", "staff"]).status.success());
    let found = |principal: &[&str]| {
        let hits = json(&run(&[&["search", "zebras", "--json"], principal].concat()));
        hits["hits"].as_array().map(|hits| hits.iter().map(|hit| hit["document"].to_string()).collect::<Vec<_>>())
    };
    assert_eq!(found(&[]).map(|hits| hits.len()), Some(2));
    assert_eq!(found(&["--principal", "clerk"]), Some(vec!["\"open\"".to_owned()]));
    let (hidden, absent) =
        (run(&["show", "secret", "--principal", "clerk"]), run(&["show", "secrec", "--principal", "clerk"]));
    assert_eq!(hidden.status.code(), absent.status.code());
    let message = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).replace("secrec", "secret");
    assert_eq!(message(&hidden), message(&absent));
    assert_eq!(run(&["show", "secret art. 1", "--principal", "clerk"]).status.code(), Some(2));
    assert_eq!(run(&["search", "zebras", "--document", "secret", "--principal", "clerk"]).status.code(), Some(2));
    assert_eq!(run(&["list", "--principal", "nobody"]).status.code(), Some(2));
    assert_eq!(run(&["log", "--principal", "clerk"]).status.code(), Some(2));
    let denials = json(&run(&["principals", "denials", "--json"]));
    let denials = denials.as_array().expect("a list").clone();
    let names: Vec<_> = denials.iter().map(|denial| format!("{} {}", denial["kind"], denial["name"])).collect();
    let secret = "\"document\" \"secret\"";
    assert_eq!(names, [secret, secret, secret, "\"workspace\" \"\""]);
    assert!(run(&["principals", "grant", "clerk", "--labels", "bench"]).status.success());
    assert_eq!(found(&["--principal", "clerk"]).map(|hits| hits.len()), Some(2));
    assert!(run(&["principals", "revoke", "clerk", "--labels", "staff"]).status.success());
    assert_eq!(found(&["--principal", "clerk"]).map(|hits| hits.len()), Some(0));
    assert!(run(&["principals", "remove", "clerk"]).status.success());
    assert_eq!(run(&["list", "--principal", "clerk"]).status.code(), Some(2));
    assert!(run(&["doctor"]).status.success());
}
