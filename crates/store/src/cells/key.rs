//! Keys of rows of declared tables as bytes that sort as the cells do.

use std::fmt::Write;

use grounds_core::{Cell, ColumnType, TableDefinition, TableId, date_of};

/// Stands before an absent cell; smaller than [`PRESENT`], so absent cells come first.
const ABSENT: u8 = 0;
/// Stands before a cell that is there, and after the last number of a vector.
const PRESENT: u8 = 1;
/// Stands before each number of a vector.
const MORE: u8 = 2;
/// Follows a zero byte that belongs to a text.
const ESCAPE: u8 = 0xff;

/// The key of the row that holds `cells`, one for each column of `table`: its key columns, in key order, as [`encode_key_cells`] has them.
///
/// Empty for a table without a primary key, whose rows are known by the number that the store gives them. A cell that is missing at the end
/// of `cells` is absent.
pub fn encode_key(table: &TableDefinition, cells: &[Cell]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(16);
    for position in &table.primary_key {
        encode_cell(cells.get(*position).unwrap_or(&Cell::Null), &mut bytes);
    }
    bytes
}

/// The cells of a key, or its first ones, as bytes.
///
/// Of two lists of cells whose kinds agree, the bytes sort as the lists do. What the first cells of a key encode to begins the bytes of every
/// key that has them, and of no other.
pub fn encode_key_cells(cells: &[Cell]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(16);
    cells.iter().for_each(|cell| encode_cell(cell, &mut bytes));
    bytes
}

fn encode_cell(cell: &Cell, bytes: &mut Vec<u8>) {
    if matches!(cell, Cell::Null) {
        return bytes.push(ABSENT);
    }
    bytes.push(PRESENT);
    match cell {
        Cell::Null => {}
        Cell::Boolean(value) => bytes.push(u8::from(*value)),
        Cell::Integer(value) | Cell::Timestamp(value) | Cell::Instant(value) => {
            bytes.extend((*value ^ i64::MIN).to_be_bytes());
        }
        Cell::Double(value) => bytes.extend(order_of_double(*value).to_be_bytes()),
        Cell::Decimal(value) => bytes.extend((*value ^ i128::MIN).to_be_bytes()),
        Cell::Date(value) => bytes.extend((*value ^ i32::MIN).to_be_bytes()),
        Cell::Text(value) => encode_bytes(value.as_bytes(), bytes),
        Cell::Binary(value) => encode_bytes(value, bytes),
        Cell::Vector(numbers) => {
            for number in numbers {
                bytes.push(MORE);
                bytes.extend(order_of_single(*number).to_be_bytes());
            }
            bytes.push(PRESENT);
        }
    }
}

/// The bytes with every zero escaped, and an end that sorts before everything that goes on.
fn encode_bytes(value: &[u8], bytes: &mut Vec<u8>) {
    let mut rest = value;
    while let Some(at) = rest.iter().position(|byte| *byte == 0) {
        bytes.extend(&rest[..at]);
        bytes.extend([0, ESCAPE]);
        rest = &rest[at + 1..];
    }
    bytes.extend(rest);
    bytes.extend([0, PRESENT]);
}

/// A number that sorts as IEEE 754 totalOrder does.
fn order_of_double(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits ^ (1 << 63) }
}

fn order_of_single(value: f32) -> u32 {
    let bits = value.to_bits();
    if bits >> 31 == 1 { !bits } else { bits ^ (1 << 31) }
}

/// The cells that a key was made from; `None` where it is not a key of `table`.
pub(crate) fn decode_key(table: &TableDefinition, key: &[u8]) -> Option<Vec<Cell>> {
    let mut rest = key;
    let mut cells = Vec::with_capacity(table.primary_key.len());
    for position in &table.primary_key {
        cells.push(decode_cell(table.columns.get(*position)?.column_type, &mut rest)?);
    }
    rest.is_empty().then_some(cells)
}

fn decode_cell(column_type: ColumnType, rest: &mut &[u8]) -> Option<Cell> {
    match take::<1>(rest)? {
        [ABSENT] => return Some(Cell::Null),
        [PRESENT] => {}
        _ => return None,
    }
    let cell = match column_type {
        ColumnType::Boolean => Cell::Boolean(take::<1>(rest)? == [1]),
        ColumnType::Integer => Cell::Integer(i64::from_be_bytes(take(rest)?) ^ i64::MIN),
        ColumnType::Timestamp => Cell::Timestamp(i64::from_be_bytes(take(rest)?) ^ i64::MIN),
        ColumnType::Instant => Cell::Instant(i64::from_be_bytes(take(rest)?) ^ i64::MIN),
        ColumnType::Double => {
            let order = u64::from_be_bytes(take(rest)?);
            Cell::Double(f64::from_bits(if order >> 63 == 1 { order ^ (1 << 63) } else { !order }))
        }
        ColumnType::Decimal { .. } => Cell::Decimal(i128::from_be_bytes(take(rest)?) ^ i128::MIN),
        ColumnType::Date => Cell::Date(i32::from_be_bytes(take(rest)?) ^ i32::MIN),
        ColumnType::Text | ColumnType::Json => Cell::Text(String::from_utf8(decode_bytes(rest)?).ok()?),
        ColumnType::Binary => Cell::Binary(decode_bytes(rest)?),
        ColumnType::Vector { .. } => {
            let mut numbers = Vec::new();
            while take::<1>(rest)? == [MORE] {
                let order = u32::from_be_bytes(take(rest)?);
                numbers.push(f32::from_bits(if order >> 31 == 1 { order ^ (1 << 31) } else { !order }));
            }
            Cell::Vector(numbers)
        }
    };
    Some(cell)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, others) = rest.split_first_chunk::<N>()?;
    *rest = others;
    Some(*first)
}

