//! The programs that ascent can say, compiled: `ascent-peer PROGRAM FACTS` prints seconds, rows and megabytes. It has no sum within a
//! recursion.

use std::collections::HashMap;

use ascent::ascent;

/// The cells of each relation, row after row.
type Facts = HashMap<String, Vec<u32>>;

ascent! {
    struct Closure;
    relation edge(u32, u32);
    relation reach(u32, u32);
    reach(x, y) <-- edge(x, y);
    reach(x, z) <-- reach(x, y), edge(y, z);
}

ascent! {
    struct Generation;
    relation parent(u32, u32);
    relation same(u32, u32);
    same(x, y) <-- parent(x, a), parent(y, a), if x != y;
    same(x, y) <-- same(a, b), parent(x, a), parent(y, b);
}

ascent! {
    struct Pointer;
    relation new(u32, u32);
    relation assign(u32, u32);
    relation load(u32, u32, u32);
    relation store(u32, u32, u32);
    relation points(u32, u32);
    relation field(u32, u32, u32);
    points(v, o) <-- new(v, o);
    points(v, o) <-- points(w, o), assign(v, w);
    field(o, f, p) <-- store(v, f, w), points(v, o), points(w, p);
    points(v, p) <-- load(v, w, f), points(w, o), field(o, f, p);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, program, path] = arguments.as_slice() else { return Err("usage: ascent-peer PROGRAM FACTS".into()) };
    let facts = read(&std::fs::read_to_string(path)?)?;
    let (seconds, count) = match program.as_str() {
        "closure" => closure(&facts)?,
        "generation" => generation(&facts)?,
        "pointer" => pointer(&facts)?,
        other => return Err(format!("ascent cannot say `{other}`").into()),
    };
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("only Linux says VmHWM")?;
    let kilobytes: f64 = peak.trim().trim_end_matches("kB").trim().parse()?;
    let megabytes = kilobytes / 1024.0;
    println!("{{\"seconds\": {seconds}, \"count\": {count}, \"peak_mb\": {megabytes}}}");
    Ok(())
}

/// How long the first thread has run on a processor.
fn processor_seconds() -> Result<f64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/schedstat")?;
    let nanoseconds: f64 = status.split_whitespace().next().ok_or("schedstat begins with the time run")?.parse()?;
    Ok(nanoseconds / 1e9)
}

/// Reads facts as `edge(1,2).`, one a line.
fn read(text: &str) -> Result<Facts, std::num::ParseIntError> {
    let mut facts = Facts::new();
    for line in text.lines() {
        let (name, cells) = line.trim_end_matches(").").split_once('(').unwrap_or((line, ""));
        let relation = match facts.get_mut(name) {
            Some(relation) => relation,
            None => facts.entry(name.to_owned()).or_default(),
        };
        for cell in cells.split(',') {
            relation.push(cell.parse()?);
        }
    }
    Ok(facts)
}

fn closure(facts: &Facts) -> Result<(f64, usize), Box<dyn std::error::Error>> {
    let mut program = Closure { edge: pairs(facts, "edge"), ..Closure::default() };
    let start = processor_seconds()?;
    program.run();
    Ok((processor_seconds()? - start, program.reach.len()))
}

fn generation(facts: &Facts) -> Result<(f64, usize), Box<dyn std::error::Error>> {
    let mut program = Generation { parent: pairs(facts, "parent"), ..Generation::default() };
    let start = processor_seconds()?;
    program.run();
    Ok((processor_seconds()? - start, program.same.len()))
}

fn pointer(facts: &Facts) -> Result<(f64, usize), Box<dyn std::error::Error>> {
    let mut program = Pointer {
        new: pairs(facts, "new"),
        assign: pairs(facts, "assign"),
        load: triples(facts, "load"),
        store: triples(facts, "store"),
        ..Pointer::default()
    };
    let start = processor_seconds()?;
    program.run();
    Ok((processor_seconds()? - start, program.points.len()))
}

fn pairs(facts: &Facts, name: &str) -> Vec<(u32, u32)> {
    facts[name].chunks_exact(2).map(|row| (row[0], row[1])).collect()
}

fn triples(facts: &Facts, name: &str) -> Vec<(u32, u32, u32)> {
    facts[name].chunks_exact(3).map(|row| (row[0], row[1], row[2])).collect()
}
