//! The operations on values: sums, products, roundings and shifts, exact or an error.

use grounds_core::{Duration, Rational, Rounding};

use crate::arithmetic::{add, multiply, round, subtract};
use crate::calendar::{shift_date, shift_instant};
use crate::machine::{Machine, Result};
use crate::outcome::Amount;

impl Machine<'_, '_> {
    pub(crate) fn add(&self, left: Amount, right: Amount) -> Result<Amount> {
        match (left, right) {
            (Amount::Number(left), Amount::Number(right)) => Ok(Amount::Number(self.exact(add(left, right))?)),
            (Amount::Money { minor: left, currency }, Amount::Money { minor: right, currency: other })
                if currency == other =>
            {
                Ok(Amount::Money { minor: self.exact(add(left, right))?, currency })
            }
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
            _ => Err(self.malformed("a product of what has no product")),
        }
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
}
