//! The messages of the Language Server Protocol that the server reads and writes: the parts it uses, by the names of the protocol.
//!
//! <https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/>

use serde::{Deserialize, Serialize};

/// A place between two characters of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Position {
    /// From 0.
    pub(crate) line: u32,
    /// In UTF-16 code units, from 0.
    pub(crate) character: u32,
}

/// From a position up to, and without, another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Range {
    pub(crate) start: Position,
    pub(crate) end: Position,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Location {
    pub(crate) uri: String,
    pub(crate) range: Range,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Diagnostic {
    pub(crate) range: Range,
    /// 1 is an error, 2 a warning.
    pub(crate) severity: u8,
    pub(crate) code: String,
    pub(crate) source: &'static str,
    pub(crate) message: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DidOpen {
    pub(crate) text_document: OpenedDocument,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct OpenedDocument {
    pub(crate) uri: String,
    pub(crate) text: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DidChange {
    pub(crate) text_document: DocumentName,
    pub(crate) content_changes: Vec<ContentChange>,
}

/// The whole new text: the server asks for full synchronisation.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ContentChange {
    pub(crate) text: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AboutDocument {
    pub(crate) text_document: DocumentName,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct DocumentName {
    pub(crate) uri: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AtPosition {
    pub(crate) text_document: DocumentName,
    pub(crate) position: Position,
}

/// What is inserted where the cursor stands, in place of the word before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompletionItem {
    pub(crate) label: String,
    /// The protocol's number for the kind of thing.
    pub(crate) kind: u8,
    pub(crate) detail: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) documentation: String,
    /// Keeps the order of the server.
    pub(crate) sort_text: String,
    pub(crate) text_edit: TextEdit,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TextEdit {
    pub(crate) range: Range,
    pub(crate) new_text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DocumentSymbol {
    pub(crate) name: String,
    pub(crate) detail: String,
    pub(crate) kind: u8,
    pub(crate) range: Range,
    pub(crate) selection_range: Range,
}
