//! Ranges that the case's statements narrow.

use grounds_core::{Comparison, Conclusion, Condition, Expression, FactMode, Status, Type, Value, Variable};
use grounds_proof::Cause;

use crate::build::{Scene, atom_of, compare, holds, look, number, value, variable, yes};

fn some(condition: Condition) -> Condition {
    let variable = Variable { name: "t".to_owned(), entity_type: "T".to_owned() };
    Condition::Exists { variable, condition: Box::new(condition) }
}

/// `owner` of `t`.
fn owner() -> Expression {
    Expression::Atom(atom_of("owner", vec![variable("t")]))
}

/// `Yes(t1)` when some `t` has the owner of `t1` and is flagged; the owners are stated, so that `t2` has another.
fn scene(owner_of_second: &str) -> Scene {
    let mut scene = Scene::new();
    scene.case.entities.push(grounds_core::Entity { name: "u2".to_owned(), entity_type: "U".to_owned() });
    let flagged = Condition::Holds(atom_of("shut", vec![variable("t")]));
    let same = compare(look("owner"), Comparison::Equal, owner());
    scene.rule("r", "Yes", some(Condition::All(vec![flagged, same])), Conclusion::Holds);
    scene.given("owner", &["t1"], Value::Entity("u1".to_owned()));
    scene.absent("shut", &["t1"], Status::DoesNotHold);
    scene.state("owner", &["t2"], Value::Entity(owner_of_second.to_owned()));
    scene
}

#[test]
fn only_what_is_linked_is_looked_up() {
    let mut other = scene("u2");
    other.claim("Yes", &["t1"], Status::DoesNotHold, &[0, 1], &[]);
    other.accepted();
    // What is passed over is no premise, and what is not passed over is one.
    let second = other.absent("shut", &["t2"], Status::DoesNotHold);
    other.proof.nodes.swap(2, second);
    other.proof.nodes[3].by = grounds_core::Justification::Rules { premises: vec![0, 1, 2], deciding: Vec::new() };
    other.refused(Cause::UnusedPremise);
    let mut same = scene("u1");
    same.claim("Yes", &["t1"], Status::DoesNotHold, &[0, 1], &[]);
    same.refused(Cause::MissingPremise);
}

#[test]
fn what_the_case_does_not_settle_is_looked_up() {
    // Without a statement about `t2` its owner is not known.
    let mut unknown = scene("u2");
    unknown.case.facts.pop();
    unknown.claim("Yes", &["t1"], Status::DoesNotHold, &[1, 0], &[]);
    unknown.refused(Cause::MissingPremise);
    // Nor where two are stated.
    let mut disputed = scene("u2");
    disputed.state("owner", &["t2"], Value::Entity("u1".to_owned()));
    disputed.claim("Yes", &["t1"], Status::DoesNotHold, &[1, 0], &[]);
    disputed.refused(Cause::MissingPremise);
    // Where absence means that there is none, no statement is needed.
    let mut closed = scene("u2");
    closed.case.facts.pop();
    let owner = closed.program.facts.iter_mut().find(|fact| fact.predicate == "owner").expect("declared");
    owner.mode = FactMode::Closed;
    closed.claim("Yes", &["t1"], Status::DoesNotHold, &[0, 1], &[]);
    closed.accepted();
}

#[test]
fn only_facts_in_an_outermost_and_narrow() {
    let linked = || Condition::Holds(atom_of("link", vec![variable("x"), variable("t")]));
    for (condition, is_narrowed) in [
        (linked(), true),
        (Condition::All(vec![Condition::All(vec![linked()])]), true),
        (Condition::Any(vec![linked()]), false),
        (Condition::Not(Box::new(Condition::Not(Box::new(linked())))), false),
        (Condition::Holds(atom_of("link", vec![variable("t"), variable("t")])), false),
    ] {
        let mut scene = Scene::new();
        scene.rule("r", "Yes", some(condition), Conclusion::Holds);
        scene.claim("Yes", &["t1"], Status::DoesNotHold, &[], &[]);
        if is_narrowed {
            scene.accepted();
        } else {
            scene.refused(Cause::MissingPremise);
        }
    }
}

#[test]
fn a_path_of_facts_narrows_and_sums_go_over_what_is_left() {
    let mut scene = scene("u1");
    let group = grounds_core::FactDeclaration {
        predicate: "group".to_owned(),
        parameters: vec!["U".to_owned()],
        value: Type::Entity("T".to_owned()),
        mode: FactMode::Closed,
        judgement: false,
        ask: "?".to_owned(),
        cites: vec![],
    };
    scene.program.facts.push(group);
    scene.state("group", &["u1"], Value::Entity("t2".to_owned()));
    let path = Expression::Atom(atom_of("group", vec![owner()]));
    let in_group = compare(path, Comparison::Equal, variable("x"));
    let count = |condition| Expression::Count {
        variable: Variable { name: "t".to_owned(), entity_type: "T".to_owned() },
        condition: Box::new(condition),
    };
    scene.program.rules.clear();
    scene.proof.nodes.clear();
    scene.rule("r", "Number", holds("shut"), value(count(in_group)));
    scene.given("shut", &["t1"], yes_value());
    // The group of everything's owner is `t2`: nothing is left for `t1`.
    scene.claim("Number", &["t1"], Status::Holds(number(0)), &[0], &["r"]);
    scene.accepted();
    assert_eq!(yes(), Status::Holds(yes_value()));
}

fn yes_value() -> Value {
    Value::Bool(true)
}
