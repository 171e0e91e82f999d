//! Backup, restore, export, import and erase from the command line.

use std::path::Path;

use crate::bench_workspace::{grounds, json, stdout, workspace};

/// Runs a command that must succeed.
fn run(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let output = grounds(folder, &[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    json(&output)
}

#[test]
fn a_backup_and_an_export_come_back_as_the_same_workspace() {
    let folder = workspace();
    let log = run(folder.path(), &["log"]);
    let backup = run(folder.path(), &["backup", "law.backup"]);
    assert_eq!(backup["head"], log.as_array().and_then(|log| log.last()).expect("commits")["hash"]);
    assert_eq!(grounds(folder.path(), &["backup", "law.backup"]).status.code(), Some(2), "it is there already");
    let export = run(folder.path(), &["export", "law.export"]);
    for (command, from, to) in [("restore", "law.backup", "restored"), ("import", "law.export", "imported")] {
        let report = run(folder.path(), &[command, from, "-w", to]);
        assert_eq!((&report["head"], &report["rows"]), (&export["head"], &export["rows"]), "{command}");
        assert_eq!(run(folder.path(), &["log", "-w", to]), log, "{command}");
        let show = |workspace: &[&str]| {
            stdout(&grounds(folder.path(), &[&["show", "SMC art. 51(1)", "--as-of", "2018-01-01"], workspace].concat()))
        };
        assert_eq!(show(&["-w", to]), show(&[]), "{command}");
        assert_eq!(run(folder.path(), &["doctor", "-w", to])["sound"], true, "{command}");
        assert_eq!(grounds(folder.path(), &[command, from, "-w", to]).status.code(), Some(2), "there is a workspace");
    }
}

#[test]
fn an_erased_document_is_gone_and_the_log_tells() {
    let folder = workspace();
    let letter =
        "---\ndocument: letter\nkind: reference\n---\n# A letter\n\nWilhelmina Quartz lives beside the canal.\n";
    std::fs::write(folder.path().join("letter.md"), letter).expect("written");
    run(folder.path(), &["add", "letter.md"]);
    let before = run(folder.path(), &["list"]);
    let planned = run(folder.path(), &["erase", "--document", "letter", "--dry-run"]);
    assert!(planned["snapshot"].is_null());
    assert_eq!(run(folder.path(), &["list"]), before);
    let who = &["--asked-by", "the officer", "--reason", "request 17"];
    let erased = run(folder.path(), &[&["erase", "--document", "letter"][..], who].concat());
    assert_eq!((&erased["rows"], &erased["originals"]), (&planned["rows"], &planned["originals"]));
    assert_eq!(erased["originals"], 1);
    let log = run(folder.path(), &["log"]);
    let last = log.as_array().and_then(|log| log.last()).expect("commits");
    assert_eq!(last["message"], "erase: request 17 (asked by the officer)");
    assert_eq!(run(folder.path(), &["doctor"])["sound"], true);
    let words = "Wilhelmina Quartz lives";
    for entry in std::fs::read_dir(folder.path().join(".grounds")).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("readable");
            assert!(!bytes.windows(words.len()).any(|window| window == words.as_bytes()), "{}", path.display());
        }
    }
    let code = |arguments: &[&str]| grounds(folder.path(), &[arguments, who].concat()).status.code();
    assert_eq!(code(&["erase", "--document", "letter"]), Some(2), "it is gone");
    assert_eq!(code(&["erase"]), Some(2), "nothing is named");
    assert_eq!(code(&["erase", "--table", "nothing", "--key", "1"]), Some(2));
    assert_eq!(code(&["erase", "--table", "units", "--key", "securities-code@1/00000001"]), Some(2));
    assert_eq!(grounds(folder.path(), &["erase", "--document", "letter"]).status.code(), Some(2), "nobody asked");
}
