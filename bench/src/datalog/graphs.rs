//! The facts of the four programs, by whole-number arithmetic alone: the same on every machine.

/// How many facts each program has.
pub(crate) const FACT_COUNT: usize = 1_000_000;

/// Facts of one relation, row after row.
pub(crate) struct Facts {
    /// The relation.
    pub(crate) name: &'static str,
    /// How many columns it has.
    pub(crate) width: usize,
    pub(crate) cells: Vec<u32>,
}

/// Numbers that look random (SplitMix64, by Steele, Lea and Flood).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % u64::from(end)) as u32
    }
}

/// The facts of a program, by its name.
pub(crate) fn facts(program: &str) -> Vec<Facts> {
    match program {
        "closure" => closure(),
        "generation" => generation(),
        "pointer" => pointer(),
        _ => control(),
    }
}

/// A sparse random graph: five edges for eight nodes, so that what is reached stays small.
fn closure() -> Vec<Facts> {
    let mut random = Random(1);
    let node_count = (FACT_COUNT / 5 * 8) as u32;
    let cells = (0..FACT_COUNT * 2).map(|_| random.below(node_count)).collect();
    vec![Facts { name: "edge", width: 2, cells }]
}

/// Families of four generations with two children each: child, parent.
fn generation() -> Vec<Facts> {
    let mut cells = Vec::with_capacity(FACT_COUNT * 2);
    for family in 0..(FACT_COUNT as u32).div_ceil(14) {
        for member in 1..15 {
            cells.extend([family * 15 + member, family * 15 + (member - 1) / 2]);
        }
    }
    cells.truncate(FACT_COUNT * 2);
    vec![Facts { name: "parent", width: 2, cells }]
}

/// Statements of many small functions of 60 variables and 4 fields each, a few of which name a variable of another function.
fn pointer() -> Vec<Facts> {
    const VARIABLES: u32 = 60;
    let mut random = Random(2);
    let function_count = (FACT_COUNT / 80) as u32;
    let mut statements: [Vec<u32>; 4] = Default::default();
    for function in 0..function_count {
        let variable = |random: &mut Random| function * VARIABLES + random.below(VARIABLES);
        for object in 0..16 {
            statements[0].extend([variable(&mut random), function * 16 + object]);
        }
        for statement in 0..40 {
            let from = if statement == 0 { random.below(function_count * VARIABLES) } else { variable(&mut random) };
            statements[1].extend([variable(&mut random), from]);
        }
        for _ in 0..12 {
            statements[2].extend([variable(&mut random), variable(&mut random), function * 4 + random.below(4)]);
            statements[3].extend([variable(&mut random), function * 4 + random.below(4), variable(&mut random)]);
        }
    }
    let names = [("new", 2), ("assign", 2), ("load", 3), ("store", 3)];
    names.into_iter().zip(statements).map(|((name, width), cells)| Facts { name, width, cells }).collect()
}

/// Companies with three owners out of the few hundred before them, whose shares, in hundredths, come to a hundred: owner, company, share.
fn control() -> Vec<Facts> {
    let mut random = Random(3);
    let mut cells = Vec::with_capacity(FACT_COUNT * 3);
    for company in 0..(FACT_COUNT / 3) as u32 {
        let first = 20 + random.below(60);
        let second = 1 + random.below(99 - first);
        for share in [first, second, 100 - first - second] {
            let before = 1 + random.below(40);
            let owner = if company % 400 < before { company + 5_000_000 } else { company - before };
            cells.extend([owner, company, share]);
        }
    }
    vec![Facts { name: "owns", width: 3, cells }]
}
