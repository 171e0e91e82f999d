//! CREATE TABLE and CREATE VIEW.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use datafusion::sql::sqlparser::ast::{
    ColumnDef, ColumnOption, CreateTable, CreateTableOptions, CreateView, Expr, ObjectName, SqlOption, Value,
};
use grounds_core::{Cell, ColumnDefinition, FullText, RowKey, TableDefinition, Validity};
use grounds_store::encode_key_cells;

use crate::catalog::{KEY_COLUMN, TimeColumn, is_reserved};
use crate::session::StatementResult;
use crate::statement::check::Checks;
use crate::statement::conflict::Conflict;
use crate::statement::constraint::{self, Constraints, Written};
use crate::statement::insert::{add_cells, converted};
use crate::statement::query;
use crate::statement::target::{Given, default_cells};
use crate::statement::writer::Writer;
use crate::syntax::{FULL_TEXT_MARK, Parsed, identifier, table_name};
use crate::transaction::put;
use crate::types::{column_type, column_type_of};
use crate::view::{self, VIEWS};
use crate::{Session, SqlError, arrays, dialect};

/// Runs a CREATE TABLE.
pub(crate) async fn table(
    session: &mut Session,
    parsed: &Parsed,
    create: &CreateTable,
) -> Result<StatementResult, SqlError> {
    let name = new_name(&create.name)?;
    if create.temporary {
        return Err(SqlError::Unsupported { what: "a temporary table".to_owned(), instead: "create one and drop it" });
    }
    if exists(session, &name)? {
        if create.if_not_exists {
            let notice = Some(format!("there is already a table called {name}"));
            return Ok(StatementResult { notice, ..StatementResult::done("CREATE TABLE") });
        }
        if !create.or_replace {
            return Err(SqlError::AlreadyThere { what: "table", name });
        }
        super::alter::drop_tables(session, std::slice::from_ref(&create.name), false)?;
    }
    let labels = labels(&name, &create.table_options)?;
    if let Some(source) = &create.query {
        if !create.columns.is_empty() {
            let message = "name either columns or a query".to_owned();
            return Err(SqlError::Definition { table: name, message });
        }
        return table_as(session, parsed, name, labels, query::statement(source)).await;
    }
    let (columns, mut written) = columns(&name, &create.columns)?;
    for constraint in &create.constraints {
        written.add(&name, &columns, constraint)?;
    }
    let Constraints { primary_key, indexes, checks } = written.define(&name, &columns, &session.index_names()?)?;
    let id = next_id(session)?;
    let mut definition = TableDefinition { id, name, columns, primary_key, labels, indexes, checks };
    for position in definition.primary_key.clone() {
        definition.columns[position].nullable = false;
    }
    check_defaults(session, &definition)?;
    Checks::new(session, &Arc::new(definition.clone()))?;
    let transaction = session.open_transaction()?;
    transaction.summarise(format!("create table {}", definition.name));
    transaction.define(definition);
    Ok(StatementResult::done("CREATE TABLE"))
}

/// A number for a new table: one that neither the store nor the transaction has given out.
fn next_id(session: &mut Session) -> Result<grounds_core::TableId, SqlError> {
    let transaction = session.open_transaction()?;
    let free = transaction.overlay.reader().next_table_id()?;
    let taken = transaction.last_defined_id().map_or(0, |id| id.0);
    Ok(grounds_core::TableId(free.0.max(taken + 1)))
}

fn check_defaults(session: &Session, definition: &TableDefinition) -> Result<(), SqlError> {
    let reader = session.reader()?;
    let standpoint = session.standpoint(&reader, session.transaction.as_ref());
    let database = &session.database;
    let context = crate::context::Context::new(&database.state, standpoint, &database.functions, &[], &[])?;
    default_cells(&context, definition).map(|_| ())
}

