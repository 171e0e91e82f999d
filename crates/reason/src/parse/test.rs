//! Tests: a small case and what is expected of it.

use super::{Parsed, Parser};
use crate::lex::TokenKind;
use crate::surface::{ExpectedTerm, Item, Name, StatedValue, Statement, Term, TermKind, TestItem};

impl Parser<'_> {
    pub(super) fn test(&mut self) -> Parsed<Item> {
        let hint = "write: test \"one minute late\" as of 2016-03-05";
        let name = self.text("the name of the test", hint)?;
        self.expect_word("as", hint)?;
        self.expect_word("of", hint)?;
        let as_of = self.date().ok_or_else(|| self.unexpected("a date", hint))?;
        let mut statements = Vec::new();
        while !self.at_end() && !self.at_item() {
            statements.push(self.statement()?);
        }
        Ok(Item::Test(TestItem { name, as_of, statements }))
    }

    fn statement(&mut self) -> Parsed<Statement> {
        let start = self.peek().place;
        if self.take_words(&["expect"]) {
            let atom = self.atom("a claim with its arguments: expect LateReport(i)")?;
            let expected = self.expected()?;
            return Ok(Statement::Expect { atom, expected, place: start.to(self.previous()) });
        }
        if self.is_sign(1, ":") {
            let name = self.variable()?;
            self.next();
            return Ok(Statement::Entity { name, entity_type: self.capital("an entity type")? });
        }
        if self.take_words(&["not"]) {
            let atom = self.atom("a fact: not i.planned")?;
            return Ok(Statement::Fact { atom, value: StatedValue::No, in_force: self.in_force()? });
        }
        let hint = "a test states entities (i : Incident), facts (i.planned, i.detected_at = 2016-03-01T09:00Z) and `expect …`";
        if self.peek().kind != TokenKind::Word {
            return Err(self.unexpected("a statement of the test", hint));
        }
        let atom = self.atom(hint)?;
        let value = if self.take_sign("=") { self.stated()? } else { StatedValue::Yes };
        Ok(Statement::Fact { atom, value, in_force: self.in_force()? })
    }

    /// A fact or claim of named entities.
    fn atom(&mut self, hint: &str) -> Parsed<Term> {
        let before = self.position;
        let term = self.expression()?;
        if matches!(term.kind, TermKind::Call { .. } | TermKind::Attribute { .. }) {
            return Ok(term);
        }
        self.position = before;
        Err(self.unexpected("a fact or claim", hint))
    }

    fn stated(&mut self) -> Parsed<StatedValue> {
        if let Some(literal) = self.literal()? {
            return Ok(StatedValue::Literal(literal));
        }
        let word = self.peek();
        if word.kind != TokenKind::Word {
            return Err(self.unexpected("a value", "write a literal, or the name of an entity of the test"));
        }
        let before = self.position;
        let term = self.expression()?;
        match term.kind {
            TermKind::Provision { .. } => Ok(StatedValue::Literal(term)),
            TermKind::Variable(name) => Ok(StatedValue::Name(Name { text: name.text, place: name.place })),
            _ => {
                self.position = before;
                Err(self
                    .unexpected("a literal or the name of an entity", "a test states values, it does not compute them"))
            }
        }
    }

    fn expected(&mut self) -> Parsed<ExpectedTerm> {
        if self.take_sign("=") {
            return Ok(ExpectedTerm::Value(self.stated()?));
        }
        if self.take_words(&["does", "not", "hold"]) || self.take_words(&["is", "none"]) {
            return Ok(ExpectedTerm::DoesNotHold);
        }
        if self.take_words(&["conflict"]) {
            return Ok(ExpectedTerm::Conflict);
        }
        if !self.take_words(&["undetermined"]) {
            self.take_words(&["holds"]);
            return Ok(ExpectedTerm::Holds);
        }
        let mut missing = Vec::new();
        if self.take_words(&["missing"]) {
            missing.push(self.atom("a fact: missing i.detected_at")?);
            while self.take_sign(",") {
                missing.push(self.atom("a fact: missing i.detected_at")?);
            }
        }
        Ok(ExpectedTerm::Undetermined(missing))
    }
}
