//! Runs random statements on a workspace and on the model, and compares what every query gives.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use grounds_sql::{Database, DatabaseConfig, Functions, Rows, Session, SqlError, StatementResult};
use grounds_store::{Store, StoreConfig};

use super::model::{DAY_END, Kind, Model, Table};
use super::statement::{
    Assignment, Predicate, changed_pieces, insert_row_sql, portion_sql, random_cells, random_portion, random_validity,
};
use super::value::{Random, date};

/// One workspace with its model.
pub(crate) struct Driver {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) open: Option<(Database, Session)>,
    pub(crate) model: Model,
    pub(crate) random: Random,
    /// The day the session stands on.
    pub(crate) day: i32,
    /// The number of the next row of a table without a key.
    next_row: i64,
    next_incarnation: u64,
    minute: i64,
    /// What was run, for the report of a difference.
    pub(crate) statements: Vec<String>,
    /// How often each kind of operation ran.
    pub(crate) counts: BTreeMap<&'static str, u64>,
    seed: u64,
}

const NAMES: [&str; 4] = ["alpha", "beta", "gamma", "delta"];
/// Label sets of tables; see `PRINCIPALS`.
const LABELS: [&[&str]; 3] = [&[], &["public"], &["hr", "public"]];
/// Who reads, with their labels.
pub(crate) const PRINCIPALS: [(&str, &[&str]); 2] = [("anna", &["public"]), ("bert", &["hr", "public"])];

