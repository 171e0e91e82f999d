//! Every matter of the corpus gives what its `.expected` file says; answering its question settles it.

use grounds::{AnswerFile, Assessment, Matter, Verdict, Workspace, assess, verify_assessment};
use grounds_core::AssessedClaim;
use jiff::civil::date;

use crate::corpus;

/// Assesses a matter's text.
pub(crate) fn assessed(grounds: &Workspace, name: &str, source: &str) -> Verdict {
    let view = grounds.view(None).expect("readable");
    let compiled = corpus::rules();
    let matter = Matter::parse(name, source).expect("well-formed");
    let draft = assess(&view, compiled, &matter, None, date(2026, 1, 1)).expect("assessed");
    verify_assessment(&view, draft).expect("verified or refused")
}

/// What is said of a claim: "holds", its value, "does not hold", "undetermined", "conflict".
fn said(assessment: &Assessment, claim: &str) -> String {
    let status = &assessment.claims_by_status;
    let find = |claims: &[AssessedClaim]| claims.iter().find(|found| found.claim == claim).cloned();
    if let Some(found) = find(&status.holds) {
        return found.value.unwrap_or_else(|| "holds".to_owned());
    }
    for (claims, word) in [
        (&status.does_not_hold, "does not hold"),
        (&status.undetermined, "undetermined"),
        (&status.conflict, "conflict"),
    ] {
        if find(claims).is_some() {
            return word.to_owned();
        }
    }
    "not assessed".to_owned()
}

/// The verdict as `.expected` files write it.
fn verdict(file: &AnswerFile) -> String {
    let code = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let verdict = code(serde_json::to_value(file.verdict).expect("a name"));
    match file.reason {
        Some(reason) => format!("{verdict} {}", code(serde_json::to_value(reason).expect("a name"))),
        None => verdict,
    }
}

/// The matter with one more fact.
fn settled(source: &str, fact: &str, value: &str) -> String {
    let end = source[4..].find("\n---").expect("front matter ends") + 4;
    format!("{}\n{fact}: {value}{}", &source[..end], &source[end..])
}

#[test]
fn every_matter_gives_what_is_expected() {
    let grounds = corpus::shared();
    let mut failures = Vec::new();
    let mut undetermined = 0;
    let matters = corpus::files("matters", "md");
    assert!(matters.len() >= 10, "the corpus has ten matters");
    for path in matters {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let source = std::fs::read_to_string(&path).expect("UTF-8");
        let expected = std::fs::read_to_string(path.with_extension("expected")).expect("every matter has one");
        let first = assessed(grounds, &name, &source);
        let mut current = first.clone();
        let mut expect = |what: &str, found: String, wanted: &str| {
            if found != wanted {
                failures.push(format!("{name}: {what}: expected {wanted}, found {found}"));
            }
        };
        for line in expected.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (key, value) = line.split_once(':').expect("`key: value`");
            let value = value.trim();
            match key {
                "verdict" => expect(line, verdict(first.file()), value),
                "missing" => {
                    let missing: Vec<&str> =
                        first.file().questions.iter().map(|question| question.fact.as_str()).collect();
                    undetermined += 1;
                    expect(line, missing.join(", "), value);
                }
                "settle" => {
                    let (fact, value) = value.split_once('=').expect("`fact = value`");
                    current = assessed(grounds, &name, &settled(&source, fact.trim(), value.trim()));
                    expect(line, verdict(current.file()), "verified");
                }
                claim => {
                    let claim = claim.strip_prefix("then ").unwrap_or(claim);
                    let found = current.file().assessment.as_ref().map(|assessment| said(assessment, claim));
                    expect(line, found.unwrap_or_default(), value);
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(undetermined, 4, "four matters lack a stated fact");
}

#[test]
fn the_same_matter_gives_the_same_bytes() {
    let grounds = corpus::shared();
    let path = &corpus::files("matters", "md")[0];
    let source = std::fs::read_to_string(path).expect("UTF-8");
    let json = || serde_json::to_string(assessed(grounds, "m", &source).file()).expect("JSON");
    assert_eq!(json(), json());
}
