//! Random small programs and cases: the checker accepts every proof, and what is settled stays settled.

use std::fmt::Write as _;

use grounds_core::{Case, Fact, FactGrounds, FactMode, Program, Status, Type, Value};
use grounds_reason::{Compiled, RuleFile, compile, evaluate, why, why_not};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::law::TestLaw;

const HEADER: &str = r#"
source code = "code"
source order = "days-order"
entity T
fact T.open0 : bool open ask "?"
fact T.open1 : bool open ask "?"
fact T.shut : bool closed ask "?"
fact T.yes : bool presumed yes burden firm ask "?"
fact T.n0 : number open ask "?"
fact T.n1 : number closed ask "?"
fact T.day : date open ask "?"
fact T.at : instant closed ask "?"
fact T.other : T open ask "?"
fact T.amount : money closed ask "?"
fact Linked(T, T) : bool open ask "?"
calendar week cites order art 1 "Saturday" weekend saturday, sunday holiday 01-01
"#;
const CITES: &str = "cites code art 2(1) \"planned maintenance\"";
const CLAIM_COUNT: usize = 5;

/// Choices read from a tape of bytes, so that a failure shrinks; past its end, the first choice.
struct Tape<'t> {
    bytes: &'t [u8],
    position: usize,
    names: usize,
}

