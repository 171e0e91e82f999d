//! After any change a theory has the model that a new one would have, where rows come from included.

use std::collections::BTreeMap;

use grounds_reason::datalog::{DatalogError, Origin, RelationId, Theory, Value};
use proptest::prelude::*;

use super::random::{Random, Sample, sample, value};
use super::{cases, theory, with_budget};

type Rows = BTreeMap<(RelationId, Vec<Value>), Option<Origin>>;

fn rows(theory: &mut Theory, sample: &Sample) -> Rows {
    with_budget(|budget| {
        let model = theory.model(budget).expect("there is a model");
        let relations = (0..sample.levels.len()).map(RelationId);
        let rows = relations.flat_map(|relation| model.rows(relation).into_iter().map(move |row| (relation, row)));
        rows.map(|(relation, row)| {
            let origin = model.origin(relation, &row).expect("it fits");
            ((relation, row), origin)
        })
        .collect()
    })
}

/// One change to the theory, and the same to the sample.
fn change(random: &mut Random, theory: &mut Theory, sample: &mut Sample) {
    match random.below(3) {
        0 => {
            let relation = RelationId(random.below(sample.levels.len()));
            let columns = sample.program.relations[relation.0].columns.clone();
            let row: Vec<Value> = columns.iter().map(|column| value(random, *column)).collect();
            let is_new = !sample.facts.contains(&(relation, row.clone()));
            assert_eq!(theory.insert(relation, &row), Ok(is_new));
            sample.facts.push((relation, row));
        }
        1 if !sample.facts.is_empty() => {
            let (relation, row) = random.pick(&sample.facts).clone();
            assert_eq!(theory.remove(relation, &row), Ok(true));
            sample.facts.retain(|fact| *fact != (relation, row.clone()));
            assert_eq!(theory.remove(relation, &row), Ok(false));
        }
        _ => {
            // Another rule of the program in this one's place: it may have another head, other conditions, and be refused.
            let (number, other) = (random.below(sample.program.rules.len()), random.below(sample.program.rules.len()));
            let rule = sample.program.rules[other].clone();
            theory.replace_rule(number, rule.clone()).expect("levels keep it stratified");
            sample.program.rules[number] = rule;
        }
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_changed_theory_has_the_model_of_a_new_one(seed: u64) {
        let mut sample = sample(seed);
        let mut changed = theory(&sample);
        let mut random = Random(!seed);
        for _ in 0..4 {
            rows(&mut changed, &sample);
            for _ in 0..1 + random.below(2) {
                change(&mut random, &mut changed, &mut sample);
            }
            prop_assert_eq!(rows(&mut changed, &sample), rows(&mut theory(&sample), &sample));
        }
    }
}

#[test]
fn a_rule_that_is_refused_leaves_the_old_one() {
    let sample = sample(7);
    let mut changed = theory(&sample);
    let before = rows(&mut changed, &sample);
    let mut rule = sample.program.rules[0].clone();
    rule.body.push(rule.head.relation.absent(rule.head.terms.iter().copied()));
    assert!(matches!(changed.replace_rule(0, rule.clone()), Err(DatalogError::NotStratified { .. })));
    rule.body.clear();
    rule.head.terms.clear();
    assert!(matches!(changed.replace_rule(0, rule), Err(DatalogError::ColumnCount { .. })));
    let count = sample.program.rules.len();
    let last = sample.program.rules[count - 1].clone();
    assert_eq!(changed.replace_rule(count, last), Err(DatalogError::UnknownRule { rule: count }));
    assert_eq!(changed.program(), &sample.program);
    assert_eq!(rows(&mut changed, &sample), before);
}
