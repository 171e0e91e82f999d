//! Tables of values laid down by law.

use super::{Parsed, Parser};
use crate::lex::TokenKind;
use crate::surface::{ColumnItem, Item, RowItem, TableItem};

const HINT: &str = "write: table national_age | state : text | gives age : number | and a row a line: | \"AT\" | 14 | cites … | in force … |";

impl Parser<'_> {
    pub(super) fn table(&mut self) -> Parsed<Item> {
        let name = self.variable()?;
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        self.expect_sign("|", HINT)?;
        while self.peek().kind == TokenKind::Word && !self.at_word("cites") && !self.peek().starts_line {
            let is_value = self.take_words(&["gives"]) || !values.is_empty();
            let name = self.variable()?;
            self.expect_sign(":", HINT)?;
            let column = ColumnItem { name, value: self.type_name()? };
            if is_value {
                values.push(column)
            } else {
                keys.push(column)
            }
            self.expect_sign("|", HINT)?;
        }
        if values.is_empty() {
            return Err(self.unexpected("`gives` and at least one column that the table gives", HINT));
        }
        let mut cites = Vec::new();
        while self.at_word("cites") {
            cites.push(self.cites()?);
        }
        let mut rows = Vec::new();
        while self.is_sign(0, "|") {
            rows.push(self.row(keys.len() + values.len())?);
        }
        self.end_of_item("another row, or the next declaration")?;
        Ok(Item::Table(TableItem { name, keys, values, cites, rows }))
    }

    /// `| "AT" | 14 | cites … | in force … |`
    fn row(&mut self, width: usize) -> Parsed<RowItem> {
        let start = self.peek().place;
        self.expect_sign("|", HINT)?;
        let (mut values, mut cites) = (Vec::new(), Vec::new());
        for _ in 0..width {
            values.push(self.literal()?.ok_or_else(|| self.unexpected(&format!("{width} values"), HINT))?);
            self.expect_sign("|", HINT)?;
        }
        while self.at_word("cites") {
            cites.push(self.cites()?);
        }
        self.take_bar();
        let in_force = self.in_force()?;
        self.take_bar();
        Ok(RowItem { values, cites, in_force, place: start.to(self.previous()) })
    }

    /// Takes a `|` that does not begin the next row.
    fn take_bar(&mut self) {
        if !self.peek().starts_line {
            self.take_sign("|");
        }
    }
}