impl Tape<'_> {
    fn below(&mut self, limit: usize) -> usize {
        let byte = self.bytes.get(self.position).copied().unwrap_or(0);
        self.position += 1;
        usize::from(byte) % limit
    }

    fn fresh(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    /// A condition about `of`, over claims before number `claims`: those with even numbers are yes-or-no, the others numbers.
    fn condition(&mut self, of: &str, claims: usize, depth: usize) -> String {
        let choice = self.below(if depth == 0 { 8 } else { 15 });
        match choice {
            0 => format!("{of}.open0"),
            1 => format!("{of}.open1"),
            2 => format!("{of}.shut"),
            3 => format!("{of}.yes"),
            4 if claims > 0 => format!("C{}({of})", self.below(claims) / 2 * 2),
            4 | 5 => format!("has {of}.n1"),
            6 => format!("no {of}.at"),
            7 => format!("Linked({of}, {of}.other)"),
            8 => format!("not ({})", self.condition(of, claims, depth - 1)),
            9 => format!("({} and {})", self.condition(of, claims, depth - 1), self.condition(of, claims, depth - 1)),
            10 => format!("({} or {})", self.condition(of, claims, depth - 1), self.condition(of, claims, depth - 1)),
            11 => {
                let name = self.fresh();
                let inner = self.condition(&name, claims, depth - 1);
                format!("some {name} in T where (Linked({of}, {name}) and {inner})")
            }
            12 => {
                let operator = ["<", "<=", ">", ">=", "=", "<>"][self.below(6)];
                format!("{} {operator} {}", self.number(of, claims, depth - 1), self.number(of, claims, depth - 1))
            }
            13 => {
                let moved = ["+ 1 month", "- 2 weeks", "+ 3 working days by week", "- 1 year"][self.below(4)];
                format!("{of}.day {moved} < case.as_of")
            }
            _ => {
                let inner = format!("{of}.amount");
                format!("greater of (VRC 5, 50% of {inner} rounded half even) >= VRC 7 or date of {of}.at is {of}.day")
            }
        }
    }

    fn number(&mut self, of: &str, claims: usize, depth: usize) -> String {
        match self.below(if depth == 0 { 4 } else { 10 }) {
            0 => ["0", "1", "2.5", "7"][self.below(4)].to_owned(),
            1 => format!("{of}.n0"),
            2 => format!("{of}.n1"),
            3 if claims > 1 => format!("C{}({of})", self.below(claims / 2) * 2 + 1),
            3 => format!("{of}.other.n0"),
            4 => format!("({} + {})", self.number(of, claims, depth - 1), self.number(of, claims, depth - 1)),
            5 => format!("({} - {})", self.number(of, claims, depth - 1), self.number(of, claims, depth - 1)),
            6 => format!(
                "({} * {} rounded half up to 2)",
                self.number(of, claims, depth - 1),
                self.number(of, claims, depth - 1)
            ),
            7 => format!("lesser of ({}, {})", self.number(of, claims, depth - 1), self.number(of, claims, depth - 1)),
            8 => {
                let name = self.fresh();
                let (value, condition) = (self.number(&name, claims, 0), self.condition(&name, claims, depth - 1));
                format!("(sum of {value} for each {name} in T where (no {name}.at or {condition}))")
            }
            _ => {
                let name = self.fresh();
                let condition = self.condition(&name, claims, depth - 1);
                format!("(count of {name} in T where (has {name}.other or {condition}))")
            }
        }
    }

    fn program(&mut self) -> String {
        let mut source = HEADER.to_owned();
        for claim in 0..CLAIM_COUNT {
            let is_number = claim % 2 == 1;
            let value = if is_number { ": number " } else { "" };
            let say = if is_number { "{T} {value}" } else { "{T}" };
            let _ = writeln!(source, "claim C{claim}(T) {value}say \"{say}\"");
            let mut ids: Vec<String> = Vec::new();
            for rule in 0..=self.below(2) {
                let head = if is_number {
                    format!("C{claim}(t) = {}", self.number("t", claim, 2))
                } else {
                    format!("C{claim}(t)")
                };
                let condition = self.condition("t", claim, 2);
                let _ = writeln!(source, "rule r{claim}-{rule} {CITES} {head} when {condition}");
                ids.push(format!("r{claim}-{rule}"));
            }
            self.exceptions(claim, &mut ids, &mut source);
        }
        source
    }

    fn exceptions(&mut self, claim: usize, ids: &mut Vec<String>, source: &mut String) {
        let mut siblings: Vec<(String, String)> = Vec::new();
        for exception in 0..self.below(4) {
            let to = ids[self.below(ids.len())].clone();
            let id = format!("e{claim}-{exception}");
            let condition = self.condition("t", claim, 1);
            let then = match (claim % 2, self.below(3)) {
                (0, 0) => format!("C{claim}(t)"),
                (0, _) => format!("not C{claim}(t)"),
                (_, 0) => format!("C{claim}(t) is none"),
                _ => format!("C{claim}(t) = {}", self.number("t", claim, 1)),
            };
            let _ = writeln!(source, "exception {id} to {to} {CITES} when {condition} then {then}");
            let sibling = siblings.iter().find(|(_, parent)| *parent == to);
            if let Some((sibling, _)) = sibling.filter(|_| self.below(2) == 0) {
                let _ = writeln!(source, "prefer {sibling} over {id} {CITES}");
            }
            siblings.push((id.clone(), to));
            ids.push(id);
        }
    }

    fn case(&mut self, program: &Program) -> Case {
        let names: Vec<String> = (0..=self.below(2)).map(|number| format!("e{number}")).collect();
        let entity = |name: &String| grounds_core::Entity { name: name.clone(), entity_type: "T".to_owned() };
        let entities = names.iter().map(entity).collect();
        let mut facts = Vec::new();
        for declared in &program.facts {
            let tuples: Vec<Vec<String>> = match declared.parameters.len() {
                1 => names.iter().map(|name| vec![name.clone()]).collect(),
                _ => names.iter().flat_map(|a| names.iter().map(move |b| vec![a.clone(), b.clone()])).collect(),
            };
            for arguments in tuples {
                // Mostly not stated or once; now and then twice, perhaps with another value.
                for _ in 0..[0, 1, 1, 0, 1, 2][self.below(6)] {
                    let value = self.value(&declared.value, &names);
                    let grounds = FactGrounds::Author { author: "a test".to_owned() };
                    facts.push(Fact {
                        predicate: declared.predicate.clone(),
                        arguments: arguments.clone(),
                        value,
                        grounds,
                    });
                }
            }
        }
        Case { as_of: "2020-02-29".parse().expect("a date"), entities, facts }
    }

    fn value(&mut self, declared: &Type, names: &[String]) -> Value {
        let text = match declared {
            Type::Bool => ["yes", "no"][self.below(2)],
            Type::Number => ["0", "3", "-2.5", "1/3"][self.below(4)],
            Type::Date => ["2020-02-28", "2020-01-31", "2019-12-31"][self.below(3)],
            Type::Instant => ["2020-02-28T23:30Z", "2020-02-29T00:30+01:00", "2020-01-31T12:00-05:00"][self.below(3)],
            Type::Money => ["VRC 13", "VRC 14.01", "VRC 0.05"][self.below(3)],
            _ => &names[self.below(names.len())],
        };
        grounds_reason::parse_case_value(declared, text).expect("the values above are well-formed")
    }
}

fn compiled(tape: &mut Tape<'_>) -> Compiled {
    let source = tape.program();
    compile(&[RuleFile { name: "random.rules", source: &source }], &TestLaw).unwrap_or_else(|diagnostics| {
        let shown: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
        panic!("{}\n{source}", shown.join("\n"))
    })
}

