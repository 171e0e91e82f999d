//! Random programs against every completion of their cases, and damaged proofs against the checker; the programs, the comparison and the
//! damage are those of the tests of `grounds-reason`.

use std::time::Instant;

use crate::exhaustive::{Tally, compare_completions, damage_proofs};

const PROGRAM_COUNT: u64 = 20_000;
const PROOF_COUNT: u64 = 5_000;
const DAMAGE_COUNT: usize = 20;

/// Whether what is settled, by itself or taken by cases, is exactly what every completion agrees on.
pub(crate) fn run_completions() -> bool {
    let started = Instant::now();
    let tally = on_every_processor(PROGRAM_COUNT, compare_completions);
    let seconds = started.elapsed().as_secs();
    println!(
        "{} programs whose completions all evaluate, of {PROGRAM_COUNT}; {} claims: {} settled, {} more by cases; {seconds} s",
        tally.programs, tally.claims, tally.settled, tally.by_cases
    );
    println!("claims that differ from all their completions: {}", tally.wrong);
    tally.wrong == 0
}

/// Whether every proof is accepted and every damaged one refused.
pub(crate) fn run_proofs() -> bool {
    let started = Instant::now();
    let tally = on_every_processor(PROOF_COUNT, |numbers| damage_proofs(numbers, DAMAGE_COUNT));
    let seconds = started.elapsed().as_secs();
    println!("{} proofs, {} damaged proofs; {seconds} s", tally.proofs, tally.damaged);
    println!("proofs refused, or damaged ones accepted: {}", tally.wrong);
    tally.wrong == 0
}

/// The work on the numbers from 1 to `count`, shared out.
fn on_every_processor(count: u64, work: impl Fn(std::ops::RangeInclusive<u64>) -> Tally + Sync) -> Tally {
    let shares = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let share = |which: u64| (count * which / shares + 1)..=(count * (which + 1) / shares);
    std::thread::scope(|scope| {
        let work = &work;
        let running: Vec<_> = (0..shares).map(|which| scope.spawn(move || work(share(which)))).collect();
        running.into_iter().fold(Tally::default(), |total, share| {
            let found = share.join().expect("a share of the work ends");
            Tally {
                programs: total.programs + found.programs,
                claims: total.claims + found.claims,
                settled: total.settled + found.settled,
                by_cases: total.by_cases + found.by_cases,
                proofs: total.proofs + found.proofs,
                damaged: total.damaged + found.damaged,
                wrong: total.wrong + found.wrong,
            }
        })
    })
}
