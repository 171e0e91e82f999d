//! Every expression: its value, and what it is without one.

use grounds_core::{Condition, Duration, Expression, Rounding, RoundingMode, Status, Value, Variable};
use grounds_proof::Cause;

use crate::build::{
    Known, Scene, atom_of, boxed, by_one_rule, date, instant, literal, look, money, number, ratio, text, value,
    variable,
};

/// The scene where `claim(t1)` is `expression`, from what is known of `t1` in the order of look-up.
fn scene(claim: &str, expression: Expression, known: &[Known], status: Status) -> Scene {
    let mut scene = Scene::new();
    scene.rule("r", claim, Condition::Always, value(expression));
    let premises: Vec<usize> = known.iter().map(|known| known.add_to(&mut scene)).collect();
    let deciding = by_one_rule(&status);
    scene.claim(claim, &["t1"], status, &premises, deciding);
    scene
}

#[track_caller]
fn gives(claim: &str, expression: Expression, known: &[Known], status: Status) {
    scene(claim, expression.clone(), known, status.clone()).accepted();
    for other in [Status::DoesNotHold, Status::Undetermined, Status::Conflict] {
        if other != status {
            scene(claim, expression.clone(), known, other).refused(Cause::Status);
        }
    }
}

#[track_caller]
fn is(claim: &str, expression: Expression, known: &[Known], expected: Value) {
    gives(claim, expression, known, Status::Holds(expected));
}

#[track_caller]
fn fails(claim: &str, expression: Expression, known: &[Known], cause: Cause) {
    let error = scene(claim, expression, known, Status::Undetermined).refused(cause);
    assert_eq!(error.node, Some(known.len()));
    assert_eq!(error.rule.as_deref(), Some("r"));
}

fn add(left: Expression, right: Expression) -> Expression {
    Expression::Add(boxed(left), boxed(right))
}

fn multiply(left: Expression, right: Expression) -> Expression {
    Expression::Multiply(boxed(left), boxed(right))
}

fn round(expression: Expression, mode: RoundingMode, to: Option<Value>) -> Expression {
    Expression::Round(boxed(expression), Rounding { mode, to })
}

fn each(name: &str, entity_type: &str) -> Variable {
    Variable { name: name.to_owned(), entity_type: entity_type.to_owned() }
}

#[test]
fn literals_of_every_type() {
    is("Number", literal(number(7)), &[], number(7));
    is("Cash", literal(money("EUR 1.50")), &[], money("EUR 1.50"));
    is("Day", literal(date("2021-02-28")), &[], date("2021-02-28"));
    is("At", literal(instant("2021-02-28T10:00+01:00")), &[], instant("2021-02-28T10:00+01:00"));
    is("Kind", literal(text("legal person")), &[], text("legal person"));
    let provision = Value::Provision("smc art. 33(1)".to_owned());
    is("Norm", literal(provision.clone()), &[], provision);
    is("Owner", literal(Value::Entity("u1".to_owned())), &[], Value::Entity("u1".to_owned()));
    fails("Owner", literal(Value::Entity("u9".to_owned())), &[], Cause::Undeclared);
    fails("Norm", literal(Value::Provision("Article 33 (1)".to_owned())), &[], Cause::NotNormal);
    fails("Number", literal(Value::Duration(Duration::default())), &[], Cause::WrongType);
    let working = Duration { working_days: 1, ..Duration::default() };
    fails("Number", literal(Value::Duration(working)), &[], Cause::NotNormal);
    fails("Number", literal(text("7")), &[], Cause::WrongType);
}

#[test]
fn the_date_of_the_case_and_variables() {
    is("Day", Expression::AsOf, &[], date("2021-06-01"));
    fails("Owner", variable("x"), &[], Cause::WrongType);
    fails("Owner", variable("y"), &[], Cause::Undeclared);
}

