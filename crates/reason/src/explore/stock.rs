//! Values worth trying for a fact: at, just below and just above everything it could be compared with.

use std::collections::BTreeSet;

use grounds_core::{Case, Duration, Instant, Money, Program, Rational, Rule, Status, Type, Value};
use jiff::civil::Date;

use crate::arithmetic::multiply;
use crate::calendar::{shift_date, shift_instant};
use crate::evaluate::Evaluation;
use crate::explore::block::is_writable;
use crate::explore::literal::{Site, neighbours, sites_of};

/// The most values tried for one fact of one case.
const VALUE_COUNT_MAX: usize = 160;

/// The literals and lengths of time of some rules.
#[derive(Clone, Debug, Default)]
pub(super) struct Stock {
    values: Vec<Value>,
    lengths: Vec<Duration>,
    /// The first days on which rules are in force, and on which they no longer are.
    days: BTreeSet<Date>,
}

impl Stock {
    /// The literals of these rules, in their order, and of the tables of these programs.
    pub(super) fn of<'r>(rules: impl Iterator<Item = &'r Rule>, programs: [&Program; 2]) -> Self {
        let mut stock = Self::default();
        for rule in rules {
            sites_of(&mut rule.clone(), &mut |site| match site {
                Site::Literal(value) => stock.value(value.clone()),
                Site::Length(length) => {
                    if !stock.lengths.contains(length) {
                        stock.lengths.push(*length);
                    }
                }
                Site::Operator(_) | Site::Name(_) => {}
            });
            stock.days.extend((rule.in_force.from != Date::MIN).then_some(rule.in_force.from));
            stock.days.extend(rule.in_force.to);
        }
        for row in programs.iter().flat_map(|program| &program.tables).flat_map(|table| &table.rows) {
            row.values.iter().for_each(|value| stock.value(value.clone()));
            stock.days.extend((row.in_force.from != Date::MIN).then_some(row.in_force.from));
            stock.days.extend(row.in_force.to);
        }
        stock
    }

    fn value(&mut self, value: Value) {
        if let Value::Duration(length) = &value
            && !self.lengths.contains(length)
        {
            self.lengths.push(*length);
        }
        if !self.values.contains(&value) {
            self.values.push(value);
        }
    }

    /// The values of the same type that the rules state, before this one where they state it too.
    pub(super) fn written_before<'s>(&'s self, value: &'s Value) -> impl Iterator<Item = &'s Value> {
        let alike = self.values.iter().filter(|other| std::mem::discriminant(*other) == std::mem::discriminant(value));
        alike.take_while(move |other| *other != value).filter(|other| is_writable(other))
    }

    /// Values for a fact of this type, the likeliest to lie at a threshold first: around what is known, then around literals, then around both moved
    /// by lengths of time or multiplied by rates.
    pub(super) fn values_for(&self, wanted: &Type, case: &Case, evaluation: Option<&Evaluation>) -> Vec<Value> {
        match wanted {
            Type::Bool => return vec![Value::Bool(true), Value::Bool(false)],
            Type::Entity(of) => {
                let fits = case.entities.iter().filter(|entity| entity.entity_type == *of);
                return fits.map(|entity| Value::Entity(entity.name.clone())).collect();
            }
            _ => {}
        }
        let mut bases: Vec<Value> = Vec::new();
        let known = known_values(case, evaluation);
        let all = || known.iter().chain(&self.values);
        bases.extend(all().filter_map(|value| converted(value, wanted)));
        bases.extend(all().flat_map(|value| self.moved(value)));
        if matches!(wanted, Type::Text) {
            bases.push(Value::Text("something else".to_owned()));
        }
        if !bases.iter().any(|value| has_type(value, wanted)) {
            bases.extend(default(wanted, case));
        }
        let mut found: Vec<Value> = Vec::new();
        for value in bases.into_iter().flat_map(|base| [vec![base.clone()], neighbours(&base)].concat()) {
            let is_new = has_type(&value, wanted) && is_writable(&value) && !found.contains(&value);
            if is_new && found.len() < VALUE_COUNT_MAX {
                found.push(value);
            }
        }
        found
    }

    /// Dates for the case itself: the days on which rules begin and end, and around what is known.
    pub(super) fn dates_for(&self, case: &Case, evaluation: Option<&Evaluation>) -> Vec<Date> {
        let mut dates: BTreeSet<Date> = self.days.clone();
        dates.extend(self.days.iter().filter_map(|day| day.yesterday().ok()));
        for value in self.values_for(&Type::Date, case, evaluation) {
            if let Value::Date(date) = value {
                dates.insert(date);
            }
        }
        dates.remove(&case.as_of);
        dates.into_iter().collect()
    }

    /// A date or instant moved by every length of time; a number or amount multiplied and divided by every number, and far beyond.
    fn moved(&self, value: &Value) -> Vec<Value> {
        let both_ways = [true, false];
        match value {
            Value::Date(date) => {
                let days = self.steps().into_iter().map(|length| Duration { seconds: 0, ..length });
                let moved = days.flat_map(|length| both_ways.map(|back| shift_date(*date, length, back, None)));
                moved.flatten().map(Value::Date).collect()
            }
            Value::Instant(instant) => {
                let steps = self.steps().into_iter();
                let moved = steps.flat_map(|length| both_ways.map(|back| shift_instant(*instant, length, back)));
                moved.flatten().map(Value::Instant).collect()
            }
            Value::Number(number) => self.multiples(*number).into_iter().map(Value::Number).collect(),
            Value::Money(money) => {
                let minor = Rational::new(money.minor, 1).map(|minor| self.multiples(minor)).unwrap_or_default();
                let whole = minor.into_iter().map(|minor| minor.numerator().div_euclid(minor.denominator()));
                whole.map(|minor| Value::Money(Money { minor, currency: money.currency.clone() })).collect()
            }
            _ => Vec::new(),
        }
    }

    fn numbers(&self) -> impl Iterator<Item = Rational> {
        self.values.iter().filter_map(|value| if let Value::Number(number) = value { Some(*number) } else { None })
    }

    /// The lengths of time that are written, and whole numbers as days and as years.
    fn steps(&self) -> Vec<Duration> {
        let none = Duration::default();
        let whole = self.numbers().filter(|number| number.denominator() == 1);
        let counts: Vec<i64> = whole.filter_map(|number| i64::try_from(number.numerator()).ok()).collect();
        let days =
            counts.iter().filter(|count| (1..=36_525).contains(*count)).map(|days| Duration { days: *days, ..none });
        let years = counts.iter().filter(|count| (1..=150).contains(*count));
        let years = years.map(|count| Duration { months: count * 12, ..none });
        // Working days are tried as days, and with a weekend between them.
        let written = self.lengths.iter().flat_map(|length| {
            let days = length.days + length.working_days;
            let weekend = if length.working_days == 0 { 0 } else { 2 };
            [0, weekend].map(|more| Duration { days: days + more, working_days: 0, ..*length })
        });
        let mut steps: Vec<Duration> = Vec::new();
        for step in written.chain(days).chain(years).chain([Duration { months: 12, ..none }]) {
            if !steps.contains(&step) {
                steps.push(step);
            }
        }
        steps
    }

    fn multiples(&self, number: Rational) -> Vec<Rational> {
        let far = [Rational::integer(10)];
        let both = |by: Rational| [Some(by), Rational::new(by.denominator(), by.numerator()).ok()];
        let factors = self.numbers().chain(far).flat_map(both).flatten();
        factors.filter_map(|by| multiply(number, by).ok()).collect()
    }
}

