//! Every cause of a refusal, each on a scene that is right but for one thing.

use grounds_core::{
    Calendar, Comparison, Conclusion, Condition, Entity, Expression, Instant, Justification, Kind, Money, RuleKind,
    Status, Value, Variable,
};
use grounds_proof::Cause;

use crate::build::{Scene, boxed, compare, holds, instant, literal, look, money, number, ratio, value, yes};

/// A rule over one fact, an exception and a proof of the claim, all right.
fn right() -> Scene {
    let mut scene = Scene::new();
    scene.rule("r", "Number", holds("flag"), value(look("number")));
    scene.exception("e", "r", "Number", holds("shut"), Conclusion::None);
    scene.exception("f", "r", "Number", holds("shut"), Conclusion::None);
    scene.prefer("e", "f");
    let flag = scene.given("flag", &["t1"], Value::Bool(true));
    let number_node = scene.given("number", &["t1"], number(4));
    let shut = scene.absent("shut", &["t1"], Status::DoesNotHold);
    scene.claim("Number", &["t1"], Status::Holds(number(4)), &[flag, number_node, shut], &["r"]);
    scene.accepted();
    scene
}

#[track_caller]
fn refuses(cause: Cause, kind: Kind, message: &str, change: impl FnOnce(&mut Scene)) {
    let mut scene = right();
    change(&mut scene);
    let error = scene.refused(cause);
    assert_eq!(error.to_string(), message);
    assert_eq!(error.kind(), kind);
}

#[test]
fn names_are_declared_once() {
    let twice = |what: &str| format!("expected each name once, found `{what}` twice");
    refuses(Cause::Duplicate, Kind::User, &twice("T"), |scene| scene.program.entities.push("T".to_owned()));
    refuses(Cause::Duplicate, Kind::User, &twice("r"), |scene| {
        let rule = scene.program.rules[0].clone();
        scene.program.rules.push(rule);
    });
    refuses(Cause::Duplicate, Kind::User, &twice("flag"), |scene| {
        let fact = scene.program.facts[0].clone();
        scene.program.facts.push(fact);
    });
    refuses(Cause::Duplicate, Kind::User, &twice("flag"), |scene| scene.program.claims[1].name = "flag".to_owned());
    refuses(Cause::Duplicate, Kind::User, &twice("work"), |scene| {
        let calendar: Calendar = scene.program.calendars[0].clone();
        scene.program.calendars.push(calendar);
    });
    refuses(Cause::Duplicate, Kind::User, &twice("t1"), |scene| scene.case.entities[2].name = "t1".to_owned());
    refuses(Cause::Duplicate, Kind::User, "rule `r`: expected each name once, found `x` twice", |scene| {
        scene.program.claims[2].parameters.push("T".to_owned());
        let variable = scene.program.rules[0].variables[0].clone();
        scene.program.rules[0].variables.push(variable);
    });
}

#[test]
fn names_are_declared_at_all() {
    let message = "rule `r`: expected a declared claim, found `flag`";
    refuses(Cause::Undeclared, Kind::User, message, |scene| scene.program.rules[0].claim = "flag".to_owned());
    let message = "rule `e`: expected an exception to a rule, found to `x`";
    refuses(Cause::Undeclared, Kind::User, message, |scene| {
        scene.program.rules[1].kind = RuleKind::Exception { to: "x".to_owned() };
    });
    let message = "expected a declared type of entity `t2`, found `V`";
    refuses(Cause::Undeclared, Kind::User, message, |scene| scene.case.entities[2].entity_type = "V".to_owned());
    let message = "expected statements of declared facts, found `Number`";
    refuses(Cause::Undeclared, Kind::User, message, |scene| scene.case.facts[0].predicate = "Number".to_owned());
    let message = "expected an entity of the case, found `t7`";
    refuses(Cause::Undeclared, Kind::User, message, |scene| scene.case.facts[0].arguments[0] = "t7".to_owned());
    let message = "node 1: expected a declared fact or claim, found `sum`";
    refuses(Cause::Undeclared, Kind::Corrupt, message, |scene| {
        scene.proof.nodes[1].judgement.predicate = "sum".to_owned();
    });
    let message = "node 3, rule `r`: expected a variable of the rule, found `y`";
    refuses(Cause::Undeclared, Kind::User, message, |scene| {
        scene.program.rules[0].condition =
            compare(Expression::Variable("y".to_owned()), Comparison::Equal, Expression::Variable("y".to_owned()));
    });
}

