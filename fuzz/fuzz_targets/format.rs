//! Whatever a rule file says, the formatter refuses what cannot be read, and lays out the rest once and for all.
#![no_main]

use grounds_reason::{FormatError, RuleFile, format_rules};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let source = String::from_utf8_lossy(data);
    match format_rules(&RuleFile { name: "fuzzed.rules", source: &source }) {
        Ok(formatted) => {
            let again = format_rules(&RuleFile { name: "fuzzed.rules", source: &formatted });
            assert_eq!(again, Ok(formatted), "another layout the second time");
        }
        Err(FormatError::Unreadable { diagnostics }) => assert!(!diagnostics.is_empty(), "refused without a reason"),
        // The meaning of a file must survive its layout.
        Err(error) => panic!("{error}"),
    }
});
