//! Programs as clingo reads them.

use std::fmt::Write as _;

use grounds_reason::datalog::{
    Atom, Comparison, Expression, Function, Literal, Program, RelationId, Term, Value, Variable,
};

/// The four programs, by name, and the signature that is counted; whether it takes the solver to settle it.
pub(crate) fn rules(program: &str) -> (&'static str, (&'static str, usize), bool) {
    match program {
        "closure" => ("reach(X,Y) :- edge(X,Y). reach(X,Z) :- reach(X,Y), edge(Y,Z).", ("reach", 2), false),
        "generation" => (
            "same(X,Y) :- parent(X,A), parent(Y,A), X != Y. same(X,Y) :- parent(X,A), same(A,B), parent(Y,B).",
            ("same", 2),
            false,
        ),
        "pointer" => (
            "points(V,O) :- new(V,O). points(V,O) :- assign(V,W), points(W,O).
             field(O,F,P) :- store(V,F,W), points(V,O), points(W,P).
             points(V,P) :- load(V,W,F), points(W,O), field(O,F,P).",
            ("points", 2),
            false,
        ),
        _ => (
            "counts(X,X,Y,S) :- owns(X,Y,S). counts(X,Z,Y,S) :- controls(X,Z), owns(Z,Y,S).
             controls(X,Y) :- counts(X,_,Y,_), #sum { S,Z : counts(X,Z,Y,S) } >= 51.",
            ("controls", 2),
            true,
        ),
    }
}

/// A program with its facts. Relation 3 is `r3`; a symbol is `s7`.
pub(crate) fn text(program: &Program, facts: &[(RelationId, Vec<Value>)]) -> String {
    let mut text = String::new();
    for (relation, row) in facts {
        let _ = writeln!(text, "{}.", row_text(*relation, row));
    }
    for rule in &program.rules {
        let body: Vec<String> = rule.body.iter().map(literal).collect();
        let arrow = if body.is_empty() { "" } else { " :- " };
        let _ = writeln!(text, "{}{arrow}{}.", atom(&rule.head), body.join(", "));
    }
    text
}

/// A row as clingo prints it.
pub(crate) fn row_text(relation: RelationId, row: &[Value]) -> String {
    let cells: Vec<String> = row.iter().map(|cell| value(*cell)).collect();
    if cells.is_empty() { format!("r{}", relation.0) } else { format!("r{}({})", relation.0, cells.join(",")) }
}

fn literal(of: &Literal) -> String {
    match of {
        Literal::Holds(of) => atom(of),
        Literal::Absent(of) => format!("not {}", atom(of)),
        Literal::Compare(left, comparison, right) => {
            let sign = match comparison {
                Comparison::Equal => "=",
                Comparison::NotEqual => "!=",
                Comparison::Less => "<",
                Comparison::AtMost => "<=",
                Comparison::More => ">",
                Comparison::AtLeast => ">=",
            };
            format!("{} {sign} {}", expression(left), expression(right))
        }
        Literal::Let(variable, of) => format!("{} = {}", name(*variable), expression(of)),
        Literal::Aggregate(aggregate) => {
            let result = name(aggregate.result);
            let elements = |first: &str| elements(first, &aggregate.over);
            let number = term(aggregate.value);
            match aggregate.function {
                Function::Count => format!("{result} = #count {{ {} }}", elements("0")),
                Function::Sum => format!("{result} = #sum {{ {} }}", elements(&number)),
                // Of nothing, clingo's are the ends of its order.
                Function::Least => format!("{result} = #min {{ {} }}, {result} != #sup", elements(&number)),
                Function::Greatest => format!("{result} = #max {{ {} }}, {result} != #inf", elements(&number)),
            }
        }
        Literal::Reaches(threshold) => {
            format!("#sum {{ {} }} >= {}", elements(&term(threshold.value), &threshold.over), threshold.least)
        }
    }
}

/// The tuples that an aggregate is over: the first cell, then every variable of the conditions.
fn elements(first: &str, over: &[Literal]) -> String {
    let mut cells = vec![first.to_owned()];
    for condition in over {
        let Literal::Holds(atom) = condition else { continue };
        for term in &atom.terms {
            if let Term::Variable(variable) = term
                && !cells[1..].contains(&name(*variable))
            {
                cells.push(name(*variable));
            }
        }
    }
    let conditions: Vec<String> = over.iter().map(literal).collect();
    format!("{} : {}", cells.join(","), conditions.join(", "))
}

fn atom(of: &Atom) -> String {
    let cells: Vec<String> = of.terms.iter().map(|cell| term(*cell)).collect();
    if cells.is_empty() { format!("r{}", of.relation.0) } else { format!("r{}({})", of.relation.0, cells.join(",")) }
}

fn term(of: Term) -> String {
    match of {
        Term::Variable(variable) => name(variable),
        Term::Value(of) => value(of),
        Term::Any => "_".to_owned(),
    }
}

fn name(variable: Variable) -> String {
    format!("V{}", variable.0)
}

fn value(of: Value) -> String {
    match of {
        Value::Symbol(symbol) => format!("s{symbol}"),
        Value::Number(number) => number.to_string(),
    }
}

fn expression(of: &Expression) -> String {
    match of {
        Expression::Term(of) => term(*of),
        Expression::Add(left, right) => format!("({} + {})", expression(left), expression(right)),
        Expression::Subtract(left, right) => format!("({} - {})", expression(left), expression(right)),
        Expression::Multiply(left, right) => format!("({} * {})", expression(left), expression(right)),
    }
}
