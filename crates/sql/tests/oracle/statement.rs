//! Random statements, each as SQL and as what it does to the model.

use std::cmp::Ordering;

use super::model::{DAY_END, Kind, Piece, Table};
use super::value::{OPEN, Random, Value, date};

/// A condition on one column.
#[derive(Clone, Debug)]
pub(crate) enum Predicate {
    Always,
    Compare { column: usize, operator: &'static str, value: Value },
    IsNull { column: usize },
}

const OPERATORS: [&str; 5] = ["=", "<", ">=", ">", "<>"];

impl Predicate {
    pub(crate) fn random(random: &mut Random, table: &Table) -> Self {
        let column = usize::try_from(random.below(table.columns.len() as u64)).expect("a position");
        match random.below(6) {
            0 | 1 => Predicate::Always,
            2 => Predicate::IsNull { column },
            _ => {
                let value = random_value(random, table.columns[column].1, false);
                Predicate::Compare { column, operator: random.pick::<&'static str>(&OPERATORS), value }
            }
        }
    }

    /// As a WHERE clause.
    pub(crate) fn sql(&self, table: &Table) -> String {
        match self {
            Predicate::Always => String::new(),
            Predicate::IsNull { column } => format!(" WHERE {} IS NULL", table.columns[*column].0),
            Predicate::Compare { column, operator, value } => {
                format!(" WHERE {} {operator} {}", table.columns[*column].0, value.sql())
            }
        }
    }

    /// Whether it is true of these cells; unknown is not true.
    pub(crate) fn holds(&self, cells: &[Value]) -> bool {
        match self {
            Predicate::Always => true,
            Predicate::IsNull { column } => cells[*column] == Value::Null,
            Predicate::Compare { column, operator, value } => {
                let Some(order) = cells[*column].compare(value) else { return false };
                match *operator {
                    "=" => order == Ordering::Equal,
                    "<" => order == Ordering::Less,
                    ">=" => order != Ordering::Less,
                    ">" => order == Ordering::Greater,
                    _ => order != Ordering::Equal,
                }
            }
        }
    }
}

/// A value for a column, absent now and then where it may be.
pub(crate) fn random_value(random: &mut Random, kind: Kind, may_be_null: bool) -> Value {
    if may_be_null && random.once_in(5) {
        return Value::Null;
    }
    match kind {
        Kind::Integer => Value::Integer(random.integer(12)),
        Kind::Text => Value::Text((*random.pick(&["north", "south", "o'clock", "", "West"])).to_owned()),
        Kind::Money => Value::Money(random.integer(800) - 400),
        Kind::Day => Value::Day(random.day(0, DAY_END)),
    }
}

/// Cells for a row.
pub(crate) fn random_cells(random: &mut Random, table: &Table) -> Vec<Value> {
    let cell = |(at, (_, kind)): (usize, &(String, Kind))| random_value(random, *kind, !(table.has_key && at == 0));
    table.columns.iter().enumerate().map(cell).collect()
}

/// The days of a new row, and how an INSERT says them.
pub(crate) fn random_validity(random: &mut Random) -> (i32, i32) {
    match random.below(4) {
        0 | 1 => (0, OPEN),
        2 => (random.day(1, DAY_END), OPEN),
        _ => {
            let from = random.day(1, DAY_END);
            (from, random.day(from + 1, DAY_END + 1))
        }
    }
}

/// The cells and the days of an INSERT's row as SQL.
pub(crate) fn insert_row_sql(cells: &[Value], from: i32, to: i32) -> String {
    let mut values: Vec<String> = cells.iter().map(Value::sql).collect();
    values.push(if from == 0 { "DEFAULT".to_owned() } else { format!("DATE '{}'", date(from)) });
    values.push(if to == OPEN { "NULL".to_owned() } else { format!("DATE '{}'", date(to)) });
    format!("({})", values.join(", "))
}

/// The portion of valid time that a change is about; `None` for whole pieces.
pub(crate) fn random_portion(random: &mut Random) -> Option<(i32, i32)> {
    random.once_in(2).then(|| {
        let from = random.day(1, DAY_END);
        (from, if random.once_in(3) { OPEN } else { random.day(from + 1, DAY_END + 1) })
    })
}

pub(crate) fn portion_sql(portion: Option<(i32, i32)>) -> String {
    match portion {
        None => String::new(),
        Some((from, OPEN)) => format!(" FOR PORTION OF VALID_TIME FROM DATE '{}' TO NULL", date(from)),
        Some((from, to)) => format!(" FOR PORTION OF VALID_TIME FROM DATE '{}' TO DATE '{}'", date(from), date(to)),
    }
}

/// The pieces a change is about, each with the days in which it changes.
pub(crate) fn changed_pieces(
    table: &Table,
    predicate: &Predicate,
    portion: Option<(i32, i32)>,
    session_day: i32,
) -> Vec<(i64, Piece)> {
    let mut found = Vec::new();
    for (row, pieces) in &table.rows {
        for piece in pieces.iter().filter(|piece| predicate.holds(&piece.cells)) {
            let days = match portion {
                None => piece.holds_on(session_day).then_some((piece.from, piece.to)),
                Some((from, to)) => piece.overlaps(from, to).then_some((piece.from.max(from), piece.to.min(to))),
            };
            if let Some((from, to)) = days {
                found.push((*row, Piece { from, to, cells: piece.cells.clone() }));
            }
        }
    }
    found
}

/// A new value for one column: SQL after `SET`, and what it makes of the cells.
#[derive(Clone, Debug)]
pub(crate) enum Assignment {
    Set { column: usize, value: Value },
    Add { column: usize, number: i64 },
}

impl Assignment {
    pub(crate) fn random(random: &mut Random, table: &Table) -> Self {
        if table.has_key && random.once_in(8) {
            return Assignment::Add { column: 0, number: 1 + random.integer(3) };
        }
        let first = usize::from(table.has_key);
        let column = first + usize::try_from(random.below((table.columns.len() - first) as u64)).expect("a position");
        let kind = table.columns[column].1;
        if kind == Kind::Integer && random.once_in(2) {
            return Assignment::Add { column, number: random.integer(5) - 2 };
        }
        Assignment::Set { column, value: random_value(random, kind, true) }
    }

    pub(crate) fn sql(&self, table: &Table) -> String {
        match self {
            Assignment::Set { column, value } => format!("{} = {}", table.columns[*column].0, value.sql()),
            Assignment::Add { column, number } => {
                let name = &table.columns[*column].0;
                format!("{name} = {name} + {number}")
            }
        }
    }

    pub(crate) fn applied(&self, cells: &[Value]) -> Vec<Value> {
        let mut cells = cells.to_vec();
        match self {
            Assignment::Set { column, value } => cells[*column] = value.clone(),
            Assignment::Add { column, number } => {
                if let Value::Integer(old) = &mut cells[*column] {
                    *old += number;
                }
            }
        }
        cells
    }
}
