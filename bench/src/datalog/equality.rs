//! Random stratified programs in the core and in clingo: the same rows must follow.

use std::collections::BTreeSet;
use std::path::Path;

use grounds_reason::datalog::{Budget, RelationId, Theory, Value};

use super::asp;
use super::random::{Sample, sample};
use crate::store::peer::Peer;

/// clingo's numbers have 32 bits: what comes near is no test of the core.
const NUMBER_MAX: u128 = 30_000;
/// Larger models only take longer.
const ROW_COUNT_MAX: usize = 3_000;

/// Compares so many programs; whether all are equal.
pub(crate) fn run(program_count: usize) -> anyhow::Result<bool> {
    let mut peer = Peer::start("gringo", Path::new("."))?;
    let version = peer.ask("version", ())?.result;
    let (mut compared, mut row_count, mut seed) = (0, 0, 0);
    let mut different = Vec::new();
    while compared < program_count {
        let sample = sample(seed);
        seed += 1;
        let Some(ours) = derived(&sample)? else { continue };
        let text = asp::text(&sample.program, &sample.facts);
        let answers: Vec<BTreeSet<String>> = serde_json::from_value(peer.ask("answers", text.as_str())?.result)?;
        compared += 1;
        row_count += ours.len();
        if answers != [ours] {
            different.push(seed - 1);
        }
    }
    for seed in different.iter().take(10) {
        println!("the program of seed {seed} has other rows in clingo");
    }
    println!(
        "equal: {} of {program_count} random stratified programs have the rows that clingo {version} derives ({row_count} rows; {} seeds \
         left out for large numbers or models)",
        program_count - different.len(),
        seed - program_count as u64
    );
    Ok(different.is_empty())
}

/// All rows, facts included, as clingo prints them; `None` where they are no test.
fn derived(sample: &Sample) -> anyhow::Result<Option<BTreeSet<String>>> {
    let mut theory = Theory::new(sample.program.clone())?;
    for (relation, row) in &sample.facts {
        theory.insert(*relation, row)?;
    }
    let mut never = || false;
    let mut budget = Budget { fact_count_max: usize::MAX, memory_bytes_max: usize::MAX, is_stopped: &mut never };
    let model = theory.model(&mut budget)?;
    let mut rows = BTreeSet::new();
    for relation in (0..sample.levels.len()).map(RelationId) {
        for row in model.rows(relation) {
            let is_large = |value: &Value| matches!(value, Value::Number(number) if number.unsigned_abs() > NUMBER_MAX);
            if row.iter().any(is_large) {
                return Ok(None);
            }
            rows.insert(asp::row_text(relation, &row));
        }
    }
    Ok((rows.len() <= ROW_COUNT_MAX).then_some(rows))
}
