//! Rules with one threshold moved: an operator that takes its limit in or leaves it out; a value, length of time or day one step away.

use std::collections::BTreeSet;

use grounds_core::{Comparison, Program, Rule, Validity, Value};
use jiff::civil::Date;

use crate::explore::literal::{Site, lengths_beside, neighbours, sites_of};
use crate::explore::reach::claims_of;
use crate::explore::shown::shown_change;
use crate::render::shown_value;

/// A program that differs from another in one threshold.
#[derive(Clone, Debug)]
pub(super) enum Mutant {
    /// Another form of the rule at this position.
    Rule { position: usize, rule: Box<Rule> },
    /// Another value in a table.
    Cell { table: usize, row: usize, cell: usize, value: Value },
    /// Whatever begins or ends on one day does so on the other.
    Day { written: Date, moved: Date },
}

impl Mutant {
    /// The program with the threshold moved.
    pub(super) fn of(&self, program: &Program) -> Program {
        let mut program = program.clone();
        match self {
            Mutant::Rule { position, rule } => program.rules[*position] = (**rule).clone(),
            Mutant::Cell { table, row, cell, value } => {
                program.tables[*table].rows[*row].values[*cell] = value.clone();
            }
            Mutant::Day { written, moved } => {
                for days in times_in_force(&mut program) {
                    days.from = if days.from == *written { *moved } else { days.from };
                    days.to = if days.to == Some(*written) { Some(*moved) } else { days.to };
                }
            }
        }
        program
    }

    /// The rule's id, or the table's name; none for a day.
    pub(super) fn holder<'p>(&self, program: &'p Program) -> Option<&'p str> {
        match self {
            Mutant::Rule { position, .. } => Some(&program.rules[*position].id),
            Mutant::Cell { table, .. } => Some(&program.tables[*table].name),
            Mutant::Day { .. } => None,
        }
    }

    /// The claims that the threshold decides directly.
    pub(super) fn claims(&self, program: &Program) -> BTreeSet<String> {
        let mut begins_or_ends = BTreeSet::new();
        if let Mutant::Day { written, .. } = self {
            for rule in &program.rules {
                let amended = rule.amendments.iter().map(|amendment| amendment.in_force);
                let mut days = amended.chain([rule.in_force]).flat_map(limits);
                begins_or_ends.extend(days.any(|day| day == *written).then_some(rule.id.as_str()));
            }
            for table in &program.tables {
                let mut days = table.rows.iter().flat_map(|row| limits(row.in_force));
                begins_or_ends.extend(days.any(|day| day == *written).then_some(table.name.as_str()));
            }
        }
        claims_of(program, &|name| begins_or_ends.contains(name) || self.holder(program) == Some(name))
    }

    /// What is written, and what it is taken for.
    pub(super) fn shown(&self, program: &Program) -> (String, String) {
        match self {
            Mutant::Rule { position, rule } => {
                shown_change(program, &program.rules[*position], rule).unwrap_or_default()
            }
            Mutant::Cell { table, row, cell, value } => {
                let table = &program.tables[*table];
                let values = &table.rows[*row].values;
                let keys: Vec<String> = values.iter().take(table.keys.len()).map(shown_value).collect();
                let column = cell.checked_sub(table.keys.len()).and_then(|place| table.values.get(place));
                let column = column.map_or("", |column| column.name.as_str());
                let says =
                    |value: &Value| format!("{}({}).{column} is {}", table.name, keys.join(", "), shown_value(value));
                (says(&values[*cell]), says(value))
            }
            Mutant::Day { written, moved } => (format!("in force from {written}"), format!("in force from {moved}")),
        }
    }
}

