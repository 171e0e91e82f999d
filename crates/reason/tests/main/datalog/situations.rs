//! Situations in which other engines are known to go wrong, and forms that random programs do not have.

use grounds_reason::datalog::{
    Aggregate, ColumnType, Comparison, DatalogError, Function, Literal, Origin, Premise, Program, RelationId, Term,
    Theory, Threshold, Value, Variable,
};

use super::with_budget;

const SYMBOL: ColumnType = ColumnType::Symbol;
const NUMBER: ColumnType = ColumnType::Number;

fn variables<const N: usize>() -> [Term; N] {
    std::array::from_fn(|number| Term::Variable(Variable(number)))
}

fn symbols<const N: usize>(row: [u32; N]) -> Vec<Value> {
    row.map(Value::Symbol).to_vec()
}

fn numbers<const N: usize>(row: [i128; N]) -> Vec<Value> {
    row.map(Value::Number).to_vec()
}

fn rows(theory: &mut Theory, relation: RelationId) -> Vec<Vec<Value>> {
    with_budget(|budget| theory.model(budget).map(|model| model.rows(relation))).expect("there is a model")
}

/// Soufflé issue 2466: of two comparisons the second was shown as another, false one.
#[test]
fn every_comparison_of_a_rule_is_a_premise_with_its_own_values() {
    let [x, y, z] = variables();
    let mut program = Program::default();
    let node = program.relation("node", &[NUMBER]);
    let link = program.relation("link", &[NUMBER, NUMBER, NUMBER]);
    let less = |left: Term, right: Term| Literal::Compare(left.into(), Comparison::Less, right.into());
    let body = vec![node.holds([x]), node.holds([y]), node.holds([z]), less(x, y), less(y, z)];
    program.rule("ordered", link.atom([x, y, z]), body);
    let mut theory = Theory::new(program).expect("stratified");
    for number in 1..=3 {
        theory.insert(node, &numbers([number])).expect("it fits");
    }
    let row = numbers([1, 2, 3]);
    let by = with_budget(|budget| theory.model(budget)?.prover().derivation(link, &row))
        .expect("it fits")
        .expect("it holds");
    assert_eq!(by.values, row.iter().copied().map(Some).collect::<Vec<_>>());
    let rows = row.iter().map(|number| Premise::Row { relation: node, row: vec![*number] });
    assert_eq!(by.premises, rows.chain([Premise::Computed, Premise::Computed]).collect::<Vec<_>>());
}

/// Nemo issue 747: the tree of an ancestor mixed rows of two derivations.
#[test]
fn a_proof_of_recursion_joins_rows_that_meet() {
    let [x, y, z] = variables();
    let mut program = Program::default();
    let father = program.relation("father", &[SYMBOL, SYMBOL]);
    let mother = program.relation("mother", &[SYMBOL, SYMBOL]);
    let parent = program.relation("parent", &[SYMBOL, SYMBOL]);
    let ancestor = program.relation("ancestor", &[SYMBOL, SYMBOL]);
    let common = program.relation("common", &[SYMBOL]);
    let (alice, finley) = (Term::Value(Value::Symbol(0)), Term::Value(Value::Symbol(5)));
    program.rule("father", parent.atom([x, y]), vec![father.holds([x, y])]);
    program.rule("mother", parent.atom([x, y]), vec![mother.holds([x, y])]);
    program.rule("parent", ancestor.atom([x, y]), vec![parent.holds([x, y])]);
    program.rule("further", ancestor.atom([x, z]), vec![ancestor.holds([x, y]), parent.holds([y, z])]);
    program.rule("common", common.atom([x]), vec![ancestor.holds([alice, x]), ancestor.holds([finley, x])]);
    let mut theory = Theory::new(program).expect("stratified");
    theory.insert_symbols(father, &[0, 1, 2, 3]).expect("it fits");
    theory.insert_symbols(mother, &[0, 2, 2, 4, 5, 4]).expect("it fits");
    let proof = with_budget(|budget| theory.model(budget)?.prover().proof(common, &symbols([4])));
    let steps = proof.expect("it fits").expect("it holds").steps;
    let shown: Vec<(RelationId, Vec<Value>, Option<usize>)> =
        steps.into_iter().map(|step| (step.relation, step.row, step.by.map(|by| by.rule))).collect();
    let expected = [
        (mother, symbols([0, 2]), None),
        (parent, symbols([0, 2]), Some(1)),
        (ancestor, symbols([0, 2]), Some(2)),
        (mother, symbols([2, 4]), None),
        (parent, symbols([2, 4]), Some(1)),
        (ancestor, symbols([0, 4]), Some(3)),
        (mother, symbols([5, 4]), None),
        (parent, symbols([5, 4]), Some(1)),
        (ancestor, symbols([5, 4]), Some(2)),
        (common, symbols([4]), Some(4)),
    ];
    assert_eq!(shown, expected);
}

