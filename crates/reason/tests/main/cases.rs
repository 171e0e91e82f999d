//! Case files: rules, commands, and what the commands print. `GROUNDS_BLESS=1` rewrites what is expected.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use grounds_core::{Case, ElementStatus, Fact, FactGrounds};
use grounds_reason::{
    Compiled, Evaluation, FactChange, RuleFile, Severity, by_cases, compile, elements, evaluate, needs,
    parse_case_value, run_tests, say, shown_statement, what_if, why, why_not,
};

use crate::law::TestLaw;

const SHOW: &str = "=== show\n";
const EXPECT: &str = "=== expect\n";

#[test]
fn case_files_print_what_they_expect() {
    let paths: Vec<PathBuf> = ["tests/cases", "tests/suites"].into_iter().flat_map(case_files).collect();
    let bless = std::env::var_os("GROUNDS_BLESS").is_some();
    let mut different = String::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a readable case file");
        let (rules, rest) = text.split_once(SHOW).expect("a case file has `=== show`");
        let (commands, expected) = rest.split_once(EXPECT).expect("a case file has `=== expect`");
        let printed = run(rules, commands);
        if bless {
            std::fs::write(&path, format!("{rules}{SHOW}{commands}{EXPECT}{printed}")).expect("a writable case file");
        } else if printed != expected {
            let _ = writeln!(different, "--- {}\nexpected:\n{expected}\nprinted:\n{printed}", path.display());
        }
    }
    assert!(different.is_empty(), "{different}\nGROUNDS_BLESS=1 rewrites the case files; then read the difference");
}

/// The case files of a folder of the crate, by name.
pub(crate) fn case_files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(&folder).expect("the folder of cases is part of the crate");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "case"));
    paths.sort();
    assert!(!paths.is_empty(), "no case files in {}", folder.display());
    paths
}

fn run(rules: &str, commands: &str) -> String {
    let mut out = String::new();
    let compiled = match compile(&[RuleFile { name: "case.rules", source: rules }], &TestLaw) {
        Ok(compiled) => compiled,
        Err(diagnostics) => {
            for diagnostic in diagnostics {
                let _ = writeln!(out, "{diagnostic}\n");
            }
            return out;
        }
    };
    for line in commands.lines().filter(|line| !line.trim().is_empty()) {
        let _ = writeln!(out, "> {line}");
        command(&compiled, line, &mut out);
        out.push('\n');
    }
    out
}

fn command(compiled: &Compiled, line: &str, out: &mut String) {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word {
        "warnings" => {
            for warning in &compiled.warnings {
                assert_eq!(warning.severity, Severity::Warning);
                let _ = writeln!(out, "{warning}");
            }
        }
        "pins" => {
            for (file, pin) in &compiled.pins {
                let (start, end) = (pin.span.start, pin.span.end);
                let _ = writeln!(out, "{file}: {} {} {} {start}..{end}", pin.rule, pin.version, pin.unit);
            }
        }
        "claims" => {
            let case = the_case(compiled, rest);
            for judgement in evaluated(compiled, case).claims() {
                let statement = shown_statement(&judgement.predicate, &judgement.arguments);
                let _ = writeln!(out, "{statement}: {}", status(&judgement.status));
            }
        }
        "tests" => {
            for outcome in run_tests(compiled) {
                let _ = writeln!(out, "{} {}", if outcome.passed() { "passed" } else { "FAILED" }, outcome.name);
                for failure in &outcome.failures {
                    let _ = writeln!(out, "  {failure}");
                }
            }
            for test in &compiled.tests {
                if let Ok(evaluation) = evaluate(&compiled.program, &test.case) {
                    let checked = grounds_proof::check(&compiled.program, &test.case, &evaluation.proof());
                    checked.unwrap_or_else(|error| panic!("the checker refuses `{}`: {error}", test.name));
                }
            }
        }
        "why" | "why-not" | "needs" | "elements" | "say" | "by-cases" => explain(compiled, word, rest, out),
        "what-if" => suppose(compiled, rest, out),
        "error" => {
            let error =
                evaluate(&compiled.program, the_case(compiled, rest)).expect_err("this case cannot be evaluated");
            let _ = writeln!(out, "{error}");
        }
        _ => panic!("unknown command `{word}` in a case file"),
    }
}