/// Runs a CREATE TABLE ... AS SELECT.
async fn table_as(
    session: &mut Session,
    parsed: &Parsed,
    name: String,
    labels: Vec<String>,
    source: datafusion::sql::sqlparser::ast::Statement,
) -> Result<StatementResult, SqlError> {
    let stream = query::stream(session, parsed, source, HashMap::new()).await?;
    let rows = query::collect(stream).await?;
    let mut columns = Vec::new();
    for field in rows.schema.fields() {
        let column_type = column_type_of(field.data_type()).ok_or_else(|| SqlError::UnknownType {
            name: format!("{} (of column {})", field.data_type(), field.name()),
        })?;
        check_column_name(&name, field.name())?;
        let name = field.name().clone();
        columns.push(ColumnDefinition { name, column_type, nullable: true, default: None, full_text: None });
    }
    check_columns(&name, &columns)?;
    let definition = TableDefinition {
        id: next_id(session)?,
        name,
        columns,
        primary_key: Vec::new(),
        labels,
        indexes: Vec::new(),
        checks: Vec::new(),
    };
    let given: Vec<Given> = (0..definition.columns.len()).map(Given::Cell).collect();
    let mut all = Vec::with_capacity(rows.row_count());
    for batch in &rows.batches {
        let arrays = converted(batch.columns(), &definition, &given)?;
        for row in 0..batch.num_rows() {
            let cells = arrays.iter().zip(&definition.columns);
            all.push(cells.map(|(array, column)| arrays::cell(array, column.column_type, row)).collect::<Vec<Cell>>());
        }
    }
    let count = all.len() as u64;
    let transaction = session.open_transaction()?;
    transaction.summarise(format!("create table {} with {count} rows", definition.name));
    transaction.define(definition.clone());
    let mut writer = Writer::new(session, &Arc::new(definition));
    for cells in all {
        add_cells(&mut writer, cells, Validity::always(), &Conflict::Fail)?;
    }
    Ok(StatementResult::changed("CREATE TABLE", count))
}

/// The name of a new table or view.
fn new_name(name: &ObjectName) -> Result<String, SqlError> {
    let name = table_name(name)?;
    if name.is_empty() || is_reserved(&name) {
        return Err(SqlError::Reserved { name });
    }
    Ok(name)
}

/// Whether there is a table or view of this name.
fn exists(session: &Session, name: &str) -> Result<bool, SqlError> {
    let reader = session.reader()?;
    let standpoint = session.standpoint(&reader, session.transaction.as_ref());
    Ok(standpoint.source(name, &reader)?.is_some() || view::find(&standpoint, name)?.is_some())
}

/// The columns of a new table, and the constraints that they declare.
fn columns(table: &str, written: &[ColumnDef]) -> Result<(Vec<ColumnDefinition>, Written), SqlError> {
    let mut columns = Vec::with_capacity(written.len());
    let mut constraints = Written::default();
    for (position, written) in written.iter().enumerate() {
        columns.push(column(table, written, position, &mut constraints)?);
    }
    check_columns(table, &columns)?;
    Ok((columns, constraints))
}

/// A column as declared; its constraints are added to `constraints`.
pub(crate) fn column(
    table: &str,
    written: &ColumnDef,
    position: usize,
    constraints: &mut Written,
) -> Result<ColumnDefinition, SqlError> {
    let name = identifier(&written.name);
    check_column_name(table, &name)?;
    let mut column = ColumnDefinition {
        column_type: column_type(&written.data_type)?,
        name,
        nullable: true,
        default: None,
        full_text: None,
    };
    for option in &written.options {
        match &option.option {
            ColumnOption::Null => column.nullable = true,
            ColumnOption::NotNull => column.nullable = false,
            ColumnOption::Default(expression) => column.default = Some(expression.to_string()),
            ColumnOption::PrimaryKey(_) => constraints.add_key_column(table, position)?,
            ColumnOption::Unique(_) => constraints.add_unique_column(option.name.as_ref(), position),
            ColumnOption::Check(check) => {
                let name = option.name.as_ref().or(check.name.as_ref());
                constraints.add_check(name, Some(&column.name), &check.expr);
            }
            ColumnOption::ForeignKey(_) => return Err(constraint::foreign_key()),
            ColumnOption::Comment(comment) => {
                if let Some(language) = comment.strip_prefix(FULL_TEXT_MARK) {
                    if column.column_type != grounds_core::ColumnType::Text {
                        let message = format!("column {} is not TEXT, so it cannot be FULLTEXT", column.name);
                        return Err(SqlError::Definition { table: table.to_owned(), message });
                    }
                    column.full_text = Some(FullText { language: language.to_owned() });
                }
            }
            other => {
                let what = format!("the column option {other}");
                return Err(SqlError::Unsupported { what, instead: "" });
            }
        }
    }
    Ok(column)
}

fn check_column_name(table: &str, name: &str) -> Result<(), SqlError> {
    if TimeColumn::from_name(name).is_some() || name == KEY_COLUMN {
        return Err(SqlError::Reserved { name: name.to_owned() });
    }
    if name.is_empty() {
        let message = "a column has no name".to_owned();
        return Err(SqlError::Definition { table: table.to_owned(), message });
    }
    Ok(())
}

fn check_columns(table: &str, columns: &[ColumnDefinition]) -> Result<(), SqlError> {
    let wrong = |message: String| SqlError::Definition { table: table.to_owned(), message };
    if columns.is_empty() {
        return Err(wrong("it has no column".to_owned()));
    }
    let mut names = BTreeSet::new();
    match columns.iter().find(|column| !names.insert(column.name.as_str())) {
        Some(column) => Err(wrong(format!("it has two columns called {}", column.name))),
        None => Ok(()),
    }
}

