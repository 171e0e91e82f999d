//! The meaning of a program, as simply as it can be said: level by level, every rule over all rows, until nothing changes.

use std::collections::{BTreeMap, BTreeSet};

use grounds_reason::datalog::{Aggregate, Atom, Expression, Function, Literal, Term, Value, Variable};

use super::random::Sample;

/// The rows of every relation.
pub(crate) type Rows = Vec<BTreeSet<Vec<Value>>>;

pub(crate) type Choice = BTreeMap<Variable, Value>;

/// The model of a sample.
pub(crate) fn model(sample: &Sample) -> Rows {
    let mut rows: Rows = vec![BTreeSet::new(); sample.levels.len()];
    for (relation, row) in &sample.facts {
        rows[relation.0].insert(row.clone());
    }
    for level in 0..=sample.levels.iter().copied().max().unwrap_or(0) {
        loop {
            let before: usize = rows.iter().map(BTreeSet::len).sum();
            for rule in sample.program.rules.iter().filter(|rule| sample.levels[rule.head.relation.0] == level) {
                for choice in choices(&rows, &in_order(&rule.body), &Choice::new()) {
                    let row = rule.head.terms.iter().map(|term| bound(&choice, *term)).collect();
                    rows[rule.head.relation.0].insert(row);
                }
            }
            if rows.iter().map(BTreeSet::len).sum::<usize>() == before {
                break;
            }
        }
    }
    rows
}

/// The variables that have a value.
pub(crate) fn choice(values: &[Option<Value>]) -> Choice {
    values.iter().enumerate().filter_map(|(number, value)| Some((Variable(number), (*value)?))).collect()
}

/// What binds variables before what only tests: rows, aggregates, calculations, the rest.
fn in_order(body: &[Literal]) -> Vec<&Literal> {
    let mut ordered: Vec<&Literal> = body.iter().collect();
    ordered.sort_by_key(|literal| match literal {
        Literal::Holds(_) => 0,
        Literal::Aggregate(_) => 1,
        Literal::Let(..) => 2,
        Literal::Reaches(_) | Literal::Absent(_) | Literal::Compare(..) => 3,
    });
    ordered
}

/// Every way to bind the variables so that all conditions hold.
pub(crate) fn choices(rows: &Rows, body: &[&Literal], choice: &Choice) -> Vec<Choice> {
    let Some((first, rest)) = body.split_first() else { return vec![choice.clone()] };
    extended(rows, first, choice).iter().flat_map(|choice| choices(rows, rest, choice)).collect()
}

fn extended(rows: &Rows, literal: &Literal, choice: &Choice) -> Vec<Choice> {
    match literal {
        Literal::Holds(atom) => rows[atom.relation.0].iter().filter_map(|row| matched(atom, row, choice)).collect(),
        Literal::Absent(atom) => {
            let is_there = rows[atom.relation.0].iter().any(|row| matched(atom, row, choice).is_some());
            if is_there { vec![] } else { vec![choice.clone()] }
        }
        Literal::Compare(left, comparison, right) => {
            let ordering = evaluated(left, choice).cmp(&evaluated(right, choice));
            if comparison.accepts(ordering) { vec![choice.clone()] } else { vec![] }
        }
        Literal::Let(variable, expression) => with(choice, *variable, evaluated(expression, choice)),
        Literal::Aggregate(aggregate) => aggregated(rows, aggregate, choice),
        Literal::Reaches(threshold) => {
            let over: Vec<&Literal> = threshold.over.iter().collect();
            let distinct: BTreeSet<Choice> = choices(rows, &over, choice).into_iter().collect();
            let sum: i128 = distinct.iter().map(|choice| number(bound(choice, threshold.value))).sum();
            if sum >= threshold.least { vec![choice.clone()] } else { vec![] }
        }
    }
}

fn matched(atom: &Atom, row: &[Value], choice: &Choice) -> Option<Choice> {
    let mut extended = choice.clone();
    for (term, found) in atom.terms.iter().zip(row) {
        let expected = match term {
            Term::Variable(variable) => extended.entry(*variable).or_insert(*found),
            Term::Value(value) => value,
            Term::Any => found,
        };
        if expected != found {
            return None;
        }
    }
    Some(extended)
}

fn with(choice: &Choice, variable: Variable, value: Value) -> Vec<Choice> {
    let mut extended = choice.clone();
    if *extended.entry(variable).or_insert(value) == value { vec![extended] } else { vec![] }
}

/// All samples bind the group of an aggregate elsewhere.
fn aggregated(rows: &Rows, aggregate: &Aggregate, choice: &Choice) -> Vec<Choice> {
    let over: Vec<&Literal> = aggregate.over.iter().collect();
    let distinct: BTreeSet<Choice> = choices(rows, &over, choice).into_iter().collect();
    let mut values = Vec::new();
    for choice in &distinct {
        values.push(match (aggregate.function, aggregate.value) {
            (Function::Count, _) => 1,
            (_, term) => number(bound(choice, term)),
        });
    }
    let result = match aggregate.function {
        Function::Count | Function::Sum => Some(values.iter().sum()),
        Function::Least => values.iter().min().copied(),
        Function::Greatest => values.iter().max().copied(),
    };
    result.map_or(vec![], |result: i128| with(choice, aggregate.result, Value::Number(result)))
}

fn bound(choice: &Choice, term: Term) -> Value {
    match term {
        Term::Variable(variable) => choice[&variable],
        Term::Value(value) => value,
        Term::Any => Value::Number(0),
    }
}

fn evaluated(expression: &Expression, choice: &Choice) -> Value {
    match expression {
        Expression::Term(term) => bound(choice, *term),
        Expression::Add(left, right) => {
            Value::Number(number(evaluated(left, choice)) + number(evaluated(right, choice)))
        }
        Expression::Subtract(left, right) => {
            Value::Number(number(evaluated(left, choice)) - number(evaluated(right, choice)))
        }
        Expression::Multiply(left, right) => {
            Value::Number(number(evaluated(left, choice)) * number(evaluated(right, choice)))
        }
    }
}

fn number(value: Value) -> i128 {
    match value {
        Value::Number(number) => number,
        Value::Symbol(symbol) => i128::from(symbol),
    }
}