#[test]
fn rules_fit_their_claims() {
    let message = "rule `r`: expected variables of the types (T), found others";
    refuses(Cause::Misfit, Kind::User, message, |scene| scene.program.rules[0].variables.clear());
    let message = "rule `e`: expected claim `Number` of `r`, found Cash";
    refuses(Cause::Misfit, Kind::User, message, |scene| scene.program.rules[1].claim = "Cash".to_owned());
    let message = "node 3, rule `r`: expected a conclusion for a claim of type number, found another";
    for conclusion in [Conclusion::Holds, Conclusion::None] {
        refuses(Cause::Misfit, Kind::User, message, |scene| scene.program.rules[0].conclusion = conclusion);
    }
}

#[test]
fn exceptions_lead_to_a_base_rule() {
    let message = "rule `e`: expected a base rule within 128 steps, found none: perhaps a cycle";
    refuses(Cause::ExceptionChain, Kind::User, message, |scene| {
        scene.program.rules[1].kind = RuleKind::Exception { to: "f".to_owned() };
        scene.program.rules[2].kind = RuleKind::Exception { to: "e".to_owned() };
    });
}

#[test]
fn preferences_are_an_order_between_exceptions() {
    let expected = "expected two exceptions to one rule, in one order, found";
    for (over, under) in [("f", "e"), ("e", "e"), ("r", "e"), ("e", "r"), ("e", "g"), ("g", "e")] {
        let message = format!("{expected} `{over}` preferred over `{under}`");
        refuses(Cause::Preference, Kind::User, &message, |scene| scene.prefer(over, under));
    }
}

#[test]
fn judgements_have_the_declared_shape() {
    let message = "node 0: expected 1 arguments of `flag`, found 0";
    refuses(Cause::ArgumentCount, Kind::Corrupt, message, |scene| scene.proof.nodes[0].judgement.arguments.clear());
    let message = "node 0: expected `flag` of an entity of type T, found U `u1`";
    refuses(Cause::WrongType, Kind::Corrupt, message, |scene| {
        scene.proof.nodes[0].judgement.arguments[0] = "u1".to_owned();
    });
    let message = "node 0: expected a value of type bool, found number `1`";
    refuses(Cause::WrongType, Kind::Corrupt, message, |scene| {
        scene.proof.nodes[0].judgement.status = Status::Holds(number(1));
    });
    let message = "expected a value of type bool, found money `EUR 1`";
    refuses(Cause::WrongType, Kind::User, message, |scene| scene.case.facts[0].value = money("EUR 1"));
}

#[test]
fn values_are_in_normal_form() {
    let cases = [
        ("cash", Value::Money(Money { minor: 1, currency: "eur".to_owned() })),
        ("cash", Value::Money(Money { minor: i128::MIN, currency: "EUR".to_owned() })),
        ("at", Value::Instant(Instant { unix_seconds: i64::MAX, offset_minutes: 0 })),
        ("at", Value::Instant(Instant { unix_seconds: 0, offset_minutes: i16::MIN })),
        ("norm", Value::Provision("Article 3".to_owned())),
        ("norm", Value::Provision("nowhere".to_owned())),
        ("kind", Value::Duration(grounds_core::Duration { working_days: 1, ..Default::default() })),
    ];
    for (predicate, value) in cases {
        let mut scene = right();
        scene.state(predicate, &["t1"], value);
        let error = scene.refused(Cause::NotNormal);
        assert_eq!(error.kind(), Kind::User);
    }
}

#[test]
fn a_fact_or_claim_has_one_node() {
    let message = "node 4: expected `flag(t1)` only at node 0, found it again";
    refuses(Cause::Repeated, Kind::Corrupt, message, |scene| {
        let node = scene.proof.nodes[0].clone();
        scene.proof.nodes.push(node);
    });
}

