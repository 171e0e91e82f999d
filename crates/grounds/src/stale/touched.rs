//! Which tests and kept assessments rest on stale rules.

use grounds_core::{Program, Rule};
use grounds_reason::{Compiled, RuleTest, part_of};
use jiff::civil::Date;

use crate::error::GroundsError;
use crate::stale::{StaleAssessment, StaleRule, StaleTest};
use crate::verify::AnswerFile;
use crate::view::View;

/// The tests that decide as of a day since which something they rest on is stale.
pub(super) fn tests(stored: &Compiled, stale: &[StaleRule]) -> Vec<StaleTest> {
    let touched = |test: &RuleTest| {
        let claims: Vec<&str> = test.expectations.iter().map(|expected| expected.predicate.as_str()).collect();
        let part = part_of(&stored.program, &claims, &test.case);
        let rests_on = rests_on(&part, stale, test.case.as_of);
        (!rests_on.is_empty()).then(|| StaleTest {
            file: test.file.clone(),
            line: test.line,
            test: test.name.clone(),
            as_of: test.case.as_of,
            rests_on,
        })
    };
    stored.tests.iter().filter_map(touched).collect()
}

/// The kept assessments that decide as of such a day. An answer that cannot be read any more is left out: `grounds doctor` reports it.
pub(super) fn assessments(answers: &View, stale: &[StaleRule]) -> Result<Vec<StaleAssessment>, GroundsError> {
    let mut found = Vec::new();
    for stored in answers.reader().answers()? {
        let Ok(file) = AnswerFile::parse(&stored.row.name, &stored.row.json) else { continue };
        let Some(proof) = &file.proof else { continue };
        let rests_on = rests_on(&proof.program, stale, file.as_of);
        if !rests_on.is_empty() {
            let (answer, question) = (stored.row.name, file.question);
            found.push(StaleAssessment { answer, question, as_of: file.as_of, rests_on });
        }
    }
    Ok(found)
}

/// The names of the stale rules, tables, facts and calendars that a part of a program has and that were stale on the day already, each once.
fn rests_on(part: &Program, stale: &[StaleRule], as_of: Date) -> Vec<String> {
    let has = |name: &str| {
        part.rules.iter().any(|rule| rule.id == name || rule.amendments.iter().any(|amendment| amendment.id == name))
            || part.facts.iter().any(|fact| fact.predicate == name)
            || is_used(part, name)
            || part.preferences.iter().any(|order| format!("{} over {}", order.over, order.under) == name)
    };
    let mut names: Vec<String> = Vec::new();
    for rule in stale.iter().filter(|rule| rule.changed_on <= as_of && has(&rule.rule)) {
        if !names.contains(&rule.rule) {
            names.push(rule.rule.clone());
        }
    }
    names
}

/// Whether a rule of the part uses the table or calendar of this name: parts carry all tables and calendars along.
fn is_used(part: &Program, name: &str) -> bool {
    let is_table = part.tables.iter().any(|table| table.name == name);
    let is_calendar = part.calendars.iter().any(|calendar| calendar.name == name);
    let uses = |rule: &Rule| {
        // As data a rule is a tree in which only references have these members.
        let Ok(tree) = serde_json::to_value(rule) else { return false };
        is_table && refers(&tree, "table", name) || is_calendar && refers(&tree, "calendar", name)
    };
    part.rules.iter().any(uses)
}

/// Whether some member `key` of the tree has this value.
fn refers(tree: &serde_json::Value, key: &str, name: &str) -> bool {
    match tree {
        serde_json::Value::Object(members) => {
            members.iter().any(|(member, value)| member == key && value == name || refers(value, key, name))
        }
        serde_json::Value::Array(parts) => parts.iter().any(|part| refers(part, key, name)),
        _ => false,
    }
}
