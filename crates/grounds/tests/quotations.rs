//! Every quotation of every answer equals its span, byte for byte, in the text that is stored.

use grounds::{AnswerFile, View, check, check_rules};
use grounds_core::{Grounds, Span};

use crate::corpus;
use crate::matters::assessed;
use crate::questions::{answered, asked};

/// All answers to the corpus's questions and all assessments of its matters.
pub(crate) fn all_answers(view: &View) -> Vec<AnswerFile> {
    let mut files: Vec<AnswerFile> = asked().iter().map(|asked| answered(view, asked).file().clone()).collect();
    for path in corpus::files("matters", "md") {
        let source = std::fs::read_to_string(&path).expect("UTF-8");
        files.push(assessed(corpus::shared(), "matter", &source).file().clone());
    }
    files
}

#[test]
fn every_quotation_equals_its_span() {
    let view = corpus::shared().view(None).expect("readable");
    let mut count = 0;
    for file in all_answers(&view) {
        let precedents = file.assessment.iter().flat_map(|assessment| &assessment.precedents);
        let grounds =
            file.claims.iter().flat_map(|claim| &claim.grounds).chain(precedents.flat_map(|one| &one.grounds));
        for ground in grounds {
            let Grounds::Quote { version, start, end, text, .. } = ground else { continue };
            let stored = view.reader().version(version).expect("readable").expect("stored");
            assert_eq!(Span { start: *start, end: *end }.of(&stored.row.text), Some(text.as_str()));
            count += 1;
        }
        for hit in &file.evidence {
            let stored = view.reader().version(&hit.version).expect("readable").expect("stored");
            assert_eq!(Span { start: hit.start, end: hit.end }.of(&stored.row.text), Some(hit.text.as_str()));
        }
    }
    println!("{count} quotations compared");
    assert!(count > 200, "{count} quotations are too few to mean anything");
}

#[test]
fn every_answer_verifies_alone_and_against_the_workspace() {
    let grounds = corpus::shared();
    let view = grounds.view(None).expect("readable");
    let rules = grounds.rules(&view).expect("compiled");
    for file in all_answers(&view) {
        let json = serde_json::to_string_pretty(&file).expect("JSON");
        let file = AnswerFile::parse("answer.json", &json).expect("reads back");
        for view in [None, Some(&view)] {
            let failures = check(&file, view).expect("readable");
            assert_eq!(failures, [], "{}", file.question);
        }
        assert_eq!(check_rules(&file, &rules), [], "{}", file.question);
    }
}
