//! The past answers as it did.

use grounds::{AskRequest, Located, Overrides, Upload, Workspace, ask, verify_answer};
use grounds_core::{Pinpoint, Snapshot};
use jiff::civil::{Date, date};

use crate::corpus;

fn words(grounds: &Workspace, pinpoint: &str, as_of: Date, known_at: Option<Snapshot>) -> String {
    let view = grounds.view(known_at).expect("readable");
    let pinpoint = Pinpoint::parse(pinpoint).expect("a pinpoint");
    match view.locate(&pinpoint, as_of).expect("readable") {
        Located::Found { text, unit } => text.words(&unit).to_owned(),
        _ => String::new(),
    }
}

#[test]
fn a_provision_reads_as_it_stood_on_the_date() {
    let grounds = corpus::shared();
    let on = |year| words(grounds, "SMC art. 51(1)", date(year, 1, 2), None);
    assert!(on(2016).contains("72 hours"), "{}", on(2016));
    assert!(on(2020).contains("24 hours"), "{}", on(2020));
    assert!(words(grounds, "SMC art. 41a(1)", date(2016, 1, 1), None).is_empty());
    assert!(!words(grounds, "SMC art. 41a(1)", date(2020, 1, 1), None).is_empty());
    assert!(words(grounds, "SMC art. 14", date(2024, 1, 1), None).is_empty());
}

#[test]
fn importing_again_changes_nothing() {
    let (grounds, _folder) = corpus::import();
    let before = grounds.store().latest().expect("readable");
    for name in ["law", "interpretations", "decisions"] {
        grounds
            .add(&corpus::uploads(&corpus::files(name, "md")), &Overrides::default(), corpus::noon())
            .expect("imported");
    }
    grounds.add_rules(&corpus::rule_files(), corpus::noon()).expect("compiled");
    assert_eq!(grounds.store().latest().expect("readable"), before);
}

#[test]
fn a_correction_changes_the_present_and_not_the_snapshot_before() {
    let (grounds, _folder) = corpus::import();
    let before = grounds.view(None).expect("readable").known_at();
    let path = corpus::folder().join("law/securities-code-2023.md");
    let text = std::fs::read_to_string(path).expect("UTF-8");
    let corrected = text.replace("24 hours after becoming aware that", "23 hours after becoming aware that");
    assert_ne!(text, corrected);
    let upload =
        Upload { name: "securities-code-2023.md".to_owned(), bytes: corrected.into_bytes(), ..Upload::default() };
    grounds.add(&[upload], &Overrides::default(), corpus::noon()).expect("imported");
    let on = date(2024, 1, 1);
    assert!(words(&grounds, "SMC art. 51(1)", on, None).contains("23 hours"));
    assert!(words(&grounds, "SMC art. 51(1)", on, Some(before)).contains("24 hours"));
    assert!(words(&grounds, "SMC art. 51(1)", date(2020, 1, 1), None).contains("24 hours"));

    let request = |as_of| AskRequest {
        text: "What does SMC art. 51(1) say?".to_owned(),
        as_of,
        kinds: Vec::new(),
        documents: Vec::new(),
        hit_count_max: 3,
    };
    let answer = |known_at| {
        let view = grounds.view(known_at).expect("readable");
        verify_answer(&view, ask(&view, &request(on)).expect("answered")).expect("verified").file().claims[0]
            .text
            .clone()
    };
    assert_ne!(answer(None), answer(Some(before)));

    let view = grounds.view(None).expect("readable");
    assert!(grounds.rules(&view).is_err(), "the words that a rule quotes are gone");
    let stale = grounds.stale_rules(&view, on).expect("readable");
    assert!(stale.iter().any(|rule| rule.pinpoint.contains("art. 51(1)")), "the rule that quotes it is stale");
    let elsewhere: Vec<&grounds::StaleRule> = stale.iter().filter(|rule| !rule.pinpoint.contains("art. 51")).collect();
    assert!(elsewhere.is_empty(), "no rule on another provision is stale: {elsewhere:#?}");
}
