//! Queries over column files give what queries over the store's rows give, at every snapshot and date.

use std::sync::Arc;

use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use grounds_core::Instant;
use grounds_sql::{Database, DatabaseConfig, Functions, Session, StatementResult};
use grounds_store::{RowQuery, Store, StoreConfig};

/// A session on a workspace of its own.
struct Side {
    session: Session,
    store: Arc<Store>,
    _folder: tempfile::TempDir,
}

fn noon() -> Instant {
    "2024-05-01T12:00Z".parse().expect("an instant")
}

impl Side {
    fn new() -> Self {
        Self::with(StoreConfig::new())
    }

    fn with(config: StoreConfig) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::create(&folder.path().join(".grounds"), config).expect("a workspace");
        let store = Arc::new(store);
        let database =
            Database::new(Arc::clone(&store), DatabaseConfig::new(), Functions::default()).expect("a database");
        let session = database.session("2024-06-01".parse().expect("a date"));
        Self { session, store, _folder: folder }
    }

    fn run(&mut self, sql: &str) -> Vec<StatementResult> {
        self.session.execute(sql, noon()).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The rows of a query, each as text, in order of text.
    fn rows(&mut self, sql: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for result in self.run(sql) {
            let Some(rows) = result.rows else { continue };
            for batch in &rows.batches {
                let options = FormatOptions::default().with_null("NULL");
                let columns: Vec<ArrayFormatter<'_>> = batch
                    .columns()
                    .iter()
                    .map(|array| ArrayFormatter::try_new(array, &options).expect("a type that can be shown"))
                    .collect();
                for row in 0..batch.num_rows() {
                    let cells: Vec<String> = columns.iter().map(|column| column.value(row).to_string()).collect();
                    lines.push(cells.join(" | "));
                }
            }
        }
        lines.sort();
        lines
    }
}

const DECLARATIONS: &str = "
CREATE TABLE item (id BIGINT PRIMARY KEY, name TEXT NOT NULL, kind TEXT, price DECIMAL(12,2), weight DOUBLE, made DATE, seen TIMESTAMP, told TIMESTAMP WITH TIME ZONE, raw BYTEA, good BOOLEAN, place VECTOR(2));
CREATE TABLE note (note TEXT);
";

/// Some of many rows change, on all days or some.
const CHANGES: [&str; 9] = [
    "INSERT INTO item (id, name, kind, price, weight, made, seen, told, good) SELECT n, 'name ' || n, CASE WHEN n % 3 = 0 THEN NULL ELSE 'kind ' || (n % 7) END, n * 1.25, n / 3.0,
        DATE '2020-01-01' + CAST(n % 400 AS INT), TIMESTAMP '2020-01-01T00:00:00', TIMESTAMP '2020-01-01T00:00:00Z',
        n % 2 = 0 FROM (SELECT unnest(range(0, 3000)) AS n)",
    "INSERT INTO note SELECT 'note ' || n FROM (SELECT unnest(range(0, 300)) AS n)",
    "UPDATE item SET kind = 'new', price = price * 2 WHERE id % 100 = 3",
    "DELETE FROM item WHERE id BETWEEN 500 AND 520",
    "INSERT INTO item (id, name, place, raw) VALUES (90001, 'late', '[1, 2.5]', '\\x00ff'), (90002, 'later', NULL, NULL)",
    "UPDATE item FOR PORTION OF VALID_TIME FROM DATE '2024-05-01' TO DATE '2024-07-01' SET kind = 'spring' WHERE id % 50 = 7",
    "DELETE FROM item FOR PORTION OF VALID_TIME FROM DATE '2023-01-01' TO DATE '2023-02-01' WHERE id < 40",
    "UPDATE note SET note = 'changed' WHERE note LIKE '%9'",
    "ALTER TABLE item ADD COLUMN extra TEXT",
];