fn decode_bytes(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let [byte] = take::<1>(rest)?;
        if byte != 0 {
            bytes.push(byte);
        } else if take::<1>(rest)? == [ESCAPE] {
            bytes.push(0);
        } else {
            return Some(bytes);
        }
    }
}

/// A key as a person reads it: `(7, 'abc')`, or `row 12` for a table without a primary key.
pub(crate) fn readable_key(table: &TableDefinition, key: &[u8]) -> String {
    if table.primary_key.is_empty() {
        return key.try_into().map_or_else(|_| hex(key), |number| format!("row {}", u64::from_be_bytes(number)));
    }
    let Some(cells) = decode_key(table, key) else { return hex(key) };
    readable_cells(table, &table.primary_key, &cells)
}

/// Cells of the columns at these positions as a person reads them: `(7, 'abc')`.
pub(crate) fn readable_cells(table: &TableDefinition, positions: &[usize], cells: &[Cell]) -> String {
    let mut text = String::new();
    for (at, (cell, position)) in cells.iter().zip(positions).enumerate() {
        text.push_str(if at == 0 { "(" } else { ", " });
        write_cell(&mut text, cell, table.columns[*position].column_type);
    }
    text.push(')');
    text
}

fn write_cell(text: &mut String, cell: &Cell, column_type: ColumnType) {
    // Writing to a string cannot fail.
    let _ = match cell {
        Cell::Null => write!(text, "NULL"),
        Cell::Boolean(value) => write!(text, "{value}"),
        Cell::Integer(value) => write!(text, "{value}"),
        Cell::Double(value) => write!(text, "{value}"),
        Cell::Decimal(value) => match column_type {
            ColumnType::Decimal { scale: scale @ 1.., .. } => {
                let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale.unsigned_abs() as usize + 1);
                let (whole, fraction) = digits.split_at(digits.len() - scale.unsigned_abs() as usize);
                write!(text, "{}{whole}.{fraction}", if *value < 0 { "-" } else { "" })
            }
            _ => write!(text, "{value}"),
        },
        Cell::Text(value) => write!(text, "'{value}'"),
        Cell::Date(days) => match date_of(*days) {
            Some(date) => write!(text, "{date}"),
            None => write!(text, "day {days}"),
        },
        Cell::Timestamp(value) | Cell::Instant(value) => write!(text, "{value} µs"),
        Cell::Binary(value) => write!(text, "{}", hex(value)),
        Cell::Vector(numbers) => write!(text, "a vector of {}", numbers.len()),
    };
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::from("x'");
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\'');
    text
}

/// Sorts after the number of every row.
pub(crate) const NUMBER_END: u64 = u64::MAX;
const TABLE_BYTES: usize = 4;
const NUMBER_BYTES: usize = 8;

/// The key in the engine: table, key and row number, big-endian, so that bytes sort as the three do.
pub(crate) fn engine_key(table: TableId, key: &[u8], number: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(TABLE_BYTES + key.len() + NUMBER_BYTES);
    bytes.extend(table.0.to_be_bytes());
    bytes.extend(key);
    bytes.extend(number.to_be_bytes());
    bytes
}

/// What the engine keys of all pieces of a row begin with; only the row number follows.
pub(crate) fn key_prefix(table: TableId, key: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(TABLE_BYTES + key.len());
    bytes.extend(table.0.to_be_bytes());
    bytes.extend(key);
    bytes
}

/// Sorts after every row of a table, and before the next table: keys begin with a small byte, or are a number.
pub(crate) fn table_end(table: TableId) -> Vec<u8> {
    engine_key(table, &[u8::MAX; 9], NUMBER_END)
}

