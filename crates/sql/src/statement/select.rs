//! The rows that an UPDATE, DELETE or MERGE is about, as a query.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::sql::sqlparser::ast::{
    Expr, Ident, LimitClause, ObjectName, OrderBy, OrderByExpr, OrderByKind, Query, Select, SelectItem, SetExpr,
    Statement, TableAlias, TableFactor, TableWithJoins,
};
use datafusion::sql::sqlparser::parser::Parser;
use grounds_core::{Cell, ColumnType, TableDefinition, Validity, date_of};
use jiff::civil::Date;

use crate::catalog::{KEY_COLUMN, TimeColumn};
use crate::context::{Context, Relation};
use crate::statement::{query, target};
use crate::syntax::{DIALECT, Parsed, alias_of, syntax_error};
use crate::time::{TimeSelection, ValidTime};
use crate::{Session, SqlError, arrays, period};

/// The name under which a changed table is read.
const TARGET: &str = "\u{1}target";

/// The table that a statement changes, and the name that its columns have in the statement.
pub(crate) struct Changed {
    pub(crate) definition: Arc<TableDefinition>,
    pub(crate) name: Ident,
    /// The days in which rows change; `None` for all days of the rows that the session sees.
    pub(crate) portion: Option<Validity>,
    relation: Relation,
}

/// ORDER BY and LIMIT of a statement that changes rows.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) order_by: &'a [OrderByExpr],
    pub(crate) limit: Option<&'a Expr>,
}

impl Part<'_> {
    fn add_to(self, query: &mut Query) {
        if !self.order_by.is_empty() {
            let kind = OrderByKind::Expressions(self.order_by.to_vec());
            query.order_by = Some(OrderBy { kind, interpolate: None });
        }
        if let Some(limit) = self.limit {
            let limit = Some(limit.clone());
            query.limit_clause = Some(LimitClause::LimitOffset { limit, offset: None, limit_by: Vec::new() });
        }
    }
}

/// A row that changes.
pub(crate) struct ChangedRow {
    pub(crate) key: Vec<u8>,
    /// The days in which it changes.
    pub(crate) validity: Validity,
    /// The columns selected besides.
    pub(crate) values: Vec<Cell>,
}

impl Changed {
    /// The table that `factor` names.
    ///
    /// # Errors
    /// Those of [`target::find`], and [`SqlError::Period`].
    pub(crate) fn find(session: &Session, parsed: &Parsed, factor: &TableFactor) -> Result<Self, SqlError> {
        let TableFactor::Table { name, alias, args: None, .. } = factor else {
            return Err(SqlError::Unsupported { what: format!("changing {factor}"), instead: "name one table" });
        };
        if parsed.timed.iter().any(|timed| name.to_string().contains(&timed.label)) {
            return Err(SqlError::Unsupported {
                what: "changing a table at a time".to_owned(),
                instead: "write FOR PORTION OF VALID_TIME FROM a TO b",
            });
        }
        let definition = target::find(session, name)?;
        let own = name.0.last().and_then(|part| part.as_ident()).cloned().unwrap_or_else(|| Ident::new(""));
        let name = alias.as_ref().map_or(own, |alias| alias.name.clone());
        let reader = session.reader()?;
        let standpoint = session.standpoint(&reader, session.transaction.as_ref());
        let here = standpoint.here();
        let database = &session.database;
        let context = Context::new(&database.state, standpoint, &database.functions, &[], &[])?;
        let portion = parsed.portion.as_ref().map(|written| period::portion(&context, written)).transpose()?;
        let valid = match portion {
            None => here.valid,
            Some(Validity { from, to }) => ValidTime::Overlapping { from, to },
        };
        let time = TimeSelection { valid, system: here.system };
        let relation = Relation { table: definition.name.clone(), time, for_change: true, sees_changes: true };
        Ok(Self { definition, name, portion, relation })
    }

    /// The table as a part of a FROM clause.
    pub(crate) fn factor(&self) -> Result<TableWithJoins, SqlError> {
        let alias = alias_of(self.name.clone());
        from_item(ObjectName::from(vec![Ident::with_quote('"', TARGET)]), Some(alias))
    }

    /// What the planner reads where the table is named as in [`Changed::factor`].
    pub(crate) fn named_relation(&self) -> (String, Relation) {
        (TARGET.to_owned(), self.relation.clone())
    }

    /// A column of the table.
    pub(crate) fn column(&self, name: &str) -> Expr {
        Expr::CompoundIdentifier(vec![self.name.clone(), Ident::with_quote('"', name)])
    }

    /// The rows of the table in `from` for which `condition` holds, with `values` computed for each; every piece once.
    ///
    /// # Errors
    /// What the engine finds wrong, and [`SqlError::WrongValue`] where a value is not of its type.
    pub(crate) async fn select(
        &self,
        session: &Session,
        parsed: &Parsed,
        from: Vec<TableWithJoins>,
        condition: Option<Expr>,
        values: Vec<(Expr, String, ColumnType)>,
    ) -> Result<Vec<ChangedRow>, SqlError> {
        let all = Part { order_by: &[], limit: None };
        self.select_part(session, parsed, from, condition, values, all).await
    }

