//! `grounds export` and `grounds import`

use grounds::{ExportReport, GroundsError, Workspace};

use crate::args::{ExportArguments, GlobalArguments, ImportArguments};
use crate::exit::Outcome;
use crate::render::progress::with_bar;
use crate::{render, workspace};

pub(crate) fn export(global: &GlobalArguments, arguments: &ExportArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let report =
        with_bar(global.json, |bar| Ok(grounds.store().export(&arguments.target, bar).map_err(GroundsError::from)?))?;
    show(global, &report, &format!("Exported to {}", arguments.target.display()))
}

pub(crate) fn import(global: &GlobalArguments, arguments: &ImportArguments) -> anyhow::Result<Outcome> {
    let directory = workspace::new(global)?;
    let report = with_bar(global.json, |bar| Ok(Workspace::import(&arguments.source, &directory, bar)?))?;
    show(global, &report, &format!("Imported to {}", directory.display()))
}

fn show(global: &GlobalArguments, report: &ExportReport, what: &str) -> anyhow::Result<Outcome> {
    if global.json {
        render::print_json(&serde_json::json!({
            "snapshot": report.snapshot,
            "head": report.head,
            "rows": report.row_count,
            "originals": report.original_count,
        }))?;
    } else {
        render::print(&format!(
            "{what}: snapshot {}, {} rows, {} originals.\nhead {}",
            report.snapshot,
            report.row_count,
            report.original_count,
            report.head.as_deref().unwrap_or("none, the log is empty"),
        ))?;
    }
    Ok(Outcome::Done)
}
