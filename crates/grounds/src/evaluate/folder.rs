//! Reads a folder in the layout of BEIR.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Asked, Entry, Oddities, RetrievalSet, gold_by_question, positions};
use crate::error::GroundsError;

/// An id is a string, or a number in the files of some sets.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(i64),
}

impl Id {
    fn into_text(self) -> String {
        match self {
            Id::Text(text) => text,
            Id::Number(number) => number.to_string(),
        }
    }
}

#[derive(Deserialize)]
struct EntryLine {
    #[serde(rename = "_id")]
    id: Id,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    text: Option<String>,
}

#[derive(Deserialize)]
struct QuestionLine {
    #[serde(rename = "_id")]
    id: Id,
    text: String,
}

pub(crate) fn read(folder: &Path) -> Result<RetrievalSet, GroundsError> {
    let mut oddities = Oddities::default();
    let lines: Vec<EntryLine> = json_lines(&folder.join("corpus.jsonl"))?;
    let entry = |line: EntryLine| Entry {
        id: line.id.into_text(),
        title: line.title.unwrap_or_default().trim().to_owned(),
        text: line.text.unwrap_or_default().trim().to_owned(),
    };
    let mut entries: Vec<Entry> = lines.into_iter().map(entry).collect();
    let read_count = entries.len();
    let mut known = std::collections::HashSet::with_capacity(read_count);
    entries.retain(|entry| known.insert(entry.id.clone()));
    oddities.repeated_entries = read_count - entries.len();
    oddities.empty_entries = entries.iter().filter(|entry| entry.title.is_empty() && entry.text.is_empty()).count();

    let lines: Vec<QuestionLine> = json_lines(&folder.join("queries.jsonl"))?;
    let mut questions: Vec<Asked> =
        lines.into_iter().map(|line| Asked { id: line.id.into_text(), text: line.text, ..Asked::default() }).collect();
    // A line that is repeated says nothing new.
    let mut pairs = judgements(&folder_judgements(folder)?)?;
    pairs.sort_unstable();
    pairs.dedup();
    let (entry_at, question_at) = (
        positions(entries.iter().map(|entry| entry.id.as_str())),
        positions(questions.iter().map(|asked| asked.id.as_str())),
    );
    let mut gold = Vec::new();
    for (question, entry) in &pairs {
        let Some(question) = question_at.get(question.as_str()) else {
            oddities.gold_of_unknown_questions += 1;
            continue;
        };
        let entry = entry_at.get(entry.as_str()).and_then(|entry| u32::try_from(*entry).ok());
        oddities.gold_missing_in_corpus += usize::from(entry.is_none());
        gold.push((*question, entry));
    }
    for (question, (entries, missing)) in gold_by_question(gold) {
        questions[question].gold = entries.into_iter().collect();
        questions[question].missing_gold_count = missing;
    }
    let asked_count = questions.len();
    questions.retain(|asked| !asked.gold.is_empty() || asked.missing_gold_count > 0);
    oddities.questions_without_gold = asked_count - questions.len();
    if questions.is_empty() {
        let message = "no question has gold, so there is nothing to judge".to_owned();
        return Err(GroundsError::DataFile { file: folder.display().to_string(), message });
    }
    Ok(RetrievalSet { entries, questions, oddities })
}

/// `qrels.tsv`, else the file of `qrels/` that is most for judging.
fn folder_judgements(folder: &Path) -> Result<PathBuf, GroundsError> {
    let names = ["qrels.tsv", "qrels/test.tsv", "qrels/dev.tsv", "qrels/train.tsv"];
    let found = names.iter().map(|name| folder.join(name)).find(|path| path.is_file());
    found.ok_or_else(|| GroundsError::DataFile {
        file: folder.join("qrels.tsv").display().to_string(),
        message: "it is missing: a folder has `corpus.jsonl`, `queries.jsonl` and `qrels.tsv`".to_owned(),
    })
}

/// Question and entry of every line whose score is above 0.
fn judgements(path: &Path) -> Result<Vec<(String, String)>, GroundsError> {
    let mut pairs = Vec::new();
    for (number, line) in text(path)?.lines().enumerate() {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        // Three columns as BEIR has them, or four as trec_eval does.
        let (question, entry, score) = match cells.as_slice() {
            [""] => continue,
            [question, entry, score] => (question, entry, score),
            [question, _, entry, score] => (question, entry, score),
            // Two columns say nothing of the score, so only their names tell a heading.
            [question, entry] if number == 0 && is_heading(question, entry) => continue,
            [question, entry] => (question, entry, &"1"),
            _ => return Err(mistake(path, number, "it is not a question, an entry and a score, divided by tabs")),
        };
        match score.parse::<f64>() {
            Ok(score) if score > 0.0 => pairs.push(((*question).to_owned(), (*entry).to_owned())),
            Ok(_) => {}
            // The headings.
            Err(_) if number == 0 => {}
            Err(_) => return Err(mistake(path, number, "its score is not a number")),
        }
    }
    Ok(pairs)
}

/// Whether the first line of two columns names them.
fn is_heading(question: &str, entry: &str) -> bool {
    let is_one_of = |name: &str, names: [&str; 6]| names.iter().any(|one| name.eq_ignore_ascii_case(one));
    is_one_of(question, ["query-id", "query_id", "qid", "query", "question-id", "question"])
        && is_one_of(entry, ["corpus-id", "corpus_id", "doc-id", "doc_id", "docid", "document"])
}

pub(crate) fn json_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, GroundsError> {
    let text = text(path)?;
    if text.trim_start().starts_with('[') {
        let message = "it is one JSON array, not JSON Lines: write one object a line, as `jq -c '.[]'` does";
        return Err(mistake(path, 0, message));
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| serde_json::from_str(line).map_err(|error| mistake(path, number, &error.to_string())))
        .collect()
}

pub(crate) fn text(path: &Path) -> Result<String, GroundsError> {
    let bytes = std::fs::read(path).map_err(|error| GroundsError::DataFile {
        file: path.display().to_string(),
        message: format!("it cannot be read: {error}"),
    })?;
    let text = String::from_utf8(bytes).map_err(|_| GroundsError::DataFile {
        file: path.display().to_string(),
        message: "it is not UTF-8".to_owned(),
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn mistake(path: &Path, line: usize, message: &str) -> GroundsError {
    GroundsError::DataFile { file: format!("{}:{}", path.display(), line + 1), message: message.to_owned() }
}