impl Driver {
    pub(crate) fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::create(&folder.path().join(".grounds"), config()).expect("a workspace");
        let mut driver = Self {
            folder,
            open: None,
            model: Model::new(),
            random: Random::new(seed),
            day: 1,
            next_row: 0,
            next_incarnation: 0,
            minute: 0,
            statements: Vec::new(),
            counts: BTreeMap::new(),
            seed,
        };
        driver.connect(store);
        for (name, labels) in PRINCIPALS {
            let labels: Vec<String> = labels.iter().map(|label| format!("\"{label}\"")).collect();
            driver.must(&format!("INSERT INTO principals VALUES ('{name}', '[{}]')", labels.join(", ")));
            let state = driver.model.latest().clone();
            driver.model.snapshots.push(state);
        }
        driver
    }

    pub(crate) fn connect(&mut self, store: Store) {
        let database = Database::new(Arc::new(store), DatabaseConfig::new(), Functions::default()).expect("a database");
        let session = database.session(date(self.day));
        self.open = Some((database, session));
    }

    pub(crate) fn database(&self) -> &Database {
        &self.open.as_ref().expect("it is open between operations").0
    }

    /// Runs one statement.
    pub(crate) fn run(&mut self, sql: &str) -> Result<StatementResult, SqlError> {
        self.statements.push(sql.to_owned());
        self.minute += 1;
        let at = grounds_core::Instant { unix_seconds: 1_700_000_000 + self.minute * 60, offset_minutes: 0 };
        let session = &mut self.open.as_mut().expect("it is open between operations").1;
        session.execute(sql, at).map(|mut results| results.pop().expect("one statement gives one result"))
    }

    pub(crate) fn must(&mut self, sql: &str) -> StatementResult {
        match self.run(sql) {
            Ok(result) => result,
            Err(error) => self.differ(&format!("the statement fails: {error}")),
        }
    }

    /// Reports a difference, with what led to it.
    pub(crate) fn differ(&self, what: &str) -> ! {
        let start = self.statements.len().saturating_sub(40);
        panic!("seed {}: {what}\nafter these statements:\n{}", self.seed, self.statements[start..].join(";\n"))
    }

    /// Takes a row out of every table of the model, so that it is wrong.
    #[cfg(test)]
    pub(crate) fn forget_a_row(&mut self) {
        self.model.transaction = None;
        self.must_or_not("ROLLBACK");
        for state in &mut self.model.snapshots {
            for table in state.values_mut() {
                Rc::make_mut(table).rows.pop_first();
            }
        }
    }

    /// Runs a statement that may be refused.
    #[cfg(test)]
    fn must_or_not(&mut self, sql: &str) {
        let _ = self.run(sql);
    }

    /// Runs one operation at random.
    pub(crate) fn step(&mut self) {
        let kind = match self.random.below(100) {
            0..4 => self.create(),
            4 => self.drop_table(),
            5 => self.add_column(),
            6 => self.change_index(),
            7..30 => self.insert(),
            30..44 => self.update(),
            44..54 => self.delete(),
            54..56 => self.copy(),
            56..62 => self.transaction(),
            62..65 => self.stand_on(),
            65 => self.seal(),
            66 if self.random.once_in(4) => self.reopen(),
            66 => self.erase(),
            67..70 => self.query_as_principal(),
            70..75 => self.query_all_snapshots(),
            75..80 => self.query_join(),
            80..86 => self.query_aggregate(),
            _ => self.query_rows(),
        };
        *self.counts.entry(kind).or_default() += 1;
    }

    /// A table that there is now.
    pub(crate) fn table(&mut self) -> Option<(String, Rc<Table>)> {
        let tables: Vec<(String, Rc<Table>)> =
            self.model.current().iter().map(|(name, table)| (name.clone(), Rc::clone(table))).collect();
        (!tables.is_empty()).then(|| self.random.pick(&tables).clone())
    }

    /// Compares the snapshot that a statement committed with what the model says of it.
    fn settle(&mut self, result: &StatementResult, state: super::model::State) {
        let expected = self.model.settle(state);
        let found = result.snapshot.map(|snapshot| snapshot.0);
        if found != expected {
            self.differ(&format!("it committed snapshot {found:?}, expected {expected:?}"));
        }
    }

    fn create(&mut self) -> &'static str {
        if self.model.transaction.is_some() {
            return self.query_rows();
        }
        let name = *self.random.pick(&NAMES);
        let has_key = !self.random.once_in(3);
        let labels = *self.random.pick(&LABELS);
        let key = if has_key { "k INT PRIMARY KEY, " } else { "" };
        let with = if labels.is_empty() { String::new() } else { format!(" WITH (labels = '{}')", labels.join(", ")) };
        let is_unique = self.random.once_in(3);
        let unique = if is_unique { " UNIQUE" } else { "" };
        let result =
            self.run(&format!("CREATE TABLE {name} ({key}a INT{unique}, b TEXT, c DECIMAL(10,2), d DATE){with}"));
        if self.model.current().contains_key(name) {
            if result.is_ok() {
                self.differ("a table was declared twice");
            }
            return "create table (refused)";
        }
        let mut columns = vec![
            ("a".to_owned(), Kind::Integer),
            ("b".to_owned(), Kind::Text),
            ("c".to_owned(), Kind::Money),
            ("d".to_owned(), Kind::Day),
        ];
        if has_key {
            columns.insert(0, ("k".to_owned(), Kind::Integer));
        }
        self.next_incarnation += 1;
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        let unique = is_unique.then_some((usize::from(has_key), false));
        let (rows, incarnation) = (BTreeMap::new(), self.next_incarnation);
        let table = Table { columns, has_key, labels, unique, rows, incarnation };
        let mut state = self.model.current().clone();
        state.insert(name.to_owned(), Rc::new(table));
        match result {
            Ok(result) => self.settle(&result, state),
            Err(error) => self.differ(&format!("the statement fails: {error}")),
        }
        "create table"
    }

    fn drop_table(&mut self) -> &'static str {
        let Some((name, _)) = self.table().filter(|_| self.model.transaction.is_none()) else { return self.create() };
        let result = self.must(&format!("DROP TABLE {name}"));
        let mut state = self.model.current().clone();
        state.remove(&name);
        self.settle(&result, state);
        "drop table"
    }

    fn add_column(&mut self) -> &'static str {
        let Some((name, table)) = self.table().filter(|_| self.model.transaction.is_none()) else {
            return self.create();
        };
        if table.columns.len() >= 8 {
            return self.query_rows();
        }
        let column = format!("e{}", table.columns.len());
        let result = self.must(&format!("ALTER TABLE {name} ADD COLUMN {column} INT"));
        let state = self.model.changed(&name, |table| {
            table.columns.push((column, Kind::Integer));
            for piece in table.rows.values_mut().flatten() {
                piece.cells.push(super::value::Value::Null);
            }
        });
        self.settle(&result, state);
        "alter table"
    }

    fn insert(&mut self) -> &'static str {
        let Some((name, table)) = self.table() else { return self.create() };
        let skips = table.has_key && self.random.once_in(4);
        let mut next = (*table).clone();
        let mut values = Vec::new();
        let mut is_conflict = false;
        let mut row_count = 0;
        for _ in 0..1 + self.random.below(3) {
            let (cells, (from, to)) = (random_cells(&mut self.random, &table), random_validity(&mut self.random));
            values.push(insert_row_sql(&cells, from, to));
            let row = match &cells[0] {
                super::value::Value::Integer(key) if table.has_key => *key,
                _ => {
                    self.next_row += 1;
                    self.next_row
                }
            };
            let is_taken =
                next.rows.get(&row).is_some_and(|pieces| pieces.iter().any(|piece| piece.overlaps(from, to)))
                    || skips && next.is_held_elsewhere(row, &cells, from, to);
            if !is_taken {
                next.put(row, cells, from, to);
                row_count += 1;
            }
            is_conflict |= is_taken && !skips;
        }
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        let conflict = if skips { " ON CONFLICT DO NOTHING" } else { "" };
        let sql = format!(
            "INSERT INTO {name} ({}, valid_from, valid_to) VALUES {}{conflict}",
            names.join(", "),
            values.join(", ")
        );
        if self.finish(&name, &sql, is_conflict, next, row_count) { "insert" } else { "insert (refused)" }
    }

    /// Runs a statement that makes `next` of a table, or is refused; returns whether it is not.
    fn finish(&mut self, name: &str, sql: &str, is_conflict: bool, next: Table, changed_count: u64) -> bool {
        let is_refused = is_conflict || next.repeats();
        match self.run(sql) {
            Ok(_) if is_refused => self.differ("the statement should be refused: a key or a unique value is taken"),
            Err(error) if !is_refused => self.differ(&format!("the statement fails: {error}")),
            Err(_) => {}
            Ok(result) => {
                if result.changed_count != Some(changed_count) {
                    let found = result.changed_count;
                    self.differ(&format!("it changed {found:?} rows, expected {changed_count}"));
                }
                let state = self.model.changed(name, |table| *table = next);
                self.settle(&result, state);
            }
        }
        !is_refused
    }

    /// Makes a column unique, or takes that back.
    fn change_index(&mut self) -> &'static str {
        let Some((name, table)) = self.table().filter(|_| self.model.transaction.is_none()) else {
            return self.create();
        };
        let mut next = (*table).clone();
        let index = format!("u{}", table.incarnation);
        let sql = match table.unique {
            Some((_, false)) => return self.query_rows(),
            Some((_, true)) => {
                next.unique = None;
                format!("DROP INDEX {index}")
            }
            None => {
                let column = usize::from(table.has_key);
                next.unique = Some((column, true));
                format!("CREATE UNIQUE INDEX {index} ON {name} ({})", table.columns[column].0)
            }
        };
        let is_refused = next.repeats();
        match self.run(&sql) {
            Ok(_) if is_refused => self.differ("the index should be refused: two rows hold the same value"),
            Err(error) if !is_refused => self.differ(&format!("the statement fails: {error}")),
            Err(_) => {}
            Ok(result) => {
                let state = self.model.changed(&name, |table| *table = next);
                self.settle(&result, state);
            }
        }
        if is_refused { "index (refused)" } else { "index" }
    }

    fn update(&mut self) -> &'static str {
        let Some((name, table)) = self.table() else { return self.create() };
        let predicate = Predicate::random(&mut self.random, &table);
        let portion = random_portion(&mut self.random);
        let assignment = Assignment::random(&mut self.random, &table);
        let pieces = changed_pieces(&table, &predicate, portion, self.day);
        let mut next = (*table).clone();
        let mut moved = Vec::new();
        for (row, piece) in &pieces {
            let cells = assignment.applied(&piece.cells);
            match (&cells[0], table.has_key) {
                (super::value::Value::Integer(key), true) if key != row => {
                    next.remove(*row, piece.from, piece.to);
                    moved.push((*key, cells, piece.from, piece.to));
                }
                _ => next.put(*row, cells, piece.from, piece.to),
            }
        }
        let mut is_conflict = false;
        for (key, cells, from, to) in moved {
            is_conflict |=
                next.rows.get(&key).is_some_and(|pieces| pieces.iter().any(|piece| piece.overlaps(from, to)));
            next.put(key, cells, from, to);
        }
        let sql =
            format!("UPDATE {name}{} SET {}{}", portion_sql(portion), assignment.sql(&table), predicate.sql(&table));
        if self.finish(&name, &sql, is_conflict, next, pieces.len() as u64) { "update" } else { "update (refused)" }
    }

    fn delete(&mut self) -> &'static str {
        let Some((name, table)) = self.table() else { return self.create() };
        let predicate = Predicate::random(&mut self.random, &table);
        let portion = random_portion(&mut self.random);
        let pieces = changed_pieces(&table, &predicate, portion, self.day);
        let mut next = (*table).clone();
        for (row, piece) in &pieces {
            next.remove(*row, piece.from, piece.to);
        }
        let sql = format!("DELETE FROM {name}{}{}", portion_sql(portion), predicate.sql(&table));
        self.finish(&name, &sql, false, next, pieces.len() as u64);
        "delete"
    }

    /// Imports rows from a file.
    fn copy(&mut self) -> &'static str {
        let Some((name, table)) = self.table() else { return self.create() };
        let mut next = (*table).clone();
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        let mut text = format!("{}\n", names.join(","));
        let mut is_conflict = false;
        let row_count = 1 + self.random.below(5);
        for _ in 0..row_count {
            let cells = random_cells(&mut self.random, &table);
            let field = |cell: &super::value::Value| match cell {
                super::value::Value::Null => String::new(),
                super::value::Value::Text(text) => format!("\"{text}\""),
                other => other.shown(),
            };
            text.push_str(&format!("{}\n", cells.iter().map(field).collect::<Vec<_>>().join(",")));
            let row = match &cells[0] {
                super::value::Value::Integer(key) if table.has_key => *key,
                _ => {
                    self.next_row += 1;
                    self.next_row
                }
            };
            is_conflict |= next.rows.contains_key(&row);
            next.put(row, cells, 0, super::value::OPEN);
        }
        let path = self.folder.path().join("rows.csv");
        std::fs::write(&path, text).expect("a writable folder");
        let sql = format!("COPY {name} FROM '{}'", path.display());
        if self.finish(&name, &sql, is_conflict, next, row_count) { "copy" } else { "copy (refused)" }
    }

    /// Begins, commits or gives up a transaction.
    fn transaction(&mut self) -> &'static str {
        let Some(state) = self.model.transaction.take() else {
            self.must("BEGIN");
            self.model.transaction = Some(self.model.latest().clone());
            return "begin";
        };
        if self.random.once_in(4) {
            self.must("ROLLBACK");
            return "rollback";
        }
        let result = self.must("COMMIT");
        self.settle(&result, state);
        "commit"
    }

    fn stand_on(&mut self) -> &'static str {
        // A transaction stands where it began.
        if self.model.transaction.is_some() {
            return self.query_rows();
        }
        self.day = self.random.day(0, DAY_END + 1);
        self.must(&format!("SET valid_time = DATE '{}'", date(self.day)));
        "set valid_time"
    }

    /// Builds the derived generations.
    fn seal(&mut self) -> &'static str {
        let store = Arc::clone(self.database().store());
        let sealed = store.seal().and_then(|()| store.seal_columns());
        if let Err(error) = sealed {
            self.differ(&format!("generations cannot be built: {error}"));
        }
        self.statements.push("-- generations were built".to_owned());
        "seal"
    }

    fn reopen(&mut self) -> &'static str {
        self.model.transaction = None;
        self.open = None;
        let store = Store::open(&self.folder.path().join(".grounds"), config()).expect("it was closed");
        self.connect(store);
        self.statements.push("-- reopened".to_owned());
        "reopen"
    }
}

pub(crate) fn config() -> StoreConfig {
    StoreConfig::new()
}

/// The rows of a result, each as text, sorted.
pub(crate) fn shown(rows: &Rows) -> Vec<Vec<String>> {
    use grounds_sql::arrow::util::display::{ArrayFormatter, FormatOptions};
    let options = FormatOptions::default().with_null("NULL");
    let mut out = Vec::with_capacity(rows.row_count());
    for batch in &rows.batches {
        let columns: Vec<ArrayFormatter<'_>> = batch
            .columns()
            .iter()
            .map(|array| ArrayFormatter::try_new(array, &options).expect("a type that can be shown"))
            .collect();
        out.extend(
            (0..batch.num_rows()).map(|row| columns.iter().map(|column| column.value(row).to_string()).collect()),
        );
    }
    out.sort();
    out
}
