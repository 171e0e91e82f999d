//! The operations on values: sums, products, roundings and shifts, exact or an error.

use grounds_core::{Duration, Expression, Rational, Rounding, Value};
use jiff::civil::Date;

use crate::arithmetic::{add, multiply, round, subtract};
use crate::calendar::{shift_date, shift_instant};
use crate::duration;
use crate::evaluate_error::EvaluateError;
use crate::machine::{Halt, Machine, Result};
use crate::outcome::{Amount, Computed, all_values};

impl<'a> Machine<'_, 'a> {
    pub(crate) fn add(&self, left: Amount, right: Amount) -> Result<Amount> {
        match (left, right) {
            (Amount::Number(left), Amount::Number(right)) => Ok(Amount::Number(self.exact(add(left, right))?)),
            (Amount::Money { minor: left, currency }, Amount::Money { minor: right, currency: other })
                if currency == other =>
            {
                Ok(Amount::Money { minor: self.exact(add(left, right))?, currency })
            }
            (left, Amount::Other(Value::Duration(by))) => self.longer(left, by, false),
            (left, right) => Err(self.apart(&left, &right)),
        }
    }

    pub(crate) fn subtract(&self, left: Amount, right: Amount) -> Result<Amount> {
        match (left, right) {
            (Amount::Number(left), Amount::Number(right)) => Ok(Amount::Number(self.exact(subtract(left, right))?)),
            (Amount::Money { minor: left, currency }, Amount::Money { minor: right, currency: other })
                if currency == other =>
            {
                Ok(Amount::Money { minor: self.exact(subtract(left, right))?, currency })
            }
            (left, Amount::Other(Value::Duration(by))) => self.longer(left, by, true),
            (left, right) => Err(self.apart(&left, &right)),
        }
    }

    pub(crate) fn multiply(&self, left: Amount, right: Amount) -> Result<Amount> {
        match (left, right) {
            (Amount::Number(left), Amount::Number(right)) => Ok(Amount::Number(self.exact(multiply(left, right))?)),
            (Amount::Number(number), Amount::Money { minor, currency })
            | (Amount::Money { minor, currency }, Amount::Number(number)) => {
                Ok(Amount::Money { minor: self.exact(multiply(minor, number))?, currency })
            }
            (Amount::Number(number), Amount::Other(Value::Duration(duration)))
            | (Amount::Other(Value::Duration(duration)), Amount::Number(number)) => {
                let product = duration::times(duration, number).map(|product| Amount::Other(Value::Duration(product)));
                product.ok_or_else(|| {
                    let (rule, claim) = (self.rule.to_owned(), self.world.shown(self.claim, self.arguments));
                    let (number, duration) = (number.to_string(), duration.to_string());
                    Halt::Failed(EvaluateError::PartOfUnit { rule, claim, number, duration })
                })
            }
            _ => Err(self.malformed("a product of what has no product")),
        }
    }

    /// A date or instant moved by a length of time that is a value, or one length of time with another.
    fn longer(&self, start: Amount, by: Duration, backwards: bool) -> Result<Amount> {
        match start {
            Amount::Other(Value::Duration(duration)) => {
                let sum = duration::plus(duration, by, if backwards { -1 } else { 1 });
                sum.map(|sum| Amount::Other(Value::Duration(sum))).ok_or_else(|| self.overflow())
            }
            Amount::Date(_) if by.seconds != 0 => {
                let (rule, claim) = (self.rule.to_owned(), self.world.shown(self.claim, self.arguments));
                Err(Halt::Failed(EvaluateError::ClockOfDate { rule, claim, duration: by.to_string() }))
            }
            start => self.shift(start, by, backwards, None),
        }
    }

    /// The year, month or day of a date.
    pub(crate) fn part_of_date(&self, value: Amount, part: &Expression) -> Result<Amount> {
        let Amount::Date(date) = value else { return Err(self.malformed("a part of what is no date")) };
        Ok(Amount::Number(Rational::integer(match part {
            Expression::YearOf(_) => date.year().into(),
            Expression::MonthOf(_) => date.month().into(),
            _ => date.day().into(),
        })))
    }

    pub(crate) fn round(&self, value: Amount, rounding: &Rounding) -> Result<Amount> {
        let to = match &rounding.to {
            Some(to) => Some(Amount::of(to).ok_or_else(|| self.overflow())?),
            None => None,
        };
        let one = Rational::integer(1);
        match (value, to) {
            (Amount::Number(number), None) => Ok(Amount::Number(self.exact(round(number, rounding.mode, one))?)),
            (Amount::Number(number), Some(Amount::Number(step))) if step.numerator() > 0 => {
                Ok(Amount::Number(self.exact(round(number, rounding.mode, step))?))
            }
            (Amount::Money { minor, currency }, None) => {
                Ok(Amount::Money { minor: self.exact(round(minor, rounding.mode, one))?, currency })
            }
            (Amount::Money { minor, currency }, Some(Amount::Money { minor: step, currency: other }))
                if currency == other && step.numerator() > 0 =>
            {
                Ok(Amount::Money { minor: self.exact(round(minor, rounding.mode, step))?, currency })
            }
            (value, Some(step)) => Err(self.apart(&value, &step)),
            _ => Err(self.malformed("what is rounded is no number")),
        }
    }

    pub(crate) fn shift(
        &self,
        start: Amount,
        duration: Duration,
        backwards: bool,
        calendar: Option<&str>,
    ) -> Result<Amount> {
        let calendar = match calendar {
            Some(name) => Some(*self.world.calendars.get(name).ok_or_else(|| self.malformed("an unknown calendar"))?),
            None => None,
        };
        if duration.working_days != 0 && calendar.is_none() {
            return Err(self.malformed("working days without a calendar"));
        }
        match start {
            Amount::Date(date) if duration.seconds == 0 => {
                shift_date(date, duration, backwards, calendar).map(Amount::Date).ok_or_else(|| self.out_of_range())
            }
            Amount::Instant(instant) if duration.working_days == 0 => {
                shift_instant(instant, duration, backwards).map(Amount::Instant).ok_or_else(|| self.out_of_range())
            }
            _ => Err(self.malformed("a length of time moves what it cannot move")),
        }
    }

    /// A ratio; none where the divisor is 0.
    pub(crate) fn divide(&mut self, left: &'a Expression, right: &'a Expression) -> Result<Computed> {
        let operands = vec![self.expression(left)?, self.expression(right)?];
        let values = match all_values(operands) {
            Ok(values) => values,
            Err(other) => return Ok(other),
        };
        let (above, below, currency) = match values.as_slice() {
            [Amount::Number(above), Amount::Number(below)] => (above, below, None),
            [Amount::Money { minor, currency }, Amount::Number(below)] => (minor, below, Some(currency.clone())),
            [Amount::Money { minor: above, currency }, Amount::Money { minor: below, currency: other }]
                if currency == other =>
            {
                (above, below, None)
            }
            [left, right] => return Err(self.apart(left, right)),
            _ => return Err(self.malformed("a ratio has two sides")),
        };
        if below.numerator() == 0 {
            return Ok(Computed::None);
        }
        let inverse = Rational::new(below.denominator(), below.numerator()).map_err(|_| self.overflow())?;
        let ratio = self.exact(multiply(*above, inverse))?;
        Ok(Computed::Value(match currency {
            Some(currency) => Amount::Money { minor: ratio, currency },
            None => Amount::Number(ratio),
        }))
    }

    /// The first or last day of a year.
    pub(crate) fn day_of_year(&self, year: &Amount, last: bool) -> Result<Amount> {
        let Amount::Number(year) = year else { return Err(self.malformed("a year that is no number")) };
        let whole = i16::try_from(year.numerator()).ok().filter(|_| year.denominator() == 1);
        let (month, day) = if last { (12, 31) } else { (1, 1) };
        let date = whole.and_then(|year| Date::new(year, month, day).ok());
        date.map(Amount::Date).ok_or_else(|| self.out_of_range())
    }
}
