//! A session: where it stands on the two axes, who it reads for, and its open transaction.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use grounds_core::{Instant, Snapshot};
use grounds_store::{Reader, StoreError};
use jiff::civil::Date;
use tokio::sync::watch;

use crate::database::Inner;
use crate::standpoint::{Standpoint, open_reader};
use crate::syntax::{self, Parsed, StatementTokens};
use crate::transaction::Transaction;
use crate::{Rows, SqlError, function, statement};

/// How often a statement outside a transaction is run again because another commit changed its rows meanwhile.
const RETRY_COUNT_MAX: usize = 16;

/// What a statement gave.
#[derive(Clone, Debug)]
pub struct StatementResult {
    /// What it did, in upper case: "SELECT", "INSERT", "CREATE TABLE".
    pub tag: &'static str,
    /// The rows of a query, `EXPLAIN` or `SHOW`.
    pub rows: Option<Rows>,
    /// How many rows a statement changed.
    pub changed_count: Option<u64>,
    /// The snapshot that the statement committed.
    pub snapshot: Option<Snapshot>,
    /// What the reader should know besides.
    pub notice: Option<String>,
}

impl StatementResult {
    pub(crate) fn done(tag: &'static str) -> Self {
        Self { tag, rows: None, changed_count: None, snapshot: None, notice: None }
    }

    pub(crate) fn rows(tag: &'static str, rows: Rows) -> Self {
        Self { rows: Some(rows), ..Self::done(tag) }
    }

    pub(crate) fn changed(tag: &'static str, count: u64) -> Self {
        Self { changed_count: Some(count), ..Self::done(tag) }
    }
}

/// One statement of a text, ready to be run.
#[derive(Debug)]
pub struct StatementText(StatementTokens);

impl StatementText {
    /// The statement as written, without the semicolon.
    pub fn text(&self) -> &str {
        &self.0.text
    }
}

/// Stops what a session is running, from another thread.
#[derive(Clone, Debug)]
pub struct Cancel(Arc<watch::Sender<u64>>);

impl Cancel {
    /// Stops the running statement, if there is one: it ends with [`SqlError::Cancelled`], and nothing of it took effect.
    pub fn cancel(&self) {
        self.0.send_modify(|count| *count += 1);
    }
}

/// One session. Its statements run one after the other; what they changed outside a transaction is durable when they return.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use grounds_sql::{Database, DatabaseConfig, Functions};
/// use grounds_store::{Store, StoreConfig};
///
/// let folder = tempfile::tempdir()?;
/// let store = Arc::new(Store::create(&folder.path().join(".grounds"), StoreConfig::new())?);
/// let database = Database::new(store, DatabaseConfig::new(), Functions::default())?;
/// let mut session = database.session("2021-03-01".parse()?);
/// let now = "2021-03-01T09:00Z".parse()?;
/// session.execute("CREATE TABLE fines (id INT PRIMARY KEY, amount DECIMAL(12,2))", now)?;
/// session.execute("INSERT INTO fines VALUES (1, 18000.50), (2, 4400)", now)?;
/// let results = session.execute("SELECT sum(amount) FROM fines", now)?;
/// assert_eq!(results[0].rows.as_ref().map(|rows| rows.row_count()), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Session {
    pub(crate) database: Arc<Inner>,
    pub(crate) valid_date: Date,
    pub(crate) initial_date: Date,
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) principal: Option<String>,
    pub(crate) transaction: Option<Transaction>,
    /// What the open transaction was at its savepoints, by name, in order.
    pub(crate) savepoints: Vec<(String, Transaction)>,
    cancel: Cancel,
    /// How often the session was cancelled before its statement began.
    cancels_seen: u64,
}

impl Session {
    pub(crate) fn new(database: Arc<Inner>, valid_date: Date, principal: Option<String>) -> Self {
        let cancel = Cancel(Arc::new(watch::Sender::new(0)));
        let initial_date = valid_date;
        Self {
            database,
            valid_date,
            initial_date,
            snapshot: None,
            principal,
            transaction: None,
            savepoints: Vec::new(),
            cancel,
            cancels_seen: 0,
        }
    }

