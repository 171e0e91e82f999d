//! `grounds rules serve`: a language server for rule files, over standard input and output.
//!
//! It answers one message after the other. Whatever a client sends, the answer is a result or an error: nothing here panics on bad input.

mod protocol;
mod position;
mod project;
mod law;
mod mistakes;
mod names;
mod hover;
mod completion;

use std::collections::BTreeSet;
use std::path::PathBuf;

use grounds::rules::{RuleFile, format_rules};
use jiff::civil::Date;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::args::{GlobalArguments, ServeArguments};
use crate::exit::Outcome;
use crate::workspace;
use law::WorkspaceLaw;
use position::{offset_of, range_of};
use project::{OpenDocuments, Project, ProjectFile, path_of};
use protocol::{AboutDocument, AtPosition, DidChange, DidOpen, DocumentSymbol, Location, TextEdit};

pub(crate) fn run(global: &GlobalArguments, _: &ServeArguments) -> anyhow::Result<Outcome> {
    let (connection, threads) = Connection::stdio();
    serve(&connection, global, workspace::as_of(global))?;
    // The writer ends when nobody can send any more.
    drop(connection);
    threads.join()?;
    Ok(Outcome::Done)
}

/// Answers a client until it says goodbye or goes away.
fn serve(connection: &Connection, global: &GlobalArguments, as_of: Date) -> anyhow::Result<()> {
    let parameters = connection.initialize(capabilities())?;
    let root = root_of(&parameters).or_else(|| std::env::current_dir().ok());
    let law = WorkspaceLaw::near(global, root.as_deref());
    let mut server = Server { connection, as_of, law, open: OpenDocuments::default(), published: BTreeSet::new() };
    if !server.law.is_there() {
        server.log(
            "no workspace is near: quotations are not compared with the law until one is named with --workspace",
        )?;
    }
    while let Ok(message) = connection.receiver.recv() {
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request)? {
                    break;
                }
                connection.sender.send(server.answer(request).into())?;
            }
            Message::Notification(notification) => server.take(notification)?,
            // The server asks nothing.
            Message::Response(_) => {}
        }
    }
    Ok(())
}

fn capabilities() -> Value {
    json!({
        "positionEncoding": "utf-16",
        "textDocumentSync": { "openClose": true, "change": 1, "save": true },
        "hoverProvider": true,
        "definitionProvider": true,
        "documentSymbolProvider": true,
        "documentFormattingProvider": true,
        "completionProvider": { "triggerCharacters": [".", " ", "("] },
    })
}

/// The folder that the editor has open.
fn root_of(parameters: &Value) -> Option<PathBuf> {
    let folder = parameters.pointer("/workspaceFolders/0/uri").or_else(|| parameters.get("rootUri"));
    folder.and_then(Value::as_str).and_then(path_of)
}

/// A request that cannot be answered.
struct Refusal {
    code: ErrorCode,
    message: String,
}

struct Server<'c> {
    connection: &'c Connection,
    as_of: Date,
    law: WorkspaceLaw,
    open: OpenDocuments,
    /// The URIs for which diagnostics were sent that are not empty.
    published: BTreeSet<String>,
}

fn parameters<T: DeserializeOwned>(value: Value) -> Result<T, Refusal> {
    serde_json::from_value(value)
        .map_err(|error| Refusal { code: ErrorCode::InvalidParams, message: error.to_string() })
}

