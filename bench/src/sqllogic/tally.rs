//! The count of what happened, for one file or all.

use std::collections::BTreeMap;
use std::time::Duration;

use super::script::Record;
use super::verdict::Wrong;

#[derive(Default, Clone)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    /// How many for each reason.
    pub skipped: BTreeMap<&'static str, usize>,
    /// Each as line, statement and what is wrong.
    pub failures: Vec<String>,
    pub took: Duration,
}

impl Tally {
    pub fn skip(&mut self, reason: &'static str) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    pub fn fail(&mut self, record: &Record, wrong: &Wrong) {
        self.failed += 1;
        let wrong = match wrong {
            Wrong::Error(message) => format!("error: {message}"),
            Wrong::Difference(difference) => difference.clone(),
        };
        self.failures.push(format!("{}\n{}\n{wrong}", record.line, record.sql));
    }

    pub fn add(&mut self, other: &Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        for (reason, count) in &other.skipped {
            *self.skipped.entry(reason).or_default() += count;
        }
        self.took += other.took;
    }

    pub fn run(&self) -> usize {
        self.passed + self.failed
    }

    pub fn skipped_count(&self) -> usize {
        self.skipped.values().sum()
    }

    pub fn records(&self) -> usize {
        self.run() + self.skipped_count()
    }

    /// Of the records that were run.
    pub fn passed_share(&self) -> f64 {
        self.passed as f64 / self.run().max(1) as f64
    }

    /// Of all records.
    pub fn skipped_share(&self) -> f64 {
        self.skipped_count() as f64 / self.records().max(1) as f64
    }

    pub fn heading() -> String {
        format!(
            "{:<44} {:>8} {:>8} {:>7} {:>8} {:>11}",
            "file", "records", "passed", "failed", "skipped", "ms a record"
        )
    }

    pub fn row(&self, name: &str) -> String {
        let each_ms = self.took.as_secs_f64() * 1e3 / self.run().max(1) as f64;
        let (records, skipped) = (self.records(), self.skipped_count());
        format!("{name:<44} {records:>8} {:>8} {:>7} {skipped:>8} {each_ms:>11.2}", self.passed, self.failed)
    }
}
