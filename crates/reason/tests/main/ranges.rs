//! Ranges narrowed by what the case links, and claims evaluated on demand: both change nothing but the cost.

use grounds_core::{
    Atom, Case, Conclusion, Condition, Entity, Expression, Fact, FactGrounds, Justification, Program, Status, Value,
};
use grounds_reason::{Evaluation, Evaluator, RuleFile, compile, evaluate, evaluate_for};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::law::TestLaw;
use crate::random::Tape;

/// Writes every comparison and every fact of a condition as "not not": the same truth, but no link that narrows a range.
fn hidden(program: &Program) -> Program {
    let is_fact = |atom: &Atom| program.facts.iter().any(|fact| fact.predicate == atom.predicate);
    let mut hidden = program.clone();
    for rule in &mut hidden.rules {
        hide(&mut rule.condition, &is_fact);
        if let Conclusion::Value(value) = &mut rule.conclusion {
            hide_in(value, &is_fact);
        }
    }
    hidden
}

fn hide(condition: &mut Condition, is_fact: &dyn Fn(&Atom) -> bool) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter_mut().for_each(|part| hide(part, is_fact)),
        Condition::Not(inner) | Condition::Exists { condition: inner, .. } => hide(inner, is_fact),
        Condition::Compare { left, right, .. } => {
            hide_in(left, is_fact);
            hide_in(right, is_fact);
            *condition = Condition::Not(Box::new(Condition::Not(Box::new(condition.clone()))));
        }
        Condition::Holds(atom) if is_fact(atom) => {
            *condition = Condition::Not(Box::new(Condition::Not(Box::new(condition.clone()))));
        }
        _ => {}
    }
}

