//! How sqllogictest writes a value.

use arrow::array::{Array, AsArray};
use arrow::datatypes::DataType;
use arrow::util::display::array_value_to_string;
use sqllogictest::DefaultColumnType;

/// One value of a column that is read as `column_type`: whole numbers cut, others with three digits, text with what cannot be
/// printed as `@`.
pub fn written(array: &dyn Array, row: usize, column_type: &DefaultColumnType) -> anyhow::Result<String> {
    if array.is_null(row) {
        return Ok("NULL".to_string());
    }
    let text = match array.data_type() {
        DataType::Boolean => u8::from(array.as_boolean().value(row)).to_string(),
        _ => array_value_to_string(array, row)?,
    };
    Ok(match column_type {
        DefaultColumnType::Integer => match text.parse::<i64>() {
            Ok(whole) => whole.to_string(),
            Err(_) => (number(&text).trunc() as i64).to_string(),
        },
        DefaultColumnType::FloatingPoint => format!("{:.3}", number(&text)),
        DefaultColumnType::Text | DefaultColumnType::Any if text.is_empty() => "(empty)".to_string(),
        DefaultColumnType::Text | DefaultColumnType::Any => {
            text.chars().map(|letter| if (' '..='~').contains(&letter) { letter } else { '@' }).collect()
        }
    })
}

/// Text that is no number counts as 0, as it does in C.
fn number(text: &str) -> f64 {
    text.parse().unwrap_or(0.0)
}
