//! The mistakes of a project, file by file, as the editor shows them.

use std::collections::BTreeMap;

use grounds::rules::{self, RuleFile, Severity, unreadable_in};

use crate::serve::law::WorkspaceLaw;
use crate::serve::position::range_in_line;
use crate::serve::project::Project;
use crate::serve::protocol::Diagnostic;

/// The diagnostics of every file of the project, by URI; an empty list says that a file has none any more.
///
/// Without law only what cannot be read is found: every citation would be wrong.
pub(crate) fn of(project: &Project, law: &WorkspaceLaw) -> BTreeMap<String, Vec<Diagnostic>> {
    let mut found: BTreeMap<String, Vec<Diagnostic>> =
        project.files.iter().map(|file| (file.uri.clone(), Vec::new())).collect();
    for diagnostic in compiled(project, law) {
        let Some(file) = project.files.iter().find(|file| file.name == diagnostic.file) else { continue };
        let range = range_in_line(&file.text, diagnostic.line, diagnostic.column, diagnostic.length);
        let hint = if diagnostic.hint.is_empty() { String::new() } else { format!("\n{}", diagnostic.hint) };
        found.entry(file.uri.clone()).or_default().push(Diagnostic {
            range,
            severity: match diagnostic.severity {
                Severity::Error => 1,
                Severity::Warning => 2,
            },
            code: diagnostic.code.to_owned(),
            source: "grounds",
            message: format!("{}{hint}", diagnostic.message),
        });
    }
    found
}

fn compiled(project: &Project, law: &WorkspaceLaw) -> Vec<rules::Diagnostic> {
    let Some(copy) = &law.copy else {
        let unreadable = |file: &crate::serve::project::ProjectFile| {
            unreadable_in(&RuleFile { name: &file.name, source: &file.text })
        };
        return project.files.iter().flat_map(unreadable).collect();
    };
    let compile = |files: &[(String, String)]| match copy.compile(files) {
        Ok(compiled) => compiled.warnings,
        Err(mistakes) => mistakes,
    };
    let own = project.sources();
    let alone = compile(&own);
    let is_unknown = |diagnostic: &rules::Diagnostic| diagnostic.code.starts_with("unknown-");
    let others: Vec<_> = law.rules.iter().filter(|(name, _)| !own.iter().any(|(file, _)| file == name)).collect();
    if others.is_empty() || !alone.iter().any(is_unknown) {
        return alone;
    }
    // The files may rest on stored ones, as with `grounds rules check`; or these may be of another subject, whose names only get in the way.
    let mut all: Vec<(String, String)> = own.iter().cloned().chain(others.into_iter().cloned()).collect();
    all.sort();
    let mut together = compile(&all);
    together.retain(|diagnostic| own.iter().any(|(name, _)| *name == diagnostic.file));
    if together.len() < alone.len() { together } else { alone }
}
