//! Group commit: whoever comes while a group is being made durable waits, and the whole of those waiting is the next group.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::Scope;

use grounds_core::{Batch, Instant, Snapshot, Table};
use redb::{Durability, WriteTransaction};

use crate::commit::{self, Effects, Head};
use crate::encoding::from_hex;
use crate::error::{EngineContext, contain};
use crate::journal::{Journal, Record};
use crate::log::{self, StoredEntry};
use crate::store::{Inner, lock};
use crate::truth::TruthTables;
use crate::{StoreConfig, StoreError};

/// A batch with more rows than this is not copied for another thread to commit: it waits until it can be written from where it is.
const SHARED_ROW_COUNT_MAX: usize = 256;

/// A group takes no more batches than this, so that the first is not kept waiting by the last.
const GROUP_BATCH_COUNT_MAX: usize = 256;

/// A group that writes more than this into one table goes straight to the engine.
const REDO_BYTES_MAX: usize = 1 << 20;

/// What became of a batch.
pub(crate) struct Committed {
    /// Its log entry; `None` where it changed nothing.
    pub(crate) entry: Option<StoredEntry>,
    /// Whether it added passages.
    pub(crate) has_passages: bool,
}

/// The queue of commits, and what only the one who writes has.
pub(crate) struct Writer {
    queue: Mutex<Queue>,
    /// Told when a group is done.
    is_done: Condvar,
    state: Mutex<WriterState>,
}

#[derive(Default)]
struct Queue {
    /// Whether somebody is committing a group.
    is_led: bool,
    next_ticket: u64,
    waiting: Vec<Waiting>,
    done: HashMap<u64, Result<Committed, StoreError>>,
}

/// A batch of somebody who waits.
struct Waiting {
    ticket: u64,
    batch: Batch,
    at: Instant,
}

/// What only the one who writes has.
pub(crate) struct WriterState {
    /// What the last commit left; `None` where it must be read first.
    head: Option<Head>,
    pub(crate) journal: Journal,
    /// Whether the journal is in use: a process that commits once does without.
    is_warm: bool,
    /// Why nothing more can be written.
    stopped: Option<String>,
}

impl Writer {
    pub(crate) fn new(journal: Journal) -> Self {
        let state = WriterState { head: None, journal, is_warm: false, stopped: None };
        Self { queue: Mutex::default(), is_done: Condvar::new(), state: Mutex::new(state) }
    }
}

impl Inner {
    /// Makes `batch` durable and visible, with whatever else is waiting.
    pub(crate) fn commit(self: &Arc<Self>, batch: &Batch, at: Instant) -> Result<Committed, StoreError> {
        let mut queue = lock(&self.writer.queue);
        let mut ticket = None;
        while queue.is_led {
            if ticket.is_none() && row_count(batch) <= SHARED_ROW_COUNT_MAX {
                let new = queue.next_ticket;
                queue.next_ticket += 1;
                queue.waiting.push(Waiting { ticket: new, batch: batch.clone(), at });
                ticket = Some(new);
            }
            queue = self.writer.is_done.wait(queue).unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(committed) = ticket.and_then(|ticket| queue.done.remove(&ticket)) {
                return committed;
            }
        }
        queue.is_led = true;
        // Its own batch first, from where it is; then those that have waited longest.
        queue.waiting.retain(|waiting| Some(waiting.ticket) != ticket);
        let count = queue.waiting.len().min(GROUP_BATCH_COUNT_MAX);
        let others: Vec<Waiting> = queue.waiting.drain(..count).collect();
        drop(queue);
        let mut batches = vec![(batch, at)];
        batches.extend(others.iter().map(|waiting| (&waiting.batch, waiting.at)));
        let mut committed = self.commit_group(&batches).into_iter();
        let own = committed.next().expect("one outcome for each batch");
        let mut queue = lock(&self.writer.queue);
        queue.done.extend(others.iter().map(|waiting| waiting.ticket).zip(committed));
        queue.is_led = false;
        drop(queue);
        self.writer.is_done.notify_all();
        own
    }

