//! Every single change to a valid proof, or to what it is a proof of, is refused.

use grounds_core::{Comparison, Conclusion, Condition, Duration, Expression, Justification, Rational, Status, Value};

use crate::build::{
    Scene, atom, boxed, compare, date, holds, instant, literal, look, money, number, ratio, text, value, yes,
};

fn hours_after(hours: i64) -> Expression {
    let duration = Duration { seconds: hours * 3600, ..Duration::default() };
    Expression::Shift { start: boxed(look("at")), duration, backwards: false, calendar: None }
}

/// A deadline with exceptions, whether it was missed, and a cap on the fine.
fn valid() -> Scene {
    let mut scene = Scene::new();
    scene.rule("deadline", "At", holds("Also"), value(hours_after(72)));
    scene.exception("planned", "deadline", "At", holds("shut"), Conclusion::None);
    scene.exception("assets", "planned", "At", holds("flag"), value(hours_after(96)));
    let many = compare(look("number"), Comparison::GreaterOrEqual, literal(number(1000)));
    scene.rule("significant", "Also", many, Conclusion::Holds);
    let deadline_day = Expression::DateOf(boxed(look("At")));
    let late = compare(look("day"), Comparison::Greater, deadline_day);
    let silent = Condition::Not(Box::new(Condition::Has(atom("other"))));
    scene.rule("late", "Yes", Condition::All(vec![late, silent]), Conclusion::Holds);
    let share = Expression::Multiply(boxed(literal(ratio(3, 100))), boxed(look("cash")));
    let rounding = grounds_core::Rounding { mode: grounds_core::RoundingMode::Down, to: None };
    let share = Expression::Round(boxed(share), rounding);
    let cap = Expression::Greatest(vec![literal(money("VRC 5 000 000")), share]);
    let legal = compare(look("kind"), Comparison::Equal, literal(text("legal person")));
    scene.rule("cap", "Cash", Condition::All(vec![holds("Yes"), legal]), value(cap));

    let (month, day) = (Duration { months: 1, ..Duration::default() }, Duration { days: 1, ..Duration::default() });
    let days = Expression::Multiply(boxed(look("number")), boxed(literal(Value::Duration(day))));
    let length = Expression::Subtract(boxed(days), boxed(literal(Value::Duration(month))));
    scene.rule("length", "Length", Condition::Always, value(length));

    let clients = scene.given("number", &["t1"], number(1200));
    let status = Status::Holds(Value::Duration(Duration { months: -1, days: 1200, ..Duration::default() }));
    scene.claim("Length", &["t1"], status, &[clients], &["length"]);
    let also = scene.claim("Also", &["t1"], yes(), &[clients], &["significant"]);
    let detected = scene.given("at", &["t1"], instant("2016-03-01T09:00+01:00"));
    let planned = scene.given("shut", &["t1"], Value::Bool(true));
    let assets = scene.given("flag", &["t1"], Value::Bool(true));
    let status = Status::Holds(instant("2016-03-05T09:00+01:00"));
    let deadline = scene.claim("At", &["t1"], status, &[also, detected, planned, assets], &["deadline"]);
    let reported = scene.given("day", &["t1"], date("2016-03-06"));
    let other = scene.absent("other", &["t1"], Status::DoesNotHold);
    let late = scene.claim("Yes", &["t1"], yes(), &[reported, deadline, other], &["late"]);
    let kind = scene.given("kind", &["t1"], text("legal person"));
    let turnover = scene.given("cash", &["t1"], money("VRC 200 000 000.33"));
    scene.claim("Cash", &["t1"], Status::Holds(money("VRC 6 000 000")), &[late, kind, turnover], &["cap"]);
    scene.accepted();
    scene
}