/// `owns(owner, company, hundredths)`, and who controls: more than half, alone or through companies controlled so.
fn control(shares: &[(u32, u32, i128)]) -> (Theory, RelationId) {
    let [x, y, z, share] = variables();
    let mut program = Program::default();
    let owns = program.relation("owns", &[SYMBOL, SYMBOL, NUMBER]);
    let counts = program.relation("counts", &[SYMBOL, SYMBOL, SYMBOL, NUMBER]);
    let controls = program.relation("controls", &[SYMBOL, SYMBOL]);
    program.rule("own", counts.atom([x, x, y, share]), vec![owns.holds([x, y, share])]);
    let through = vec![controls.holds([x, z]), owns.holds([z, y, share])];
    program.rule("through", counts.atom([x, z, y, share]), through);
    let over = vec![counts.holds([x, z, y, share])];
    let most = Literal::Reaches(Threshold { value: share, least: 51, over });
    program.rule("most", controls.atom([x, y]), vec![most]);
    let mut theory = Theory::new(program).expect("a threshold may be part of a recursion");
    for (owner, company, share) in shares {
        let row = [Value::Symbol(*owner), Value::Symbol(*company), Value::Number(*share)];
        theory.insert(owns, &row).expect("it fits");
    }
    (theory, controls)
}

#[test]
fn a_sum_that_recursion_makes_larger_reaches_its_bound() {
    // 1 holds most of 2; with 2 it holds most of 3; with 3 most of 4. 5 and 6 hold half of each other only.
    let shares = [(1, 2, 60), (1, 3, 30), (2, 3, 30), (3, 4, 40), (2, 4, 20), (5, 6, 50), (6, 5, 50)];
    let (mut theory, controls) = control(&shares);
    assert_eq!(rows(&mut theory, controls), [symbols([1, 2]), symbols([1, 3]), symbols([1, 4])]);
    let by = with_budget(|budget| theory.model(budget)?.prover().derivation(controls, &symbols([1, 4])));
    let by = by.expect("it fits").expect("it holds");
    let [Premise::Choices { result: 60, choices }] = by.premises.as_slice() else { panic!("{by:?}") };
    let through: Vec<Option<Value>> = choices.iter().map(|choice| choice.values[2]).collect();
    assert_eq!(through, [Some(Value::Symbol(2)), Some(Value::Symbol(3))]);
}

#[test]
fn a_sum_that_only_grows_has_no_negative_part() {
    let (mut theory, _) = control(&[(1, 2, -1)]);
    let error = with_budget(|budget| theory.model(budget).map(drop)).expect_err("negative");
    assert_eq!(error, DatalogError::Negative { rule: "most".to_owned(), value: -1 });
}

/// Sales of shops by day, and what they come to.
fn totals(function: Function, is_bound: bool) -> (Theory, RelationId, RelationId) {
    let [shop, day, amount, result] = variables();
    let mut program = Program::default();
    let shops = program.relation("shop", &[SYMBOL]);
    let sale = program.relation("sale", &[SYMBOL, NUMBER, NUMBER]);
    let total = program.relation("total", &[SYMBOL, NUMBER]);
    let over = vec![sale.holds([shop, day, amount])];
    let mut body = vec![Literal::Aggregate(Aggregate { result: Variable(3), function, value: amount, over })];
    body.extend(is_bound.then(|| shops.holds([shop])));
    program.rule("total", total.atom([shop, result]), body);
    let mut theory = Theory::new(program).expect("stratified");
    theory.insert_symbols(shops, &[1, 2, 3]).expect("it fits");
    for (shop, day, amount) in [(1, 1, 10), (1, 2, 10), (1, 3, -4), (2, 1, 7)] {
        let row = [Value::Symbol(shop), Value::Number(day), Value::Number(amount)];
        theory.insert(sale, &row).expect("it fits");
    }
    (theory, total, sale)
}

#[test]
fn a_group_without_rows_has_a_count_and_a_sum_where_something_else_binds_it() {
    let cases = [
        (Function::Sum, true, vec![(1, 16), (2, 7), (3, 0)]),
        (Function::Sum, false, vec![(1, 16), (2, 7)]),
        (Function::Count, true, vec![(1, 3), (2, 1), (3, 0)]),
        (Function::Least, true, vec![(1, -4), (2, 7)]),
        (Function::Greatest, false, vec![(1, 10), (2, 7)]),
    ];
    for (function, is_bound, expected) in cases {
        let (mut theory, total, _) = totals(function, is_bound);
        let expected: Vec<Vec<Value>> =
            expected.iter().map(|(shop, result)| vec![Value::Symbol(*shop), Value::Number(*result)]).collect();
        assert_eq!(rows(&mut theory, total), expected, "{function:?}, {is_bound}");
    }
}

