//! What a table definition demands of its rows besides their types: a primary key, unique columns, conditions.

use std::collections::BTreeSet;

use datafusion::sql::sqlparser::ast::{Expr, Ident, IndexColumn, TableConstraint};
use grounds_core::{CheckDefinition, ColumnDefinition, IndexDefinition};

use crate::SqlError;
use crate::syntax::identifier;

/// The constraints of a table or of one of its columns, as they are written.
#[derive(Default)]
pub(crate) struct Written {
    /// Positions of the primary key, where one is declared.
    primary_key: Vec<usize>,
    /// Columns that are unique together, with the name of the constraint.
    unique: Vec<(Option<String>, Vec<usize>)>,
    /// Conditions, with their names and the column that they were written at.
    checks: Vec<(Option<String>, Option<String>, String)>,
}

/// What the constraints make of a definition.
pub(crate) struct Constraints {
    pub(crate) primary_key: Vec<usize>,
    pub(crate) indexes: Vec<IndexDefinition>,
    pub(crate) checks: Vec<CheckDefinition>,
}

const FOREIGN_KEY: &str = "leave it out: a row of the other table may hold on other days than the one that refers to it, and nothing checks that; \
     a query with NOT EXISTS finds rows that refer to nothing";

/// The error of REFERENCES and FOREIGN KEY, which are refused: which rows they would mean on two time axes is not settled.
pub(crate) fn foreign_key() -> SqlError {
    SqlError::Unsupported { what: "REFERENCES".to_owned(), instead: FOREIGN_KEY }
}

impl Written {
    /// PRIMARY KEY of one column, at its declaration.
    pub(crate) fn add_key_column(&mut self, table: &str, position: usize) -> Result<(), SqlError> {
        self.add_key(table, vec![position])
    }

    fn add_key(&mut self, table: &str, positions: Vec<usize>) -> Result<(), SqlError> {
        if !self.primary_key.is_empty() {
            let message = "it has more than one primary key: write PRIMARY KEY (a, b)".to_owned();
            return Err(SqlError::Definition { table: table.to_owned(), message });
        }
        self.primary_key = positions;
        Ok(())
    }

    /// UNIQUE at the declaration of a column.
    pub(crate) fn add_unique_column(&mut self, name: Option<&Ident>, position: usize) {
        self.unique.push((name.map(identifier), vec![position]));
    }

    /// CHECK at the declaration of a column.
    pub(crate) fn add_check(&mut self, name: Option<&Ident>, column: Option<&str>, condition: &Expr) {
        self.checks.push((name.map(identifier), column.map(str::to_owned), condition.to_string()));
    }

    /// A constraint of a whole table.
    ///
    /// # Errors
    /// [`SqlError::Definition`], [`SqlError::UnknownColumn`], [`SqlError::Unsupported`]
    pub(crate) fn add(
        &mut self,
        table: &str,
        columns: &[ColumnDefinition],
        constraint: &TableConstraint,
    ) -> Result<(), SqlError> {
        match constraint {
            TableConstraint::PrimaryKey(key) => self.add_key(table, positions(table, columns, &key.columns)?),
            TableConstraint::Unique(unique) => {
                let name = unique.name.as_ref().or(unique.index_name.as_ref()).map(identifier);
                self.unique.push((name, positions(table, columns, &unique.columns)?));
                Ok(())
            }
            TableConstraint::Check(check) => {
                self.add_check(check.name.as_ref(), None, &check.expr);
                Ok(())
            }
            TableConstraint::ForeignKey(_) => Err(foreign_key()),
            other => Err(SqlError::Unsupported { what: format!("the constraint {other}"), instead: "" }),
        }
    }

    /// The definitions; names that are not given are made of those of table and columns, and are none of `taken`.
    ///
    /// # Errors
    /// [`SqlError::AlreadyThere`] for a name that is taken.
    pub(crate) fn define(
        self,
        table: &str,
        columns: &[ColumnDefinition],
        taken: &BTreeSet<String>,
    ) -> Result<Constraints, SqlError> {
        let mut taken = taken.clone();
        let mut indexes = Vec::new();
        for (name, positions) in self.unique {
            let names: Vec<&str> = positions.iter().map(|position| columns[*position].name.as_str()).collect();
            let name = new_name(name, &format!("{table}_{}_key", names.join("_")), "index", &mut taken)?;
            indexes.push(IndexDefinition { name, columns: positions, is_unique: true, is_constraint: true });
        }
        let mut checks = Vec::new();
        let mut check_names = BTreeSet::new();
        for (name, column, condition) in self.checks {
            let column = column.map(|column| format!("_{column}")).unwrap_or_default();
            let name = new_name(name, &format!("{table}{column}_check"), "constraint", &mut check_names)?;
            checks.push(CheckDefinition { name, condition });
        }
        Ok(Constraints { primary_key: self.primary_key, indexes, checks })
    }
}

/// The name that is given, or the first that is free.
fn new_name(
    given: Option<String>,
    made: &str,
    what: &'static str,
    taken: &mut BTreeSet<String>,
) -> Result<String, SqlError> {
    let name = match given {
        Some(name) if taken.contains(&name) => return Err(SqlError::AlreadyThere { what, name }),
        Some(name) => name,
        None => {
            let numbered = (1..).map(|number| format!("{made}{number}"));
            let mut names = std::iter::once(made.to_owned()).chain(numbered);
            names.find(|name| !taken.contains(name)).unwrap_or_else(|| made.to_owned())
        }
    };
    taken.insert(name.clone());
    Ok(name)
}

/// The positions of the columns of a constraint or index.
///
/// # Errors
/// [`SqlError::UnknownColumn`], [`SqlError::Definition`] for one named twice, [`SqlError::Unsupported`] for an expression.
pub(crate) fn positions(
    table: &str,
    columns: &[ColumnDefinition],
    named: &[IndexColumn],
) -> Result<Vec<usize>, SqlError> {
    let mut positions = Vec::with_capacity(named.len());
    for column in named {
        let Expr::Identifier(name) = &column.column.expr else {
            return Err(SqlError::Unsupported {
                what: format!("the expression `{}` in a key or index", column.column.expr),
                instead: "name columns of the table",
            });
        };
        let name = identifier(name);
        let position = columns.iter().position(|column| column.name == name);
        let position =
            position.ok_or_else(|| SqlError::UnknownColumn { table: table.to_owned(), column: name.clone() })?;
        if positions.contains(&position) {
            let message = format!("column {name} is named twice in a key or index");
            return Err(SqlError::Definition { table: table.to_owned(), message });
        }
        positions.push(position);
    }
    Ok(positions)
}
