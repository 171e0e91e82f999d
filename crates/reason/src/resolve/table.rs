//! Look-ups in tables.

use grounds_core::Expression;

use super::{Resolver, Typed};
use crate::diagnostic::{arguments, did_you_mean};
use crate::kind::Kind;
use crate::surface::{Name, Term};

impl Resolver<'_, '_> {
    pub(super) fn row(&mut self, table: &Name, keys: &[Term], column: &Name) -> Option<Typed> {
        let typed = self.expressions(keys);
        let Some(known) = self.citations.names.tables.get(&table.text) else {
            let hint = did_you_mean(&table.text, self.citations.names.tables.keys().map(String::as_str));
            return self.problem("unknown-table", table.place, format!("no table is called `{}`", table.text), hint);
        };
        let typed = typed?;
        if known.keys.len() != typed.len() {
            let message = format!("`{}` is looked up by {}", table.text, arguments(known.keys.len()));
            return self.problem("wrong-arity", table.place, message, "see the first line of the table");
        }
        let Some((_, value)) = known.values.iter().find(|(name, _)| *name == column.text) else {
            let hint = did_you_mean(&column.text, known.values.iter().map(|(name, _)| name.as_str()));
            let message = format!("`{}` gives no `{}`", table.text, column.text);
            return self.problem("unknown-column", column.place, message, hint);
        };
        let mut resolved = Vec::new();
        for ((term, (key, kind)), (_, expected)) in keys.iter().zip(typed).zip(&known.keys) {
            if kind.is_unrounded() {
                return self.unrounded(term.place);
            }
            let expected = Kind::of_type(expected);
            if expected.unite(&kind).is_none() {
                let message = format!("expected {expected}, found {kind}");
                return self.problem("type-mismatch", term.place, message, "see the first line of the table");
            }
            resolved.push(key);
        }
        let row = Expression::Row { table: table.text.clone(), keys: resolved, column: column.text.clone() };
        Some((row, Kind::of_type(value)))
    }
}
