//! The order of premises: that of first look-up.

use grounds_core::{Comparison, Conclusion, Condition, Status, Value};
use grounds_proof::Cause;

use crate::build::{Scene, atom_of, compare, holds, literal, look, number, value};

/// Everything that looks up, in a scene whose `premises` are nodes by name.
fn scene(premises: &[&str]) -> Scene {
    let mut scene = Scene::new();
    let of_owner = atom_of("rate", vec![look("owner")]);
    let condition = Condition::All(vec![Condition::Not(Box::new(holds("shut"))), Condition::Has(of_owner)]);
    scene.rule("first", "Number", condition, value(look("number")));
    scene.rule("second", "Number", holds("shut"), value(look("other")));
    scene.exception("to-second", "second", "Number", holds("flag"), value(look("other")));
    scene.exception(
        "to-first",
        "first",
        "Number",
        compare(look("number"), Comparison::Less, literal(number(0))),
        Conclusion::None,
    );
    scene.exception("to-to-first", "to-first", "Number", holds("assumed"), value(literal(number(9))));
    scene.absent("other", &["t1"], Status::DoesNotHold);
    let nodes = [
        ("flag", scene.absent("flag", &["t1"], Status::Undetermined)),
        ("assumed", scene.absent("assumed", &["t1"], Status::Holds(Value::Bool(true)))),
        ("number", scene.given("number", &["t1"], number(4))),
        ("rate", scene.given("rate", &["u1"], number(4))),
        ("owner", scene.given("owner", &["t1"], Value::Entity("u1".to_owned()))),
        ("shut", scene.absent("shut", &["t1"], Status::DoesNotHold)),
    ];
    let find = |name: &&str| nodes.iter().find(|(known, _)| known == name).expect("a node").1;
    let premises: Vec<usize> = premises.iter().map(find).collect();
    scene.claim("Number", &["t1"], Status::Holds(number(4)), &premises, &["first"]);
    scene
}

#[test]
fn conditions_then_conclusions_then_exceptions() {
    scene(&["shut", "owner", "rate", "number", "assumed", "flag"]).accepted();
}

#[test]
fn any_other_order_is_refused() {
    let right = ["shut", "owner", "rate", "number", "assumed", "flag"];
    for one in 0..right.len() {
        for other in 0..one {
            let mut wrong = right;
            wrong.swap(one, other);
            scene(&wrong).refused(Cause::PremiseOrder);
        }
        let mut missing = right.to_vec();
        missing.remove(one);
        scene(&missing).refused(Cause::MissingPremise);
        let mut twice = right.to_vec();
        twice.push(right[one]);
        scene(&twice).refused(Cause::PremiseOrder);
    }
}

#[test]
fn the_conclusion_of_a_rule_that_does_not_apply_is_not_evaluated() {
    let mut scene = Scene::new();
    scene.rule("r", "Number", holds("shut"), value(look("number")));
    let shut = scene.absent("shut", &["t1"], Status::DoesNotHold);
    let number = scene.absent("number", &["t1"], Status::Undetermined);
    let claim = scene.claim("Number", &["t1"], Status::DoesNotHold, &[shut], &[]);
    scene.accepted();
    scene.proof.nodes.truncate(claim);
    scene.claim("Number", &["t1"], Status::DoesNotHold, &[shut, number], &[]);
    scene.refused(Cause::UnusedPremise);
}
