//! `oracle`: random programs through SQL, compared with a plain model of tables with two time axes.

// The test of the crate, at a length that no test run has time for.
#[path = "../../crates/sql/tests/oracle/mod.rs"]
mod program;

/// How many operations have to agree.
const OPERATION_COUNT: u64 = 100_000;

/// Runs the programs from a seed; says whether all of it agreed. A difference ends the process with the seed and the statements.
pub(crate) fn run(options: &[String]) -> anyhow::Result<bool> {
    let mut seed = 1;
    let mut operation_count = OPERATION_COUNT;
    for pair in options.chunks(2) {
        match pair {
            [name, value] if name == "--seed" => seed = value.parse()?,
            [name, value] if name == "--operations" => operation_count = value.parse()?,
            other => {
                anyhow::bail!("`{}` is no option of oracle; there are --seed N and --operations N", other.join(" "))
            }
        }
    }
    let start = std::time::Instant::now();
    let counts = program::run(seed, operation_count, |done| {
        if done % 10_000 == 0 {
            eprintln!("{done} of {operation_count}");
        }
    });
    for (kind, count) in &counts {
        println!("{kind:32} {count:>8}");
    }
    println!("{:.0} s from seed {seed}", start.elapsed().as_secs_f64());
    println!("oracle: {operation_count} operations, 0 differences (goal: {OPERATION_COUNT} without one)");
    Ok(operation_count >= OPERATION_COUNT)
}