/// The values next to this one, and one of another type.
fn others(value: &Value) -> Vec<Value> {
    let mut others = vec![match value {
        Value::Number(_) => money("VRC 1"),
        _ => number(1),
    }];
    match value {
        Value::Bool(value) => others.push(Value::Bool(!value)),
        Value::Number(value) => {
            let (numerator, denominator) = (value.numerator(), value.denominator());
            for numerator in [numerator + 1, numerator - 1, -numerator] {
                others.push(Value::Number(Rational::new(numerator, denominator + 1).expect("small")));
                others.push(Value::Number(Rational::new(numerator, denominator).expect("small")));
            }
        }
        Value::Money(value) => {
            for minor in [value.minor + 1, value.minor - 1, -value.minor, 0] {
                others.push(Value::Money(grounds_core::Money { minor, ..value.clone() }));
            }
            others.push(Value::Money(grounds_core::Money { currency: "EUR".to_owned(), ..value.clone() }));
        }
        Value::Date(value) => {
            let next = [value.tomorrow(), value.yesterday()];
            others.extend(next.into_iter().map(|day| Value::Date(day.expect("far from the end"))));
        }
        Value::Instant(value) => {
            for (seconds, minutes) in [(1, 0), (-1, 0), (0, 1), (0, -60), (3600, 60)] {
                others.push(Value::Instant(grounds_core::Instant {
                    unix_seconds: value.unix_seconds + seconds,
                    offset_minutes: value.offset_minutes + minutes,
                }));
            }
        }
        Value::Text(value) | Value::Provision(value) | Value::Entity(value) => {
            others.push(Value::Text(value.to_uppercase()));
            others.push(Value::Text(format!("{value} ")));
        }
        Value::Duration(value) => {
            // The last is as long, in other units.
            for (months, days, seconds) in [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 60), (0, 1, -86_400)] {
                others.push(Value::Duration(Duration {
                    months: value.months + months,
                    days: value.days + days,
                    seconds: value.seconds + seconds,
                    ..*value
                }));
            }
        }
    }
    others
}

/// Scenes that differ from a valid one in one place, with what differs.
struct Mutants<'a> {
    valid: &'a Scene,
    all: Vec<(String, Scene)>,
}

impl Mutants<'_> {
    fn push(&mut self, what: String, change: impl FnOnce(&mut Scene)) {
        let mut mutant = self.valid.clone();
        change(&mut mutant);
        self.all.push((what, mutant));
    }

    /// Another place in the proof, another entity, another status.
    fn change_judgement(&mut self, id: usize) {
        let node = self.valid.proof.nodes[id].clone();
        if id + 1 < self.valid.proof.nodes.len() {
            self.push(format!("node {id} left out"), |mutant| drop(mutant.proof.nodes.remove(id)));
            self.push(format!("node {id} moved to the end"), |mutant| {
                let node = mutant.proof.nodes.remove(id);
                mutant.proof.nodes.push(node);
            });
        }
        self.push(format!("node {id} said again"), |mutant| mutant.proof.nodes.push(node.clone()));
        self.push(format!("node {id} of another entity"), |mutant| {
            mutant.proof.nodes[id].judgement.arguments[0] = "t2".to_owned();
        });
        let mut statuses = vec![Status::DoesNotHold, Status::Undetermined, Status::Conflict];
        match &node.judgement.status {
            Status::Holds(value) => statuses.extend(others(value).into_iter().map(Status::Holds)),
            other => statuses.retain(|status| status != other),
        }
        for status in statuses {
            self.push(format!("node {id} with another status"), |mutant| {
                mutant.proof.nodes[id].judgement.status = status;
            });
        }
    }

    /// Other statements, other premises, other deciding rules.
    fn change_justification(&mut self, id: usize) {
        let justifications = match &self.valid.proof.nodes[id].by {
            Justification::Given { facts } => {
                let (fact, next) = (facts[0], facts[0] + 1);
                let given = [vec![], vec![next], vec![fact, next], vec![fact, fact]];
                let given = given.into_iter().map(|facts| Justification::Given { facts });
                given.chain([Justification::Absent]).collect()
            }
            Justification::Absent => vec![Justification::Given { facts: vec![0] }],
            Justification::Rules { premises, deciding } => {
                let by = |premises, deciding| Justification::Rules { premises, deciding };
                let rules = [vec![], vec!["cap2".to_owned()], [&deciding[..], &deciding[..]].concat()];
                let by_rules = rules.into_iter().map(|rules| by(premises.clone(), rules));
                let lists = other_premises(premises, self.valid.proof.nodes.len());
                by_rules.chain(lists.into_iter().map(|list| by(list, deciding.clone()))).collect()
            }
        };
        for (index, by) in justifications.into_iter().enumerate() {
            self.push(format!("node {id} by other justification {index}"), |mutant| mutant.proof.nodes[id].by = by);
        }
    }
}

