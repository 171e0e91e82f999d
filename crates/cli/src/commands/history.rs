//! `grounds history`

use grounds::{GroundsError, View};
use grounds_core::{Document, Table, UnitId};
use jiff::civil::Date;
use serde::Serialize;

use crate::args::{GlobalArguments, HistoryArguments};
use crate::commands::show;
use crate::exit::Outcome;
use crate::{render, workspace};

/// One state of a unit on both axes.
#[derive(Debug, Serialize)]
pub(crate) struct State {
    version: String,
    valid_from: Date,
    valid_to: Option<Date>,
    known_from: u64,
    known_to: Option<u64>,
    hash: String,
    /// Whether its words differ from those of the state before.
    changed: bool,
}

pub(crate) fn run(global: &GlobalArguments, arguments: &HistoryArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let (document, unit) = subject(&view, &arguments.subject)?;
    let states = states(&view, &document, &unit)?;
    if global.json {
        render::print_json(&serde_json::json!({
            "document": document.id,
            "unit": unit,
            "snapshot": view.known_at(),
            "states": states,
        }))?;
    } else {
        render::print(&format!("{} ({})\n{}", document.label(), document.title, lines(&states)))?;
    }
    Ok(Outcome::Done)
}

/// The document, or the unit of it in whichever version has it.
fn subject(view: &View, text: &str) -> anyhow::Result<(Document, UnitId)> {
    if let Some(document) = view.document_called(text) {
        return Ok((document.clone(), UnitId::root()));
    }
    let pinpoint = show::pinpoint(view, text)?;
    let name = pinpoint
        .document
        .clone()
        .or_else(|| view.only_regulation().map(|only| only.label().to_owned()))
        .unwrap_or_default();
    let document = view.find_document(&name)?.clone();
    for version in view.versions(&document.id)?.into_iter().rev() {
        let text = view.text(&version.row.id)?;
        if let Some(unit) = text.as_ref().and_then(|text| text.tree.find(&pinpoint)) {
            return Ok((document, unit.id.clone()));
        }
    }
    Err(GroundsError::NotFound { what: "provision", name: text.to_owned() }.into())
}

/// Every state of `unit` as the view knows it: what held when, and since which commit that is known.
pub(crate) fn states(view: &View, document: &Document, unit: &UnitId) -> anyhow::Result<Vec<State>> {
    let mut states: Vec<State> = Vec::new();
    let mut versions: Vec<String> = view.versions(&document.id)?.into_iter().map(|stored| stored.row.id.0).collect();
    versions.dedup();
    for version in versions {
        let id = grounds_core::VersionId(version.clone());
        let text = view.text(&id)?;
        let hash = text.as_ref().and_then(|text| text.tree.get(unit)).map(|unit| unit.hash.clone());
        for piece in view.reader().history(Table::Versions, &version).map_err(GroundsError::from)? {
            states.push(State {
                version: version.clone(),
                valid_from: piece.validity.from,
                valid_to: piece.validity.to,
                known_from: piece.known_from.0,
                known_to: piece.known_to.map(|snapshot| snapshot.0),
                hash: hash.clone().unwrap_or_default(),
                changed: false,
            });
        }
    }
    states.sort_by_key(|state| (state.valid_from, state.known_from));
    for position in 1..states.len() {
        states[position].changed = states[position].version != states[position - 1].version
            && states[position].hash != states[position - 1].hash;
    }
    Ok(states)
}

/// The states as lines, the oldest first.
pub(crate) fn lines(states: &[State]) -> String {
    let mut out = String::new();
    let mut was_absent = false;
    for state in states {
        let to = state.valid_to.map_or("until further notice".to_owned(), |to| format!("until before {to}"));
        let known = match state.known_to {
            Some(known_to) => format!("known at snapshots {} to {}", state.known_from, known_to - 1),
            None => format!("known since snapshot {}", state.known_from),
        };
        let words = match (state.hash.is_empty(), state.changed, was_absent) {
            (true, ..) => ", not in this version",
            (false, true, true) => ", new",
            (false, true, false) => ", other words",
            (false, false, _) => "",
        };
        was_absent = state.hash.is_empty();
        let from = render::date(state.valid_from);
        out.push_str(&format!("  from {from} {to}  {} ({known}{words})\n", state.version));
    }
    out
}
