//! Cells as people and files write them, exactly.

use grounds_core::{Cell, ColumnType, date_of, days_of};
use jiff::civil::{Date, DateTime};

use crate::SqlError;
use crate::types::sql_name;

/// Reads a cell of a column from text. Text without white space around it means the same in every type but text.
///
/// # Errors
/// [`SqlError::WrongValue`]: the text is not a value of the type, or one that the type cannot hold exactly.
pub(crate) fn parse(text: &str, column: &str, column_type: ColumnType) -> Result<Cell, SqlError> {
    let trimmed = text.trim();
    let cell = match column_type {
        ColumnType::Boolean => boolean(trimmed).map(Cell::Boolean),
        ColumnType::Integer => trimmed.parse().ok().map(Cell::Integer),
        ColumnType::Double => trimmed.parse().ok().map(Cell::Double),
        ColumnType::Decimal { precision, scale } => decimal(trimmed, precision, scale).map(Cell::Decimal),
        ColumnType::Text => Some(Cell::Text(text.to_owned())),
        ColumnType::Json => {
            serde_json::from_str::<serde_json::Value>(text).is_ok().then(|| Cell::Text(text.to_owned()))
        }
        ColumnType::Date => date(trimmed).map(|date| Cell::Date(days_of(date))),
        ColumnType::Timestamp => timestamp(trimmed).map(Cell::Timestamp),
        ColumnType::Instant => instant(trimmed).map(Cell::Instant),
        ColumnType::Binary => bytes(trimmed).map(Cell::Binary),
        ColumnType::Vector { .. } => vector(trimmed).map(Cell::Vector),
    };
    cell.filter(|cell| cell.fits(column_type)).ok_or_else(|| SqlError::WrongValue {
        column: column.to_owned(),
        value: text.to_owned(),
        expected: sql_name(column_type),
    })
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "1" => Some(true),
        "false" | "f" | "no" | "0" => Some(false),
        _ => None,
    }
}

/// The digits of a decimal number, as many after the point as `scale`; further ones must be zeros.
fn decimal(text: &str, precision: u8, scale: i8) -> Option<i128> {
    let scale = usize::try_from(scale).ok()?;
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let (kept, dropped) = fraction.split_at(fraction.len().min(scale));
    if dropped.bytes().any(|digit| digit != b'0') {
        return None;
    }
    let significant = format!("{whole}{kept}{}", "0".repeat(scale - kept.len()));
    let significant = significant.trim_start_matches('0');
    if significant.len() > usize::from(precision) {
        return None;
    }
    let number: i128 = if significant.is_empty() { 0 } else { significant.parse().ok()? };
    Some(if negative { -number } else { number })
}

/// A civil date, `YYYY-MM-DD`.
pub(crate) fn date(text: &str) -> Option<Date> {
    text.parse().ok()
}

/// Microseconds since 1970-01-01T00:00 on the same clock.
fn timestamp(text: &str) -> Option<i64> {
    let civil = match text.len() {
        10 => date(text)?.to_datetime(jiff::civil::Time::midnight()),
        _ => text.parse::<DateTime>().ok()?,
    };
    let has_zone = text.ends_with(['Z', 'z']) || text.rfind(['+', '-']).is_some_and(|at| at > 10);
    if has_zone {
        return None;
    }
    micros(civil)
}

fn micros(civil: DateTime) -> Option<i64> {
    let since = civil.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    i64::try_from(since.as_micros()).ok()
}

/// Microseconds since 1970-01-01T00:00Z of a moment whose text states its offset, or is in UTC.
pub(crate) fn instant(text: &str) -> Option<i64> {
    let zone_at = text.char_indices().skip(10).find(|(_, c)| matches!(c, 'Z' | 'z' | '+' | '-')).map(|(at, _)| at);
    let Some(zone_at) = zone_at else { return timestamp(text) };
    let (clock, zone) = text.split_at(zone_at);
    let offset_minutes = match zone {
        "Z" | "z" => 0,
        _ => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let digits: String = zone[1..].chars().filter(|c| *c != ':').collect();
            let number: i64 = digits.parse().ok()?;
            match digits.len() {
                2 => sign * number * 60,
                4 => sign * (number / 100 * 60 + number % 100),
                _ => return None,
            }
        }
    };
    timestamp(clock.trim_end())?.checked_sub(offset_minutes * 60_000_000)
}