#[test]
fn an_atom_is_what_its_status_gives() {
    is("Number", look("number"), &[Known::Given("number", number(3))], number(3));
    gives("Number", look("number"), &[Known::Absent("number")], Status::Undetermined);
    gives("Number", look("other"), &[Known::Absent("other")], Status::DoesNotHold);
    gives("Number", look("number"), &[Known::Disputed("number", number(3), number(4))], Status::Conflict);
    fails("Number", look("nothing"), &[], Cause::Undeclared);
    fails("Number", look("rate"), &[], Cause::WrongType);
    fails("Number", Expression::Atom(atom_of("number", vec![])), &[], Cause::ArgumentCount);
    fails("Number", Expression::Atom(atom_of("number", vec![literal(number(1))])), &[], Cause::WrongType);
}

#[test]
fn an_atom_whose_argument_is_not_a_value_is_that_itself() {
    let rate = || Expression::Atom(atom_of("rate", vec![look("owner")]));
    gives("Number", rate(), &[Known::Absent("owner")], Status::Undetermined);
    let mut known = Scene::new();
    known.rule("r", "Number", Condition::Always, value(rate()));
    let owner = known.given("owner", &["t1"], Value::Entity("u1".to_owned()));
    let of_owner = known.given("rate", &["u1"], ratio(1, 20));
    known.claim("Number", &["t1"], Status::Holds(ratio(1, 20)), &[owner, of_owner], &["r"]);
    known.accepted();
}

#[test]
fn sums_and_products() {
    let known = [Known::Given("number", ratio(1, 3)), Known::Given("other", ratio(1, 6))];
    is("Number", add(look("number"), look("other")), &known, ratio(1, 2));
    is("Number", Expression::Subtract(boxed(look("number")), boxed(look("other"))), &known, ratio(1, 6));
    is("Number", multiply(look("number"), look("other")), &known, ratio(1, 18));
    is("Cash", add(literal(money("EUR 1")), literal(money("EUR 0.50"))), &[], money("EUR 1.50"));
    is("Cash", multiply(literal(number(2)), literal(money("EUR 3"))), &[], money("EUR 6"));
    is("Cash", multiply(literal(money("EUR 3")), literal(number(-2))), &[], money("EUR -6"));
    fails("Cash", add(literal(money("EUR 1")), literal(money("USD 1"))), &[], Cause::Currencies);
    fails("Cash", add(literal(money("EUR 1")), literal(number(1))), &[], Cause::WrongType);
    fails("Day", add(literal(date("2021-01-01")), literal(date("2021-01-01"))), &[], Cause::WrongType);
    fails("Cash", multiply(literal(money("EUR 1")), literal(money("EUR 1"))), &[], Cause::WrongType);
}

#[test]
fn money_is_rounded_before_it_is_used() {
    let part = || multiply(literal(ratio(1, 3)), literal(money("EUR 1")));
    fails("Cash", part(), &[], Cause::NotRounded);
    fails("Cash", add(part(), literal(money("EUR 1"))), &[], Cause::NotRounded);
    fails("Cash", Expression::Greatest(vec![part()]), &[], Cause::NotRounded);
    is("Cash", multiply(literal(number(3)), part()), &[], money("EUR 1"));
    is("Cash", round(part(), RoundingMode::Down, None), &[], money("EUR 0.33"));
    is("Cash", round(part(), RoundingMode::Up, None), &[], money("EUR 0.34"));
    is("Cash", round(part(), RoundingMode::HalfUp, Some(money("EUR 0.05"))), &[], money("EUR 0.35"));
    is("Cash", round(part(), RoundingMode::HalfEven, Some(money("EUR 0.50"))), &[], money("EUR 0.50"));
    is("Number", round(literal(ratio(-5, 2)), RoundingMode::HalfUp, None), &[], number(-3));
    is("Number", round(literal(ratio(5, 2)), RoundingMode::HalfEven, Some(number(1))), &[], number(2));
    fails("Cash", round(part(), RoundingMode::Up, Some(money("USD 1"))), &[], Cause::WrongType);
    fails("Cash", round(part(), RoundingMode::Up, Some(number(1))), &[], Cause::WrongType);
    fails("Cash", round(part(), RoundingMode::Up, Some(money("EUR 0"))), &[], Cause::NotNormal);
    fails("Day", round(Expression::AsOf, RoundingMode::Up, None), &[], Cause::WrongType);
}

