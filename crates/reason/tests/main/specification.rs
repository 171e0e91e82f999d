//! The specification and the compiler say the same: its example reads, and each of its codes has a case.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use grounds_reason::{RuleFile, compile, run_tests};

use crate::law::TestLaw;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn specification() -> String {
    std::fs::read_to_string(folder().join("../../docs/rules.md")).expect("docs/rules.md is part of the repository")
}

#[test]
fn the_example_reads() {
    let text = specification();
    let source = text.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the example");
    let diagnostics =
        compile(&[RuleFile { name: "example.rules", source }], &TestLaw).expect_err("the tests' law is another");
    for diagnostic in diagnostics {
        assert_eq!(diagnostic.code, "unknown-document", "{diagnostic}");
    }
}

#[test]
fn the_examples_pass_their_tests() {
    let text = specification();
    for (heading, test_count) in [("## Lengths of time", 1), ("## Statutes", 3)] {
        let source = text.split(heading).nth(1).and_then(|rest| rest.split("```text\n").nth(1));
        let source = source.and_then(|rest| rest.split("```").next()).expect("an example under its heading");
        let compiled = compile(&[RuleFile { name: "example.rules", source }], &TestLaw).unwrap_or_else(|mistakes| {
            panic!("{}", mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        });
        assert_eq!(compiled.tests.len(), test_count, "{heading}");
        for outcome in run_tests(&compiled) {
            assert!(outcome.passed(), "{}: {:?}", outcome.name, outcome.failures);
        }
    }
}

/// What `docs/conformance.md` says of a case, it says of a test that there is; and no test of the suites is left out there.
#[test]
fn the_page_on_other_suites_names_every_test() {
    let page = std::fs::read_to_string(folder().join("../../docs/conformance.md")).expect("part of the repository");
    let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).filter(|name| name.contains(": ")).collect();
    let mut written = BTreeSet::new();
    let mut texts = Vec::new();
    for path in crate::cases::case_files("tests/suites") {
        texts.push(std::fs::read_to_string(path).expect("a readable case file"));
    }
    for text in &texts {
        written.extend(text.lines().filter_map(|line| line.strip_prefix("test \"")?.split('"').next()));
    }
    assert_eq!(named, written);
}

#[test]
fn every_code_has_a_case() {
    let text = specification();
    let (_, refused) = text.split_once("## What is refused").expect("the section on what is refused");
    let mut shown = String::new();
    for entry in std::fs::read_dir(folder().join("tests/cases")).expect("the folder of cases is part of the crate") {
        shown += &std::fs::read_to_string(entry.expect("a readable folder").path()).expect("a readable case file");
    }
    let codes: Vec<&str> = refused.split('`').skip(1).step_by(2).collect();
    assert!(codes.len() > 40, "the table of codes has {} codes", codes.len());
    for code in codes {
        assert!(shown.contains(&format!("[{code}]")), "no case file shows the code {code}");
    }
}
