//! No program, case or proof makes the checker panic, however odd.

use grounds_core::{
    Atom, Comparison, Conclusion, Condition, Duration, Expression, Instant, Justification, Money, Rational, Rounding,
    RoundingMode, RuleKind, Status, Value, Variable,
};
use jiff::civil::Date;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::build::Scene;

fn names() -> impl Strategy<Value = String> {
    select(vec!["t1", "t2", "u1", "x", "y", "r0", "r1", "r2", "T", "U", "", "work"]).prop_map(str::to_owned)
}

fn predicates() -> impl Strategy<Value = String> {
    let all: Vec<String> = {
        let program = Scene::new().program;
        let facts = program.facts.iter().map(|fact| fact.predicate.clone());
        facts.chain(program.claims.iter().map(|claim| claim.name.clone())).chain(["none".to_owned()]).collect()
    };
    select(all)
}

fn integers() -> impl Strategy<Value = i128> {
    prop_oneof![-9_i128..10, any::<i128>(), Just(i128::MIN), Just(i128::MAX), Just(i128::MIN + 1)]
}

fn counts() -> impl Strategy<Value = i64> {
    prop_oneof![-40_i64..41, -40_i64..41, any::<i64>(), Just(i64::MIN), Just(i64::MAX)]
}

fn values() -> impl Strategy<Value = Value> {
    let numbers =
        (integers(), integers()).prop_filter_map("a number", |(above, below)| Rational::new(above, below).ok());
    let currencies = select(vec!["EUR", "USD", "eur", ""]).prop_map(str::to_owned);
    let dates = select(vec![Date::MIN, Date::constant(2020, 2, 29), Date::MAX]);
    prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        numbers.prop_map(Value::Number),
        (integers(), currencies).prop_map(|(minor, currency)| Value::Money(Money { minor, currency })),
        dates.prop_map(Value::Date),
        (counts(), any::<i16>()).prop_map(|(unix_seconds, minutes)| {
            Value::Instant(Instant { unix_seconds, offset_minutes: minutes / 20 })
        }),
        durations().prop_map(Value::Duration),
        names().prop_map(Value::Text),
        select(vec!["art. 3", "art", "§ 3"]).prop_map(|text| Value::Provision(text.to_owned())),
        names().prop_map(Value::Entity),
    ]
}

fn durations() -> impl Strategy<Value = Duration> {
    let small = prop_oneof![3 => Just(0_i64), 1 => -40_i64..41];
    (counts(), counts(), small, counts(), 0..5).prop_map(|(months, days, working_days, seconds, which)| match which {
        0 => Duration { months, ..Duration::default() },
        1 => Duration { days, ..Duration::default() },
        2 => Duration { working_days, ..Duration::default() },
        3 => Duration { seconds, ..Duration::default() },
        _ => Duration { months, days, working_days, seconds },
    })
}

fn statuses() -> impl Strategy<Value = Status> {
    prop_oneof![
        2 => values().prop_map(Status::Holds),
        1 => select(vec![Status::DoesNotHold, Status::Undetermined, Status::Conflict]),
    ]
}

fn variables() -> impl Strategy<Value = Variable> {
    (select(vec!["x", "y"]), select(vec!["T", "T", "U", "V"]))
        .prop_map(|(name, entity_type)| Variable { name: name.to_owned(), entity_type: entity_type.to_owned() })
}

fn atoms(inner: impl Strategy<Value = Expression>) -> impl Strategy<Value = Atom> {
    (predicates(), prop_oneof![4 => vec(inner, 0..3), 6 => Just(vec![Expression::Variable("x".to_owned())])])
        .prop_map(|(predicate, arguments)| Atom { predicate, arguments })
}

fn boxes(inner: BoxedStrategy<Expression>) -> impl Strategy<Value = Box<Expression>> {
    inner.prop_map(Box::new)
}

