//! Literals: numbers, amounts, dates, lengths of time, provisions.

use grounds_core::{Duration, Instant, Money, Rational, Value, ValueError};

use super::{Parsed, Parser};
use crate::diagnostic::Problem;
use crate::lex::TokenKind;
use crate::surface::{Name, Term, TermKind};

/// Words that begin a step of a pinpoint.
pub(super) const PROVISION_WORDS: [&str; 20] = [
    "art",
    "article",
    "recital",
    "rec",
    "annex",
    "schedule",
    "part",
    "title",
    "chapter",
    "section",
    "sec",
    "§",
    "para",
    "paragraph",
    "par",
    "subpara",
    "subparagraph",
    "point",
    "pt",
    "arts",
];

impl Parser<'_> {
    pub(super) fn at_duration(&self) -> bool {
        self.peek_at(1).text == "working" && self.peek().kind == TokenKind::Number || self.unit_follows(0)
    }

    /// Whether a number and a unit of time stand `ahead`; in tests, a thing may have the name of a unit.
    fn unit_follows(&self, ahead: usize) -> bool {
        let unit = self.peek_at(ahead + 1);
        let is_thing = unit.starts_line && (self.is_sign(ahead + 2, ":") || self.is_sign(ahead + 2, "."));
        self.peek_at(ahead).kind == TokenKind::Number
            && unit.kind == TokenKind::Word
            && unit_of(unit.text).is_some()
            && !is_thing
    }

    /// `72 hours`, `3 working days by varenia`, `1 year and 6 months`
    pub(super) fn duration(&mut self) -> Parsed<(Duration, Option<Name>)> {
        let start = self.peek().place;
        let (mut duration, calendar) = self.one_duration()?;
        while calendar.is_none() && self.at_word("and") && self.unit_follows(1) {
            self.next();
            let (more, _) = self.one_duration()?;
            duration = crate::duration::plus(duration, more, 1).ok_or_else(|| {
                let place = start.to(self.previous());
                Problem::new("bad-duration", place, "this length of time is too long to count", "write fewer units")
            })?;
        }
        Ok((duration, calendar))
    }

    fn one_duration(&mut self) -> Parsed<(Duration, Option<Name>)> {
        let number = self.next();
        let whole = Rational::parse(number.text).ok().filter(|count| count.denominator() == 1);
        let count = whole.and_then(|count| i64::try_from(count.numerator()).ok()).filter(|count| *count <= 10_000_000);
        let Some(count) = count else {
            let message = format!("`{}` is not a whole number of at most 10 000 000", number.text);
            return Err(Problem::new(
                "bad-duration",
                number.place,
                message,
                "write smaller units: 90 minutes, not 1.5 hours",
            ));
        };
        if self.take_words(&["working"]) {
            let hint = "working days need a calendar: + 3 working days by varenia";
            if !self.take_words(&["days"]) {
                self.expect_word("day", hint)?;
            }
            self.expect_word("by", hint)?;
            let calendar = self.word("the name of a calendar", hint)?;
            return Ok((Duration { working_days: count, ..Duration::default() }, Some(calendar)));
        }
        let unit = self.next();
        let (base, factor) = unit_of(unit.text).expect("`at_duration` has seen a unit");
        // At most 10^7 hours of 3,600 seconds: far below the limits of 64 bits.
        let amount = count * factor;
        let duration = match base {
            "months" => Duration { months: amount, ..Duration::default() },
            "days" => Duration { days: amount, ..Duration::default() },
            _ => Duration { seconds: amount, ..Duration::default() },
        };
        Ok((duration, None))
    }

    /// `3% of x`; other literals stay what they are.
    pub(super) fn percent_of(&mut self, literal: Term) -> Parsed<Term> {
        let is_percent = self.previous().end > 0 && self.source[..self.previous().end].ends_with('%');
        if !is_percent || !self.take_words(&["of"]) {
            return Ok(literal);
        }
        let of = self.primary()?;
        self.pair(literal, of, TermKind::Multiply)
    }

    /// `smc art 33(1)(b)`: as many steps as follow.
    pub(super) fn provision(&mut self) -> Parsed<Term> {
        let source = self.word("the name of a source", "")?;
        let start = self.position;
        loop {
            if PROVISION_WORDS.contains(&self.peek().text.to_lowercase().as_str()) && !self.is_sign(1, ",") {
                self.position += 1;
                self.take_sign(".");
                if matches!(self.peek().kind, TokenKind::Number | TokenKind::Mixed | TokenKind::Word) {
                    self.position += 1;
                }
            } else if self.is_sign(0, "(") && self.is_sign(2, ")") {
                self.position += 3;
            } else {
                break;
            }
        }
        let place = self.tokens[start].place.to(self.previous());
        let pinpoint = Name { text: self.source[place.start..place.end].to_owned(), place };
        let whole = source.place.to(place);
        self.verbatim.push(whole);
        self.term(TermKind::Provision { source, pinpoint }, whole, 0)
    }

    /// A literal, except provisions; `None` where no literal begins here.
    pub(super) fn literal(&mut self) -> Parsed<Option<Term>> {
        let token = self.peek();
        let is_currency = token.kind == TokenKind::Word
            && token.text.len() == 3
            && token.text.bytes().all(|byte| byte.is_ascii_uppercase());
        let sign = usize::from(is_currency);
        let negative = self.is_sign(sign, "-");
        if self.unit_follows(0) {
            let (duration, _) = self.duration()?;
            let place = token.place.to(self.previous());
            return self.term(TermKind::Literal(Value::Duration(duration)), place, 0).map(Some);
        }
        let number = self.peek_at(sign + usize::from(negative));
        if number.kind == TokenKind::Number && (is_currency || negative || token.kind == TokenKind::Number) {
            self.position += sign + usize::from(negative) + 1;
            let minus = if negative { "-" } else { "" };
            let value = if is_currency {
                Money::parse(&format!("{} {minus}{}", token.text, number.text)).map(Value::Money)
            } else if self.take_sign("%") {
                Rational::parse(&format!("{minus}{}", number.text)).and_then(percent).map(Value::Number)
            } else {
                Rational::parse(&format!("{minus}{}", number.text)).map(Value::Number)
            };
            let place = token.place.to(self.previous());
            let value = value.map_err(|error| {
                let hint = "money is a currency and an amount with no more places than its minor unit: VRC 18 000.50";
                Problem::new("bad-literal", place, error.to_string(), if is_currency { hint } else { "" })
            })?;
            return self.term(TermKind::Literal(value), place, 0).map(Some);
        }
        let value = match token.kind {
            // A malformed one has been reported by the lexer; any of its type lets the rest of the item be read.
            TokenKind::Date => Value::Date(token.text.parse().unwrap_or_default()),
            TokenKind::Instant => {
                Value::Instant(token.text.parse().unwrap_or(Instant { unix_seconds: 0, offset_minutes: 0 }))
            }
            TokenKind::Text => Value::Text(token.unquoted()),
            TokenKind::Word if token.text == "yes" => Value::Bool(true),
            TokenKind::Word if token.text == "no" => Value::Bool(false),
            _ => return Ok(None),
        };
        self.next();
        self.term(TermKind::Literal(value), token.place, 0).map(Some)
    }
}

fn percent(number: Rational) -> Result<Rational, ValueError> {
    let below = number.denominator().checked_mul(100).ok_or(ValueError::Overflow)?;
    Rational::new(number.numerator(), below)
}

/// The field of a duration that a unit counts in, and how many of that field one unit is.
fn unit_of(word: &str) -> Option<(&'static str, i64)> {
    Some(match word.strip_suffix('s').unwrap_or(word) {
        "year" => ("months", 12),
        "month" => ("months", 1),
        "week" => ("days", 7),
        "day" => ("days", 1),
        "hour" => ("seconds", 3600),
        "minute" => ("seconds", 60),
        _ => return None,
    })
}
