//! GALEN in EL: the completion of a medical ontology, beside gringo.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use grounds_reason::datalog::{Budget, ColumnType, Program, RelationId, Term, Theory, Value, Variable};

use crate::datalog::{
    best,
    side::{Side, processor_seconds},
};

/// What every right engine derives.
const DERIVED_COUNT: usize = 1_881_946;
/// Ours takes less than this share of gringo's time.
const SHARE_MAX: f64 = 0.25;
/// With provenance at most this many times the time without.
const PROVENANCE_MAX: f64 = 1.3;
/// The relations of the facts, and the files they are in.
const FILES: [(&str, &str, usize); 6] = [
    ("main", "isMainClass", 1),
    ("issub", "isSubClass", 1),
    ("conj", "conj", 3),
    ("exists", "exists", 3),
    ("subclassof", "subClassOf", 2),
    ("subprop", "subProp", 2),
];

/// The rules as gringo reads them; `thing` and `nothing` are constants.
const RULES: &str = "
    init(C) :- main(C).
    init(C) :- ex(E,R,C).
    sub(C,C) :- init(C).
    sub(C,thing) :- main(C).
    sub(C,D1) :- sub(C,Y), conj(Y,D1,D2).
    sub(C,D2) :- sub(C,Y), conj(Y,D1,D2).
    sub(C,I) :- sub(C,D1), sub(C,D2), conj(I,D1,D2), issub(I).
    ex(E,R,C) :- sub(E,Y), exists(Y,R,C).
    sub(E,Y) :- ex(E,R,C), sub(C,D), subprop(R,S), exists(Y,S,D), issub(Y).
    sub(C,E) :- sub(C,D), subclassof(D,E).
    sub(E,nothing) :- ex(E,R,C), sub(C,nothing).
    mainsub(A,B) :- sub(A,B), main(A), main(B).
";

/// Measures both sides and prints them; whether both goals hold.
pub(crate) fn run(data: &Path, options: &[String]) -> anyhow::Result<bool> {
    match options {
        [] => {}
        [flag, provenance] if flag == "--side" => {
            let side = ours(data, provenance == "with")?;
            println!("{}", serde_json::to_string(&side)?);
            return Ok(true);
        }
        _ => anyhow::bail!("usage: bench/run galen DATA"),
    }
    let path = data.to_str().context("the path of the data is not UTF-8")?;
    // Turns, so that what else the machine does falls on both.
    let with = best(|| Side::of_program(&["galen", path, "--side", "with"]))?;
    let without = best(|| Side::of_program(&["galen", path, "--side", "without"]))?;
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("galen.lp");
    write_program(data, &file)?;
    let signatures = [("sub", 2), ("ex", 3), ("init", 1), ("mainsub", 2)];
    let gringo = Side::of_gringo(&file, &signatures, false)?;
    for side in [&with, &without, &gringo] {
        anyhow::ensure!(side.count == DERIVED_COUNT, "{} facts follow, not {DERIVED_COUNT}", side.count);
    }
    let (share, provenance) = (with.seconds / gringo.seconds, with.seconds / without.seconds);
    println!("Grounds, with provenance: {}", with.shown());
    println!("Grounds, without: {}", without.shown());
    println!("gringo: {}", gringo.shown());
    println!("provenance costs {provenance:.2} times (goal: at most {PROVENANCE_MAX})");
    println!("galen: {DERIVED_COUNT} facts, {share:.3} of gringo's time (goal: less than {SHARE_MAX})");
    Ok(share < SHARE_MAX && provenance <= PROVENANCE_MAX)
}

/// Facts by their relation, row after row, and how many names there are.
type Facts = (Vec<Vec<u32>>, u32);

