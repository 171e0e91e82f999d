//! `grounds train`

use std::path::PathBuf;

use anyhow::Context as _;
use grounds::{ClassifySettings, NewModel, TrainingProgress, TrainingReport, TrainingSettings, Workspace};
use grounds_core::AsOf;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::args::{GlobalArguments, TrainClassifyArguments, TrainCommand, TrainRetrievalArguments};
use crate::exit::{Mistake, Outcome};
use crate::{clock, embedding, render, workspace};

pub(crate) fn run(global: &GlobalArguments, command: &TrainCommand) -> anyhow::Result<Outcome> {
    match command {
        TrainCommand::Retrieval(arguments) => retrieval(global, arguments),
        TrainCommand::Classify(arguments) => classify(global, arguments),
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn retrieval(global: &GlobalArguments, arguments: &TrainRetrievalArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let view = if arguments.no_vectors {
        workspace::view(global, &grounds)?
    } else {
        embedding::training_view(global, &grounds)?
    };
    let at = AsOf { as_of: workspace::as_of(global), known_at: view.known_at() };
    let mut settings = TrainingSettings::STANDARD;
    settings.embeddings = !arguments.no_embeddings;
    settings.threads = threads();
    let state = match &arguments.state {
        Some(path) if path.exists() => {
            Some(std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?)
        }
        _ => None,
    };
    let mut progress = Shown::new(global.json, arguments.state.clone());
    let trained = grounds.train_retrieval(&view, at, &settings, state.as_deref(), &mut progress);
    progress.finish()?;
    let trained = trained?;
    let is_better = trained.report.is_better();
    let snapshot = keep(&grounds, &trained.model, is_better || arguments.force)?;
    if let Some(path) = arguments.state.as_ref().filter(|path| path.exists()) {
        std::fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    if global.json {
        render::print_json(&json!({
            "model": trained.model.name,
            "kept_at": snapshot,
            "is_better": is_better,
            "bytes": trained.model.bytes.len(),
            "figures": trained.model.figures,
            "lineage": trained.model.lineage,
            "labels_left_out": trained.left_out,
        }))?;
    } else {
        let mut text = table(&trained.report);
        if !trained.left_out.is_empty() {
            text.push_str(&left_out(&trained.left_out));
        }
        render::print(&format!("{text}\n{}", verdict(snapshot, is_better, "ranking without labels")))?;
    }
    Ok(Outcome::Done)
}

fn classify(global: &GlobalArguments, arguments: &TrainClassifyArguments) -> anyhow::Result<Outcome> {
    if arguments.task == grounds::RETRIEVAL_TASK {
        let mistake = Mistake::new("labels of `retrieval` say which places answer questions, not classes");
        return Err(mistake.hint("train on them with `grounds train retrieval`").into());
    }
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let at = AsOf { as_of: workspace::as_of(global), known_at: view.known_at() };
    let mut settings = ClassifySettings::STANDARD;
    settings.threads = threads();
    let training = grounds.train_classifier(&view, at, &arguments.task, settings)?;
    let report = &training.trained.report;
    let is_better = report.is_better_than_commonest();
    let snapshot = keep(&grounds, &training.model, is_better || arguments.force)?;
    if global.json {
        render::print_json(&json!({
            "model": training.model.name,
            "kept_at": snapshot,
            "is_better": is_better,
            "bytes": training.model.bytes.len(),
            "figures": training.model.figures,
            "lineage": training.model.lineage,
        }))?;
        return Ok(Outcome::Done);
    }
    let mut rows = render::table(&["class", "examples"]);
    for (class, count) in &report.classes {
        rows.add_row([class.clone(), count.to_string()]);
    }
    let accuracy = report.figures.accuracy;
    render::print(&format!(
        "{rows}\nOf examples held out: accuracy {:.3} [{:.3}, {:.3}] (always the commonest class: {:.3}), macro-F1 {:.3}, calibration error {:.3}\n{}",
        accuracy.mean,
        accuracy.low,
        accuracy.high,
        report.accuracy_of_commonest,
        report.figures.macro_f1.mean,
        report.figures.calibration_error,
        verdict(snapshot, is_better, "naming the commonest class"),
    ))?;
    Ok(Outcome::Done)
}

fn keep(grounds: &Workspace, model: &NewModel, is_kept: bool) -> anyhow::Result<Option<grounds_core::Snapshot>> {
    Ok(if is_kept { Some(grounds.keep_model(model, clock::now())?) } else { None })
}

fn verdict(snapshot: Option<grounds_core::Snapshot>, is_better: bool, than: &str) -> String {
    match snapshot {
        Some(snapshot) if is_better => format!("Kept and in use.\nsnapshot {snapshot}"),
        Some(snapshot) => {
            format!("Kept as --force says, although it is not surely better than {than}.\nsnapshot {snapshot}")
        }
        None => format!("Not kept: it is not surely better than {than}. More labels may help."),
    }
}

/// The first of the labels that taught nothing, and how many there are.
fn left_out(names: &[String]) -> String {
    const NAMED_COUNT: usize = 5;
    let named = names.iter().take(NAMED_COUNT).map(String::as_str).collect::<Vec<_>>().join(", ");
    let rest = match names.len().saturating_sub(NAMED_COUNT) {
        0 => String::new(),
        more => format!(" and {more} more, which --json names"),
    };
    format!("\nLeft out, for nothing in force is where they say ({}): {named}{rest}", names.len())
}

/// The figures of held-out questions.
fn table(report: &TrainingReport) -> String {
    let mut rows =
        render::table(&["held-out questions", "recall@10", "map@10", "all gold@10", "unseen: recall@10", "map@10"]);
    let held = [
        ("without labels", &report.zero_labels),
        ("trained", &report.with_memory),
        ("trained, memory off", &report.without_memory),
    ];
    for (name, held) in held {
        let shown = |estimate: grounds::Estimate| format!("{:.4}", estimate.mean);
        rows.add_row([
            name.to_owned(),
            shown(held.all.recall),
            shown(held.all.map),
            shown(held.all.all_gold),
            shown(held.unseen.recall),
            shown(held.unseen.map),
        ]);
    }
    rows.to_string()
}

/// A bar for people, and a state for the next run, whenever this one ends.
struct Shown {
    bar: ProgressBar,
    state: Option<PathBuf>,
    failure: Option<std::io::Error>,
}

impl Shown {
    fn new(is_quiet: bool, state: Option<PathBuf>) -> Self {
        let bar = if is_quiet { ProgressBar::hidden() } else { ProgressBar::no_length() };
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}, {eta} left") {
            bar.set_style(style);
        }
        Self { bar, state, failure: None }
    }

    fn finish(self) -> anyhow::Result<()> {
        self.bar.finish_and_clear();
        match (self.failure, self.state) {
            (Some(error), Some(path)) => Err(error).with_context(|| format!("cannot write {}", path.display())),
            _ => Ok(()),
        }
    }
}

impl TrainingProgress for Shown {
    fn step(&mut self, done: usize, total: usize, what: &'static str) {
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
        self.bar.set_message(what);
    }

    fn keep(&mut self, state: &[u8]) {
        let Some(path) = &self.state else { return };
        // Whole or not at all: a training that is cut off must not leave half a state.
        let beside = path.with_extension("unfinished");
        let written = std::fs::write(&beside, state).and_then(|()| std::fs::rename(&beside, path));
        if let Err(error) = written {
            self.failure.get_or_insert(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_left_out_are_counted_and_the_first_are_named() {
        let names: Vec<String> = (1..=7).map(|number| format!("label-{number}")).collect();
        let told = |count: usize| left_out(&names[..count]);
        assert!(told(1).ends_with("(1): label-1"), "{}", told(1));
        assert!(told(5).ends_with("(5): label-1, label-2, label-3, label-4, label-5"), "{}", told(5));
        assert!(told(7).ends_with("label-5 and 2 more, which --json names"), "{}", told(7));
    }
}
