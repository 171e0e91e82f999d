//! Outcomes of rules with exceptions and preferences, and the status of claims.

use grounds_core::{Conclusion, Condition, Expression, Justification, Status, Validity, Value};
use grounds_proof::Cause;

use crate::build::{Scene, compare, date, holds, instant, literal, look, number, value, yes};

/// Whether a condition is true, false, unknown or in conflict.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Is {
    True,
    False,
    Unknown,
    Conflict,
}

/// A condition of that truth that looks nothing up but facts of `t2`, each in a node of its own that `premise` adds.
fn condition(truth: Is) -> Condition {
    let of_second = |predicate: &str| {
        let second = literal(Value::Entity("t2".to_owned()));
        Condition::Holds(crate::build::atom_of(predicate, vec![second]))
    };
    match truth {
        Is::True => Condition::Always,
        Is::False => Condition::Any(vec![]),
        Is::Unknown => of_second("flag"),
        Is::Conflict => of_second("shut"),
    }
}

/// Adds what the conditions of `truths` look up, in that order, and returns it as premises.
fn premises(scene: &mut Scene, truths: &[Is]) -> Vec<usize> {
    let mut seen: Vec<(Is, usize)> = Vec::new();
    for truth in truths {
        if seen.iter().any(|(other, _)| other == truth) {
            continue;
        }
        match truth {
            Is::True | Is::False => {}
            Is::Unknown => seen.push((*truth, scene.absent("flag", &["t2"], Status::Undetermined))),
            Is::Conflict => {
                let facts = [true, false].map(|value| scene.state("shut", &["t2"], Value::Bool(value))).to_vec();
                let by = Justification::Given { facts };
                seen.push((*truth, scene.node("shut", &["t2"], Status::Conflict, by)));
            }
        }
    }
    seen.into_iter().map(|(_, node)| node).collect()
}

/// The scene of `Number(t1)` by rule "r" (1 if `own`) and exceptions (their condition, and what they conclude; `None` is `is none`).
fn with_exceptions(own: Is, exceptions: &[(Is, Option<i64>)], preferences: &[(&str, &str)], status: Status) -> Scene {
    let mut scene = Scene::new();
    scene.rule("r", "Number", condition(own), value(literal(number(1))));
    for (index, (truth, conclusion)) in exceptions.iter().enumerate() {
        let conclusion = conclusion.map_or(Conclusion::None, |conclusion| value(literal(number(conclusion))));
        scene.exception(&format!("e{index}"), "r", "Number", condition(*truth), conclusion);
    }
    for (over, under) in preferences {
        scene.prefer(over, under);
    }
    let truths: Vec<Is> = std::iter::once(own).chain(exceptions.iter().map(|(truth, _)| *truth)).collect();
    let premises = premises(&mut scene, &truths);
    let deciding: &[&str] = if status == Status::DoesNotHold { &[] } else { &["r"] };
    scene.claim("Number", &["t1"], status, &premises, deciding);
    scene
}

#[track_caller]
fn gives(own: Is, exceptions: &[(Is, Option<i64>)], preferences: &[(&str, &str)], status: Status) {
    for other in [holds_with(1), holds_with(2), Status::DoesNotHold, Status::Undetermined, Status::Conflict] {
        let scene = with_exceptions(own, exceptions, preferences, other.clone());
        if other == status {
            scene.accepted();
        } else {
            scene.refused(Cause::Status);
        }
    }
}

fn holds_with(value: i64) -> Status {
    Status::Holds(number(value))
}

#[test]
fn a_rule_without_exceptions() {
    gives(Is::True, &[], &[], holds_with(1));
    gives(Is::False, &[], &[], Status::DoesNotHold);
    gives(Is::Unknown, &[], &[], Status::Undetermined);
    gives(Is::Conflict, &[], &[], Status::Conflict);
}

#[test]
fn an_exception_takes_the_place_of_the_conclusion() {
    gives(Is::True, &[(Is::True, Some(2))], &[], holds_with(2));
    gives(Is::True, &[(Is::True, None)], &[], Status::DoesNotHold);
    gives(Is::True, &[(Is::False, Some(2))], &[], holds_with(1));
    gives(Is::True, &[(Is::Unknown, Some(2))], &[], Status::Undetermined);
    gives(Is::True, &[(Is::Conflict, Some(2))], &[], Status::Conflict);
}

