//! `grounds labels`

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use grounds::{read_labels, resolve_gold};
use grounds_core::AsOf;
use serde_json::{Value, json};

use crate::args::{GlobalArguments, LabelsAddArguments, LabelsCommand, LabelsListArguments, LabelsNextArguments};
use crate::exit::{Mistake, Outcome};
use crate::{clock, render, workspace};

pub(crate) fn run(global: &GlobalArguments, command: &LabelsCommand) -> anyhow::Result<Outcome> {
    match command {
        LabelsCommand::List(arguments) => list(global, arguments),
        LabelsCommand::Add(arguments) => add(global, arguments),
        LabelsCommand::Next(arguments) => next(global, arguments),
    }
}

fn list(global: &GlobalArguments, arguments: &LabelsListArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let labels = view.reader().labels().map_err(grounds::GroundsError::from)?.into_iter().map(|stored| stored.row);
    let Some(task) = &arguments.task else {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        labels.for_each(|label| *counts.entry(label.task).or_default() += 1);
        if global.json {
            render::print_json(&counts)?;
        } else if counts.is_empty() {
            render::print("There are no labels. Next: grounds labels add FILE")?;
        } else {
            let mut rows = render::table(&["task", "labels"]);
            for (task, count) in counts {
                rows.add_row([task, count.to_string()]);
            }
            render::print(&rows.to_string())?;
        }
        return Ok(Outcome::Done);
    };
    let labels: Vec<_> = labels.filter(|label| label.task == *task).collect();
    if global.json {
        render::print_json(&labels)?;
        return Ok(Outcome::Done);
    }
    let mut rows = render::table(&["text", "gold", "author"]);
    for label in labels {
        rows.add_row([label.text, label.gold.join(", "), label.author]);
    }
    render::print(&rows.to_string())?;
    Ok(Outcome::Done)
}

fn add(global: &GlobalArguments, arguments: &LabelsAddArguments) -> anyhow::Result<Outcome> {
    let content = read(&arguments.file)?;
    let name = arguments.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut labels = read_labels(&arguments.task, &name, &content)?;
    if labels.is_empty() {
        return Err(Mistake::new(format!("{name} has no labels"))
            .hint("`grounds labels add --help` shows the form")
            .into());
    }
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    resolve_gold(&view, AsOf { as_of: workspace::as_of(global), known_at: view.known_at() }, &mut labels)?;
    let count = labels.len();
    let snapshot = grounds.add_labels(labels, clock::now())?;
    if global.json {
        render::print_json(&json!({ "snapshot": snapshot, "task": arguments.task, "labels": count }))?;
    } else {
        let next = if arguments.task == grounds::RETRIEVAL_TASK {
            "grounds train retrieval".to_owned()
        } else {
            format!("grounds train classify {}", arguments.task)
        };
        render::print(&format!("{count} labels of {}\nsnapshot {snapshot}\nNext: {next}", arguments.task))?;
    }
    Ok(Outcome::Done)
}

fn next(global: &GlobalArguments, arguments: &LabelsNextArguments) -> anyhow::Result<Outcome> {
    let texts = texts(&arguments.file)?;
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let classifier = grounds.classifier(&view, &arguments.task)?;
    let labelled = grounds.labels(&view, &arguments.task)?;
    let texts: Vec<String> =
        texts.into_iter().filter(|text| !labelled.iter().any(|label| label.text == *text)).collect();
    let chosen: Vec<&String> =
        classifier.next_to_label(&texts, arguments.count).into_iter().map(|at| &texts[at]).collect();
    if global.json {
        render::print_json(&chosen)?;
    } else {
        // As a file of labels has them, with the class to fill in.
        let line = |text: &&String| json!({ "text": text, "class": "" }).to_string();
        render::print(&chosen.iter().map(line).collect::<Vec<_>>().join("\n"))?;
    }
    Ok(Outcome::Done)
}

pub(crate) fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// The texts of a file: lines, or the `text` of lines of JSON.
pub(crate) fn texts(file: &Path) -> anyhow::Result<Vec<String>> {
    let content = read(file)?;
    let lines = (1..).zip(content.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            if !line.starts_with('{') {
                return Ok(line.to_owned());
            }
            let line: Option<Value> = serde_json::from_str(line).ok();
            let text = line.as_ref().and_then(|line| line["text"].as_str());
            text.map(str::to_owned).ok_or_else(|| {
                Mistake::new(format!("{}:{number}: this is no JSON object with `text`", file.display())).into()
            })
        })
        .collect()
}
