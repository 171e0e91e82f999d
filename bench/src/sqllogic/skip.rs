//! Records that ask for what Grounds leaves out on purpose, told by the record itself: its conditions and its own SQL, never by how it went.

use super::script::Record;

/// Why a record is not run; `None` where it is.
pub fn reason(record: &Record) -> Option<&'static str> {
    if let Some(reason) = record.remarks.iter().find_map(|remark| reason_of_remark(remark)) {
        return Some(reason);
    }
    let mut words = record.sql.split_whitespace().map(str::to_uppercase);
    let (first, second, third) = (words.next()?, words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match (first.as_str(), second.as_str(), third.as_str()) {
        ("CREATE" | "DROP", "TRIGGER", _) | ("CREATE", "TEMP" | "TEMPORARY", "TRIGGER") => {
            Some("triggers: Grounds has none")
        }
        _ if intersects_after_another(&record.sql) => Some(
            "INTERSECT after UNION or EXCEPT without parentheses: it binds more tightly in standard SQL, not in SQLite",
        ),
        _ => None,
    }
}

/// What `skipif ENGINE # REMARK` says of records that other engines with standard SQL refuse too.
fn reason_of_remark(remark: &str) -> Option<&'static str> {
    remark.contains("strict column usage for GROUP BY").then_some(
        "marked in the file: a column that is neither grouped nor aggregated, any row's in SQLite, refused by standard SQL",
    )
}

/// In SQLite set operations all bind alike, from left to right.
fn intersects_after_another(sql: &str) -> bool {
    if !sql.contains("INTERSECT") || sql.matches('(').count() != sql.matches(')').count() {
        return false;
    }
    let mut depth = 0;
    let mut other_before = false;
    for word in sql.replace('(', " ( ").replace(')', " ) ").split_whitespace() {
        match word {
            "(" => depth += 1,
            ")" => depth -= 1,
            "UNION" | "EXCEPT" if depth == 0 => other_before = true,
            "INTERSECT" if depth == 0 && other_before => return true,
            _ => {}
        }
    }
    false
}
