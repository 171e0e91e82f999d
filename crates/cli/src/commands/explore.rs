//! `grounds rules test`: what the tests come to, and on request what they leave open.

use std::path::Path;
use std::time::{Duration, Instant};

use grounds::rules::{
    Compiled, ExploreSettings, ThresholdReport, Unnoticed, VersionReport, explore_thresholds, explore_versions,
    run_tests,
};
use grounds::{View, Workspace};

use crate::args::{GlobalArguments, TestArguments};
use crate::commands::rules::{read_rule_files, report, tested};
use crate::exit::Outcome;
use crate::{render, workspace};

type Files = Vec<(String, String)>;

pub(crate) fn run(global: &GlobalArguments, arguments: &TestArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let files = read_rule_files(&arguments.rules.files)?;
    let compiled = match compiled(&grounds, &view, &files) {
        Ok(compiled) => compiled,
        Err(error) => return report(global, error),
    };
    let outcomes = run_tests(&compiled);
    let (mut json, mut text) = tested(&outcomes);
    let mut outcome = if outcomes.iter().all(|outcome| outcome.passed()) { Outcome::Done } else { Outcome::Failed };
    if arguments.explore {
        let end = Instant::now() + Duration::from_secs(arguments.seconds);
        let go_on = || Instant::now() < end;
        let settings = ExploreSettings { seed: arguments.seed, case_count_max: arguments.cases, go_on: &go_on };
        let found = match &arguments.against {
            None => {
                let names: Vec<String> = files.into_iter().map(|(name, _)| name).collect();
                let found = explore_thresholds(&compiled, &names, settings);
                text.push_str(&thresholds_text(&found));
                json["thresholds"] = serde_json::to_value(&found)?;
                !found.tests.is_empty()
            }
            Some(path) => {
                let other = match against(&grounds, &view, files, path) {
                    Ok(other) => other,
                    Err(error) => return report(global, error.context(format!("in {}", path.display()))),
                };
                let found = explore_versions(&compiled, &other, settings);
                text.push_str(&versions_text(&found));
                json["versions"] = serde_json::to_value(&found)?;
                !found.differences.is_empty()
            }
        };
        if found && outcome == Outcome::Done {
            outcome = Outcome::Refused;
        }
    }
    if global.json {
        render::print_json(&json)?
    } else {
        render::print(&text)?
    }
    Ok(outcome)
}

fn compiled(grounds: &Workspace, view: &View, files: &Files) -> anyhow::Result<Compiled> {
    Ok(grounds.compile_with(view, files)?)
}

/// The other version: the files given with those at `path` in their places. Of one file each, whatever their names.
fn against(grounds: &Workspace, view: &View, files: Files, path: &Path) -> anyhow::Result<Compiled> {
    let mut others = read_rule_files(&[path.to_owned()])?;
    if let ([(name, _)], [(other, _)]) = (files.as_slice(), others.as_mut_slice()) {
        other.clone_from(name);
    }
    let kept = files.into_iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name));
    let all = kept.collect::<Files>().into_iter().chain(others.clone()).collect();
    compiled(grounds, view, &all)
}

fn thresholds_text(found: &ThresholdReport) -> String {
    let ThresholdReport { moved_count, noticed_count, unnoticed, tests, case_count, bound_hit } = found;
    let mut out = format!("\n\nThresholds moved {moved_count} times: a test noticed {noticed_count} times.");
    let mut above: Option<&Unnoticed> = None;
    for threshold in unnoticed {
        if above.is_none_or(|above| (&above.name, &above.written) != (&threshold.name, &threshold.written)) {
            let place = threshold.place.as_ref().map_or(String::new(), |(file, line)| format!(" ({file}:{line})"));
            let name = threshold.name.as_deref().unwrap_or("what changes");
            out.push_str(&format!("\n{name}{place}\n"));
            out.push_str(&render::wrapped(&threshold.written, "  "));
            out.push_str("\n  passes the same tests as\n");
        }
        let apart = if threshold.test.is_none() { " (no case found that tells them apart)" } else { "" };
        out.push_str(&render::wrapped(&format!("{}{apart}", threshold.instead), "    "));
        out.push('\n');
        above = Some(threshold);
    }
    if !tests.is_empty() {
        out.push_str("\nTests that tell them apart:\n");
    }
    for test in tests {
        out.push_str(&format!("\n{}", test.test));
    }
    out.push_str(&format!("\n{case_count} cases tried"));
    out.push_str(if *bound_hit { "; the time was up." } else { "." });
    out
}

fn versions_text(found: &VersionReport) -> String {
    let VersionReport { changed, compared, differences, case_count, bound_hit } = found;
    if changed.is_empty() {
        return "\n\nThe two versions decide alike: no rule, table, calendar or order differs.".to_owned();
    }
    let mut out = format!("\n\nWhat differs: {}.\nClaims compared: {}.\n", changed.join(", "), compared.join(", "));
    for difference in differences {
        out.push_str(&format!("\n{}", difference.test));
    }
    out.push_str(&format!("\n{} of {} claims differ; {case_count} cases tried.", differences.len(), compared.len()));
    if *bound_hit {
        out.push_str(" More may be found with more --cases or --seconds, or another --seed.");
    }
    out
}
