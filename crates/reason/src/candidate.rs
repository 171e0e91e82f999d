//! Values that a missing fact could have: enough of them to tell apart what the rules tell apart.

use std::collections::BTreeSet;

use grounds_core::{
    Conclusion, Condition, Duration, Expression, Instant, Money, NodeId, Rational, Rule, Status, Type, Value,
};
use jiff::civil::Date;

use crate::arithmetic::{add, subtract};
use crate::calendar::{days_between, shift_date, shift_instant};
use crate::duration;
use crate::outcome::Amount;
use crate::suppose::Supposing;

/// The most values tried for one fact.
const CANDIDATE_COUNT_MAX: usize = 12;

/// What the rules that a claim depends on could compare facts with.
pub(crate) struct Thresholds {
    values: Vec<Value>,
    durations: Vec<Duration>,
    as_of: Date,
}

/// The values that a rule states, each as often as it does.
pub(crate) fn literals_of(rule: &Rule) -> Vec<Value> {
    let mut found = Thresholds { values: Vec::new(), durations: Vec::new(), as_of: Date::MIN };
    found.condition(&rule.condition);
    if let Conclusion::Value(value) = &rule.conclusion {
        found.expression(value);
    }
    found.values
}

impl Thresholds {
    /// Literals and lengths of time in the rules of the cone, and values that are known.
    pub(crate) fn of(supposing: &Supposing<'_, '_>) -> Self {
        let mut found = Self { values: Vec::new(), durations: Vec::new(), as_of: supposing.world.case.as_of };
        let in_cone = |name: &str| supposing.cone.contains(name);
        for rule in supposing.world.program.rules.iter().filter(|rule| in_cone(&rule.claim)) {
            for amendment in &rule.amendments {
                found.condition(&amendment.condition);
                found.values.push(amendment.to.clone());
            }
            found.condition(&rule.condition);
            if let Conclusion::Value(value) = &rule.conclusion {
                found.expression(value);
            }
        }
        for node in supposing.evaluation.nodes().iter().filter(|node| in_cone(&node.judgement.predicate)) {
            if let Status::Holds(value) = &node.judgement.status {
                found.values.push(value.clone());
            }
        }
        found
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Always | Condition::Holds(_) | Condition::Has(_) => {}
            Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| self.condition(part)),
            Condition::Not(inner) | Condition::Exists { condition: inner, .. } => self.condition(inner),
            Condition::Compare { left, right, .. } => {
                self.expression(left);
                self.expression(right);
            }
            Condition::In { value, choices } => {
                self.expression(value);
                choices.iter().for_each(|choice| self.expression(choice));
            }
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Literal(value) => self.values.push(value.clone()),
            Expression::Variable(_) | Expression::AsOf | Expression::Atom(_) => {}
            Expression::Add(left, right)
            | Expression::Subtract(left, right)
            | Expression::Multiply(left, right)
            | Expression::Divide(left, right)
            | Expression::YearsBetween(left, right)
            | Expression::DaysBetween(left, right) => {
                self.expression(left);
                self.expression(right);
            }
            Expression::Shift { start, duration, .. } => {
                if !self.durations.contains(duration) {
                    self.durations.push(*duration);
                }
                self.expression(start);
            }
            Expression::Round(inner, _)
            | Expression::DateOf(inner)
            | Expression::YearOf(inner)
            | Expression::MonthOf(inner)
            | Expression::DayOf(inner)
            | Expression::DayOfYear { year: inner, .. } => self.expression(inner),
            Expression::Brackets { value, slices } => {
                self.expression(value);
                for slice in slices {
                    self.expression(&slice.rate);
                    slice.to.iter().for_each(|to| self.expression(to));
                }
            }
            Expression::Row { keys: parts, .. } | Expression::Greatest(parts) | Expression::Least(parts) => {
                parts.iter().for_each(|part| self.expression(part))
            }
            Expression::Sum { value, condition, .. } | Expression::Extreme { value, condition, .. } => {
                self.condition(condition);
                self.expression(value);
            }
            Expression::Count { condition, .. } => self.condition(condition),
        }
    }

    /// Values to try for a missing fact; none where an entity is missing that the case does not have.
    pub(crate) fn candidates(&self, supposing: &Supposing<'_, '_>, fact: NodeId) -> Vec<Value> {
        let predicate = supposing.evaluation.nodes()[fact].judgement.predicate.as_str();
        let Some(declared) = supposing.world.facts.get(predicate).map(|fact| &fact.value) else { return Vec::new() };
        let values = match declared {
            Type::Bool => return vec![Value::Bool(true), Value::Bool(false)],
            Type::Entity(name) => {
                let entities = supposing.world.entities(name).iter();
                let name = |place: &usize| Value::Entity(supposing.world.name(*place).to_owned());
                return entities.take(CANDIDATE_COUNT_MAX).map(name).collect();
            }
            Type::Number => self.numbers(),
            Type::Money => self.amounts(supposing),
            Type::Date => self.dates().into_iter().map(Value::Date).collect(),
            Type::Instant => self.instants().into_iter().map(Value::Instant).collect(),
            Type::Duration => return self.lengths_of_time(),
            Type::Text => self.texts(|value| matches!(value, Value::Text(_)), Value::Text),
            Type::Provision => self.texts(|value| matches!(value, Value::Provision(_)), Value::Provision),
        };
        spread(values)
    }

    /// What the rules move by, compare with or lie between known dates, each with one unit less and one more; a day where there are none.
    fn lengths_of_time(&self) -> Vec<Value> {
        let day = Duration { days: 1, ..Duration::default() };
        let stated = self.values.iter().filter_map(|value| match value {
            Value::Duration(duration) => Some(*duration),
            _ => None,
        });
        let movable = self.durations.iter().map(|duration| Duration { working_days: 0, ..*duration });
        let dates: Vec<Date> = self.values.iter().filter_map(date).chain([self.as_of]).collect();
        let apart = dates.iter().flat_map(|first| dates.iter().map(|second| days_between(*first, *second)));
        let apart = apart.filter(|days| *days > 0).map(|days| Duration { days, ..day });
        let mut found = vec![Value::Duration(day)];
        for duration in stated.chain(movable).chain(apart) {
            for by in [-1, 0, 1] {
                let beside = duration::beside(duration, by);
                if !found.contains(&Value::Duration(beside)) {
                    found.push(Value::Duration(beside));
                }
            }
        }
        found.truncate(CANDIDATE_COUNT_MAX);
        found
    }

    fn numbers(&self) -> Vec<Value> {
        let one = Rational::integer(1);
        let mut numbers = vec![one];
        for value in &self.values {
            let Value::Number(number) = value else { continue };
            numbers.extend([subtract(*number, one), Ok(*number), add(*number, one)].into_iter().flatten());
        }
        numbers.into_iter().map(Value::Number).collect()
    }

    fn amounts(&self, supposing: &Supposing<'_, '_>) -> Vec<Value> {
        let known: Vec<&Money> = self.values.iter().filter_map(money).collect();
        let elsewhere = || supposing.world.case.facts.iter().find_map(|fact| money(&fact.value));
        // ISO 4217 keeps this code for "no currency": any amount will do where none is known.
        let currency = known.first().copied().or_else(elsewhere).map_or("XXX", |money| money.currency.as_str());
        let mut minors = vec![100];
        for money in known.iter().filter(|money| money.currency == currency) {
            minors.extend([money.minor.saturating_sub(1), money.minor, money.minor.saturating_add(1)]);
        }
        minors.into_iter().map(|minor| Value::Money(Money { minor, currency: currency.to_owned() })).collect()
    }

    fn dates(&self) -> Vec<Date> {
        let mut dates = vec![self.as_of];
        for value in &self.values {
            match value {
                Value::Date(date) => dates.push(*date),
                Value::Instant(instant) => dates.extend(instant.civil().map(|civil| civil.date())),
                _ => {}
            }
        }
        let moved = |date: &Date| {
            let both = |duration: &Duration| {
                let days =
                    Duration { days: duration.days + duration.working_days, seconds: 0, working_days: 0, ..*duration };
                [shift_date(*date, days, false, None), shift_date(*date, days, true, None)]
            };
            self.durations.iter().flat_map(both).flatten().collect::<Vec<Date>>()
        };
        let further: Vec<Date> = dates.iter().flat_map(moved).collect();
        dates.extend(further);
        let beside = |date: &Date| [date.yesterday().ok(), Some(*date), date.tomorrow().ok()];
        dates.iter().flat_map(beside).flatten().collect()
    }

    fn instants(&self) -> Vec<Instant> {
        let noon = |date: &Date| Instant::from_civil(date.at(12, 0, 0, 0), 0);
        let mut instants = vec![noon(&self.as_of)];
        for value in &self.values {
            match value {
                Value::Instant(instant) => instants.push(*instant),
                Value::Date(date) => instants.push(noon(date)),
                _ => {}
            }
        }
        let moved = |instant: &Instant| {
            let both = |duration: &Duration| {
                let days = Duration { days: duration.days + duration.working_days, working_days: 0, ..*duration };
                [shift_instant(*instant, days, false), shift_instant(*instant, days, true)]
            };
            self.durations.iter().flat_map(both).flatten().collect::<Vec<Instant>>()
        };
        let further: Vec<Instant> = instants.iter().flat_map(moved).collect();
        instants.extend(further);
        let minute = Duration { seconds: 60, ..Duration::default() };
        let beside = |instant: &Instant| {
            [shift_instant(*instant, minute, true), Some(*instant), shift_instant(*instant, minute, false)]
        };
        instants.iter().flat_map(beside).flatten().collect()
    }

    /// The texts compared with, and one that is none of them.
    fn texts(&self, fits: fn(&Value) -> bool, make: fn(String) -> Value) -> Vec<Value> {
        let mut texts: Vec<Value> = Vec::new();
        for value in self.values.iter().filter(|value| fits(value)) {
            if !texts.contains(value) {
                texts.push(value.clone());
            }
        }
        texts.truncate(CANDIDATE_COUNT_MAX - 1);
        texts.push(make("something else".to_owned()));
        texts
    }
}

fn date(value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        _ => None,
    }
}

fn money(value: &Value) -> Option<&Money> {
    match value {
        Value::Money(money) => Some(money),
        _ => None,
    }
}

/// In order, each once; where there are too many, evenly spread from the least to the greatest.
fn spread(mut values: Vec<Value>) -> Vec<Value> {
    let order = |left: &Value, right: &Value| {
        Amount::of(left)
            .zip(Amount::of(right))
            .and_then(|(left, right)| left.order(&right))
            .unwrap_or(std::cmp::Ordering::Equal)
    };
    if values.iter().any(|value| matches!(value, Value::Text(_) | Value::Provision(_))) {
        return values;
    }
    values.sort_by(order);
    values.dedup_by(|left, right| order(left, right).is_eq());
    if values.len() <= CANDIDATE_COUNT_MAX {
        return values;
    }
    let last = values.len() - 1;
    let kept: BTreeSet<usize> = (0..CANDIDATE_COUNT_MAX).map(|step| step * last / (CANDIDATE_COUNT_MAX - 1)).collect();
    kept.into_iter().filter_map(|position| values.get(position).cloned()).collect()
}
