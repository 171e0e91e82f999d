//! Proofs, checked by a reading of the rules that shares nothing with the core but their form.

use std::collections::BTreeSet;

use grounds_reason::datalog::{
    Choice, Derivation, Function, Literal, Premise, Proof, ProofStep, Rule, Term, Value, Variable,
};
use proptest::prelude::*;

use super::naive::{self, Rows};
use super::random::{Sample, sample};
use super::{RelationId, cases, theory, with_budget};

type Values = [Option<Value>];

/// Whether every step follows from those before it, in this model.
pub(crate) fn check(sample: &Sample, model: &Rows, proof: &Proof) -> Result<(), String> {
    let mut proved: BTreeSet<(RelationId, &[Value])> = BTreeSet::new();
    for step in &proof.steps {
        let checker = Checker { model, proved: &proved };
        let is_right = match &step.by {
            None => sample.facts.iter().any(|(relation, row)| *relation == step.relation && *row == step.row),
            Some(by) => sample.program.rules.get(by.rule).is_some_and(|rule| checker.derives(rule, by, step)),
        };
        if !is_right {
            return Err(format!("{step:?}"));
        }
        proved.insert((step.relation, &step.row));
    }
    Ok(())
}

struct Checker<'c> {
    model: &'c Rows,
    proved: &'c BTreeSet<(RelationId, &'c [Value])>,
}

impl Checker<'_> {
    fn derives(&self, rule: &Rule, by: &Derivation, step: &ProofStep) -> bool {
        let head: Option<Vec<Value>> = rule.head.terms.iter().map(|term| value(&by.values, *term)).collect();
        let mut conditions = rule.body.iter().zip(&by.premises);
        rule.head.relation == step.relation
            && head.as_ref() == Some(&step.row)
            && rule.body.len() == by.premises.len()
            && conditions.all(|(literal, premise)| self.supports(literal, premise, &by.values))
    }

    fn supports(&self, literal: &Literal, premise: &Premise, values: &Values) -> bool {
        match (literal, premise) {
            (Literal::Holds(atom), Premise::Row { relation, row }) => {
                let mut cells = atom.terms.iter().zip(row);
                atom.relation == *relation
                    && atom.terms.len() == row.len()
                    && cells.all(|(term, found)| *term == Term::Any || value(values, *term) == Some(*found))
                    && self.proved.contains(&(*relation, row.as_slice()))
            }
            (Literal::Absent(_), Premise::Absent) | (Literal::Compare(..) | Literal::Let(..), Premise::Computed) => {
                !naive::choices(self.model, &[literal], &naive::choice(values)).is_empty()
            }
            (Literal::Aggregate(aggregate), Premise::Choices { result, choices }) => {
                // All choices: as many as the meaning has, and different ones.
                let group = group(&aggregate.over, values);
                let over: Vec<&Literal> = aggregate.over.iter().collect();
                let expected: BTreeSet<_> = naive::choices(self.model, &over, &group).into_iter().collect();
                let values_of = parts(choices, aggregate.value);
                let computed = match aggregate.function {
                    Function::Count => Some(choices.len() as i128),
                    Function::Sum => values_of.map(|values| values.iter().sum()),
                    Function::Least => values_of.and_then(|values| values.into_iter().min()),
                    Function::Greatest => values_of.and_then(|values| values.into_iter().max()),
                };
                expected.len() == choices.len()
                    && self.are_choices(&aggregate.over, choices, values)
                    && computed == Some(*result)
                    && value(values, Term::Variable(aggregate.result)) == Some(Value::Number(*result))
            }
            (Literal::Reaches(threshold), Premise::Choices { result, choices }) => {
                self.are_choices(&threshold.over, choices, values)
                    && parts(choices, threshold.value).map(|values| values.iter().sum()) == Some(*result)
                    && *result >= threshold.least
            }
            _ => false,
        }
    }

    /// Whether each is a choice of the group, and no two are the same.
    fn are_choices(&self, over: &[Literal], choices: &[Choice], values: &Values) -> bool {
        let mut seen = BTreeSet::new();
        choices.iter().all(|choice| {
            let named = variables(over);
            let of_group = group(over, values);
            let agrees = of_group.iter().all(|(variable, value)| choice.values[variable.0] == Some(*value));
            let own: Vec<Option<Value>> = named.iter().map(|variable| choice.values[variable.0]).collect();
            let mut conditions = over.iter().zip(&choice.premises);
            agrees
                && own.iter().all(Option::is_some)
                && seen.insert(own)
                && choice.premises.len() >= over.len()
                && conditions.all(|(literal, premise)| self.supports(literal, premise, &choice.values))
        })
    }
}

