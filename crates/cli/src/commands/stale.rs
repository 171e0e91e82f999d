//! `grounds rules stale`

use comfy_table::{ContentArrangement, Table, presets};
use grounds::ingest::{EditKind, TextEdit};
use grounds::{Stale, StaleQuote, StaleRule};
use grounds_core::Snapshot;

use crate::args::{GlobalArguments, StaleArguments};
use crate::exit::Outcome;
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, _: &StaleArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    // Kept answers are commits that a view passes over unless it is told otherwise.
    let answers_at = global.known_at.map_or_else(|| grounds.store().latest(), |known_at| Ok(Snapshot(known_at)));
    let answers =
        grounds.view_for(Some(answers_at.map_err(grounds::GroundsError::from)?), global.principal.as_deref())?;
    let as_of = workspace::as_of(global);
    let stale = grounds.stale(&view, &answers, as_of)?;
    if global.json {
        render::print_json(&serde_json::json!({
            "snapshot": view.known_at(),
            "as_of": as_of,
            "stale": stale.rules,
            "tests": stale.tests,
            "assessments": stale.assessments,
            "answers": stale.answers,
        }))?;
    } else if stale.is_empty() {
        render::print(&format!("No rule is stale on {as_of}, and no kept answer quotes what has changed."))?;
    } else {
        render::print(&text(&stale))?;
    }
    Ok(if stale.is_empty() { Outcome::Done } else { Outcome::Refused })
}

fn text(stale: &Stale) -> String {
    let mut out = String::new();
    for rule in &stale.rules {
        out.push_str(&beside(rule));
        out.push('\n');
    }
    if !stale.tests.is_empty() {
        out.push_str("Tests that rest on them\n");
    }
    for test in &stale.tests {
        let line =
            format!("{}:{} \"{}\" as of {}: {}", test.file, test.line, test.test, test.as_of, test.rests_on.join(", "));
        out.push_str(&format!("{}\n", render::wrapped(&line, "  ")));
    }
    if !stale.assessments.is_empty() {
        out.push_str("Assessments that rest on them\n");
    }
    for assessment in &stale.assessments {
        let (answer, question) = (&assessment.answer, &assessment.question);
        let line = format!("{answer} \"{question}\" as of {}: {}", assessment.as_of, assessment.rests_on.join(", "));
        out.push_str(&format!("{}\n", render::wrapped(&line, "  ")));
    }
    if !stale.answers.is_empty() {
        out.push_str("Answers that quote what has changed\n");
    }
    for answer in &stale.answers {
        let line = format!("{} \"{}\" as of {}", answer.answer, answer.question, answer.as_of);
        out.push_str(&format!("{}\n", render::wrapped(&line, "  ")));
        for StaleQuote { pinpoint, quoted_version, current_version, difference } in &answer.quotes {
            let line = format!("{pinpoint} ({quoted_version}, now {current_version}): {}", edits(difference));
            out.push_str(&format!("{}\n", render::wrapped(&line, "    ")));
        }
    }
    let Stale { rules, tests, assessments, answers } = stale;
    out.push_str(&format!(
        "{} stale, with {} tests and {} assessments that rest on them; {} answers quote what has changed.\n",
        rules.len(),
        tests.len(),
        assessments.len(),
        answers.len()
    ));
    out
}

/// The rule's text, and beside it what changed in the provision.
fn beside(rule: &StaleRule) -> String {
    let StaleRule { file, line, kind, rule: name, pinpoint, pinned_version, current_version, changed_on, .. } = rule;
    let kind = if kind.is_empty() { "rule" } else { kind.as_str() };
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(render::width()).unwrap_or(100))
        .add_row([rule.source.clone(), edits(&rule.difference)]);
    format!(
        "{kind} {name} ({file}:{line}): {pinpoint} says something else since {changed_on} ({pinned_version}, now {current_version})\n{table}\n"
    )
}

/// "within [-72-] {+24+} hours"
fn edits(edits: &[TextEdit]) -> String {
    let words = edits.iter().map(|edit| match edit.kind {
        EditKind::Kept => edit.text.trim().to_owned(),
        EditKind::Deleted => format!("[-{}-]", edit.text.trim()),
        EditKind::Inserted => format!("{{+{}+}}", edit.text.trim()),
    });
    words.filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ")
}
