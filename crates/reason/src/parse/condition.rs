//! Conditions: or, and, not, and relations between values.

use grounds_core::{Comparison, Value};

use super::expression::{highest, range_height};
use super::{Parsed, Parser};
use crate::diagnostic::{Place, Problem};
use crate::lex::TokenKind;
use crate::surface::{Term, TermKind};

impl Parser<'_> {
    pub(super) fn condition(&mut self) -> Parsed<Term> {
        let first = self.all()?;
        if !self.at_word("or") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take_words(&["or"]) {
            parts.push(self.all()?);
        }
        self.joined(parts, TermKind::Any)
    }

    pub(super) fn all(&mut self) -> Parsed<Term> {
        let first = self.unary()?;
        if !self.at_word("and") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take_words(&["and"]) {
            parts.push(self.unary()?);
        }
        self.joined(parts, TermKind::All)
    }

    pub(super) fn joined(&self, parts: Vec<Term>, kind: fn(Vec<Term>) -> TermKind) -> Parsed<Term> {
        let place = parts[0].place.to(self.previous());
        let height = highest(&parts);
        self.term(kind(parts), place, height)
    }

    /// One condition without `and` or `or` outside brackets.
    pub(super) fn unary(&mut self) -> Parsed<Term> {
        self.deeper(|parser| {
            let start = parser.peek().place;
            if parser.take_words(&["not"]) {
                let term = parser.unary()?;
                return parser.wrap(start, term, TermKind::Not);
            }
            if parser.take_words(&["has"]) {
                let term = parser.primary()?;
                return parser.wrap(start, term, TermKind::Has);
            }
            if parser.at_word("no") && parser.peek_at(1).kind == TokenKind::Word {
                parser.next();
                let term = parser.primary()?;
                return parser.wrap(start, term, TermKind::HasNot);
            }
            if parser.at_word("some") && (parser.is_word(2, "in") || parser.is_sign(1, "(")) {
                parser.next();
                let range = parser.range()?;
                if range.condition.is_none() && !range.is_tuple {
                    return Err(parser.unexpected("`where`", "write: some f in Firm where f.licensed"));
                }
                let (place, height) = (start.to(parser.previous()), range_height(&range));
                return parser.term(TermKind::Exists(range), place, height);
            }
            parser.relation()
        })
    }

    pub(super) fn wrap(&self, start: Place, inner: Term, kind: fn(Box<Term>) -> TermKind) -> Parsed<Term> {
        let (place, height) = (start.to(inner.place), inner.height);
        self.term(kind(Box::new(inner)), place, height)
    }

    pub(super) fn relation(&mut self) -> Parsed<Term> {
        let left = self.expression()?;
        if is_condition(&left) {
            return Ok(left);
        }
        if self.is_word(0, "in") && self.is_sign(1, "{") {
            self.next();
            let choices = self.list("{", "}", "write: in { \"a\", \"b\" }", Self::expression)?;
            let place = left.place.to(self.previous());
            let height = left.height.max(highest(&choices));
            return self.term(TermKind::In { value: Box::new(left), choices }, place, height);
        }
        if self.take_words(&["within"]) {
            return self.within(left);
        }
        let operator = if self.take_words(&["is", "not"]) || self.take_sign("<>") {
            Comparison::NotEqual
        } else if self.take_sign("=") || self.take_words(&["is"]) {
            Comparison::Equal
        } else if self.take_sign("<") {
            Comparison::Less
        } else if self.take_sign("<=") {
            Comparison::LessOrEqual
        } else if self.take_sign(">") {
            Comparison::Greater
        } else if self.take_sign(">=") {
            Comparison::GreaterOrEqual
        } else {
            return Ok(left);
        };
        if self.at_word("none") {
            let hint = "write `no i.reported_at` for a fact or claim without a value, `has i.reported_at` for one with a value";
            return Err(Problem::new("none-compared", self.peek().place, "nothing can be compared with `none`", hint));
        }
        let right = self.expression()?;
        let (place, height) = (left.place.to(right.place), left.height.max(right.height));
        self.term(TermKind::Compare { left: Box::new(left), operator, right: Box::new(right) }, place, height)
    }

    /// `x.on within p.began_on .. p.ended_on`: not before the one and not after the other.
    fn within(&mut self, value: Term) -> Parsed<Term> {
        let first = self.expression()?;
        self.expect_sign("..", "write the first and the last value: x.on within 2020-01-01 .. 2020-12-31")?;
        let last = self.expression()?;
        if let (TermKind::Literal(Value::Date(from)), TermKind::Literal(Value::Date(to))) = (&first.kind, &last.kind)
            && to < from
        {
            let message = "the last of these days is before the first, so that no day is within them";
            return Err(Problem::new("empty-time", first.place.to(last.place), message, "exchange the two days"));
        }
        let compare = |left: Term, operator, right: Term| {
            let (place, height) = (left.place.to(right.place), left.height.max(right.height));
            self.term(TermKind::Compare { left: Box::new(left), operator, right: Box::new(right) }, place, height)
        };
        let from = compare(value.clone(), Comparison::GreaterOrEqual, first)?;
        let to = compare(value, Comparison::LessOrEqual, last)?;
        self.joined(vec![from, to], TermKind::All)
    }
}

/// Whether a term can only be a condition. One in brackets is complete: operators after it belong to what stands around it, as in
/// `count of f in Firm where (f.licensed and f.active) > 3`.
pub(super) fn is_condition(term: &Term) -> bool {
    matches!(
        term.kind,
        TermKind::All(_)
            | TermKind::Any(_)
            | TermKind::Not(_)
            | TermKind::Has(_)
            | TermKind::HasNot(_)
            | TermKind::Exists(_)
            | TermKind::Compare { .. }
            | TermKind::In { .. }
    )
}
