//! `grounds rules lock`, and the comparison for `grounds rules check --locked`

use std::path::Path;

use grounds::rules::{Compiled, Lock, LockDifference};

use crate::args::{GlobalArguments, LockArguments};
use crate::commands::rules;
use crate::exit::{Mistake, Outcome};
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &LockArguments) -> anyhow::Result<Outcome> {
    let compiled = match rules::compiled(global, &arguments.rules) {
        Ok(compiled) => compiled,
        Err(error) => return rules::report(global, error),
    };
    let lock = Lock::of(&compiled);
    workspace::write(&arguments.lock_file, &lock.to_string())?;
    let (file, lines) = (arguments.lock_file.display().to_string(), lock.line_count());
    if global.json {
        render::print_json(&serde_json::json!({ "file": file, "lines": lines }))?;
    } else {
        render::print(&format!("{file}: {lines} texts of provisions that the rules rest on."))?;
    }
    Ok(Outcome::Done)
}

/// Where the compiled rules differ from the lock file.
pub(crate) fn differences(file: &Path, compiled: &Compiled) -> anyhow::Result<Vec<LockDifference>> {
    let text = workspace::read(file).map_err(|error| {
        let mistake = Mistake::new(format!("there is no lock to compare with: {error}"));
        mistake.hint("write one with `grounds rules lock`")
    })?;
    let locked =
        Lock::parse(&text).map_err(|error| Mistake::new(format!("{}: {error}", file.display())).hint(error.hint()))?;
    Ok(locked.differences(&Lock::of(compiled)))
}
