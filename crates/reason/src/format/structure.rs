//! Where lines begin because of what the items are.

use super::atom::Atom;
use super::spacing::written;
use super::wrap::WIDTH_MAX;
use crate::diagnostic::Place;
use crate::surface::{CalendarItem, Cites, Item, RuleItem, StatedValue, Statement, TableItem, TestItem};

/// The beginning of an item or of a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// Whether it begins a line; else it follows after two spaces.
    pub(super) own_line: bool,
    /// Of its line.
    pub(super) indent: usize,
    /// Of the lines that go on with it.
    pub(super) continued: usize,
    /// Whether the author's line breaks inside it stay, and long lines are broken.
    pub(super) is_free: bool,
}

const ITEM: Start = Start { own_line: true, indent: 0, continued: 4, is_free: false };
const PART: Start = Start { own_line: true, indent: 2, continued: 4, is_free: true };
/// A rule's conclusion, whose condition stands at four spaces.
const HEAD: Start = Start { continued: 6, ..PART };
const WHEN: Start = Start { indent: 4, continued: 6, ..PART };

/// What begins at each atom, if anything does.
pub(super) fn starts(items: &[Item], atoms: &[Atom<'_>]) -> Vec<Option<Start>> {
    let mut found = Structure { atoms, starts: vec![None; atoms.len()] };
    let firsts: Vec<usize> = items.iter().map(|item| found.at(item.name().place).saturating_sub(1)).collect();
    let ends = firsts.iter().skip(1).copied().chain([atoms.len() - 1]);
    for ((item, first), end) in items.iter().zip(&firsts).zip(ends) {
        found.starts[*first] = Some(ITEM);
        found.item(item, *first, end);
    }
    found.starts[atoms.len() - 1] = Some(ITEM);
    found.starts
}

struct Structure<'a> {
    atoms: &'a [Atom<'a>],
    starts: Vec<Option<Start>>,
}

