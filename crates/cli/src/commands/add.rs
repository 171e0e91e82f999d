//! `grounds add`

use std::path::{Path, PathBuf};

use grounds::ingest::{ImportReport, Outcome as ImportOutcome};
use grounds::{AddOutcome, Overrides, Upload, Workspace};
use grounds_core::DocumentId;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::{AddArguments, GlobalArguments};
use crate::commands::metadata::Metadata;
use crate::commands::rules::{is_rule_file, read_rule_files};
use crate::exit::{Mistake, Outcome};
use crate::{clock, render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &AddArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let mut paths = Vec::new();
    for path in &arguments.paths {
        collect(path, &mut paths)?;
    }
    let (rules, documents): (Vec<PathBuf>, Vec<PathBuf>) = paths.into_iter().partition(|path| is_rule_file(path));
    if rules.is_empty() && documents.is_empty() {
        return Err(Mistake::new("there is no file to import").into());
    }
    let outcome = add_documents(&grounds, &documents, arguments, global.json)?;
    let rules = read_rule_files(&rules)?;
    if !rules.is_empty() {
        grounds.add_rules(&rules, clock::now())?;
    }
    let rule_names: Vec<&str> = rules.iter().map(|(name, _)| name.as_str()).collect();
    if global.json {
        let errors: Vec<_> = outcome
            .failures
            .iter()
            .map(|failure| serde_json::json!({ "file": failure.file, "message": failure.error.to_string() }))
            .collect();
        render::print_json(&serde_json::json!({
            "snapshot": grounds.store().latest().map_err(grounds::GroundsError::from)?,
            "files": outcome.reports,
            "errors": errors,
            "rule_files": rule_names,
        }))?;
    } else {
        show(&grounds, &outcome, &rule_names, arguments.verbose)?;
    }
    Ok(if outcome.failures.is_empty() { Outcome::Done } else { Outcome::Failed })
}

/// Endings of files that are taken from folders; a file that is named itself is always tried.
const ENDINGS: [&str; 7] = ["md", "markdown", "txt", "text", "xml", "fmx", "rules"];

/// The files that a path names: itself, or the documents and rules below a folder, in order of name.
pub(crate) fn collect(path: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !path.is_dir() {
        if !path.exists() {
            return Err(Mistake::new(format!("{} does not exist", path.display())).into());
        }
        found.push(path.to_owned());
        return Ok(());
    }
    let mut entries = std::fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    entries.sort();
    for entry in entries {
        let hidden = entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let ending = entry.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let is_document = ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()));
        if !hidden && (entry.is_dir() || is_document) {
            collect(&entry, found)?;
        }
    }
    Ok(())
}

fn add_documents(
    grounds: &Workspace,
    paths: &[PathBuf],
    arguments: &AddArguments,
    quiet: bool,
) -> anyhow::Result<AddOutcome> {
    if paths.is_empty() {
        return Ok(AddOutcome::default());
    }
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(paths.len() as u64) };
    bar.set_style(ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} files, {eta} left")?);
    bar.set_message("reading");
    let metadata = arguments.metadata.as_deref().map(Metadata::read).transpose()?.unwrap_or_default();
    let mut uploads = Vec::with_capacity(paths.len());
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes =
            std::fs::read(path).map_err(|error| Mistake::new(format!("{} cannot be read: {error}", path.display())))?;
        uploads.push(Upload { name, bytes, metadata: metadata.of(path) });
        bar.inc(1);
    }
    bar.set_message("importing");
    let overrides = Overrides {
        document: arguments.document.clone().map(DocumentId),
        kind: arguments.kind.map(Into::into),
        title: arguments.title.clone(),
        short_title: arguments.short.clone(),
        language: arguments.language.clone(),
        valid_from: arguments.valid_from,
        valid_to: arguments.valid_to,
        labels: arguments.labels.clone(),
        reads_again: arguments.again,
        ..Overrides::default()
    };
    let outcome = grounds.add(&uploads, &overrides, clock::now());
    bar.finish_and_clear();
    Ok(outcome?)
}

/// How many reports are printed whole before a summary says more.
const WHOLE_REPORT_COUNT_MAX: usize = 5;

fn show(grounds: &Workspace, outcome: &AddOutcome, rules: &[&str], verbose: bool) -> anyhow::Result<()> {
    let mut out = String::new();
    for report in &outcome.reports {
        out.push_str(&line(report));
        if verbose || outcome.reports.len() <= WHOLE_REPORT_COUNT_MAX {
            details(report, &mut out);
        }
    }
    for failure in &outcome.failures {
        out.push_str(&format!("not imported: {}\n", failure.error));
    }
    if !rules.is_empty() {
        out.push_str(&format!("rules: {}\n", rules.join(", ")));
    }
    if outcome.reports.len() > 1 {
        let characters: usize = outcome.reports.iter().map(|report| report.character_count).sum();
        let used: usize = outcome.reports.iter().map(|report| report.used).sum();
        let structural: usize = outcome.reports.iter().map(|report| report.structural).sum();
        let dropped: usize = outcome.reports.iter().map(ImportReport::dropped_count).sum();
        out.push_str(&format!(
            "{} files, {characters} characters: {used} used, {structural} structural, {dropped} dropped\n",
            outcome.reports.len()
        ));
    }
    out.push_str(&format!("snapshot {}\n", grounds.store().latest().map_err(grounds::GroundsError::from)?));
    render::print(&out)
}

/// One line: what the file became.
fn line(report: &ImportReport) -> String {
    let became = match &report.outcome {
        ImportOutcome::Parsed => "read".to_owned(),
        ImportOutcome::New { version } => format!("new: {version}"),
        ImportOutcome::NewVersion { version } => format!("new version: {version}"),
        ImportOutcome::Relinked { version, added, removed } => {
            format!("linked anew: {version}, {added} added, {removed} removed")
        }
        ImportOutcome::Corrected { version, replaces } => format!("{version} corrects {replaces}"),
        ImportOutcome::Unchanged { version } => format!("unchanged: {version}"),
    };
    format!("{}: {became}\n", report.file)
}

/// The import report: every character, every kind of unit, every reference.
fn details(report: &ImportReport, out: &mut String) {
    out.push_str(&format!(
        "  {}, {}, {} characters: {} used, {} structural, {} dropped\n",
        report.format,
        report.encoding,
        report.character_count,
        report.used,
        report.structural,
        report.dropped_count()
    ));
    for dropped in &report.dropped {
        out.push_str(&format!("    dropped {} ({}), such as “{}”\n", dropped.count, dropped.reason, dropped.example));
    }
    let units: Vec<String> =
        report.unit_counts.iter().map(|(kind, count)| format!("{count} {}", kind.prefix())).collect();
    out.push_str(&format!("  units: {}\n", units.join(", ")));
    out.push_str(&format!(
        "  references: {} resolved, {} unresolved, {} to works not stored\n",
        report.links_resolved,
        report.unresolved_references.len(),
        report.external_references.values().sum::<usize>()
    ));
    for reference in report.unresolved_references.iter().take(10) {
        out.push_str(&format!("    line {}: “{}” in {}\n", reference.line, reference.text, reference.from));
    }
    for note in &report.notes {
        out.push_str(&format!("  note: {note}\n"));
    }
}
