//! From the tables of rule files to those of the program.

use grounds_core::{Column, Type, Validity, Value, ValueRow, ValueTable};

use crate::cite::{Citations, MustStand};
use crate::diagnostic::Problem;
use crate::kind::Kind;
use crate::surface::{ColumnItem, RowItem, TableItem, TermKind};
use crate::world::same_value;

/// Builds a table; rows with a mistake are reported and left out.
pub(crate) fn table(item: &TableItem, citations: &mut Citations<'_>, problems: &mut Vec<Problem>) -> ValueTable {
    let mut columns: Vec<&ColumnItem> = Vec::new();
    for column in item.keys.iter().chain(&item.values) {
        if columns.iter().any(|known| known.name.text == column.name.text) {
            let message = format!("the column `{}` is declared twice", column.name.text);
            problems.push(Problem::new("duplicate-name", column.name.place, message, "rename one, or remove it"));
        }
        if let Type::Entity(name) = &column.value.value {
            let message = format!("a table holds what the law lays down, and no `{name}`");
            let hint = "the types of columns are bool, number, money, date, instant and text";
            problems.push(Problem::new("unknown-type", column.value.place, message, hint));
        }
        columns.push(column);
    }
    let mut table = ValueTable {
        name: item.name.text.clone(),
        keys: named(&item.keys),
        values: named(&item.values),
        rows: Vec::new(),
    };
    for row in &item.rows {
        if let Some(read) = row_of(item, row, &columns, citations, problems) {
            let is_twin = |known: &ValueRow| {
                let keys = known.values.iter().zip(&read.values).take(item.keys.len());
                known.in_force.overlaps(read.in_force) && keys.into_iter().all(|(one, other)| same_value(one, other))
            };
            if table.rows.iter().any(is_twin) {
                let message =
                    "another row of this table has the same keys, and is in force on the same days".to_owned();
                problems.push(Problem::new("same-row", row.place, message, "compare the two `in force`"));
            }
            table.rows.push(read);
        }
    }
    table
}

fn named(columns: &[ColumnItem]) -> Vec<Column> {
    let column = |item: &ColumnItem| Column { name: item.name.text.clone(), value: item.value.value.clone() };
    columns.iter().map(column).collect()
}

fn row_of(
    item: &TableItem,
    row: &RowItem,
    columns: &[&ColumnItem],
    citations: &mut Citations<'_>,
    problems: &mut Vec<Problem>,
) -> Option<ValueRow> {
    let in_force = row.in_force.unwrap_or_else(Validity::always);
    let cites = if row.cites.is_empty() { &item.cites } else { &row.cites };
    if cites.is_empty() {
        let message = "this row cites no provision".to_owned();
        let hint = "cite where it is laid down, in the row or for the whole table: cites order art 2(1) \"…\"";
        problems.push(Problem::new("no-citation", row.place, message, hint));
    }
    let cites = citations.check(&item.name.text, cites, MustStand::Throughout(in_force), problems);
    let mut values: Vec<Value> = Vec::new();
    for (term, column) in row.values.iter().zip(columns) {
        let TermKind::Literal(value) = &term.kind else { return None };
        let (kind, expected) = (Kind::of_value(value), Kind::of_type(&column.value.value));
        if expected.unite(&kind).is_none() {
            let message = format!("`{}` is declared as {expected}, and this is {kind}", column.name.text);
            problems.push(Problem::new("type-mismatch", term.place, message, "see the first line of the table"));
            return None;
        }
        values.push(value.clone());
    }
    Some(ValueRow { values, cites, in_force })
}
