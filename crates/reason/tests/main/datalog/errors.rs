//! Programs that are refused, and evaluations that stop.

use grounds_core::Kind;
use grounds_reason::datalog::{
    Aggregate, Budget, ColumnType, Comparison, DatalogError, Expression, Function, Literal, Program, RelationId, Term,
    Theory, Value, Variable,
};

use super::with_budget;

const SYMBOL: ColumnType = ColumnType::Symbol;
const NUMBER: ColumnType = ColumnType::Number;

fn variable(number: usize) -> Term {
    Term::Variable(Variable(number))
}

/// `r` (symbol, number), `p` (symbol) and `q` (symbol), with these rules.
fn refused(rules: impl FnOnce(&mut Program, RelationId, RelationId, RelationId)) -> String {
    let mut program = Program::default();
    let r = program.relation("r", &[SYMBOL, NUMBER]);
    let p = program.relation("p", &[SYMBOL]);
    let q = program.relation("q", &[SYMBOL]);
    rules(&mut program, r, p, q);
    match Theory::new(program) {
        Ok(_) => "not refused".to_owned(),
        Err(error) => {
            assert_eq!(error.kind(), Kind::User);
            error.to_string()
        }
    }
}

fn total(over: Vec<Literal>) -> Literal {
    Literal::Aggregate(Aggregate { result: Variable(9), function: Function::Sum, value: variable(1), over })
}

#[test]
fn what_does_not_fit_is_refused() {
    let [x, n, y] = [0, 1, 2].map(variable);
    let found = refused(|program, r, p, _| {
        program.rule("a", p.atom([n]), vec![r.holds([x, n])]);
    });
    assert_eq!(found, "rule `a`: variable 1 is a symbol, and a number belongs there");
    let found = refused(|program, r, p, _| {
        program.rule("a", p.atom([x]), vec![r.holds([x])]);
    });
    assert_eq!(found, "rule `a`: `r` has 2 columns, not 1");
    let found = refused(|program, _, p, _| {
        program.rule("a", p.atom([x]), vec![RelationId(7).holds([x])]);
    });
    assert_eq!(found, "rule `a`: there is no relation 7");
    let found = refused(|program, r, p, _| {
        program.rule("a", p.atom([y]), vec![r.holds([x, n])]);
    });
    assert_eq!(found, "rule `a`: variable 2 is bound by no condition");
    let absent = |program: &mut Program, _, p: RelationId, q: RelationId| {
        program.rule("a", p.atom([x]), vec![q.holds([x]), p.absent([y])]);
    };
    assert_eq!(refused(absent), "rule `a`: variable 2 is bound by no condition");
    let found = refused(|program, _, p, q| {
        program.rule("a", p.atom([Term::Any]), vec![q.holds([x])]);
    });
    assert_eq!(found, "rule `a`: the head leaves a place open");
    let ordered = |program: &mut Program, _, p: RelationId, q: RelationId| {
        let less = Literal::Compare(x.into(), Comparison::Less, y.into());
        program.rule("a", p.atom([x]), vec![q.holds([x]), q.holds([y]), less]);
    };
    assert_eq!(refused(ordered), "rule `a`: symbols have no order");
}

#[test]
fn a_cycle_through_absence_or_a_total_is_told() {
    let [x, n] = [0, 1].map(variable);
    let absence = |program: &mut Program, _, p: RelationId, q: RelationId| {
        program.rule("a", p.atom([x]), vec![q.holds([x])]);
        program.rule("b", q.atom([x]), vec![q.holds([x]), p.absent([x])]);
    };
    assert_eq!(refused(absence), "not stratified: q -> not p -> q");
    let of_a_total = |program: &mut Program, r: RelationId, p: RelationId, _| {
        program.rule("a", r.atom([x, variable(9)]), vec![p.holds([x]), total(vec![r.holds([x, n])])]);
    };
    assert_eq!(refused(of_a_total), "not stratified: r -> total of r");
}

