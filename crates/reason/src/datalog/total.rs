//! Aggregates: what the rows of one relation come to, group by group.

use super::budget::{Halt, Meter};
use super::core_rule::{CoreValue, Total};
use super::program::Function;
use super::relation::{Relation, Run};
use super::rows::Rows;
use super::value::{Code, Numbers};

/// The relation of totals over all rows of the input; groups in the order of their first rows.
pub(crate) fn total(
    total: &Total,
    input: &Rows,
    numbers: &mut Numbers,
    meter: &mut Meter<'_, '_>,
) -> Result<Relation, Halt> {
    let mut groups = Rows::new(total.group_count);
    let mut sums: Vec<i128> = Vec::new();
    for number in 0..input.len() {
        meter.step(|| groups.bytes() + sums.capacity() * size_of::<i128>())?;
        let row = input.row(number);
        let value = value(total, row, numbers);
        let group = &row[..total.group_count];
        if groups.insert(group) {
            sums.push(value);
        } else if let Some(known) = groups.find(group) {
            let sum = &mut sums[known as usize];
            *sum = add(total.function, *sum, value).ok_or(Halt::Overflow)?;
        }
    }
    let mut relation = Relation::new(total.group_count + 1);
    let mut row = Vec::with_capacity(total.group_count + 1);
    for (number, sum) in (0..).zip(sums) {
        meter.derived()?;
        row.clear();
        row.extend_from_slice(groups.row(number));
        row.push(numbers.code(sum).ok_or(Halt::Overflow)?);
        relation.rows.insert(&row);
    }
    relation.runs.push(Run { start: 0, rule: total.number, round: 1 });
    Ok(relation)
}

/// What one choice adds.
pub(crate) fn value(total: &Total, row: &[Code], numbers: &Numbers) -> i128 {
    match (total.function, total.value) {
        (Function::Count, _) => 1,
        (_, CoreValue::Column(column)) => numbers.number(row[column]),
        (_, CoreValue::Code(code)) => numbers.number(code),
    }
}

/// What two parts of a group come to.
pub(crate) fn add(function: Function, left: i128, right: i128) -> Option<i128> {
    match function {
        Function::Count | Function::Sum => left.checked_add(right),
        Function::Least => Some(left.min(right)),
        Function::Greatest => Some(left.max(right)),
    }
}