fn expressions() -> BoxedStrategy<Expression> {
    let leaf = prop_oneof![
        values().prop_map(Expression::Literal),
        names().prop_map(Expression::Variable),
        Just(Expression::AsOf),
    ];
    let rounding = || {
        let modes = vec![RoundingMode::Down, RoundingMode::Up, RoundingMode::HalfUp, RoundingMode::HalfEven];
        (select(modes), proptest::option::of(values())).prop_map(|(mode, to)| Rounding { mode, to })
    };
    leaf.prop_recursive(4, 24, 3, move |inner| {
        let pair = || (boxes(inner.clone()), boxes(inner.clone()));
        let condition = || {
            let compared = (inner.clone(), inner.clone()).prop_map(|(left, right)| Condition::Compare {
                left,
                operator: Comparison::Less,
                right,
            });
            prop_oneof![Just(Condition::Always), compared, atoms(inner.clone()).prop_map(Condition::Holds)]
                .prop_map(Box::new)
        };
        prop_oneof![
            atoms(inner.clone()).prop_map(Expression::Atom),
            pair().prop_map(|(left, right)| Expression::Add(left, right)),
            pair().prop_map(|(left, right)| Expression::Subtract(left, right)),
            pair().prop_map(|(left, right)| Expression::Multiply(left, right)),
            pair().prop_map(|(left, right)| Expression::DaysBetween(left, right)),
            boxes(inner.clone()).prop_map(Expression::DateOf),
            (boxes(inner.clone()), rounding()).prop_map(|(value, rounding)| Expression::Round(value, rounding)),
            (boxes(inner.clone()), durations(), any::<bool>(), proptest::option::of(names())).prop_map(
                |(start, duration, backwards, calendar)| Expression::Shift { start, duration, backwards, calendar }
            ),
            vec(inner.clone(), 0..3).prop_map(Expression::Greatest),
            vec(inner.clone(), 0..3).prop_map(Expression::Least),
            (variables(), boxes(inner.clone()), condition(), values()).prop_map(
                |(variable, value, condition, zero)| { Expression::Sum { variable, value, condition, zero } }
            ),
            (variables(), condition()).prop_map(|(variable, condition)| Expression::Count { variable, condition }),
        ]
    })
    .boxed()
}

fn conditions() -> BoxedStrategy<Condition> {
    let operators = vec![Comparison::Equal, Comparison::NotEqual, Comparison::Less, Comparison::GreaterOrEqual];
    let compared = (expressions(), select(operators), expressions());
    let leaf = prop_oneof![
        Just(Condition::Always),
        atoms(expressions()).prop_map(Condition::Holds),
        atoms(expressions()).prop_map(Condition::Has),
        compared.prop_map(|(left, operator, right)| Condition::Compare { left, operator, right }),
        (expressions(), vec(expressions(), 0..3)).prop_map(|(value, choices)| Condition::In { value, choices }),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Condition::All),
            vec(inner.clone(), 0..3).prop_map(Condition::Any),
            inner.clone().prop_map(|inner| Condition::Not(Box::new(inner))),
            (variables(), inner)
                .prop_map(|(variable, inner)| Condition::Exists { variable, condition: Box::new(inner) }),
        ]
    })
    .boxed()
}

fn conclusions() -> impl Strategy<Value = Conclusion> {
    prop_oneof![
        1 => Just(Conclusion::Holds),
        1 => Just(Conclusion::None),
        4 => expressions().prop_map(Conclusion::Value),
    ]
}

fn justifications() -> impl Strategy<Value = Justification> {
    prop_oneof![
        1 => vec(0_usize..4, 0..3).prop_map(|facts| Justification::Given { facts }),
        2 => Just(Justification::Absent),
        4 => (vec(0_usize..12, 0..6), vec(names(), 0..2))
            .prop_map(|(premises, deciding)| Justification::Rules { premises, deciding }),
    ]
}

type RuleParts = (String, Option<String>, String, Condition, Conclusion);

fn scene(rules: Vec<RuleParts>, statements: Vec<(String, String, Value)>, nodes: Vec<Part>) -> Scene {
    let mut scene = Scene::new();
    for (id, to, claim, condition, conclusion) in rules {
        let rule = scene.rule(&id, &claim, condition, conclusion);
        if let Some(to) = to {
            rule.kind = RuleKind::Exception { to };
        }
    }
    for (predicate, argument, value) in statements {
        scene.state(&predicate, &[&argument], value);
    }
    for (predicate, argument, status, by) in nodes {
        scene.node(&predicate, &[&argument], status, by);
    }
    scene
}

type Part = (String, String, Status, Justification);

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn odd_programs_cases_and_proofs_are_answered(
        rules in vec((names(), proptest::option::of(names()), predicates(), conditions(), conclusions()), 0..3),
        statements in vec((predicates(), names(), values()), 0..3),
        nodes in vec((predicates(), names(), statuses(), justifications()), 0..6),
    ) {
        if let Err(error) = scene(rules, statements, nodes).check() {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    /// One rule that is well-formed but for its content, over all facts of `t1` absent: evaluation goes deeper.
    #[test]
    fn odd_rules_over_sound_premises_are_answered(
        condition in conditions(), conclusion in conclusions(), claim in predicates(), known in vec(values(), 14),
    ) {
        let mut scene = Scene::new();
        scene.rule("r", &claim, condition, conclusion);
        let facts: Vec<String> = scene.program.facts.iter().map(|fact| fact.predicate.clone()).collect();
        for (predicate, value) in facts.iter().zip(known) {
            let mut with = scene.clone();
            with.given(predicate, &["t1"], value);
            if with.check().is_ok() {
                scene = with;
            }
        }
        let premises: Vec<usize> = (0..scene.proof.nodes.len()).collect();
        scene.claim(&claim, &["t1"], Status::Undetermined, &premises, &["r"]);
        if let Err(error) = scene.check() {
            prop_assert!(error.to_string().contains("expected"));
        }
    }
}
