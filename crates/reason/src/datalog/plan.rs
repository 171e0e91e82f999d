//! How a rule is evaluated: an order of its conditions, and an index for each look-up.

use super::core_rule::{CoreAtom, CoreExpression, CoreLiteral, CoreRule, CoreTerm};
use super::index::Part;
use super::program::Comparison;
use super::relation::Relation;
use super::value::Code;

/// A rule as a nest of loops.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) rule: u32,
    pub(crate) head_relation: usize,
    pub(crate) head: Vec<Source>,
    pub(crate) steps: Vec<Step>,
    pub(crate) register_count: usize,
    /// What the indexes that were made for it take.
    pub(crate) index_bytes: usize,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Register(usize),
    Code(Code),
}

/// What is done with a cell of a row that was found. Cells that are not needed are not named.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    pub(crate) place: usize,
    pub(crate) action: Action,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Bind(usize),
    Check(Source),
}

/// One loop, or one test.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Every row that came in the last round.
    Recent {
        relation: usize,
        cells: Vec<Cell>,
    },
    /// Every row.
    Scan {
        relation: usize,
        part: Part,
        cells: Vec<Cell>,
    },
    /// Every row with this key.
    Probe {
        relation: usize,
        index: usize,
        key: Vec<Source>,
        part: Part,
        cells: Vec<Cell>,
    },
    /// The look-up that finds fewer rows for what is bound now, then the steps planned for it.
    Fewer {
        lookups: Vec<Lookup>,
    },
    /// Whether some row has this key.
    Exists {
        relation: usize,
        index: usize,
        key: Vec<Source>,
        part: Part,
    },
    /// Whether there is this row.
    Contains {
        relation: usize,
        row: Vec<Source>,
        part: Part,
    },
    /// Whether this row is absent.
    Absent {
        relation: usize,
        row: Vec<Source>,
    },
    /// Whether no row has this key.
    NoneExists {
        relation: usize,
        index: usize,
        key: Vec<Source>,
    },
    /// Whether there is any row.
    Any {
        relation: usize,
        part: Part,
        is_wanted: bool,
    },
    /// The one result of this group, or zero.
    OrZero {
        relation: usize,
        index: usize,
        key: Vec<Source>,
        result: Action,
    },
    Compare {
        left: CoreExpression,
        comparison: Comparison,
        right: CoreExpression,
    },
    Let {
        result: Action,
        expression: CoreExpression,
    },
}

/// One of several ways to go on.
#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    pub(crate) relation: usize,
    pub(crate) index: usize,
    pub(crate) key: Vec<Source>,
    pub(crate) part: Part,
    /// The look-up itself, and all that comes after it.
    pub(crate) steps: Vec<Step>,
}

/// A plan has at most so many ways through it.
const WAY_COUNT_MAX: usize = 4;
/// Rows of a relation that still grows: larger than any that is known.
const GROWING_ROWS: u64 = 1 << 24;
/// Rows of such a relation for one value in one column, and for values in more.
const GROWING_ROWS_PER_VALUE: u64 = 64;
const GROWING_ROWS_PER_VALUES: u64 = 8;

/// Plans a rule. `recent` is the condition that sees only what came in the last round; `is_growing` tells which relations are
/// evaluated together with the head.
///
/// The order is greedy: what only tests comes as early as it can; of the other conditions the one with the fewest rows for what is bound
/// comes next, by the relations' sizes now, and of equals the smaller relation. Where another condition binds the same variables, the
/// choice is left to the evaluation, which knows how many rows each has. Indexes are made where they are missing.
pub(crate) fn plan(
    rule: &CoreRule,
    recent: Option<usize>,
    is_growing: &dyn Fn(usize) -> bool,
    relations: &mut [Relation],
) -> Plan {
    let mut planner = Planner {
        rule,
        recent,
        is_growing,
        relations,
        is_bound: vec![false; rule.variable_count],
        is_done: vec![false; rule.body.len()],
        index_bytes: 0,
    };
    let mut steps: Vec<Step> = recent.map(|place| planner.take(place)).into_iter().collect();
    steps.append(&mut planner.steps(WAY_COUNT_MAX));
    let index_bytes = planner.index_bytes;
    let head = rule.head.terms.iter().map(|term| source(*term)).collect();
    let (number, head_relation, register_count) = (rule.number, rule.head.relation, rule.variable_count);
    Plan { rule: number, head_relation, head, steps, register_count, index_bytes }
}

