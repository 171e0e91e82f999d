//! Values over many entities, over slices of an amount, and from rows of tables.

use std::cmp::Ordering;

use grounds_core::{Condition, Expression, Rational, Slice, Value, Variable};

use crate::arithmetic::{add, compare, multiply, subtract};
use crate::machine::{Halt, Machine, Result};
use crate::outcome::{Amount, Computed, Truth, all_values};
use crate::world::same_value;

impl<'a> Machine<'_, 'a> {
    /// For each entity in the case's order: the value where the condition is true, none where it is false, and what the condition is
    /// elsewhere.
    fn terms(
        &mut self,
        variable: &'a Variable,
        value: &'a Expression,
        condition: &'a Condition,
    ) -> Result<Vec<Computed>> {
        let mut terms = Vec::new();
        for entity in self.range(variable, condition)? {
            let term = self.with(variable, entity, |machine| {
                let truth = machine.condition(condition)?;
                // Where the condition is false the value is not looked at; where it is in doubt, what would settle the value is asked for too.
                let value = if truth == Truth::False { Computed::None } else { machine.expression(value)? };
                Ok::<_, Halt>(match truth {
                    Truth::True | Truth::False => value,
                    Truth::Unknown => Computed::Unknown,
                    Truth::Conflict => Computed::Conflict,
                })
            })?;
            terms.push(term);
        }
        Ok(terms)
    }

    pub(crate) fn extreme_of(
        &mut self,
        variable: &'a Variable,
        value: &'a Expression,
        condition: &'a Condition,
        wanted: Ordering,
    ) -> Result<Computed> {
        let terms = self.terms(variable, value, condition)?;
        self.best(terms, wanted)
    }

    pub(crate) fn sum(
        &mut self,
        variable: &'a Variable,
        value: &'a Expression,
        condition: &'a Condition,
        zero: &'a Value,
    ) -> Result<Computed> {
        let mut terms = self.terms(variable, value, condition)?;
        terms.retain(|term| !matches!(term, Computed::None));
        let values = match all_values(terms) {
            Ok(values) => values,
            Err(other) => return Ok(other),
        };
        let mut total: Option<Amount> = None;
        for value in values {
            total = Some(match total {
                None => value,
                Some(total) => self.add(total, value)?,
            });
        }
        match total {
            Some(total) => Ok(Computed::Value(total)),
            None => self.value(zero),
        }
    }

    pub(crate) fn count(&mut self, variable: &'a Variable, condition: &'a Condition) -> Result<Computed> {
        let (mut count, mut doubt) = (0, Truth::False);
        for entity in self.range(variable, condition)? {
            match self.with(variable, entity, |machine| machine.condition(condition))? {
                Truth::True => count += 1,
                other => doubt = doubt.or(other),
            }
        }
        Ok(match doubt {
            Truth::Conflict => Computed::Conflict,
            Truth::Unknown => Computed::Unknown,
            _ => Computed::Value(Amount::Number(Rational::integer(count))),
        })
    }

    /// An amount cut into slices, each times its own rate.
    pub(crate) fn brackets(&mut self, value: &'a Expression, slices: &'a [Slice]) -> Result<Computed> {
        let mut operands = vec![self.expression(value)?];
        for slice in slices {
            operands.push(self.expression(&slice.rate)?);
            if let Some(to) = &slice.to {
                operands.push(self.expression(to)?);
            }
        }
        let mut values = match all_values(operands) {
            Ok(values) => values.into_iter(),
            Err(other) => return Ok(other),
        };
        let missing = "brackets of what is no amount, or between what are none";
        let Some(Amount::Money { minor: whole, currency }) = values.next() else { return Err(self.malformed(missing)) };
        let zero = Rational::integer(0);
        let (mut total, mut from) = (zero, zero);
        for slice in slices {
            let Some(Amount::Number(rate)) = values.next() else { return Err(self.malformed(missing)) };
            let to = match slice.to.as_ref().map(|_| values.next()) {
                None => whole,
                Some(Some(Amount::Money { minor, currency: other })) if other == currency => minor,
                Some(Some(other)) => return Err(self.apart(&Amount::Money { minor: whole, currency }, &other)),
                Some(None) => return Err(self.malformed(missing)),
            };
            let end = if compare(whole, to).is_lt() { whole } else { to };
            let part = self.exact(subtract(end, from))?;
            if part.numerator() > 0 {
                let taxed = self.exact(multiply(part, rate))?;
                total = self.exact(add(total, taxed))?;
            }
            from = to;
        }
        Ok(Computed::Value(Amount::Money { minor: total, currency }))
    }

    /// What the row in force with these keys says; none where there is no such row.
    pub(crate) fn row(&mut self, table: &str, keys: &'a [Expression], column: &str) -> Result<Computed> {
        let mut operands = Vec::with_capacity(keys.len());
        for key in keys {
            operands.push(self.expression(key)?);
        }
        let values = match all_values(operands) {
            Ok(values) => values,
            Err(other) => return Ok(other),
        };
        let found: Option<Vec<Value>> = values.into_iter().map(|value| self.world.value_of(value)).collect();
        let (Some(found), Some(table)) = (found, self.world.program.tables.iter().find(|known| known.name == table))
        else {
            return Err(self.malformed("a table that is not declared, or a key that is not rounded"));
        };
        let Some(place) = table.values.iter().position(|known| known.name == column) else {
            return Err(self.malformed("a column that is not declared"));
        };
        let mut in_force = table.rows.iter().filter(|row| row.in_force.contains(self.world.case.as_of));
        let row = in_force.find(|row| row.values.iter().zip(&found).all(|(key, value)| same_value(key, value)));
        self.rows.extend(row);
        row.and_then(|row| row.values.get(keys.len() + place)).map_or(Ok(Computed::None), |value| self.value(value))
    }
}
