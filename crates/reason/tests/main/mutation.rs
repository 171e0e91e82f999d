//! Thousands of damaged rule files: whatever is written, the compiler answers, and what compiles evaluates or says why not.
//!
//! `GROUNDS_MUTATION_RUNS=10000` (or any other number) sets how many; 2,000 without it.

use grounds_reason::{Compiled, RuleFile, compile, evaluate, run_tests};

use crate::law::TestLaw;

const SEEDS: [&str; 5] = [
    include_str!("../cases/reporting.case"),
    include_str!("../cases/everything.case"),
    include_str!("../cases/statutes.case"),
    include_str!("../cases/recursion.case"),
    include_str!("../suites/catala-date.case"),
];

const PIECES: [&str; 57] = [
    "(",
    ")",
    "{",
    "}",
    ",",
    ".",
    "..",
    ":",
    "=",
    "<>",
    "<",
    ">=",
    "+",
    "-",
    "*",
    "%",
    "\"",
    "\"\"",
    "--",
    "and",
    "or",
    "not",
    "some x in Firm where",
    "no",
    "has",
    "is",
    "in",
    "rounded down",
    "sum of",
    "for each",
    "count of x in Incident",
    "date of",
    "days between",
    "greater of (",
    "3 working days by varenia",
    "999999999999999999999999999999999999999",
    "VRC 1",
    "EUR 2",
    "2021-02-29",
    "9999-12-31",
    "rule x",
    "exception late to late",
    "when",
    "é“\u{a0}",
    "/",
    "|",
    "only when",
    "some (a, b) in Supports where",
    "greatest of r.amount for each r in Refund",
    "brackets of p.income (1% to VRC 1, 2% above)",
    "consent_age(p.state).age",
    "close of year year of",
    "1 year and 6 months",
    "within 2019-12-30 ..",
    "day of p.born_on",
    "* 3 hours",
    "in force 2015-01-01 .. 2019-06-30",
];

/// Marsaglia's xorshift: the same damage in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).expect("below a usize")
    }
}

fn damage(source: &str, random: &mut Random) -> String {
    let mut words: Vec<String> = source.split_inclusive([' ', '\n', '(', ')', ',', '.']).map(str::to_owned).collect();
    for _ in 0..=random.below(4) {
        let (at, other) = (random.below(words.len()), random.below(words.len()));
        match random.below(6) {
            0 => drop(words.remove(at)),
            1 => words.swap(at, other),
            2 => words.insert(at, words[other].clone()),
            3 => words[at] = format!("{} ", PIECES[random.below(PIECES.len())]),
            4 => words.insert(at, format!(" {} ", PIECES[random.below(PIECES.len())])),
            _ => {
                let nested = PIECES[random.below(PIECES.len())].repeat(random.below(400));
                words.insert(at, nested);
            }
        }
    }
    words.concat()
}

fn exercise(compiled: &Compiled) {
    for outcome in run_tests(compiled) {
        assert!(outcome.line > 0);
    }
    for test in &compiled.tests {
        if let Ok(evaluation) = evaluate(&compiled.program, &test.case) {
            let checked = grounds_proof::check(&compiled.program, &test.case, &evaluation.proof());
            assert!(checked.is_ok(), "{}", checked.expect_err("it is refused"));
        }
    }
}

#[test]
fn damaged_rule_files_are_answered() {
    let runs = std::env::var("GROUNDS_MUTATION_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(2_000);
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut compiled_count = 0;
    for run in 0..runs {
        let (seed, _) = SEEDS[run % SEEDS.len()].split_once("=== show").expect("case files have commands");
        let source = damage(seed, &mut random);
        match compile(&[RuleFile { name: "damaged.rules", source: &source }], &TestLaw) {
            Ok(compiled) => {
                compiled_count += 1;
                exercise(&compiled);
            }
            Err(diagnostics) => {
                assert!(!diagnostics.is_empty(), "refused without a reason:\n{source}");
                for diagnostic in diagnostics {
                    assert!(!diagnostic.to_string().is_empty());
                }
            }
        }
    }
    assert!(
        compiled_count * 100 >= runs,
        "the damage is too heavy to test anything: {compiled_count} of {runs} compile"
    );
}
