//! ALTER TABLE, DROP TABLE and DROP VIEW.

use datafusion::sql::sqlparser::ast::{AlterTable, AlterTableOperation, ObjectName};
use grounds_core::{Cell, TableDefinition, Validity};
use grounds_store::encode_key_cells;

use crate::session::StatementResult;
use crate::statement::{create, target};
use crate::syntax::table_name;
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
        let AlterTableOperation::AddColumn { if_not_exists, column_def, column_position: None, .. } = operation else {
            return Err(SqlError::Unsupported {
                what: format!("ALTER TABLE ... {operation}"),
                instead: "columns are only ever added: ALTER TABLE t ADD COLUMN ...; copy the rest into a new table",
            });
        };
        let (column, is_key) = create::column(&new.name, column_def)?;
        if new.column_position(&column.name).is_some() {
            if *if_not_exists {
                continue;
            }
            let message = format!("it already has a column called {}", column.name);
            return Err(SqlError::Definition { table: new.name, message });
        }
        if is_key || !column.nullable {
            let message =
                format!("the new column {} must allow NULL: rows written before have no value there", column.name);
            return Err(SqlError::Definition { table: new.name, message });
        }
        new.columns.push(column);
    }
    let transaction = session.open_transaction()?;
    if new != *definition {
        transaction.summarise(format!("alter table {}", new.name));
        transaction.define(new);
    }
    Ok(StatementResult::done("ALTER TABLE"))
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
