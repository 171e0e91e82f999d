//! What is done to a workspace while its disk fails: sessions of steps, and a ledger of what was promised.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use grounds_core::{
    Batch, Cell, Change, ColumnDefinition, ColumnType, Disk, FullText, MatterRow, OriginalRow, Row, RowChange, RowKey,
    Snapshot, Table, TableChanges, TableDefinition, TableId, Validity,
};
use grounds_store::{EraseRequest, EraseTarget, Store, StoreConfig, StoreError, encode_key_cells};

use super::seal_all;
use super::support::{day, document, noon, put_always, query, small_document};

/// Where the workspace is on its disk.
pub(crate) const DIRECTORY: &str = "workspace";
/// The declared table that every commit writes.
pub(crate) const MARKS: &str = "marks";

/// The commit whose matter is erased in the end.
pub(crate) const ERASED: &str = "small1";

/// The store as the script opens it: it seals often, its journal starts anew often, and big commits do not fit into it.
pub(crate) fn config() -> StoreConfig {
    let journal_bytes_max = 512 << 10;
    StoreConfig {
        tail_passage_count_max: 8,
        journal_bytes_max,
        journal_commit_count_max: 4,
        // The same operations in the same order in every run.
        seals_in_background: false,
        vector_index_row_count_min: 100,
        ..StoreConfig::new()
    }
}

/// One thing that is done.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Create,
    Commit(String),
    /// Several threads, each with commits of its own.
    Group(Vec<Vec<String>>),
    Seal,
    /// Searches, and compares with what the ledger says.
    Search,
    /// Someone unknown asks, which the audit of denials records.
    Deny,
    /// Deletes the text generation, as anybody may, and lets `repair` look.
    Repair,
    Examine,
    /// Writes a backup under this name.
    Backup(String),
    /// Closes the workspace and erases the matter of the commit [`ERASED`].
    Erase,
}

/// The whole workload: in each session the workspace is opened, used and closed.
pub(crate) fn sessions() -> Vec<Vec<Step>> {
    let commits = |kind: &str, numbers: std::ops::Range<u32>| {
        numbers.map(|number| Step::Commit(format!("{kind}{number}"))).collect::<Vec<_>>()
    };
    let names = |thread: u32| (0..3).map(|number| format!("group{thread}x{number}")).collect();
    vec![
        [vec![Step::Create], commits("small", 0..3)].concat(),
        [commits("small", 3..8), vec![Step::Search]].concat(),
        [commits("big", 0..1), commits("small", 8..10), vec![Step::Seal, Step::Search], commits("big", 1..2)].concat(),
        [vec![Step::Group((0..4).map(names).collect()), Step::Seal], commits("small", 10..11)].concat(),
        vec![Step::Deny, Step::Repair, Step::Backup("backup0".to_owned()), Step::Commit("last0".to_owned())],
        vec![Step::Seal, Step::Deny, Step::Examine, Step::Backup("backup1".to_owned())],
        vec![Step::Seal, Step::Erase, Step::Seal, Step::Examine],
    ]
}

/// What was asked for and what was promised, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) is_created: bool,
    pub(crate) attempted: Vec<String>,
    pub(crate) acknowledged: Vec<(u64, String)>,
    /// Names of backups that were written, and the last snapshot in each.
    pub(crate) backups: Vec<(String, u64)>,
    pub(crate) is_erasure_attempted: bool,
    pub(crate) is_erased: bool,
}

/// A ledger that threads share.
#[derive(Default)]
pub(crate) struct SharedLedger(Mutex<Ledger>);

