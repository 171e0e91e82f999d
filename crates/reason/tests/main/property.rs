//! Random small programs and cases: the checker accepts every proof and refuses every damaged one, and what is settled stays settled.

use grounds_core::{Case, Fact, FactGrounds, FactMode, Program, Status, Type, Value};
use grounds_reason::{Compiled, RuleFile, compile, evaluate, why, why_not};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::exhaustive::{compare_completions, damage_proofs};
use crate::law::TestLaw;
use crate::random::Tape;

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
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(7), cases: 48, ..ProptestConfig::default() })]

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

/// `name=20000` in the environment sets how many; so many without it.
fn runs(name: &str, without: u64) -> u64 {
    std::env::var(name).ok().and_then(|runs| runs.parse().ok()).unwrap_or(without)
}

#[test]
fn settled_is_what_every_completion_agrees_on() {
    let count = runs("GROUNDS_COMPLETION_RUNS", 150);
    let tally = compare_completions(1..=count);
    println!("{tally:?}");
    assert_eq!(tally.wrong, 0, "{tally:?}");
    assert!(tally.programs as u64 * 2 > count && tally.by_cases > 0, "{tally:?}");
}

#[test]
fn damaged_proofs_are_refused() {
    let count = runs("GROUNDS_PROOF_RUNS", 40);
    let tally = damage_proofs(1..=count, 20);
    println!("{tally:?}");
    assert_eq!(tally.wrong, 0, "{tally:?}");
    assert!(tally.damaged as u64 > 10 * count, "{tally:?}");
}
