//! The corpus's rules: their own tests pass, and enough of the law is encoded.

use std::collections::BTreeSet;

use grounds::rules::run_tests;

use crate::corpus;

#[test]
fn rule_tests_pass() {
    let grounds = corpus::shared();
    let view = grounds.view(None).expect("readable");
    let compiled = grounds.rules(&view).expect("compiled");
    let outcomes = run_tests(&compiled);
    let mut failures = Vec::new();
    for outcome in outcomes.iter().filter(|outcome| !outcome.passed()) {
        let found: Vec<String> = outcome.failures.iter().map(ToString::to_string).collect();
        failures.push(format!("{}:{} {}: {}", outcome.file, outcome.line, outcome.name, found.join("; ")));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(outcomes.len() >= 60, "{} tests", outcomes.len());
}

#[test]
fn twenty_articles_are_encoded() {
    let grounds = corpus::shared();
    let view = grounds.view(None).expect("readable");
    let compiled = grounds.rules(&view).expect("compiled");
    let cited = compiled.program.rules.iter().flat_map(|rule| &rule.cites);
    let articles: BTreeSet<String> = cited
        .map(|citation| format!("{} {}", citation.document, citation.unit.0.split("__").next().unwrap_or_default()))
        .collect();
    assert!(articles.len() >= 20, "{articles:?}");
}
