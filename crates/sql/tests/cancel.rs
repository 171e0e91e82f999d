//! A statement that is cancelled ends, and leaves nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use grounds_sql::{Database, DatabaseConfig, Functions, SqlError};
use grounds_store::{Store, StoreConfig};

#[test]
fn a_cancelled_statement_leaves_nothing_and_the_session_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Arc::new(Store::create(&folder.path().join(".grounds"), StoreConfig::new()).expect("a workspace"));
    let database = Database::new(store, DatabaseConfig::new(), Functions::default()).expect("a database");
    let mut session = database.session("2024-06-01".parse().expect("a date"));
    let at = "2024-06-01T09:00Z".parse().expect("an instant");
    session.execute("CREATE TABLE t (a BIGINT); BEGIN; INSERT INTO t VALUES (1)", at).expect("well-formed");
    let cancel = session.cancel_handle();
    let is_done = Arc::new(AtomicBool::new(false));
    let done = Arc::clone(&is_done);
    let other = std::thread::spawn(move || {
        while !done.load(Ordering::Relaxed) {
            cancel.cancel();
            std::thread::yield_now();
        }
    });
    let endless = "INSERT INTO t SELECT a.value FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b";
    let result = session.execute(endless, at);
    is_done.store(true, Ordering::Relaxed);
    other.join().expect("no panic");
    assert!(matches!(result, Err(SqlError::Cancelled)), "{result:?}");
    let rows = session.execute("SELECT count(*) FROM t", at).expect("the transaction is still open");
    let texts = rows[0].rows.as_ref().expect("rows").texts().expect("texts");
    assert_eq!(texts, [[Some("1".to_owned())]]);
    session.execute("COMMIT", at).expect("nothing in the way");
}
