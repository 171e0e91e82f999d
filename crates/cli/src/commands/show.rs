//! `grounds show`

use std::rc::Rc;

use grounds::{GroundsError, Located, Text, View};
use grounds_core::{Document, Pinpoint, Unit, UnitId};
use jiff::civil::Date;

use crate::args::{GlobalArguments, ShowArguments};
use crate::commands::history;
use crate::exit::Outcome;
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &ShowArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let as_of = workspace::as_of(global);
    let (document, text, unit) = find(&view, &arguments.pinpoint, as_of)?;
    let states = history::states(&view, &document, &unit.id)?;
    let pinpoint = format!("{} {}", document.label(), unit.pinpoint).trim_end().to_owned();
    let headings: Vec<&str> = text
        .tree
        .ancestry(&unit)
        .filter(|unit| !unit.heading.is_empty() && unit.id != UnitId::root())
        .map(|unit| unit.heading.as_str())
        .collect();
    let headings: Vec<&str> = headings.into_iter().rev().collect();
    if global.json {
        render::print_json(&serde_json::json!({
            "document": document.id,
            "title": document.title,
            "kind": document.kind,
            "unit": unit.id,
            "pinpoint": pinpoint,
            "version": text.version.id,
            "as_of": as_of,
            "snapshot": view.known_at(),
            "start": unit.span.start,
            "end": unit.span.end,
            "headings": headings,
            "text": text.words(&unit),
            "history": states,
        }))?;
        return Ok(Outcome::Done);
    }
    let mut out = format!("{pinpoint}  ({}, in force {})\n", text.version.id, text.validity);
    if !headings.is_empty() {
        out.push_str(&format!("{}\n", headings.join(" > ")));
    }
    out.push_str(&format!("\n{}\n\n", render::wrapped(text.words(&unit), "  ")));
    out.push_str("History\n");
    out.push_str(&history::lines(&states));
    render::print(&out)?;
    Ok(Outcome::Done)
}

/// The unit that a citation, or a document's name, means on a date.
pub(crate) fn find(view: &View, text: &str, as_of: Date) -> anyhow::Result<(Document, Rc<Text>, Unit)> {
    if let Some(document) = view.document_called(text).cloned() {
        let in_force = view.text_in_force(&document.id, as_of)?;
        let text = in_force.ok_or_else(|| GroundsError::NotInForce { document: document.label().to_owned(), as_of })?;
        let root = text.tree.units().first().cloned();
        let root = root.ok_or_else(|| GroundsError::NotFound { what: "unit", name: document.id.0.clone() })?;
        return Ok((document, text, root));
    }
    let mut pinpoint = pinpoint(view, text)?;
    if pinpoint.document.is_none() {
        pinpoint.document = view.only_regulation().map(|document| document.label().to_owned());
    }
    let named = pinpoint.document.clone().unwrap_or_default();
    match view.locate(&pinpoint, as_of)? {
        Located::Found { text, unit } => {
            let document = view.document(&text.version.document).cloned();
            let document = document.ok_or(GroundsError::UnknownDocument { name: named })?;
            Ok((document, text, unit))
        }
        Located::NotInForce { document, .. } | Located::UnknownUnit { document } => Err(GroundsError::UnknownUnit {
            document: document.label().to_owned(),
            pinpoint: pinpoint.relative().to_string(),
            as_of,
        }
        .into()),
        Located::UnknownDocument => Err(GroundsError::UnknownDocument { name: named }.into()),
    }
}

/// The citation that `text` is. What is none may be the name of a document that the reader does not see.
pub(crate) fn pinpoint(view: &View, text: &str) -> anyhow::Result<Pinpoint> {
    match Pinpoint::parse(text) {
        Ok(pinpoint) => Ok(pinpoint),
        Err(error) => {
            view.note_unknown(text)?;
            Err(GroundsError::from(error).into())
        }
    }
}
