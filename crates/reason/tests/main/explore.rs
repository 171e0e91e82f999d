//! Exploration: cases at which two versions differ, and thresholds that no test tells from their neighbours.

use std::cell::Cell;

use grounds_reason::{
    Compiled, ExploreSettings, RuleFile, ThresholdReport, VersionReport, compile, explore_thresholds, explore_versions,
    run_tests,
};

use crate::law::TestLaw;

const RULES: &str = r#"
source code = "code"
source order = "days-order"
entity Firm
entity Incident
calendar days cites order art 1 "Saturday" weekend saturday, sunday
fact Incident.seen_at : instant open ask "When was {Incident} seen?"
fact Incident.told_at : instant closed ask "When was {Incident} reported?"
fact Incident.clients : number open ask "How many clients does {Incident} affect?"
fact Incident.planned : bool closed ask "Was {Incident} planned?"
fact Incident.firm : Firm open ask "Whose is {Incident}?"
fact Firm.turnover : money open ask "What is the turnover of {Firm}?"
fact Firm.kind : text open ask "Of which kind is {Firm}?"
fact Firm.notice : duration open ask "What is the notice period of {Firm}?"
fact Firm.paid_on : date open ask "When did {Firm} pay?"
claim Grave(Incident) say "{Incident} is grave"
claim ReportBy(Incident) : instant say "{Incident} is to be reported by {value}"
claim Late(Incident) say "{Incident} was late" say not "{Incident} was not late"
claim Cap(Incident) : money say "the fine for {Incident} is at most {value}"
claim Quick(Firm) say "{Firm} is quick"
claim Due(Firm) : date say "{Firm} pays by {value}"
claim Fee(Firm) : money say "{Firm} pays {value}"

rule grave cites code art 1(2)(a) "significant"
  Grave(i) when i.clients >= 1 000
rule deadline cites code art 1(1) "within"
  ReportBy(i) = i.seen_at + 72 hours when Grave(i)
exception planned to deadline cites code art 2(1) "planned maintenance"
  when i.planned
  then ReportBy(i) is none
rule late cites code art 1(1) "within"
  Late(i) when i.told_at > ReportBy(i)
rule cap cites code art 3(1) "3 %"
  Cap(i) = greater of (VRC 5 000 000, 3% of i.firm.turnover rounded down)
    when Late(i)
limit most on Cap(i) cites code art 3(1) "whichever is higher" at most VRC 90 000 000
rule quick cites code art 3(3) "number of complaints"
  Quick(f) when f.notice < 2 weeks
rule due cites code art 3(3) "Refunds"
  Due(f) = f.paid_on + 3 working days by days
table rate | kind : text | gives share : number |
  cites code art 3(1) "3 %"
  | "bank" | 2.5% | in force 2015-01-01 .. 2019-06-30 |
  | "bank" | 3% | in force 2019-07-01 .. |
rule fee cites code art 3(1) "3 %" in force 2015-01-01 ..
  Fee(f) = brackets of f.turnover (1% to VRC 1 000, 2% above) rounded up when rate(f.kind).share > 2%
"#;

fn compiled(source: &str) -> Compiled {
    compile(&[RuleFile { name: "code.rules", source }], &TestLaw).expect("the rules of the test compile")
}

fn settings(seed: u64) -> ExploreSettings<'static> {
    ExploreSettings { seed, case_count_max: 3_000, go_on: &|| true }
}

fn versions(one: &str, other: &str) -> VersionReport {
    explore_versions(&compiled(one), &compiled(other), settings(1))
}

fn thresholds(source: &str) -> ThresholdReport {
    explore_thresholds(&compiled(source), &[], settings(1))
}

/// Whether all tests of the rules pass.
fn passes(source: &str) -> bool {
    run_tests(&compiled(source)).iter().all(|outcome| outcome.passed())
}

