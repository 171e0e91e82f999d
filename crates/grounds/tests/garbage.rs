//! Damaged matters, saved answers and citations: an error or a result, never a panic.
//!
//! `GROUNDS_MUTATION_RUNS` sets how many damaged inputs each parser gets.

use grounds::{AnswerFile, Matter, check, report_html};
use grounds_core::{Instant, Money, Pinpoint, Rational};
use jiff::civil::date;

use crate::corpus;
use crate::matters::assessed;
use crate::mutations::Random;

const RUNS_DEFAULT: usize = 1000;

fn runs() -> usize {
    std::env::var("GROUNDS_MUTATION_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS_DEFAULT)
}

/// Flips, drops, doubles or moves bytes; what is no longer UTF-8 is replaced, as a reader of files would.
fn damaged(text: &str, random: &mut Random) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len());
        match random.below(5) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..(at + 1 + random.below(40)).min(bytes.len()))),
            3 => {
                let end = (at + 1 + random.below(60)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            _ => bytes.insert(at, b"\0\n-:\"().\xff9"[random.below(10)]),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn damaged_matters_are_errors_or_matters() {
    let sources: Vec<String> =
        corpus::files("matters", "md").iter().map(|path| std::fs::read_to_string(path).expect("UTF-8")).collect();
    let program = &corpus::rules().program;
    let mut random = Random(0x1234_5678_9abc_def1);
    let mut whole = 0;
    for run in 0..runs() {
        let text = damaged(&sources[run % sources.len()], &mut random);
        if let Ok(matter) = Matter::parse("damaged.md", &text)
            && let Ok(case) = matter.case(program, date(2024, 1, 1))
        {
            whole += 1;
            // Facts out of range may make evaluation fail, and must not make it panic.
            drop(grounds::rules::evaluate(program, &case));
        }
    }
    println!("{} damaged matters, {whole} still matters", runs());
}

#[test]
fn damaged_answers_are_errors_or_refused() {
    let source = std::fs::read_to_string(corpus::folder().join("matters/late-incident-report.md")).expect("UTF-8");
    let file = assessed(corpus::shared(), "m", &source).file().clone();
    let json = serde_json::to_string(&file).expect("JSON");
    let mut random = Random(0x0fed_cba9_8765_4321);
    for _ in 0..runs() {
        let text = damaged(&json, &mut random);
        if let Ok(read) = AnswerFile::parse("damaged.json", &text) {
            let failures = check(&read, None).expect("no workspace is read");
            assert!(!failures.is_empty() || read == file, "a damaged answer verifies");
            drop(report_html(&read));
        }
    }
}

#[test]
fn damaged_citations_and_values_are_errors_or_values() {
    let texts = [
        "GDPR Article 33(1), point (b)",
        "2021-03-01T09:00+01:00",
        "VRC 18 000.05",
        "-12.5",
        "§ 33 Abs. 1",
        "第33条(一)",
    ];
    let mut random = Random(0x5555_aaaa_5555_aaab);
    for run in 0..runs() * 10 {
        let text = damaged(texts[run % texts.len()], &mut random);
        if let Ok(pinpoint) = Pinpoint::parse(&text) {
            let shown = pinpoint.to_string();
            assert_eq!(Pinpoint::parse(&shown).as_ref().map(ToString::to_string), Ok(shown.clone()), "{text}");
        }
        drop((text.parse::<Instant>(), Money::parse(&text), Rational::parse(&text)));
    }
}