/// A chain of 100 and all its pairs.
fn closure(program: &mut Program) -> (RelationId, RelationId) {
    let [x, y, z] = [0, 1, 2].map(variable);
    let next = program.relation("next", &[SYMBOL, SYMBOL]);
    let reach = program.relation("reach", &[SYMBOL, SYMBOL]);
    program.rule("one", reach.atom([x, y]), vec![next.holds([x, y])]);
    program.rule("more", reach.atom([x, z]), vec![reach.holds([x, y]), reach.holds([y, z])]);
    (next, reach)
}

#[test]
fn a_budget_that_is_used_up_leaves_nothing_and_a_larger_one_concludes() {
    let mut program = Program::default();
    let (next, reach) = closure(&mut program);
    let mut theory = Theory::new(program).expect("stratified");
    let edges: Vec<u32> = (0..100).flat_map(|it| [it, it + 1]).collect();
    theory.insert_symbols(next, &edges).expect("fits");
    let mut never = || false;
    let mut few = Budget { fact_count_max: 5_049, memory_bytes_max: usize::MAX, is_stopped: &mut never };
    let error = theory.model(&mut few).expect_err("one too many");
    assert_eq!(error, DatalogError::FactBudget { limit: 5_049, relation: "reach".to_owned() });
    assert_eq!(error.to_string(), "more than 5049 facts follow; derived last: `reach`");
    let mut small = Budget { fact_count_max: usize::MAX, memory_bytes_max: 60_000, is_stopped: &mut never };
    assert!(matches!(theory.model(&mut small), Err(DatalogError::MemoryBudget { limit: 60_000, .. })));
    let mut at_once = || true;
    let mut stopped = Budget { fact_count_max: usize::MAX, memory_bytes_max: usize::MAX, is_stopped: &mut at_once };
    let error = theory.model(&mut stopped).expect_err("stopped");
    assert_eq!(error.kind(), Kind::Unavailable);
    let mut enough = Budget { fact_count_max: 5_050, memory_bytes_max: 10_000_000, is_stopped: &mut never };
    assert_eq!(theory.model(&mut enough).map(|model| model.count(reach)), Ok(5_050));
    // Nothing has changed: nothing is derived again, and the same facts count.
    assert_eq!(theory.model(&mut enough).map(|model| model.derived_count()), Ok(5_050));
}

#[test]
fn numbers_too_large_are_told_by_rule() {
    let [x, n] = [0, 1].map(variable);
    let mut program = Program::default();
    let r = program.relation("r", &[SYMBOL, NUMBER]);
    let twice = program.relation("twice", &[SYMBOL, NUMBER]);
    let sum = Expression::Add(Box::new(n.into()), Box::new(n.into()));
    program.rule("doubling", twice.atom([x, variable(2)]), vec![r.holds([x, n]), Literal::Let(Variable(2), sum)]);
    let mut theory = Theory::new(program).expect("stratified");
    theory.insert(r, &[Value::Symbol(0), Value::Number(i128::MAX / 2)]).expect("fits");
    let exact = [Value::Symbol(0), Value::Number(i128::MAX - 1)];
    assert_eq!(with_budget(|budget| theory.model(budget).and_then(|model| model.contains(twice, &exact))), Ok(true));
    theory.insert(r, &[Value::Symbol(0), Value::Number(i128::MAX / 2 + 1)]).expect("fits");
    let error = with_budget(|budget| theory.model(budget).map(drop)).expect_err("too large");
    assert_eq!(error, DatalogError::Overflow { rule: "doubling".to_owned() });
}

#[test]
fn facts_that_do_not_fit_are_refused() {
    let mut program = Program::default();
    let r = program.relation("r", &[SYMBOL, NUMBER]);
    let mut theory = Theory::new(program).expect("stratified");
    let told = |outcome: Result<bool, DatalogError>| outcome.expect_err("does not fit").to_string();
    assert_eq!(told(theory.insert(r, &[Value::Symbol(1)])), "a fact: `r` has 2 columns, not 1");
    let swapped = [Value::Number(1), Value::Number(1)];
    assert_eq!(told(theory.insert(r, &swapped)), "a fact: the value 1 is a number, and a symbol belongs there");
    let last = [Value::Symbol(u32::MAX), Value::Number(1)];
    assert_eq!(told(theory.insert(r, &last)), "the symbol 4294967295 is not below 2^32 - 1");
    assert!(theory.insert_symbols(r, &[1, 2]).is_err());
}