#[test]
fn facts_are_found_at_which_versions_differ_and_shrunk_to_those_that_matter() {
    // What is written, what the other version says, the claim, and how many facts and entities the difference needs.
    let changes = [
        (">= 1 000", "> 1 000", "Grave", 2),
        (">= 1 000", ">= 1 001", "Grave", 2),
        ("72 hours", "73 hours", "ReportBy", 3),
        ("> ReportBy", ">= ReportBy", "Late", 4),
        ("when i.planned", "when not i.planned", "ReportBy", 4),
        ("VRC 5 000 000,", "VRC 5 000 000.01,", "Cap", 7),
        ("3% of", "4% of", "Cap", 7),
        ("VRC 90 000 000", "VRC 90 000 001", "Cap", 7),
        ("2 weeks", "15 days", "Quick", 2),
        ("weekend saturday, sunday", "weekend sunday", "Due", 2),
        ("3 working days", "2 working days", "Due", 2),
        ("| 2.5% |", "| 2% |", "Fee", 3),
        ("2019-06-30", "2019-06-29", "Fee", 3),
        ("1% to VRC 1 000", "1% to VRC 999", "Fee", 3),
        ("rounded up", "rounded down", "Fee", 3),
        ("planned : bool closed", "planned : bool open", "ReportBy", 3),
    ];
    for (written, instead, claim, count) in changes {
        let other = RULES.replace(written, instead);
        assert_ne!(other, RULES, "{written} is written");
        let report = versions(RULES, &other);
        let found = report.differences.iter().find(|difference| difference.claim.starts_with(claim));
        let found = found.unwrap_or_else(|| panic!("{written} for {instead}: {report:?}"));
        assert_ne!(found.status, found.other);
        let test = &found.test;
        assert!(passes(&format!("{RULES}{test}")), "{written}: {test}");
        assert!(!passes(&format!("{other}{test}")), "{instead}: {test}");
        // A comment, the test's name, and what it expects stand besides.
        assert!(test.trim().lines().count() <= count + 3, "{written}: {test}");
    }
}

#[test]
fn versions_that_decide_alike_are_not_explored() {
    let other = RULES.replace("\"3 %\"\n  Cap", "\"whichever is higher\"\n  Cap");
    assert_ne!(other, RULES);
    assert_eq!(versions(RULES, &other), VersionReport::default());
    let renamed = RULES.replace("i.clients >= 1 000", "i.clients > 1 000 or i.clients = 1 000");
    let report = versions(RULES, &renamed);
    assert_eq!((report.changed, report.compared), (vec!["grave".to_owned()], vec!["Grave".to_owned()]));
    assert!(report.differences.is_empty() && report.bound_hit, "in other words, but the same");
}

#[test]
fn claims_of_one_version_only_are_not_compared() {
    let other = RULES.replace("Quick(", "Fast(");
    assert_eq!(versions(RULES, &other).compared, Vec::<String>::new());
    let other = RULES.replace("rule quick", "rule swift");
    let report = versions(RULES, &other);
    assert_eq!((report.changed.len(), report.compared), (2, vec!["Quick".to_owned()]));
}

const AT_THE_LIMIT: &str = r#"
test "at" as of 2020-01-01
  i : Incident
  i.clients = 1 000
  expect Grave(i)
"#;
const BELOW: &str = r#"
test "below" as of 2020-01-01
  i : Incident
  i.clients = 999
  expect Grave(i) undetermined
"#;
const ABOVE: &str = r#"
test "above" as of 2020-01-01
  i : Incident
  i.clients = 1 001
  expect Grave(i)
"#;

#[test]
fn a_limit_is_noticed_by_tests_at_it_and_beside_it() {
    let (more, less, later) = ("is more than 1000", "is at least 999", "is at least 1001");
    let tests: [(&[&str], &[&str]); 6] = [
        (&[], &[more, less, later]),
        (&[ABOVE], &[more, less, later]),
        (&[AT_THE_LIMIT], &[less]),
        (&[&BELOW.replace("undetermined", "does not hold")], &[more, later]),
        // A test that fails notices nothing.
        (&[BELOW], &[more, less, later]),
        (&[AT_THE_LIMIT, &BELOW.replace("undetermined", "does not hold"), ABOVE], &[]),
    ];
    for (tests, expected) in tests {
        let report = thresholds(&format!("{RULES}{}", tests.concat()));
        let of_rule = report.unnoticed.iter().filter(|unnoticed| unnoticed.name.as_deref() == Some("grave"));
        let instead: Vec<String> = of_rule.map(|it| it.instead.replace("i.clients ", "")).collect();
        assert_eq!(instead, expected, "{tests:?}");
    }
}

