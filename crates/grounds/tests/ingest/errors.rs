//! Files that cannot be imported say what is wrong and what to do.

use grounds::ingest::{ImportError, Overrides, SourceFile, parse, plan};
use jiff::civil::date;

use super::support::{error, nothing_known, read};

#[test]
fn what_is_not_text_is_refused() {
    assert_eq!(
        error("a.txt", b"abc\0def"),
        "a.txt: byte 3 is not text (a NUL byte): export the document as UTF-8 text, Markdown or Formex XML"
    );
    assert_eq!(
        error("a.txt", b"\x01\x02\x03"),
        "a.txt: byte 0 is not text (one of many control characters): export the document as UTF-8 text, Markdown or Formex XML"
    );
    assert_eq!(
        error("a.pdf", b"%PDF-1.7"),
        "a.pdf: PDF is not read: export its text layer as UTF-8 text, for example with pdftotext"
    );
    assert_eq!(error("a.txt", b"  \n "), "a.txt: the file has no text");
    assert_eq!(error("a.html", b"<!DOCTYPE html><p>"), "a.html: HTML is not read: save the page as text or Markdown");
    assert_eq!(
        error("a.xml", b"<?xml version='1.0'?><foo>x</foo>"),
        "a.xml: XML with the root element `foo` is not read: of XML, Formex is read"
    );
}

#[test]
fn malformed_xml_names_the_line() {
    assert_eq!(error("a.xml", b"<ACT>\n<P>x</Q></ACT>").split(" at byte").next(), Some("a.xml:2: not well-formed XML"));
    assert_eq!(error("a.xml", b"<ACT>\n<P>x"), "a.xml:2: not well-formed XML at byte 10: the file ends inside <P>");
    let deep = format!("<ACT>{}", "<P>".repeat(100_000));
    assert_eq!(
        error("a.xml", deep.as_bytes()),
        "a.xml:1: elements are nested more than 100 deep: no document needs that, look for unclosed elements"
    );
}

#[test]
fn front_matter_names_the_line() {
    for (line, message) in [
        ("in_force: soon", "`soon` is not a date: write in_force: 2019-07-01"),
        ("kind: law", "`law` is no kind of source: write one of regulation, precedent, interpretation, reference"),
        ("document: Bee Code", "`Bee Code` cannot name a document: write document: bee-code"),
        ("no colon", "`no colon` is not `key: value`"),
    ] {
        let text = format!("---\ntitle: T\n{line}\n---\ntext");
        assert_eq!(error("a.md", text.as_bytes()), format!("a.md:3: front matter: {message}"));
    }
}

#[test]
fn dates_must_leave_a_day() {
    let overrides =
        Overrides { valid_from: Some(date(2020, 1, 1)), valid_to: Some(date(2020, 1, 1)), ..Overrides::default() };
    let found = parse(&SourceFile { name: "a.txt", bytes: b"text" }, &overrides).expect_err("no day");
    assert_eq!(
        found.to_string(),
        "a.txt: in force from 2020-01-01 to 2020-01-01 is no day at all: give an end after the beginning"
    );
}

#[test]
fn files_that_contradict_each_other_are_not_taken_together() {
    let text = |words: &str, language: &str| {
        format!("---\ndocument: a\nin_force: 2020-01-01\nlanguage: {language}\n---\n{words}")
    };
    let one = read("one.md", &text("one", "en"));
    let two = read("two.md", &text("two", "en"));
    let found = plan(vec![one.clone(), two], &nothing_known()).expect_err("two texts of one day");
    assert_eq!(
        found.to_string(),
        "two.md and one.md are different texts of a, both from 2020-01-01: give one of them another date or name"
    );
    let german = read("drei.md", &text("drei", "de"));
    let found = plan(vec![one, german], &nothing_known()).expect_err("two languages");
    assert!(matches!(found, ImportError::Language { .. }));
    assert_eq!(found.to_string(), "drei.md is in `de`, but a is in `en`: import it under a name of its own");
}
