//! Declarations and rules.

use grounds_core::{ClaimKind, FactMode, Holiday, Type, Validity};
use jiff::civil::Date;

use super::{Parsed, Parser};
use crate::diagnostic::Problem;
use crate::lex::TokenKind;
use crate::surface::{CalendarItem, Cites, ClaimItem, FactItem, Item, Name, TypeName};

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Parser<'_> {
    pub(super) fn item(&mut self) -> Parsed<Item> {
        if !self.at_item() {
            return Err(self.unexpected(
                "a declaration or rule",
                "items begin with source, entity, fact, judgement, calendar, claim, violation, sanction, rule, exception, \
                 limit, amend, table, prefer or test",
            ));
        }
        let keyword = self.next().text;
        match keyword {
            "source" => self.source_item(),
            "entity" => Ok(Item::Entity { name: self.capital("the name of an entity type")? }),
            "fact" => self.fact(false),
            "judgement" => self.fact(true),
            "calendar" => self.calendar(),
            "claim" => self.claim(ClaimKind::Claim),
            "violation" => self.claim(ClaimKind::Violation),
            "sanction" => self.claim(ClaimKind::Sanction),
            "rule" => self.rule(),
            "exception" => self.exception(),
            "limit" => self.limit(),
            "amend" => self.amend(),
            "table" => self.table(),
            "prefer" => self.prefer(),
            _ => self.test(),
        }
    }

    fn source_item(&mut self) -> Parsed<Item> {
        let hint = "write: source smc = \"securities-code\"";
        let name = self.word("the short name of a source", hint)?;
        self.expect_sign("=", hint)?;
        Ok(Item::Source { name, document: self.text("the name of a document", hint)? })
    }

    fn fact(&mut self, judgement: bool) -> Parsed<Item> {
        let hint = "write: fact Incident.detected_at : instant open ask \"When was {Incident} detected?\"";
        let first = self.capital("an entity type or the name of a relation")?;
        let (predicate, parameters) = if self.take_sign(".") {
            let attribute = self.word("the name of the fact", hint)?;
            let text = format!("{}.{}", first.text, attribute.text);
            (Name { text, place: first.place.to(attribute.place) }, vec![first])
        } else {
            let parameters = self.list("(", ")", hint, |parser| parser.capital("an entity type"))?;
            (first, parameters)
        };
        self.expect_sign(":", hint)?;
        let value = self.type_name()?;
        let mode = self.mode(hint)?;
        let mut cites = Vec::new();
        while self.at_word("cites") {
            cites.push(self.cites()?);
        }
        self.expect_word("ask", hint)?;
        let ask = self.text("the question", hint)?;
        Ok(Item::Fact(FactItem { predicate, parameters, value, mode, judgement, cites, ask }))
    }

    fn mode(&mut self, hint: &str) -> Parsed<FactMode> {
        if self.take_words(&["open"]) {
            return Ok(FactMode::Open);
        }
        if self.take_words(&["closed"]) {
            return Ok(FactMode::Closed);
        }
        if !self.take_words(&["presumed"]) {
            let expected = "`open` (absent means unknown), `closed` (absent means none) or `presumed`";
            return Err(self.unexpected(expected, hint));
        }
        let hint = "write: presumed no burden firm";
        let value = self.take_words(&["yes"]);
        if !value {
            self.expect_word("no", hint)?;
        }
        self.expect_word("burden", hint)?;
        Ok(FactMode::Presumed { value, burden: self.word("the party that bears the burden", hint)?.text })
    }

    pub(super) fn type_name(&mut self) -> Parsed<TypeName> {
        let name = self.word(
            "a type",
            "types are bool, number, money, date, instant, duration, text, provision and entity types",
        )?;
        let value = match name.text.as_str() {
            "bool" => Type::Bool,
            "number" => Type::Number,
            "money" => Type::Money,
            "date" => Type::Date,
            "instant" => Type::Instant,
            "duration" => Type::Duration,
            "text" => Type::Text,
            "provision" => Type::Provision,
            _ => Type::Entity(name.text),
        };
        Ok(TypeName { value, place: name.place })
    }

    fn calendar(&mut self) -> Parsed<Item> {
        let hint = "write: calendar varenia cites order art 2(1) \"Saturdays\" weekend saturday, sunday holiday 01-01";
        let name = self.word("the name of a calendar", hint)?;
        let mut cites = Vec::new();
        while self.at_word("cites") {
            cites.push(self.cites()?);
        }
        let (mut weekend, mut holidays) = (Vec::new(), Vec::new());
        loop {
            if self.take_words(&["weekend"]) {
                weekend.push(self.day_of_week()?);
                while self.take_sign(",") {
                    weekend.push(self.day_of_week()?);
                }
            } else if self.take_words(&["holiday"]) {
                holidays.push(self.holiday()?);
                while self.take_sign(",") {
                    holidays.push(self.holiday()?);
                }
            } else {
                break;
            }
        }
        weekend.sort_unstable();
        weekend.dedup();
        if weekend.len() == DAYS.len() {
            let message = format!("calendar `{}` has no working day", name.text);
            return Err(Problem::new(
                "no-working-day",
                name.place,
                message,
                "at most six days of the week are the weekend",
            ));
        }
        Ok(Item::Calendar(CalendarItem { name, cites, weekend, holidays }))
    }

    fn day_of_week(&mut self) -> Parsed<i8> {
        let token = self.peek();
        let found = (1..).zip(DAYS).find(|(_, day)| token.text == *day).map(|(number, _)| number);
        match found {
            Some(number) => {
                self.next();
                Ok(number)
            }
            None => Err(self.unexpected("a day of the week", "write it out in small letters: saturday")),
        }
    }

    fn holiday(&mut self) -> Parsed<Holiday> {
        let token = self.peek();
        let date: Option<Date> = match token.kind {
            // A malformed day has been reported by the lexer.
            TokenKind::Date => Some(token.text.parse().unwrap_or_default()),
            TokenKind::MonthDay => Some(format!("2020-{}", token.text).parse().unwrap_or_default()),
            _ => None,
        };
        let Some(date) = date else {
            return Err(self.unexpected("a day", "write 03-06 for every year, or 2021-06-14 for once"));
        };
        self.next();
        Ok(match token.kind {
            TokenKind::MonthDay => Holiday::Yearly { month: date.month(), day: date.day() },
            _ => Holiday::Once(date),
        })
    }

    fn claim(&mut self, kind: ClaimKind) -> Parsed<Item> {
        let hint = "write: claim ReportBy(Incident) : instant say \"{Incident} must be reported by {value}\"";
        let name = self.capital("the name of a claim")?;
        let parameters = self.list("(", ")", hint, |parser| parser.capital("an entity type"))?;
        let value = if self.take_sign(":") { Some(self.type_name()?) } else { None };
        self.expect_word("say", hint)?;
        let say = self.text("the sentence that states the claim", hint)?;
        let say_not = if self.take_words(&["say", "not"]) {
            Some(self.text("the sentence that denies the claim", hint)?)
        } else {
            None
        };
        Ok(Item::Claim(ClaimItem { kind, name, parameters, value, say, say_not }))
    }

    /// From `cites` to the last quotation of that provision.
    pub(super) fn cites(&mut self) -> Parsed<Cites> {
        let hint = "write: cites smc art 52(1) \"within 72 hours\"";
        self.expect_word("cites", hint)?;
        let source = self.word("the name of a source", hint)?;
        let start = self.position;
        while !self.at_end() && self.peek().kind != TokenKind::Text {
            // A keyword at the start of a line means that the quotation is missing.
            if self.at_item() && self.peek().starts_line || self.position - start > 40 {
                break;
            }
            self.position += 1;
        }
        if self.position == start {
            return Err(self.unexpected("a provision", hint));
        }
        let place = self.tokens[start].place.to(self.previous());
        self.verbatim.push(place);
        let pinpoint = Name { text: self.source[place.start..place.end].to_owned(), place };
        let missing = "every citation quotes the words it relies on: cites smc art 52(1) \"within 72 hours\"";
        let mut quotes = vec![self.text("a quotation from the provision", missing)?];
        while self.at_word("and") && self.peek_at(1).kind == TokenKind::Text {
            self.position += 1;
            quotes.push(self.text("a quotation", hint)?);
        }
        Ok(Cites { source, pinpoint, quotes })
    }

    pub(super) fn all_cites(&mut self, what: &Name) -> Parsed<Vec<Cites>> {
        let mut cites = Vec::new();
        while self.at_word("cites") {
            cites.push(self.cites()?);
        }
        if cites.is_empty() {
            let message = format!("`{}` cites no provision", what.text);
            let hint = "every rule cites the words it encodes: cites smc art 52(1) \"within 72 hours\"";
            return Err(Problem::new("no-citation", what.place, message, hint));
        }
        Ok(cites)
    }

    pub(super) fn in_force(&mut self) -> Parsed<Option<Validity>> {
        if !self.take_words(&["in", "force"]) {
            return Ok(None);
        }
        let hint = "write: in force 2015-01-01 .. 2019-06-30, with either day left out where there is none";
        let start = self.previous();
        let from = self.date();
        self.expect_sign("..", hint)?;
        let last = self.date();
        let place = start.to(self.previous());
        if from.is_none() && last.is_none() {
            return Err(self.unexpected("a date", hint));
        }
        if from.zip(last).is_some_and(|(from, last)| last < from) {
            let message = "the last day in force is before the first, so the rule is never in force";
            return Err(Problem::new("empty-time", place, message, "exchange the two days, or remove the rule"));
        }
        // The last day of year 9999 has no next day: nothing comes after it either.
        let to = last.and_then(|last| last.tomorrow().ok());
        Ok(Some(Validity { from: from.unwrap_or(Date::MIN), to }))
    }

    pub(super) fn date(&mut self) -> Option<Date> {
        let token = self.peek();
        (token.kind == TokenKind::Date).then(|| {
            self.next();
            // A malformed date has been reported by the lexer.
            token.text.parse().unwrap_or_default()
        })
    }

    pub(super) fn end_of_item(&self, expected: &str) -> Parsed<()> {
        if self.at_end() || self.at_item() {
            return Ok(());
        }
        let hint = match self.peek().text {
            "when" => "an exception's `when` stands before its `then`",
            "in" | "cites" | "for" => "`cites`, `in force` and `for each` stand before what the rule concludes",
            _ => "",
        };
        Err(self.unexpected(expected, hint))
    }

    fn prefer(&mut self) -> Parsed<Item> {
        let over = self.id()?;
        self.expect_word("over", "write: prefer ID over ID cites …")?;
        let under = self.id()?;
        let cites = self.all_cites(&over)?;
        Ok(Item::Prefer { over, under, cites })
    }
}