/// The open yes-or-no facts that a case does not state.
fn open_facts(program: &Program, case: &Case) -> Vec<(String, Vec<String>)> {
    let mut open = Vec::new();
    for declared in &program.facts {
        if declared.mode != FactMode::Open || declared.value != Type::Bool || declared.parameters.len() != 1 {
            continue;
        }
        for entity in &case.entities {
            let arguments = vec![entity.name.clone()];
            if !case.facts.iter().any(|fact| fact.predicate == declared.predicate && fact.arguments == arguments) {
                open.push((declared.predicate.clone(), arguments));
            }
        }
    }
    open
}

fn settled_claims_stay_settled(program: &Program, case: &Case) {
    let evaluation = evaluate(program, case).expect("it has evaluated before");
    let open = open_facts(program, case);
    for completion in 0..(1_u32 << open.len().min(6)) {
        let mut complete = case.clone();
        for (position, (predicate, arguments)) in open.iter().enumerate() {
            complete.facts.push(Fact {
                predicate: predicate.clone(),
                arguments: arguments.clone(),
                value: Value::Bool(completion >> position & 1 == 1),
                grounds: FactGrounds::Author { author: "a completion".to_owned() },
            });
        }
        let Ok(completed) = evaluate(program, &complete) else { continue };
        for judgement in evaluation.claims() {
            if matches!(judgement.status, Status::Holds(_) | Status::DoesNotHold) {
                let then = completed.status(&judgement.predicate, &judgement.arguments);
                assert_eq!(
                    then,
                    Some(&judgement.status),
                    "{} of {}",
                    judgement.predicate,
                    judgement.arguments.join(", ")
                );
            }
        }
    }
}

/// How often random programs evaluate, and to what: the properties below would be empty without.
#[test]
fn random_programs_say_all_four_things() {
    let (mut evaluated, mut failed, mut statuses) = (0, 0, [0; 4]);
    let mut state = 1_u64;
    for _ in 0..200 {
        let bytes: Vec<u8> = (0..300)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                u8::try_from(state >> 56).expect("a byte")
            })
            .collect();
        let mut tape = Tape { bytes: &bytes, position: 0, names: 0 };
        let compiled = compiled(&mut tape);
        let case = tape.case(&compiled.program);
        let Ok(evaluation) = evaluate(&compiled.program, &case) else {
            failed += 1;
            continue;
        };
        evaluated += 1;
        for judgement in evaluation.claims() {
            statuses[match judgement.status {
                Status::Holds(_) => 0,
                Status::DoesNotHold => 1,
                Status::Undetermined => 2,
                Status::Conflict => 3,
            }] += 1;
        }
    }
    assert!(evaluated > failed, "{evaluated} programs evaluate, {failed} do not");
    let [holds, does_not_hold, undetermined, conflict] = statuses;
    assert!(statuses.iter().all(|count| *count > 50), "{holds} {does_not_hold} {undetermined} {conflict}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn proofs_of_random_programs_are_accepted(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut tape = Tape { bytes: &bytes, position: 0, names: 0 };
        let compiled = compiled(&mut tape);
        let case = tape.case(&compiled.program);
        let Ok(evaluation) = evaluate(&compiled.program, &case) else { return Ok(()) };
        prop_assert_eq!(evaluation.proof(), evaluate(&compiled.program, &case).expect("as before").proof());
        let checked = grounds_proof::check(&compiled.program, &case, &evaluation.proof());
        prop_assert!(checked.is_ok(), "{}", checked.expect_err("it is refused"));
        for judgement in evaluation.claims() {
            let part = evaluation.proof_of(&[(&judgement.predicate, &judgement.arguments)]);
            let checked = grounds_proof::check(&compiled.program, &case, &part);
            prop_assert!(checked.is_ok(), "{}", checked.expect_err("it is refused"));
        }
    }

    #[test]
    fn what_is_settled_stays_settled(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut tape = Tape { bytes: &bytes, position: 0, names: 0 };
        let compiled = compiled(&mut tape);
        let case = tape.case(&compiled.program);
        if evaluate(&compiled.program, &case).is_ok() {
            settled_claims_stay_settled(&compiled.program, &case);
        }
    }

    #[test]
    fn everything_can_be_explained(bytes in prop::collection::vec(any::<u8>(), 0..250)) {
        let mut tape = Tape { bytes: &bytes, position: 0, names: 0 };
        let compiled = compiled(&mut tape);
        let case = tape.case(&compiled.program);
        let Ok(evaluation) = evaluate(&compiled.program, &case) else { return Ok(()) };
        for judgement in evaluation.claims() {
            let (predicate, arguments) = (&judgement.predicate, &judgement.arguments);
            prop_assert!(!why(&compiled.program, &case, &evaluation, predicate, arguments).to_string().is_empty());
            prop_assert!(!why_not(&compiled.program, &case, &evaluation, predicate, arguments).to_string().is_empty());
        }
    }
}