/// Bytes as hexadecimal digits after `\x`, or the bytes of the text itself.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let Some(digits) = text.strip_prefix("\\x") else { return Some(text.as_bytes().to_vec()) };
    if !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect()
}

/// Numbers in brackets: `[0.1, 0.2]`.
fn vector(text: &str) -> Option<Vec<f32>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    inner.split(',').map(|number| number.trim().parse().ok()).collect()
}

/// The cell as CSV, keys in messages and `SHOW` write it; absent cells as nothing.
pub(crate) fn format(cell: &Cell, column_type: ColumnType) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Boolean(value) => value.to_string(),
        Cell::Integer(value) => value.to_string(),
        Cell::Double(value) => value.to_string(),
        Cell::Decimal(value) => {
            let scale = match column_type {
                ColumnType::Decimal { scale, .. } => usize::try_from(scale).unwrap_or_default(),
                _ => 0,
            };
            format_decimal(*value, scale)
        }
        Cell::Text(value) => value.clone(),
        Cell::Date(days) => date_of(*days).map_or_else(|| days.to_string(), |date| date.to_string()),
        Cell::Timestamp(micros) => format_micros(*micros),
        Cell::Instant(micros) => format!("{}Z", format_micros(*micros)),
        Cell::Binary(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("\\x{digits}")
        }
        Cell::Vector(numbers) => {
            let numbers: Vec<String> = numbers.iter().map(f32::to_string).collect();
            format!("[{}]", numbers.join(","))
        }
    }
}

fn format_decimal(unscaled: i128, scale: usize) -> String {
    let sign = if unscaled < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn format_micros(micros: i64) -> String {
    let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    let civil = epoch.checked_add(jiff::SignedDuration::from_micros(micros));
    civil.map_or_else(|_| micros.to_string(), |civil| civil.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_every_digit_and_refuse_more() {
        let money = ColumnType::Decimal { precision: 6, scale: 2 };
        for (text, unscaled) in [("12.5", 1250), ("-0.05", -5), ("9999.99", 999_999), ("3.1400", 314), (".5", 50)] {
            assert_eq!(parse(text, "amount", money).expect(text), Cell::Decimal(unscaled));
        }
        for text in ["3.141", "10000", "1e3", "", ".", "1.2.3", "--1"] {
            assert!(parse(text, "amount", money).is_err(), "{text}");
        }
        assert_eq!(format(&Cell::Decimal(-5), money), "-0.05");
    }

    #[test]
    fn cells_come_back_from_their_text() {
        let cases = [
            (Cell::Date(days_of(Date::constant(2024, 2, 29))), ColumnType::Date, "2024-02-29"),
            (Cell::Timestamp(1_500_000), ColumnType::Timestamp, "1970-01-01T00:00:01.5"),
            (Cell::Instant(-1), ColumnType::Instant, "1969-12-31T23:59:59.999999Z"),
            (Cell::Binary(vec![0, 255]), ColumnType::Binary, "\\x00ff"),
            (Cell::Vector(vec![0.5, -1.0]), ColumnType::Vector { dimension: 2 }, "[0.5,-1]"),
            (Cell::Boolean(true), ColumnType::Boolean, "true"),
        ];
        for (cell, column_type, text) in cases {
            assert_eq!(format(&cell, column_type), text);
            assert_eq!(parse(text, "c", column_type).expect(text), cell);
        }
        let here = parse("2021-03-01T00:30+01:00", "c", ColumnType::Instant).expect("an instant");
        assert_eq!(here, parse("2021-02-28 23:30:00Z", "c", ColumnType::Instant).expect("the same instant"));
        assert!(parse("2021-03-01T00:30+01:00", "c", ColumnType::Timestamp).is_err());
    }
}