fn read(data: &Path) -> anyhow::Result<Facts> {
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut relations = Vec::new();
    for (_, file, width) in FILES {
        let path = data.join("rules/galen-el").join(format!("{file}.csv.gz"));
        let output = Command::new("gzip").arg("-dc").arg(&path).output().context("starting gzip")?;
        anyhow::ensure!(output.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
        let mut cells = Vec::new();
        for line in std::str::from_utf8(&output.stdout)?.lines() {
            let before = cells.len();
            for name in line.split(',') {
                let next = u32::try_from(numbers.len())?;
                cells.push(*numbers.entry(name.to_owned()).or_insert(next));
            }
            anyhow::ensure!(cells.len() == before + width, "{}: a row has not {width} cells: {line}", path.display());
        }
        relations.push(cells);
    }
    Ok((relations, u32::try_from(numbers.len())?))
}

/// From facts in memory until everything is derived.
fn ours(data: &Path, has_provenance: bool) -> anyhow::Result<Side> {
    let (facts, name_count) = read(data)?;
    let start = processor_seconds()?;
    let (program, relations) = program(name_count);
    let mut theory = Theory::new(program)?;
    if !has_provenance {
        theory = theory.without_provenance();
    }
    for (relation, cells) in relations.into_iter().zip(&facts) {
        theory.insert_symbols(relation, cells)?;
    }
    let mut never = || false;
    let mut budget = Budget { fact_count_max: usize::MAX, memory_bytes_max: usize::MAX, is_stopped: &mut never };
    let count = theory.model(&mut budget)?.derived_count();
    Side::of_this_process(processor_seconds()? - start, count)
}

/// The rules, and the relations of the facts in the order of their files.
fn program(name_count: u32) -> (Program, [RelationId; 6]) {
    let symbol = ColumnType::Symbol;
    let [c, d, e, i, r, s] = [0, 1, 2, 3, 4, 5].map(|number| Term::Variable(Variable(number)));
    let [thing, nothing] = [0, 1].map(|after| Term::Value(Value::Symbol(name_count + after)));
    let mut program = Program::default();
    let facts = FILES.map(|(name, _, width)| program.relation(name, &vec![symbol; width]));
    let [main, is_sub, conj, exists, sub_class_of, sub_property] = facts;
    let init = program.relation("init", &[symbol; 1]);
    let sub = program.relation("sub", &[symbol; 2]);
    let ex = program.relation("ex", &[symbol; 3]);
    let main_sub = program.relation("mainsub", &[symbol; 2]);
    program.rule("main", init.atom([c]), vec![main.holds([c])]);
    program.rule("filler", init.atom([c]), vec![ex.holds([e, r, c])]);
    program.rule("itself", sub.atom([c, c]), vec![init.holds([c])]);
    program.rule("thing", sub.atom([c, thing]), vec![main.holds([c])]);
    program.rule("left part", sub.atom([c, d]), vec![sub.holds([c, i]), conj.holds([i, d, e])]);
    program.rule("right part", sub.atom([c, e]), vec![sub.holds([c, i]), conj.holds([i, d, e])]);
    let body = vec![sub.holds([c, d]), sub.holds([c, e]), conj.holds([i, d, e]), is_sub.holds([i])];
    program.rule("both parts", sub.atom([c, i]), body);
    program.rule("restriction", ex.atom([e, r, c]), vec![sub.holds([e, i]), exists.holds([i, r, c])]);
    let body = vec![
        ex.holds([e, r, c]),
        sub.holds([c, d]),
        sub_property.holds([r, s]),
        exists.holds([i, s, d]),
        is_sub.holds([i]),
    ];
    program.rule("of a restriction", sub.atom([e, i]), body);
    program.rule("told", sub.atom([c, e]), vec![sub.holds([c, d]), sub_class_of.holds([d, e])]);
    program.rule("empty filler", sub.atom([e, nothing]), vec![ex.holds([e, r, c]), sub.holds([c, nothing])]);
    let body = vec![sub.holds([c, d]), main.holds([c]), main.holds([d])];
    program.rule("of main classes", main_sub.atom([c, d]), body);
    (program, facts)
}

fn write_program(data: &Path, path: &Path) -> anyhow::Result<()> {
    let (relations, name_count) = read(data)?;
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for ((name, _, width), cells) in FILES.iter().zip(&relations) {
        for row in cells.chunks_exact(*width) {
            let cells: Vec<String> = row.iter().map(u32::to_string).collect();
            writeln!(file, "{name}({}).", cells.join(","))?;
        }
    }
    writeln!(file, "#const thing = {name_count}. #const nothing = {}.{RULES}", name_count + 1)?;
    Ok(file.flush()?)
}
