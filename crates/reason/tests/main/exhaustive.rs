//! Random programs against every completion of their cases, and damaged proofs against the checker.

use grounds_core::{Case, Justification, Program, Proof, Rational, Status, Value};
use grounds_reason::{Evaluation, RuleFile, by_cases, compile, evaluate};

use crate::law::TestLaw;
use crate::random::{Tape, completions};

/// How many yes-or-no facts of a case are unknown at most: 32 completions.
const UNKNOWN_COUNT_MAX: usize = 5;

/// What was compared, and how often it was not as it should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Programs with a case all of whose completions evaluate.
    pub(crate) programs: usize,
    /// Claims compared with all completions.
    pub(crate) claims: usize,
    /// Of them, those that the evaluation settles.
    pub(crate) settled: usize,
    /// Those that only taking cases apart settles.
    pub(crate) by_cases: usize,
    /// Proofs, or damaged proofs, put to the checker.
    pub(crate) proofs: usize,
    pub(crate) damaged: usize,
    /// What should not be: a settled claim that some completion contradicts, cases that agree where completions do not or the reverse, a
    /// proof refused, a damaged proof accepted.
    pub(crate) wrong: usize,
}

/// Marsaglia's xorshift: the same programs in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from((self.next() >> 16) % limit.max(1) as u64).expect("below a usize")
    }
}

/// The program and case with this number; the case leaves some yes-or-no facts unknown, and no others.
fn nth(number: u64) -> (Program, Case) {
    let mut random = Random(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let bytes: Vec<u8> = (0..400).map(|_| random.next().to_le_bytes()[3]).collect();
    let mut tape = Tape { bytes: &bytes, position: 0, names: 0 };
    let source = tape.program();
    let compiled = compile(&[RuleFile { name: "random.rules", source: &source }], &TestLaw);
    let program = compiled.unwrap_or_else(|mistakes| panic!("{}\n{source}", mistakes[0])).program;
    let case = tape.case(&program);
    let case = tape.complete_but(case, &program, UNKNOWN_COUNT_MAX);
    (program, case)
}

/// Compares the programs with these numbers with every completion of their cases.
pub(crate) fn compare_completions(numbers: impl Iterator<Item = u64>) -> Tally {
    let mut tally = Tally::default();
    for number in numbers {
        let (program, case) = nth(number);
        let Ok(evaluation) = evaluate(&program, &case) else { continue };
        let completed: Result<Vec<Evaluation>, _> =
            completions(&program, &case).iter().map(|case| evaluate(&program, case)).collect();
        // An evaluation that cannot keep a number exactly says nothing; it is compared with nothing.
        let Ok(completed) = completed else { continue };
        tally.programs += 1;
        for judgement in evaluation.claims() {
            let (predicate, arguments) = (judgement.predicate.as_str(), judgement.arguments.as_slice());
            let all = || completed.iter().map(|other| other.status(predicate, arguments));
            let agreed = completed[0].status(predicate, arguments).filter(|first| all().all(|it| it == Some(*first)));
            let settled = matches!(judgement.status, Status::Holds(_) | Status::DoesNotHold);
            let split = match settled {
                true => Some(judgement.status.clone()),
                false => by_cases(&program, &case, predicate, arguments).expect("all completions evaluate").status,
            };
            tally.claims += 1;
            tally.settled += usize::from(settled);
            tally.by_cases += usize::from(!settled && split.is_some());
            if split.as_ref() != agreed {
                tally.wrong += 1;
            }
        }
    }
    tally
}

/// Puts the proofs of the programs with these numbers to the checker, and each `damage_count` times with one thing changed.
pub(crate) fn damage_proofs(numbers: impl Iterator<Item = u64>, damage_count: usize) -> Tally {
    let mut tally = Tally::default();
    for number in numbers {
        let (program, case) = nth(number);
        let Ok(evaluation) = evaluate(&program, &case) else { continue };
        let proof = evaluation.proof();
        tally.programs += 1;
        tally.proofs += 1;
        tally.wrong += usize::from(grounds_proof::check(&program, &case, &proof).is_err());
        let mut random = Random(number.wrapping_mul(0x2545_F491_4F6C_DD1D) | 1);
        let mut left = damage_count;
        while left > 0 {
            let Some(damaged) = damage(&proof, &mut random) else { continue };
            left -= 1;
            tally.damaged += 1;
            tally.wrong += usize::from(grounds_proof::check(&program, &case, &damaged).is_ok());
        }
    }
    tally
}

/// The proof with one thing changed; `None` where the change changed nothing.
fn damage(proof: &Proof, random: &mut Random) -> Option<Proof> {
    let mut damaged = proof.clone();
    let count = proof.nodes.len();
    let other = random.below(count);
    let node = &mut damaged.nodes[random.below(count)];
    match (random.below(9), &mut node.by) {
        (0, _) => node.judgement.status = proof.nodes[other].judgement.status.clone(),
        (1, _) => match &mut node.judgement.status {
            Status::Holds(Value::Number(number)) => {
                *number = Rational::new(number.numerator().checked_add(1)?, number.denominator()).ok()?;
            }
            Status::Holds(Value::Bool(yes)) => *yes = !*yes,
            status => {
                let all = [Status::DoesNotHold, Status::Undetermined, Status::Conflict];
                *status = all[random.below(all.len())].clone();
            }
        },
        (2, Justification::Rules { premises, .. }) if !premises.is_empty() => {
            premises.remove(random.below(premises.len()));
        }
        (3, Justification::Rules { premises, .. }) => premises.push(random.below(count + 1)),
        (4, Justification::Rules { premises, .. }) if premises.len() > 1 => {
            let (one, another) = (random.below(premises.len()), random.below(premises.len()));
            premises.swap(one, another);
        }
        (5, Justification::Rules { deciding, .. }) => match deciding.pop() {
            Some(_) => {}
            None => deciding.push("r0-0".to_owned()),
        },
        (6, Justification::Given { facts }) => facts.push(random.below(4)),
        (7, by) => *by = proof.nodes[other].by.clone(),
        (8, _) => node.judgement.arguments = proof.nodes[other].judgement.arguments.clone(),
        _ => return None,
    }
    (damaged != *proof).then_some(damaged)
}
