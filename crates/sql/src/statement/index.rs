//! CREATE INDEX, DROP INDEX and REINDEX: names for columns of a table, and values that must be unique.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::sql::sqlparser::ast::{CreateIndex, ObjectName};
use grounds_core::{IndexDefinition, TableDefinition};

use crate::session::StatementResult;
use crate::statement::{constraint, target};
use crate::syntax::table_name;
use crate::view::VIEWS;
use crate::{Session, SqlError};

impl Session {
    /// The declared tables as the running statement sees them.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn declared_tables(&self) -> Result<Vec<Arc<TableDefinition>>, SqlError> {
        let mut tables: Vec<Arc<TableDefinition>> = self.reader()?.tables()?.into_iter().map(Arc::new).collect();
        for (name, changed) in self.transaction.iter().flat_map(|transaction| transaction.definitions()) {
            tables.retain(|table| table.name != name);
            tables.extend(changed.cloned());
        }
        tables.retain(|table| table.name != VIEWS);
        Ok(tables)
    }

    /// The names of all indexes: each is there once.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn index_names(&self) -> Result<BTreeSet<String>, SqlError> {
        let tables = self.declared_tables()?;
        Ok(tables.iter().flat_map(|table| &table.indexes).map(|index| index.name.clone()).collect())
    }

    fn table_of_index(&self, name: &str) -> Result<Option<Arc<TableDefinition>>, SqlError> {
        let has_it = |table: &Arc<TableDefinition>| table.indexes.iter().any(|index| index.name == name);
        Ok(self.declared_tables()?.into_iter().find(has_it))
    }
}

/// Runs a CREATE INDEX. Rows that are there already are compared when it is committed.
pub(crate) fn create(session: &mut Session, index: &CreateIndex) -> Result<StatementResult, SqlError> {
    let unsupported = |what: &str, instead| SqlError::Unsupported { what: what.to_owned(), instead };
    let Some(name) = &index.name else {
        return Err(unsupported("an index without a name", "write CREATE INDEX name ON t (a)"));
    };
    if index.predicate.is_some() {
        return Err(unsupported("an index with WHERE", ""));
    }
    if index.nulls_distinct == Some(false) {
        return Err(unsupported("NULLS NOT DISTINCT", "absent values are like no other"));
    }
    let name = table_name(name)?;
    let definition = target::find(session, &index.table_name)?;
    if definition.id == target::BUILT_IN {
        return Err(SqlError::Reserved { name: definition.name.clone() });
    }
    let columns = constraint::positions(&definition.name, &definition.columns, &index.columns)?;
    if session.index_names()?.contains(&name) {
        if index.if_not_exists {
            let notice = Some(format!("there is already an index called {name}"));
            return Ok(StatementResult { notice, ..StatementResult::done("CREATE INDEX") });
        }
        return Err(SqlError::AlreadyThere { what: "index", name });
    }
    let mut new = (*definition).clone();
    new.indexes.push(IndexDefinition { name: name.clone(), columns, is_unique: index.unique, is_constraint: false });
    let transaction = session.open_transaction()?;
    transaction.summarise(format!("create index {name} on {}", new.name));
    transaction.define(new.clone());
    if index.unique {
        // What the transaction has changed already; what it has not, the store compares.
        transaction.overlay.check_unique_anew(&new)?;
    }
    Ok(StatementResult::done("CREATE INDEX"))
}

/// Runs a DROP INDEX.
pub(crate) fn drop(session: &mut Session, names: &[ObjectName], if_exists: bool) -> Result<StatementResult, SqlError> {
    for name in names {
        let name = table_name(name)?;
        let Some(definition) = session.table_of_index(&name)? else {
            if if_exists {
                continue;
            }
            return Err(SqlError::UnknownIndex { name });
        };
        if definition.indexes.iter().any(|index| index.name == name && index.is_constraint) {
            return Err(SqlError::Unsupported {
                what: format!("dropping the index {name} of a UNIQUE constraint"),
                instead: "write ALTER TABLE t DROP CONSTRAINT name",
            });
        }
        let mut new = (*definition).clone();
        new.indexes.retain(|index| index.name != name);
        let transaction = session.open_transaction()?;
        transaction.summarise(format!("drop index {name}"));
        transaction.define(new);
    }
    Ok(StatementResult::done("DROP INDEX"))
}

/// Runs a REINDEX: indexes are always complete, so that only the name is checked.
pub(crate) fn reindex(session: &Session, name: Option<&str>) -> Result<StatementResult, SqlError> {
    if let Some(name) = name {
        let is_table = session.declared_tables()?.iter().any(|table| table.name == name);
        if !is_table && session.table_of_index(name)?.is_none() {
            return Err(SqlError::UnknownIndex { name: name.to_owned() });
        }
    }
    let notice = Some("indexes are always complete: there is nothing to rebuild".to_owned());
    Ok(StatementResult { notice, ..StatementResult::done("REINDEX") })
}