#[test]
fn equal_amounts_of_two_days_both_count_and_are_both_in_the_proof() {
    let (mut theory, total, sale) = totals(Function::Sum, true);
    let row = [Value::Symbol(1), Value::Number(16)];
    let by = with_budget(|budget| theory.model(budget)?.prover().derivation(total, &row)).expect("it fits");
    let premises = by.expect("it holds").premises;
    let Some(Premise::Choices { result: 16, choices }) = premises.first() else { panic!("{premises:?}") };
    let rows: Vec<&Premise> = choices.iter().flat_map(|choice| &choice.premises).collect();
    let expected = [(1, 10), (2, 10), (3, -4)].map(|(day, amount)| Premise::Row {
        relation: sale,
        row: vec![Value::Symbol(1), Value::Number(day), Value::Number(amount)],
    });
    assert_eq!(rows, expected.iter().collect::<Vec<_>>());
    let nothing = [Value::Symbol(3), Value::Number(0)];
    let by = with_budget(|budget| theory.model(budget)?.prover().derivation(total, &nothing)).expect("it fits");
    let premises = by.expect("it holds").premises;
    assert_eq!(premises.first(), Some(&Premise::Choices { result: 0, choices: Vec::new() }));
}

#[test]
fn the_derivation_of_least_height_is_kept_and_of_those_the_first_rule() {
    let [x, y, z] = variables();
    let mut program = Program::default();
    let edge = program.relation("edge", &[SYMBOL, SYMBOL]);
    let path = program.relation("path", &[SYMBOL, SYMBOL]);
    program.rule("joined", path.atom([x, z]), vec![path.holds([x, y]), path.holds([y, z])]);
    program.rule("edge", path.atom([x, y]), vec![edge.holds([x, y])]);
    program.rule("edge again", path.atom([x, y]), vec![edge.holds([x, y])]);
    let mut theory = Theory::new(program).expect("stratified");
    // 0 to 4 in four steps, and in two by way of 9.
    theory.insert_symbols(edge, &[0, 1, 1, 2, 2, 3, 3, 4, 0, 9, 9, 4]).expect("it fits");
    with_budget(|budget| {
        let model = theory.model(budget).expect("there is a model");
        let origin = |from, to| model.origin(path, &symbols([from, to])).expect("it fits");
        assert_eq!(origin(0, 1), Some(Origin::Derived { rule: 1, height: 1 }));
        assert_eq!(origin(0, 4), Some(Origin::Derived { rule: 0, height: 2 }));
        assert_eq!(origin(0, 3), Some(Origin::Derived { rule: 0, height: 3 }));
        assert_eq!(origin(4, 0), None);
        let mut prover = model.prover();
        let (all, are_all) = prover.derivations(path, &symbols([0, 4]), 10).expect("it fits");
        let by_way_of: Vec<Option<Value>> = all.iter().map(|by| by.values[1]).collect();
        assert_eq!(by_way_of, [1, 2, 3, 9].map(|symbol| Some(Value::Symbol(symbol))));
        assert!(are_all);
        let (some, are_all) = prover.derivations(path, &symbols([0, 4]), 3).expect("it fits");
        assert_eq!((some.len(), are_all), (3, false));
        let first = prover.derivation(path, &symbols([0, 4])).expect("it fits").expect("it holds");
        assert_eq!(first.values[1], Some(Value::Symbol(9)), "by way of 2 it is higher");
    });
}

#[test]
fn proofs_may_be_deeper_than_the_stack() {
    let [x, y] = variables();
    let mut program = Program::default();
    let next = program.relation("next", &[SYMBOL, SYMBOL]);
    let reached = program.relation("reached", &[SYMBOL]);
    program.rule("on", reached.atom([y]), vec![reached.holds([x]), next.holds([x, y])]);
    let mut theory = Theory::new(program).expect("stratified");
    theory.insert_symbols(reached, &[0]).expect("it fits");
    let chain: Vec<u32> = (0..50_000).flat_map(|it| [it, it + 1]).collect();
    theory.insert_symbols(next, &chain).expect("it fits");
    let proof = with_budget(|budget| theory.model(budget)?.prover().proof(reached, &symbols([50_000])));
    assert_eq!(proof.expect("it fits").expect("it holds").steps.len(), 100_001);
}
