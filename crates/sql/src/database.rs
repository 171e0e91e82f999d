//! The handle: a store, the query engine's state, and the threads that compute.

use std::sync::Arc;

use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::SessionConfig;
use grounds_store::Store;
use jiff::civil::Date;

use crate::function::Functions;
use crate::types::ZONE;
use crate::{Session, SqlError, dialect};

/// How much and with how many threads queries may compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseConfig {
    /// How many threads compute; at least 1.
    pub thread_count: usize,
    /// How many bytes sorts, joins and aggregations may hold before they spill to the operating system's folder for temporary files.
    pub memory_bytes_max: usize,
}

impl DatabaseConfig {
    /// Two threads and 4 GiB.
    pub fn new() -> Self {
        Self { thread_count: 2, memory_bytes_max: 4 << 30 }
    }
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self::new()
    }
}

/// SQL over one open workspace. Cheap to share between threads; each of them takes a [`Session`] of its own.
#[derive(Clone)]
pub struct Database {
    pub(crate) inner: Arc<Inner>,
}

/// What a handle and its sessions share.
pub(crate) struct Inner {
    pub(crate) store: Arc<Store>,
    pub(crate) state: SessionState,
    pub(crate) functions: Functions,
    pub(crate) runtime: tokio::runtime::Runtime,
}

impl Database {
    /// SQL over `store`, with `functions` that compute with what is not in it.
    ///
    /// # Errors
    /// [`SqlError::Engine`], [`SqlError::File`]: the threads cannot be started.
    pub fn new(store: Arc<Store>, config: DatabaseConfig, functions: Functions) -> Result<Self, SqlError> {
        let thread_count = config.thread_count.max(1);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(thread_count)
            .thread_name("sql")
            .thread_stack_size(8 << 20)
            .build()
            .map_err(|cause| SqlError::File { path: "threads".into(), cause })?;
        let mut session = SessionConfig::new().with_target_partitions(thread_count).with_information_schema(false);
        let options = session.options_mut();
        options.execution.time_zone = Some(ZONE.to_owned());
        // Money: 12.50 is twelve and a half, not the nearest binary fraction.
        options.sql_parser.parse_float_as_decimal = true;
        options.explain.logical_plan_only = false;
        let environment = RuntimeEnvBuilder::new().with_memory_limit(config.memory_bytes_max, 1.0).build_arc()?;
        let builder =
            SessionStateBuilder::new().with_config(session).with_runtime_env(environment).with_default_features();
        let state = dialect::extend(builder).build();
        let inner = Inner { store, state, functions, runtime };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// A session of the workspace's owner: it reads what is valid on `valid_date`, as known at the latest snapshot.
    pub fn session(&self, valid_date: Date) -> Session {
        Session::new(Arc::clone(&self.inner), valid_date, None)
    }

    /// A session of a principal: it sees what its labels let it see, and changes nothing.
    pub fn session_for(&self, principal: &str, valid_date: Date) -> Session {
        Session::new(Arc::clone(&self.inner), valid_date, Some(principal.to_owned()))
    }

    /// The store underneath.
    pub fn store(&self) -> &Arc<Store> {
        &self.inner.store
    }
}
