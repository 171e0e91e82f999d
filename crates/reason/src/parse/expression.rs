//! Expressions: sums, products, roundings, and what they are made of.

use grounds_core::RoundingMode;

use super::condition::is_condition;
use super::literal::PROVISION_WORDS;
use super::{Parsed, Parser};
use crate::diagnostic::Place;
use crate::lex::TokenKind;
use crate::surface::{Range, Term, TermKind};

impl Parser<'_> {
    /// A value: sums and shifts of products.
    pub(super) fn expression(&mut self) -> Parsed<Term> {
        let mut left = self.product()?;
        loop {
            let backwards = self.is_sign(0, "-");
            if (!backwards && !self.is_sign(0, "+")) || is_condition(&left) {
                return Ok(left);
            }
            self.next();
            left = if self.at_duration() {
                let start = left.place;
                let (duration, calendar) = self.duration()?;
                let height = left.height;
                let kind = TermKind::Shift { start: Box::new(left), backwards, duration, calendar };
                self.term(kind, start.to(self.previous()), height)?
            } else {
                let right = self.product()?;
                self.pair(left, right, if backwards { TermKind::Subtract } else { TermKind::Add })?
            };
        }
    }

    pub(super) fn pair(&self, left: Term, right: Term, kind: fn(Box<Term>, Box<Term>) -> TermKind) -> Parsed<Term> {
        let (place, height) = (left.place.to(right.place), left.height.max(right.height));
        self.term(kind(Box::new(left), Box::new(right)), place, height)
    }

    pub(super) fn product(&mut self) -> Parsed<Term> {
        let mut left = self.rounded()?;
        loop {
            let is_ratio = self.is_sign(0, "/");
            if is_condition(&left) || !is_ratio && !self.is_sign(0, "*") {
                return Ok(left);
            }
            self.next();
            let right = self.rounded()?;
            left = self.pair(left, right, if is_ratio { TermKind::Divide } else { TermKind::Multiply })?;
        }
    }

    pub(super) fn rounded(&mut self) -> Parsed<Term> {
        let value = self.primary()?;
        if is_condition(&value) || !self.take_words(&["rounded"]) {
            return Ok(value);
        }
        let mode = if self.take_words(&["down"]) {
            RoundingMode::Down
        } else if self.take_words(&["up"]) {
            RoundingMode::Up
        } else if self.take_words(&["half", "up"]) {
            RoundingMode::HalfUp
        } else if self.take_words(&["half", "even"]) {
            RoundingMode::HalfEven
        } else {
            return Err(self.unexpected("a way to round", "ways to round are down, up, half up and half even"));
        };
        let to = if self.take_words(&["to"]) {
            let hint = "write the amount of which the result is a multiple: rounded down to VRC 100";
            Some(Box::new(self.literal()?.ok_or_else(|| self.unexpected("an amount or number", hint))?))
        } else {
            None
        };
        let (place, height) = (value.place.to(self.previous()), value.height);
        self.term(TermKind::Round { value: Box::new(value), mode, to }, place, height)
    }

    pub(super) fn primary(&mut self) -> Parsed<Term> {
        self.deeper(|parser| {
            let start = parser.peek().place;
            if let Some(literal) = parser.literal()? {
                return parser.percent_of(literal);
            }
            if parser.take_sign("(") {
                let inner = parser.condition()?;
                parser.expect_sign(")", "every `(` needs a `)`")?;
                return parser.attributes(inner);
            }
            if parser.is_word(0, "case") && parser.is_sign(1, ".") {
                parser.position += 2;
                parser.expect_word("as_of", "the only thing known of the case itself is `case.as_of`, a date")?;
                return parser.term(TermKind::AsOf, start.to(parser.previous()), 0);
            }
            if let Some(term) = parser.phrase(start)? {
                return Ok(term);
            }
            let word = parser.peek();
            let ends = parser.at_item() && word.starts_line;
            if word.kind != TokenKind::Word || super::RESERVED.contains(&word.text) || ends {
                return Err(parser.unexpected("a value or condition", ""));
            }
            parser.named()
        })
    }

    /// What begins with words of its own: `date of`, `days between`, `greater of`, `sum of`, `count of`.
    pub(super) fn phrase(&mut self, start: Place) -> Parsed<Option<Term>> {
        if self.take_words(&["date", "of"]) {
            let inner = self.primary()?;
            return self.wrap(start, inner, TermKind::DateOf).map(Some);
        }
        if let Some(term) = self.date_phrase(start)? {
            return Ok(Some(term));
        }
        let greatest = self.take_words(&["greater", "of"]) || self.take_words(&["greatest", "of"]);
        if greatest || self.take_words(&["lesser", "of"]) || self.take_words(&["least", "of"]) {
            return self.extreme(start, greatest).map(Some);
        }
        if self.take_words(&["brackets", "of"]) {
            return self.brackets(start).map(Some);
        }
        if self.take_words(&["sum", "of"]) {
            return self.sum(start).map(Some);
        }
        if self.take_words(&["count", "of"]) {
            let range = self.range()?;
            let (place, height) = (start.to(self.previous()), range_height(&range));
            return self.term(TermKind::Count(range), place, height).map(Some);
        }
        Ok(None)
    }

    /// `year of`, `month of`, `day of`, `start of year`, `close of year`, `days between` and `years between`.
    fn date_phrase(&mut self, start: Place) -> Parsed<Option<Term>> {
        for (words, kind) in [
            (&["year", "of"][..], TermKind::YearOf as fn(Box<Term>) -> TermKind),
            (&["month", "of"], TermKind::MonthOf),
            (&["day", "of"], TermKind::DayOf),
            (&["start", "of", "year"], TermKind::StartOfYear),
            (&["close", "of", "year"], TermKind::CloseOfYear),
        ] {
            if self.take_words(words) {
                let inner = self.primary()?;
                return self.wrap(start, inner, kind).map(Some);
            }
        }
        let days = self.take_words(&["days", "between"]);
        if days || self.take_words(&["years", "between"]) {
            let first = self.primary()?;
            self.expect_word("and", "write: days between i.opened and i.closed")?;
            let second = self.primary()?;
            let kind = if days { TermKind::DaysBetween } else { TermKind::YearsBetween };
            let mut term = self.pair(first, second, kind)?;
            term.place = start.to(term.place);
            return Ok(Some(term));
        }
        Ok(None)
    }

    fn sum(&mut self, start: Place) -> Parsed<Term> {
        let value = Box::new(self.expression()?);
        let hint = "write: sum of r.amount for each r in Refund where r.paid";
        self.expect_word("for", hint)?;
        self.expect_word("each", hint)?;
        let range = self.range()?;
        let (place, height) = (start.to(self.previous()), value.height.max(range_height(&range)));
        self.term(TermKind::Sum { value, range }, place, height)
    }

    /// What follows `greater of`: values in brackets, or a value `for each` of a range.
    fn extreme(&mut self, start: Place, greatest: bool) -> Parsed<Term> {
        let hint = "write: greater of (VRC 5 000 000, x.profit), or: greatest of r.amount for each r in Refund";
        let mut parts = if self.is_sign(0, "(") {
            self.list("(", ")", hint, Self::expression)?
        } else {
            let value = self.expression()?;
            if !self.at_word("for") {
                return Err(self.unexpected("`for each`, or values in brackets", hint));
            }
            vec![value]
        };
        if parts.len() == 1
            && self.take_words(&["for", "each"])
            && let Some(value) = parts.pop()
        {
            let range = self.range()?;
            let (place, height) = (start.to(self.previous()), value.height.max(range_height(&range)));
            return self.term(TermKind::Extreme { greatest, value: Box::new(value), range }, place, height);
        }
        let (place, height) = (start.to(self.previous()), highest(&parts));
        let kind = if greatest { TermKind::Greatest(parts) } else { TermKind::Least(parts) };
        self.term(kind, place, height)
    }

    /// `brackets of x (15% to USD 36 900, 28% above)`
    fn brackets(&mut self, start: Place) -> Parsed<Term> {
        let hint = "write: brackets of Income(t) (15% to USD 36 900, 28% to USD 89 150, 31% above)";
        let value = self.primary()?;
        let slices = self.list("(", ")", hint, |parser| {
            let rate = parser.primary()?;
            if parser.take_words(&["to"]) {
                return Ok((rate, Some(parser.primary()?)));
            }
            parser.expect_word("above", hint)?;
            Ok((rate, None))
        })?;
        let ends = slices.iter().flat_map(|(rate, to)| [Some(rate), to.as_ref()]).flatten();
        let height = ends.map(|term| term.height).max().unwrap_or(0).max(value.height);
        let place = start.to(self.previous());
        self.term(TermKind::Brackets { value: Box::new(value), slices }, place, height)
    }

    /// `f in Firm` or `(p, c) in Controls`, with `where …` or without.
    pub(super) fn range(&mut self) -> Parsed<Range> {
        let hint = "write the variable and its entity type, f in Firm, or the variables and their relation, (p, c) in Controls";
        let is_tuple = self.is_sign(0, "(");
        let variables = if is_tuple { self.list("(", ")", hint, Self::variable)? } else { vec![self.variable()?] };
        self.expect_word("in", hint)?;
        let of = self.capital(if is_tuple { "a relation or claim" } else { "an entity type" })?;
        let condition = if self.take_words(&["where"]) { Some(Box::new(self.unary()?)) } else { None };
        Ok(Range { variables, of, is_tuple, condition })
    }

    /// Whether the next word is followed, on its line, by a step of a pinpoint: a keyword and a number.
    fn provision_follows(&self) -> bool {
        let (keyword, number) = (self.peek_at(1), self.peek_at(2));
        let is_roman = |text: &str| text.chars().all(|letter| "ivxlcdm".contains(letter.to_ascii_lowercase()));
        let is_number = match number.kind {
            TokenKind::Number | TokenKind::Mixed => true,
            TokenKind::Word => number.text.chars().count() == 1 || is_roman(number.text),
            _ => self.is_sign(2, "(") || self.is_sign(2, "."),
        };
        is_number && !keyword.starts_line && PROVISION_WORDS.contains(&keyword.text.to_lowercase().as_str())
    }

    /// A variable, a call, or a provision of a source; with the attributes that follow.
    pub(super) fn named(&mut self) -> Parsed<Term> {
        if self.provision_follows() {
            return self.provision();
        }
        if self.is_sign(1, "(") {
            if self.peek().text.starts_with(char::is_lowercase) && self.table_follows() {
                return self.table_row();
            }
            let name = self.capital("the name of a claim or relation")?;
            let hint = "write the arguments in brackets: Controls(a, b)";
            let arguments = self.list("(", ")", hint, Self::expression)?;
            let (place, height) = (name.place.to(self.previous()), highest(&arguments));
            let call = self.term(TermKind::Call { name, arguments }, place, height)?;
            return self.attributes(call);
        }
        let name = self.variable()?;
        let place = name.place;
        let term = self.term(TermKind::Variable(name), place, 0)?;
        self.attributes(term)
    }

    /// Whether the brackets after the next word are followed by `.`, as the look-up of a column is.
    fn table_follows(&self) -> bool {
        let mut depth = 0_usize;
        for ahead in 1.. {
            if self.is_sign(ahead, "(") {
                depth += 1;
            } else if self.is_sign(ahead, ")") {
                depth -= 1;
                if depth == 0 {
                    return self.is_sign(ahead + 1, ".");
                }
            } else if self.peek_at(ahead).kind == TokenKind::End {
                return false;
            }
        }
        false
    }

    /// `national_age(p.state).age`, or `threshold().amount` of a table whose row is found by the date alone
    fn table_row(&mut self) -> Parsed<Term> {
        let table = self.word("the name of a table", "")?;
        let hint = "write what the row is found by in brackets, and the column wanted: national_age(p.state).age";
        let is_found_by_date = self.is_sign(0, "(") && self.is_sign(1, ")");
        let keys = if is_found_by_date {
            self.position += 2;
            Vec::new()
        } else {
            self.list("(", ")", hint, Self::expression)?
        };
        self.expect_sign(".", hint)?;
        let column = self.word("the name of a column", hint)?;
        let (place, height) = (table.place.to(column.place), highest(&keys));
        self.term(TermKind::Row { table, keys, column }, place, height)
    }

    pub(super) fn attributes(&mut self, mut term: Term) -> Parsed<Term> {
        while self.is_sign(0, ".") && self.peek_at(1).kind == TokenKind::Word {
            self.next();
            let name = self.word("the name of a fact", "")?;
            let (place, height) = (term.place.to(name.place), term.height);
            term = self.term(TermKind::Attribute { of: Box::new(term), name }, place, height)?;
        }
        Ok(term)
    }
}

pub(super) fn highest(terms: &[Term]) -> usize {
    terms.iter().map(|term| term.height).max().unwrap_or(0)
}

pub(super) fn range_height(range: &Range) -> usize {
    range.condition.as_ref().map_or(0, |condition| condition.height)
}
