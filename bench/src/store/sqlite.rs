//! SQLite, bundled: the peer of commits, of reads by key, and of text search.

use std::path::Path;

use rusqlite::Connection;

/// Opens a database as a careful user would: write-ahead log, every commit synced.
pub(crate) fn open(path: &Path) -> anyhow::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.busy_timeout(std::time::Duration::from_secs(60))?;
    Ok(connection)
}