    /// Reads as known at `snapshot` from now on; with `None` at the latest, as statements begin. As `SET system_time`.
    pub fn set_snapshot(&mut self, snapshot: Option<Snapshot>) {
        self.snapshot = snapshot;
    }

    /// What stops this session's statements.
    pub fn cancel_handle(&self) -> Cancel {
        self.cancel.clone()
    }

    /// Whether a transaction is open.
    pub fn is_in_transaction(&self) -> bool {
        self.transaction.as_ref().is_some_and(|transaction| transaction.is_explicit)
    }

    /// The names of the functions that stand in a FROM clause.
    pub fn table_functions() -> &'static [&'static str] {
        &function::NAMES
    }

    /// Stops a long piece of work that does not wait for anything.
    ///
    /// # Errors
    /// [`SqlError::Cancelled`]
    pub(crate) fn check_cancelled(&self) -> Result<(), SqlError> {
        if *self.cancel.0.borrow() == self.cancels_seen { Ok(()) } else { Err(SqlError::Cancelled) }
    }

    /// Cuts a text at its semicolons.
    ///
    /// # Errors
    /// [`SqlError::Syntax`] for a quotation or comment without an end.
    pub fn split(sql: &str) -> Result<Vec<StatementText>, SqlError> {
        Ok(syntax::split(sql)?.into_iter().map(StatementText).collect())
    }

    /// Runs the statements of a text one after the other, and stops at the first that fails: those before it have taken effect.
    ///
    /// `at` is the time of commits made meanwhile.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub fn execute(&mut self, sql: &str, at: Instant) -> Result<Vec<StatementResult>, SqlError> {
        Self::split(sql)?.into_iter().map(|statement| self.run(statement, at)).collect()
    }

    /// Runs one statement. Outside a transaction all of it takes effect, or nothing; inside, what fails leaves the transaction as it was.
    ///
    /// # Errors
    /// Any [`SqlError`]; [`SqlError::Cancelled`] after [`Cancel::cancel`].
    pub fn run(&mut self, statement: StatementText, at: Instant) -> Result<StatementResult, SqlError> {
        let database = Arc::clone(&self.database);
        database.runtime.block_on(self.run_async(statement, at))
    }

    /// As [`Session::run`], for callers that are asynchronous themselves. Dropping the future cancels the statement.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub async fn run_async(&mut self, statement: StatementText, at: Instant) -> Result<StatementResult, SqlError> {
        let mut cancelled = self.cancel.0.subscribe();
        self.cancels_seen = *cancelled.borrow_and_update();
        // The engine may panic over a statement that it should refuse: a mistake, but not one that may end the program.
        let run = AssertUnwindSafe(async {
            let parsed = syntax::parse(statement.0)?;
            self.run_parsed(&parsed, at).await
        });
        let result = tokio::select! {
            biased;
            _ = cancelled.changed() => Err(SqlError::Cancelled),
            result = run.catch_unwind() => result.unwrap_or_else(|panic| Err(SqlError::panicked(panic.as_ref()))),
        };
        if result.is_err() {
            self.tidy_up();
        }
        result
    }

    async fn run_parsed(&mut self, parsed: &Parsed, at: Instant) -> Result<StatementResult, SqlError> {
        let mut retries = 0;
        loop {
            match statement::run(self, parsed, at).await {
                Err(SqlError::Store(StoreError::WriteConflict { .. }))
                    if self.transaction.is_none() && retries < RETRY_COUNT_MAX && statement::may_run_again(parsed) =>
                {
                    retries += 1;
                }
                result => return result,
            }
        }
    }

    /// A reader for the next statement: that of the transaction, else at the session's snapshot.
    pub(crate) fn reader(&self) -> Result<Arc<Reader>, SqlError> {
        match &self.transaction {
            Some(transaction) => Ok(Arc::clone(transaction.overlay.reader())),
            None => open_reader(&self.database.store, self.snapshot, self.principal.as_deref()),
        }
    }

    pub(crate) fn standpoint<'a>(
        &'a self,
        reader: &'a Arc<Reader>,
        transaction: Option<&'a Transaction>,
    ) -> Standpoint<'a> {
        Standpoint {
            store: &self.database.store,
            reader,
            valid_date: self.valid_date,
            principal: self.principal.as_deref(),
            transaction,
        }
    }
}