#[test]
fn an_exception_to_what_does_not_apply_changes_nothing() {
    for exception in [(Is::True, Some(2)), (Is::Unknown, Some(2)), (Is::Conflict, None)] {
        gives(Is::False, &[exception], &[], Status::DoesNotHold);
        gives(Is::Unknown, &[exception], &[], Status::Undetermined);
        gives(Is::Conflict, &[exception], &[], Status::Conflict);
    }
}

#[test]
fn two_live_exceptions_without_an_order_are_a_conflict() {
    gives(Is::True, &[(Is::True, Some(2)), (Is::True, Some(3))], &[], Status::Conflict);
    gives(Is::True, &[(Is::True, Some(2)), (Is::True, None)], &[], Status::Conflict);
    gives(Is::True, &[(Is::True, Some(2)), (Is::True, Some(2))], &[], holds_with(2));
    gives(Is::True, &[(Is::True, Some(2)), (Is::Unknown, Some(3))], &[], Status::Undetermined);
    gives(Is::True, &[(Is::Unknown, Some(2)), (Is::Conflict, Some(3))], &[], Status::Conflict);
}

#[test]
fn a_preference_strikes_out_what_yields() {
    let both = [(Is::True, Some(2)), (Is::True, Some(3))];
    gives(Is::True, &both, &[("e0", "e1")], holds_with(2));
    gives(Is::True, &[(Is::True, Some(2)), (Is::Unknown, Some(3))], &[("e0", "e1")], holds_with(2));
    gives(Is::True, &[(Is::True, Some(2)), (Is::Conflict, Some(3))], &[("e0", "e1")], holds_with(2));
    // One that is not live strikes nothing out.
    gives(Is::True, &[(Is::False, Some(3)), (Is::True, Some(2))], &[("e0", "e1")], holds_with(2));
    gives(Is::True, &[(Is::Unknown, Some(3)), (Is::True, Some(2))], &[("e0", "e1")], Status::Undetermined);
    // A chain through an exception that does not apply, and one that is itself struck out.
    let chain = [("e0", "e1"), ("e1", "e2")];
    gives(Is::True, &[(Is::True, Some(2)), (Is::False, None), (Is::True, Some(3))], &chain, holds_with(2));
    gives(Is::True, &[(Is::True, Some(2)), (Is::True, None), (Is::True, Some(3))], &chain, holds_with(2));
}

#[test]
fn an_exception_may_have_an_exception() {
    for (first, second, expected) in [
        (Is::True, Is::True, holds_with(3)),
        (Is::True, Is::False, Status::DoesNotHold),
        (Is::False, Is::True, holds_with(1)),
    ] {
        let mut scene = Scene::new();
        scene.rule("r", "Number", Condition::Always, value(literal(number(1))));
        scene.exception("e", "r", "Number", condition(first), Conclusion::None);
        scene.exception("e-e", "e", "Number", condition(second), value(literal(number(3))));
        let deciding: &[&str] = if expected == Status::DoesNotHold { &[] } else { &["r"] };
        scene.claim("Number", &["t1"], expected, &[], deciding);
        scene.accepted();
    }
}

#[test]
fn a_value_that_is_none_does_not_apply() {
    let mut scene = Scene::new();
    scene.rule("r", "Number", Condition::Always, value(look("other")));
    scene.rule("s", "Number", Condition::Always, value(literal(number(5))));
    let other = scene.absent("other", &["t1"], Status::DoesNotHold);
    scene.claim("Number", &["t1"], holds_with(5), &[other], &["s"]);
    scene.accepted();
}

/// The scene of `Yes(t1)` by rules of these conditions.
fn by_rules(truths: &[Is], status: Status, deciding: &[&str]) -> Scene {
    let mut scene = Scene::new();
    for (index, truth) in truths.iter().enumerate() {
        scene.rule(&format!("r{index}"), "Yes", condition(*truth), Conclusion::Holds);
    }
    let premises = premises(&mut scene, truths);
    scene.claim("Yes", &["t1"], status, &premises, deciding);
    scene
}

