//! `grounds rules format`

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use grounds::GroundsError;
use grounds::rules::{Diagnostic, FormatError, RuleFile, format_rules};

use crate::args::{FormatArguments, GlobalArguments};
use crate::commands::add::collect;
use crate::commands::rules::{diagnostic, is_rule_file};
use crate::exit::{Mistake, Outcome};
use crate::{render, workspace};

/// What became of a file.
enum State {
    /// It was formatted already.
    Same,
    /// It is laid out anew, or would be.
    Changed,
    /// It cannot be read.
    Unreadable(Vec<Diagnostic>),
}

pub(crate) fn run(global: &GlobalArguments, arguments: &FormatArguments) -> anyhow::Result<Outcome> {
    if arguments.files.iter().any(|path| path == Path::new("-")) {
        return standard_input(arguments);
    }
    let mut states = Vec::new();
    for path in paths(arguments)? {
        let state = format_file(&path, arguments.check)?;
        states.push((path, state));
    }
    if global.json {
        render::print_json(&json(&states, arguments.check))?;
    } else {
        render::print(&shown(&states, arguments.check))?;
    }
    let any = |is: fn(&State) -> bool| states.iter().any(|(_, state)| is(state));
    Ok(if any(|state| matches!(state, State::Unreadable(_))) {
        Outcome::Mistake
    } else if arguments.check && any(|state| matches!(state, State::Changed)) {
        Outcome::Failed
    } else {
        Outcome::Done
    })
}

/// The rule files named, and those in and below the folders named.
fn paths(arguments: &FormatArguments) -> anyhow::Result<Vec<PathBuf>> {
    let here = [PathBuf::from(".")];
    let named = if arguments.files.is_empty() { &here[..] } else { &arguments.files };
    let mut found = Vec::new();
    for path in named {
        let before = found.len();
        collect(path, &mut found)?;
        if path.is_dir() {
            let below = found.split_off(before);
            found.extend(below.into_iter().filter(|path| is_rule_file(path)));
        }
    }
    if found.is_empty() {
        return Err(Mistake::new("there is no rule file to format").hint("rule files end in `.rules`").into());
    }
    Ok(found)
}

fn standard_input(arguments: &FormatArguments) -> anyhow::Result<Outcome> {
    if arguments.files.len() > 1 {
        return Err(Mistake::new("`-` stands alone: standard input is laid out to standard output").into());
    }
    let mut source = String::new();
    std::io::stdin().read_to_string(&mut source).context("standard input cannot be read as UTF-8 text")?;
    let formatted = match format_rules(&RuleFile { name: "-", source: &source }) {
        Err(FormatError::Unreadable { diagnostics }) => return Err(GroundsError::Rules { diagnostics }.into()),
        formatted => formatted?,
    };
    if !arguments.check {
        render::write(&formatted)?;
    }
    Ok(if arguments.check && formatted != source { Outcome::Failed } else { Outcome::Done })
}

fn format_file(path: &Path, check: bool) -> anyhow::Result<State> {
    let source = workspace::read(path)?;
    let name = path.display().to_string();
    let formatted = match format_rules(&RuleFile { name: &name, source: &source }) {
        Ok(formatted) if formatted == source => return Ok(State::Same),
        Err(FormatError::Unreadable { diagnostics }) => return Ok(State::Unreadable(diagnostics)),
        formatted => formatted?,
    };
    if !check {
        // Of a link, the file that it leads to is replaced.
        let target = std::fs::canonicalize(path).with_context(|| format!("{name} cannot be found"))?;
        workspace::write(&target, &formatted)?;
    }
    Ok(State::Changed)
}

fn json(states: &[(PathBuf, State)], check: bool) -> serde_json::Value {
    let file = |(path, state): &(PathBuf, State)| {
        let (state, errors) = match state {
            State::Same => ("formatted", Vec::new()),
            State::Changed => (if check { "not_formatted" } else { "changed" }, Vec::new()),
            State::Unreadable(diagnostics) => ("unreadable", diagnostics.iter().map(diagnostic).collect()),
        };
        serde_json::json!({ "file": path, "state": state, "errors": errors })
    };
    serde_json::json!({ "files": states.iter().map(file).collect::<Vec<_>>() })
}

fn shown(states: &[(PathBuf, State)], check: bool) -> String {
    let mut out = String::new();
    let mut changed = 0;
    for (path, state) in states {
        match state {
            State::Same => {}
            State::Changed => {
                changed += 1;
                out.push_str(&format!("{}{}\n", path.display(), if check { " is not formatted" } else { "" }));
            }
            State::Unreadable(diagnostics) => {
                for diagnostic in diagnostics {
                    out.push_str(&format!("{diagnostic}\n\n"));
                }
                out.push_str(&format!("{} was not changed: it cannot be read\n", path.display()));
            }
        }
    }
    let files = if states.len() == 1 { "file" } else { "files" };
    let what = if check { "not formatted" } else { "laid out anew" };
    out.push_str(&format!("{} rule {files}, {changed} {what}", states.len()));
    out
}
