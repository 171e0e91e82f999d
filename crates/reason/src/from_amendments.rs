//! Amendments, put into the rules that they amend; and rules that say `only when`.

use grounds_core::{Amendment, Condition, Program, RuleKind, Validity};

use crate::candidate::literals_of;
use crate::cite::{Citations, MustStand};
use crate::diagnostic::{Problem, did_you_mean};
use crate::kind::Kind;
use crate::resolve::Resolver;
use crate::surface::{AmendChange, AmendItem, Item, TermKind};
use crate::world::same_value;

/// Adds an amendment to each rule that it changes.
pub(crate) fn amend(
    item: &AmendItem,
    program: &mut Program,
    citations: &mut Citations<'_>,
    problems: &mut Vec<Problem>,
) {
    let in_force = item.in_force.unwrap_or_else(Validity::always);
    let cites = citations.check(&item.id.text, &item.cites, MustStand::Throughout(in_force), problems);
    for change in &item.changes {
        if let Some((position, from, to, condition)) = read(change, program, citations, problems) {
            let (id, cites) = (item.id.text.clone(), cites.clone());
            program.rules[position].amendments.push(Amendment { id, cites, in_force, condition, from, to });
        }
    }
}

/// The rule's position, the value it states, the one put for it, and when.
fn read(
    change: &AmendChange,
    program: &Program,
    citations: &Citations<'_>,
    problems: &mut Vec<Problem>,
) -> Option<(usize, grounds_core::Value, grounds_core::Value, Condition)> {
    let Some(position) = program.rules.iter().position(|rule| rule.id == change.rule.text) else {
        // A rule with a mistake of its own is not in the program, and has been reported.
        if !citations.names.rules.contains_key(&change.rule.text) {
            let hint = did_you_mean(&change.rule.text, citations.names.rules.keys().map(String::as_str));
            let message = format!("no rule is called `{}`", change.rule.text);
            problems.push(Problem::new("unknown-rule", change.rule.place, message, hint));
        }
        return None;
    };
    let (TermKind::Literal(from), TermKind::Literal(to)) = (&change.from.kind, &change.to.kind) else { return None };
    let (from_kind, to_kind) = (Kind::of_value(from), Kind::of_value(to));
    if from_kind != to_kind {
        let message = format!("{to_kind} cannot stand for {from_kind}");
        problems.push(Problem::new("type-mismatch", change.to.place, message, "put a value of the same type"));
        return None;
    }
    let rule = &program.rules[position];
    if !literals_of(rule).iter().any(|value| same_value(value, from)) {
        let message = format!("`{}` does not state {from}", rule.id);
        let hint = "name the value as the rule states it; lengths of time and multiples rounded to cannot be amended";
        problems.push(Problem::new("amends-nothing", change.from.place, message, hint));
        return None;
    }
    let mut resolver = Resolver::new(citations, problems);
    resolver.scope.clone_from(&rule.variables);
    resolver.bound = rule.variables.iter().map(|variable| (variable.name.clone(), true)).collect();
    let condition = match &change.condition {
        Some(term) => resolver.condition(term)?,
        None => Condition::Always,
    };
    Some((position, from.clone(), to.clone(), condition))
}

/// Reports rules beside one that says `only when` about the same claim on the same days.
pub(crate) fn check_only(items: &[Item], program: &Program, problems: &mut Vec<Problem>) {
    for rule in program.rules.iter().filter(|rule| rule.only) {
        let others = program.rules.iter().filter(|other| {
            let is_another = other.id != rule.id && other.claim == rule.claim && other.kind == RuleKind::Base;
            is_another && other.in_force.overlaps(rule.in_force)
        });
        for other in others {
            let place = items.iter().find_map(|item| match item {
                Item::Rule(item) if item.id.text == other.id => Some(item.id.place),
                _ => None,
            });
            if let Some(place) = place {
                let message = format!("`{}` says when {} holds, and that it holds only then", rule.id, rule.claim);
                let hint = "add this to its condition with `or`, make it an exception to it, or write `when` there";
                problems.push(Problem::new("not-only", place, message, hint));
            }
        }
    }
}
