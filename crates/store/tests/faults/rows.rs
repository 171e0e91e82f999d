//! Whether words and vectors beside the column files find the rows of a commit.

use grounds_store::{Metric, Reader, RowQuery, StoreError, VectorQuery};

use super::script::{MARKS, place_of};
use super::support::day;

/// Searches for the rows of the commit called `name` by its word and by its vector. `None` where all `expected` ones are found, or where no generation has
/// the table, so that a search reads every row.
pub(crate) fn row_search_problem(reader: &Reader, name: &str, expected: usize) -> Result<Option<String>, StoreError> {
    let Some(table) = reader.table(MARKS)? else { return Ok(None) };
    let query = RowQuery::new(name, vec![(1, "en".to_owned())]);
    if let Some(found) = reader.search_rows(&table, &query, 1, day(0))?
        && found.len() != expected
    {
        return Ok(Some(format!("{} rows have the word {name}, {expected} were written", found.len())));
    }
    if let Some(search) = reader.vector_search(&table, 2, day(0))? {
        let found = search.nearest(&VectorQuery::new(place_of(name), Metric::Euclidean, 1));
        let there = found.iter().filter(|(distance, _)| *distance <= 0.0).count();
        if there != expected {
            return Ok(Some(format!("{there} rows are at the place of {name}, {expected} were written")));
        }
    }
    Ok(None)
}
