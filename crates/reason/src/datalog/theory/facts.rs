//! Facts are put in and taken back.

use std::collections::BTreeSet;

use super::Theory;
use crate::datalog::budget::ROW_COUNT_MAX;
use crate::datalog::error::DatalogError;
use crate::datalog::program::RelationId;
use crate::datalog::relation::Relation;
use crate::datalog::types::check_symbol;
use crate::datalog::value::{Code, ColumnType, Value};

impl Theory {
    /// Adds a fact; whether it is new.
    ///
    /// # Errors
    /// The row does not fit the relation. The caller can act on it.
    pub fn insert(&mut self, relation: RelationId, row: &[Value]) -> Result<bool, DatalogError> {
        let mut codes = Vec::with_capacity(row.len());
        self.check_row(relation, row)?;
        for value in row {
            codes.push(match value {
                Value::Symbol(symbol) => *symbol,
                Value::Number(number) => {
                    let too_many = || DatalogError::Overflow { rule: "a fact".to_owned() };
                    self.numbers.code(*number).ok_or_else(too_many)?
                }
            });
        }
        self.check_room(relation, 1)?;
        Ok(self.insert_codes(relation.0, &codes))
    }

    /// Adds facts of a relation of symbols alone, row after row.
    ///
    /// # Errors
    /// The relation has a column of another type, or the cells are no whole number of rows. Nothing is added then.
    pub fn insert_symbols(&mut self, relation: RelationId, cells: &[u32]) -> Result<(), DatalogError> {
        let columns = self.columns(relation)?;
        let width = columns.len();
        if let Some(found) = columns.iter().find(|column| **column != ColumnType::Symbol) {
            let what = "a cell".to_owned();
            return Err(DatalogError::Type {
                place: "a fact".to_owned(),
                what,
                expected: *found,
                found: ColumnType::Symbol,
            });
        }
        if width == 0 || !cells.len().is_multiple_of(width) {
            return Err(self.column_count(relation, cells.len()));
        }
        for cell in cells {
            check_symbol(Value::Symbol(*cell))?;
        }
        self.check_room(relation, cells.len() / width)?;
        self.only_facts(relation.0);
        self.relations[relation.0].rows.reserve((cells.len() / width) as u32);
        for row in cells.chunks_exact(width) {
            self.insert_codes(relation.0, row);
        }
        Ok(())
    }

    /// Takes a fact back; whether it was one. Rows that follow from rules stay. Cost: the relation is copied; use
    /// [`Theory::remove_all`] for many.
    ///
    /// # Errors
    /// The row does not fit the relation. The caller can act on it.
    pub fn remove(&mut self, relation: RelationId, row: &[Value]) -> Result<bool, DatalogError> {
        Ok(self.remove_all(relation, [row])? > 0)
    }

    /// Takes facts back; how many there were.
    ///
    /// # Errors
    /// A row does not fit the relation. Nothing is taken back then.
    pub fn remove_all<'v>(
        &mut self,
        relation: RelationId,
        rows: impl IntoIterator<Item = &'v [Value]>,
    ) -> Result<usize, DatalogError> {
        let mut gone = BTreeSet::new();
        for row in rows {
            self.check_row(relation, row)?;
            if let Some(number) = self.codes(row).and_then(|codes| self.relations[relation.0].rows.find(&codes)) {
                gone.extend((number < self.relations[relation.0].fact_count).then_some(number));
            }
        }
        if !gone.is_empty() {
            let old = &self.relations[relation.0];
            let mut new = Relation::new(old.rows.width());
            for number in (0..old.fact_count).filter(|number| !gone.contains(number)) {
                new.rows.insert(old.rows.row(number));
            }
            new.fact_count = new.rows.len();
            self.relations[relation.0] = new;
            self.touch(relation.0);
        }
        Ok(gone.len())
    }

    /// The codes of a row; `None` where it has a number that occurs nowhere.
    pub(crate) fn codes(&self, row: &[Value]) -> Option<Vec<Code>> {
        let code = |value: &Value| match value {
            Value::Symbol(symbol) => Some(*symbol),
            Value::Number(number) => self.numbers.known_code(*number),
        };
        row.iter().map(code).collect()
    }

    pub(crate) fn check_row(&self, relation: RelationId, row: &[Value]) -> Result<(), DatalogError> {
        let columns = self.columns(relation)?;
        if columns.len() != row.len() {
            return Err(self.column_count(relation, row.len()));
        }
        for (value, expected) in row.iter().zip(columns) {
            check_symbol(*value)?;
            if value.column_type() != *expected {
                let (place, what) = ("a fact".to_owned(), format!("the value {value}"));
                return Err(DatalogError::Type { place, what, expected: *expected, found: value.column_type() });
            }
        }
        Ok(())
    }

    fn columns(&self, relation: RelationId) -> Result<&[ColumnType], DatalogError> {
        let unknown = || DatalogError::UnknownRelation { place: "a fact".to_owned(), relation: relation.0 };
        self.program.relations.get(relation.0).map(|relation| relation.columns.as_slice()).ok_or_else(unknown)
    }

    fn column_count(&self, relation: RelationId, found: usize) -> DatalogError {
        DatalogError::ColumnCount {
            place: "a fact".to_owned(),
            relation: self.name(relation.0),
            expected: self.types[relation.0].len(),
            found,
        }
    }

    /// Whether the numbers of rows suffice for so many more facts.
    fn check_room(&self, relation: RelationId, more: usize) -> Result<(), DatalogError> {
        let found = self.relations[relation.0].fact_count as usize + more;
        let what = || format!("facts of `{}`", self.name(relation.0));
        if found <= ROW_COUNT_MAX {
            Ok(())
        } else {
            Err(DatalogError::TooLarge { what: what(), found, limit: ROW_COUNT_MAX })
        }
    }

    fn insert_codes(&mut self, relation: usize, row: &[Code]) -> bool {
        self.only_facts(relation);
        let is_new = self.relations[relation].rows.insert(row);
        if is_new {
            self.relations[relation].fact_count += 1;
            self.touch(relation);
        }
        is_new
    }

    /// Forgets what was derived: facts come first.
    fn only_facts(&mut self, relation: usize) {
        let known = &mut self.relations[relation];
        if known.rows.len() > known.fact_count {
            *known = known.facts();
            self.touch(relation);
        }
    }

    fn touch(&mut self, relation: usize) {
        self.is_stale[relation] = true;
        self.has_changed[relation] = true;
    }
}
