//! Claims that depend on each other: what makes one hold, possible or in conflict is never itself.

use grounds_core::{Conclusion, Condition, Status, Value};
use grounds_proof::Cause;

use crate::build::{Scene, holds, yes};

/// `Yes` when `flag` or `Also`; `Also` when `Yes`. The flag is node 0.
fn scene(flag: Option<bool>) -> Scene {
    let mut scene = Scene::new();
    scene.rule("r", "Yes", Condition::Any(vec![holds("flag"), holds("Also")]), Conclusion::Holds);
    scene.rule("s", "Also", holds("Yes"), Conclusion::Holds);
    match flag {
        Some(flag) => scene.given("flag", &["t1"], Value::Bool(flag)),
        None => scene.absent("flag", &["t1"], Status::Undetermined),
    };
    scene
}

/// Node 1 is `Yes`, node 2 is `Also`, both with this status.
fn both(mut scene: Scene, status: &Status) -> Scene {
    let (first, second): (&[&str], &[&str]) =
        if *status == Status::DoesNotHold { (&[], &[]) } else { (&["r"], &["s"]) };
    // What is true ends the condition.
    let is_given = scene.proof.nodes[0].judgement.status == yes();
    scene.claim("Yes", &["t1"], status.clone(), if is_given { &[0] } else { &[0, 2] }, first);
    scene.claim("Also", &["t1"], status.clone(), &[1], second);
    scene
}

#[test]
fn a_circle_with_a_reason_before_it_is_accepted() {
    both(scene(Some(true)), &yes()).accepted();
    both(scene(Some(false)), &Status::DoesNotHold).accepted();
    both(scene(None), &Status::Undetermined).accepted();
    let mut disputed = scene(Some(true));
    disputed.state("flag", &["t1"], Value::Bool(false));
    disputed.proof.nodes[0].judgement.status = Status::Conflict;
    disputed.proof.nodes[0].by = grounds_core::Justification::Given { facts: vec![0, 1] };
    both(disputed, &Status::Conflict).accepted();
}

#[test]
fn what_is_looked_up_without_later_claims_is_a_premise_too() {
    let with = |premises: &[usize]| {
        let mut scene = scene(Some(true));
        scene.program.rules[0].condition = Condition::Any(vec![holds("Also"), holds("flag")]);
        scene.claim("Yes", &["t1"], yes(), premises, &["r"]);
        scene.claim("Also", &["t1"], yes(), &[1], &["s"]);
        scene
    };
    // `Also` is true and ends the condition; taken as false, because it comes later, it leaves the flag.
    with(&[2, 0]).accepted();
    with(&[2]).refused(Cause::MissingPremise);
    with(&[0, 2]).refused(Cause::PremiseOrder);
}

#[test]
fn a_circle_is_no_reason_for_itself() {
    // Each of these is consistent: evaluated over what the other says, each claim is what it says.
    for status in [yes(), Status::Undetermined, Status::Conflict] {
        let error = both(scene(Some(false)), &status).refused(Cause::Circular);
        assert_eq!(error.node, Some(1), "{error}");
    }
}

#[test]
fn the_reason_comes_before_what_rests_on_it() {
    let mut late = scene(Some(true));
    late.claim("Also", &["t1"], yes(), &[2], &["s"]);
    late.claim("Yes", &["t1"], yes(), &[0, 1], &["r"]);
    late.refused(Cause::Circular);
    let mut fact = scene(Some(true));
    fact.proof.nodes.clear();
    fact.claim("Yes", &["t1"], yes(), &[2, 1], &["r"]);
    fact.claim("Also", &["t1"], yes(), &[0], &["s"]);
    let given = grounds_core::Justification::Given { facts: vec![0] };
    fact.node("flag", &["t1"], yes(), given);
    fact.refused(Cause::LatePremise);
}

#[test]
fn a_conflict_in_a_circle_follows_from_one_outside() {
    // `Yes` is possible by the flag that is not known, and in conflict only by `Also`, which is so only by `Yes`.
    both(scene(None), &Status::Conflict).refused(Cause::Circular);
}

#[test]
fn a_claim_of_a_circle_is_looked_up_only_as_what_must_hold() {
    let mut scene = Scene::new();
    scene.rule("r", "Yes", holds("Also"), Conclusion::Holds);
    scene.rule("s", "Also", Condition::Not(Box::new(holds("Yes"))), Conclusion::Holds);
    scene.claim("Yes", &["t1"], Status::Undetermined, &[1], &["r"]);
    scene.claim("Also", &["t1"], Status::Undetermined, &[0], &["s"]);
    assert!(matches!(scene.check().expect_err("refused").cause, Cause::NotPositive | Cause::Circular));
    let mut exception = Scene::new();
    exception.rule("r", "Yes", Condition::Always, Conclusion::Holds);
    exception.exception("e", "r", "Yes", holds("Yes"), Conclusion::None);
    exception.claim("Yes", &["t1"], yes(), &[0], &["r"]);
    exception.refused(Cause::NotPositive);
}
