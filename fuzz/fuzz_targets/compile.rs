//! Whatever a rule file says, the compiler answers: a program, or mistakes that each say where they are.
#![no_main]

#[path = "../../crates/reason/tests/main/law.rs"]
mod law;

use grounds_reason::{RuleFile, compile};
use libfuzzer_sys::fuzz_target;

use crate::law::TestLaw;

fuzz_target!(|data: &[u8]| {
    let source = String::from_utf8_lossy(data);
    match compile(&[RuleFile { name: "fuzzed.rules", source: &source }], &TestLaw) {
        Ok(compiled) => {
            for warning in compiled.warnings {
                assert!(warning.line > 0 && !warning.to_string().is_empty());
            }
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty(), "refused without a reason");
            for mistake in mistakes {
                assert!(mistake.line > 0 && !mistake.to_string().is_empty());
            }
        }
    }
});