fn hide_in(expression: &mut Expression, is_fact: &dyn Fn(&Atom) -> bool) {
    match expression {
        Expression::Add(left, right)
        | Expression::Subtract(left, right)
        | Expression::Multiply(left, right)
        | Expression::Divide(left, right) => {
            hide_in(left, is_fact);
            hide_in(right, is_fact);
        }
        Expression::Round(inner, _) => hide_in(inner, is_fact),
        Expression::Greatest(parts) | Expression::Least(parts) => {
            parts.iter_mut().for_each(|part| hide_in(part, is_fact));
        }
        Expression::Sum { value, condition, .. } | Expression::Extreme { value, condition, .. } => {
            hide_in(value, is_fact);
            hide(condition, is_fact);
        }
        Expression::Count { condition, .. } => hide(condition, is_fact),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(7), cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_narrowed_range_means_the_same(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut tape = Tape { bytes: &bytes, position: 0, names: 0 };
        let source = tape.program();
        let program = compile(&[RuleFile { name: "random.rules", source: &source }], &TestLaw).expect("rules").program;
        let case = tape.case(&program);
        let (Ok(narrowed), Ok(whole)) = (evaluate(&program, &case), evaluate(&hidden(&program), &case)) else {
            return Ok(());
        };
        prop_assert!(narrowed.claims().eq(whole.claims()), "{source}");
    }

    #[test]
    fn a_claim_by_itself_is_what_it_is_among_all(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut tape = Tape { bytes: &bytes, position: 0, names: 0 };
        let source = tape.program();
        let program = compile(&[RuleFile { name: "random.rules", source: &source }], &TestLaw).expect("rules").program;
        let case = tape.case(&program);
        let Ok(whole) = evaluate(&program, &case) else { return Ok(()) };
        for judgement in whole.claims() {
            let goals = [(&judgement.predicate, &judgement.arguments)];
            let alone = evaluate_for(&program, &case, &goals).expect("the whole evaluates");
            prop_assert_eq!(alone.status(&judgement.predicate, &judgement.arguments), Some(&judgement.status));
            for other in alone.claims() {
                prop_assert_eq!(whole.status(&other.predicate, &other.arguments), Some(&other.status));
            }
            let checked = grounds_proof::check(&program, &case, &alone.proof());
            prop_assert!(checked.is_ok(), "{}\n{source}", checked.expect_err("it is refused"));
        }
    }
}

#[test]
fn cases_in_a_batch_do_not_see_each_other() {
    let program = compiled(PAYMENTS);
    let mut broken = payments(3);
    broken.facts.push(stated("Nothing", &[], Value::Bool(true)));
    let evaluator = Evaluator::new(&program).expect("rules");
    let mut batch = evaluator.batch();
    for count in [7, 1, 12, 2] {
        let case = payments(count);
        assert!(batch.evaluate(&broken).is_err());
        let alone = evaluate(&program, &case).expect("it evaluates");
        let together = batch.evaluate(&case).expect("it evaluates");
        assert_eq!(together.proof(), alone.proof());
        assert!(together.claims().eq(alone.claims()));
        let paid = |of: &Evaluation| of.status("Paid", &["p0".to_owned()]).cloned();
        assert_eq!(paid(together), paid(&alone));
        assert_eq!(together.status("Paid", &[format!("p{count}")]), None);
    }
}

fn compiled(source: &str) -> Program {
    let compiled = compile(&[RuleFile { name: "links.rules", source }], &TestLaw);
    compiled.unwrap_or_else(|mistakes| panic!("{}", mistakes[0])).program
}

fn stated(predicate: &str, arguments: &[&str], value: Value) -> Fact {
    let arguments = arguments.iter().map(|name| (*name).to_owned()).collect();
    let grounds = FactGrounds::Author { author: "test".to_owned() };
    Fact { predicate: predicate.to_owned(), arguments, value, grounds }
}

const PAYMENTS: &str = r#"
source code = "code"
entity Person
entity Payment
fact Payment.by : Person open ask "Who made {Payment}?"
fact Payment.amount : number closed ask "How much is {Payment}?"
fact Knows(Person, Person) : bool closed ask "Does {Person.1} know {Person.2}?"
claim Paid(Person) : number say "{Person} paid {value}"
claim Met(Person) : number say "{Person} knows {value}"
rule paid cites code art 2(1) "planned maintenance"
  Paid(p) = sum of x.amount for each x in Payment where x.by = p
rule met cites code art 2(1) "planned maintenance"
  Met(p) = count of q in Person where Knows(p, q)
"#;

/// `count` persons, each of whom made one payment and knows the next.
fn payments(count: usize) -> Case {
    let mut case = Case { as_of: "2021-06-01".parse().expect("a date"), entities: Vec::new(), facts: Vec::new() };
    for number in 0..count {
        let (person, payment) = (format!("p{number}"), format!("x{number}"));
        let next = format!("p{}", (number + 1) % count);
        case.entities.push(Entity { name: person.clone(), entity_type: "Person".to_owned() });
        case.entities.push(Entity { name: payment.clone(), entity_type: "Payment".to_owned() });
        case.facts.push(stated("Payment.by", &[&payment], Value::Entity(person.clone())));
        case.facts.push(stated("Knows", &[&person, &next], Value::Bool(true)));
    }
    case
}

#[test]
fn what_is_linked_otherwise_is_not_looked_up() {
    let (program, mut case) = (compiled(PAYMENTS), payments(100));
    let premises = |case: &Case, claim: &str| {
        let evaluation = evaluate_for(&program, case, &[(claim, vec!["p1".to_owned()])]).expect("it evaluates");
        grounds_proof::check(&program, case, &evaluation.proof()).expect("a proof");
        let node = evaluation.node(claim, &["p1".to_owned()]).expect("evaluated");
        let Justification::Rules { premises, .. } = &evaluation.nodes()[node].by else { panic!("a claim") };
        premises.len()
    };
    assert_eq!(premises(&case, "Met"), 1);
    // Who made the payment, and its amount.
    assert_eq!(premises(&case, "Paid"), 2);
    // A payment of which it is not known who made it may be anybody's: then everything is looked at.
    let unknown = case.facts.remove(0);
    assert_eq!(premises(&case, "Paid"), 102);
    // So it is where the case contradicts itself.
    case.facts.extend([unknown.clone(), Fact { value: Value::Entity("p2".to_owned()), ..unknown }]);
    assert_eq!(premises(&case, "Paid"), 102);
}

#[test]
fn joins_over_many_entities_take_no_time() {
    // Every person with every payment would be 4 million look-ups.
    let (program, case) = (compiled(PAYMENTS), payments(2_000));
    let evaluation = evaluate(&program, &case).expect("it evaluates");
    assert!(evaluation.nodes().len() < 11_000, "{}", evaluation.nodes().len());
    grounds_proof::check(&program, &case, &evaluation.proof()).expect("a proof");
}

/// A chain of claims, each resting on the next in deeply nested conditions, needs no more stack than a thread has.
#[test]
fn a_long_chain_of_claims_is_evaluated() {
    let mut source = "source code = \"code\"\nentity T\nfact T.open : bool open ask \"Is {T} open?\"\n".to_owned();
    let count = 300;
    for number in 0..count {
        let below = if number + 1 == count { "t.open".to_owned() } else { format!("C{}(t)", number + 1) };
        let nested = (0..15).fold(below, |inner, _| format!("(t.open or not {inner})"));
        source.push_str(&format!("claim C{number}(T) say \"{{T}} has it\"\n"));
        source.push_str(&format!(
            "rule r{number} cites code art 2(1) \"planned maintenance\" C{number}(t) when {nested}\n"
        ));
    }
    let program = compiled(&source);
    let entities = vec![Entity { name: "t".to_owned(), entity_type: "T".to_owned() }];
    let case = Case { as_of: "2021-06-01".parse().expect("a date"), entities, facts: Vec::new() };
    let evaluation = evaluate_for(&program, &case, &[("C0", ["t".to_owned()])]).expect("it evaluates");
    assert_eq!(evaluation.claims().count(), count);
    assert_eq!(evaluation.status("C0", &["t".to_owned()]), Some(&Status::Undetermined));
}
