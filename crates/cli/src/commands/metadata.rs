//! What is known of files besides their text: a CSV file with a row for each.

use std::collections::BTreeMap;
use std::path::Path;

use grounds_core::Money;
use jiff::civil::Date;

use crate::exit::Mistake;

/// Rows by the file they are about, as the CSV file names it.
#[derive(Debug, Default)]
pub(crate) struct Metadata {
    rows: Vec<(String, BTreeMap<String, String>)>,
}

impl Metadata {
    /// Reads a CSV file whose first line names its columns, one of them `file`.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes =
            std::fs::read(path).map_err(|error| Mistake::new(format!("{} cannot be read: {error}", path.display())))?;
        Self::parse(&bytes).map_err(|message| Mistake::new(format!("{}: {message}", path.display())).into())
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let headings: Vec<String> = reader
            .headers()
            .map_err(|error| error.to_string())?
            .iter()
            .map(|name| name.trim().to_lowercase())
            .collect();
        let Some(file) = headings.iter().position(|name| name == "file") else {
            return Err("there is no column `file` that says which file a row is about".to_owned());
        };
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| error.to_string())?;
            let named = |position: usize| record.get(position).unwrap_or_default().trim().to_owned();
            let mut row = BTreeMap::new();
            for (position, heading) in headings.iter().enumerate().filter(|(position, _)| *position != file) {
                take(heading, &named(position), &mut row);
            }
            rows.push((named(file), row));
        }
        Ok(Self { rows })
    }

    /// The row about `path`: the one that names it with most of its folders.
    pub(crate) fn of(&self, path: &Path) -> BTreeMap<String, String> {
        let fits = |row: &&(String, BTreeMap<String, String>)| !row.0.is_empty() && path.ends_with(&row.0);
        let best = self.rows.iter().filter(fits).max_by_key(|row| row.0.len());
        best.map(|row| row.1.clone()).unwrap_or_default()
    }
}

/// Adds a value, with dates and amounts of money as everything else here writes them; a fine is a sanction.
fn take(heading: &str, value: &str, row: &mut BTreeMap<String, String>) {
    let is_nothing = value.is_empty() || ["n/a", "none", "-"].contains(&value.to_lowercase().as_str());
    if heading.is_empty() || is_nothing {
        return;
    }
    let value = date(value).map(|date| date.to_string()).or_else(|| money(value)).unwrap_or_else(|| value.to_owned());
    if ["fine", "penalty"].contains(&heading) {
        row.entry("sanction".to_owned()).or_insert_with(|| value.clone());
    }
    row.insert(heading.to_owned(), value);
}

/// "17.05.2021" as a date; years, months and days in that order are one already.
fn date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split('.').collect();
    let [day, month, year] = parts.as_slice() else { return None };
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// "90000 GBP" as "GBP 90 000". An amount such as 125.000 may mean thousands or a fraction: it stays as it is written.
fn money(text: &str) -> Option<String> {
    let (amount, currency) = text.rsplit_once(' ')?;
    if amount.rsplit_once('.').is_some_and(|(_, places)| places.len() > 2) {
        return None;
    }
    Money::parse(&format!("{currency} {amount}")).ok().map(|money| money.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_the_end_of_a_path() {
        let csv = b"file,decided,fine,Outcome\na/x.txt,17.05.2021,90000 GBP,Upheld\nx.txt,,n/a,Other\n";
        let metadata = Metadata::parse(csv).expect("well-formed");
        let row = metadata.of(Path::new("/data/a/x.txt"));
        let value = |name: &str| row.get(name).map(String::as_str);
        assert_eq!(value("decided"), Some("2021-05-17"));
        assert_eq!(value("sanction"), Some("GBP 90 000"));
        assert_eq!(value("outcome"), Some("Upheld"));
        assert_eq!(metadata.of(Path::new("/data/b/x.txt")).len(), 1);
        assert!(metadata.of(Path::new("/data/y.txt")).is_empty());
        assert_eq!(money("125.000 EUR"), None);
        assert!(Metadata::parse(b"name\nx\n").is_err());
    }
}