    /// Commits each of `batches` as its own snapshot, all with one sync; returns what became of each.
    fn commit_group(self: &Arc<Self>, batches: &[(&Batch, Instant)]) -> Vec<Result<Committed, StoreError>> {
        let mut state = lock(&self.writer.state);
        let mut outcomes: Vec<Option<Result<Committed, StoreError>>> = batches.iter().map(|_| None).collect();
        let written = match &state.stopped {
            Some(reason) => Err(StoreError::WriterStopped { reason: reason.clone() }),
            None => contain("committing", || {
                std::thread::scope(|scope| self.write_group(&mut state, batches, &mut outcomes, scope))
            }),
        };
        if written.is_err() || outcomes.iter().any(|outcome| !matches!(outcome, Some(Ok(_)))) {
            self.forget_prepared_text();
        }
        // The engine may have panicked in the middle: what is known of the truth is read again.
        if written.is_err() {
            state.head = None;
        }
        let mut failure = written.err();
        let reason = failure.as_ref().map(ToString::to_string);
        let outcome = |outcome: Option<Result<Committed, StoreError>>| match (outcome, &reason) {
            (Some(Err(refused)), _) => Err(refused),
            (Some(committed), None) => committed,
            // The first is told what happened, the others that it did.
            (_, reason) => Err(failure.take().unwrap_or_else(|| StoreError::WriterStopped {
                reason: reason.clone().unwrap_or_else(|| "a batch was lost".to_owned()),
            })),
        };
        outcomes.into_iter().map(outcome).collect()
    }

    /// Writes what can be written; a batch that is refused has its outcome, and the others go on without it.
    ///
    /// Threads of `scope` index what is written.
    fn write_group<'s>(
        self: &'s Arc<Self>,
        state: &mut WriterState,
        batches: &'s [(&Batch, Instant)],
        outcomes: &mut [Option<Result<Committed, StoreError>>],
        scope: &'s Scope<'s, '_>,
    ) -> Result<(), StoreError> {
        loop {
            let transaction = self.database.begin_write().while_("beginning to write")?;
            let redo_bytes_max = if state.is_warm { REDO_BYTES_MAX } else { 0 };
            let mut tables = TruthTables::with_redo(&transaction, redo_bytes_max);
            let mut head = match state.head.take() {
                Some(head) => head,
                None => read_head(&mut tables)?,
            };
            let before = head.clone();
            let mut effects = Vec::with_capacity(batches.len());
            let is_committed = Arc::new(AtomicBool::new(false));
            let mut is_refused = false;
            for ((batch, at), outcome) in batches.iter().zip(outcomes.iter_mut()) {
                if matches!(outcome, Some(Err(_))) {
                    continue;
                }
                let prepare = |passages, count| self.prepare_text(scope, (passages, count), Arc::clone(&is_committed));
                match commit::write(&mut tables, (batch, *at), &mut head, prepare) {
                    Ok(None) => *outcome = Some(Ok(Committed { entry: None, has_passages: false })),
                    Ok(Some(done)) => {
                        let has_passages = done.opened.iter().any(|row| row.table == Table::Passages);
                        *outcome = Some(Ok(Committed { entry: head.entry.clone(), has_passages }));
                        effects.push(done);
                    }
                    Err(error) => {
                        *outcome = Some(Err(error));
                        is_refused = true;
                        break;
                    }
                }
            }
            if is_refused || effects.is_empty() {
                drop(tables);
                transaction.abort().while_("giving up a commit")?;
                state.head = Some(before);
                if is_refused && outcomes.iter().any(|outcome| !matches!(outcome, Some(Err(_)))) {
                    // Part of the refused batch may be written: the others are written again, without it.
                    continue;
                }
                return Ok(());
            }
            let changed_rows = std::mem::take(&mut tables.changed_rows);
            let redo = tables.redo();
            let last = head.entry.as_ref().map_or(Snapshot(0), |entry| Snapshot(entry.snapshot));
            // Before anybody sees the change, and also where it fails: what is forgotten is only read again.
            self.cached_rows.forget(&changed_rows, last);
            self.publish(state, transaction, head, redo, &effects)?;
            is_committed.store(true, Ordering::Release);
            return Ok(());
        }
    }

    /// Makes a group durable, then visible.
    fn publish(
        self: &Arc<Self>,
        state: &mut WriterState,
        transaction: WriteTransaction,
        head: Head,
        redo: Option<Vec<u8>>,
        effects: &[Effects],
    ) -> Result<(), StoreError> {
        let last = head.entry.as_ref().expect("a group that has effects has a log entry");
        let first = effects.first().map_or(Snapshot(last.snapshot), |effects| effects.snapshot);
        let published = state.make_durable(&self.config, transaction, (first, last), redo);
        if let Err(error) = &published {
            state.stopped = Some(error.to_string());
        }
        published?;
        self.verified.store(last.snapshot, Ordering::Release);
        state.head = Some(head);
        for effects in effects {
            self.text.follow(effects, || self.read_latest());
        }
        Ok(())
    }

    /// Writes derived tables, outside the log; durable when it returns.
    pub(crate) fn write_derived(
        &self,
        work: impl FnOnce(&mut TruthTables<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut state = lock(&self.writer.state);
        if let Some(reason) = &state.stopped {
            return Err(StoreError::WriterStopped { reason: reason.clone() });
        }
        let transaction = self.database.begin_write().while_("beginning to write")?;
        work(&mut TruthTables::new(&transaction))?;
        commit_durably(transaction)?;
        state.journal.restart();
        Ok(())
    }

    /// From now on nothing is written, also not when the workspace is closed: another truth takes its place.
    pub(crate) fn abandon(&self) {
        lock(&self.writer.state).stopped = Some("another truth has taken its place".to_owned());
    }

    /// Leaves nothing for the next opener to do: the engine makes durable what is in the journal, which goes.
    ///
    /// Where that fails, the journal stays and is applied then.
    pub(crate) fn close(&self) {
        let mut state = lock(&self.writer.state);
        let is_done = state.stopped.is_none()
            && (!state.journal.is_needed()
                || contain("closing", || commit_durably(self.database.begin_write().while_("closing")?)).is_ok());
        if is_done {
            let _ = state.journal.remove();
        }
    }
}

