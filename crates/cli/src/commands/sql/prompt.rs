//! The prompt: statements over several lines, history, completion, and `\d`.

use std::path::Path;
use std::time::Instant;

use grounds::sql::{Session, SqlError, TableSummary};
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Editor, Helper};

use super::show::{self, Output};
use crate::exit::Outcome;
use crate::{clock, render};

/// Words that complete besides names.
const KEYWORDS: &str = "SELECT FROM WHERE GROUP BY ORDER LIMIT HAVING JOIN LEFT ON USING AS AND OR NOT NULL IN LIKE BETWEEN CASE WHEN THEN ELSE END \
    UNION ALL EXCEPT INTERSECT WITH INSERT INTO VALUES UPDATE SET DELETE MERGE MATCHED TRUNCATE COPY TO CREATE TABLE VIEW PRIMARY KEY DEFAULT FULLTEXT LANGUAGE \
    ALTER ADD COLUMN DROP IF EXISTS BEGIN COMMIT ROLLBACK EXPLAIN SHOW TABLES DESCRIBE RESET FOR VALID_TIME SYSTEM_TIME AS OF PORTION DATE TIMESTAMP \
    BIGINT DOUBLE DECIMAL BOOLEAN TEXT JSON VECTOR BYTEA CONFLICT DO NOTHING DISTINCT COUNT SUM MIN MAX AVG";

const HELP: &str = "\
Statements end with a semicolon and may go over several lines.
  \\d           the tables and views
  \\d TABLE     the columns of a table
  \\?           this help
  \\q           leave";

/// Reads statements until the end of input or `\q`.
pub(crate) fn run(session: &mut Session, history: &Path, mut output: Output) -> anyhow::Result<Outcome> {
    let mut editor: Editor<Assistant, rustyline::history::FileHistory> = Editor::new()?;
    // The first session has no history yet.
    let _ = editor.load_history(history);
    render::print("Grounds SQL. \\? for help, \\q to leave.")?;
    loop {
        editor.set_helper(Some(Assistant::of(session)));
        let prompt = if session.is_in_transaction() { "grounds*> " } else { "grounds> " };
        match editor.readline(prompt) {
            Ok(line) => {
                let line = line.trim();
                if line.is_empty() {
                    continue;
                }
                editor.add_history_entry(line)?;
                match line.strip_prefix('\\') {
                    Some(command) if matches!(command.trim(), "q" | "quit") => break,
                    Some(command) => meta(session, command)?,
                    None => statements(session, line, &mut output)?,
                }
            }
            // What was typed so far is given up.
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(error.into()),
        }
    }
    // A history that cannot be kept is no reason to fail.
    let _ = editor.save_history(history);
    Ok(Outcome::Done)
}

fn statements(session: &mut Session, text: &str, output: &mut Output) -> anyhow::Result<()> {
    let statements = match Session::split(text) {
        Ok(statements) => statements,
        Err(error) => return report(&error),
    };
    for statement in statements {
        let started = Instant::now();
        match session.run(statement, clock::now()) {
            Ok(result) => {
                output.show(&result)?;
                render::print(&format!("{:.1} ms", started.elapsed().as_secs_f64() * 1000.0))?;
            }
            Err(error) => return report(&error),
        }
    }
    Ok(())
}

/// Says what is wrong and goes on.
fn report(error: &SqlError) -> anyhow::Result<()> {
    let hint = error.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    render::print(&format!("error: {error}{hint}"))
}

/// Runs a command of the prompt itself.
fn meta(session: &Session, command: &str) -> anyhow::Result<()> {
    let (word, argument) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let argument = argument.trim().trim_end_matches(';');
    if word != "d" {
        return render::print(HELP);
    }
    let tables = match session.tables() {
        Ok(tables) => tables,
        Err(error) => return report(&error),
    };
    if argument.is_empty() {
        let mut rows = render::table(&["name", "kind", "columns"]);
        for table in &tables {
            let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            rows.add_row([table.name.as_str(), table.kind, &columns.join(", ")]);
        }
        return render::print(&rows.to_string());
    }
    match tables.iter().find(|table| table.name == argument) {
        Some(table) => render::print(&show::columns(table)),
        None => render::print(&format!("error: there is no table `{argument}`")),
    }
}

/// Completes words and waits for the semicolon.
struct Assistant {
    words: Vec<String>,
}

impl Assistant {
    fn of(session: &Session) -> Self {
        let mut words: Vec<String> = KEYWORDS.split_whitespace().map(str::to_owned).collect();
        words.extend(Session::table_functions().iter().map(|name| (*name).to_owned()));
        for TableSummary { name, columns, .. } in session.tables().unwrap_or_default() {
            words.push(name);
            words.extend(columns.into_iter().map(|column| column.name));
        }
        words.extend(["valid_from", "valid_to", "system_from", "system_to"].map(str::to_owned));
        words.sort();
        words.dedup();
        Self { words }
    }
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, line: &str, position: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = &line[..position];
        let is_part = |character: char| character.is_alphanumeric() || character == '_';
        let start = before
            .rfind(|character| !is_part(character))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let typed = before[start..].to_lowercase();
        if typed.is_empty() {
            return Ok((position, Vec::new()));
        }
        let found = self.words.iter().filter(|word| word.to_lowercase().starts_with(&typed));
        let pairs = found.map(|word| Pair { display: word.clone(), replacement: word.clone() }).collect();
        Ok((start, pairs))
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input().trim();
        let is_complete = text.is_empty() || text.starts_with('\\') || ends_statement(text);
        Ok(if is_complete { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

/// Whether a text ends with a semicolon that ends a statement: one in an open quotation does not.
fn ends_statement(text: &str) -> bool {
    text.ends_with(';') && Session::split(text).is_ok()
}

impl Hinter for Assistant {
    type Hint = String;
}

impl Highlighter for Assistant {}

impl Helper for Assistant {}
