//! `grounds generations`

use grounds::{GenerationState, GenerationStatus, GroundsError};
use serde_json::{Value, json};

use crate::args::{GenerationsArguments, GlobalArguments};
use crate::exit::Outcome;
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &GenerationsArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let store = grounds.store();
    if arguments.rebuild {
        store.rebuild_generations().map_err(GroundsError::from)?;
    }
    let generations = store.generations().map_err(GroundsError::from)?;
    if global.json {
        let list: Vec<Value> = generations.iter().map(as_json).collect();
        render::print_json(&json!({ "generations": list }))?;
        return Ok(Outcome::Done);
    }
    let mut table = render::table(&["kind", "state", "snapshot", "rows", "files", "bytes"]);
    for status in &generations {
        table.add_row([
            status.kind.name().to_owned(),
            state(status),
            status.snapshot.to_string(),
            status.row_count.to_string(),
            status.file_count.to_string(),
            status.byte_count.to_string(),
        ]);
    }
    render::print(&table.to_string())?;
    Ok(Outcome::Done)
}

fn state(status: &GenerationStatus) -> String {
    match status.state {
        GenerationState::Absent => "absent: built when needed".to_owned(),
        GenerationState::Unusable => "damaged or of another truth: built anew when needed".to_owned(),
        GenerationState::Usable { behind_count: 0 } => "current".to_owned(),
        GenerationState::Usable { behind_count: 1 } => "1 commit behind, read from truth".to_owned(),
        GenerationState::Usable { behind_count } => format!("{behind_count} commits behind, read from truth"),
    }
}

fn as_json(status: &GenerationStatus) -> Value {
    let (state, behind_count) = match status.state {
        GenerationState::Absent => ("absent", None),
        GenerationState::Unusable => ("unusable", None),
        GenerationState::Usable { behind_count } => ("usable", Some(behind_count)),
    };
    json!({
        "kind": status.kind.name(),
        "state": state,
        "behind_count": behind_count,
        "snapshot": status.snapshot.0,
        "row_count": status.row_count,
        "file_count": status.file_count,
        "byte_count": status.byte_count,
    })
}