fn variables(over: &[Literal]) -> BTreeSet<Variable> {
    let mut found = BTreeSet::new();
    for literal in over {
        if let Literal::Holds(atom) | Literal::Absent(atom) = literal {
            found.extend(atom.terms.iter().filter_map(|term| match term {
                Term::Variable(variable) => Some(*variable),
                Term::Value(_) | Term::Any => None,
            }));
        }
    }
    found
}

/// What the rule binds of the variables of an aggregate's conditions.
fn group(over: &[Literal], values: &Values) -> naive::Choice {
    let named = variables(over);
    naive::choice(values).into_iter().filter(|(variable, _)| named.contains(variable)).collect()
}

fn value(values: &Values, term: Term) -> Option<Value> {
    match term {
        Term::Variable(variable) => *values.get(variable.0)?,
        Term::Value(value) => Some(value),
        Term::Any => None,
    }
}

/// The value of each choice.
fn parts(choices: &[Choice], term: Term) -> Option<Vec<i128>> {
    let part = |choice: &Choice| match value(&choice.values, term)? {
        Value::Number(number) => Some(number),
        Value::Symbol(_) => None,
    };
    choices.iter().map(part).collect()
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn every_row_has_a_proof_and_every_derivation_supports_it(seed: u64) {
        let sample = sample(seed);
        let mut theory = theory(&sample);
        let count = with_budget(|budget| theory.model(budget).map(|model| model.derived_count()));
        prop_assume!(count.is_ok_and(|count| count < 100));
        let rows = naive::model(&sample);
        let outcome = with_budget(|budget| -> Result<(), TestCaseError> {
            let mut prover = theory.model(budget).expect("there is a model").prover();
            for (relation, row) in rows.iter().enumerate().flat_map(|(at, rows)| rows.iter().map(move |row| (at, row))) {
                let relation = RelationId(relation);
                let proof = prover.proof(relation, row).expect("it fits").expect("it holds");
                prop_assert_eq!(check(&sample, &rows, &proof), Ok(()));
                let last = proof.steps.last().expect("a proof proves something");
                prop_assert_eq!((last.relation, &last.row), (relation, row));
                for place in 0..proof.steps.len() - 1 {
                    let mut without = proof.clone();
                    without.steps.remove(place);
                    prop_assert!(check(&sample, &rows, &without).is_err(), "step {place} is not needed: {proof:?}");
                }
                let (all, are_all) = prover.derivations(relation, row, 100).expect("it fits");
                prop_assert!(last.by.as_ref().is_none_or(|by| all.iter().any(|other| other.rule == by.rule) || !are_all));
                // With everything proved, each is a step.
                let all_rows: BTreeSet<(RelationId, &[Value])> =
                    rows.iter().enumerate().flat_map(|(at, rows)| rows.iter().map(move |row| (RelationId(at), &row[..]))).collect();
                let checker = Checker { model: &rows, proved: &all_rows };
                for by in &all {
                    prop_assert!(checker.derives(&sample.program.rules[by.rule], by, last), "{by:?}");
                }
            }
            Ok(())
        });
        outcome?;
    }
}
