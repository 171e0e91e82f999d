//! The columns that say when a row holds: there by name, and never part of `*`.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    ExceptSelectItem, Ident, JoinConstraint, JoinOperator, ObjectName, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, Statement, TableFactor, TableWithJoins, VisitMut, VisitorMut,
    WildcardAdditionalOptions,
};
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::SqlError;
use crate::catalog::TimeColumn;

/// Which of the time columns a statement names anywhere.
pub(crate) fn mentioned(tokens: &[TokenWithSpan]) -> Vec<TimeColumn> {
    let is_named = |column: &TimeColumn| {
        tokens.iter().any(|token| match &token.token {
            Token::Word(word) if word.quote_style.is_none() => word.value.eq_ignore_ascii_case(column.name()),
            Token::Word(word) => word.value == column.name(),
            _ => false,
        })
    };
    TimeColumn::ALL.into_iter().filter(is_named).collect()
}

/// Leaves the time columns that a statement names out of its `*`, for the tables that have them.
///
/// # Errors
/// [`SqlError::Unsupported`] where `*` stands over a join that merges columns.
pub(crate) fn expand_wildcards(
    statement: &mut Statement,
    named: &[TimeColumn],
    has_time_columns: &dyn Fn(&ObjectName) -> bool,
) -> Result<(), SqlError> {
    if named.is_empty() {
        return Ok(());
    }
    let mut expansion = Expansion { named, has_time_columns, with_names: Vec::new() };
    match statement.visit(&mut expansion) {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

struct Expansion<'a> {
    named: &'a [TimeColumn],
    has_time_columns: &'a dyn Fn(&ObjectName) -> bool,
    /// Names that `WITH` gives to queries.
    with_names: Vec<String>,
}

impl VisitorMut for Expansion<'_> {
    type Break = SqlError;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<SqlError> {
        let tables = query.with.iter().flat_map(|with| &with.cte_tables);
        self.with_names.extend(tables.map(|table| super::identifier(&table.alias.name)));
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<SqlError> {
        match self.expand(select) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        }
    }
}

impl Expansion<'_> {
    fn expand(&self, select: &mut Select) -> Result<(), SqlError> {
        let mut factors = Vec::new();
        let merges = select.from.iter().any(|from| collect_factors(from, &mut factors));
        let parts: Vec<Part> = factors.into_iter().map(|factor| self.part(factor)).collect();
        if !parts.iter().any(|part| part.has_time_columns) {
            return Ok(());
        }
        let mut projection = Vec::with_capacity(select.projection.len());
        for item in select.projection.drain(..) {
            match item {
                SelectItem::Wildcard(options) if options.opt_except.is_none() => match parts.as_slice() {
                    [_] => projection.push(SelectItem::Wildcard(self.without(options))),
                    _ if merges => {
                        return Err(SqlError::Unsupported {
                            what: "`*` over a join with USING or NATURAL, beside time columns,".to_owned(),
                            instead: "name the columns, or join with ON",
                        });
                    }
                    _ => projection.extend(parts.iter().filter_map(|part| self.qualified(part))),
                },
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options)
                    if options.opt_except.is_none() && parts.iter().any(|part| part.is_called(&name)) =>
                {
                    let options = if parts.iter().any(|part| part.is_called(&name) && part.has_time_columns) {
                        self.without(options)
                    } else {
                        options
                    };
                    projection.push(SelectItem::QualifiedWildcard(
                        SelectItemQualifiedWildcardKind::ObjectName(name),
                        options,
                    ));
                }
                other => projection.push(other),
            }
        }
        select.projection = projection;
        Ok(())
    }

    fn part(&self, factor: &TableFactor) -> Part {
        match factor {
            TableFactor::Table { name, alias, args, .. } => {
                let is_query = super::table_name(name).is_ok_and(|name| self.with_names.contains(&name));
                let has_time_columns = args.is_none() && !is_query && (self.has_time_columns)(name);
                let own = alias.as_ref().map(|alias| ObjectName::from(vec![alias.name.clone()]));
                Part { name: own.or_else(|| Some(name.clone())), has_time_columns }
            }
            TableFactor::Derived { alias, .. } | TableFactor::Function { alias, .. } => {
                let name = alias.as_ref().map(|alias| ObjectName::from(vec![alias.name.clone()]));
                Part { name, has_time_columns: false }
            }
            _ => Part { name: None, has_time_columns: false },
        }
    }

    fn qualified(&self, part: &Part) -> Option<SelectItem> {
        let name = part.name.clone()?;
        let options = WildcardAdditionalOptions::default();
        let options = if part.has_time_columns { self.without(options) } else { options };
        Some(SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options))
    }

    fn without(&self, options: WildcardAdditionalOptions) -> WildcardAdditionalOptions {
        let mut names = self.named.iter().map(|column| Ident::new(column.name()));
        let Some(first_element) = names.next() else { return options };
        let except = ExceptSelectItem { first_element, additional_elements: names.collect() };
        WildcardAdditionalOptions { opt_except: Some(except), ..options }
    }
}

/// A part of a FROM clause.
struct Part {
    name: Option<ObjectName>,
    has_time_columns: bool,
}

impl Part {
    fn is_called(&self, name: &ObjectName) -> bool {
        self.name.as_ref().is_some_and(|own| {
            let last = |name: &ObjectName| name.0.last().and_then(|part| part.as_ident()).map(super::identifier);
            last(own) == last(name)
        })
    }
}

/// Lists the parts of a FROM clause; returns whether a join merges columns.
fn collect_factors<'a>(from: &'a TableWithJoins, factors: &mut Vec<&'a TableFactor>) -> bool {
    let mut merges = collect_factor(&from.relation, factors);
    for join in &from.joins {
        merges |= collect_factor(&join.relation, factors);
        let constraint = match &join.join_operator {
            JoinOperator::Join(constraint)
            | JoinOperator::Inner(constraint)
            | JoinOperator::Left(constraint)
            | JoinOperator::LeftOuter(constraint)
            | JoinOperator::Right(constraint)
            | JoinOperator::RightOuter(constraint)
            | JoinOperator::FullOuter(constraint) => Some(constraint),
            _ => None,
        };
        merges |= matches!(constraint, Some(JoinConstraint::Using(_) | JoinConstraint::Natural));
    }
    merges
}

fn collect_factor<'a>(factor: &'a TableFactor, factors: &mut Vec<&'a TableFactor>) -> bool {
    match factor {
        TableFactor::NestedJoin { table_with_joins, alias: None } => collect_factors(table_with_joins, factors),
        other => {
            factors.push(other);
            false
        }
    }
}
