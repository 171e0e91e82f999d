//! `grounds rules check`, and what commands about rule files share.

use std::path::PathBuf;

use grounds::GroundsError;
use grounds::rules::{Compiled, TestOutcome};

use crate::args::{CheckArguments, GlobalArguments, RuleFilesArguments};
use crate::commands::lock;
use crate::exit::{Mistake, Outcome};
use crate::{render, workspace};

/// Compiles the files named, together with the stored rules they may refer to; without files, the stored rules.
pub(crate) fn compiled(global: &GlobalArguments, arguments: &RuleFilesArguments) -> anyhow::Result<Compiled> {
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    Ok(grounds.compile_with(&view, &read_rule_files(&arguments.files)?)?)
}

/// Names and texts of rule files; of a folder, those of all its `.rules` files.
pub(crate) fn read_rule_files(paths: &[PathBuf]) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for path in paths {
        let mut found = vec![path.clone()];
        if path.is_dir() {
            let entries = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
            found = entries.into_iter().map(|entry| entry.path()).filter(|path| is_rule_file(path)).collect();
            found.sort();
        }
        for path in found {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let name = name.ok_or_else(|| Mistake::new(format!("{} is not a file", path.display())))?;
            files.push((name, workspace::read(&path)?));
        }
    }
    Ok(files)
}

/// Whether a path ends in `.rules`.
pub(crate) fn is_rule_file(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rules")
}

pub(crate) fn check(global: &GlobalArguments, arguments: &CheckArguments) -> anyhow::Result<Outcome> {
    let compiled = match compiled(global, &arguments.rules) {
        Ok(compiled) => compiled,
        Err(error) => return report(global, error),
    };
    let differences = if arguments.locked { lock::differences(&arguments.lock_file, &compiled)? } else { Vec::new() };
    let program = &compiled.program;
    if global.json {
        let warnings: Vec<_> = compiled.warnings.iter().map(diagnostic).collect();
        let mut value = serde_json::json!({
            "rules": program.rules.len(),
            "facts": program.facts.len(),
            "claims": program.claims.len(),
            "quotations": compiled.pins.len(),
            "errors": [],
            "warnings": warnings,
        });
        if arguments.locked {
            value["lock"] = serde_json::to_value(&differences)?;
        }
        render::print_json(&value)?;
    } else {
        let mut out = String::new();
        for warning in &compiled.warnings {
            out.push_str(&format!("{warning}\n\n"));
        }
        for difference in &differences {
            out.push_str(&format!("{difference}\n"));
        }
        out.push_str(&format!(
            "{} rules, {} facts and {} claims compile; {} quotations stand in the law.",
            program.rules.len(),
            program.facts.len(),
            program.claims.len(),
            compiled.pins.len()
        ));
        if arguments.locked {
            let file = arguments.lock_file.display();
            match differences.len() {
                0 => out.push_str(&format!("\nTheir words are those in {file}.")),
                count => out.push_str(&format!(
                    "\n{count} provisions are not as in {file}: read them, then `grounds rules lock`."
                )),
            }
        }
        render::print(&out)?;
    }
    Ok(if differences.is_empty() { Outcome::Done } else { Outcome::Refused })
}

/// Prints the mistakes in rule files; any other error goes on.
pub(crate) fn report(global: &GlobalArguments, error: anyhow::Error) -> anyhow::Result<Outcome> {
    let Some(GroundsError::Rules { diagnostics }) = error.downcast_ref::<GroundsError>() else { return Err(error) };
    if global.json {
        let errors: Vec<_> = diagnostics.iter().map(diagnostic).collect();
        render::print_json(&serde_json::json!({ "errors": errors }))?;
    } else {
        let mut out = String::new();
        for diagnostic in diagnostics {
            out.push_str(&format!("{diagnostic}\n\n"));
        }
        out.push_str(&format!("{} mistakes; nothing was changed.", diagnostics.len()));
        render::print(&out)?;
    }
    Ok(Outcome::Mistake)
}

pub(crate) fn diagnostic(diagnostic: &grounds::rules::Diagnostic) -> serde_json::Value {
    serde_json::json!({
        "code": diagnostic.code,
        "file": diagnostic.file,
        "line": diagnostic.line,
        "column": diagnostic.column,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
    })
}

/// What the tests came to, as JSON and as text.
pub(crate) fn tested(outcomes: &[TestOutcome]) -> (serde_json::Value, String) {
    let failed: Vec<&TestOutcome> = outcomes.iter().filter(|outcome| !outcome.passed()).collect();
    let test = |outcome: &TestOutcome| {
        serde_json::json!({
            "name": outcome.name,
            "file": outcome.file,
            "line": outcome.line,
            "passed": outcome.passed(),
            "failures": outcome.failures,
        })
    };
    let tests: Vec<serde_json::Value> = outcomes.iter().map(test).collect();
    let passed_count = outcomes.len() - failed.len();
    let mut out = String::new();
    for outcome in &failed {
        out.push_str(&format!("FAILED {} ({}:{})\n", outcome.name, outcome.file, outcome.line));
        for failure in &outcome.failures {
            out.push_str(&format!("  {failure}\n"));
        }
    }
    out.push_str(&format!("{passed_count} passed, {} failed", failed.len()));
    (serde_json::json!({ "passed": passed_count, "failed": failed.len(), "tests": tests }), out)
}