#[test]
fn numbers_beyond_128_bits_are_refused() {
    let huge = literal(ratio(i128::MAX, 1));
    fails("Number", add(huge.clone(), literal(number(1))), &[], Cause::Overflow);
    fails("Number", multiply(huge.clone(), literal(number(2))), &[], Cause::Overflow);
    fails("Number", round(huge, RoundingMode::Up, Some(ratio(2, 3))), &[], Cause::Overflow);
}

fn shift(start: Expression, duration: Duration, backwards: bool, calendar: Option<&str>) -> Expression {
    Expression::Shift { start: boxed(start), duration, backwards, calendar: calendar.map(str::to_owned) }
}

#[test]
fn dates_and_instants_are_shifted() {
    let none = Duration::default();
    let day = |text: &str| literal(date(text));
    let month = Duration { months: 1, ..none };
    is("Day", shift(day("2021-01-31"), month, false, None), &[], date("2021-02-28"));
    is("Day", shift(day("2020-03-31"), month, true, None), &[], date("2020-02-29"));
    is("Day", shift(day("2021-12-31"), Duration { days: 7, ..none }, false, None), &[], date("2022-01-07"));
    let working = Duration { working_days: 3, ..none };
    is("Day", shift(day("2021-04-29"), working, false, Some("work")), &[], date("2021-05-04"));
    is("Day", shift(day("2021-05-04"), working, true, Some("work")), &[], date("2021-04-29"));
    let at = |text: &str| literal(instant(text));
    let hours = Duration { seconds: 72 * 3600, ..none };
    let shifted = shift(at("2016-03-01T09:00+01:00"), hours, false, None);
    is("At", shifted, &[], instant("2016-03-04T09:00+01:00"));
    let shifted = shift(at("2021-01-31T23:30+05:30"), month, false, None);
    is("At", shifted, &[], instant("2021-02-28T23:30+05:30"));
    fails("Day", shift(day("2021-01-01"), hours, false, None), &[], Cause::WrongType);
    fails("At", shift(at("2021-01-31T23:30Z"), working, false, Some("work")), &[], Cause::WrongType);
    fails("Day", shift(day("2021-01-01"), working, false, None), &[], Cause::Undeclared);
    fails("Day", shift(day("2021-01-01"), working, false, Some("feast")), &[], Cause::Undeclared);
    fails("Day", shift(day("9999-12-31"), Duration { days: 1, ..none }, false, None), &[], Cause::OutOfYears);
    fails("At", shift(at("9999-12-31T23:59Z"), hours, false, None), &[], Cause::OutOfYears);
    fails("Day", shift(day("2021-01-01"), Duration { months: i64::MIN, ..none }, true, None), &[], Cause::OutOfYears);
    gives("Day", shift(look("day"), month, false, None), &[Known::Absent("day")], Status::Undetermined);
}

#[test]
fn lengths_of_time_are_values() {
    let of = |months, days, seconds| Duration { months, days, seconds, working_days: 0 };
    let length = |duration| literal(Value::Duration(duration));
    let minus = |left, right| Expression::Subtract(boxed(left), boxed(right));
    let (month, day, hour) = (of(1, 0, 0), of(0, 1, 0), of(0, 0, 3_600));
    is("Day", add(literal(date("2021-01-31")), length(month)), &[], date("2021-02-28"));
    is("Day", minus(literal(date("2020-03-31")), length(month)), &[], date("2020-02-29"));
    is("At", minus(literal(instant("2021-03-01T00:30Z")), length(hour)), &[], instant("2021-02-28T23:30Z"));
    is("Length", add(length(month), length(hour)), &[], Value::Duration(of(1, 0, 3_600)));
    is("Length", minus(length(month), length(day)), &[], Value::Duration(of(1, -1, 0)));
    is("Length", multiply(literal(number(3)), length(of(1, 2, 60))), &[], Value::Duration(of(3, 6, 180)));
    is("Length", multiply(length(of(6, 0, 0)), literal(ratio(1, 2))), &[], Value::Duration(of(3, 0, 0)));
    is(
        "Length",
        Expression::Greatest(vec![length(of(1, 2, 0)), length(of(1, 3, 0))]),
        &[],
        Value::Duration(of(1, 3, 0)),
    );
    is("Length", Expression::Least(vec![length(of(1, 2, 0)), length(of(2, 2, 0))]), &[], Value::Duration(of(1, 2, 0)));
    fails("Day", add(literal(date("2021-01-31")), length(hour)), &[], Cause::WrongType);
    fails("Length", multiply(length(month), literal(ratio(1, 2))), &[], Cause::Overflow);
    fails("Length", add(length(of(i64::MAX, 0, 0)), length(month)), &[], Cause::Overflow);
    fails("Length", Expression::Greatest(vec![length(month), length(of(0, 30, 0))]), &[], Cause::WrongType);
    fails("Length", add(length(month), literal(date("2021-01-31"))), &[], Cause::WrongType);
}

