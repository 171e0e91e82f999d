//! SHOW TABLES and DESCRIBE: what there is.

use datafusion::sql::sqlparser::ast::ObjectName;
use grounds_core::{Table, TableDefinition};

use crate::built_in::COMMITS;
use crate::catalog::{Shape, Source};
use crate::session::StatementResult;
use crate::statement::setting::text_rows;
use crate::syntax::table_name;
use crate::types::sql_name;
use crate::view::{self, VIEWS};
use crate::{Session, SqlError};

/// A table or view that a session can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSummary {
    /// Its name.
    pub name: String,
    /// "built in", "table" or "view".
    pub kind: &'static str,
    /// Its columns in order; empty for a view.
    pub columns: Vec<ColumnSummary>,
}

/// A column of a [`TableSummary`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnSummary {
    /// Its name.
    pub name: String,
    /// Its type, as SQL writes it.
    pub type_name: String,
    /// Whether a cell may be absent.
    pub nullable: bool,
    /// Whether it is (part of) the primary key.
    pub is_key: bool,
    /// The SQL expression that stands in where an insert gives no value.
    pub default: Option<String>,
    /// The language in which its words are searched, where they are.
    pub full_text: Option<String>,
    /// The indexes and conditions of the table that begin with this column, as a person reads them.
    pub constraints: Vec<String>,
}

impl Session {
    /// The tables and views that the session can read, those built in first, then by name.
    ///
    /// # Errors
    /// Those of the store.
    pub fn tables(&self) -> Result<Vec<TableSummary>, SqlError> {
        let reader = self.reader()?;
        let standpoint = self.standpoint(&reader, self.transaction.as_ref());
        let mut summaries = Vec::new();
        let mut names: Vec<String> = Table::ALL.iter().map(|table| table.name().to_owned()).collect();
        names.push(COMMITS.to_owned());
        let mut declared: Vec<String> = reader.tables()?.into_iter().map(|definition| definition.name).collect();
        let changed = self.transaction.iter().flat_map(|transaction| transaction.definitions());
        declared.extend(changed.map(|(name, _)| name.to_owned()));
        declared.sort();
        declared.dedup();
        names.extend(declared);
        for name in names {
            if let Some(source) = standpoint.source(&name, &reader)? {
                summaries.push(summary(name, &source));
            }
        }
        for name in view::names(&standpoint)? {
            summaries.push(TableSummary { name, kind: "view", columns: Vec::new() });
        }
        Ok(summaries)
    }
}

fn summary(name: String, source: &Source) -> TableSummary {
    let shape = Shape::new(source, &[], false);
    let columns = shape.columns.into_iter().enumerate().map(|(at, column)| {
        let declared = match source {
            Source::Declared(definition) => definition.columns.get(at),
            _ => None,
        };
        ColumnSummary {
            name: column.name,
            type_name: sql_name(column.column_type),
            nullable: column.nullable,
            is_key: matches!(source, Source::Declared(definition) if definition.primary_key.contains(&at)),
            default: declared.and_then(|column| column.default.clone()),
            full_text: declared.and_then(|column| column.full_text.as_ref()).map(|text| text.language.clone()),
            constraints: match source {
                Source::Declared(definition) => constraints(definition, at),
                _ => Vec::new(),
            },
        }
    });
    let kind = if matches!(source, Source::Declared(_)) && name != VIEWS { "table" } else { "built in" };
    TableSummary { kind, columns: columns.collect(), name }
}

/// The indexes whose first column this is; with the first column of a table its conditions too.
fn constraints(definition: &TableDefinition, position: usize) -> Vec<String> {
    let indexes = definition.indexes.iter().filter(|index| index.columns.first() == Some(&position));
    let mut shown: Vec<String> = indexes
        .map(|index| {
            let names = index.columns.iter().filter_map(|column| definition.columns.get(*column));
            let names: Vec<&str> = names.map(|column| column.name.as_str()).collect();
            let kind = if index.is_unique { "unique" } else { "index" };
            format!("{kind} {} ({})", index.name, names.join(", "))
        })
        .collect();
    if position == 0 {
        shown.extend(definition.checks.iter().map(|check| format!("check {} ({})", check.name, check.condition)));
    }
    shown
}

/// Runs a SHOW TABLES.
pub(crate) fn tables(session: &Session) -> Result<StatementResult, SqlError> {
    let tables = session.tables()?;
    let rows: Vec<Vec<String>> = tables.into_iter().map(|table| vec![table.name, table.kind.to_owned()]).collect();
    Ok(StatementResult::rows("SHOW TABLES", text_rows(&["name", "kind"], &rows)?))
}

/// Runs a DESCRIBE.
pub(crate) fn columns(session: &Session, name: &ObjectName) -> Result<StatementResult, SqlError> {
    let name = table_name(name)?;
    let found = session.tables()?.into_iter().find(|table| table.name == name);
    let table = found.ok_or(SqlError::UnknownTable { name })?;
    let rows: Vec<Vec<String>> = table.columns.into_iter().map(describe).collect();
    Ok(StatementResult::rows("DESCRIBE", text_rows(&["column", "type", "notes"], &rows)?))
}

fn describe(column: ColumnSummary) -> Vec<String> {
    let mut notes = Vec::new();
    if column.is_key {
        notes.push("primary key".to_owned());
    } else if !column.nullable {
        notes.push("not null".to_owned());
    }
    if let Some(default) = column.default {
        notes.push(format!("default {default}"));
    }
    if let Some(language) = column.full_text {
        notes.push(format!("full text in {language}"));
    }
    notes.extend(column.constraints);
    vec![column.name, column.type_name, notes.join(", ")]
}
