//! A rule's body matched again with the rows of a model, with premises of smaller height alone: how a derivation is found.

use std::collections::BTreeMap;

use super::core_rule::{CoreAtom, CoreExpression, CoreLiteral, CoreRule, CoreTerm};
use super::index::{Index, Part};
use super::program::Comparison;
use super::theory::Theory;
use super::value::{Code, Value};

/// Looks rows up by any columns; makes the indexes that this takes.
pub(crate) struct Lookups<'t> {
    pub(crate) theory: &'t Theory,
    indexes: BTreeMap<(usize, Vec<usize>), Index>,
}

/// One way in which a body holds.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    pub(crate) registers: Vec<Option<Code>>,
    /// For each condition that is an atom and holds, the row.
    pub(crate) rows: Vec<Option<Vec<Code>>>,
}

/// What premises may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    /// Every row of the model.
    None,
    /// Of relations of this component, rows below this height; every row of the others.
    Below { component: usize, height: u32 },
}

impl<'t> Lookups<'t> {
    pub(crate) fn new(theory: &'t Theory) -> Self {
        Self { theory, indexes: BTreeMap::new() }
    }

    /// The first ways in which the body of a rule holds while its head is this row.
    ///
    /// Their order depends on the model alone, not on how it was reached: rows are tried in the order of their values.
    pub(crate) fn matches(&mut self, rule: &CoreRule, head: &[Code], limit: Limit, count_max: usize) -> Vec<Match> {
        let mut search = Search {
            lookups: self,
            rule,
            limit,
            count_max,
            registers: vec![None; rule.variable_count],
            rows: vec![None; rule.body.len()],
            is_done: vec![false; rule.body.len()],
            found: Vec::new(),
        };
        if search.unify(&rule.head, head) {
            search.run(rule.body.len());
        }
        search.found
    }

    /// The rows of a relation with these codes in these columns (ascending), in the order of their values.
    pub(crate) fn rows(&mut self, relation: usize, columns: &[usize], key: &[Code]) -> Vec<Vec<Code>> {
        let known = self.theory.relation(relation);
        let width = known.rows.width();
        let mut rows = Vec::new();
        if columns.len() == width {
            rows.extend(known.rows.find(key).map(|_| key.to_vec()));
            return rows;
        }
        let index = self.indexes.entry((relation, columns.to_vec())).or_insert_with(|| {
            let mut index = Index::new(width, columns);
            index.extend(&known.rows);
            index
        });
        for entry in index.entries(key, Part::All).chunks_exact(width - columns.len()) {
            let mut row = vec![0; width];
            columns.iter().zip(key).for_each(|(column, code)| row[*column] = *code);
            index.rest().iter().zip(entry).for_each(|(column, code)| row[*column] = *code);
            rows.push(row);
        }
        rows.sort_by_cached_key(|row| self.theory.values(relation, row));
        rows
    }

    /// The height of a row that holds: 0 for a fact.
    pub(crate) fn height(&self, relation: usize, row: &[Code]) -> Option<u32> {
        let known = self.theory.relation(relation);
        known.rows.find(row).map(|number| known.origin(number).map_or(0, |run| run.round))
    }
}

struct Search<'s, 't> {
    lookups: &'s mut Lookups<'t>,
    rule: &'s CoreRule,
    limit: Limit,
    count_max: usize,
    registers: Vec<Option<Code>>,
    rows: Vec<Option<Vec<Code>>>,
    is_done: Vec<bool>,
    found: Vec<Match>,
}

impl Search<'_, '_> {
    /// Tries the conditions that are not done, `left` in number.
    fn run(&mut self, left: usize) {
        if self.found.len() >= self.count_max {
            return;
        }
        let Some(place) = self.next() else {
            // What is left cannot be tried: not a rule that was checked.
            if left == 0 {
                self.found.push(Match { registers: self.registers.clone(), rows: self.rows.clone() });
            }
            return;
        };
        self.is_done[place] = true;
        let rule = self.rule;
        match &rule.body[place] {
            CoreLiteral::Holds(atom) => self.try_rows(atom, place, left),
            CoreLiteral::HoldsOrZero(atom) => {
                let (result, group) =
                    atom.terms.split_last().map_or((CoreTerm::Any, &[][..]), |(last, rest)| (*last, rest));
                let key: Vec<Code> = group.iter().filter_map(|term| self.value(*term)).collect();
                let columns: Vec<usize> = (0..group.len()).collect();
                let row = self.lookups.rows(atom.relation, &columns, &key).into_iter().next();
                let total = row.as_ref().and_then(|row| row.last().copied()).unwrap_or(0);
                self.rows[place] = row;
                self.with(result, total, left);
            }
            CoreLiteral::Let(variable, expression) => {
                if let Some(code) = self.code(expression) {
                    self.with(CoreTerm::Variable(*variable), code, left);
                }
            }
            CoreLiteral::Absent(atom) => {
                if self.candidates(atom).is_empty() {
                    self.run(left - 1);
                }
            }
            CoreLiteral::Compare(left_side, comparison, right_side) => {
                let is_so = self.compares(left_side, *comparison, right_side);
                if is_so {
                    self.run(left - 1);
                }
            }
        }
        self.rows[place] = None;
        self.is_done[place] = false;
    }

    /// The condition that comes next: tests as early as they can, then the atom with the fewest rows.
    fn next(&self) -> Option<usize> {
        let waiting = || (0..self.rule.body.len()).filter(|place| !self.is_done[*place]);
        let rows = |place: usize| match &self.rule.body[place] {
            CoreLiteral::Holds(atom) => {
                let (columns, _) = self.bound(atom);
                Some((self.lookups.theory.relation(atom.relation).rows_per_key(&columns), place))
            }
            _ => None,
        };
        let test = waiting().find(|place| self.is_test(*place));
        test.or_else(|| waiting().filter_map(rows).min().map(|(_, place)| place))
    }

