//! Values as the caller sees them, and the four bytes each becomes inside.

use std::fmt;

use super::hash::{KeyTable, Slot};

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A name that the caller has numbered, below [`SYMBOL_END`]. The core compares symbols by number and knows nothing else of them.
    Symbol(u32),
    /// A whole number: an amount in minor units, a day, a count.
    Number(i128),
}

/// Symbols are below this number. Tables are as long as the largest symbol, so number them densely.
pub const SYMBOL_END: u32 = u32::MAX;

/// What a column holds. Values of two types are never compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColumnType {
    /// [`Value::Symbol`].
    Symbol,
    /// [`Value::Number`].
    Number,
}

impl Value {
    /// The type of a column it can stand in.
    pub fn column_type(&self) -> ColumnType {
        match self {
            Value::Symbol(_) => ColumnType::Symbol,
            Value::Number(_) => ColumnType::Number,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Symbol(symbol) => write!(formatter, "#{symbol}"),
            Value::Number(number) => write!(formatter, "{number}"),
        }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            ColumnType::Symbol => "symbol",
            ColumnType::Number => "number",
        })
    }
}

/// A value inside: a symbol, or the code of a number. Equal values of one type have equal codes; the order of codes means nothing.
pub(crate) type Code = u32;

/// Numbers from here on stand in the table; smaller ones are their own code.
const TABLE_START: Code = 1 << 31;

/// The numbers that are not their own code.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    large: Vec<i128>,
    table: KeyTable,
}

impl Numbers {
    /// The code of a number; `None` when two thousand million are known already.
    pub(crate) fn code(&mut self, number: i128) -> Option<Code> {
        if let Some(code) = small(number) {
            return Some(code);
        }
        let parts = parts(number);
        let large = &self.large;
        match self.table.find_or_insert(&parts, |position| large[position as usize] == number) {
            Slot::Found(position) => Some(TABLE_START | position),
            Slot::Inserted(position) => {
                self.large.push(number);
                // The last code is kept free: it is nobody's.
                (position < TABLE_START - 1).then_some(TABLE_START | position)
            }
        }
    }

    /// The code of a number, where it has one already.
    pub(crate) fn known_code(&self, number: i128) -> Option<Code> {
        small(number).or_else(|| {
            let found = self.table.find(&parts(number), |position| self.large[position as usize] == number)?;
            Some(TABLE_START | found)
        })
    }

    pub(crate) fn number(&self, code: Code) -> i128 {
        if code < TABLE_START { i128::from(code) } else { self.large[(code & !TABLE_START) as usize] }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.large.capacity() * size_of::<i128>() + self.table.bytes()
    }
}

fn small(number: i128) -> Option<Code> {
    u32::try_from(number).ok().filter(|code| *code < TABLE_START)
}

fn parts(number: i128) -> [u32; 4] {
    let bits = number.cast_unsigned();
    [0, 32, 64, 96].map(|shift| (bits >> shift) as u32)
}
