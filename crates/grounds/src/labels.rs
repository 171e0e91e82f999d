//! Labels: what somebody said of a question or a text, for models to learn from.

use grounds_core::{AsOf, Batch, Change, Instant, LabelRow, Pinpoint, Row, Snapshot, UnitId, Validity};
use serde::Deserialize;

use crate::error::GroundsError;
use crate::view::{Located, View};
use crate::workspace::{Workspace, counted};

/// The task of labels that say which places answer a question.
pub const RETRIEVAL_TASK: &str = "retrieval";

/// A line of a file of labels.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: Option<String>,
    #[serde(alias = "question")]
    text: String,
    #[serde(alias = "class", alias = "label")]
    gold: OneOrMany,
    author: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Reads labels of `task` from lines of JSON: `text` (or `question`) and `gold` (or `class`), one or a list; `name` and `author` where they are known.
/// What has no author is from `file`; what has no name is called by a hash of its text, so that a text is labelled once.
///
/// # Errors
/// [`GroundsError::DataFile`] with the line: not JSON, no text, no gold, or several classes for one text.
pub fn read_labels(task: &str, file: &str, content: &str) -> Result<Vec<LabelRow>, GroundsError> {
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(content.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |message: String| GroundsError::DataFile { file: format!("{file}:{number}"), message };
        let line: Line = serde_json::from_str(line).map_err(|error| {
            wrong(format!("{error}; a line is such as {{\"text\": \"When must a breach be reported?\", \"gold\": [\"GDPR art. 33\"]}}"))
        })?;
        let mut gold = match line.gold {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        };
        gold.sort();
        gold.dedup();
        if line.text.trim().is_empty() || gold.is_empty() || gold.iter().any(|gold| gold.trim().is_empty()) {
            return Err(wrong("a label needs a text and what is said of it".to_owned()));
        }
        if task != RETRIEVAL_TASK && gold.len() > 1 {
            return Err(wrong(format!("a text is of one class; this one is of {}", gold.join(", "))));
        }
        let name = line.name.unwrap_or_else(|| name(task, &line.text));
        let author = line.author.unwrap_or_else(|| file.to_owned());
        rows.push(LabelRow { name, task: task.to_owned(), text: line.text, gold, author });
    }
    Ok(rows)
}

/// The task, and the beginning of a hash of the text.
fn name(task: &str, text: &str) -> String {
    format!("{task}-{}", &blake3::hash(text.as_bytes()).to_hex()[..16])
}

/// Turns citations in the gold of questions ("GDPR art. 33(1)") into the places they name ("gdpr/art_33/par_1").
///
/// # Errors
/// [`GroundsError::UnknownDocument`], [`GroundsError::UnknownUnit`], [`GroundsError::NotInForce`]: nothing is called so on that day; those of the store.
pub fn resolve_gold(view: &View, at: AsOf, rows: &mut [LabelRow]) -> Result<(), GroundsError> {
    for row in rows.iter_mut().filter(|row| row.task == RETRIEVAL_TASK) {
        for gold in &mut row.gold {
            if !is_place(view, at, gold)? {
                *gold = place(view, at, gold)?;
            }
        }
        row.gold.sort();
        row.gold.dedup();
    }
    Ok(())
}

/// Whether it is a document and a unit of it.
fn is_place(view: &View, at: AsOf, gold: &str) -> Result<bool, GroundsError> {
    let Some((document, unit)) = gold.split_once('/') else { return Ok(false) };
    let Some(document) = view.documents().iter().find(|own| own.id.0 == document) else { return Ok(false) };
    let text = view.text_in_force(&document.id, at.as_of)?;
    Ok(text.is_some_and(|text| text.tree.get(&UnitId(unit.to_owned())).is_some()))
}

fn place(view: &View, at: AsOf, gold: &str) -> Result<String, GroundsError> {
    let pinpoint = Pinpoint::parse(gold)?;
    match view.locate(&pinpoint, at.as_of)? {
        Located::Found { text, unit } => Ok(format!("{}/{}", text.version.document.0, unit.id.0)),
        Located::UnknownDocument => Err(GroundsError::UnknownDocument { name: gold.to_owned() }),
        Located::UnknownUnit { document } | Located::NotInForce { document, .. } => {
            let (document, pinpoint) = (document.id.0, gold.to_owned());
            Err(GroundsError::UnknownUnit { document, pinpoint, as_of: at.as_of })
        }
    }
}

impl Workspace {
    /// Keeps labels in one commit; those of the same name are replaced.
    ///
    /// # Errors
    /// Those of the store.
    pub fn add_labels(&self, rows: Vec<LabelRow>, at: Instant) -> Result<Snapshot, GroundsError> {
        let message = format!("add {}", counted(rows.len(), "label"));
        let change = |row| Change::Put { row: Row::Label(row), validity: Validity::always() };
        let batch = Batch { message, changes: rows.into_iter().map(change).collect(), ..Batch::default() };
        Ok(self.store().commit(&batch, at)?)
    }

    /// The labels of a task, in order of name.
    ///
    /// # Errors
    /// Those of the store.
    pub fn labels(&self, view: &View, task: &str) -> Result<Vec<LabelRow>, GroundsError> {
        let rows = view.reader().labels()?.into_iter().map(|stored| stored.row);
        Ok(rows.filter(|row| row.task == task).collect())
    }
}