#[test]
fn facts_rest_on_statements_and_claims_on_rules() {
    let by_rules = || Justification::Rules { premises: vec![], deciding: vec![] };
    let message = "node 0: expected a fact by all statements, found it otherwise";
    refuses(Cause::Justification, Kind::Corrupt, message, |scene| scene.proof.nodes[0].by = Justification::Absent);
    refuses(Cause::Justification, Kind::Corrupt, message, |scene| scene.proof.nodes[0].by = by_rules());
    let message = "node 2: expected an unstated fact as absent, found it otherwise";
    refuses(Cause::Justification, Kind::Corrupt, message, |scene| scene.proof.nodes[2].by = by_rules());
    refuses(Cause::Justification, Kind::Corrupt, message, |scene| {
        scene.proof.nodes[2].by = Justification::Given { facts: vec![] };
    });
    let message = "node 3: expected a claim by its rules, found it otherwise";
    refuses(Cause::Justification, Kind::Corrupt, message, |scene| scene.proof.nodes[3].by = Justification::Absent);
    refuses(Cause::Justification, Kind::Corrupt, message, |scene| {
        scene.proof.nodes[3].by = Justification::Given { facts: vec![0] };
    });
}

#[test]
fn all_statements_about_a_fact_are_listed() {
    for (listed, shown) in [(vec![], "[]"), (vec![1], "[1]"), (vec![0, 0], "[0, 0]"), (vec![0, 9], "[0, 9]")] {
        let message = format!("node 0: expected all statements about `flag(t1)`, [0], found {shown}");
        refuses(Cause::Statements, Kind::Corrupt, &message, |scene| {
            scene.proof.nodes[0].by = Justification::Given { facts: listed };
        });
    }
    let message = "node 0: expected all statements about `flag(t1)`, [0, 2], found [0]";
    refuses(Cause::Statements, Kind::Corrupt, message, |scene| {
        scene.state("flag", &["t1"], Value::Bool(true));
    });
}

#[test]
fn premises_come_before_what_rests_on_them() {
    for late in [4, usize::MAX] {
        let message = format!("node 3: expected premises before node 3, found {late}");
        refuses(Cause::LatePremise, Kind::Corrupt, &message, |scene| {
            let deciding = vec!["r".to_owned()];
            scene.proof.nodes[3].by = Justification::Rules { premises: vec![0, 1, late], deciding };
        });
    }
}

fn rest_on(scene: &mut Scene, rests_on: &[usize]) {
    let Justification::Rules { premises, .. } = &mut scene.proof.nodes[3].by else { panic!("a claim") };
    *premises = rests_on.to_vec();
}

#[test]
fn premises_are_all_that_is_looked_up_in_order() {
    let message = "node 3, rule `r`: expected `number(t1)` among the premises, found none";
    refuses(Cause::MissingPremise, Kind::Corrupt, message, |scene| rest_on(scene, &[0, 2]));
    let message = "node 3, rule `e`: expected `shut(t1)` among the premises, found none";
    refuses(Cause::MissingPremise, Kind::Corrupt, message, |scene| rest_on(scene, &[0, 1]));
    let message = "node 3: expected only premises that are looked up, found node 2";
    refuses(Cause::UnusedPremise, Kind::Corrupt, message, |scene| {
        scene.program.rules.truncate(1);
        scene.program.preferences.clear();
    });
    let message = "node 3, rule `r`: expected node 0 as premise 0, in order of first use, found it as premise 1";
    refuses(Cause::PremiseOrder, Kind::Corrupt, message, |scene| rest_on(scene, &[1, 0, 2]));
    let message = "node 3: expected only premises that are looked up, found node 0";
    refuses(Cause::PremiseOrder, Kind::Corrupt, message, |scene| rest_on(scene, &[0, 1, 2, 0]));
}

#[test]
fn statuses_and_deciding_rules_follow() {
    let message = "node 3: expected `Number(t1)` to hold with `4`, found to hold with `5`";
    refuses(Cause::Status, Kind::Corrupt, message, |scene| {
        scene.proof.nodes[3].judgement.status = Status::Holds(number(5));
    });
    let message = "node 2: expected `shut(t1)` not to hold, found undetermined";
    refuses(Cause::Status, Kind::Corrupt, message, |scene| {
        scene.proof.nodes[2].judgement.status = Status::Undetermined;
    });
    let message = "node 3: expected the deciding rules of `Number(t1)`, [r], found [r, e]";
    refuses(Cause::Deciding, Kind::Corrupt, message, |scene| {
        let Justification::Rules { deciding, .. } = &mut scene.proof.nodes[3].by else { panic!("a claim") };
        deciding.push("e".to_owned());
    });
}

