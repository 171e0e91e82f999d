//! Whatever compiles evaluates, or says why not; and the checker accepts every proof that comes of it.
#![no_main]

#[path = "../../crates/reason/tests/main/law.rs"]
mod law;

use grounds_reason::{RuleFile, compile, evaluate, why};
use libfuzzer_sys::fuzz_target;

use crate::law::TestLaw;

/// The most entities of a case that is evaluated: conditions over ranges in ranges take as long as their entities have combinations.
const ENTITY_COUNT_MAX: usize = 6;

fuzz_target!(|data: &[u8]| {
    let source = String::from_utf8_lossy(data);
    let Ok(compiled) = compile(&[RuleFile { name: "fuzzed.rules", source: &source }], &TestLaw) else { return };
    for test in compiled.tests.iter().filter(|test| test.case.entities.len() <= ENTITY_COUNT_MAX) {
        let Ok(evaluation) = evaluate(&compiled.program, &test.case) else { continue };
        if let Err(error) = grounds_proof::check(&compiled.program, &test.case, &evaluation.proof()) {
            panic!("the checker refuses a proof: {error}");
        }
        for claim in evaluation.claims() {
            let explained = why(&compiled.program, &test.case, &evaluation, &claim.predicate, &claim.arguments);
            assert!(!explained.to_string().is_empty());
        }
    }
});
