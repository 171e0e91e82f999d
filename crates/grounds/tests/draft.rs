//! Drafts of every article of the corpus, in every state of the law: they compile, are formatted, and decide nothing.

use std::rc::Rc;

use grounds::rules::{ItemSource, RuleFile, format_rules, item_sources, run_tests};
use grounds::{Overrides, Upload, Workspace, draft};
use grounds_core::UnitKind;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use crate::corpus;

/// A workspace with these texts and no rules.
fn workspace(uploads: &[Upload]) -> (Workspace, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let grounds = Workspace::create(&folder.path().join(".grounds")).expect("created");
    let outcome = grounds.add(uploads, &Overrides::default(), corpus::noon()).expect("imported");
    assert!(outcome.failures.is_empty());
    (grounds, folder)
}

/// Drafts all articles of all documents in force on a date into files that compile together; gives the files.
fn draft_all(grounds: &Workspace, as_of: Date) -> Vec<(String, String)> {
    let view = grounds.view(None).expect("readable");
    let mut files: Vec<(String, String)> = Vec::new();
    let mut beside: Vec<ItemSource> = Vec::new();
    for document in view.documents() {
        let Some(text) = view.text_in_force(&document.id, as_of).expect("readable") else { continue };
        for unit in text.tree.units().iter().filter(|unit| unit.kind == UnitKind::Article) {
            let place = (document.clone(), Rc::clone(&text), unit.clone());
            let source = draft(&view, &place, &beside, as_of).expect("drafted");
            let name = format!("{}-{}.rules", document.id, unit.id);
            assert_eq!(format_rules(&RuleFile { name: &name, source: &source }).as_ref(), Ok(&source), "{source}");
            beside.extend(item_sources(&[RuleFile { name: &name, source: &source }]));
            files.push((name, source));
        }
    }
    let compiled = match grounds.compile_with(&view, &files) {
        Ok(compiled) => compiled,
        Err(error) => panic!("{error}"),
    };
    assert!(compiled.warnings.is_empty(), "{:?}", compiled.warnings);
    for outcome in run_tests(&compiled) {
        let failures: Vec<String> = outcome.failures.iter().map(ToString::to_string).collect();
        assert!(outcome.passed(), "{}: {}", outcome.file, failures.join("; "));
    }
    assert_eq!(compiled.tests.len(), files.len(), "each has a claim, and a test that nothing is known of it");
    files
}

#[test]
fn every_article_of_the_corpus_can_be_drafted() {
    let (grounds, _folder) = workspace(&corpus::uploads(&corpus::files("law", "md")));
    for as_of in [date(2016, 1, 1), date(2020, 1, 1), date(2024, 1, 1)] {
        let files = draft_all(&grounds, as_of);
        assert!(files.len() > 70, "{} articles", files.len());
        let all: String = files.iter().map(|(_, source)| source.as_str()).collect();
        for kind in ["exception ", "calendar ", "lesser of (", "greater of (", " : duration", " : instant", " or c."] {
            assert!(all.contains(kind), "{kind}");
        }
    }
}

const GERMAN: &str = "\
---
document: meldegesetz
title: Gesetz über die Meldung von Vorfällen
short: MeldeG
kind: regulation
language: de
in_force: 2020-01-01
---
# Gesetz

### Artikel 1 — Meldung

1. Wenn ein Vorfall {Kunden} betrifft, muss das Unternehmen ihn binnen 72 Stunden nach Kenntnis melden, es sei denn, dass kein Risiko besteht.

2. Absatz 1 gilt nicht, sofern eine der folgenden Bedingungen erfüllt ist:

   (a) der \"Vorfall\" dauert weniger als zwei Stunden; oder

   (b) er betrifft höchstens 2,5 % der Kunden.

3. Absatz 2 ist nicht anzuwenden, wenn Kundengelder betroffen sind.

4. Die Geldbuße beträgt bis zu 20.000.000 EUR oder 4 % des Umsatzes, je nachdem, welcher der Beträge höher ist.
";

#[test]
fn german_is_read_as_german() {
    let bytes = GERMAN.as_bytes().to_vec();
    let (grounds, _folder) = workspace(&[Upload { name: "meldeg.md".to_owned(), bytes, ..Upload::default() }]);
    let files = draft_all(&grounds, date(2021, 1, 1));
    let source = &files[0].1;
    for part in [
        "cites meldeg art 1(1) \"Wenn ein Vorfall {Kunden} betrifft\"",
        "ask \"Is it so in {Art1Case}: ein Vorfall (Kunden) betrifft?\"",
        "exception art1-1-unless to art1-1\n  cites meldeg art 1(1) \"es sei denn, dass kein Risiko besteht\"",
        "+ 72 hours",
        "exception art1-2-not-art1-1 to art1-1",
        "cites meldeg art 1(2)(a) \"der \"\"Vorfall\"\" dauert weniger als zwei Stunden\"",
        "exception art1-3-not-art1-2-not-art1-1 to art1-2-not-art1-1",
        "greater of (EUR 20 000 000, 4% of",
    ] {
        assert!(source.contains(part), "{part}\n{source}");
    }
    let points: Vec<&str> = source.lines().filter(|line| line.contains(" or c.")).collect();
    assert_eq!(points.len(), 1, "the points are alternatives: {source}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever an article says, its draft compiles.
    #[test]
    fn any_words_can_be_drafted(
        language in prop::sample::select(vec!["en", "de", "fr"]),
        sentences in prop::collection::vec(prop::collection::vec(prop::sample::select(vec![
            "Where", "where", "unless", "it", "shall not apply", "Paragraph 1", "shall", "may", ",", ";", ":", "within", "72 hours", "one", "month",
            "EUR 5", "EUR 5.555", "$3,000", "2 %", "100000000000000000000 hours", "4711 %", "0 days", "whichever is higher", "\"so\"", "{x}", "--", "“", "§",
            "wenn", "es sei denn", "binnen", "drei Monaten", "gilt nicht", "Artikel 1", "(a)", "/", "-", "3rd", "and", "or", "Ⅷ", "İ", "é", "not", "rule", "\u{a0}", "x\u{a0}5\u{a0}%",
        ]), 1..14), 1..5),
    ) {
        let mut text = format!("---\ndocument: act\ntitle: Act\nshort: ACT\nkind: regulation\nlanguage: {language}\nin_force: 2020-01-01\n---\n# Act\n\n### Article 1 — Words\n\n");
        for (position, words) in sentences.iter().enumerate() {
            let words = words.join(" ");
            text.push_str(&format!("{}. It is so: {words}.\n\n", position + 1));
            if position % 2 == 1 {
                text.push_str(&format!("   (a) so {words}; or\n\n   (b) it {words};\n\n"));
            }
        }
        let upload = Upload { name: "act.md".to_owned(), bytes: text.into_bytes(), ..Upload::default() };
        let (grounds, _folder) = workspace(&[upload]);
        draft_all(&grounds, date(2021, 1, 1));
    }
}
