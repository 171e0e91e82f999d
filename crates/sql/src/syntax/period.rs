//! Which stretch of the two time axes a statement names for one of its tables.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, ObjectName, ObjectNamePart, Statement, TableAlias, TableFactor, VisitMut, VisitorMut,
};

/// What follows `FOR VALID_TIME` or `FOR SYSTEM_TIME`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PeriodClause {
    /// `AS OF a`
    AsOf(Expr),
    /// `FROM a TO b`: `b` is not included.
    FromTo(Expr, Expr),
    /// `BETWEEN a AND b`: `b` is included.
    Between(Expr, Expr),
    /// `ALL`
    All,
}

/// A table that is read at a time of its own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TimedName {
    /// What stands for it in the statement: the table with its periods, as written.
    pub(crate) label: String,
    /// The table.
    pub(crate) name: ObjectName,
    pub(crate) valid: Option<PeriodClause>,
    pub(crate) system: Option<PeriodClause>,
}

/// Lets the columns of a table that stands under another name be qualified with its own.
pub(crate) fn keep_names(statement: &mut Statement, timed: &[TimedName]) {
    if timed.is_empty() {
        return;
    }
    let _ = statement.visit(&mut KeepNames { timed });
}

struct KeepNames<'a> {
    timed: &'a [TimedName],
}

impl VisitorMut for KeepNames<'_> {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        let TableFactor::Table { name, alias, .. } = factor else { return ControlFlow::Continue(()) };
        let [ObjectNamePart::Identifier(label)] = name.0.as_slice() else { return ControlFlow::Continue(()) };
        let timed = self.timed.iter().find(|timed| timed.label == label.value);
        let last = timed.and_then(|timed| timed.name.0.last()).and_then(ObjectNamePart::as_ident);
        if let (None, Some(own)) = (&alias, last) {
            *alias = Some(alias_of(own.clone()));
        }
        ControlFlow::Continue(())
    }
}

/// `AS name`
pub(crate) fn alias_of(name: Ident) -> TableAlias {
    TableAlias { explicit: true, name, columns: Vec::new(), at: None }
}
