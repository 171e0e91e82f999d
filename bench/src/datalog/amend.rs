//! One rule of ten thousand amended: what is derived again, beside all of it.

use super::side::processor_seconds;
use grounds_reason::datalog::{
    Budget, ColumnType, Comparison, Literal, Program, RelationId, Term, Theory, Value, Variable,
};

/// Ten thousand rules: chains of 20 claims of which each rests on the one before, so that what an amendment touches is a part of a chain.
const RULE_COUNT: usize = 10_000;
const CHAIN_LENGTH: usize = 20;
const FACT_COUNT: u32 = 200;
const REPEAT_COUNT: usize = 50;

/// The seconds of a full run, and the mean of an amendment with its evaluation.
pub(crate) fn run() -> anyhow::Result<(f64, f64)> {
    let (program, base) = rules();
    let start = processor_seconds()?;
    let mut theory = Theory::new(program)?;
    for fact in 0..FACT_COUNT {
        theory.insert(base, &[Value::Symbol(fact), Value::Number((fact * 37 % 101).into())])?;
    }
    let derived = evaluate(&mut theory)?;
    let full = processor_seconds()? - start;
    let mut amended = 0.0;
    for repeat in 0..REPEAT_COUNT {
        // Another amount in the first rule of a chain, so that all of the chain follows anew.
        let number = repeat * 7 % (RULE_COUNT / CHAIN_LENGTH) * CHAIN_LENGTH;
        let mut rule = theory.program().rules[number].clone();
        rule.body.truncate(1);
        rule.body.push(above(1 + repeat as i128));
        let start = processor_seconds()?;
        theory.replace_rule(number, rule)?;
        let now = evaluate(&mut theory)?;
        amended += processor_seconds()? - start;
        anyhow::ensure!(now != derived || repeat > 0, "an amendment changed nothing");
    }
    let mut fresh = Theory::new(theory.program().clone())?;
    for fact in 0..FACT_COUNT {
        fresh.insert(base, &[Value::Symbol(fact), Value::Number((fact * 37 % 101).into())])?;
    }
    anyhow::ensure!(evaluate(&mut fresh)? == evaluate(&mut theory)?, "an amended theory differs from a new one");
    Ok((full, amended / REPEAT_COUNT as f64))
}

fn evaluate(theory: &mut Theory) -> anyhow::Result<usize> {
    let mut never = || false;
    let mut budget = Budget { fact_count_max: usize::MAX, memory_bytes_max: usize::MAX, is_stopped: &mut never };
    Ok(theory.model(&mut budget)?.derived_count())
}

fn above(amount: i128) -> Literal {
    let bound = Term::Value(Value::Number(amount));
    Literal::Compare(Term::Variable(Variable(1)).into(), Comparison::More, bound.into())
}

fn rules() -> (Program, RelationId) {
    let [x, n] = [0, 1].map(|number| Term::Variable(Variable(number)));
    let columns = [ColumnType::Symbol, ColumnType::Number];
    let mut program = Program::default();
    let base = program.relation("base", &columns);
    for number in 0..RULE_COUNT {
        let claim = program.relation(&format!("claim {number}"), &columns);
        let before = if number % CHAIN_LENGTH == 0 { base } else { RelationId(claim.0 - 1) };
        let body = vec![before.holds([x, n]), above((number % CHAIN_LENGTH) as i128 - 1)];
        program.rule(&format!("rule {number}"), claim.atom([x, n]), body);
    }
    (program, base)
}