const QUERIES: [&str; 16] = [
    "SELECT * FROM item {time}",
    "SELECT id, valid_from, valid_to, system_from, system_to FROM item {time} WHERE id < 60",
    "SELECT count(*) FROM item {time}",
    "SELECT count(*), min(id), max(id), min(name), max(price), round(sum(weight)) FROM item {time}",
    "SELECT kind, count(*), sum(price) FROM item {time} GROUP BY kind",
    "SELECT id, name FROM item {time} WHERE kind = 'spring' OR kind IS NULL AND id > 2900",
    "SELECT id FROM item {time} WHERE id > 100 AND id <= 107 AND good",
    "SELECT made, count(*) FROM item {time} WHERE made >= DATE '2020-12-01' AND weight < 500 GROUP BY made",
    "SELECT a.id, b.name FROM item {time} a JOIN item {time} b ON a.id = b.id + 1 WHERE b.price > 3000.5",
    "SELECT note, count(*) FROM note {time} GROUP BY note",
    "SELECT count(*) FROM note {time} WHERE valid_from > DATE '2020-01-01'",
    "SELECT name FROM item {time} WHERE name LIKE 'name 29%'",
    "SELECT price FROM item {time} ORDER BY price DESC NULLS LAST LIMIT 5",
    "SELECT id FROM item {time} WHERE system_from > 3",
    "SELECT id, system_to FROM item {time} WHERE system_to IS NULL AND id BETWEEN 495 AND 525",
    "SELECT raw, place, told, seen FROM item {time} WHERE id > 2990",
];

#[test]
fn files_give_what_rows_give_at_every_snapshot_and_date() {
    let (mut sealed, mut plain) = (Side::new(), Side::new());
    for side in [&mut sealed, &mut plain] {
        side.run(DECLARATIONS);
    }
    let first = sealed.store.latest().expect("open").0;
    for (at, change) in CHANGES.iter().enumerate() {
        sealed.run(change);
        plain.run(change);
        // The first changes are sealed one by one, the last ones stay in the tail.
        if [1, 3, 5].contains(&at) {
            sealed.store.seal_columns().expect("room on the disk");
        }
    }
    let latest = sealed.store.latest().expect("open").0;
    assert_eq!(latest, plain.store.latest().expect("open").0);
    for snapshot in first..=latest {
        for valid in
            ["AS OF DATE '2024-06-01'", "AS OF DATE '2023-01-15'", "FROM DATE '2023-01-31' TO DATE '2024-05-02'", "ALL"]
        {
            for query in QUERIES {
                let time = format!("FOR VALID_TIME {valid} FOR SYSTEM_TIME AS OF {snapshot}");
                let sql = query.replace("{time}", &time);
                assert_eq!(sealed.rows(&sql), plain.rows(&sql), "{sql}");
            }
        }
    }
    for query in QUERIES {
        let sql = query.replace("{time}", "FOR SYSTEM_TIME ALL");
        assert_eq!(sealed.rows(&sql), plain.rows(&sql), "{sql}");
    }
}

const SEARCHED: &str = "
CREATE TABLE report (id BIGINT PRIMARY KEY, title TEXT FULLTEXT LANGUAGE 'en', body TEXT FULLTEXT LANGUAGE 'en', bericht TEXT FULLTEXT LANGUAGE 'de', kind TEXT);
CREATE TABLE remark (words TEXT FULLTEXT LANGUAGE 'zh');
";

const SEARCHED_CHANGES: [&str; 6] = [
    "INSERT INTO report SELECT n, 'report ' || (n % 13), CASE WHEN n % 5 = 0 THEN NULL ELSE 'late notices about breach ' || (n % 29) || repeat(' of duty', CAST(n % 4 AS BIGINT)) END,
        'Meldung ' || (n % 11), 'kind' FROM (SELECT unnest(range(0, 700)) AS n);
     INSERT INTO remark SELECT '数据保护 ' || (n % 17) FROM (SELECT unnest(range(0, 200)) AS n)",
    "UPDATE report SET body = 'breach of duty, noticed late' WHERE id % 90 = 3; UPDATE remark SET words = '保护 7 数据' WHERE words LIKE '%3'",
    "DELETE FROM report WHERE id BETWEEN 100 AND 130",
    "UPDATE report FOR PORTION OF VALID_TIME FROM DATE '2024-05-01' TO DATE '2024-07-01' SET title = 'a report of spring, late' WHERE id % 50 = 7",
    "ALTER TABLE report ADD COLUMN extra TEXT",
    "INSERT INTO report (id, title, bericht) VALUES (9001, 'late', 'späte Meldungen'), (9002, 'reports', NULL)",
];

