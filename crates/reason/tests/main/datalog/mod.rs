//! The Datalog core against the meaning of its programs.

mod random;
mod naive;
mod errors;
mod proofs;
mod situations;
mod change;

use std::collections::BTreeSet;

use grounds_reason::datalog::{Budget, Model, Origin, RelationId, Theory, Value};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use random::{Sample, sample};

/// A budget that is never used up.
fn with_budget<T>(work: impl FnOnce(&mut Budget<'_>) -> T) -> T {
    let mut never = || false;
    work(&mut Budget { fact_count_max: usize::MAX, memory_bytes_max: usize::MAX, is_stopped: &mut never })
}

fn theory(sample: &Sample) -> Theory {
    let mut theory = Theory::new(sample.program.clone()).expect("samples are stratified and bind their variables");
    for (relation, row) in &sample.facts {
        theory.insert(*relation, row).expect("facts fit");
    }
    theory
}

fn rows(model: &Model<'_>, sample: &Sample) -> Vec<BTreeSet<Vec<Value>>> {
    (0..sample.levels.len()).map(|relation| model.rows(RelationId(relation)).into_iter().collect()).collect()
}

/// So many cases, the same in every run.
fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        cases: count,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(11),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn a_model_is_what_the_rules_mean(seed: u64) {
        let sample = sample(seed);
        let mut theory = theory(&sample);
        let found = with_budget(|budget| theory.model(budget).map(|model| rows(&model, &sample)));
        // Joins of all with all are slow where they are done naively.
        prop_assume!(found.as_ref().is_ok_and(|rows| rows.iter().all(|rows| rows.len() < 25)));
        let expected = naive::model(&sample);
        prop_assert_eq!(found, Ok(expected));
    }
}

/// The samples would prove little if hardly anything followed.
#[test]
fn samples_derive_rows_by_every_kind_of_condition() {
    use grounds_reason::datalog::Literal;
    let mut derived = [0; 6];
    for seed in 0..1_000 {
        let sample = sample(seed);
        let mut theory = theory(&sample);
        let with_rows = with_budget(|budget| {
            let model = theory.model(budget).expect("there is a model");
            let mut rules = BTreeSet::new();
            for relation in (0..sample.levels.len()).map(RelationId) {
                for row in model.rows(relation) {
                    if let Ok(Some(Origin::Derived { rule, .. })) = model.origin(relation, &row) {
                        rules.insert(rule);
                    }
                }
            }
            rules
        });
        for rule in with_rows {
            for literal in &sample.program.rules[rule].body {
                derived[match literal {
                    Literal::Holds(_) => 0,
                    Literal::Absent(_) => 1,
                    Literal::Compare(..) => 2,
                    Literal::Let(..) => 3,
                    Literal::Aggregate(_) => 4,
                    Literal::Reaches(_) => 5,
                }] += 1;
            }
        }
    }
    assert!(derived.iter().all(|count| *count > 80), "{derived:?}");
}
