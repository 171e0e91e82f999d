//! `grounds erase`

use grounds::{EraseRequest, EraseTarget, ErasureExtent, GroundsError, Workspace};
use grounds_core::Snapshot;

use crate::args::{EraseArguments, GlobalArguments};
use crate::exit::{Mistake, Outcome};
use crate::render::progress::with_bar;
use crate::{clock, render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &EraseArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let request = EraseRequest {
        targets: targets(&grounds, arguments)?,
        with_answers: arguments.with_answers,
        asked_by: arguments.asked_by.clone().unwrap_or_default(),
        reason: arguments.reason.clone().unwrap_or_default(),
    };
    if arguments.dry_run {
        let extent = grounds.store().erasure_extent(&request).map_err(GroundsError::from)?;
        return show(global, arguments, &extent, None);
    }
    let erasure = with_bar(global.json, |bar| Ok(grounds.erase(&request, clock::now(), bar)?))?;
    show(global, arguments, &erasure.extent, Some(erasure.snapshot))
}

fn targets(grounds: &Workspace, arguments: &EraseArguments) -> anyhow::Result<Vec<EraseTarget>> {
    let mut targets = Vec::new();
    for name in &arguments.document {
        targets.push(grounds.erasable_document(name)?);
    }
    if let Some(table) = &arguments.table {
        targets.extend(grounds.erasable_rows(table, &arguments.key)?);
    }
    targets.extend(arguments.original.iter().cloned().map(EraseTarget::Original));
    if targets.is_empty() {
        let mistake = Mistake::new("nothing is named to erase");
        return Err(mistake.hint("name it with --document, --table and --key, or --original").into());
    }
    Ok(targets)
}

fn show(
    global: &GlobalArguments,
    arguments: &EraseArguments,
    extent: &ErasureExtent,
    snapshot: Option<Snapshot>,
) -> anyhow::Result<Outcome> {
    if global.json {
        render::print_json(&serde_json::json!({
            "snapshot": snapshot,
            "rows": extent.row_count,
            "originals": extent.original_count,
            "answers": extent.answers,
            "answers_erased": arguments.with_answers && snapshot.is_some(),
            "rule_files": extent.rule_files,
        }))?;
        return Ok(Outcome::Done);
    }
    let counts = format!("{} row pieces, {} originals", extent.row_count, extent.original_count);
    let mut out = match snapshot {
        Some(snapshot) => format!("Erased: {counts}. The log tells of it as snapshot {snapshot}.\n"),
        None => format!("Would erase: {counts}. Nothing was changed.\n"),
    };
    if !extent.answers.is_empty() {
        let names = extent.answers.join(", ");
        out.push_str(&match arguments.with_answers {
            true => format!("With these kept answers that quote it: {names}\n"),
            false => format!("Kept answers quote it and stay; --with-answers erases them too: {names}\n"),
        });
    }
    if !extent.rule_files.is_empty() {
        let names = extent.rule_files.join(", ");
        out.push_str(&format!("Rule files quote it and stay; erase each with --table rules --key NAME: {names}\n"));
    }
    out.push_str("Backups and exports made before still hold it: delete them where that is asked for.\n");
    render::print(&out)?;
    Ok(Outcome::Done)
}
