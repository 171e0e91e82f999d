//! Runs records and compares what they give with what they should.

use std::collections::HashMap;
use std::fmt::Write;

use anyhow::Context;
use grounds_sql::{Rows, Session};
use md5::{Digest, Md5};
use sqllogictest::{DefaultColumnType, SortMode};

use super::script::{Expected, Record};
use super::value::written;

/// What is wrong with a record's outcome.
#[derive(Debug)]
pub enum Wrong {
    /// It failed, with this message, and should not have.
    Error(String),
    /// It gave something else.
    Difference(String),
}

/// Runs the records of one file.
pub struct Checker {
    session: Session,
    hash_threshold: u64,
    /// What the queries of each label gave.
    labels: HashMap<String, String>,
}

impl Checker {
    pub fn new(session: Session, hash_threshold: u64) -> Checker {
        Checker { session, hash_threshold, labels: HashMap::new() }
    }

    pub fn check(&mut self, record: &Record) -> Result<(), Wrong> {
        let outcome = self.execute(&record.sql);
        match (&record.expected, outcome) {
            (Expected::Failure, Err(_)) | (Expected::Success, Ok(_)) => Ok(()),
            (Expected::Failure, Ok(_)) => Err(Wrong::Difference("it should have failed".to_string())),
            (_, Err(error)) => Err(Wrong::Error(format!("{error:#}"))),
            (Expected::Rows { types, order, label, values }, Ok(rows)) => {
                let rows = rows.ok_or_else(|| Wrong::Difference("it gave no rows".to_string()))?;
                let given = values_of(&rows, types, *order).map_err(|error| Wrong::Difference(format!("{error:#}")))?;
                self.compare(label.as_deref(), values, given)
            }
        }
    }

    fn execute(&mut self, sql: &str) -> anyhow::Result<Option<Rows>> {
        let results = self.session.execute(sql, "2024-01-01T00:00Z".parse()?)?;
        Ok(results.into_iter().last().and_then(|result| result.rows))
    }

    fn compare(&mut self, label: Option<&str>, expected: &[String], given: Vec<String>) -> Result<(), Wrong> {
        let hash = hash_of(&given);
        if let Some(label) = label
            && *self.labels.entry(label.to_string()).or_insert_with(|| hash.clone()) != hash
        {
            return Err(Wrong::Difference(format!("it gave something else than another query of label {label}")));
        }
        let is_hashed = self.hash_threshold > 0 && given.len() as u64 > self.hash_threshold;
        let summary = format!("{} values hashing to {hash}", given.len());
        let is_equal = match expected {
            [only] if only.contains(" values hashing to ") => *only == summary,
            values => values == given,
        };
        if is_equal {
            return Ok(());
        }
        let given = if is_hashed { summary } else { given.join(" ") };
        Err(Wrong::Difference(format!("expected: {}\ngiven:    {given}", expected.join(" "))))
    }
}

/// The values as they are compared: in the order that the record asks for.
fn values_of(rows: &Rows, types: &[DefaultColumnType], order: SortMode) -> anyhow::Result<Vec<String>> {
    let mut table: Vec<Vec<String>> = Vec::new();
    for batch in &rows.batches {
        anyhow::ensure!(
            batch.num_columns() == types.len(),
            "it gave {} columns, not {}",
            batch.num_columns(),
            types.len()
        );
        for row in 0..batch.num_rows() {
            let values = batch.columns().iter().zip(types).map(|(column, written_as)| written(column, row, written_as));
            table.push(values.collect::<anyhow::Result<_>>().context("a value that cannot be written")?);
        }
    }
    if order == SortMode::RowSort {
        table.sort();
    }
    let mut values = table.concat();
    if order == SortMode::ValueSort {
        values.sort();
    }
    Ok(values)
}

/// The MD5 hash of the values, each with a line end.
fn hash_of(values: &[String]) -> String {
    let mut hasher = Md5::new();
    for value in values {
        hasher.update(value);
        hasher.update("\n");
    }
    hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