#[test]
fn one_rule_is_enough_for_a_claim_without_a_value() {
    by_rules(&[], Status::DoesNotHold, &[]).accepted();
    by_rules(&[Is::Conflict, Is::True, Is::Unknown, Is::True], yes(), &["r1", "r3"]).accepted();
    by_rules(&[Is::Conflict, Is::Unknown, Is::False], Status::Conflict, &["r0"]).accepted();
    by_rules(&[Is::False, Is::Unknown], Status::Undetermined, &["r1"]).accepted();
    by_rules(&[Is::False, Is::False], Status::DoesNotHold, &[]).accepted();
    by_rules(&[Is::Conflict, Is::True], yes(), &["r0", "r1"]).refused(Cause::Deciding);
    by_rules(&[Is::Conflict, Is::True], Status::Conflict, &["r0"]).refused(Cause::Status);
}

/// The scene of `Number(t1)` by rules of these conditions and values.
fn by_values(rules: &[(Is, i64)], status: Status, deciding: &[&str]) -> Scene {
    let mut scene = Scene::new();
    for (index, (truth, conclusion)) in rules.iter().enumerate() {
        scene.rule(&format!("r{index}"), "Number", condition(*truth), value(literal(number(*conclusion))));
    }
    let truths: Vec<Is> = rules.iter().map(|(truth, _)| *truth).collect();
    let premises = premises(&mut scene, &truths);
    scene.claim("Number", &["t1"], status, &premises, deciding);
    scene
}

#[test]
fn rules_must_agree_on_a_value() {
    by_values(&[(Is::True, 1), (Is::False, 2), (Is::True, 1)], holds_with(1), &["r0", "r2"]).accepted();
    by_values(&[(Is::True, 1), (Is::True, 2)], Status::Conflict, &["r0", "r1"]).accepted();
    by_values(&[(Is::True, 1), (Is::Unknown, 2)], Status::Undetermined, &["r1"]).accepted();
    by_values(&[(Is::True, 1), (Is::Conflict, 2)], Status::Conflict, &["r1"]).accepted();
    by_values(&[(Is::True, 1), (Is::True, 2), (Is::Conflict, 2)], Status::Conflict, &["r0", "r1", "r2"]).accepted();
    by_values(&[(Is::True, 1), (Is::Conflict, 2)], Status::Conflict, &["r0", "r1"]).refused(Cause::Deciding);
    by_values(&[(Is::False, 1)], Status::DoesNotHold, &[]).accepted();
}

#[test]
fn equal_instants_agree_and_the_first_is_kept() {
    let (first, second) = (instant("2021-03-01T00:30+01:00"), instant("2021-02-28T23:30Z"));
    for (kept, is_right) in [(first.clone(), true), (second.clone(), false)] {
        let mut scene = Scene::new();
        scene.rule("r", "At", Condition::Always, value(literal(first.clone())));
        scene.rule("s", "At", Condition::Always, value(literal(second.clone())));
        scene.claim("At", &["t1"], Status::Holds(kept), &[], &["r", "s"]);
        if is_right {
            scene.accepted();
        } else {
            scene.refused(Cause::Status);
        }
    }
    let mut scene = Scene::new();
    let facts = vec![scene.state("at", &["t1"], first.clone()), scene.state("at", &["t1"], second)];
    scene.node("at", &["t1"], Status::Holds(first), Justification::Given { facts });
    scene.accepted();
}

#[test]
fn only_what_is_in_force_takes_part() {
    let day = |text: &str| match date(text) {
        Value::Date(date) => date,
        _ => panic!("a date"),
    };
    let mut scene = Scene::new();
    let until = Validity { from: day("2020-01-01"), to: Some(day("2021-06-01")) };
    scene.rule("old", "Number", holds("flag"), value(literal(number(1)))).in_force = until;
    scene.rule("new", "Number", Condition::Always, value(literal(number(2)))).in_force =
        Validity::from(day("2021-06-01"));
    scene.exception("gone", "new", "Number", holds("flag"), Conclusion::None).in_force = until;
    scene.claim("Number", &["t1"], holds_with(2), &[], &["new"]);
    scene.accepted();
}

#[test]
fn claims_rest_on_claims() {
    let mut scene = Scene::new();
    scene.rule("r", "Yes", holds("Also"), Conclusion::Holds);
    let is_late = compare(Expression::AsOf, grounds_core::Comparison::Greater, look("day"));
    scene.rule("s", "Also", is_late, Conclusion::Holds);
    let day = scene.given("day", &["t1"], date("2021-05-31"));
    let also = scene.claim("Also", &["t1"], yes(), &[day], &["s"]);
    scene.claim("Yes", &["t1"], yes(), &[also], &["r"]);
    scene.accepted();
}
