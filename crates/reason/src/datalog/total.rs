//! Aggregates: what the rows of one relation come to, group by group.

use super::budget::{Halt, Meter};
use super::core_rule::{CoreValue, Fold, Total};
use super::program::Function;
use super::relation::{Relation, Run};
use super::rows::{RowNumber, Rows};
use super::value::{Code, Numbers};

/// The relation of results over all rows of the input; groups in the order of their first rows.
pub(crate) fn total(
    total: &Total,
    input: &Rows,
    numbers: &mut Numbers,
    meter: &mut Meter<'_, '_>,
) -> Result<Relation, Halt> {
    let mut groups = Groups::new(total);
    groups.add(input, 0, numbers, meter, |_| {})?;
    let mut relation = Relation::new(total.group.len() + 1);
    let mut row = Vec::with_capacity(total.group.len() + 1);
    for (number, sum) in (0..).zip(groups.sums) {
        meter.derived()?;
        row.clear();
        row.extend_from_slice(groups.rows.row(number));
        row.push(numbers.code(sum).ok_or(Halt::Overflow)?);
        relation.rows.insert(&row);
    }
    relation.runs.push(Run { start: 0, rule: total.number, round: 1 });
    Ok(relation)
}

/// Groups with what they have come to so far.
pub(crate) struct Groups<'t> {
    total: &'t Total,
    rows: Rows,
    sums: Vec<i128>,
}

impl<'t> Groups<'t> {
    pub(crate) fn new(total: &'t Total) -> Self {
        Self { total, rows: Rows::new(total.group.len()), sums: Vec::new() }
    }

    pub(crate) fn total(&self) -> &'t Total {
        self.total
    }

    pub(crate) fn bytes(&self) -> usize {
        self.rows.bytes() + self.sums.capacity() * size_of::<i128>()
    }

    /// Adds the rows of the input from one number on; tells every group that passes the threshold.
    pub(crate) fn add(
        &mut self,
        input: &Rows,
        from: RowNumber,
        numbers: &Numbers,
        meter: &mut Meter<'_, '_>,
        mut passed: impl FnMut(&[Code]),
    ) -> Result<(), Halt> {
        let mut group = Vec::with_capacity(self.total.group.len());
        for number in from..input.len() {
            meter.step(|| self.rows.bytes() + self.sums.capacity() * size_of::<i128>())?;
            let row = input.row(number);
            let value = value(self.total, row, numbers);
            group.clear();
            group.extend(self.total.group.iter().map(|column| row[*column]));
            let (place, is_new) = self.rows.find_or_insert(&group);
            if is_new {
                // Of nothing, sums are zero; least and greatest begin with the first value.
                let is_sum = !matches!(self.total.fold, Fold::Result(Function::Least | Function::Greatest));
                self.sums.push(if is_sum { 0 } else { value });
            }
            let sum = &mut self.sums[place as usize];
            let before = *sum;
            let after = add(self.total.fold, before, value).ok_or(Halt::Overflow)?;
            *sum = after;
            if let Fold::Threshold(least) = self.total.fold {
                if value < 0 {
                    return Err(Halt::Negative(value));
                }
                if before < least && after >= least {
                    passed(&group);
                }
            }
        }
        Ok(())
    }
}

/// What one choice adds.
pub(crate) fn value(total: &Total, row: &[Code], numbers: &Numbers) -> i128 {
    match (total.fold, total.value) {
        (Fold::Result(Function::Count), _) => 1,
        (_, CoreValue::Column(column)) => numbers.number(row[column]),
        (_, CoreValue::Code(code)) => numbers.number(code),
    }
}

/// What two parts of a group come to.
pub(crate) fn add(fold: Fold, left: i128, right: i128) -> Option<i128> {
    match fold {
        Fold::Result(Function::Least) => Some(left.min(right)),
        Fold::Result(Function::Greatest) => Some(left.max(right)),
        Fold::Result(Function::Count | Function::Sum) | Fold::Threshold(_) => left.checked_add(right),
    }
}
