//! Rules in plain words.

use std::fmt::Write as _;

use grounds_reason::{RuleFile, Wording, compile, item_sources};

use crate::law::TestLaw;

const RULES: &str = r#"
source code = "code"
entity Firm
entity Incident
fact Incident.firm : Firm open ask "Which firm does {Incident} concern?"
fact Incident.of : Firm open ask "Whose is {Incident}?"
fact Incident.seen_at : instant open ask "When was {Incident} seen?"
fact Incident.told_at : instant closed ask "When was {Incident} reported?"
fact Incident.loss : money open ask "What did {Incident} cost?"
judgement Incident.grave : bool presumed no burden firm cites code art 1(2)(a) "significant" ask "Is {Incident} grave?"
fact Firm.kind : text open ask "Of which kind is {Firm}?"
fact Controls(Firm, Firm) : bool closed ask "Does {Firm.1} control {Firm.2}?"
claim ReportBy(Incident) : instant say "{Incident} is to be reported by {value}"
claim Late(Incident) say "{Incident} was late" say not "{Incident} was not late"
claim Cap(Incident) : money say "the fine for {Incident}"
claim Alone(Firm) say "{Firm} stands alone" say not "{Firm} belongs to a group"
claim ToldBy(Incident) : instant say "{Incident} is to be told by {value}"
claim Count(Firm) : number say "the cases of {Firm} are {value}"

rule deadline cites code art 1(1) "within"
  ReportBy(i) = i.seen_at + 72 hours
    when i.of.kind in { "bank", "broker" }
exception grave to deadline cites code art 1(2)(a) "significant"
  when i.grave
  then ReportBy(i) is none
rule late cites code art 1(1) "within"
  Late(i) only when i.told_at > ReportBy(i) or (no i.told_at and case.as_of > date of ReportBy(i))
-- Half of the turnover.
rule cap cites code art 3(1) "3 %"
  Cap(i) = greater of (VRC 5 000 000, 3% of i.loss rounded down)
    when has i.firm and not (Late(i) and i.grave)
limit least on Cap(i) cites code art 3(1) "whichever is higher" at least VRC 100
rule alone cites code art 2(1) "planned maintenance"
  Alone(f) when not some o in Firm where (Controls(o, f) and o is not f)
table notice | gives period : duration |
  | 3 days | cites code art 1(1) "72 hours" | in force 2015-01-01 .. 2019-06-30 |
  | 1 day | cites code art 1(1) "24 hours" | in force 2019-07-01 .. |
rule told cites code art 1(1) "within"
  ToldBy(i) = i.told_at + notice().period
rule count cites code art 3(3) "number of complaints"
  Count(f) = count of i in Incident where (i.firm is f and not i.grave)
"#;

const WORDS: &str = "\
deadline: the incident is to be reported by “seen at” [1] plus 72 hours
  “kind” [3] of the firm [2] is one of \"bank\", \"broker\"
grave: it is not the case that the incident is to be reported by any value
  [4] “Is the incident grave?” – yes
late: the incident was late
  at least one of these:
    “told at” [5] is later than “report by”
    all of these:
      there is no “told at” [5]
      the date of the case is later than the date of “report by”
cap: the fine for the incident: the greatest of (VRC\u{a0}5\u{a0}000\u{a0}000, 3% of “loss” [6] rounded down)
  there is a firm [7]
  not all of these:
    the incident was late
    [4] “Is the incident grave?” – yes
least: the fine for the incident: at least VRC\u{a0}100
alone: firm f stands alone
  there is no firm o for which all of these are so:
    [8] “Does firm o control firm f?” – yes
    firm o is not firm f
told: the incident is to be told by “told at” [5] plus 1\u{a0}day (table “notice”)
count: the cases of the firm are the number of incidents for which the firm [7] of the incident is the firm and [4] “Is the incident grave?” – not yes
[1] When was the incident seen? (a point in time; unknown while nobody says)
[2] Whose is the incident? (a firm; unknown while nobody says)
[3] Of which kind is the firm? (words; unknown while nobody says)
[4] Is the incident grave? (yes or no; presumed no; the firm must show otherwise)
[5] When was the incident reported? (a point in time; none if nobody says)
[6] What did the incident cost? (an amount of money; unknown while nobody says)
[7] Which firm does the incident concern? (a firm; unknown while nobody says)
[8] Does the first firm control the second firm? (yes or no; no if nobody says)
";

#[test]
fn rules_are_told_in_words_and_their_facts_as_questions() {
    let files = [RuleFile { name: "case.rules", source: RULES }];
    let compiled = compile(&files, &TestLaw).expect("no mistakes");
    let mut wording = Wording::new(&compiled.program, "2020-01-01".parse().expect("a date"));
    let mut out = String::new();
    for rule in &compiled.program.rules {
        let words = wording.rule(rule);
        let _ = writeln!(out, "{}: {}", rule.id, words.conclusion);
        for line in &words.conditions {
            let _ = writeln!(out, "{}{}", "  ".repeat(line.depth + 1), line.text);
        }
        assert_eq!(words.only, rule.id == "late");
    }
    for question in wording.questions() {
        let _ = writeln!(out, "[{}] {} ({}; {})", question.number, question.ask, question.answer, question.absence);
    }
    assert_eq!(out, WORDS);
}

#[test]
fn every_item_has_its_text_with_the_comment_above_it() {
    let files = [RuleFile { name: "case.rules", source: RULES }];
    let sources = item_sources(&files);
    let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    assert_eq!(names[..5], ["code", "Firm", "Incident", "Incident.firm", "Incident.of"]);
    let cap = sources.iter().find(|source| source.name == "cap").expect("it is there");
    assert!(cap.text.starts_with("-- Half of the turnover.\nrule cap cites"), "{}", cap.text);
    assert!(cap.text.ends_with("not (Late(i) and i.grave)"), "{}", cap.text);
    assert_eq!(RULES.lines().nth(cap.line - 1), Some("rule cap cites code art 3(1) \"3 %\""));
}