#[test]
fn evaluation_stops_where_it_cannot_go_on() {
    let conclude = |scene: &mut Scene, left: Value, right: Value| {
        scene.program.rules[0].conclusion = value(Expression::Add(boxed(literal(left)), boxed(literal(right))));
    };
    let message = "node 3, rule `r`: expected the currency of EUR 1, found USD 1";
    refuses(Cause::Currencies, Kind::User, message, |scene| conclude(scene, money("EUR 1"), money("USD 1")));
    let message = "node 3, rule `r`: expected a number within 128 bits, found an overflow";
    refuses(Cause::Overflow, Kind::User, message, |scene| conclude(scene, ratio(i128::MAX, 1), number(1)));
    let message = "node 3, rule `r`: expected a rounded amount, found EUR 100/3 minor units";
    refuses(Cause::NotRounded, Kind::User, message, |scene| {
        let product = Expression::Multiply(boxed(literal(ratio(1, 3))), boxed(literal(money("EUR 1"))));
        scene.program.rules[0].conclusion = value(product);
    });
    let message = "node 3, rule `r`: expected a date in the years -9999 to 9999, found one outside";
    refuses(Cause::OutOfYears, Kind::User, message, |scene| {
        let duration = grounds_core::Duration { seconds: i64::MAX, ..Default::default() };
        let start = boxed(literal(instant("2021-01-01T00:00Z")));
        let shift = Expression::Shift { start, duration, backwards: false, calendar: None };
        scene.program.rules[0].conclusion = value(shift);
    });
}

#[test]
fn depth_and_work_are_limited() {
    let message = "node 3, rule `r`: expected at most 128 levels of nesting and 10000000 steps, found more";
    let nested = |levels: usize| (0..levels).fold(holds("flag"), |inner, _| Condition::All(vec![inner]));
    refuses(Cause::TooLarge, Kind::User, message, |scene| scene.program.rules[0].condition = nested(5_000));
    // The rule itself, the negations and the atom's argument: 128 in all.
    let mut deep = right();
    deep.program.rules[0].condition = nested(125);
    deep.accepted();
    refuses(Cause::TooLarge, Kind::User, message, |scene| scene.program.rules[0].condition = nested(126));
    // 30 variables over 3 entities: more combinations than anyone waits for.
    refuses(Cause::TooLarge, Kind::User, message, |scene| {
        scene.case.entities.push(Entity { name: "t3".to_owned(), entity_type: "T".to_owned() });
        scene.program.rules[0].condition = (0..30).fold(Condition::Any(vec![]), |inner, _| Condition::Exists {
            variable: Variable { name: "t".to_owned(), entity_type: "T".to_owned() },
            condition: Box::new(inner),
        });
    });
}

/// The deepest that is followed fits three quarters of a thread's usual stack, even without optimisation.
#[test]
fn the_deepest_nesting_needs_little_stack() {
    let add = |inner, _| Expression::Add(boxed(literal(number(1))), boxed(inner));
    let each = || Variable { name: "t".to_owned(), entity_type: "U".to_owned() };
    let sum = |inner, _| Expression::Sum {
        variable: each(),
        value: boxed(inner),
        condition: Box::new(Condition::Always),
        zero: number(0),
    };
    let some = |inner, _| Condition::Exists { variable: each(), condition: Box::new(inner) };
    let mut scene = Scene::new();
    scene.rule("sum", "Number", Condition::Always, value((0..126).fold(literal(number(1)), sum)));
    scene.exception("add", "sum", "Number", Condition::Always, value((0..125).fold(literal(number(1)), add)));
    scene.rule("some", "Yes", (0..126).fold(Condition::Always, some), Conclusion::Holds);
    scene.rule("0", "Cash", Condition::Always, value(literal(money("EUR 1"))));
    for depth in 1..127 {
        let to = (depth - 1).to_string();
        scene.exception(&depth.to_string(), &to, "Cash", Condition::Always, Conclusion::None);
    }
    scene.claim("Number", &["t1"], Status::Holds(number(126)), &[], &["sum"]);
    scene.claim("Yes", &["t1"], yes(), &[], &["some"]);
    scene.claim("Cash", &["t1"], Status::DoesNotHold, &[], &[]);
    let small = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || scene.accepted());
    small.expect("a thread").join().expect("no overflow");
}

const STACK_BYTES: usize = 3 << 19;

#[test]
fn a_checked_proof_can_be_asked() {
    let scene = right();
    let checked = scene.check().expect("right");
    assert_eq!(checked.status("Number", &["t1"]), Some(&Status::Holds(number(4))));
    assert_eq!(checked.status("flag", &["t1"]), Some(&yes()));
    assert_eq!(checked.status("Number", &["t2"]), None);
}
