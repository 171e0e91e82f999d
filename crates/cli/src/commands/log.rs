//! `grounds log`

use crate::args::{GlobalArguments, LogArguments};
use crate::exit::Outcome;
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, _: &LogArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let entries = grounds.store().log().map_err(grounds::GroundsError::from)?;
    if global.json {
        let entries: Vec<_> = entries
            .iter()
            .map(|entry| {
                serde_json::json!({
                    "snapshot": entry.snapshot,
                    "at": entry.at,
                    "message": entry.message,
                    "changes": entry.change_count,
                    "hash": entry.hash,
                    "previous_hash": entry.previous_hash,
                })
            })
            .collect();
        render::print_json(&entries)?;
        return Ok(Outcome::Done);
    }
    let mut rows = render::table(&["snapshot", "at", "changes", "message", "hash"]);
    for entry in &entries {
        let hash: String = entry.hash.chars().take(16).collect();
        rows.add_row([
            entry.snapshot.to_string(),
            entry.at.to_string(),
            entry.change_count.to_string(),
            entry.message.clone(),
            hash,
        ]);
    }
    render::print(&rows.to_string())?;
    Ok(Outcome::Done)
}
