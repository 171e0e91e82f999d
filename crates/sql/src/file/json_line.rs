//! One JSON object of a line as the texts of its values, so that numbers keep every digit.

use serde::de::IgnoredAny;

/// The members of an object, each with its value as written.
///
/// # Errors
/// A message that says what is wrong.
pub(crate) fn members(line: &str) -> Result<Vec<(String, &str)>, String> {
    let mut rest = line.trim();
    rest = rest.strip_prefix('{').ok_or("a line must be a JSON object: {\"column\": value, ...}")?.trim_start();
    let mut members = Vec::new();
    if let Some(end) = rest.strip_prefix('}') {
        return if end.is_empty() { Ok(members) } else { Err("text follows the object".to_owned()) };
    }
    loop {
        let (key, after): (String, &str) = value(rest)?;
        rest = after.trim_start().strip_prefix(':').ok_or("a colon is missing")?.trim_start();
        let (IgnoredAny, after) = value(rest)?;
        members.push((key, rest[..rest.len() - after.len()].trim_end()));
        rest = after.trim_start();
        if let Some(next) = rest.strip_prefix(',') {
            rest = next.trim_start();
        } else {
            let end = rest.strip_prefix('}').ok_or("a comma or a closing brace is missing")?;
            return if end.trim().is_empty() { Ok(members) } else { Err("text follows the object".to_owned()) };
        }
    }
}

/// The value at the start of a text, and what follows it.
fn value<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Result<(T, &'a str), String> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let value = values.next().ok_or("a value is missing")?.map_err(|error| error.to_string())?;
    Ok((value, &text[values.byte_offset()..]))
}

/// The text that a JSON value stands for in a cell: strings without their quotation marks; `None` for null. In a column of JSON a string that holds
/// JSON stands for that, as COPY TO writes it, and any other for itself.
pub(crate) fn cell_text(value: &str, is_json_column: bool) -> Option<String> {
    if value == "null" {
        return None;
    }
    let Ok(text) = serde_json::from_str::<String>(value) else { return Some(value.to_owned()) };
    let stands_for_itself = is_json_column && serde_json::from_str::<IgnoredAny>(&text).is_err();
    Some(if stands_for_itself { value.to_owned() } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_digits() {
        let line = r#" {"a": 12345678901234567890.12345, "b":"x\ny", "c": null,"d":{"e":[1, 2]}} "#;
        let found = members(line).expect("well-formed");
        let found: Vec<(&str, &str)> = found.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        let wanted = [("a", "12345678901234567890.12345"), ("b", "\"x\\ny\""), ("c", "null"), ("d", r#"{"e":[1, 2]}"#)];
        assert_eq!(found, wanted);
        assert_eq!(cell_text("\"x\\ny\"", false).as_deref(), Some("x\ny"));
        assert_eq!(members("{}").expect("well-formed"), []);
        for line in ["", "[1]", "{\"a\" 1}", "{\"a\": 1", "{\"a\": 1} x", "{\"a\": }"] {
            assert!(members(line).is_err(), "{line}");
        }
    }
}