impl Server<'_> {
    fn answer(&self, request: Request) -> Response {
        let Request { id, method, params } = request;
        let answered = match method.as_str() {
            "textDocument/hover" => parameters(params).map(|at| self.hover(&at)),
            "textDocument/definition" => parameters(params).map(|at| self.definition(&at)),
            "textDocument/completion" => parameters(params).map(|at| self.completion(&at)),
            "textDocument/documentSymbol" => parameters(params).map(|about| self.symbols(&about)),
            "textDocument/formatting" => parameters(params).map(|about| self.format(&about)),
            _ => Err(Refusal { code: ErrorCode::MethodNotFound, message: format!("`{method}` is not served") }),
        };
        match answered {
            Ok(result) => Response::new_ok(id, result),
            Err(Refusal { code, message }) => Response::new_err(id, code as i32, message),
        }
    }

    /// What the client tells. What cannot be read is passed over: there is nobody to answer.
    fn take(&mut self, notification: Notification) -> anyhow::Result<()> {
        let Notification { method, params } = notification;
        match method.as_str() {
            "textDocument/didOpen" => {
                let Ok(DidOpen { text_document }) = parameters(params) else { return Ok(()) };
                self.open.texts.insert(text_document.uri.clone(), text_document.text);
                self.read_and_publish(&text_document.uri)
            }
            "textDocument/didChange" => {
                let Ok(DidChange { text_document, content_changes }) = parameters(params) else { return Ok(()) };
                let Some(change) = content_changes.into_iter().next_back() else { return Ok(()) };
                self.open.texts.insert(text_document.uri.clone(), change.text);
                // While somebody types, only the last text is worth compiling.
                let is_last = self.connection.receiver.is_empty();
                if is_last { self.publish(&text_document.uri) } else { Ok(()) }
            }
            "textDocument/didSave" => {
                let Ok(AboutDocument { text_document }) = parameters(params) else { return Ok(()) };
                self.read_and_publish(&text_document.uri)
            }
            "textDocument/didClose" => {
                let Ok(AboutDocument { text_document }) = parameters(params) else { return Ok(()) };
                self.open.texts.remove(&text_document.uri);
                self.publish(&text_document.uri)
            }
            _ => Ok(()),
        }
    }

    /// Reads the law anew: whoever opens or saves a file may have imported a document since.
    fn read_and_publish(&mut self, uri: &str) -> anyhow::Result<()> {
        let documents = Project::of(uri, &self.open).documents();
        self.read(&documents)?;
        self.publish(uri)
    }

    fn read(&mut self, documents: &[String]) -> anyhow::Result<()> {
        self.law.read(documents);
        match self.law.trouble.clone() {
            Some(trouble) => self.log(&format!("the law cannot be read now: {trouble}")),
            None => Ok(()),
        }
    }

    /// Compiles the project of a document and sends what is wrong in each of its files.
    fn publish(&mut self, uri: &str) -> anyhow::Result<()> {
        let project = Project::of(uri, &self.open);
        let documents = project.documents();
        if !self.law.has(&documents) {
            self.read(&documents)?;
        }
        let mut found = mistakes::of(&project, &self.law);
        // A document that is gone, or closed and no file, has no mistakes any more.
        found.entry(uri.to_owned()).or_default();
        for (uri, diagnostics) in found {
            let is_open = self.open.texts.contains_key(&uri);
            let was_published =
                if diagnostics.is_empty() { self.published.remove(&uri) } else { !self.published.insert(uri.clone()) };
            if is_open || was_published || !diagnostics.is_empty() {
                self.notify("textDocument/publishDiagnostics", json!({ "uri": uri, "diagnostics": diagnostics }))?;
            }
        }
        Ok(())
    }

    fn log(&self, message: &str) -> anyhow::Result<()> {
        self.notify("window/logMessage", json!({ "type": 3, "message": format!("grounds: {message}") }))
    }

    fn notify(&self, method: &str, params: Value) -> anyhow::Result<()> {
        Ok(self.connection.sender.send(Notification::new(method.to_owned(), params).into())?)
    }

    fn hover(&self, at: &AtPosition) -> Value {
        self.with_file(&at.text_document.uri, |project, file| {
            let offset = offset_of(&file.text, at.position);
            let (text, start, end) = hover::at(project, file, self.law.copy.as_ref(), self.as_of, offset)?;
            let contents = json!({ "kind": "markdown", "value": text });
            Some(json!({ "contents": contents, "range": range_of(&file.text, start, end) }))
        })
    }

    fn definition(&self, at: &AtPosition) -> Value {
        self.with_file(&at.text_document.uri, |project, file| {
            let offset = offset_of(&file.text, at.position);
            let location = |file: &ProjectFile, start, end| Location {
                uri: file.uri.clone(),
                range: range_of(&file.text, start, end),
            };
            let meant = names::meant(project, file, offset);
            let mut found: Vec<Location> =
                meant.iter().map(|(file, item)| location(file, item.name_start, item.name_end)).collect();
            if found.is_empty() && !names::is_in_prose(&file.text, offset) {
                found.extend(names::binding(file, offset).map(|(start, end)| location(file, start, end)));
            }
            Some(json!(found))
        })
    }

    fn completion(&self, at: &AtPosition) -> Value {
        self.with_file(&at.text_document.uri, |project, file| {
            let offset = offset_of(&file.text, at.position);
            let items = completion::at(project, file, self.law.copy.as_ref(), self.as_of, offset);
            Some(json!({ "isIncomplete": false, "items": items }))
        })
    }

    fn symbols(&self, about: &AboutDocument) -> Value {
        self.with_file(&about.text_document.uri, |_, file| {
            let symbol = |item: &grounds::rules::OutlineItem| DocumentSymbol {
                name: item.name.clone(),
                detail: item.word.clone(),
                kind: symbol_kind(&item.word),
                range: range_of(&file.text, item.start, item.end),
                selection_range: range_of(&file.text, item.name_start, item.name_end),
            };
            // The protocol wants names that are not empty.
            let named = file.items.iter().filter(|item| !item.name.is_empty());
            Some(json!(named.map(symbol).collect::<Vec<_>>()))
        })
    }

    /// The whole text laid out; nothing where it cannot be read.
    fn format(&self, about: &AboutDocument) -> Value {
        self.with_file(&about.text_document.uri, |_, file| {
            let new_text = format_rules(&RuleFile { name: &file.name, source: &file.text }).ok()?;
            let range = range_of(&file.text, 0, file.text.len());
            Some(json!([TextEdit { range, new_text }]))
        })
    }

    /// What `answer` finds in the document, or null where it is not open.
    fn with_file(&self, uri: &str, answer: impl Fn(&Project, &ProjectFile) -> Option<Value>) -> Value {
        if !self.open.texts.contains_key(uri) {
            return Value::Null;
        }
        let project = Project::of(uri, &self.open);
        project.file(uri).and_then(|file| answer(&project, file)).unwrap_or(Value::Null)
    }
}

/// The protocol's numbers for kinds of symbols.
fn symbol_kind(word: &str) -> u8 {
    match word {
        "source" => 4,
        "entity" => 5,
        "fact" | "judgement" => 8,
        "rule" | "exception" | "limit" | "amend" => 12,
        "table" | "calendar" => 18,
        "test" => 24,
        "claim" | "violation" | "sanction" => 11,
        _ => 13,
    }
}

#[cfg(test)]
mod tests;