/// `why LateReport(i)`, of the first test's case or, after `in`, of another's.
fn explain(compiled: &Compiled, word: &str, rest: &str, out: &mut String) {
    let (claim, name) = rest.split_once(" in ").unwrap_or((rest, ""));
    let (predicate, arguments) = statement(claim, the_case(compiled, name));
    let (program, case) = (&compiled.program, the_case(compiled, name));
    let evaluation = evaluated(compiled, case);
    let _ = match word {
        "why" => write!(out, "{}", why(program, case, &evaluation, &predicate, &arguments)),
        "why-not" => write!(out, "{}", why_not(program, case, &evaluation, &predicate, &arguments)),
        "needs" => match needs(program, case, &evaluation, &predicate, &arguments) {
            Some(fact) => writeln!(out, "{}", fact.ask),
            None => writeln!(out, "nothing"),
        },
        "by-cases" => {
            let split = by_cases(program, case, &predicate, &arguments).expect("all cases evaluate");
            let answer = split.status.as_ref().map_or("not settled".to_owned(), status);
            for supposed in &split.cases {
                let mut told = case.clone();
                told.facts.extend(supposed.facts.iter().cloned());
                grounds_proof::check(program, &told, &supposed.proof).expect("the checker accepts every case");
                let facts: Vec<String> = supposed
                    .facts
                    .iter()
                    .map(|fact| format!("{} = {}", shown_statement(&fact.predicate, &fact.arguments), fact.value))
                    .collect();
                let _ = writeln!(out, "where [{}]: {}", facts.join(", "), status(&supposed.status));
            }
            writeln!(out, "{answer}")
        }
        "say" => {
            let judgement =
                evaluation.claims().find(|found| found.predicate == predicate && found.arguments == arguments);
            writeln!(out, "{}", say(program, judgement.expect("the claim is evaluated")))
        }
        _ => {
            for element in elements(program, case, &evaluation, &predicate, &arguments) {
                let status = match element.status {
                    ElementStatus::Met => "met",
                    ElementStatus::NotMet => "not met",
                    ElementStatus::Unknown => "not known",
                    ElementStatus::Conflict => "in conflict",
                };
                let _ = writeln!(
                    out,
                    "{} [{} \"{}\"] {status}: {}",
                    element.rule, element.pinpoint, element.quote, element.text
                );
                let _ = writeln!(out, "  {}", element.facts.join("; "));
            }
            Ok(())
        }
    };
}

/// `what-if i.planned = yes`, or `what-if no i.planned` for a fact that is not stated any more.
fn suppose(compiled: &Compiled, rest: &str, out: &mut String) {
    let case = the_case(compiled, "");
    let change = match rest.split_once(" = ") {
        Some((fact, value)) => {
            let (predicate, arguments) = statement(fact, case);
            let declared =
                compiled.program.facts.iter().find(|fact| fact.predicate == predicate).expect("a declared fact");
            let value = parse_case_value(&declared.value, value).expect("a value of the fact's type");
            let grounds = FactGrounds::Author { author: "supposition".to_owned() };
            FactChange::Set(Fact { predicate, arguments, value, grounds })
        }
        None => {
            let (predicate, arguments) = statement(rest.trim_start_matches("no "), case);
            FactChange::Removed { predicate, arguments }
        }
    };
    for (before, after) in what_if(&compiled.program, case, &[change]).expect("both cases evaluate") {
        let _ = writeln!(out, "{}", say(&compiled.program, &before));
        let _ = writeln!(out, "  -> {}", say(&compiled.program, &after));
    }
}

/// "LateReport(i)" or "i.planned"
fn statement(text: &str, case: &Case) -> (String, Vec<String>) {
    match text.trim().split_once('(') {
        Some((name, rest)) => {
            let arguments = rest.trim_end_matches(')').split(',').map(|argument| argument.trim().to_owned()).collect();
            (name.to_owned(), arguments)
        }
        None => {
            let (entity, attribute) = text.trim().split_once('.').expect("a fact has a point");
            let of = case.entities.iter().find(|known| known.name == entity).expect("an entity of the case");
            (format!("{}.{attribute}", of.entity_type), vec![entity.to_owned()])
        }
    }
}

fn status(status: &grounds_core::Status) -> String {
    match status {
        grounds_core::Status::Holds(value) => format!("holds with {value}"),
        grounds_core::Status::DoesNotHold => "does not hold".to_owned(),
        grounds_core::Status::Undetermined => "undetermined".to_owned(),
        grounds_core::Status::Conflict => "conflict".to_owned(),
    }
}

/// The case of the test with this name; of the first where none is given.
fn the_case<'a>(compiled: &'a Compiled, name: &str) -> &'a Case {
    let test = compiled.tests.iter().find(|test| name.is_empty() || test.name == name);
    &test.expect("a command needs a test with its name").case
}

fn evaluated(compiled: &Compiled, case: &Case) -> Evaluation {
    let evaluation = evaluate(&compiled.program, case).expect("the case files evaluate");
    // Whatever a case file shows, the independent checker agrees with.
    grounds_proof::check(&compiled.program, case, &evaluation.proof()).expect("the checker accepts every proof");
    evaluation
}