const SEARCHES: [&str; 5] = [
    "SELECT * FROM search('late reports of a breach', table => 'report', k => 12)",
    "SELECT rank, score, id FROM search('duty 7', table => 'report', column => 'body', k => 40)",
    "SELECT rank, score, id FROM search('Meldungen 7 late', table => 'report', k => 1000)",
    "SELECT * FROM search('数据 7', table => 'remark', k => 15)",
    "SELECT * FROM search('zebra', table => 'report')",
];

#[test]
fn words_beside_files_find_what_reading_every_row_finds() {
    let (mut sealed, mut plain) = (Side::new(), Side::new());
    for side in [&mut sealed, &mut plain] {
        side.run(SEARCHED);
    }
    for (at, change) in SEARCHED_CHANGES.iter().enumerate() {
        sealed.run(change);
        plain.run(change);
        if [0, 2].contains(&at) {
            sealed.store.seal_columns().expect("room on the disk");
        }
    }
    let latest = sealed.store.latest().expect("open").0;
    let mut found_count = 0;
    for snapshot in 2..=latest {
        for date in ["2024-06-01", "2023-01-15"] {
            for query in SEARCHES {
                let set = format!("SET system_time = {snapshot}; SET valid_time = DATE '{date}'; ");
                let (ours, others) = (sealed.rows(&format!("{set}{query}")), plain.rows(&format!("{set}{query}")));
                assert_eq!(ours, others, "{query} on {date} at {snapshot}");
                found_count += ours.len();
            }
        }
    }
    assert!(found_count > 1000, "{found_count}");
    sealed.run("RESET ALL");
    let reader = sealed.store.read_latest().expect("open");
    let table = reader.table("report").expect("truth is whole").expect("it was created");
    let query = RowQuery::new("late", vec![(1, "en".to_owned())]);
    let found = reader.search_rows(&table, &query, 1, "2024-06-01".parse().expect("a date"));
    assert!(found.expect("truth is whole").is_some(), "the words are beside the files");
}

#[test]
fn changes_of_an_open_transaction_are_seen() {
    let mut side = Side::new();
    side.run(DECLARATIONS);
    side.run(CHANGES[0]);
    side.store.seal_columns().expect("room on the disk");
    side.run("BEGIN; DELETE FROM item WHERE id >= 10; UPDATE item SET name = 'mine' WHERE id = 3");
    assert_eq!(side.rows("SELECT count(*) FROM item"), ["10"]);
    assert_eq!(side.rows("SELECT id FROM item WHERE name = 'mine'"), ["3"]);
    side.run("COMMIT");
    assert_eq!(side.rows("SELECT count(*) FROM item"), ["10"]);
    assert_eq!(side.rows("SELECT id FROM item WHERE name = 'mine'"), ["3"]);
}

#[test]
fn explain_shows_files_and_what_was_pushed_down() {
    let mut side = Side::new();
    side.run(DECLARATIONS);
    side.run(CHANGES[0]);
    side.store.seal_columns().expect("room on the disk");
    let plan = side.rows("EXPLAIN SELECT name FROM item WHERE price > 100 AND kind = 'kind 1'").join("\n");
    for expected in ["table_1-3-0.parquet", "file_type=parquet", "predicate=", "pruning_predicate="] {
        assert!(plan.contains(expected), "{expected} in\n{plan}");
    }
    // What statistics prove is not asked of rows.
    assert!(!plan.contains("system_from"), "{plan}");
    let counted = side.rows("EXPLAIN SELECT count(*), min(id), max(id) FROM item").join("\n");
    assert!(counted.contains("PlaceholderRowExec"), "{counted}");
    side.run("UPDATE item SET name = 'x' WHERE id = 5");
    let past = side.rows("EXPLAIN SELECT name FROM item FOR SYSTEM_TIME AS OF 1").join("\n");
    assert!(!past.contains("parquet"), "{past}");
}