/// The mutants of the rules and tables of a program that are wanted, in the order of its rules, then of its tables, then of the days on which
/// rules, rows and amendments begin or end.
pub(super) fn mutants_of(program: &Program, is_wanted: &dyn Fn(&str) -> bool) -> Vec<Mutant> {
    let mut found = Vec::new();
    let mut wanted = program.clone();
    wanted.rules.retain(|rule| is_wanted(&rule.id));
    wanted.tables.retain(|table| is_wanted(&table.name));
    for (position, rule) in program.rules.iter().enumerate().filter(|(_, rule)| is_wanted(&rule.id)) {
        forms_of(rule, &mut |rule| found.push(Mutant::Rule { position, rule: Box::new(rule) }));
    }
    for (position, table) in program.tables.iter().enumerate().filter(|(_, table)| is_wanted(&table.name)) {
        for (row, written) in table.rows.iter().enumerate() {
            for (cell, value) in written.values.iter().enumerate().skip(table.keys.len()) {
                let cells = neighbours(value).into_iter();
                found.extend(cells.map(|value| Mutant::Cell { table: position, row, cell, value }));
            }
        }
    }
    let days = times_in_force(&mut wanted).into_iter().flat_map(|days| limits(*days));
    for written in days.collect::<BTreeSet<Date>>() {
        let beside = [written.yesterday(), written.tomorrow()].into_iter().flatten();
        found.extend(beside.map(|moved| Mutant::Day { written, moved }));
    }
    found
}

/// The first day, unless it is always, and the first day no longer included.
fn limits(days: Validity) -> impl Iterator<Item = Date> {
    Some(days.from).filter(|from| *from != Date::MIN).into_iter().chain(days.to)
}

/// The times in force of rules, amendments and rows of tables.
fn times_in_force(program: &mut Program) -> Vec<&mut Validity> {
    let rules = program.rules.iter_mut().flat_map(|rule| {
        std::iter::once(&mut rule.in_force).chain(rule.amendments.iter_mut().map(|amendment| &mut amendment.in_force))
    });
    let rows = program.tables.iter_mut().flat_map(|table| &mut table.rows).map(|row| &mut row.in_force);
    rules.chain(rows).collect()
}

/// Each form of a rule with one threshold moved.
fn forms_of(rule: &Rule, take: &mut dyn FnMut(Rule)) {
    let mut variant_counts = Vec::new();
    sites_of(&mut rule.clone(), &mut |site| variant_counts.push(variant_count(&site)));
    for (place, count) in variant_counts.into_iter().enumerate() {
        for variant in 0..count {
            let (mut form, mut at, mut replaced) = (rule.clone(), 0, None);
            sites_of(&mut form, &mut |site| {
                if at == place {
                    replaced = apply(site, variant);
                }
                at += 1;
            });
            // An amendment names the value that it replaces: it goes on replacing it.
            if let Some((before, after)) = replaced {
                let amendments = form.amendments.iter_mut().filter(|amendment| amendment.from == before);
                amendments.for_each(|amendment| amendment.from.clone_from(&after));
            }
            take(form);
        }
    }
}

/// In how many ways a site can be moved.
fn variant_count(site: &Site<'_>) -> usize {
    match site {
        Site::Operator(operator) => usize::from(without_limit(**operator).is_some()),
        Site::Literal(value) => neighbours(value).len(),
        Site::Length(length) => lengths_beside(**length).len(),
        Site::Name(_) => 0,
    }
}

/// Moves a site in one way; gives a value before and after.
fn apply(site: Site<'_>, variant: usize) -> Option<(Value, Value)> {
    match site {
        Site::Operator(operator) => {
            *operator = without_limit(*operator)?;
            None
        }
        Site::Literal(value) => {
            let instead = neighbours(value).into_iter().nth(variant)?;
            Some((std::mem::replace(value, instead.clone()), instead))
        }
        Site::Length(length) => {
            *length = *lengths_beside(*length).get(variant)?;
            None
        }
        Site::Name(_) => None,
    }
}

/// The operator that differs only where both sides are equal.
fn without_limit(operator: Comparison) -> Option<Comparison> {
    match operator {
        Comparison::Less => Some(Comparison::LessOrEqual),
        Comparison::LessOrEqual => Some(Comparison::Less),
        Comparison::Greater => Some(Comparison::GreaterOrEqual),
        Comparison::GreaterOrEqual => Some(Comparison::Greater),
        Comparison::Equal | Comparison::NotEqual => None,
    }
}