struct Planner<'p> {
    rule: &'p CoreRule,
    recent: Option<usize>,
    is_growing: &'p dyn Fn(usize) -> bool,
    relations: &'p mut [Relation],
    is_bound: Vec<bool>,
    is_done: Vec<bool>,
    index_bytes: usize,
}

impl Planner<'_> {
    /// The steps for all conditions that are not done, with at most so many ways through them.
    fn steps(&mut self, way_count_max: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        while let Some(next) = self.next() {
            let Some(rival) = (way_count_max > 1).then(|| self.rival(next)).flatten() else {
                steps.push(self.take(next));
                continue;
            };
            let before = (self.is_bound.clone(), self.is_done.clone());
            let mut lookups = Vec::new();
            for place in [next, rival] {
                (self.is_bound, self.is_done) = before.clone();
                let first = self.take(place);
                if let Step::Probe { relation, index, key, part, .. } = &first {
                    let (relation, index, key, part) = (*relation, *index, key.clone(), *part);
                    let mut steps = vec![first];
                    steps.append(&mut self.steps(way_count_max / 2));
                    lookups.push(Lookup { relation, index, key, part, steps });
                }
            }
            steps.push(Step::Fewer { lookups });
            break;
        }
        steps
    }

    /// Another condition that is looked up by what is bound, and binds a variable that this one binds.
    fn rival(&self, place: usize) -> Option<usize> {
        let CoreLiteral::Holds(atom) = &self.rule.body[place] else { return None };
        let binds = |atom: &CoreAtom, variable: usize| {
            !self.is_bound[variable] && atom.variables().any(|other| other == variable)
        };
        let is_looked_up = |atom: &CoreAtom| !self.bound_columns(atom).is_empty();
        let competes = |other: &usize| match &self.rule.body[*other] {
            CoreLiteral::Holds(other) => is_looked_up(other) && other.variables().any(|variable| binds(atom, variable)),
            _ => false,
        };
        let waiting = (0..self.rule.body.len()).filter(|other| *other != place && !self.is_done[*other]);
        let rivals = waiting.filter(competes).filter_map(|other| Some((self.cost(other)?, other)));
        rivals.min().map(|(_, other)| other).filter(|_| is_looked_up(atom))
    }

    /// The condition that comes next.
    fn next(&self) -> Option<usize> {
        let waiting = || (0..self.rule.body.len()).filter(|place| !self.is_done[*place]);
        let test = waiting().find(|place| self.is_test(*place));
        test.or_else(|| waiting().filter_map(|place| Some((self.cost(place)?, place))).min().map(|(_, place)| place))
    }

    fn is_test(&self, place: usize) -> bool {
        let is_bound = |variable: usize| self.is_bound[variable];
        let all_bound = |expression: &CoreExpression| {
            let mut all = true;
            expression.variables(&mut |variable| all &= is_bound(variable));
            all
        };
        match &self.rule.body[place] {
            CoreLiteral::Holds(_) => false,
            CoreLiteral::Absent(atom) => atom.variables().all(is_bound),
            CoreLiteral::HoldsOrZero(atom) => {
                let group = &atom.terms[..atom.terms.len() - 1];
                group.iter().filter_map(|term| term.variable()).all(is_bound)
            }
            CoreLiteral::Compare(left, _, right) => all_bound(left) && all_bound(right),
            CoreLiteral::Let(_, expression) => all_bound(expression),
        }
    }

    /// About how many rows a condition finds for what is bound, and of how many; `None` for what does not find rows.
    fn cost(&self, place: usize) -> Option<(u64, u64)> {
        let CoreLiteral::Holds(atom) = &self.rule.body[place] else { return None };
        let bound = self.bound_columns(atom);
        let finds_nothing_new =
            (0..atom.terms.len()).all(|column| bound.contains(&column) || atom.terms[column] == CoreTerm::Any);
        let is_growing = (self.is_growing)(atom.relation);
        let relation = &self.relations[atom.relation];
        let size = if is_growing { GROWING_ROWS } else { relation.rows.len().into() };
        let found = match (finds_nothing_new, is_growing, bound.len()) {
            (true, ..) => 0,
            (_, true, 0) => GROWING_ROWS,
            (_, true, 1) => GROWING_ROWS_PER_VALUE,
            (_, true, _) => GROWING_ROWS_PER_VALUES,
            (_, false, _) => relation.rows_per_key(&bound),
        };
        Some((found, size))
    }

    fn bound_columns(&self, atom: &CoreAtom) -> Vec<usize> {
        let is_bound = |term: &CoreTerm| match term {
            CoreTerm::Variable(variable) => self.is_bound[*variable],
            CoreTerm::Code(_) => true,
            CoreTerm::Any => false,
        };
        (0..atom.terms.len()).filter(|column| is_bound(&atom.terms[*column])).collect()
    }

    fn take(&mut self, place: usize) -> Step {
        self.is_done[place] = true;
        let rule = self.rule;
        match &rule.body[place] {
            CoreLiteral::Holds(atom) => self.holds(atom, place),
            CoreLiteral::Absent(atom) => self.absent(atom),
            CoreLiteral::HoldsOrZero(atom) => {
                let (group, result) = atom.terms.split_at(atom.terms.len() - 1);
                let columns: Vec<usize> = (0..group.len()).collect();
                let index = self.index(atom.relation, &columns);
                let key = group.iter().map(|term| source(*term)).collect();
                let result = self.action(result[0]);
                Step::OrZero { relation: atom.relation, index, key, result }
            }
            CoreLiteral::Compare(left, comparison, right) => {
                Step::Compare { left: left.clone(), comparison: *comparison, right: right.clone() }
            }
            CoreLiteral::Let(variable, expression) => {
                Step::Let { result: self.action(CoreTerm::Variable(*variable)), expression: expression.clone() }
            }
        }
    }

    fn holds(&mut self, atom: &CoreAtom, place: usize) -> Step {
        let relation = atom.relation;
        let columns = self.bound_columns(atom);
        if self.recent == Some(place) {
            let cells = self.cells(atom, &(0..atom.terms.len()).collect::<Vec<_>>());
            return Step::Recent { relation, cells };
        }
        // A choice of several recent rows is found once, by the plan for the first of them: what stands before sees old rows only.
        let is_earlier = self.recent.is_some_and(|recent| place < recent);
        let part = if is_earlier && (self.is_growing)(relation) { Part::Old } else { Part::All };
        if columns.len() == atom.terms.len() {
            let row = atom.terms.iter().map(|term| source(*term)).collect();
            return Step::Contains { relation, row, part };
        }
        let rest: Vec<usize> = (0..atom.terms.len()).filter(|column| !columns.contains(column)).collect();
        let cells = self.cells(atom, &rest);
        let key: Vec<Source> = columns.iter().map(|column| source(atom.terms[*column])).collect();
        match (key.is_empty(), cells.is_empty()) {
            (true, true) => Step::Any { relation, part, is_wanted: true },
            (true, false) => Step::Scan { relation, part, cells },
            (false, true) => Step::Exists { relation, index: self.index(relation, &columns), key, part },
            (false, false) => Step::Probe { relation, index: self.index(relation, &columns), key, part, cells },
        }
    }

    fn index(&mut self, relation: usize, columns: &[usize]) -> usize {
        let relation = &mut self.relations[relation];
        let before = relation.bytes();
        let place = relation.index(columns);
        self.index_bytes += relation.bytes() - before;
        place
    }

    fn absent(&mut self, atom: &CoreAtom) -> Step {
        let relation = atom.relation;
        let columns = self.bound_columns(atom);
        let key: Vec<Source> = columns.iter().map(|column| source(atom.terms[*column])).collect();
        if columns.len() == atom.terms.len() {
            Step::Absent { relation, row: key }
        } else if columns.is_empty() {
            Step::Any { relation, part: Part::All, is_wanted: false }
        } else {
            Step::NoneExists { relation, index: self.index(relation, &columns), key }
        }
    }

    /// What to do with these columns of a row, by their places among them.
    fn cells(&mut self, atom: &CoreAtom, columns: &[usize]) -> Vec<Cell> {
        let mut cells = Vec::new();
        for (place, column) in columns.iter().enumerate() {
            match atom.terms[*column] {
                CoreTerm::Any => {}
                term => cells.push(Cell { place, action: self.action(term) }),
            }
        }
        cells
    }

    fn action(&mut self, term: CoreTerm) -> Action {
        match term {
            CoreTerm::Variable(variable) if !self.is_bound[variable] => {
                self.is_bound[variable] = true;
                Action::Bind(variable)
            }
            term => Action::Check(source(term)),
        }
    }
}

/// Where the value of a bound term comes from.
fn source(term: CoreTerm) -> Source {
    match term {
        CoreTerm::Variable(variable) => Source::Register(variable),
        CoreTerm::Code(code) => Source::Code(code),
        // Rules are checked: an open place is never read.
        CoreTerm::Any => Source::Code(Code::MAX),
    }
}
