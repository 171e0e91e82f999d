//! The lock file: what it says of rules, and that it merges line by line.

use grounds_reason::{Lock, LockDifferenceKind, LockError, RuleFile, compile, outline};

use crate::law::TestLaw;

const RULES: &str = r#"
source code = "code"
entity Event
fact Event.clients : number open ask "How many clients does {Event} affect?"
claim Significant(Event) say "{Event} is significant"
rule many cites code art 1(2)(a) "An incident is significant" -- with a comment
  Significant(e) when e.clients >= 1 000
rule reduced cites code art 2(1) "planned maintenance" in force 2019-07-01 ..
  Significant(e) when e.clients >= 500
table ages | state : text | gives age : number |
  cites code art 3(2) "more specific"
  | "AT" | 14 |
"#;

fn lock(source: &str) -> Lock {
    let compiled = compile(&[RuleFile { name: "event.rules", source }], &TestLaw);
    Lock::of(&compiled.unwrap_or_else(|mistakes| panic!("{}", mistakes[0])))
}

#[test]
fn a_lock_reads_back_as_it_was_written() {
    let lock = lock(RULES);
    let text = lock.to_string();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(lines.is_sorted());
    // The text of article 1(2)(a) was amended while the rule is in force; that of article 3(2) says the same in both versions.
    let of = |holder: &str| lines.iter().filter(|line| line.split('\t').nth(1) == Some(holder)).count();
    assert_eq!((of("many"), of("reduced"), of("ages")), (2, 1, 1), "{text}");
    assert_eq!(lock.line_count(), lines.len());
    assert_eq!(Lock::parse(&text).as_ref(), Ok(&lock));
    let backwards: Vec<&str> = text.lines().rev().chain(text.lines()).collect();
    assert_eq!(Lock::parse(&backwards.join("\n")), Ok(lock), "order and repetition do not count");
}

#[test]
fn differences_name_what_changed() {
    let before = lock(RULES);
    let kinds = |after: &Lock| -> Vec<(String, LockDifferenceKind)> {
        before.differences(after).into_iter().map(|found| (found.unit.holder, found.kind)).collect()
    };
    assert_eq!(kinds(&before), []);
    let spaced = RULES.replace("planned maintenance", "planned   maintenance").replace(" -- with a comment", "");
    assert_eq!(kinds(&lock(&spaced)), [], "how a rule is written is no matter of the lock");
    let renamed = lock(&RULES.replace("rule many", "rule most"));
    assert_eq!(
        kinds(&renamed),
        [("many".to_owned(), LockDifferenceKind::NoLongerCited), ("most".to_owned(), LockDifferenceKind::NotLocked)]
    );
    let later = lock(&RULES.replace(" -- with a comment", " in force 2019-07-01 .."));
    assert_eq!(kinds(&later), [("many".to_owned(), LockDifferenceKind::OtherWords)]);
}

#[test]
fn what_is_no_lock_is_refused_with_its_line() {
    for (text, error) in [
        ("<<<<<<< HEAD", LockError::Conflict { line: 1 }),
        ("# heading\n\n=======\n", LockError::Conflict { line: 3 }),
        ("a b c d e", LockError::Line { line: 1 }),
        ("a\tb\tc\td", LockError::Line { line: 1 }),
        ("a\tb\tc\td\tnot-hexadecimal", LockError::Line { line: 1 }),
        ("a\t\tc\td\t00", LockError::Line { line: 1 }),
    ] {
        assert_eq!(Lock::parse(text), Err(error), "{text}");
    }
}

#[test]
fn an_outline_has_every_item_with_its_words() {
    let items = outline(RULES);
    let shown: Vec<String> = items.iter().map(|item| format!("{} {}:{}", item.word, item.name, item.line)).collect();
    assert_eq!(
        shown,
        [
            "source code:2",
            "entity Event:3",
            "fact Event.clients:4",
            "claim Significant:5",
            "rule many:6",
            "rule reduced:8",
            "table ages:10"
        ]
    );
    let words = |at: usize| &RULES[items[at].start..items[at].end];
    assert!(words(4).starts_with("rule many") && words(4).ends_with("1 000"), "{}", words(4));
    assert!(words(6).starts_with("table ages") && words(6).ends_with('|'), "{}", words(6));
    let name = |at: usize| &RULES[items[at].name_start..items[at].name_end];
    assert_eq!((name(2), name(5)), ("Event.clients", "reduced"));
    assert_eq!(outline("rule ( ) test \"open"), []);
}