#[test]
fn proposed_tests_pass_and_notice_what_none_noticed() {
    let report = thresholds(RULES);
    assert_eq!((report.noticed_count, report.moved_count), (0, report.unnoticed.len()));
    assert!(!report.bound_hit);
    let place = report.unnoticed[0].place.clone();
    let line = RULES.lines().position(|line| line.starts_with("rule grave")).map(|line| line + 1);
    assert_eq!(place, line.map(|line| ("code.rules".to_owned(), line)));
    for written in ["i.told_at is later than ReportBy(i)", "VRC 90 000 000", "rate(\"bank\").share is 0.025"] {
        assert!(report.unnoticed.iter().any(|unnoticed| unnoticed.written == written), "{written}: {report:?}");
    }
    assert!(report.unnoticed.iter().any(|unnoticed| unnoticed.instead == "in force from 2019-07-02"));
    let without: Vec<&str> =
        report.unnoticed.iter().filter(|it| it.test.is_none()).map(|it| it.instead.as_str()).collect();
    // What lies between 2% and the rates of the table makes no difference, nor on which day one of them takes the place of the other.
    let equal = [
        "rate(f.kind).share is at least 0.02",
        "rate(f.kind).share is more than 0.01",
        "rate(\"bank\").share is 0.035",
    ];
    let equal = [&equal[..], &["rate(\"bank\").share is 0.04", "in force from 2019-06-30", "in force from 2019-07-02"]]
        .concat();
    // A hundredth of a cent is never seen, for amounts are whole cents.
    let unseen = "brackets of f.turnover (1% to VRC 1 000.01, 2% above) rounded up";
    assert_eq!(without, [&equal[..2], &[unseen], &equal[2..]].concat());

    let tests: String = report.tests.iter().map(|proposed| proposed.test.as_str()).collect();
    let more = format!("{RULES}{tests}");
    assert!(passes(&more), "{tests}");
    let again = thresholds(&more);
    assert!(again.unnoticed.iter().all(|unnoticed| without.contains(&unnoticed.instead.as_str())), "{again:?}");
    assert_eq!(again.tests, []);
}

#[test]
fn only_thresholds_of_the_files_named_are_moved() {
    let other = "rule other cites code art 1(2)(b) \"longer than 2 hours\"\n  Grave(i) when i.clients < 5\n";
    let files = [RuleFile { name: "code.rules", source: RULES }, RuleFile { name: "other.rules", source: other }];
    let both = compile(&files, &TestLaw).expect("they compile");
    let report = explore_thresholds(&both, &["other.rules".to_owned()], settings(1));
    assert_eq!(report.moved_count, 3);
    assert!(report.unnoticed.iter().all(|unnoticed| unnoticed.name.as_deref() == Some("other")));
}

#[test]
fn equal_seeds_give_equal_results_and_the_caller_can_end_it() {
    assert_eq!(thresholds(RULES), thresholds(RULES));
    let other = RULES.replace("72 hours", "71 hours").replace("3% of", "2% of");
    assert_eq!(versions(RULES, &other), versions(RULES, &other));

    let asked = Cell::new(0);
    let go_on = || {
        asked.set(asked.get() + 1);
        asked.get() < 5
    };
    let ended = explore_thresholds(&compiled(RULES), &[], ExploreSettings { go_on: &go_on, ..settings(1) });
    assert_eq!((ended.moved_count, ended.bound_hit, ended.case_count), (4, true, 0));
    let ended =
        explore_versions(&compiled(RULES), &compiled(&other), ExploreSettings { go_on: &|| false, ..settings(1) });
    assert_eq!((ended.case_count, ended.differences.len(), ended.bound_hit), (0, 0, true));
    let none = ExploreSettings { case_count_max: 0, ..settings(1) };
    assert!(explore_thresholds(&compiled(RULES), &[], none).tests.is_empty());
}
