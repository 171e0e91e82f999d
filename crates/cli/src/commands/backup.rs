//! `grounds backup` and `grounds restore`

use grounds::{BackupReport, GroundsError, Workspace};

use crate::args::{BackupArguments, GlobalArguments, RestoreArguments};
use crate::exit::Outcome;
use crate::render::progress::with_bar;
use crate::{render, workspace};

pub(crate) fn backup(global: &GlobalArguments, arguments: &BackupArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let report =
        with_bar(global.json, |bar| Ok(grounds.store().backup(&arguments.file, bar).map_err(GroundsError::from)?))?;
    let what = format!("Backed up to {}", arguments.file.display());
    show(global, &report, &what)
}

pub(crate) fn restore(global: &GlobalArguments, arguments: &RestoreArguments) -> anyhow::Result<Outcome> {
    let directory = workspace::new(global)?;
    let report = with_bar(global.json, |bar| Ok(Workspace::restore(&arguments.file, &directory, bar)?))?;
    show(global, &report, &format!("Restored to {}", directory.display()))
}

fn show(global: &GlobalArguments, report: &BackupReport, what: &str) -> anyhow::Result<Outcome> {
    if global.json {
        render::print_json(&serde_json::json!({
            "snapshot": report.snapshot,
            "head": report.head,
            "rows": report.row_count,
            "originals": report.original_count,
            "bytes": report.byte_count,
        }))?;
    } else {
        render::print(&format!(
            "{what}: snapshot {}, {} rows, {} originals, {} bytes, all read back.\nhead {}",
            report.snapshot,
            report.row_count,
            report.original_count,
            report.byte_count,
            report.head.as_deref().unwrap_or("none, the log is empty"),
        ))?;
    }
    Ok(Outcome::Done)
}