#[test]
fn the_nearest_vectors_are_read_from_files_and_are_those_of_rows() {
    let (mut sealed, mut plain) = (Side::new(), Side::new());
    let vectors: Vec<String> =
        (0..300).map(|id| format!("({id}, 'item', [{}, {}])", id % 17, f64::from(id) / 8.0)).collect();
    for side in [&mut sealed, &mut plain] {
        side.run(DECLARATIONS);
        side.run(&format!("INSERT INTO item (id, name, place) VALUES {}", vectors.join(", ")));
    }
    sealed.store.seal_columns().expect("room on the disk");
    for side in [&mut sealed, &mut plain] {
        // Newer than the files, one of them in place of a row in a file.
        side.run("INSERT INTO item (id, name, place) VALUES (9001, 'new', [0.5, 0.25])");
        side.run("UPDATE item SET place = [0.5, 0.125] WHERE id = 7");
    }
    for metric in ["cosine", "l2", "dot"] {
        let sql = format!(
            "SELECT rank, distance, id FROM neighbours('item', 'place', [0.5, 0.25], k => 25, metric => '{metric}')"
        );
        let found = sealed.rows(&sql);
        assert_eq!(found.len(), 25, "{metric}");
        assert_eq!(found, plain.rows(&sql), "{metric}");
        let plan = sealed.rows(&format!("EXPLAIN {sql}")).join("\n");
        for expected in ["file_type=parquet", &format!("{metric}_distance"), "TopK(fetch=25)"] {
            assert!(plan.contains(expected), "{expected} in\n{plan}");
        }
    }
    assert_eq!(
        sealed.rows("SELECT id FROM neighbours('item', 'place', [0.5, 0.25], k => 1, metric => 'l2')"),
        ["9001"]
    );
}

#[test]
fn an_index_over_vectors_says_what_it_finds_and_falls_back_to_reading_all() {
    let mut session = Side::with(StoreConfig { vector_index_row_count_min: 500, ..StoreConfig::new() });
    session.run("CREATE TABLE spot (id INTEGER PRIMARY KEY, place VECTOR(4))");
    let number = |id: u32, turn: u32| f64::from((id * 7919 + turn * 104_729) % 1000) / 500.0 - 1.0;
    let spot = |id| format!("({id}, [{}, {}, {}, {}])", number(id, 1), number(id, 2), number(id, 3), number(id, 4));
    let spots: Vec<String> = (0..800).map(spot).collect();
    session.run(&format!("INSERT INTO spot (id, place) VALUES {}", spots.join(", ")));
    let sql = |more: &str| {
        format!(
            "SELECT rank, distance, id FROM neighbours('spot', 'place', [0.5, 0.25, -0.5, 0.0], k => 10, metric => 'l2'{more})"
        )
    };
    let exact = session.rows(&sql(""));
    assert_eq!(session.rows(&sql(", recall => 0.9")), exact, "not in files yet");
    session.store.seal_columns().expect("room on the disk");
    let plan = session.rows(&format!("EXPLAIN {}", sql(", approximate => true"))).join("\n");
    assert!(plan.contains("index of 800 rows, measured recall 0.9") || plan.contains("measured recall 1.0"), "{plan}");
    let near = session.rows(&sql(", approximate => true"));
    let hit_count =
        near.iter().filter(|row| exact.iter().any(|exact| row.split('|').nth(1) == exact.split('|').nth(1))).count();
    assert!(near.len() == 10 && hit_count >= 8, "{near:?}\n{exact:?}");
    for more in ["", ", recall => 0.9"] {
        let sql = |filter: &str| sql(&format!(", filter => '{filter}'{more}"));
        let even = session.rows(&sql("id % 2 = 0 AND place IS NOT NULL"));
        let ids = even.iter().map(|row| row.rsplit(' ').next().and_then(|id| id.parse::<u32>().ok()));
        assert!(even.len() == 10 && ids.into_iter().all(|id| id.is_some_and(|id| id % 2 == 0)), "{even:?}");
        assert_eq!(session.rows(&sql("id = 7")).len(), 1);
        assert!(session.session.execute(&sql("id + 1"), noon()).is_err());
        assert!(session.session.execute(&sql("id = (SELECT 1)"), noon()).is_err());
    }
    session.run("BEGIN");
    session.run("INSERT INTO spot (id, place) VALUES (9000, [0.5, 0.25, -0.5, 0.0])");
    assert!(session.rows(&sql(", approximate => true"))[0].contains("9000"), "a transaction sees its own rows");
    session.run("ROLLBACK");
    assert_eq!(session.rows(&sql(", recall => 1.0")), exact, "all of them");
}
