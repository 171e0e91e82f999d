//! Row pieces as lines of JSON, and back, without loss.

use grounds_core::{Cell, Snapshot, Validity, date_of, days_of};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cells::Place;
use crate::encoding::{RowHead, from_hex, hex};

/// A row piece of a built-in table, all but its content, which follows in the same line as `"row"`.
#[derive(Serialize, Deserialize)]
pub(super) struct BuiltInLine {
    pub(super) key: String,
    pub(super) number: u64,
    #[serde(flatten)]
    place: PlaceFields,
    content: u64,
    content_hash: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    owner: String,
}

/// Where a piece stands on the two axes.
#[derive(Serialize, Deserialize)]
struct PlaceFields {
    valid_from: Date,
    valid_to: Option<Date>,
    known_from: u64,
    known_to: Option<u64>,
}

impl PlaceFields {
    fn new(validity: Validity, known_from: Snapshot, known_to: Option<Snapshot>) -> Self {
        let known_to = known_to.map(|to| to.0);
        Self { valid_from: validity.from, valid_to: validity.to, known_from: known_from.0, known_to }
    }

    fn place(&self) -> Place {
        let validity = Validity { from: self.valid_from, to: self.valid_to };
        Place { validity, known_from: Snapshot(self.known_from), known_to: self.known_to.map(Snapshot) }
    }
}

/// What stands before the content in a line; it cannot stand in the fields before, where quotes are escaped.
const ROW: &[u8] = b",\"row\":";

/// The line of a row piece with its content, which is JSON and stands in it byte for byte.
pub(super) fn built_in_line(key: &str, number: u64, head: &RowHead, content: &[u8]) -> Vec<u8> {
    let line = BuiltInLine {
        key: key.to_owned(),
        number,
        place: PlaceFields::new(head.validity, head.known_from, head.known_to),
        content: head.content,
        content_hash: hex(&head.content_hash),
        owner: head.owner.clone(),
    };
    let mut bytes = serde_json::to_vec(&line).expect("it holds only strings and numbers");
    bytes.pop();
    bytes.extend(ROW);
    bytes.extend(content);
    bytes.push(b'}');
    bytes
}

/// What [`built_in_line`] was given; `None` where it is no such line.
pub(super) fn parse_built_in(line: &[u8]) -> Option<(BuiltInLine, RowHead, &[u8])> {
    let at = line.windows(ROW.len()).position(|window| window == ROW)?;
    let content = line[at + ROW.len()..].strip_suffix(b"}")?;
    let mut start = line[..at].to_vec();
    start.push(b'}');
    let line: BuiltInLine = serde_json::from_slice(&start).ok()?;
    let Place { validity, known_from, known_to } = line.place.place();
    let content_hash = from_hex(&line.content_hash)?;
    let head =
        RowHead { validity, known_from, known_to, content: line.content, content_hash, owner: line.owner.clone() };
    Some((line, head, content))
}

/// A row piece of a declared table.
#[derive(Serialize, Deserialize)]
pub(super) struct DeclaredLine {
    /// Hexadecimal digits of the key's bytes.
    key: String,
    pub(super) number: u64,
    #[serde(flatten)]
    place: PlaceFields,
    cells: Vec<Value>,
}

/// The line of a row piece of a declared table.
pub(super) fn declared_line(key: &[u8], number: u64, place: &Place, cells: &[Cell]) -> Vec<u8> {
    let line = DeclaredLine {
        key: hex_of(key),
        number,
        place: PlaceFields::new(place.validity, place.known_from, place.known_to),
        cells: cells.iter().map(cell_value).collect(),
    };
    serde_json::to_vec(&line).expect("it holds only JSON values")
}

/// Key, number, place and cells of what [`declared_line`] wrote; `None` where it is no such line.
pub(super) fn parse_declared(line: &[u8]) -> Option<(Vec<u8>, u64, Place, Vec<Cell>)> {
    let line: DeclaredLine = serde_json::from_slice(line).ok()?;
    let cells = line.cells.iter().map(cell_of).collect::<Option<_>>()?;
    Some((bytes_of(&line.key)?, line.number, line.place.place(), cells))
}

