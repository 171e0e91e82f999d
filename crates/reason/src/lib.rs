//! The rule language of Grounds: its compiler, its evaluator, and the explanations of what follows.
//!
//! `docs/rules.md` is the specification. The modules stand in the order in which a rule file flows through them.
//!
//! **Architecture invariant:** this crate is pure. It reads no clock, file or environment, uses no floating point and no hash
//! order; equal inputs give equal results, to the byte.

mod diagnostic;
mod law;
mod lex;
mod surface;
mod parse;
mod format;
mod declare;
mod cite;
mod kind;
mod resolve;
mod template;
mod from_surface;
mod from_tables;
mod from_amendments;
mod rule_test;
mod order;
mod part;
mod compile;
mod outline;
mod citations_in;
mod lock;
mod case_value;
mod say;
mod wording;
mod evaluate_error;
mod arithmetic;
mod calendar;
mod duration;
mod outcome;
mod plan;
mod world;
mod links;
mod machine;
mod range;
mod operation;
mod aggregate;
mod rule_outcome;
mod fixpoint;
mod demand;
mod evaluate;
mod batch;
mod render;
mod explain;
mod why;
mod suppose;
mod candidate;
mod missing;
mod why_not;
mod need;
mod sentences;
mod what_if;
mod by_cases;
mod test_run;
mod exercised;
mod explore;
mod item_source;
pub mod datalog;

pub use batch::Batch;
pub use by_cases::{ByCases, SupposedCase, by_cases};
pub use case_value::{CaseValueError, parse_case_value, split_in_force};
pub use citations_in::{WrittenCitation, citations_in, sources_in, unreadable_in};
pub use compile::{Compiled, compile};
pub use diagnostic::{Diagnostic, RuleFile, Severity};
pub use evaluate::{Evaluation, Evaluator, evaluate, evaluate_for, node_of};
pub use evaluate_error::EvaluateError;
pub use exercised::exercised;
pub use explain::{AmendmentExplanation, ConditionExplanation, RuleExplanation};
pub use explore::{
    Difference, ExploreSettings, ProposedTest, ThresholdReport, Unnoticed, VersionReport, explore_thresholds,
    explore_versions,
};
pub use format::{FormatError, format_rules};
pub use item_source::{ItemSource, item_sources};
pub use law::{CitedText, CitedUnit};
pub use lock::{LOCK_FILE, Lock, LockDifference, LockDifferenceKind, LockError, LockedUnit};
pub use missing::MissingFact;
pub use need::{Effect, Need, questions};
pub use outline::{OutlineItem, outline};
pub use part::part_of;
pub use rule_test::{Expectation, Expected, RuleTest};
pub use say::{say, shown_statement};
pub use test_run::{TestFailure, TestOutcome, run_tests};
pub use what_if::{FactChange, supposed, what_if};
pub use why::{Because, Explanation, elements, why};
pub use why_not::{WhyNot, WhyNotKind, needs, why_not};
pub use wording::{AmendmentInWords, Question, RuleInWords, Wording, WordsLine};