#[test]
fn a_date_has_a_year_a_month_and_a_day() {
    let late = || boxed(literal(date("2021-02-28")));
    is("Number", Expression::YearOf(late()), &[], number(2021));
    is("Number", Expression::MonthOf(late()), &[], number(2));
    is("Number", Expression::DayOf(late()), &[], number(28));
    fails("Number", Expression::DayOf(boxed(literal(number(3)))), &[], Cause::WrongType);
}

#[test]
fn the_day_of_an_instant_is_that_of_its_own_offset() {
    let late = || boxed(literal(instant("2021-02-28T23:30-02:00")));
    is("Day", Expression::DateOf(late()), &[], date("2021-02-28"));
    let between = Expression::DaysBetween(boxed(Expression::DateOf(late())), boxed(literal(date("2021-02-01"))));
    is("Number", between, &[], number(-27));
    fails("Day", Expression::DateOf(boxed(Expression::AsOf)), &[], Cause::WrongType);
    fails("Number", Expression::DaysBetween(late(), late()), &[], Cause::WrongType);
}

#[test]
fn an_offset_is_part_of_what_is_proved() {
    let known = [Known::Given("at", instant("2021-03-01T00:30+01:00"))];
    let elsewhere = Status::Holds(instant("2021-02-28T23:30Z"));
    scene("At", look("at"), &known, elsewhere).refused(Cause::Status);
}

#[test]
fn the_strongest_of_several_lacks_is_the_result() {
    let both = || add(look("number"), look("other"));
    let conflict = Known::Disputed("number", number(3), number(4));
    gives("Number", both(), &[Known::Absent("number"), Known::Absent("other")], Status::Undetermined);
    gives("Number", both(), &[conflict, Known::Absent("other")], Status::Conflict);
    gives("Number", both(), &[Known::Given("number", number(1)), Known::Absent("other")], Status::DoesNotHold);
}

#[test]
fn the_greatest_and_least_leave_out_what_is_none() {
    let both = || vec![look("number"), look("other")];
    let known = [Known::Given("number", ratio(1, 3)), Known::Given("other", ratio(1, 2))];
    is("Number", Expression::Greatest(both()), &known, ratio(1, 2));
    is("Number", Expression::Least(both()), &known, ratio(1, 3));
    let known = [Known::Given("number", ratio(1, 3)), Known::Absent("other")];
    is("Number", Expression::Greatest(both()), &known, ratio(1, 3));
    let known = [Known::Absent("number"), Known::Given("other", ratio(1, 3))];
    gives("Number", Expression::Least(both()), &known, Status::Undetermined);
    gives("Number", Expression::Greatest(vec![look("other")]), &[Known::Absent("other")], Status::DoesNotHold);
    let mixed = vec![literal(money("EUR 1")), literal(money("USD 1"))];
    fails("Cash", Expression::Greatest(mixed), &[], Cause::Currencies);
    fails("Kind", Expression::Greatest(vec![literal(text("a"))]), &[], Cause::WrongType);
    let same = ["2021-03-01T00:30+01:00", "2021-02-28T23:30Z"].map(|at| literal(instant(at))).to_vec();
    is("At", Expression::Greatest(same.clone()), &[], instant("2021-03-01T00:30+01:00"));
    is("At", Expression::Least(same), &[], instant("2021-03-01T00:30+01:00"));
    is("Day", Expression::Greatest(vec![Expression::AsOf, literal(date("1999-01-01"))]), &[], date("2021-06-01"));
}

