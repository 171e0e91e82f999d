//! ALTER TABLE, DROP TABLE and DROP VIEW.

use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::sql::sqlparser::ast::{AlterTable, AlterTableOperation, ColumnDef, ObjectName};
use grounds_core::{Cell, TableDefinition, Validity};
use grounds_store::encode_key_cells;

use crate::scan::{Content, Keys, visit_pieces};
use crate::session::StatementResult;
use crate::statement::check::Checks;
use crate::statement::constraint::{Constraints, Written};
use crate::statement::{create, target};
use crate::syntax::{identifier, table_name};
use crate::time::{TimeSelection, ValidTime};
use crate::transaction::remove;
use crate::view::{self, VIEWS};
use crate::{Session, SqlError};

/// Runs an ALTER TABLE.
pub(crate) fn table(session: &mut Session, alter: &AlterTable) -> Result<StatementResult, SqlError> {
    let definition = target::find(session, &alter.name)?;
    if definition.id == target::BUILT_IN {
        return Err(SqlError::Reserved { name: definition.name.clone() });
    }
    let mut new: TableDefinition = (*definition).clone();
    for operation in &alter.operations {
        match operation {
            AlterTableOperation::AddColumn { if_not_exists, column_def, column_position: None, .. } => {
                add_column(session, &mut new, column_def, *if_not_exists)?;
            }
            AlterTableOperation::AddConstraint { constraint, not_valid: false } => {
                let mut written = Written::default();
                written.add(&new.name, &new.columns, constraint)?;
                add_constraints(session, &mut new, written)?;
            }
            AlterTableOperation::DropConstraint { if_exists, name, .. } => {
                drop_constraint(&mut new, &identifier(name), *if_exists)?;
            }
            other => {
                return Err(SqlError::Unsupported {
                    what: format!("ALTER TABLE ... {other}"),
                    instead: "columns are only ever added: ALTER TABLE t ADD COLUMN ...; copy the rest into a new table",
                });
            }
        }
    }
    if new == *definition {
        return Ok(StatementResult::done("ALTER TABLE"));
    }
    if new.checks != definition.checks {
        check_rows(session, &Arc::new(new.clone()))?;
    }
    let transaction = session.open_transaction()?;
    transaction.summarise(format!("alter table {}", new.name));
    transaction.define(new.clone());
    transaction.overlay.check_unique_anew(&new)?;
    Ok(StatementResult::done("ALTER TABLE"))
}

fn add_column(
    session: &Session,
    new: &mut TableDefinition,
    written: &ColumnDef,
    if_not_exists: bool,
) -> Result<(), SqlError> {
    let mut constraints = Written::default();
    let column = create::column(&new.name, written, new.columns.len(), &mut constraints)?;
    if new.column_position(&column.name).is_some() {
        if if_not_exists {
            return Ok(());
        }
        let message = format!("it already has a column called {}", column.name);
        return Err(SqlError::Definition { table: new.name.clone(), message });
    }
    if !column.nullable {
        let message =
            format!("the new column {} must allow NULL: rows written before have no value there", column.name);
        return Err(SqlError::Definition { table: new.name.clone(), message });
    }
    new.columns.push(column);
    add_constraints(session, new, constraints)
}

fn add_constraints(session: &Session, new: &mut TableDefinition, written: Written) -> Result<(), SqlError> {
    let mut taken = session.index_names()?;
    taken.extend(new.indexes.iter().map(|index| index.name.clone()));
    let Constraints { primary_key, indexes, checks } = written.define(&new.name, &new.columns, &taken)?;
    if !primary_key.is_empty() {
        let message = "the primary key stays as it was declared".to_owned();
        return Err(SqlError::Definition { table: new.name.clone(), message });
    }
    new.indexes.extend(indexes);
    for mut check in checks {
        let is_taken = |name: &str| new.checks.iter().any(|check| check.name == name);
        let made = check.name.clone();
        let mut number = 1;
        while is_taken(&check.name) {
            check.name = format!("{made}{number}");
            number += 1;
        }
        new.checks.push(check);
    }
    Ok(())
}

fn drop_constraint(new: &mut TableDefinition, name: &str, if_exists: bool) -> Result<(), SqlError> {
    let before = new.indexes.len() + new.checks.len();
    new.indexes.retain(|index| !(index.is_constraint && index.name == name));
    new.checks.retain(|check| check.name != name);
    if new.indexes.len() + new.checks.len() == before && !if_exists {
        let message = format!("it has no constraint called {name}");
        return Err(SqlError::Definition { table: new.name.clone(), message });
    }
    Ok(())
}

/// Holds every row that is known, whenever it is valid, against the conditions of a new definition.
fn check_rows(session: &Session, new: &Arc<TableDefinition>) -> Result<(), SqlError> {
    let checks = Checks::new(session, new)?;
    let reader = session.reader()?;
    let standpoint = session.standpoint(&reader, session.transaction.as_ref());
    let time = TimeSelection { valid: ValidTime::All, system: standpoint.here().system };
    let readable = standpoint.readable(&new.name, time, &[], true)?;
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    visit_pieces(&readable, &Keys::All, &mut |piece| {
        if let Content::Cells(cells) = piece.content {
            rows.push(cells.to_vec());
        }
        Ok(ControlFlow::Continue(()))
    })?;
    checks.check(rows.iter().map(Vec::as_slice))
}

/// Runs a DROP TABLE.
pub(crate) fn drop_tables(
    session: &mut Session,
    names: &[ObjectName],
    if_exists: bool,
) -> Result<StatementResult, SqlError> {
    let mut definitions = Vec::new();
    for name in names {
        match target::find(session, name) {
            Ok(definition) if definition.id == target::BUILT_IN => {
                return Err(SqlError::Reserved { name: definition.name.clone() });
            }
            Ok(definition) => definitions.push(definition),
            Err(SqlError::UnknownTable { .. }) if if_exists => {}
            Err(error) => return Err(error),
        }
    }
    let transaction = session.open_transaction()?;
    for definition in definitions {
        transaction.summarise(format!("drop table {}", definition.name));
        transaction.drop_table(&definition);
    }
    Ok(StatementResult::done("DROP TABLE"))
}

/// Runs a DROP VIEW.
pub(crate) fn drop_views(
    session: &mut Session,
    names: &[ObjectName],
    if_exists: bool,
) -> Result<StatementResult, SqlError> {
    for name in names {
        let name = table_name(name)?;
        let (views, found) = {
            let reader = session.reader()?;
            let standpoint = session.standpoint(&reader, session.transaction.as_ref());
            (standpoint.definition(VIEWS, &reader)?, view::find(&standpoint, &name)?.is_some())
        };
        let (Some(views), true) = (views, found) else {
            if if_exists {
                continue;
            }
            return Err(SqlError::UnknownTable { name });
        };
        let key = encode_key_cells(&[Cell::Text(name.clone())]);
        let transaction = session.open_transaction()?;
        transaction.apply(&views, &remove(key, Validity::always()))?;
        transaction.summarise(format!("drop view {name}"));
    }
    Ok(StatementResult::done("DROP VIEW"))
}