impl Structure<'_> {
    /// The atom that begins at `place`.
    fn at(&self, place: Place) -> usize {
        self.atoms.partition_point(|atom| atom.start < place.start).min(self.atoms.len() - 1)
    }

    /// The atom before the one that begins at `place`: the word that announces it.
    fn before(&self, place: Place) -> usize {
        self.at(place).saturating_sub(1)
    }

    /// The first atom from `from` on and before `end`, outside brackets, at which `is` is true.
    fn find(&self, from: usize, end: usize, is: impl Fn(usize) -> bool) -> Option<usize> {
        let mut depth = 0_usize;
        (from..end).find(|index| {
            let atom = &self.atoms[*index];
            let found = depth == 0 && is(*index);
            depth += usize::from(atom.is("(") || atom.is("{"));
            depth = depth.saturating_sub(usize::from(atom.is(")") || atom.is("}")));
            found
        })
    }

    /// Whether the word at `index` is `word`, and not the name of an attribute.
    fn is_word(&self, index: usize, word: &str) -> bool {
        self.atoms[index].is(word) && !(index > 0 && self.atoms[index - 1].is("."))
    }

    fn item(&mut self, item: &Item, first: usize, end: usize) {
        match item {
            Item::Source { .. } | Item::Entity { .. } => {}
            Item::Fact(fact) => {
                let mut parts: Vec<usize> = fact.cites.iter().map(|cites| self.before(cites.source.place)).collect();
                parts.push(self.before(fact.ask.place));
                self.all_or_none(&parts);
            }
            Item::Claim(claim) => {
                let mut parts = vec![self.before(claim.say.place)];
                parts.extend(claim.say_not.as_ref().map(|not| self.before(not.place).saturating_sub(1)));
                self.all_or_none(&parts);
            }
            Item::Calendar(calendar) => self.calendar(calendar, first, end),
            Item::Rule(rule) => self.rule(rule, first, end),
            Item::Amend(amend) => {
                self.cites(&amend.cites);
                let mut changes = amend.changes.iter().map(|change| self.before(change.rule.place)).collect::<Vec<_>>();
                self.in_force(first, changes.first().copied().unwrap_or(end));
                changes.drain(..).for_each(|change| self.starts[change] = Some(PART));
            }
            Item::Table(table) => self.table(table),
            Item::Prefer { cites, .. } => self.cites(cites),
            Item::Test(test) => self.test(test),
        }
    }

    /// Each part on a line of its own, if the author began one with any of them; else all on the item's line.
    fn all_or_none(&mut self, parts: &[usize]) {
        let own_line = parts.iter().any(|part| self.atoms[*part].starts_line);
        for part in parts {
            self.starts[*part] = Some(Start { own_line, ..PART });
        }
    }

    /// Several citations stand on lines of their own; a single one may follow the id.
    fn cites(&mut self, cites: &[Cites]) {
        let parts: Vec<usize> = cites.iter().map(|cites| self.before(cites.source.place)).collect();
        let own_line = parts.len() > 1 || parts.iter().any(|part| self.atoms[*part].starts_line);
        for part in parts {
            self.starts[part] = Some(Start { own_line, ..PART });
        }
    }

    fn in_force(&mut self, from: usize, end: usize) {
        let is_in_force = |index: usize| self.is_word(index, "in") && self.atoms[index + 1].is("force");
        if let Some(index) = self.find(from, end, is_in_force) {
            self.starts[index] = Some(Start { is_free: false, ..PART });
        }
    }

    fn calendar(&mut self, calendar: &CalendarItem, first: usize, end: usize) {
        self.cites(&calendar.cites);
        let last_quote = calendar.cites.iter().flat_map(|cites| &cites.quotes).last();
        let from = last_quote.map_or(first + 2, |quote| self.at(quote.place));
        for index in from..end {
            if self.atoms[index].is("weekend") || self.atoms[index].is("holiday") {
                self.starts[index] = Some(PART);
            }
        }
    }

    fn rule(&mut self, rule: &RuleItem, first: usize, end: usize) {
        self.cites(&rule.cites);
        let is_limit = rule.at_most.is_some();
        let last_quote = rule.cites.iter().flat_map(|cites| &cites.quotes).last();
        let from = last_quote.map_or(first + 2, |quote| self.at(quote.place) + 1);
        let head = if is_limit { end } else { self.at(rule.head.place) };
        self.in_force(from, head);
        if let Some(range) = &rule.for_each {
            let variable = range.variables.first().map_or(from, |variable| self.at(variable.place));
            // `for each x` or `for each (x, y)`
            self.starts[variable.saturating_sub(2 + usize::from(range.is_tuple))] = Some(PART);
        }
        for reading in &rule.readings {
            let reading = self.before(reading.text.place);
            self.starts[reading] = Some(PART);
        }
        let readings = rule.readings.first().map_or(end, |reading| self.before(reading.text.place));
        if is_limit {
            self.limit(from, readings);
        } else if rule.to.is_some() {
            self.exception(from, head);
        } else {
            self.conclusion(rule, head, readings);
        }
    }

    fn limit(&mut self, from: usize, end: usize) {
        if let Some(when) = self.find(from, end, |index| self.is_word(index, "when")) {
            self.starts[when] = Some(PART);
        }
        let is_bound = |index: usize| {
            self.is_word(index, "at") && (self.atoms[index + 1].is("most") || self.atoms[index + 1].is("least"))
        };
        if let Some(bound) = self.find(from, end, is_bound) {
            self.starts[bound] = Some(PART);
        }
    }

    fn exception(&mut self, from: usize, head: usize) {
        if let Some(when) = self.find(from, head, |index| self.is_word(index, "when")) {
            self.starts[when] = Some(PART);
        }
        let then = head.saturating_sub(1 + usize::from(self.atoms[head.saturating_sub(1)].is("not")));
        self.starts[then] = Some(PART);
    }

    /// A rule's conclusion, and its condition on the same line if the author put it there and all of it fits.
    fn conclusion(&mut self, rule: &RuleItem, head: usize, end: usize) {
        self.starts[head] = Some(HEAD);
        let Some(when) = self.find(head, end, |index| self.is_word(index, "when")) else { return };
        let when = when.saturating_sub(usize::from(rule.only));
        let is_one_line = self.atoms[head + 1..end].iter().all(|atom| !atom.starts_line);
        let width = HEAD.indent + written(self.atoms, head..end).chars().count();
        if !is_one_line || width > WIDTH_MAX {
            self.starts[when] = Some(WHEN);
        }
    }

    fn table(&mut self, table: &TableItem) {
        let cites: Vec<usize> = table.cites.iter().map(|cites| self.before(cites.source.place)).collect();
        let rows: Vec<usize> = table.rows.iter().map(|row| self.at(row.place)).collect();
        for part in cites {
            self.starts[part] = Some(PART);
        }
        for row in rows {
            self.starts[row] = Some(Start { is_free: false, ..PART });
        }
    }

    /// The first statement and every expectation begin a line; others where the author began one.
    fn test(&mut self, test: &TestItem) {
        for (position, statement) in test.statements.iter().enumerate() {
            let (index, is_expectation) = match statement {
                Statement::Entity { name, .. } => (self.at(name.place), false),
                Statement::Fact { atom, value, .. } => {
                    let first = self.at(atom.place);
                    let is_negated = matches!(value, StatedValue::No) && self.atoms[first.saturating_sub(1)].is("not");
                    (first.saturating_sub(usize::from(is_negated)), false)
                }
                Statement::Expect { place, .. } => (self.at(*place), true),
            };
            let own_line = position == 0 || is_expectation || self.atoms[index].starts_line;
            self.starts[index] = Some(Start { own_line, ..PART });
        }
    }
}