/// What the case states and the evaluation concluded, and the date of the case.
fn known_values(case: &Case, evaluation: Option<&Evaluation>) -> Vec<Value> {
    let mut known: Vec<Value> = Vec::new();
    let concluded =
        evaluation.into_iter().flat_map(Evaluation::claims).filter_map(|judgement| match &judgement.status {
            Status::Holds(value) => Some(value.clone()),
            _ => None,
        });
    let stated = case.facts.iter().map(|fact| fact.value.clone());
    for value in concluded.chain(stated).chain([Value::Date(case.as_of)]) {
        if !known.contains(&value) {
            known.push(value);
        }
    }
    known
}

/// The value in the wanted type: a date as the noon of that day, an instant as its date.
fn converted(value: &Value, wanted: &Type) -> Option<Value> {
    match (value, wanted) {
        (Value::Date(date), Type::Instant) => Some(Value::Instant(Instant::from_civil(date.at(12, 0, 0, 0), 0))),
        (Value::Instant(instant), Type::Date) => instant.civil().map(|civil| Value::Date(civil.date())),
        _ => has_type(value, wanted).then(|| value.clone()),
    }
}

fn has_type(value: &Value, wanted: &Type) -> bool {
    matches!(
        (value, wanted),
        (Value::Bool(_), Type::Bool)
            | (Value::Number(_), Type::Number)
            | (Value::Money(_), Type::Money)
            | (Value::Date(_), Type::Date)
            | (Value::Instant(_), Type::Instant)
            | (Value::Duration(_), Type::Duration)
            | (Value::Text(_), Type::Text)
            | (Value::Provision(_), Type::Provision)
    )
}

/// A value where nothing known or written gives one.
fn default(wanted: &Type, case: &Case) -> Option<Value> {
    match wanted {
        Type::Number => Some(Value::Number(Rational::integer(1))),
        // ISO 4217 keeps this code for "no currency": any amount will do where none is known.
        Type::Money => Some(Value::Money(Money { minor: 100, currency: "XXX".to_owned() })),
        Type::Date => Some(Value::Date(case.as_of)),
        Type::Instant => Some(Value::Instant(Instant::from_civil(case.as_of.at(12, 0, 0, 0), 0))),
        Type::Duration => Some(Value::Duration(Duration { days: 1, ..Duration::default() })),
        Type::Text => Some(Value::Text("something".to_owned())),
        Type::Bool | Type::Provision | Type::Entity(_) => None,
    }
}
