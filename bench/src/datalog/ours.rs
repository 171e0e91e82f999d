//! The four programs in the Datalog core of Grounds.

use grounds_reason::datalog::{
    Budget, ColumnType, Comparison, Literal, Program, RelationId, Term, Theory, Threshold, Value, Variable,
};

use super::graphs::Facts;
use super::side::processor_seconds;

const SYMBOL: ColumnType = ColumnType::Symbol;

/// A program, the relations that its facts belong to, and the one that is counted.
struct Rules {
    program: Program,
    facts: Vec<RelationId>,
    counted: RelationId,
}

/// Derives; the seconds from facts in memory until everything is derived, and the rows of the relation that is counted.
pub(crate) fn run(name: &str, facts: &[Facts]) -> anyhow::Result<(f64, usize)> {
    let rules = match name {
        "closure" => closure(),
        "generation" => generation(),
        "pointer" => pointer(),
        _ => control(),
    };
    let start = processor_seconds()?;
    let mut theory = Theory::new(rules.program)?;
    for (relation, facts) in rules.facts.iter().zip(facts) {
        if theory.program().relations[relation.0].columns.contains(&ColumnType::Number) {
            for row in facts.cells.chunks_exact(3) {
                let share = Value::Number(row[2].into());
                theory.insert(*relation, &[Value::Symbol(row[0]), Value::Symbol(row[1]), share])?;
            }
        } else {
            theory.insert_symbols(*relation, &facts.cells)?;
        }
    }
    let mut never = || false;
    let mut budget = Budget { fact_count_max: usize::MAX, memory_bytes_max: usize::MAX, is_stopped: &mut never };
    let count = theory.model(&mut budget)?.count(rules.counted);
    Ok((processor_seconds()? - start, count))
}

fn variables<const N: usize>() -> [Term; N] {
    std::array::from_fn(|number| Term::Variable(Variable(number)))
}

fn closure() -> Rules {
    let [x, y, z] = variables();
    let mut program = Program::default();
    let edge = program.relation("edge", &[SYMBOL; 2]);
    let reach = program.relation("reach", &[SYMBOL; 2]);
    program.rule("edge", reach.atom([x, y]), vec![edge.holds([x, y])]);
    program.rule("further", reach.atom([x, z]), vec![reach.holds([x, y]), edge.holds([y, z])]);
    Rules { program, facts: vec![edge], counted: reach }
}

fn generation() -> Rules {
    let [x, y, a, b] = variables();
    let mut program = Program::default();
    let parent = program.relation("parent", &[SYMBOL; 2]);
    let same = program.relation("same", &[SYMBOL; 2]);
    let differ = Literal::Compare(x.into(), Comparison::NotEqual, y.into());
    program.rule("siblings", same.atom([x, y]), vec![parent.holds([x, a]), parent.holds([y, a]), differ]);
    let body = vec![parent.holds([x, a]), same.holds([a, b]), parent.holds([y, b])];
    program.rule("cousins", same.atom([x, y]), body);
    Rules { program, facts: vec![parent], counted: same }
}

fn pointer() -> Rules {
    let [v, w, o, p, f] = variables();
    let mut program = Program::default();
    let new = program.relation("new", &[SYMBOL; 2]);
    let assign = program.relation("assign", &[SYMBOL; 2]);
    let load = program.relation("load", &[SYMBOL; 3]);
    let store = program.relation("store", &[SYMBOL; 3]);
    let points = program.relation("points", &[SYMBOL; 2]);
    let field = program.relation("field", &[SYMBOL; 3]);
    program.rule("new", points.atom([v, o]), vec![new.holds([v, o])]);
    program.rule("assign", points.atom([v, o]), vec![assign.holds([v, w]), points.holds([w, o])]);
    let body = vec![store.holds([v, f, w]), points.holds([v, o]), points.holds([w, p])];
    program.rule("store", field.atom([o, f, p]), body);
    let body = vec![load.holds([v, w, f]), points.holds([w, o]), field.holds([o, f, p])];
    program.rule("load", points.atom([v, p]), body);
    Rules { program, facts: vec![new, assign, load, store], counted: points }
}

fn control() -> Rules {
    let [x, y, z, share] = variables();
    let number = ColumnType::Number;
    let mut program = Program::default();
    let owns = program.relation("owns", &[SYMBOL, SYMBOL, number]);
    let counts = program.relation("counts", &[SYMBOL, SYMBOL, SYMBOL, number]);
    let controls = program.relation("controls", &[SYMBOL, SYMBOL]);
    program.rule("own", counts.atom([x, x, y, share]), vec![owns.holds([x, y, share])]);
    let through = vec![controls.holds([x, z]), owns.holds([z, y, share])];
    program.rule("through", counts.atom([x, z, y, share]), through);
    let over = vec![counts.holds([x, z, y, share])];
    let most = Literal::Reaches(Threshold { value: share, least: 51, over });
    program.rule("most", controls.atom([x, y]), vec![most]);
    Rules { program, facts: vec![owns], counted: controls }
}