    fn is_test(&self, place: usize) -> bool {
        let is_bound = |variable: usize| self.registers[variable].is_some();
        let all_bound = |expression: &CoreExpression| {
            let mut all = true;
            expression.variables(&mut |variable| all &= is_bound(variable));
            all
        };
        match &self.rule.body[place] {
            CoreLiteral::Holds(atom) => atom.terms.iter().all(|term| self.value(*term).is_some()),
            CoreLiteral::Absent(atom) => atom.variables().all(is_bound),
            CoreLiteral::HoldsOrZero(atom) => atom.variables().take(atom.terms.len() - 1).all(is_bound),
            CoreLiteral::Compare(left, _, right) => all_bound(left) && all_bound(right),
            CoreLiteral::Let(_, expression) => all_bound(expression),
        }
    }

    fn try_rows(&mut self, atom: &CoreAtom, place: usize, left: usize) {
        // Rows that differ only where the atom is open are one choice: the first of them stands for all.
        let mut by_choice: BTreeMap<Vec<Value>, Vec<Code>> = BTreeMap::new();
        for row in self.candidates(atom) {
            let before = self.registers.clone();
            if self.is_within_limit(atom.relation, &row) && self.unify(atom, &row) {
                let choice: Vec<Code> = atom.variables().filter_map(|variable| self.registers[variable]).collect();
                let columns = (0..row.len()).filter(|column| atom.terms[*column].variable().is_some());
                let choice = columns.zip(choice);
                let theory = self.lookups.theory;
                let types = theory.types(atom.relation);
                let values = choice.map(|(column, code)| theory.value(code, types[column])).collect();
                by_choice.entry(values).or_insert(row);
            }
            self.registers = before;
        }
        for row in by_choice.into_values() {
            let before = self.registers.clone();
            if self.unify(atom, &row) {
                self.rows[place] = Some(row);
                self.run(left - 1);
            }
            self.registers = before;
            if self.found.len() >= self.count_max {
                return;
            }
        }
    }

    /// Goes on with a term bound to a code, if it is not another.
    fn with(&mut self, term: CoreTerm, code: Code, left: usize) {
        match (term, self.value(term)) {
            (_, Some(known)) if known != code => {}
            (CoreTerm::Variable(variable), None) => {
                self.registers[variable] = Some(code);
                self.run(left - 1);
                self.registers[variable] = None;
            }
            _ => self.run(left - 1),
        }
    }

    fn candidates(&mut self, atom: &CoreAtom) -> Vec<Vec<Code>> {
        let (columns, key) = self.bound(atom);
        self.lookups.rows(atom.relation, &columns, &key)
    }

    /// The columns whose values are known, and the values.
    fn bound(&self, atom: &CoreAtom) -> (Vec<usize>, Vec<Code>) {
        atom.terms.iter().enumerate().filter_map(|(column, term)| Some((column, self.value(*term)?))).unzip()
    }

    fn is_within_limit(&self, relation: usize, row: &[Code]) -> bool {
        match self.limit {
            Limit::Below { component, height } if self.lookups.theory.component_of(relation) == component => {
                self.lookups.height(relation, row).is_some_and(|found| found < height)
            }
            Limit::None | Limit::Below { .. } => true,
        }
    }

    /// Binds the variables of an atom to a row; whether it fits. Some may be bound even where it does not.
    fn unify(&mut self, atom: &CoreAtom, row: &[Code]) -> bool {
        atom.terms.iter().zip(row).all(|(term, code)| match (*term, self.value(*term)) {
            (CoreTerm::Any, _) => true,
            (CoreTerm::Variable(variable), None) => {
                self.registers[variable] = Some(*code);
                true
            }
            (_, known) => known == Some(*code),
        })
    }

    fn value(&self, term: CoreTerm) -> Option<Code> {
        match term {
            CoreTerm::Variable(variable) => self.registers[variable],
            CoreTerm::Code(code) => Some(code),
            CoreTerm::Any => None,
        }
    }

    fn compares(&self, left: &CoreExpression, comparison: Comparison, right: &CoreExpression) -> bool {
        if let (CoreExpression::Term(left), CoreExpression::Term(right)) = (left, right) {
            // Symbols too: equal values have equal codes.
            match comparison {
                Comparison::Equal => return self.value(*left) == self.value(*right),
                Comparison::NotEqual => return self.value(*left) != self.value(*right),
                _ => {}
            }
        }
        let numbers = self.evaluated(left).zip(self.evaluated(right));
        numbers.is_some_and(|(left, right)| comparison.accepts(left.cmp(&right)))
    }

    /// `None` where a number is too large, which no rule that holds computes.
    fn evaluated(&self, expression: &CoreExpression) -> Option<i128> {
        match expression {
            CoreExpression::Term(term) => Some(self.lookups.theory.numbers().number(self.value(*term)?)),
            CoreExpression::Add(left, right) => self.evaluated(left)?.checked_add(self.evaluated(right)?),
            CoreExpression::Subtract(left, right) => self.evaluated(left)?.checked_sub(self.evaluated(right)?),
            CoreExpression::Multiply(left, right) => self.evaluated(left)?.checked_mul(self.evaluated(right)?),
        }
    }

    fn code(&self, expression: &CoreExpression) -> Option<Code> {
        match expression {
            CoreExpression::Term(term) => self.value(*term),
            computed => self.lookups.theory.numbers().known_code(self.evaluated(computed)?),
        }
    }
}
