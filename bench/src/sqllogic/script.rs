//! The records of a file that are ours to run.

use std::path::Path;

use sqllogictest::{
    Condition, DefaultColumnType, QueryExpect, Record as Parsed, SortMode, StatementExpect, parse_with_name,
};

/// The name under which `skipif` and `onlyif` could know us.
const ENGINE: &str = "grounds";

/// One statement or query with what it should give.
#[derive(Debug)]
pub struct Record {
    pub line: u32,
    pub sql: String,
    pub expected: Expected,
    /// What is remarked on its `skipif` lines.
    pub remarks: Vec<String>,
}

#[derive(Debug)]
pub enum Expected {
    Success,
    Failure,
    Rows {
        /// How each column is written: `I`, `R` or `T`.
        types: Vec<DefaultColumnType>,
        order: SortMode,
        /// Queries with the same label give the same.
        label: Option<String>,
        values: Vec<String>,
    },
}

/// A file without what is not for us.
#[derive(Debug)]
pub struct Script {
    pub records: Vec<Record>,
    /// From how many values on only their hash is written; 0 is never.
    pub hash_threshold: u64,
}

/// Reads a file. Records that are only for another engine do not count, and nothing does after a `halt` that is for us.
pub fn read(file: &Path) -> anyhow::Result<Script> {
    let text = std::fs::read_to_string(file)?;
    let parsed = parse_with_name::<DefaultColumnType>(&prepared(&text), file.display().to_string())?;
    let mut script = Script { records: Vec::new(), hash_threshold: 0 };
    let lines: Vec<&str> = text.lines().collect();
    for record in parsed {
        match record {
            Parsed::Halt { .. } => break,
            Parsed::HashThreshold { threshold, .. } => script.hash_threshold = threshold,
            Parsed::Statement { loc, conditions, sql, expected, .. } => {
                let expected = match expected {
                    StatementExpect::Error(_) => Expected::Failure,
                    StatementExpect::Ok | StatementExpect::Count(_) => Expected::Success,
                };
                let remarks = remarks_before(&lines, loc.line());
                script.push(&conditions, Record { line: loc.line(), sql, expected, remarks });
            }
            Parsed::Query { loc, conditions, sql, expected, .. } => {
                let expected = match expected {
                    QueryExpect::Error(_) => Expected::Failure,
                    QueryExpect::Results { types, sort_mode, label, results, .. } => {
                        Expected::Rows { types, order: sort_mode.unwrap_or(SortMode::NoSort), label, values: results }
                    }
                };
                let remarks = remarks_before(&lines, loc.line());
                script.push(&conditions, Record { line: loc.line(), sql, expected, remarks });
            }
            _ => {}
        }
    }
    Ok(script)
}

/// The remarks on the conditions above the record that begins at `line`, from 1.
fn remarks_before(lines: &[&str], line: u32) -> Vec<String> {
    let before = &lines[..(line as usize).saturating_sub(1).min(lines.len())];
    let conditions = before.iter().rev().take_while(|line| condition(line).is_some());
    conditions.filter_map(|line| line.split_once('#')).map(|(_, remark)| remark.trim().to_string()).collect()
}

impl Script {
    fn push(&mut self, conditions: &[Condition], record: Record) {
        if conditions.iter().all(is_for_us) {
            self.records.push(record);
        }
    }
}

fn is_for_us(condition: &Condition) -> bool {
    match condition {
        Condition::OnlyIf { label } => label == ENGINE,
        Condition::SkipIf { label } => label != ENGINE,
    }
}

/// The text as the parser takes it: without remarks after conditions and blanks in otherwise empty lines, and with a `halt` only
/// where it is for us, because the parser has no conditions there.
fn prepared(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut conditions: Vec<(Condition, &str)> = Vec::new();
    for line in text.lines() {
        if let Some(condition) = condition(line) {
            conditions.push((condition, line.split('#').next().unwrap_or_default().trim_end()));
            // Lines keep their numbers.
            out.push('\n');
            continue;
        }
        let is_halt = line.trim() == "halt";
        if is_halt && !conditions.iter().all(|(condition, _)| is_for_us(condition)) {
            conditions.clear();
            out.push('\n');
            continue;
        }
        if !is_halt && !conditions.is_empty() {
            out.truncate(out.len() - conditions.len());
            conditions.iter().for_each(|(_, line)| out.extend([line, "\n"]));
        }
        conditions.clear();
        out.push_str(if line.trim().is_empty() { "" } else { line });
        out.push('\n');
    }
    out
}

fn condition(line: &str) -> Option<Condition> {
    let mut words = line.split_whitespace();
    let (word, label) = (words.next()?, words.next()?.to_string());
    match word {
        "skipif" => Some(Condition::SkipIf { label }),
        "onlyif" => Some(Condition::OnlyIf { label }),
        _ => None,
    }
}
