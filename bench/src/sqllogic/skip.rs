//! Records that ask for what a database should not do, or what Grounds leaves out on purpose; each kind is counted.

use std::collections::HashSet;

use super::script::Record;
use super::verdict::Wrong;

/// Why a record is not run at all.
pub fn before(record: &Record) -> Option<&'static str> {
    let mut words = record.sql.split_whitespace().map(str::to_uppercase);
    let (first, second, third) = (words.next()?, words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match (first.as_str(), second.as_str(), third.as_str()) {
        ("CREATE" | "DROP", "TRIGGER", _) | ("CREATE", "TEMP" | "TEMPORARY", "TRIGGER") => {
            Some("triggers: Grounds has none")
        }
        ("REINDEX", ..) => Some("REINDEX: SQLite's; there is no index to rebuild"),
        _ if intersects_after_another(&record.sql) => Some(
            "INTERSECT after UNION or EXCEPT without parentheses: it binds more tightly in standard SQL, not in SQLite",
        ),
        _ => None,
    }
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

/// What an error says, and why the record that gave it is skipped.
const SKIPPED_ERRORS: [(&str, &str); 4] = [
    (
        "must be in GROUP BY",
        "a column that is neither grouped nor aggregated: SQLite takes any row's, standard SQL refuses it",
    ),
    ("Divide by zero", "division by zero: NULL in SQLite, an error in standard SQL"),
    ("Cannot cast string", "text compared with a number: false in SQLite, an error here as in PostgreSQL"),
    (
        "Cannot infer common argument type",
        "bytes compared with a number: false in SQLite, an error here as in PostgreSQL",
    ),
];

/// Sorts out the records that failed.
#[derive(Default)]
pub struct SkipAfter {
    /// Tables that are not there because they would have UNIQUE columns.
    unique_tables: HashSet<String>,
}

impl SkipAfter {
    /// Why a record that failed is skipped after all.
    pub fn reason(&mut self, record: &Record, wrong: &Wrong) -> Option<&'static str> {
        const UNIQUE: &str =
            "UNIQUE columns, and what follows about their tables: only a primary key is unique in Grounds";
        let Wrong::Error(message) = wrong else { return None };
        if message.contains("UNIQUE is not supported") {
            let name = record.sql.split(|c: char| c.is_whitespace() || c == '(').nth(2)?;
            self.unique_tables.insert(format!("there is no table `{}`", name.to_lowercase()));
            return Some(UNIQUE);
        }
        if self.unique_tables.iter().any(|missing| message.contains(missing)) {
            return Some(UNIQUE);
        }
        SKIPPED_ERRORS.iter().find(|(part, _)| message.contains(part)).map(|(_, reason)| *reason)
    }
}