impl WriterState {
    /// Through the journal where there is room for it; else, and now and then, through the engine, which is a checkpoint.
    fn make_durable(
        &mut self,
        config: &StoreConfig,
        mut transaction: WriteTransaction,
        (first, last): (Snapshot, &StoredEntry),
        redo: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let record = redo.as_deref().map(|body| {
            let log_hash = from_hex(&last.hash).expect("an entry's hash is made by expected_hash");
            Record { snapshots: (first, Snapshot(last.snapshot)), log_hash, body }
        });
        if !self.is_warm {
            // Whoever made these files may have failed before their names were durable.
            self.journal.sync_names()?;
        }
        self.is_warm = true;
        let is_due = self.journal.commit_count() >= config.journal_commit_count_max;
        match record.filter(|record| !is_due && self.journal.has_room(record, config.journal_bytes_max)) {
            Some(record) => {
                transaction.set_durability(Durability::None).while_("committing")?;
                if let Err(error) = self.journal.append(&record) {
                    // Not visible now; whether it is after reopening, the journal tells.
                    let _ = transaction.abort();
                    return Err(error);
                }
                transaction.commit().while_("committing")
            }
            None => {
                commit_durably(transaction)?;
                self.journal.restart();
                Ok(())
            }
        }
    }
}

/// Both phases of the engine's commit reach the disk, and the allocator's state with them, so that opening after a crash need not walk the
/// whole file.
fn commit_durably(mut transaction: WriteTransaction) -> Result<(), StoreError> {
    transaction.set_durability(Durability::Immediate).while_("committing")?;
    transaction.set_two_phase_commit(true);
    transaction.set_quick_repair(true);
    transaction.commit().while_("committing")
}

/// Reads what the last commit left.
fn read_head(tables: &mut TruthTables<'_>) -> Result<Head, StoreError> {
    let TruthTables { log, header, .. } = tables;
    let entry = log::last(log.read()?, header.read()?)?;
    let snapshot = Snapshot(entry.as_ref().map_or(0, |entry| entry.snapshot));
    Ok(Head { entry, catalogue: Arc::new(commit::load_catalogue(tables, snapshot)?) })
}

/// How many rows a batch changes, and originals it brings.
fn row_count(batch: &Batch) -> usize {
    batch.changes.len() + batch.originals.len() + batch.tables.iter().map(|table| table.rows.len()).sum::<usize>()
}
