//! `grounds ask`

use grounds::{AskRequest, Verdict, View, Workspace, ask, report_html, verify_answer};

use crate::args::{AskArguments, GlobalArguments, SaveArguments};
use crate::exit::{Mistake, Outcome};
use crate::{clock, embedding, render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &AskArguments) -> anyhow::Result<Outcome> {
    if arguments.question.trim().is_empty() {
        return Err(Mistake::new("the question is empty").into());
    }
    let grounds = workspace::open(global)?;
    let view = embedding::searching_view(global, &grounds)?;
    let (kinds, documents) = workspace::filter(&view, &arguments.filter)?;
    let request = AskRequest {
        text: arguments.question.clone(),
        as_of: workspace::as_of(global),
        kinds,
        documents,
        hit_count_max: arguments.hit_count.max(1),
    };
    let verdict = verify_answer(&view, ask(&view, &request)?)?;
    if !global.json {
        render::print(&render::answer::answer(verdict.file()))?;
    }
    conclude(global, &grounds, view, &verdict, &arguments.save)
}

/// Prints as JSON where asked to, saves, stores, and gives the outcome of an answer or assessment.
pub(crate) fn conclude(
    global: &GlobalArguments,
    grounds: &Workspace,
    view: View,
    verdict: &Verdict,
    save: &SaveArguments,
) -> anyhow::Result<Outcome> {
    // The store is single-writer: let go of what was read before writing.
    drop(view);
    if global.json {
        render::print_json(verdict.file())?;
    }
    if let Some(path) = &save.save {
        workspace::write(path, &serde_json::to_string_pretty(verdict.file())?)?;
    }
    if let Some(path) = &save.report {
        workspace::write(path, &report_html(verdict.file()))?;
    }
    if !save.no_store {
        grounds.store_answer(verdict, clock::now())?;
    }
    Ok(if verdict.is_refused() { Outcome::Refused } else { Outcome::Done })
}
