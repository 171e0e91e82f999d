//! What follows from a theory.

use super::error::DatalogError;
use super::program::RelationId;
use super::relation::{Relation, Run};
use super::theory::Theory;
use super::value::{Code, Value};

/// All that follows from a theory: the rows of every relation, facts included, and where each comes from.
///
/// What it says depends on the program and the set of facts alone; rows are given in ascending order.
#[derive(Clone, Copy, Debug)]
pub struct Model<'t> {
    pub(crate) theory: &'t Theory,
}

/// Where a row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// It was put in. It may follow from rules too.
    Fact,
    /// It follows.
    Derived {
        /// The number of the rule: of those that derive it at this height the lowest.
        rule: usize,
        /// How many rounds it takes within the relations that are derived together: the least height of a derivation, counted from
        /// the relations that are complete before. Of the rows it rests on, those of the same recursion have less.
        height: u32,
    },
}

impl<'t> Model<'t> {
    /// How many rows a relation has, facts included; 0 for a relation that there is not. Cost: none.
    pub fn count(&self, relation: RelationId) -> usize {
        self.known(relation).map_or(0, |relation| relation.rows.len() as usize)
    }

    /// How many rows of all declared relations follow and are no facts.
    pub fn derived_count(&self) -> usize {
        let count = self.theory.program().relations.len();
        self.theory.relations()[..count].iter().map(Relation::derived_count).sum()
    }

    /// The rows of a relation, ascending. Cost: a copy and a sort of the relation.
    pub fn rows(&self, relation: RelationId) -> Vec<Vec<Value>> {
        let Some(known) = self.known(relation) else { return Vec::new() };
        let mut rows: Vec<Vec<Value>> =
            (0..known.rows.len()).map(|number| self.values(relation.0, known.rows.row(number))).collect();
        rows.sort_unstable();
        rows
    }

    /// Whether a row holds. Cost: one look-up.
    ///
    /// # Errors
    /// The row does not fit the relation. The caller can act on it.
    pub fn contains(&self, relation: RelationId, row: &[Value]) -> Result<bool, DatalogError> {
        self.theory.check_row(relation, row)?;
        Ok(self.theory.codes(row).is_some_and(|codes| self.theory.relation(relation.0).rows.find(&codes).is_some()))
    }

    /// Where a row comes from; `None` if it does not hold. Cost: one look-up, and a search among the rounds.
    ///
    /// # Errors
    /// The row does not fit the relation. The caller can act on it.
    pub fn origin(&self, relation: RelationId, row: &[Value]) -> Result<Option<Origin>, DatalogError> {
        self.theory.check_row(relation, row)?;
        let known = self.theory.relation(relation.0);
        let number = self.theory.codes(row).and_then(|codes| known.rows.find(&codes));
        let derived = |run: Run| Origin::Derived { rule: run.rule as usize, height: run.round };
        Ok(number.and_then(|number| match number < known.fact_count {
            true => Some(Origin::Fact),
            false => known.origin(number).map(derived),
        }))
    }

    /// The bytes that rows and indexes take.
    pub fn memory_bytes(&self) -> usize {
        self.theory.numbers().bytes() + self.theory.relations().iter().map(Relation::bytes).sum::<usize>()
    }

    fn known(&self, relation: RelationId) -> Option<&'t Relation> {
        (relation.0 < self.theory.program().relations.len()).then(|| self.theory.relation(relation.0))
    }

    pub(crate) fn values(&self, relation: usize, codes: &[Code]) -> Vec<Value> {
        self.theory.values(relation, codes)
    }
}
