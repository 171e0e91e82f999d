//! Every condition: its four truth values.

use grounds_core::{Comparison, Conclusion, Condition, Expression, Status, Value, Variable};
use grounds_proof::Cause;

use crate::build::{
    Known, Scene, atom, atom_of, by_one_rule, compare, date, holds, instant, literal, look, money, number, text,
    variable, yes,
};

/// The scene where `Yes(t1)` holds if the condition is true, from what is known of `t1` in the order of look-up.
fn scene(condition: Condition, known: &[Known], status: Status) -> Scene {
    let mut scene = Scene::new();
    scene.rule("r", "Yes", condition, Conclusion::Holds);
    let premises: Vec<usize> = known.iter().map(|known| known.add_to(&mut scene)).collect();
    let deciding = by_one_rule(&status);
    scene.claim("Yes", &["t1"], status, &premises, deciding);
    scene
}

const TRUE: Option<bool> = Some(true);
const FALSE: Option<bool> = Some(false);
/// Neither true nor false: unknown.
const UNKNOWN: Option<bool> = None;

#[track_caller]
fn is(condition: &Condition, known: &[Known], truth: Option<bool>) {
    let status = match truth {
        Some(true) => yes(),
        Some(false) => Status::DoesNotHold,
        None => Status::Undetermined,
    };
    gives(condition, known, status);
}

#[track_caller]
fn gives(condition: &Condition, known: &[Known], status: Status) {
    for other in [yes(), Status::DoesNotHold, Status::Undetermined, Status::Conflict] {
        let scene = scene(condition.clone(), known, other.clone());
        if other == status {
            scene.accepted();
        } else {
            scene.refused(Cause::Status);
        }
    }
}

fn flag(value: bool) -> Known {
    Known::Given("flag", Value::Bool(value))
}

fn shut(value: bool) -> Known {
    Known::Given("shut", Value::Bool(value))
}

fn disputed() -> Known {
    Known::Disputed("flag", Value::Bool(true), Value::Bool(false))
}

#[test]
fn an_atom_holds_with_yes_only() {
    is(&Condition::Always, &[], TRUE);
    is(&holds("flag"), &[flag(true)], TRUE);
    is(&holds("flag"), &[flag(false)], FALSE);
    is(&holds("flag"), &[Known::Absent("flag")], UNKNOWN);
    is(&holds("shut"), &[Known::Absent("shut")], FALSE);
    is(&holds("assumed"), &[Known::Absent("assumed")], TRUE);
    is(&holds("doubted"), &[Known::Absent("doubted")], FALSE);
    gives(&holds("flag"), &[disputed()], Status::Conflict);
    scene(holds("number"), &[Known::Given("number", number(1))], yes()).refused(Cause::WrongType);
}

#[test]
fn an_atom_has_any_value() {
    let has = |predicate| Condition::Has(atom(predicate));
    is(&has("flag"), &[flag(false)], TRUE);
    is(&has("number"), &[Known::Given("number", number(0))], TRUE);
    is(&has("number"), &[Known::Absent("number")], UNKNOWN);
    is(&has("other"), &[Known::Absent("other")], FALSE);
    gives(&has("flag"), &[disputed()], Status::Conflict);
    let of_none = Condition::Has(atom_of("link", vec![variable("x"), literal(Value::Entity("t2".to_owned()))]));
    let mut scene = Scene::new();
    scene.rule("r", "Yes", Condition::Not(Box::new(of_none)), Conclusion::Holds);
    let link = scene.absent("link", &["t1", "t2"], Status::DoesNotHold);
    scene.claim("Yes", &["t1"], yes(), &[link], &["r"]);
    scene.accepted();
}

#[test]
fn connectives_evaluate_their_parts_until_one_decides() {
    let all = Condition::All(vec![holds("flag"), holds("shut")]);
    let any = Condition::Any(vec![holds("flag"), holds("shut")]);
    let unknown = || Known::Absent("flag");
    for (flag, shut, of_all) in [
        (flag(true), shut(true), TRUE),
        (flag(true), shut(false), FALSE),
        (unknown(), shut(true), UNKNOWN),
        (unknown(), shut(false), FALSE),
    ] {
        is(&all, &[flag, shut], of_all);
    }
    is(&all, &[flag(false)], FALSE);
    for (flag, shut, of_any) in [
        (flag(false), shut(true), TRUE),
        (flag(false), shut(false), FALSE),
        (unknown(), shut(true), TRUE),
        (unknown(), shut(false), UNKNOWN),
    ] {
        is(&any, &[flag, shut], of_any);
    }
    is(&any, &[flag(true)], TRUE);
    is(&all, &[disputed(), shut(false)], FALSE);
    gives(&all, &[disputed(), shut(true)], Status::Conflict);
    is(&any, &[disputed(), shut(true)], TRUE);
    gives(&any, &[disputed(), shut(false)], Status::Conflict);
    let three = vec![holds("flag"), Condition::Has(atom("number"))];
    let known = [disputed(), Known::Absent("number")];
    gives(&Condition::All(three.clone()), &known, Status::Conflict);
    gives(&Condition::Any(three), &known, Status::Conflict);
    let not = Condition::Not(Box::new(holds("flag")));
    is(&not, &[flag(true)], FALSE);
    is(&not, &[flag(false)], TRUE);
    is(&not, &[unknown()], UNKNOWN);
    gives(&not, &[disputed()], Status::Conflict);
    is(&Condition::All(vec![]), &[], TRUE);
    is(&Condition::Any(vec![]), &[], FALSE);
}

