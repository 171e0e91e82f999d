//! The programs that SQLite can say: one recursive table that looks at itself once, and no aggregate within.

use super::graphs::Facts;
use super::side::processor_seconds;

/// Loads the facts into indexed tables in memory and counts what follows; the seconds of both. `None` for what SQLite cannot say.
pub(crate) fn run(name: &str, facts: &[Facts]) -> anyhow::Result<Option<(f64, usize)>> {
    let query = match name {
        "closure" => {
            "WITH RECURSIVE reach(x, y) AS (
                SELECT a, b FROM edge UNION SELECT reach.x, edge.b FROM reach JOIN edge ON edge.a = reach.y
            ) SELECT count(*) FROM reach"
        }
        "generation" => {
            "WITH RECURSIVE same(x, y) AS (
                SELECT one.a, other.a FROM parent one JOIN parent other ON one.b = other.b AND one.a <> other.a
                UNION
                SELECT one.a, other.a FROM same JOIN parent one ON one.b = same.x JOIN parent other ON other.b = same.y
            ) SELECT count(*) FROM same"
        }
        _ => return Ok(None),
    };
    let start = processor_seconds()?;
    let mut connection = rusqlite::Connection::open_in_memory()?;
    let transaction = connection.transaction()?;
    for facts in facts {
        let name = facts.name;
        transaction.execute_batch(&format!("CREATE TABLE {name} (a INTEGER, b INTEGER)"))?;
        let mut insert = transaction.prepare(&format!("INSERT INTO {name} VALUES (?, ?)"))?;
        for row in facts.cells.chunks_exact(2) {
            insert.execute((row[0], row[1]))?;
        }
        transaction.execute_batch(&format!(
            "CREATE INDEX {name}_a ON {name} (a, b); CREATE INDEX {name}_b ON {name} (b, a); ANALYZE;"
        ))?;
    }
    transaction.commit()?;
    let count: i64 = connection.query_row(query, [], |row| row.get(0))?;
    Ok(Some((processor_seconds()? - start, usize::try_from(count)?)))
}
