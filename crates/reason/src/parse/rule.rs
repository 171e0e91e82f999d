//! Rules, exceptions, limits and amendments.

use super::{Parsed, Parser};
use crate::surface::{AmendChange, AmendItem, ConclusionTerm, Head, Item, Name, Range, ReadingItem, RuleItem, Term};

/// What stands before a rule's conclusion.
struct Preamble {
    id: Name,
    to: Option<Name>,
    cites: Vec<crate::surface::Cites>,
    in_force: Option<grounds_core::Validity>,
    for_each: Option<Range>,
}

impl Preamble {
    fn into_item(self, head: Head, conclusion: ConclusionTerm, condition: Option<Term>) -> RuleItem {
        let Preamble { id, to, cites, in_force, for_each } = self;
        let (at_most, only, readings) = (None, false, Vec::new());
        RuleItem { id, to, cites, in_force, for_each, head, conclusion, condition, at_most, only, readings }
    }
}

impl Parser<'_> {
    fn head(&mut self) -> Parsed<Head> {
        let claim = self.capital("the claim that the rule is about")?;
        let hint = "write the claim with a variable for each argument: ReportBy(i)";
        let variables = self.list("(", ")", hint, Self::variable)?;
        let place = claim.place.to(self.previous());
        Ok(Head { claim, variables, place })
    }

    fn preamble(&mut self, id: Name, to: Option<Name>) -> Parsed<Preamble> {
        let cites = self.all_cites(&id)?;
        let in_force = self.in_force()?;
        let for_each = if self.take_words(&["for", "each"]) { Some(self.range()?) } else { None };
        Ok(Preamble { id, to, cites, in_force, for_each })
    }

    /// The item, with the readings that follow.
    fn rule_item(&mut self, mut item: RuleItem, expected: &str) -> Parsed<Item> {
        let hint = "write: reading \"weekends count\" by \"A. Jurist\" 2026-01-10 rival \"weekends do not count\"";
        while self.take_words(&["reading"]) {
            let text = self.text("the reading taken", hint)?;
            self.expect_word("by", hint)?;
            let by = self.text("who takes it", hint)?;
            let on = self.date().ok_or_else(|| self.unexpected("a date", hint))?;
            let rival = if self.take_words(&["rival"]) { Some(self.text("a reading not taken", hint)?) } else { None };
            item.readings.push(ReadingItem { text, by, on, rival });
        }
        self.end_of_item(expected)?;
        Ok(Item::Rule(Box::new(item)))
    }

    pub(super) fn rule(&mut self) -> Parsed<Item> {
        let id = self.id()?;
        let preamble = self.preamble(id, None)?;
        let head = self.head()?;
        let conclusion =
            if self.take_sign("=") { ConclusionTerm::Value(self.expression()?) } else { ConclusionTerm::Holds };
        let only = self.take_words(&["only"]);
        let condition = if only {
            self.expect_word("when", "write: HeadOfHousehold(t) only when not Married(t)")?;
            Some(self.condition()?)
        } else if self.take_words(&["when"]) {
            Some(self.condition()?)
        } else {
            None
        };
        let item = RuleItem { only, ..preamble.into_item(head, conclusion, condition) };
        self.rule_item(item, "`when`, or the next rule")
    }

    pub(super) fn exception(&mut self) -> Parsed<Item> {
        let id = self.id()?;
        self.expect_word("to", "write: exception ID to ID-OF-THE-RULE cites … when … then …")?;
        let to = Some(self.id()?);
        let preamble = self.preamble(id, to)?;
        self.expect_word(
            "when",
            "an exception says when it applies, then what follows: when i.planned then ReportBy(i) is none",
        )?;
        let condition = Some(self.condition()?);
        self.expect_word(
            "then",
            "an exception says what follows: then ReportBy(i) is none, or then not LateReport(i)",
        )?;
        let negated = self.take_words(&["not"]);
        let head = self.head()?;
        let conclusion = if negated {
            ConclusionTerm::Not
        } else if self.take_sign("=") {
            ConclusionTerm::Value(self.expression()?)
        } else if self.take_words(&["is", "none"]) {
            ConclusionTerm::IsNone
        } else {
            ConclusionTerm::Holds
        };
        let item = preamble.into_item(head, conclusion, condition);
        self.rule_item(item, "the next rule")
    }

    /// `limit ID on Basic(t) cites … when … at most …`
    pub(super) fn limit(&mut self) -> Parsed<Item> {
        let hint = "write: limit ID on Basic(t) cites … when … at most USD 500";
        let id = self.id()?;
        self.expect_word("on", hint)?;
        let head = self.head()?;
        let preamble = self.preamble(id, None)?;
        let condition = if self.take_words(&["when"]) { Some(self.condition()?) } else { None };
        self.expect_word("at", hint)?;
        let at_most = self.take_words(&["most"]);
        if !at_most {
            self.expect_word("least", hint)?;
        }
        let conclusion = ConclusionTerm::Value(self.expression()?);
        let item = RuleItem { at_most: Some(at_most), ..preamble.into_item(head, conclusion, condition) };
        self.rule_item(item, "the next rule")
    }

    /// `amend ID cites … in force … in RULE put USD 12 000 for USD 3 000 when … in …`
    pub(super) fn amend(&mut self) -> Parsed<Item> {
        let hint = "write: amend ID cites … in ID-OF-THE-RULE put USD 12 000 for USD 3 000";
        let id = self.id()?;
        let cites = self.all_cites(&id)?;
        let in_force = self.in_force()?;
        let mut changes = Vec::new();
        self.expect_word("in", hint)?;
        loop {
            let rule = self.id()?;
            self.expect_word("put", hint)?;
            let to = self.literal()?.ok_or_else(|| self.unexpected("the new value", hint))?;
            self.expect_word("for", hint)?;
            let from = self.literal()?.ok_or_else(|| self.unexpected("the value that the rule states", hint))?;
            let condition = if self.take_words(&["when"]) { Some(self.condition()?) } else { None };
            changes.push(AmendChange { rule, to, from, condition });
            if !self.take_words(&["in"]) {
                break;
            }
        }
        self.end_of_item("`in` and another rule, or the next rule")?;
        Ok(Item::Amend(AmendItem { id, cites, in_force, changes }))
    }
}