/// Lists with one premise left out, said twice, replaced, swapped or added.
fn other_premises(premises: &[usize], node_count: usize) -> Vec<Vec<usize>> {
    let mut lists = Vec::new();
    for (position, premise) in premises.iter().enumerate() {
        let mut without = premises.to_vec();
        without.remove(position);
        let mut twice = premises.to_vec();
        twice.insert(position, *premise);
        lists.extend([without, twice]);
        for other in (0..=node_count).filter(|other| other != premise) {
            let mut changed = premises.to_vec();
            changed[position] = other;
            lists.push(changed);
        }
        for other in 0..position {
            let mut swapped = premises.to_vec();
            swapped.swap(position, other);
            lists.push(swapped);
        }
    }
    let added = (0..node_count).filter(|other| !premises.contains(other));
    lists.extend(added.map(|other| [premises, &[other]].concat()));
    lists
}

#[test]
fn every_change_to_the_proof_is_refused() {
    let scene = valid();
    let mut mutants = Mutants { valid: &scene, all: Vec::new() };
    for id in 0..scene.proof.nodes.len() {
        mutants.change_judgement(id);
        mutants.change_justification(id);
    }
    assert!(mutants.all.len() > 300, "only {}", mutants.all.len());
    for (what, mutant) in mutants.all {
        assert!(mutant.check().is_err(), "accepted: {what}");
    }
}

#[test]
fn every_change_to_the_facts_is_refused() {
    let scene = valid();
    for (position, fact) in scene.case.facts.iter().enumerate() {
        for other in others(&fact.value) {
            let mut mutant = scene.clone();
            mutant.case.facts[position].value = other;
            assert!(mutant.check().is_err(), "accepted: another value of fact {position}");
        }
        let mut mutant = scene.clone();
        mutant.case.facts.remove(position);
        assert!(mutant.check().is_err(), "accepted: without fact {position}");
    }
}

#[test]
fn changes_to_the_rules_are_refused() {
    let scene = valid();
    for index in 0..scene.program.rules.len() {
        let mut mutant = scene.clone();
        mutant.program.rules.remove(index);
        assert!(mutant.check().is_err(), "accepted: without rule {index}");
        let mut mutant = scene.clone();
        mutant.program.rules[index].id.push('2');
        // The rule "assets" has no exceptions and does not decide: its name alone is in no part of the proof.
        assert_eq!(mutant.check().is_err(), scene.program.rules[index].id != "assets", "renamed rule {index}");
        let mut mutant = scene.clone();
        let condition = mutant.program.rules[index].condition.clone();
        mutant.program.rules[index].condition = Condition::Not(Box::new(condition));
        assert!(mutant.check().is_err(), "accepted: the contrary of rule {index}");
        let mut mutant = scene.clone();
        mutant.program.rules[index].in_force = grounds_core::Validity::from("2021-06-02".parse().expect("a date"));
        assert!(mutant.check().is_err(), "accepted: rule {index} before it is in force");
    }
    let mut mutant = scene;
    mutant.program.rules[2].conclusion = value(hours_after(97));
    assert!(mutant.check().is_err(), "accepted: an hour more");
}