/// `WITH (labels = 'a,b')`
fn labels(table: &str, options: &CreateTableOptions) -> Result<Vec<String>, SqlError> {
    let options = match options {
        CreateTableOptions::None => return Ok(Vec::new()),
        CreateTableOptions::With(options) => options.as_slice(),
        _ => {
            return Err(SqlError::Unsupported {
                what: "these table options".to_owned(),
                instead: "write WITH (labels = 'a,b')",
            });
        }
    };
    let mut labels = Vec::new();
    for option in options {
        match option {
            SqlOption::KeyValue { key, value: Expr::Value(value) } if identifier(key) == "labels" => {
                let Value::SingleQuotedString(text) = &value.value else { continue };
                labels.extend(text.split(',').map(str::trim).filter(|label| !label.is_empty()).map(str::to_owned));
            }
            other => {
                let message = format!("it has no option {other}: write WITH (labels = 'a,b')");
                return Err(SqlError::Definition { table: table.to_owned(), message });
            }
        }
    }
    labels.sort();
    labels.dedup();
    Ok(labels)
}

/// Runs a CREATE VIEW.
pub(crate) fn view(session: &mut Session, parsed: &Parsed, view: &CreateView) -> Result<StatementResult, SqlError> {
    let name = new_name(&view.name)?;
    if view.materialized || view.temporary {
        return Err(SqlError::Unsupported {
            what: "this form of CREATE VIEW".to_owned(),
            instead: "write CREATE VIEW name AS SELECT ...",
        });
    }
    let is_there = {
        let reader = session.reader()?;
        let standpoint = session.standpoint(&reader, session.transaction.as_ref());
        if standpoint.source(&name, &reader)?.is_some() {
            return Err(SqlError::AlreadyThere { what: "table", name });
        }
        view::find(&standpoint, &name)?.is_some()
    };
    if is_there && view.if_not_exists {
        let notice = Some(format!("there is already a view called {name}"));
        return Ok(StatementResult { notice, ..StatementResult::done("CREATE VIEW") });
    }
    if is_there && !view.or_replace {
        return Err(SqlError::AlreadyThere { what: "view", name });
    }
    let query = named_columns(session, view, query_text(&parsed.text)?)?;
    // What cannot be planned now would fail at every use.
    let inner = view::parse(&query)?;
    let plan = query::plan(session, &inner, inner.statement.clone(), HashMap::new())?;
    if let Some(column) = dialect::repeated_select_name(plan.schema()) {
        let message = format!("it has two columns called {column}");
        return Err(SqlError::Definition { table: name, message });
    }
    let views = declare_views(session)?;
    let name_cell = Cell::Text(name.clone());
    let key = RowKey::Known(encode_key_cells(std::slice::from_ref(&name_cell)));
    let transaction = session.open_transaction()?;
    transaction.apply(&views, &put(key, vec![name_cell, Cell::Text(query)], Validity::always()))?;
    transaction.summarise(format!("create view {name}"));
    Ok(StatementResult::done("CREATE VIEW"))
}

/// The query of a view whose columns have names of their own: `CREATE VIEW v (a, b) AS ...`.
fn named_columns(session: &Session, view: &CreateView, query: String) -> Result<String, SqlError> {
    if view.columns.is_empty() {
        return Ok(query);
    }
    let inner = view::parse(&query)?;
    let found = query::plan(session, &inner, inner.statement.clone(), HashMap::new())?.schema().fields().len();
    if found != view.columns.len() {
        return Err(SqlError::ValueCount { expected: view.columns.len(), found });
    }
    let names: Vec<String> = view.columns.iter().map(|column| column.name.to_string()).collect();
    Ok(format!("SELECT * FROM ({query}) AS columns_of_view ({})", names.join(", ")))
}

/// The query in the text of a CREATE VIEW: all that follows its first AS.
fn query_text(text: &str) -> Result<String, SqlError> {
    let missing = || SqlError::Syntax { message: "expected AS and a query".to_owned(), line: 0, column: 0 };
    crate::syntax::after_as(text).ok_or_else(missing)
}

/// The table of views, declared where there is none yet.
fn declare_views(session: &mut Session) -> Result<Arc<TableDefinition>, SqlError> {
    let found = {
        let reader = session.reader()?;
        session.standpoint(&reader, session.transaction.as_ref()).definition(VIEWS, &reader)?
    };
    if let Some(definition) = found {
        return Ok(definition);
    }
    let definition = view::definition(next_id(session)?);
    session.open_transaction()?.define(definition.clone());
    Ok(Arc::new(definition))
}