#[test]
fn values_are_compared() {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let relations = [Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual];
    let below = [false, true, true, true, false, false];
    let same = [true, false, false, true, false, true];
    let above = [false, true, false, false, true, true];
    for (left, right, expected) in [
        (number(1), number(2), below),
        (number(2), number(2), same),
        (money("EUR 2"), money("EUR 1"), above),
        (date("2021-01-01"), date("2021-01-02"), below),
        (instant("2021-03-01T00:30+01:00"), instant("2021-02-28T23:30Z"), same),
        (instant("2021-03-01T00:30Z"), instant("2021-03-01T00:30+01:00"), above),
    ] {
        for (relation, expected) in relations.into_iter().zip(expected) {
            is(&compare(literal(left.clone()), relation, literal(right.clone())), &[], Some(expected));
        }
    }
    is(&compare(literal(text("a")), Equal, literal(text("a"))), &[], TRUE);
    is(&compare(literal(text("a")), NotEqual, literal(text("A"))), &[], TRUE);
    is(&compare(variable("x"), Equal, literal(Value::Entity("t1".to_owned()))), &[], TRUE);
    let refused = |condition, cause| scene(condition, &[], yes()).refused(cause);
    refused(compare(literal(text("a")), Less, literal(text("b"))), Cause::WrongType);
    refused(compare(literal(number(1)), Equal, literal(text("1"))), Cause::WrongType);
    refused(compare(variable("x"), Equal, literal(Value::Entity("u1".to_owned()))), Cause::WrongType);
    refused(compare(literal(money("EUR 1")), Equal, literal(money("USD 1"))), Cause::Currencies);
}

#[test]
fn what_does_not_exist_compares_with_nothing() {
    use Comparison::{Equal, NotEqual};
    for relation in [Equal, NotEqual, Comparison::Less] {
        let with_one = compare(look("other"), relation, literal(number(1)));
        is(&with_one, &[Known::Absent("other")], FALSE);
        let with_unknown = compare(look("other"), relation, look("number"));
        is(&with_unknown, &[Known::Absent("other"), Known::Absent("number")], UNKNOWN);
        let known = [Known::Absent("other"), Known::Disputed("number", number(1), number(2))];
        gives(&with_unknown, &known, Status::Conflict);
    }
    let itself = compare(look("number"), Equal, look("number"));
    is(&itself, &[Known::Absent("number")], UNKNOWN);
}

#[test]
fn membership_is_a_disjunction() {
    let within = |choices: Vec<Expression>| Condition::In { value: look("number"), choices };
    let choices = || within(vec![literal(number(1)), look("other")]);
    let value = |value: i64| Known::Given("number", number(value));
    is(&choices(), &[value(1)], TRUE);
    is(&choices(), &[value(2), Known::Absent("other")], FALSE);
    is(&choices(), &[value(2), Known::Given("other", number(2))], TRUE);
    is(&choices(), &[Known::Absent("number"), Known::Given("other", number(2))], UNKNOWN);
    let disputed = Known::Disputed("other", number(2), number(3));
    gives(&choices(), &[value(2), disputed.clone()], Status::Conflict);
    gives(&choices(), &[Known::Absent("number"), disputed], Status::Conflict);
}

#[test]
fn some_entity_is_an_or_over_the_case() {
    let each = Variable { name: "t".to_owned(), entity_type: "T".to_owned() };
    let link = Condition::Holds(atom_of("link", vec![variable("x"), variable("t")]));
    let some = Condition::Exists { variable: each, condition: Box::new(link) };
    for (with_itself, with_other) in [(false, false), (false, true), (true, false)] {
        let mut scene = Scene::new();
        scene.rule("r", "Yes", some.clone(), Conclusion::Holds);
        // What the case says is not so is passed over, and what is so ends the search.
        for (with, name) in [(with_itself, "t1"), (with_other, "t2")] {
            if with {
                scene.given("link", &["t1", name], Value::Bool(true));
            } else {
                scene.state("link", &["t1", name], Value::Bool(false));
            }
        }
        if with_itself || with_other {
            scene.claim("Yes", &["t1"], yes(), &[0], &["r"]);
        } else {
            scene.claim("Yes", &["t1"], Status::DoesNotHold, &[], &[]);
        }
        scene.accepted();
    }
    let mut nobody = Scene::new();
    nobody.rule("r", "Yes", some, Conclusion::Holds);
    nobody.program.entities.push("Z".to_owned());
    let Condition::Exists { variable, .. } = &mut nobody.program.rules[0].condition else { panic!("built above") };
    variable.entity_type = "Z".to_owned();
    nobody.claim("Yes", &["t1"], Status::DoesNotHold, &[], &[]);
    nobody.accepted();
}

#[test]
fn an_inner_variable_hides_an_outer_one() {
    let each = Variable { name: "x".to_owned(), entity_type: "T".to_owned() };
    let is_second = compare(variable("x"), Comparison::Equal, literal(Value::Entity("t2".to_owned())));
    let some = Condition::Exists { variable: each, condition: Box::new(is_second.clone()) };
    is(&some, &[], TRUE);
    is(&Condition::All(vec![some, is_second]), &[], FALSE);
}
