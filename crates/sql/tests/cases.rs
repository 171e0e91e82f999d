//! Cases: `tests/cases/*.case`, statements with what they give.
//!
//! A line that begins with `$ ` begins a statement, lines that begin with `> ` go on with it, and what follows up to the next empty line is what it gives.
//! `[session NAME]` goes on in another session of the same workspace, `[principal NAME]` in one of that principal. With `GROUNDS_BLESS` set, the output is written anew.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use grounds_sql::{Database, DatabaseConfig, Functions, Session, StatementResult};
use grounds_store::{Store, StoreConfig};

/// The rows of a result, columns between bars.
fn shown(result: &StatementResult) -> String {
    let mut out = String::new();
    if let Some(rows) = &result.rows {
        let names: Vec<&str> = rows.schema.fields().iter().map(|field| field.name().as_str()).collect();
        out.push_str(&format!("{}\n", names.join(" | ")));
        for batch in &rows.batches {
            let options = FormatOptions::default().with_null("NULL");
            let columns: Vec<ArrayFormatter<'_>> = batch
                .columns()
                .iter()
                .map(|array| ArrayFormatter::try_new(array, &options).expect("a type that can be shown"))
                .collect();
            for row in 0..batch.num_rows() {
                let cells: Vec<String> = columns.iter().map(|column| column.value(row).to_string()).collect();
                out.push_str(&format!("{}\n", cells.join(" | ")));
            }
        }
        return out;
    }
    out.push_str(result.tag);
    if let Some(count) = result.changed_count {
        out.push_str(&format!(" {count}"));
    }
    if let Some(snapshot) = result.snapshot {
        out.push_str(&format!(" @{snapshot}"));
    }
    out.push('\n');
    if let Some(notice) = &result.notice {
        out.push_str(&format!("notice: {notice}\n"));
    }
    out
}

fn run(session: &mut Session, sql: &str, minute: usize) -> String {
    let at = format!("2024-01-01T{:02}:{:02}Z", minute / 60 % 24, minute % 60).parse().expect("an instant");
    match session.execute(sql, at) {
        Ok(results) => results.iter().map(shown).collect(),
        Err(error) => {
            let hint = error.hint().map(|hint| format!("hint: {hint}\n")).unwrap_or_default();
            format!("error: {error}\n{hint}")
        }
    }
}

/// The case with the output that its statements have now.
fn replay(text: &str, folder: &Path) -> String {
    let store = Arc::new(Store::create(&folder.join(".grounds"), StoreConfig::new()).expect("a workspace"));
    let database = Database::new(store, DatabaseConfig::new(), Functions::default()).expect("a database");
    let date = "2024-06-01".parse().expect("a date");
    let mut sessions: BTreeMap<String, Session> = BTreeMap::new();
    let mut current = String::new();
    sessions.insert(current.clone(), database.session(date));
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    let mut is_output = false;
    let mut minute = 0;
    while let Some(line) = lines.next() {
        let named = |word: &str| line.strip_prefix(&format!("[{word} "))?.strip_suffix(']');
        if let Some(name) = named("session").or(named("principal")) {
            current = name.to_owned();
            let principal = named("principal").is_some();
            sessions.entry(current.clone()).or_insert_with(|| match principal {
                true => database.session_for(name, date),
                false => database.session(date),
            });
            out.push_str(&format!("{line}\n"));
            is_output = false;
        } else if let Some(start) = line.strip_prefix("$ ") {
            let mut sql = start.to_owned();
            out.push_str(&format!("{line}\n"));
            while let Some(more) = lines.peek().and_then(|line| line.strip_prefix("> ")) {
                sql.push_str(&format!("\n{more}"));
                out.push_str(&format!("> {more}\n"));
                lines.next();
            }
            let session = sessions.get_mut(&current).expect("made above");
            let sql = sql.replace("{folder}", &folder.display().to_string());
            minute += 1;
            out.push_str(&run(session, &sql, minute).replace(&folder.display().to_string(), "{folder}"));
            is_output = true;
        } else if line.is_empty() {
            out.push('\n');
            is_output = false;
        } else if !is_output {
            out.push_str(&format!("{line}\n"));
        }
    }
    format!("{}\n", out.trim_end())
}

#[test]
fn cases_give_what_they_say() {
    let bless = std::env::var_os("GROUNDS_BLESS").is_some();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> =
        std::fs::read_dir(cases).expect("readable").map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    let mut failures = Vec::new();
    for path in files {
        let expected = std::fs::read_to_string(&path).expect("UTF-8");
        let folder = tempfile::tempdir().expect("a folder");
        let found = replay(&expected, folder.path());
        if found == expected {
            continue;
        }
        if bless {
            std::fs::write(&path, &found).expect("written");
        } else {
            let pairs = expected.lines().zip(found.lines()).enumerate();
            let first = pairs.into_iter().find(|(_, (expected, found))| expected != found);
            failures.push(format!("{}: {first:?}", path.display()));
        }
    }
    assert!(failures.is_empty(), "{}\n(GROUNDS_BLESS=1 accepts the new output)", failures.join("\n"));
}