/// A cell as a JSON value that names its kind, so that a reader needs no definition of the table.
fn cell_value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Boolean(value) => json!(value),
        Cell::Integer(value) => json!({ "integer": value }),
        Cell::Double(value) if value.is_finite() => json!({ "double": value }),
        Cell::Double(value) => json!({ "double_bits": value.to_bits() }),
        Cell::Decimal(value) => json!({ "decimal": value.to_string() }),
        Cell::Text(value) => json!({ "text": value }),
        Cell::Date(days) => match date_of(*days) {
            Some(date) => json!({ "date": date }),
            None => json!({ "date_days": days }),
        },
        Cell::Timestamp(value) => json!({ "timestamp_us": value }),
        Cell::Instant(value) => json!({ "instant_us": value }),
        Cell::Binary(value) => json!({ "binary": hex_of(value) }),
        Cell::Vector(numbers) if numbers.iter().all(|number| number.is_finite()) => {
            json!({ "vector": numbers.iter().map(|number| f64::from(*number)).collect::<Vec<_>>() })
        }
        Cell::Vector(numbers) => {
            json!({ "vector_bits": numbers.iter().map(|number| number.to_bits()).collect::<Vec<_>>() })
        }
    }
}

fn cell_of(value: &Value) -> Option<Cell> {
    let (kind, value) = match value {
        Value::Null => return Some(Cell::Null),
        Value::Bool(value) => return Some(Cell::Boolean(*value)),
        Value::Object(members) if members.len() == 1 => members.iter().next()?,
        _ => return None,
    };
    let cell = match kind.as_str() {
        "integer" => Cell::Integer(value.as_i64()?),
        "double" => Cell::Double(value.as_f64()?),
        "double_bits" => Cell::Double(f64::from_bits(value.as_u64()?)),
        "decimal" => Cell::Decimal(value.as_str()?.parse().ok()?),
        "text" => Cell::Text(value.as_str()?.to_owned()),
        "date" => Cell::Date(days_of(value.as_str()?.parse().ok()?)),
        "date_days" => Cell::Date(value.as_i64()?.try_into().ok()?),
        "timestamp_us" => Cell::Timestamp(value.as_i64()?),
        "instant_us" => Cell::Instant(value.as_i64()?),
        "binary" => Cell::Binary(bytes_of(value.as_str()?)?),
        "vector" => {
            Cell::Vector(value.as_array()?.iter().map(|number| Some(number.as_f64()? as f32)).collect::<Option<_>>()?)
        }
        "vector_bits" => {
            let number = |number: &Value| Some(f32::from_bits(number.as_u64()?.try_into().ok()?));
            Cell::Vector(value.as_array()?.iter().map(number).collect::<Option<_>>()?)
        }
        _ => return None,
    };
    Some(cell)
}

/// Bytes as hexadecimal digits.
pub(super) fn hex_of(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes that [`hex_of`] was given; `None` where these are not hexadecimal digits.
pub(super) fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_bit_for_bit() {
        let cells = [
            Cell::Null,
            Cell::Boolean(true),
            Cell::Integer(i64::MIN),
            Cell::Double(-0.0),
            Cell::Double(f64::NAN),
            Cell::Double(f64::NEG_INFINITY),
            Cell::Double(0.1),
            Cell::Decimal(i128::MIN),
            Cell::Text("a\n\"b\" ,\"row\":ä".to_owned()),
            Cell::Date(-1),
            Cell::Date(i32::MAX),
            Cell::Timestamp(i64::MAX),
            Cell::Instant(-7),
            Cell::Binary(vec![0, 255]),
            Cell::Vector(vec![0.1, f32::MIN_POSITIVE, -0.0]),
            Cell::Vector(vec![f32::NAN, 1.0]),
        ];
        let validity = Validity { from: Date::MIN, to: Some(Date::MAX) };
        let place = Place { validity, known_from: Snapshot(3), known_to: None };
        let line = declared_line(&[1, 0, 254], 7, &place, &cells);
        assert!(!line.contains(&b'\n'));
        let (key, number, back, cells_back) = parse_declared(&line).expect("a line");
        assert_eq!((key, number, back), (vec![1, 0, 254], 7, place));
        assert_eq!(cells_back, cells);
    }

    #[test]
    fn contents_stand_in_a_line_byte_for_byte() {
        let head = RowHead {
            validity: Validity::always(),
            known_from: Snapshot(1),
            known_to: Some(Snapshot(2)),
            content: 4,
            content_hash: [3; 32],
            owner: "a \"row\":".to_owned(),
        };
        let content = br#"{"name":"x","row":{},"source":" ,\"row\": "}"#;
        let line = built_in_line("k,\"row\":", 9, &head, content);
        let (parsed, head_back, content_back) = parse_built_in(&line).expect("a line");
        assert_eq!((parsed.key.as_str(), parsed.number), ("k,\"row\":", 9));
        assert_eq!((head_back, content_back), (head, content.as_slice()));
        assert!(serde_json::from_slice::<Value>(&line).is_ok(), "each line is one JSON value");
    }
}
