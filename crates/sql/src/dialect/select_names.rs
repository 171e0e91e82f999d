//! Select lists in which two columns have the same name: standard SQL allows them, DataFusion's plans do not.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::sql::sqlparser::ast::{
    Expr, Ident, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, Statement, VisitMut, VisitorMut,
};

/// Stands between a name and the number that makes it unique; no name that people type has it.
const UNIT_SEPARATOR: char = '\u{1f}';

/// Gives the second and every further column of a name in a select list a name of its own, which `restore_select_names` takes off
/// the result again. Within the statement the name means the first column.
pub(crate) fn keep_select_names(statement: &mut Statement) {
    let _ = statement.visit(&mut NameLists);
}

/// The schema of a result under the names that the query gave.
pub(crate) fn restore_select_names(schema: &SchemaRef) -> SchemaRef {
    if !schema.fields().iter().any(|field| field.name().contains(UNIT_SEPARATOR)) {
        return Arc::clone(schema);
    }
    let fields = schema.fields().iter().map(|field| field.as_ref().clone().with_name(given_name(field.name())));
    Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone()))
}

/// The name that several columns of a plan have, where a table or view made of it could not keep them apart.
pub(crate) fn repeated_select_name(schema: &DFSchema) -> Option<String> {
    let repeated = schema.fields().iter().find(|field| field.name().contains(UNIT_SEPARATOR))?;
    Some(given_name(repeated.name()).to_owned())
}

fn given_name(name: &str) -> &str {
    name.split(UNIT_SEPARATOR).next().unwrap_or_default()
}

struct NameLists;

impl VisitorMut for NameLists {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        name_columns(&mut query.body);
        ControlFlow::Continue(())
    }
}

fn name_columns(body: &mut SetExpr) {
    match body {
        SetExpr::Select(select) => name_select_list(select),
        SetExpr::SetOperation { left, right, .. } => {
            name_columns(left);
            name_columns(right);
        }
        // Nested queries are visited by themselves; the rest has no select list.
        _ => {}
    }
}

fn name_select_list(select: &mut Select) {
    if select.projection.len() < 2 {
        return;
    }
    let everything = select.projection.iter().any(|item| matches!(item, SelectItem::Wildcard(_)));
    let tables: HashSet<String> = select.projection.iter().filter_map(all_of_table).collect();
    let mut seen = HashSet::new();
    for (position, item) in select.projection.iter_mut().enumerate() {
        let (name, likeness, expr) = match item {
            SelectItem::UnnamedExpr(expr) => {
                let repeats_wildcard = match &*expr {
                    Expr::Identifier(_) => everything,
                    Expr::CompoundIdentifier(parts) => {
                        everything || parts.len() > 1 && tables.contains(&folded(&parts[parts.len() - 2]))
                    }
                    _ => false,
                };
                let name = column_name(expr);
                let likeness = if repeats_wildcard { None } else { Some(likeness(&name)) };
                (name, likeness, expr)
            }
            SelectItem::ExprWithAlias { expr, alias } => (folded(alias), Some(folded(alias)), expr),
            _ => continue,
        };
        if likeness.is_none_or(|likeness| !seen.insert(likeness)) {
            let alias = Ident::with_quote('"', format!("{name}{UNIT_SEPARATOR}{position}"));
            *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
        }
    }
}

fn all_of_table(item: &SelectItem) -> Option<String> {
    match item {
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
            name.0.last().and_then(|part| part.as_ident()).map(folded)
        }
        _ => None,
    }
}

fn folded(name: &Ident) -> String {
    if name.quote_style.is_some() { name.value.clone() } else { name.value.to_lowercase() }
}

fn column_name(expr: &Expr) -> String {
    match expr {
        Expr::Nested(inner) => column_name(inner),
        Expr::Subquery(query) => first_column_name(&query.body).unwrap_or_else(|| expr.to_string()),
        Expr::Identifier(name) => folded(name),
        Expr::CompoundIdentifier(parts) => parts.last().map(folded).unwrap_or_default(),
        other => other.to_string(),
    }
}

/// A subquery has the name of its column.
fn first_column_name(body: &SetExpr) -> Option<String> {
    match body {
        SetExpr::Select(select) => match select.projection.first()? {
            SelectItem::UnnamedExpr(expr) => Some(column_name(expr)),
            SelectItem::ExprWithAlias { alias, .. } => Some(folded(alias)),
            _ => None,
        },
        SetExpr::Query(query) => first_column_name(&query.body),
        SetExpr::SetOperation { left, .. } => first_column_name(left),
        _ => None,
    }
}

/// Equal for expressions that a plan could give equal names: a name too many is harmless, one too few is an error.
fn likeness(name: &str) -> String {
    let text = name.to_lowercase();
    if text.contains("select") {
        return "select".to_string();
    }
    let mut words: Vec<&str> = text.split(|c: char| c.is_whitespace() || "()+".contains(c)).collect();
    words.retain(|word| !word.is_empty() && *word != "all");
    let unqualified = |word: &&str| word.rsplit('.').next().unwrap_or_default().to_string();
    words.iter().map(unqualified).collect()
}