/// Table, key and row number of a key in the engine; `None` where it is too short to be one.
pub(crate) fn split_engine_key(bytes: &[u8]) -> Option<(TableId, &[u8], u64)> {
    let (table, rest) = bytes.split_first_chunk::<TABLE_BYTES>()?;
    let (key, number) = rest.split_last_chunk::<NUMBER_BYTES>()?;
    Some((TableId(u32::from_be_bytes(*table)), key, u64::from_be_bytes(*number)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use grounds_core::ColumnDefinition;
    use proptest::prelude::*;

    fn table(types: &[ColumnType]) -> TableDefinition {
        let column = |(at, column_type): (usize, &ColumnType)| ColumnDefinition {
            name: format!("c{at}"),
            column_type: *column_type,
            nullable: true,
            default: None,
            full_text: None,
        };
        TableDefinition {
            id: TableId(1),
            name: "t".to_owned(),
            columns: types.iter().enumerate().map(column).collect(),
            primary_key: (0..types.len()).collect(),
            labels: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
        }
    }

    const TYPES: [ColumnType; 10] = [
        ColumnType::Boolean,
        ColumnType::Integer,
        ColumnType::Double,
        ColumnType::Decimal { precision: 38, scale: 2 },
        ColumnType::Text,
        ColumnType::Date,
        ColumnType::Timestamp,
        ColumnType::Instant,
        ColumnType::Binary,
        ColumnType::Vector { dimension: 2 },
    ];

    fn cell(column_type: ColumnType) -> BoxedStrategy<Cell> {
        let present = match column_type {
            ColumnType::Boolean => any::<bool>().prop_map(Cell::Boolean).boxed(),
            ColumnType::Integer => prop_oneof![any::<i64>(), -3..3_i64].prop_map(Cell::Integer).boxed(),
            ColumnType::Timestamp => any::<i64>().prop_map(Cell::Timestamp).boxed(),
            ColumnType::Instant => any::<i64>().prop_map(Cell::Instant).boxed(),
            ColumnType::Double => any::<u64>().prop_map(|bits| Cell::Double(f64::from_bits(bits))).boxed(),
            ColumnType::Decimal { .. } => prop_oneof![any::<i128>(), -3..3_i128].prop_map(Cell::Decimal).boxed(),
            ColumnType::Text | ColumnType::Json => "[\u{0}\u{1}ab\u{ff}]{0,4}".prop_map(Cell::Text).boxed(),
            ColumnType::Date => any::<i32>().prop_map(Cell::Date).boxed(),
            ColumnType::Binary => {
                let byte = prop_oneof![Just(0_u8), Just(1), Just(255), any::<u8>()];
                proptest::collection::vec(byte, 0..5).prop_map(Cell::Binary).boxed()
            }
            ColumnType::Vector { .. } => {
                let number = any::<u32>().prop_map(f32::from_bits);
                proptest::collection::vec(number, 0..3).prop_map(Cell::Vector).boxed()
            }
        };
        prop_oneof![1 => Just(Cell::Null), 6 => present].boxed()
    }

    fn keys() -> impl Strategy<Value = (Vec<ColumnType>, Vec<Cell>, Vec<Cell>)> {
        proptest::collection::vec(0..TYPES.len(), 1..4).prop_flat_map(|types| {
            let types: Vec<ColumnType> = types.into_iter().map(|at| TYPES[at]).collect();
            let cells = || types.iter().map(|column_type| cell(*column_type)).collect::<Vec<_>>();
            (Just(types.clone()), cells(), cells())
        })
    }

    proptest! {
        #[test]
        fn keys_sort_as_their_cells_and_come_back((types, a, b) in keys()) {
            let (table, key_a, key_b) = (table(&types), encode_key_cells(&a), encode_key_cells(&b));
            prop_assert_eq!(key_a.cmp(&key_b), a.cmp(&b));
            // With a row number behind them they still do.
            if a != b {
                let with_numbers = engine_key(table.id, &key_a, 7).cmp(&engine_key(table.id, &key_b, 3));
                prop_assert_eq!(with_numbers, a.cmp(&b));
            }
            prop_assert_eq!(encode_key(&table, &a), key_a.clone());
            prop_assert_eq!(decode_key(&table, &key_a), Some(a.clone()));
            prop_assert!(key_a.starts_with(&encode_key_cells(&a[..1])));
            prop_assert!(!readable_key(&table, &key_a).is_empty());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..40), at in 0..TYPES.len()) {
            let table = table(&[TYPES[at]]);
            let _ = (decode_key(&table, &bytes), readable_key(&table, &bytes), split_engine_key(&bytes));
        }
    }

    #[test]
    fn keys_are_shown_as_people_write_them() {
        let types =
            [ColumnType::Integer, ColumnType::Text, ColumnType::Decimal { precision: 9, scale: 2 }, ColumnType::Date];
        let cells = [Cell::Integer(-7), Cell::Text("a".into()), Cell::Decimal(-5), Cell::Date(1)];
        assert_eq!(readable_key(&table(&types), &encode_key_cells(&cells)), "(-7, 'a', -0.05, 1970-01-02)");
        let keyless = TableDefinition { primary_key: Vec::new(), ..table(&types) };
        assert_eq!(readable_key(&keyless, &12_u64.to_be_bytes()), "row 12");
    }
}