fn sum(condition: Condition, zero: Value) -> Expression {
    let number = Expression::Atom(atom_of("other", vec![variable("t")]));
    Expression::Sum { variable: each("t", "T"), value: boxed(number), condition: Box::new(condition), zero }
}

/// A scene where `Number(t1)` is `expression`, with `flag` and `other` of `t1`, then of `t2`, as premises.
fn over_two(expression: &Expression, flags: [Option<bool>; 2], numbers: [Option<i64>; 2], status: Status) -> Scene {
    let mut scene = Scene::new();
    scene.rule("r", "Number", Condition::Always, value(expression.clone()));
    let mut premises = Vec::new();
    for (entity, (flag, other)) in ["t1", "t2"].into_iter().zip(flags.into_iter().zip(numbers)) {
        premises.push(match flag {
            Some(flag) => scene.given("flag", &[entity], Value::Bool(flag)),
            None => scene.absent("flag", &[entity], Status::Undetermined),
        });
        // Where the condition is false the value is not looked at.
        if matches!(expression, Expression::Sum { .. }) && flag != Some(false) {
            premises.push(match other {
                Some(other) => scene.given("other", &[entity], number(other)),
                None => scene.absent("other", &[entity], Status::DoesNotHold),
            });
        }
    }
    let deciding = by_one_rule(&status);
    scene.claim("Number", &["t1"], status, &premises, deciding);
    scene
}

#[test]
fn sums_go_over_all_entities_and_add_where_the_condition_is_true() {
    let flagged = || Condition::Holds(atom_of("flag", vec![variable("t")]));
    let sum = sum(flagged(), number(0));
    let holds = |value: i64| Status::Holds(number(value));
    over_two(&sum, [Some(true), Some(true)], [Some(3), Some(4)], holds(7)).accepted();
    over_two(&sum, [Some(true), Some(false)], [Some(3), Some(4)], holds(3)).accepted();
    over_two(&sum, [Some(true), Some(true)], [None, Some(4)], holds(4)).accepted();
    over_two(&sum, [Some(false), Some(false)], [Some(3), Some(4)], holds(0)).accepted();
    over_two(&sum, [Some(true), None], [Some(3), Some(4)], Status::Undetermined).accepted();
    over_two(&sum, [Some(true), Some(true)], [Some(3), Some(4)], holds(8)).refused(Cause::Status);
    let count = Expression::Count { variable: each("t", "T"), condition: Box::new(flagged()) };
    over_two(&count, [Some(true), Some(true)], [None, None], holds(2)).accepted();
    over_two(&count, [Some(false), Some(true)], [None, None], holds(1)).accepted();
    over_two(&count, [Some(true), None], [None, None], Status::Undetermined).accepted();
}

#[test]
fn sums_of_nothing_and_of_what_cannot_be_added() {
    let no_one = |value: Expression, zero: Value| Expression::Sum {
        variable: each("t", "T"),
        value: boxed(value),
        condition: Box::new(Condition::Any(vec![])),
        zero,
    };
    is("Cash", no_one(literal(money("EUR 1")), money("EUR 0")), &[], money("EUR 0"));
    let everyone = |value: Expression, zero: Value| Expression::Sum {
        variable: each("t", "T"),
        value: boxed(value),
        condition: Box::new(Condition::Always),
        zero,
    };
    is("Cash", everyone(literal(money("EUR 1")), money("EUR 0")), &[], money("EUR 2"));
    fails("Day", everyone(Expression::AsOf, number(0)), &[], Cause::WrongType);
    let part = multiply(literal(ratio(1, 3)), literal(money("EUR 1")));
    fails("Cash", everyone(part, money("EUR 0")), &[], Cause::NotRounded);
    let count = Expression::Count { variable: each("t", "Z"), condition: Box::new(Condition::Always) };
    fails("Number", count, &[], Cause::Undeclared);
    let count = Expression::Count { variable: each("u", "U"), condition: Box::new(Condition::Always) };
    is("Number", count, &[], number(1));
}
