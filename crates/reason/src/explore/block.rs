//! A case and what is said of a claim, as a `test` of a rule file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use grounds_core::{Case, Fact, Rational, Status, Type, Value};

use crate::compile::Compiled;
use crate::diagnostic::RuleFile;
use crate::explore::search::Found;
use crate::format::format_rules;
use crate::say::shown_statement;

/// The test, laid out, that expects what was found under the rules explored; `comment` stands above it.
pub(super) fn test_block(compiled: &Compiled, comment: &str, case: &Case, found: &Found) -> String {
    let claim = shown_statement(&found.predicate, &found.arguments);
    let declared = compiled.program.claims.iter().find(|claim| claim.name == found.predicate);
    let value = declared.map_or(&Type::Bool, |claim| &claim.value);
    let mut out = format!("-- {comment}\ntest \"explored: {claim}\" as of {}\n", case.as_of);
    for entity in &case.entities {
        let _ = writeln!(out, "  {} : {}", entity.name, entity.entity_type);
    }
    for fact in &case.facts {
        let _ = writeln!(out, "  {}", stated(fact, &compiled.sources));
    }
    let _ = writeln!(out, "  expect {claim}{}", expected(&found.status, value, &compiled.sources));
    format_rules(&RuleFile { name: "explored.rules", source: &out }).unwrap_or(out)
}

fn stated(fact: &Fact, sources: &BTreeMap<String, String>) -> String {
    let statement = shown_statement(&fact.predicate, &fact.arguments);
    match &fact.value {
        Value::Bool(true) => statement,
        Value::Bool(false) => format!("not {statement}"),
        value => format!("{statement} = {}", literal(value, sources)),
    }
}

/// What follows the claim in an expectation.
pub(super) fn expected(status: &Status, value: &Type, sources: &BTreeMap<String, String>) -> String {
    match (status, value) {
        (Status::Holds(Value::Bool(true)), _) => String::new(),
        (Status::Holds(value), _) if !is_writable(value) => " holds".to_owned(),
        (Status::Holds(value), _) => format!(" = {}", literal(value, sources)),
        (Status::DoesNotHold, Type::Bool) => " does not hold".to_owned(),
        (Status::DoesNotHold, _) => " is none".to_owned(),
        (Status::Undetermined, _) => " undetermined".to_owned(),
        (Status::Conflict, _) => " conflict".to_owned(),
    }
}

/// Whether rule files have a literal for a value: not for 1/3, for less than no time, nor for 30 seconds.
pub(super) fn is_writable(value: &Value) -> bool {
    match value {
        Value::Number(number) => is_decimal(*number),
        Value::Duration(length) => {
            let parts = [length.months, length.days, length.seconds];
            parts.iter().all(|part| *part >= 0) && length.seconds % 60 == 0 && length.working_days == 0
        }
        _ => true,
    }
}

fn is_decimal(number: Rational) -> bool {
    let mut rest = number.denominator();
    for prime in [2, 5] {
        while rest % prime == 0 {
            rest /= prime;
        }
    }
    rest == 1
}

/// A value as rule files write it.
fn literal(value: &Value, sources: &BTreeMap<String, String>) -> String {
    match value {
        Value::Text(text) => format!("\"{}\"", text.replace('"', "\"\"")),
        Value::Provision(provision) => {
            let of = |label: &str| provision.strip_prefix(label).and_then(|rest| rest.strip_prefix(' '));
            // "Act" and "Act 2" may both be labels: the longest is meant.
            let labels = sources.iter().filter_map(|(label, source)| Some((label.len(), source, of(label)?)));
            labels.max().map_or_else(
                || provision.clone(),
                |(_, source, rest)| format!("{source} {}", rest.replacen(". ", " ", 1)),
            )
        }
        other => other.to_string(),
    }
}