    /// As [`Changed::select`], of only the first rows in an order.
    ///
    /// # Errors
    /// As [`Changed::select`].
    pub(crate) async fn select_part(
        &self,
        session: &Session,
        parsed: &Parsed,
        from: Vec<TableWithJoins>,
        condition: Option<Expr>,
        values: Vec<(Expr, String, ColumnType)>,
        part: Part<'_>,
    ) -> Result<Vec<ChangedRow>, SqlError> {
        let mut items: Vec<Expr> = [KEY_COLUMN, TimeColumn::ValidFrom.name(), TimeColumn::ValidTo.name()]
            .into_iter()
            .map(|name| self.column(name))
            .collect();
        items.extend(values.iter().map(|(expression, _, _)| expression.clone()));
        let mut query = select(items, from, condition)?;
        part.add_to(&mut query);
        let relations = HashMap::from([self.named_relation()]);
        let stream = query::stream(session, parsed, Statement::Query(Box::new(query)), relations).await?;
        let rows = query::collect(stream).await?;
        let mut changed = Vec::with_capacity(rows.row_count());
        for batch in &rows.batches {
            self.read(batch, &values, &mut changed)?;
        }
        Ok(changed)
    }

    fn read(
        &self,
        batch: &RecordBatch,
        values: &[(Expr, String, ColumnType)],
        changed: &mut Vec<ChangedRow>,
    ) -> Result<(), SqlError> {
        let (place, others) = batch.columns().split_at(3);
        let columns: Vec<ArrayRef> = others
            .iter()
            .zip(values)
            .map(|(array, (_, name, column_type))| arrays::convert(array, name, *column_type))
            .collect::<Result<_, _>>()?;
        for row in 0..batch.num_rows() {
            let Cell::Binary(key) = arrays::cell(&place[0], ColumnType::Binary, row) else { continue };
            let date = |column: usize| match arrays::cell(&place[column], ColumnType::Date, row) {
                Cell::Date(days) => date_of(days),
                _ => None,
            };
            let whole = Validity { from: date(1).unwrap_or(Date::MIN), to: date(2) };
            let cells = columns.iter().zip(values);
            let values = cells.map(|(array, (_, _, column_type))| arrays::cell(array, *column_type, row)).collect();
            changed.push(ChangedRow { key, validity: within(whole, self.portion), values });
        }
        Ok(())
    }
}

/// The part of `whole` in `portion`.
fn within(whole: Validity, portion: Option<Validity>) -> Validity {
    let Some(portion) = portion else { return whole };
    let to = match (whole.to, portion.to) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    };
    Validity { from: whole.from.max(portion.from), to }
}

/// `SELECT items FROM from WHERE condition`
pub(crate) fn select(items: Vec<Expr>, from: Vec<TableWithJoins>, condition: Option<Expr>) -> Result<Query, SqlError> {
    let mut query = template("SELECT 1")?;
    let items = items
        .into_iter()
        .enumerate()
        .map(|(at, expr)| SelectItem::ExprWithAlias { expr, alias: Ident::with_quote('"', format!("{at}")) });
    if let SetExpr::Select(select) = &mut *query.body {
        let select: &mut Select = select;
        select.projection = items.collect();
        select.from = from;
        select.selection = condition;
    }
    Ok(query)
}

/// One table of a FROM clause.
pub(crate) fn from_item(name: ObjectName, alias: Option<TableAlias>) -> Result<TableWithJoins, SqlError> {
    let query = template("SELECT 1 FROM t")?;
    let missing = || SqlError::Syntax { message: "a table is missing".to_owned(), line: 0, column: 0 };
    let SetExpr::Select(select) = *query.body else { return Err(missing()) };
    let mut item = select.from.into_iter().next().ok_or_else(missing)?;
    if let TableFactor::Table { name: own_name, alias: own_alias, .. } = &mut item.relation {
        *own_name = name;
        *own_alias = alias;
    }
    Ok(item)
}

fn template(sql: &str) -> Result<Query, SqlError> {
    let mut parser = Parser::new(&DIALECT).try_with_sql(sql).map_err(syntax_error)?;
    Ok(*parser.parse_query().map_err(syntax_error)?)
}

/// `SELECT * FROM from`
pub(crate) fn select_all(from: Vec<TableWithJoins>) -> Result<Query, SqlError> {
    let mut query = template("SELECT *")?;
    if let SetExpr::Select(select) = &mut *query.body {
        select.from = from;
    }
    Ok(query)
}

/// Lets the items of a query have these names.
pub(crate) fn keep_names(query: &mut Query, names: &[Ident]) {
    if let SetExpr::Select(select) = &mut *query.body {
        for (item, name) in select.projection.iter_mut().zip(names) {
            if let SelectItem::ExprWithAlias { alias, .. } = item {
                alias.clone_from(name);
            }
        }
    }
}