impl SharedLedger {
    pub(crate) fn of(ledger: Ledger) -> Self {
        Self(Mutex::new(ledger))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A key, the name of the commit, whose words are searched for, and a vector that tells it.
fn marks_table() -> TableDefinition {
    let column = |name: &str, column_type, full_text| ColumnDefinition {
        name: name.to_owned(),
        column_type,
        nullable: true,
        default: None,
        full_text,
    };
    let english = Some(FullText { language: "en".to_owned() });
    TableDefinition {
        id: TableId(1),
        name: MARKS.to_owned(),
        columns: vec![
            column("name", ColumnType::Text, None),
            column("by", ColumnType::Text, english),
            column("place", ColumnType::Vector { dimension: 4 }, None),
        ],
        primary_key: vec![0],
        labels: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
    }
}

/// The bytes of the original that the commit called `name` keeps.
pub(crate) fn original_of(name: &str) -> Vec<u8> {
    let times = if name.starts_with("big") { 20_000 } else { 1 };
    format!("original of {name}\n").repeat(times).into_bytes()
}

/// The vector of every row that the commit called `name` writes: no other commit has it.
pub(crate) fn place_of(name: &str) -> Vec<f32> {
    blake3::hash(name.as_bytes()).as_bytes().iter().take(4).map(|byte| f32::from(*byte)).collect()
}

/// How many rows of the declared table the commit called `name` adds.
pub(crate) fn row_count_of(name: &str) -> usize {
    if name.starts_with("big") { 300 } else { 2 }
}

/// What the commit called `name` writes: something of every kind, recognisable by the name, and a change to what all change.
pub(crate) fn batch_of(name: &str) -> Batch {
    let word = format!("the operator of {name} must notify");
    let mut changes: Vec<Change> = small_document(&format!("d{name}"), "en", &[&word, "breaches are recorded"]);
    changes.push(put_always(Row::Table(marks_table())));
    changes.push(put_always(document("counter", "en", name)));
    changes.push(put_always(Row::Matter(MatterRow { name: name.to_owned(), source: format!("by {name}") })));
    // The file that every version says it came from.
    let original = |bytes: Vec<u8>| OriginalRow { hash: blake3::hash(&bytes).to_hex().to_string(), bytes };
    let row = |key: String| RowChange {
        key: RowKey::Known(encode_key_cells(&[Cell::Text(key.clone())])),
        cells: Some(vec![Cell::Text(key), Cell::Text(name.to_owned()), Cell::Vector(place_of(name))]),
        validity: Validity::always(),
    };
    let mut rows: Vec<RowChange> = (0..row_count_of(name)).map(|number| row(format!("{name}/{number}"))).collect();
    rows.push(row("counter".to_owned()));
    Batch {
        message: name.to_owned(),
        changes,
        originals: vec![original(original_of(name)), original(b"original".to_vec())],
        tables: vec![TableChanges { table: TableId(1), rows }],
        base: None,
    }
}

/// Runs one session and returns the errors met. After an error the workspace is opened again, once; where that fails, the session ends.
pub(crate) fn run_session(disk: &Arc<dyn Disk>, steps: &[Step], ledger: &SharedLedger) -> Vec<StoreError> {
    let mut errors = Vec::new();
    let mut store: Option<Store> = None;
    for step in steps {
        if store.is_none() && !matches!(step, Step::Create) {
            store = open_again(disk, &mut errors);
        }
        let result = match (&store, step) {
            (None, Step::Create) => Store::create_on(Arc::clone(disk), Path::new(DIRECTORY), config()).map(|created| {
                ledger.lock().is_created = true;
                store = Some(created);
            }),
            (None, _) => return errors,
            (Some(_), Step::Erase) => {
                store = None;
                erase(disk, ledger)
            }
            (Some(open), step) => run_step(disk, open, step, ledger),
        };
        if let Err(error) = result {
            errors.push(error);
            store = None;
            if matches!(step, Step::Create) {
                // Creating again is what a person would do where there is nothing to open.
                store = open_again(disk, &mut errors).or_else(|| {
                    let created = Store::create_on(Arc::clone(disk), Path::new(DIRECTORY), config());
                    created.map_err(|error| errors.push(error)).ok()
                });
                ledger.lock().is_created |= store.is_some();
            }
        }
    }
    errors
}

fn open_again(disk: &Arc<dyn Disk>, errors: &mut Vec<StoreError>) -> Option<Store> {
    for _ in 0..2 {
        match Store::open_on(Arc::clone(disk), Path::new(DIRECTORY), config()) {
            Ok(store) => return Some(store),
            Err(error) => errors.push(error),
        }
    }
    None
}

fn run_step(disk: &Arc<dyn Disk>, store: &Store, step: &Step, ledger: &SharedLedger) -> Result<(), StoreError> {
    match step {
        Step::Create | Step::Erase => Ok(()),
        Step::Commit(name) => commit(store, name, ledger),
        Step::Group(threads) => std::thread::scope(|scope| {
            let run = |names: &'_ Vec<String>| {
                let names = names.clone();
                scope.spawn(move || names.iter().try_for_each(|name| commit(store, name, ledger)))
            };
            let running: Vec<_> = threads.iter().map(run).collect();
            let results: Vec<_> = running.into_iter().map(|thread| thread.join().expect("no panic")).collect();
            results.into_iter().collect()
        }),
        Step::Seal => seal_all(store),
        Step::Search => {
            let found = store.read(store.latest()?)?.search(&query("operator notify"), day(0))?;
            assert_eq!(found.passage_count, 2 * store.latest()?.0, "a search under faults finds all or fails");
            Ok(())
        }
        Step::Deny => match store.read(store.latest()?)?.for_principal("stranger") {
            Err(StoreError::UnknownPrincipal { .. }) => Ok(()),
            Err(error) => Err(error),
            Ok(_) => panic!("a stranger reads"),
        },
        Step::Repair => {
            let text = Path::new(DIRECTORY).join("text");
            // Deleting may fail as anything may; what is left must not matter.
            let _ = disk.remove_file(&text.join("current"));
            store.repair().map(|_| ())
        }
        Step::Backup(name) => {
            let report = store.backup(Path::new(name), &mut |_| ())?;
            ledger.lock().backups.push((name.clone(), report.snapshot.0));
            Ok(())
        }
        Step::Examine => {
            // An index that cannot be read at the moment is told as one that would be built anew.
            let examination = store.examine()?;
            assert!(examination.findings.iter().all(|finding| finding.is_derived), "{:?}", examination.findings);
            Ok(())
        }
    }
}

fn erase(disk: &Arc<dyn Disk>, ledger: &SharedLedger) -> Result<(), StoreError> {
    ledger.lock().is_erasure_attempted = true;
    let request = EraseRequest {
        targets: vec![EraseTarget::Row { table: Table::Matters, key: ERASED.to_owned() }],
        with_answers: false,
        asked_by: "a person".to_owned(),
        reason: "a test".to_owned(),
    };
    Store::erase_on(disk, Path::new(DIRECTORY), config(), &request, noon(), &mut |_| ())?;
    ledger.lock().is_erased = true;
    Ok(())
}

fn commit(store: &Store, name: &str, ledger: &SharedLedger) -> Result<(), StoreError> {
    ledger.lock().attempted.push(name.to_owned());
    let Snapshot(snapshot) = store.commit(&batch_of(name), noon())?;
    ledger.lock().acknowledged.push((snapshot, name.to_owned()));
    Ok(())
}
